"""How a source is laid out: columns, type, how tables are ruled, what runs along the pages, what is numbered."""

from __future__ import annotations

from dataclasses import dataclass

from bench.reading.sources import Source


@dataclass(frozen=True)
class Look:
    columns: int = 1
    ruled: str = "all"  # all, rows or none
    header: bool = True
    footer: str = "pages"  # pages, number or none
    sans: bool = True
    size: float = 10.5
    justified: bool = False
    tagged: bool = True
    numbered: bool = False
    title_in_header: bool = False


def heads(source: Source, look: Look) -> tuple[str, str]:
    """What runs at the top of every page: to the left and to the right."""
    if not look.header:
        return "", ""
    return ("Region Fjällmark", source.title if look.title_in_header else source.number)


def feet(source: Source, look: Look) -> str:
    """What stands before the page's number at its foot."""
    return {"pages": f"{source.number} version 3", "number": "", "none": ""}[look.footer]


def numbers(source: Source, look: Look) -> list[str]:
    """A number for each heading, as a numbered document has."""
    at, found = [0, 0, 0], []
    for block in source.blocks:
        if block.kind == "heading":
            at[block.level - 1] += 1
            at[block.level :] = [0] * (3 - block.level)
            found.append(".".join(str(n or 1) for n in at[: block.level]) + " " if look.numbered else "")
        else:
            found.append("")
    return found
