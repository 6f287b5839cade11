"""The Swedish catalogue: `python -m tools.messages` collects and compiles, `--check` proves that it is complete.

Sources are English; `locale/sv` must have every message, with the same placeholders, none fuzzy, and the compiled
file must be what the text says. Babel does it, so no gettext tools are needed.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "locale" / "sv" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
# Other packages' messages (sign-in above all) in our words; merged when compiled, never collected.
OVERRIDES = PO.with_name("overrides.po")
KEYWORDS = {
    "gettext": None, "_": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
}  # fmt: skip
METHODS = [("portal/**.py", "python"), ("core/**.py", "python"), ("accounts/**.py", "python"), ("documents/**.py", "python"),
           ("deviations/**.py", "python"), ("templates/**.html", "tools.messages:extract_django"),
           ("templates/**.txt", "tools.messages:extract_django")]  # fmt: skip
CALLS = ["gettext", "_", "ngettext", "pgettext", "npgettext"]
CALL = re.compile(r"""\b(?:n?p?gettext|_)\((?:[^()'"]|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")*\)""", re.DOTALL)
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")


def extract_django(fileobj, keywords, comment_tags, options):  # type: ignore[no-untyped-def]
    """Babel extraction method for Django templates: Django's own translation of a template to gettext calls."""
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    source = templatize(fileobj.read().decode())
    for call in CALL.finditer(source):
        line = source.count("\n", 0, call.start()) + 1
        for _line, name, message, comments in extract_python(io.BytesIO(call.group(0).encode()), CALLS, [], {}):
            yield line, name, message, comments


def collect() -> Catalog:
    catalog = Catalog(locale="sv", project="Vårdgivarwebben", charset="utf-8")
    for name, line, message, _comments, context in extract_from_dir(
        str(ROOT), METHODS, {}, keywords=KEYWORDS, directory_filter=lambda d: Path(d).name not in {".venv", ".git", "node_modules", "tests", "bench", "migrations", ".run", ".pgdata", "media", "staticfiles"},
    ):  # fmt: skip
        if message and (message[0] if isinstance(message, tuple) else message):
            known = catalog.get(message[0] if isinstance(message, tuple) else message, context)
            if known and isinstance(message, tuple) and isinstance(known.id, tuple) and known.id != message:
                # gettext knows a message by its form for one: the other's placeholders would be left unfilled.
                raise SystemExit(f"two plurals of {message[0]!r}: {known.id[1]!r} and {message[1]!r} ({name}:{line})")
            catalog.add(message, locations=[(name, line)], context=context)
    return catalog


def faults(catalog: Catalog, wanted: Catalog) -> list[str]:
    found = []
    for message in wanted:
        if not message.id:
            continue
        known = catalog.get(message.id, message.context)
        shown = message.id[0] if isinstance(message.id, tuple) else message.id
        strings = list(known.string) if known and isinstance(known.string, tuple) else [known.string if known else ""]
        if known is None or not all(strings):
            found.append(f"no Swedish for {shown!r} ({message.locations[0][0]}:{message.locations[0][1]})")
        elif known.fuzzy:
            found.append(f"uncertain (fuzzy): {shown!r}")
        else:
            many = isinstance(message.id, tuple)
            want = {m.group(0) for words in (message.id if many else [shown]) for m in PLACEHOLDER.finditer(words)}
            for string in strings:
                has = {m.group(0) for m in PLACEHOLDER.finditer(string)}
                # The form for one may leave the number out.
                if has - want if many else has != want:
                    found.append(f"placeholders differ: {shown!r} / {string!r}")
    return found


def read(path: Path) -> Catalog:
    if not path.exists():
        return Catalog(locale="sv")
    with path.open("rb") as text:
        return read_po(text, locale="sv")


def compiled() -> bytes:
    catalog, out = read(PO), io.BytesIO()
    for message in read(OVERRIDES):
        if message.id and not catalog.get(message.id, message.context):
            catalog.add(message.id, message.string, context=message.context)
    write_mo(out, catalog)
    return out.getvalue()


def main() -> int:
    wanted = collect()
    old = read(PO)
    if "--check" in sys.argv:
        found = faults(old, wanted)
        if not MO.exists() or MO.read_bytes() != compiled():
            found.append("the compiled catalogue is not what the text says: run `make messages`")
        print("\n".join(found) or f"{len(wanted)} messages, all in Swedish")
        return 1 if found else 0
    for extra in sys.argv[1:]:
        for message in read(Path(extra)):
            known = old.get(message.id, message.context)
            if message.id and message.string and not (known and known.string and all(known.string)):
                old.delete(message.id, message.context)
                old.add(message.id, message.string, context=message.context)
    new = Catalog(locale="sv", project="Vårdgivarwebben", charset="utf-8", fuzzy=False)
    for message in wanted:
        if not message.id:
            continue
        known = old.get(message.id, message.context)
        new.add(
            message.id,
            known.string if known else "",
            locations=[(n, None) for n, _ in message.locations][:1],
            context=message.context,
        )
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as out:
        write_po(out, new, width=110, sort_output=True, omit_header=False, include_lineno=False)
    MO.write_bytes(compiled())
    missing = faults(new, wanted)
    print("\n".join(missing[:400]))
    print(f"{len(wanted)} messages, {len(missing)} to translate in {PO.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
