"""How right a file is read: every judged file under `files/`, by each measure of `judge`, against all there is to find.

A quarter of the files was set aside and never looked at while the reader was built; theirs are figures of their own.
`python -m bench.reading NAME` says of one file what was missed, for whoever works on the reader.
"""

from __future__ import annotations

import html as entities
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measure import QUICK, Figure, against, at_most
from bench.reading import mutated
from bench.reading.judge import MEASURES, Score, judge
from bench.reading.look import Look
from bench.reading.plan import BUILT_ON, SET_ASIDE
from bench.reading.sources import source

FILES = Path(__file__).parent / "files"
AIMS = {"breaks": 0.97, "headings": 0.97, "order": 0.97, "cells": 0.90}
PAGES_A_SECOND = 40
# Of a file each, digits changed in place; and tables drawn and changed. Together a thousand files and more.
DIGITS, TABLES, SEED = 15, 500, 34
# Who draws the notes of a source, and who makes its addresses ones that can be followed.
WITH_NOTES = ("chromium", "weasyprint", "typst", "latex")
WITHOUT_LINKS = ("libreoffice",)
_TITLE = re.compile(r'<p class="doc-title">(.*?)</p>')


@dataclass(frozen=True)
class File:
    """One judged file: what it is called, where it is, what is written in it and how."""

    name: str
    number: str
    maker: str
    look: Look

    @property
    def path(self) -> Path:
        return FILES / f"{self.name}.pdf"


def files(*, aside: bool) -> Iterator[File]:
    kind, plan = ("aside", SET_ASIDE) if aside else ("built", BUILT_ON)
    for n, (number, maker, look) in enumerate(plan[:2] if QUICK else plan):
        yield File(f"{kind}-{n:02}-{maker}-{number.lower()}", number, maker, look)


@dataclass
class Read:
    """What was made of a file, how many pages it has and how long that took."""

    html: str
    raw: list[str]
    pages: int
    seconds: float


def read(file: File) -> Read:
    """The file as the confined reader makes it, in this process."""
    import pypdfium2

    from core.sandbox import pdf

    limits = {"max_pages": 2000, "max_text_bytes": 5_000_000}
    started = time.process_time()
    found = pdf.read_with_pdfium(str(file.path), limits)
    seconds = time.process_time() - started
    # The words with the marks of broken lines, which a finished text has no more.
    document = pypdfium2.PdfDocument(str(file.path))
    raw = [document[n].get_textpage().get_text_bounded() for n in range(len(document))]
    return Read(found["html"], raw, found["pages"], seconds)


def scored(file: File, made: Read) -> Score:
    text = source(file.number)

    def title(found: re.Match[str]) -> str:
        # The page has the title as its own: the reading's is dropped there.
        said = entities.unescape(re.sub(r"<[^>]*>", "", found[1]))
        return "" if said == text.title else found[0]

    html = _TITLE.sub(title, made.html)
    has_notes = bool(text.notes) and file.maker in WITH_NOTES
    has_links = file.maker not in WITHOUT_LINKS
    return judge(html, made.raw, text, file.look, has_notes=has_notes, has_links=has_links)


def _mutated() -> list[Figure]:
    """A thousand files changed in place: how many are shown with what they said before, or with something else."""
    chosen = random.Random(SEED)
    paths = [file.path for file in files(aside=False)]
    digits = [change for path in paths for change in mutated.digits(path, chosen, 1 if QUICK else DIGITS)]
    with TemporaryDirectory() as folder:
        tables = list(mutated.tables(Path(folder), chosen, 5 if QUICK else TABLES))
    return [
        at_most(
            "reading",
            f"{what}, {len(changes)} files",
            sum(not change.is_told for change in changes),
            "files",
            1,
            most=0,
        )
        for what, changes in (("digit changed", digits), ("table changed", tables))
    ]


def run() -> list[Figure]:
    figures: list[Figure] = []
    pages, seconds = 0, 0.0
    for name, aside in (("", False), (" (aside)", True)):
        total, count = Score(), 0
        for file in files(aside=aside):
            made = read(file)
            total += scored(file, made)
            count += 1
            pages, seconds = pages + made.pages, seconds + made.seconds
        for measure in MEASURES:
            aim = AIMS.get(measure, 0.95)
            figures.append(against("reading", f"{measure}{name}", total.f1(measure), "F1", 1.0, at_least=aim))
        figures.append(at_most("reading", f"running{name}", total.running, "lines left", count, most=0.1))
        figures.append(at_most("reading", f"wrong cells{name}", len(total.wrong_cells), "cells", 1, most=0))
        figures.append(at_most("reading", f"changed values{name}", len(total.changed), "values", 1, most=0))
        figures.append(at_most("reading", f"pictured{name}", total.pictured, "tables", count, most=0.2))
    figures += _mutated()
    figures.append(against("reading", "speed", pages / seconds, "pages/s", PAGES_A_SECOND, at_least=1.0))
    return figures
