"""Signs of fonts that have signs in the places of letters (Symbol, Wingdings), as the signs themselves. No Django here.

The table is the one that mammoth has of them; where its sign is one that few devices can show, a plainer one stands.
"""

from __future__ import annotations

from functools import cache

_FONTS = {"symbol": "Symbol", "wingdings": "Wingdings", "wingdings 2": "Wingdings 2", "wingdings 3": "Wingdings 3",
          "webdings": "Webdings", "zapfdingbats": "ZapfDingbats"}  # fmt: skip
_PLAINER = str.maketrans(
    {
        "🗹": "☑", "🗷": "☒", "🗵": "☒", "🞎": "☐", "🞏": "☐", "🗶": "✗", "🗴": "✗", "🗸": "✓", "🞂": "▶", "🞄": "•", "μ": "µ",
        "🡹": "↑", "🡻": "↓", "🡸": "←", "🡺": "→", "🡅": "↑", "🡇": "↓", "🡄": "←", "🡆": "→",
        "🢁": "↑", "🢃": "↓", "🢀": "←", "🢂": "→",
    }
)  # fmt: skip


def font_of(name: str | None) -> str | None:
    """The font by its own name, if it is such a one, whatever its letters' case."""
    plain = (name or "").strip().strip("'\"").lower()
    return _FONTS.get(plain)


def is_symbolic(name: str | None) -> bool:
    return font_of(name) is not None


@cache
def _table() -> dict[tuple[str, int], int]:
    from mammoth.docx.dingbats import dingbats

    return {key: int(value) for key, value in dingbats.items()}


def sign(font: str, code: int) -> str | None:
    """The sign at this place of the font (or of the private area that Word puts it in); None for one not known."""
    name = font_of(font)
    if name is None:
        return chr(code)
    place = code - 0xF000 if 0xF000 <= code <= 0xF0FF else code
    found = _table().get((name, place))
    if found is None:
        # A letter in such a font that is no sign of it was typed as it is.
        return chr(code) if code > 0xFF and not 0xE000 <= code <= 0xF8FF else None
    return chr(found).translate(_PLAINER)
