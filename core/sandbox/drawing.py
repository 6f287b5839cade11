"""A page of a PDF, or a part of one, as a picture: grey where it is grey, with its colours where it has them.

No Django here; runs in the confined process.
"""

from __future__ import annotations

from typing import Any

from core.sandbox.text import Unreadable

# More dots than this are drawn for no page: a poster is drawn smaller.
MAX_DOTS = 16_000_000
# Two of a dot's colours further apart than this, in so large a share of the dots, are colour.
COLOURFUL, COLOURED_DOTS = 24, 0.0004
_SMALL = 200


def draw(path: str, target: str, page: int, width: int, box: list[float] | None) -> dict[str, Any]:
    """Draws page number `page` (from 1) `width` dots wide into `target`; `box`: only that part of it, in points from
    the upper left corner. Says the kind (`png` or `webp`) and how large it became.
    """
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    if not 1 <= page <= len(document):
        raise Unreadable("no_pages", "no such page")
    sheet = document[page - 1]
    full_width, full_height = sheet.get_size()
    if not (full_width > 1 and full_height > 1):
        raise Unreadable("damaged", "a page without extent")
    left, top, right, bottom = _within(box, full_width, full_height) if box else (0.0, 0.0, full_width, full_height)
    scale = width / full_width
    scale = min(scale, (MAX_DOTS / ((right - left) * (bottom - top))) ** 0.5)
    crop = (left, full_height - bottom, full_width - right, top)
    picture = sheet.render(scale=scale, crop=crop, may_draw_forms=True).to_pil().convert("RGB")
    return _saved(picture, target)


def _saved(picture: Any, target: str) -> dict[str, Any]:
    if _is_coloured(picture):
        picture.save(target, "WEBP", quality=82, method=2)
        kind = "webp"
    else:
        # Sixteen shades are enough for letters, and a third of the bytes.
        picture.convert("L").quantize(16).save(target, "PNG", compress_level=6)
        kind = "png"
    return {"kind": kind, "width": picture.width, "height": picture.height}


def draw_figure(data: bytes, target: str, width: int) -> dict[str, Any]:
    """A picture of a document drawn anew, at most `width` dots wide: nothing of its maker's bytes is left."""
    import io

    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = 4 * MAX_DOTS
    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")) as source:
        if source.width * source.height > 4 * MAX_DOTS:
            raise Unreadable("memory", "picture")
        turned = ImageOps.exif_transpose(source)
        layer = turned.convert("RGBA")
    picture = Image.new("RGB", layer.size, "white")
    picture.paste(layer, mask=layer.getchannel("A"))
    if picture.width > width:
        picture = picture.resize((width, max(1, round(picture.height * width / picture.width))))
    return _saved(picture, target)


def _within(box: list[float], width: float, height: float) -> tuple[float, float, float, float]:
    left, top, right, bottom = (float(side) for side in box)
    left, right = max(0.0, min(left, width - 2)), min(width, max(right, 2.0))
    top, bottom = max(0.0, min(top, height - 2)), min(height, max(bottom, 2.0))
    if right - left < 1 or bottom - top < 1:
        raise Unreadable("no_pages", "no such part of the page")
    return left, top, right, bottom


def _is_coloured(picture: Any) -> bool:
    from PIL import ImageChops

    small = picture.copy()
    small.thumbnail((_SMALL * 3, _SMALL * 3))
    red, green, blue = small.split()
    apart = ImageChops.lighter(ImageChops.difference(red, green), ImageChops.difference(green, blue))
    coloured = sum(apart.histogram()[COLOURFUL:])
    return bool(coloured > COLOURED_DOTS * small.width * small.height)
