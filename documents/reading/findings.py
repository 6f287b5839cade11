"""Findings in a version's file, in words: for the one who uploads it, with what to do; and for its readers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from documents.models import Reading, Version
from documents.reading.contradictions import contradictions


class Weight(IntEnum):
    """How much it matters to readers and to what may come out; the heaviest are told first."""

    NOTE = 1
    MEND = 2
    STOP = 3


@dataclass(frozen=True)
class Finding:
    """One thing found: what it is, and what to do about it."""

    weight: Weight
    what: Promise | str
    mend: Promise

    @property
    def kind(self) -> str:
        """The kind of notice it is shown as."""
        return {Weight.STOP: "stop", Weight.MEND: "wait", Weight.NOTE: ""}[self.weight]


_ANEW = _("Take it out in the program the file was made in, save it anew and choose the new file.")
_LOOK = _("Look the page through, and write in the text what a reader must not be without.")
_KEPT = _("The file as it came is kept. Look the file through before you publish.")
_ONE_OF_THEM = _("Correct the text, or the facts of the document, so that both say the same.")
# By code (`core.files.WARNINGS` and `REMOVED`).
FOUND: dict[str, Finding] = {
    "covered_text": Finding(
        Weight.STOP,
        _("There are words under a bar or a picture: whoever has the file can copy them out."),
        _("Take the words themselves out in the program the file was made in. Do not publish this file."),
    ),
    "hidden_text": Finding(
        Weight.STOP,
        _("There is hidden text, which whoever has the file can read. It is not shown or found here."),
        _ANEW,
    ),
    "comments": Finding(
        Weight.STOP,
        _("Comments are left in the file."),
        _("Delete all comments, save it anew and choose the new file."),
    ),
    "tracked_changes": Finding(
        Weight.STOP,
        _("Tracked changes are left in the file: what was struck out can be read."),
        _("Accept or reject all changes, save it anew and choose the new file."),
    ),
    "no_text": Finding(
        Weight.STOP,
        _("There are no words in the file: it is scanned, or empty. Nobody finds it by what it says."),
        _("Make the file from the original document, or let a program recognise its text."),
    ),
    "scanned_pages": Finding(
        Weight.MEND,
        _("Some pages are scanned pictures. Their words are not found, and not read aloud."),
        _("Make the file from the original document, or let a program recognise its text."),
    ),
    "unknown_signs": Finding(
        Weight.STOP,
        _("There are signs of a font of signs that are not known. A box (□) stands for each of them on the page."),
        _("Write the sign itself, for example ≤ or µ, in the program the file was made in."),
    ),
    "cut": Finding(
        Weight.MEND,
        _("The file is too long: only its beginning is shown on the page and searched."),
        _("Divide it into several documents."),
    ),
    "html_omitted": Finding(
        Weight.MEND, _("The file is too long to be shown as a page."), _("Divide it into several documents.")
    ),
    "restricted_pdf": Finding(
        Weight.MEND,
        _("The file forbids copying or printing, and some aids cannot read it aloud."),
        _("Save it without restrictions and choose the new file."),
    ),
    "untagged_pdf": Finding(
        Weight.MEND,
        _("The file lacks tags: a screen reader cannot tell headings, lists and tables."),
        _("Save it as a tagged PDF (in Word: “Document structure tags for accessibility”)."),
    ),
    "images_without_alt": Finding(
        Weight.MEND,
        _("There are pictures without a description."),
        _("Describe each picture (alternative text), or mark it as decoration."),
    ),
    "garbled_letters": Finding(
        Weight.MEND,
        _("The file's letters are others than those that are seen. Its words cannot be found, nor read aloud."),
        _("Save it as PDF in the program it was made in, and not through a printer."),
    ),
    "layout_omitted": Finding(
        Weight.MEND,
        _("Headings, lists and tables could not be told apart: the page shows the words, page by page."),
        _("Let the file's pages be shown first, or save it anew in the program it was made in."),
    ),
    "tables_left_out": Finding(
        Weight.MEND,
        _("A table could not be rebuilt with certainty: the page says where it is in the file."),
        _(
            "Give each cell a border, the header bold letters and each line a row of its own, or write the table in "
            "the text."
        ),
    ),
    "text_left_out": Finding(
        Weight.MEND,
        _("Some words could not be read with certainty. The page shows a picture of that part of the file."),
        _("Compare those parts with the file, or write them in the text."),
    ),
    "words_left_out": Finding(
        Weight.MEND,
        _("Some words of the file are not on the page, which says where they stand."),
        _("Compare those parts with the file, or write them in the text."),
    ),
    # A note: files approved before it was looked for are read anew, and nobody need answer for it then.
    "tables_without_header": Finding(
        Weight.NOTE,
        _("There is a table without a header: read aloud, its values are told without what they are of."),
        _("Mark the table's first row as its header, and save the file anew."),
    ),
    "lines_beside": Finding(
        Weight.MEND,
        _("Lines in a table's cells stand beside one another by blank lines. On a telephone they may not."),
        _("Make a row of its own of each line."),
    ),
    "parts_omitted": Finding(
        Weight.MEND,
        _("Formulas, diagrams or inserted documents are not shown on the page, which says where they are."),
        _LOOK,
    ),
    "images_omitted": Finding(
        Weight.NOTE, _("Pictures of a format that no browser shows are only described on the page."), _LOOK
    ),
    "headers_omitted": Finding(Weight.NOTE, _("Headers and footers are not shown on the page."), _LOOK),
    "scripts_in_pdf": Finding(Weight.STOP, _("There are scripts in the file."), _ANEW),
    "attachments_in_pdf": Finding(Weight.STOP, _("Other files are embedded in the file."), _ANEW),
    "scripts_removed": Finding(Weight.NOTE, _("Scripts and actions were taken out of the file."), _KEPT),
    "attachments_removed": Finding(Weight.NOTE, _("Embedded files and media were taken out of the file."), _KEPT),
    "outside_removed": Finding(Weight.NOTE, _("What is fetched from outside the file was taken out of it."), _KEPT),
}
# Why a file could not be read (`core.files.FAULTS`, and "storage" for what lay with us).
FAULTS: dict[str, Finding] = {
    "timeout": Finding(
        Weight.STOP,
        _("The file takes too long to read."),
        _("Save it again in the program it was made in, or divide it into several documents."),
    ),
    "memory": Finding(
        Weight.STOP,
        _("The file is too heavy to read."),
        _("Save it again with smaller pictures, or divide it into several documents."),
    ),
    "encrypted": Finding(
        Weight.STOP, _("The file is locked with a password."), _("Save a copy without the password and choose that.")
    ),
    "damaged": Finding(
        Weight.STOP,
        _("The file is damaged, and its text cannot be read."),
        _("Open it in the program it was made in, save it again and choose the new file."),
    ),
    "too_many_pages": Finding(
        Weight.STOP, _("The file has too many pages to be read."), _("Divide it into several documents.")
    ),
    "no_pages": Finding(
        Weight.STOP, _("The file has no pages."), _("Make it anew in the program it came from and choose that one.")
    ),
    "busy": Finding(
        Weight.STOP,
        _("The server was too busy to read the file, again and again. Nothing is wrong with the file."),
        _("Choose the file once more, or ask the administrator to have it read again."),
    ),
    "storage": Finding(
        Weight.STOP,
        _("The file could not be fetched from where it is kept. The fault is ours and is in our log."),
        _("Choose the file once more, or ask the administrator to have it read again."),
    ),
}
# Findings that its readers are told too: the page says less than the file.
LACKS = frozenset(
    {
        "images_omitted",
        "parts_omitted",
        "html_omitted",
        "cut",
        "garbled_letters",
        "unknown_signs",
        "layout_omitted",
        "tables_left_out",
        "text_left_out",
        "words_left_out",
        "scanned_pages",
    }
)


def found_in(version: Version) -> list[Finding]:
    """The findings in the version's file, the heaviest first; empty if nothing was found, or it is not read yet."""
    reading = version.read
    found = [FOUND[code] for code in dict.fromkeys((*reading.warnings, *version.file_removed)) if code in FOUND]
    if reading.state == Reading.State.FAILED:
        found.insert(0, FAULTS.get(reading.fault, FAULTS["damaged"]))
    elif reading.state == Reading.State.READ:
        found += [Finding(Weight.MEND, said, _ONE_OF_THEM) for said in contradictions(version)]
    return sorted(found, key=lambda finding: -finding.weight)


def must_be_answered(version: Version) -> bool:
    """Whether something was found that must not come out by mistake, or the file could not be read: whoever decides
    says that they have read the file itself."""
    found = found_in(version)
    return bool(found and found[0].weight == Weight.STOP)


def lacking(version: Version) -> list[Promise | str]:
    """Content that the page of a file's text does not show, for those who read it."""
    return [FOUND[code].what for code in version.read.warnings if code in LACKS]
