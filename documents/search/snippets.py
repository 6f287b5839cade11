"""The place of the words in a text: the passage that answers best, with the words marked."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import SearchRank
from django.db.models import F, Func, Value
from django.db.models.functions import Greatest
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from documents.models import Passage
from documents.search import vocabulary
from documents.search.ranking import TOGETHER
from documents.search.swedish import normalise, tokens
from documents.search.words import Question, TsQuery

LENGTH = 220
APART = " · "
# How much a word counts in a passage: as part of a compound, as part of one in its heading, in its heading, as itself.
WEIGHTS = [0.4, 0.05, 0.1, 1.0]
_WORD = re.compile(r"[^\W_](?:[\w./:\u00ad\u2010-\u2015-]*[^\W_])?")
_QUOTED = re.compile(r"'([^']+)'(:\*)?")


@dataclass(frozen=True)
class Snippet:
    """Some sentences with the words in <mark>, all else escaped; and where they stand."""

    marked: SafeString | str = ""
    place: str = ""
    anchor: str = ""


def snippets(versions: Collection[int], question: Question) -> dict[int, Snippet]:
    """For each version (by its key) the passage that answers best; none if the text holds none of the words.

    SECURITY: the caller has asked whether the reader may open these versions.
    """
    if not question:
        return {}
    asked = TsQuery(question.any_of_it)
    ranks = (
        _best_of(ways) * Value(term.weight * share)
        for term in question.terms
        for ways, share in ((term.ways, 1.0), ((term.together,), TOGETHER))
        if any(ways)
    )
    rank = sum(ranks, start=Value(0.0))
    found = Passage.objects.filter(version__in=versions, words=asked).annotate(rank=rank)
    best = found.order_by("version_id", "-rank", "ordinal").distinct("version_id").defer("words")
    marker = _Marker(question)
    return {p.version_id: Snippet(marker.marked(p.text), _place(p), _anchor(p)) for p in best}


def _best_of(ways: Sequence[str]) -> Func | SearchRank:
    ranks = [SearchRank(F("words"), TsQuery(way), weights=WEIGHTS) for way in ways]
    return Greatest(*ranks) if len(ranks) > 1 else ranks[0]


def _place(passage: Passage) -> str:
    if passage.page and passage.heading:
        return _("%(heading)s, page %(n)s") % {"heading": passage.heading, "n": passage.page}
    return _("Page %(n)s") % {"n": passage.page} if passage.page else passage.heading


def _anchor(passage: Passage) -> str:
    if passage.anchor:
        return f"#{passage.anchor}"
    return f"#sida-{passage.page}" if passage.page else ""


class _Marker:
    """Knows which words of a text a question is about."""

    def __init__(self, question: Question) -> None:
        found = _QUOTED.findall(question.any_of_it)
        self.words = {word for word, begins in found if not begins}
        self.beginnings = tuple(word for word, begins in found if begins)
        self.known = vocabulary.current()

    def is_asked(self, written: str) -> bool:
        if self.words & self.known.compared_by(written):
            return True
        return bool(self.beginnings) and any(t.word.startswith(self.beginnings) for t in tokens(normalise(written)))

    def marked(self, text: str) -> SafeString | str:
        """The part of a passage where the words are, from the beginning of a sentence or an ellipsis."""
        text = _flowing(text)
        first = next((m.start() for m in _WORD.finditer(text) if self.is_asked(m.group())), 0)
        begin, end = _window(text, first)
        out, at = [], begin
        for word in _WORD.finditer(text, begin, end):
            if word.start() >= first and self.is_asked(word.group()):
                out += [escape(text[at : word.start()]), "<mark>", escape(word.group()), "</mark>"]
                at = word.end()
        out.append(escape(text[at:end]))
        before, after = ("… " if begin and text[begin - 2] not in ".!?:" else ""), (" …" if end < len(text) else "")
        return mark_safe(before + "".join(out) + after)  # noqa: S308 (escaped above)


def _flowing(text: str) -> str:
    """On one line. Two lines stay apart if one ends and the other begins as a heading or a row of a list does."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    out = lines[:1]
    for before, line in itertools.pairwise(lines):
        is_apart = before[-1].isalnum() and line[0].isupper()
        out.append(f"{APART if is_apart else ' '}{line}")
    return "".join(out)


def _window(text: str, hit: int) -> tuple[int, int]:
    """The beginning and the end, so that the first hit is in it: at the beginning of its sentence if that is near."""
    if len(text) <= LENGTH:
        return 0, len(text)
    begin = max((m.end() for m in re.finditer(r"[.!?:] ", text[:hit])), default=0)
    if hit - begin > LENGTH // 2:
        begin = text.find(" ", hit - LENGTH // 3) + 1
    end = begin + LENGTH
    if end >= len(text):
        return begin, len(text)
    return begin, text.rfind(" ", begin, end)
