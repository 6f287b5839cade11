"""The differences between two versions of a document, in words: added, struck, changed, under which heading.

Compared is what readers are shown: words, where they stand, where links lead, pictures. Differences are found as
Ratcliff and Obershelp's matching finds them (Python's `difflib`), first among paragraphs and then among the words of
those that changed. Content that was not compared is named: two versions are the same only if nothing is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents.comparing.blocks import Block, PageBlocks, blocks_of
from documents.comparing.likeness import Likeness
from documents.models import Reading, Version
from documents.reading import late_findings

# More than this of what differs is not compared to its end: the page says from where.
MAX_CHARS = 300_000
# Paragraphs with more words are told whole, before and after.
MAX_WORDS = 1_500
# How alike two paragraphs are (0 to 1) for the one to be the other, changed.
ALIKE = 0.4
# A word, a mark of ours or a sign, with the blanks after it.
_WORDS = re.compile(r"(?:\w+|\[\w+\]|[^\w\s])\s*")


@dataclass(frozen=True)
class Piece:
    """Some words: "same", "added" or "struck"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Note:
    """The differences of a paragraph besides its words: label, before, after."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """A paragraph as it is in both, or what became of it: "same", "added", "struck" or "changed"."""

    kind: str
    pieces: tuple[Piece, ...]
    notes: tuple[Note, ...] = ()
    # Pictures that differ, by their addresses under that of either version's page; "" for none.
    pictures: tuple[tuple[str, str], ...] = ()
    # The heading that begins with it; None for none.
    heading: str | None = None
    # Which of the changes it is, from 1; 0 for what is the same.
    ordinal: int = 0


@dataclass(frozen=True)
class Section:
    heading: str
    entries: list[Entry]

    @property
    def changes(self) -> int:
        return sum(entry.kind != "same" for entry in self.entries)


@dataclass(frozen=True)
class Comparison:
    sections: list[Section]
    # The content that was not compared, each in a sentence.
    left_out: list[str] = field(default_factory=list)

    @property
    def changes(self) -> int:
        return sum(section.changes for section in self.sections)

    @property
    def is_same(self) -> bool:
        """Text, structure, pictures and files are the same, and nothing was left out."""
        return not self.changes and not self.left_out

    @property
    def changed_sections(self) -> list[Section]:
        return [section for section in self.sections if section.changes]

    @property
    def changed_entries(self) -> list[Entry]:
        return [entry for section in self.sections for entry in section.entries if entry.ordinal]


def compare(older: Version, newer: Version) -> Comparison:
    """From the older to the newer. Time grows with the texts' length, not with how different they are."""
    before, after = blocks_of(older), blocks_of(newer)
    likeness = Likeness(older, newer)
    sections = [Section("", [])]
    ordinal, cut_at = 0, _Cut()
    for found in entries(before.blocks, after.blocks, likeness.differ, cut_at):
        if found.heading is not None:
            sections.append(Section(found.heading, []))
        if found.kind != "same":
            ordinal += 1
            found = Entry(found.kind, found.pieces, found.notes, found.pictures, found.heading, ordinal)
        if found.heading is None or found.kind != "same":
            sections[-1].entries.append(found)
    left_out = _left_out(older, newer, before, after)
    if likeness.uncompared:
        left_out.append(
            ngettext(
                "One picture could not be compared.", "%d pictures could not be compared.", likeness.uncompared
            ).replace("%d", str(likeness.uncompared))
        )
    if cut_at.where is not None:
        words = _("So much differs that it was compared as far as “%s” only.") if cut_at.where else ""
        left_out.append(words % cut_at.where if words else _("So much differs that only its beginning was compared."))
    return Comparison([s for s in sections if s.entries], left_out)


def _left_out(older: Version, newer: Version, before: PageBlocks, after: PageBlocks) -> list[str]:
    """Content of the two versions that no comparison of their texts covers."""
    said = []
    for version in (older, newer):
        n = {"n": version.number}
        if version.read.state == Reading.State.WAITING:
            said.append(_("The file of version %(n)d is still being read. Load the page again in a while.") % n)
        elif version.read.state == Reading.State.FAILED:
            said.append(_("The file of version %(n)d could not be read. Read the file itself.") % n)
        elif late_findings.holds_back(version):
            said.append(
                _("Something was found in the file of version %(n)d, and its text is held back. Read the file.") % n
            )
        elif version.file and not version.body and not (version.read.html or version.read.text.strip()):
            said.append(_("The file of version %(n)d has no words that could be read. Look at its pages.") % n)
        elif not version.body and "scanned_pages" in version.read.warnings:
            said.append(_("Some pages of version %(n)d are scanned pictures. Look at them.") % n)
    if older.file_sha256 == newer.file_sha256:
        return said
    if not older.file or not newer.file:
        told = (_("Version %(n)d has a file, %(file)s; the other has none."), older if older.file else newer)
        said.append(told[0] % {"n": told[1].number, "file": told[1].file_name})
    elif older.body or newer.body:
        said.append(_("The files are not the same, and what they say is not compared: %s.") % _names(older, newer))
    else:
        said.append(
            _("The files are not the same: %s. Compared is what was read from them, and not how it is set out.")
            % _names(older, newer)
        )
    if not (older.body or newer.body) and (before.unshown or after.unshown):
        said.append(_("Formulas and diagrams that the page does not show are not compared. Look at them in the files."))
    return said


def _names(older: Version, newer: Version) -> str:
    return " / ".join(dict.fromkeys((older.file_name, newer.file_name)))


@dataclass
class _Cut:
    """Under which heading the comparison ended ("" for none); None where it went on to the end."""

    where: str | None = None


Differ = Callable[[tuple[str, ...], tuple[str, ...]], tuple[tuple[str, str], ...]]


def entries(before: list[Block], after: list[Block], differ: Differ, cut: _Cut) -> Iterator[Entry]:
    """Paragraph by paragraph. `differ` gives the pictures that differ of two paragraphs' pictures."""
    first = _alike_from(before, after)
    last = min(_alike_from(before[::-1], after[::-1]), min(len(before), len(after)) - first)
    for old, new in zip(before[:first], after[:first], strict=True):
        yield _same(old, new, differ)
    old_middle, new_middle = before[first : len(before) - last], after[first : len(after) - last]
    heading = next((block.text for block in reversed(after[:first]) if block.is_heading), "")
    yield from _middle(_within(old_middle, heading, cut), _within(new_middle, heading, cut), differ)
    for old, new in zip(before[len(before) - last :], after[len(after) - last :], strict=True):
        yield _same(old, new, differ)


def _alike_from(before: list[Block], after: list[Block]) -> int:
    """How many paragraphs at the beginning are the same."""
    count = 0
    for old, new in zip(before, after, strict=False):
        if old.key != new.key:
            break
        count += 1
    return count


def _within(blocks: list[Block], heading: str, cut: _Cut) -> list[Block]:
    """As much of it as is compared; it stands under `heading` where it begins."""
    length = 0
    for count, block in enumerate(blocks):
        length += len(block.text)
        if length > MAX_CHARS:
            cut.where = heading
            return blocks[:count]
        heading = block.text if block.is_heading else heading
    return blocks


def _same(old: Block, new: Block, differ: Differ) -> Entry:
    """As it is in both, but for its pictures."""
    pictures = differ(old.pictures, new.pictures)
    heading = new.text if new.is_heading else None
    return Entry("changed" if pictures else "same", (Piece("same", new.text),), (), pictures, heading)


def _middle(before: list[Block], after: list[Block], differ: Differ) -> Iterator[Entry]:
    matcher = SequenceMatcher(None, [b.key for b in before], [b.key for b in after])
    for how, i1, i2, j1, j2 in matcher.get_opcodes():
        if how == "equal":
            for old, new in zip(before[i1:i2], after[j1:j2], strict=True):
                yield _same(old, new, differ)
            continue
        for gone, come in _paired(before[i1:i2], after[j1:j2]):
            if gone and come:
                yield _changed(gone, come, differ)
            elif come:
                shown = tuple(("", path) for path in come.pictures)
                yield Entry("added", (Piece("added", come.text),), (), shown, come.text if come.is_heading else None)
            elif gone:
                yield Entry("struck", (Piece("struck", gone.text),), (), tuple((path, "") for path in gone.pictures))


def _changed(old: Block, new: Block, differ: Differ) -> Entry:
    heading = new.text if new.is_heading else None
    return Entry(
        "changed",
        tuple(_words(old.text, new.text)),
        tuple(_notes(old, new)),
        differ(old.pictures, new.pictures),
        heading,
    )


def _notes(old: Block, new: Block) -> Iterator[Note]:
    names = {
        "where": _("How it stands"),
        "number": _("Numbered from"),
        "cells": _("The row's cells"),
        "link": _("Link"),
        "strong": _("Bold"),
        "em": _("Italic"),
        "u": _("Underlined"),
        "code": _("As code"),
    }
    for kind, name in names.items():
        before = [value for k, value in old.facts if k == kind]
        after = [value for k, value in new.facts if k == kind]
        if before != after:
            gone, come = Counter(before) - Counter(after), Counter(after) - Counter(before)
            values = ["; ".join(_told(kind, v) for v in found) for found in (gone, come)]
            yield Note(name, *values)


def _told(kind: str, value: str) -> str:
    """A fact in words."""
    if kind not in ("where", "cells"):
        return value
    names = {
        "ul": _("list"),
        "ol": _("numbered list"),
        "li": _("item"),
        "blockquote": _("quotation"),
        "callout": _("call-out"),
        "running": _("header or footer"),
        "dl": _("list of words"),
        "dt": _("word explained"),
        "dd": _("explanation"),
        "tr": _("table row"),
        "p": _("paragraph"),
        "pre": _("as typed"),
        "caption": _("caption"),
        "th": _("heading cell"),
        "td": _("cell"),
    }
    if kind == "cells":
        return ", ".join(" ".join(names.get(word, word) for word in cell.split()) for cell in value.split(", "))
    levels = {f"h{n}": _("heading of level %d") % (n - 1) for n in range(2, 7)}
    return ", ".join((names | levels).get(word, word) for word in value.split())


def _paired(before: list[Block], after: list[Block]) -> Iterator[tuple[Block | None, Block | None]]:
    """Which paragraph became which, in order: each the first of those left that is like it."""
    taken, others = 0, [Counter(new.text.split()) for new in after]
    for old in before:
        own = Counter(old.text.split())
        # Looked for among a few: what has moved far is told as struck and added.
        near = range(taken, min(taken + 8, len(after)))
        found = next((j for j in near if old.is_heading == after[j].is_heading and _alike(own, others[j])), None)
        if found is None:
            yield old, None
            continue
        for new in after[taken:found]:
            yield None, new
        yield old, after[found]
        taken = found + 1
    for new in after[taken:]:
        yield None, new


def _alike(own: Counter[str], other: Counter[str]) -> bool:
    """By the share of words in common (Dice's coefficient), whatever their order."""
    return 2 * (own & other).total() >= ALIKE * (own.total() + other.total())


def _words(old: str, new: str) -> Iterator[Piece]:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if max(len(before), len(after)) > MAX_WORDS:
        yield from (Piece("struck", old), Piece("added", new))
        return
    for how, i1, i2, j1, j2 in SequenceMatcher(None, before, after).get_opcodes():
        if how == "equal":
            yield Piece("same", "".join(before[i1:i2]))
            continue
        if struck := "".join(before[i1:i2]).strip():
            yield Piece("struck", struck)
        if added := "".join(after[j1:j2]).strip():
            yield Piece("added", added)
