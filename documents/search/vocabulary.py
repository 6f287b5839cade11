"""The words of the documents: learnt by a job, held in the memory of each process.

SECURITY: the words of what somebody may not see are among them. Words from here are a way to ask, and never shown
unless the reader's own search has found them (`asking`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from documents.models import SearchWord, Synonym
from documents.search.compounds import Lexicon, published
from documents.search.swedish import STOP, folded, forms, has_digit, normalise, tokens

# So long a process goes on with what it has, in seconds.
FRESH_FOR = 30.0
SHORTEST_CORRECTED, TWO_FAULTS_FROM = 4, 7
# The most words near the typed one that are asked for.
CANDIDATES = 40
REMEMBERED = 50_000
BATCH = 500


@dataclass
class Vocabulary:
    """A process's knowledge of words. `near` and `beginning` are its questions; `lexicon` takes compounds apart."""

    lexicon: Lexicon = field(default_factory=Lexicon)
    words: dict[str, int] = field(default_factory=dict)
    folded: dict[str, list[str]] = field(default_factory=dict)
    # By the first word of a term, as it is compared: its other words, and what it means.
    synonyms: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = field(default_factory=dict)
    # Single words that somebody has said the meaning of: names, and words that no list need have.
    named: frozenset[str] = frozenset()
    last: int = 0
    _compared: dict[str, frozenset[str]] = field(default_factory=dict)

    def with_words(self, rows: Iterable[tuple[int, str, int]]) -> Vocabulary:
        """The same and these words more. A new one: other threads may be looking through this one."""
        words, by_fold, last = dict(self.words), dict(self.folded), self.last
        for pk, word, count in rows:
            last = max(last, pk)
            if word not in words:
                plain = folded(word)
                by_fold[plain] = [*by_fold.get(plain, ()), word]
            words[word] = count
        return replace(self, words=words, folded=by_fold, last=last)

    def compared_by(self, written: str) -> frozenset[str]:
        """All that a word of a text is found by, itself and what it is made of."""
        found = self._compared.get(written)
        if found is None:
            words = [token.word for token in tokens(normalise(written))]
            parts = [part for word in words for part in self.lexicon.parts_of(word)]
            found = frozenset(form for word in (*words, *parts) for form in forms(word))
            if len(self._compared) < REMEMBERED:
                self._compared[written] = found
        return found

    def unaccented(self, word: str) -> list[str]:
        """Words that differ from this by å, ä, ö and accents alone."""
        return [w for w in self.folded.get(folded(word), ()) if w != word]

    def near(self, word: str) -> list[str]:
        """Words within a fault or two of this one, nearest first: a letter left out, put in, changed, or two that have
        changed places (optimal string alignment). Å for a counts as no fault.
        """
        if len(word) < SHORTEST_CORRECTED or has_digit(word):
            return []
        faults = 2 if len(word) >= TWO_FAULTS_FROM else 1
        plain = folded(word)
        found = extract(plain, self.folded.keys(), scorer=OSA.distance, score_cutoff=faults, limit=CANDIDATES)
        nearest = sorted(found, key=lambda hit: (hit[1], hit[0][:1] != plain[:1], hit[0]))
        return [w for hit in nearest for w in self.folded[hit[0]] if w != word][:CANDIDATES]

    def assembled(self, word: str) -> list[str]:
        """Compounds that no document need hold, of words that they do hold: one of its two written as folded or with a
        fault (lakemedelsgenongang: läkemedelsgenomgång).
        """
        plain = folded(word)
        cuts = list(range(3, len(plain) - 2))
        exact = [c for at in cuts for c in self._made(plain[:at], self.folded.get(plain[at:], ()))]
        if exact:
            return [w for w in exact if w != word]
        found: list[str] = []
        for at in cuts:
            head, tail = plain[:at], plain[at:]
            if self._heads(head):
                found += self._made(head, self.near(tail))
            elif tail in self.folded and len(tail) >= SHORTEST_CORRECTED:
                joint = "s" if head.endswith("s") else ""
                found += [w + joint + t for w in self.near(head.removesuffix("s")) for t in self.folded[tail]]
        return found

    def _heads(self, plain: str) -> list[str]:
        heads = list(self.folded.get(plain, ()))
        if plain.endswith("s"):
            heads += [f"{w}s" for w in self.folded.get(plain[:-1], ())]
        return [w for w in heads if len(w) > 3]

    def _made(self, head: str, tails: Iterable[str]) -> list[str]:
        return [h + t for h in self._heads(head) for t in tails if len(t) > 2]

    def beginning(self, start: str, limit: int) -> list[str]:
        """Words that begin so, the most usual first."""
        plain = folded(start)
        found = [w for key, of_it in self.folded.items() if key.startswith(plain) for w in of_it if not has_digit(w)]
        found = [w for w in found if w.startswith(start)] or found
        return sorted(found, key=lambda w: (-self.words[w], len(w), w))[:limit]


_current: Vocabulary | None = None
_read_at = 0.0


def current() -> Vocabulary:
    """This process's knowledge of words, at most FRESH_FOR seconds old."""
    global _current, _read_at
    if _current is None:
        _current, _read_at = _load(), time.monotonic()
    elif time.monotonic() - _read_at > FRESH_FOR:
        refresh()
    return _current


def refresh() -> Vocabulary:
    """With the words that have come since. If anything has been learnt anew since, all is read again."""
    global _current, _read_at
    known = _current
    if known is None or learnt() != known.lexicon.counts.get("", 0) or _synonyms() != known.synonyms:
        _current = known = _load()
    elif rows := list(SearchWord.objects.filter(pk__gt=known.last).values_list("pk", "word", "count")):
        _current = known = known.with_words(rows)
    _read_at = time.monotonic()
    return known


def warm_up() -> None:
    """Load what takes a second to load, so that nobody's first search does."""
    published()
    forms("värma")


def forget() -> None:
    """Everything is read anew when it is next asked for."""
    global _current
    _current = None


# The count under no word is how often all has been learnt: a number that changes when the rest does.
def learnt() -> int:
    return SearchWord.objects.filter(word="").values_list("count", flat=True).first() or 0


def _load() -> Vocabulary:
    rows = list(SearchWord.objects.values_list("pk", "word", "count"))
    lexicon, meanings = Lexicon({word: count for _pk, word, count in rows if count}), _synonyms()
    named = frozenset(ours[0] for pairs in meanings.values() for ours, _theirs in pairs if len(ours) == 1)
    known = Vocabulary(lexicon, synonyms=meanings, named=named)
    return known.with_words(row for row in rows if row[1])


def _synonyms() -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    found: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for term, means, both_ways in Synonym.objects.values_list("term", "means", "both_ways"):
        pairs = [(term, means), (means, term)] if both_ways else [(term, means)]
        for of, other in pairs:
            # Typed text is asked without words that say nothing: "ont i magen" as "ont magen".
            ours = tuple(word for t in tokens(normalise(of)) if (word := t.word) not in STOP)
            theirs = tuple(t.word for t in tokens(normalise(other)))
            if ours and theirs:
                for key in forms(ours[0]):
                    found.setdefault(key, []).append((ours, theirs))
    return found


def note(words: Iterable[str]) -> None:
    """New words of a document, so that they are known before the next learning."""
    known = current().words
    rows = [SearchWord(word=w) for w in sorted(set(words)) if w and w not in known]
    if rows:
        SearchWord.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
