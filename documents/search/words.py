"""Typed text, as a question."""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.postgres.search import SearchQuery

from documents.search.compounds import published
from documents.search.swedish import ASKING, STOP, USUAL, Token, code_of, forms, has_digit, normalise, tokens
from documents.search.vocabulary import Vocabulary

MAX_CHARS = 200
MAX_WORDS = 12
# The most words of the same meaning that a rank counts.
MOST_OTHERS = 8
# The number of words from which a document need not have them all: people ask in sentences.
SENTENCE = 4
# The distance within which the words of a compound written apart stand.
NEAR = 5
# How much the words tell that tell least.
LEAST = 0.2
# The rest of a question says what it is about if it tells this share of what the left-out word does; a word rarer than
# this says nothing more.
TELLS, RARE = 0.9, 0.8
_PHRASE = re.compile(r'"([^"]*)"')
# A minus leaves out a word; before a number it is a minus, and after an "och" it stands for a word's first part.
_LEFT_OUT = re.compile(r"(?:^|(?<!\boch)(?<!\beller)(?<!\bsamt)(?<!\bresp)(?<!\bresp\.)\s)-([^\W\d_][\w./:-]*)")
# The first signs of a code in the classifications of medicines (ATC) and of diseases (ICD-10): what it begins is meant.
_CODE_BEGINS = re.compile(r"[a-z]\d\d[a-z]{0,2}")
_CHUNK = re.compile(r"[^\W_]+(?:(?:[-./:_]|,(?=\d))[^\W_]+)*")


def clean_query(text: str) -> str:
    """Typed text, as one line of at most MAX_CHARS: NFC, without control characters."""
    text = unicodedata.normalize("NFC", text[: MAX_CHARS * 4])
    text = "".join(c if unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn") else " " for c in text)
    return " ".join(text.split())[:MAX_CHARS].strip()


class TsQuery(SearchQuery):
    """A condition in PostgreSQL's own writing, not parsed by it: made here, of words in quotation marks."""

    def __init__(self, text: str) -> None:
        super().__init__(text, config="simple")
        self.written = text

    def as_sql(self, *_args: Any, **_more: Any) -> Any:
        return "%s::tsquery", [self.written]


@dataclass(frozen=True)
class Term:
    """One thing to look for: a word with all that is as good, or a phrase.

    `said` is how it was typed, `asked` the condition; `weight` how much it tells, from 0 to 1: rare words tell more.
    `words`: what may be misspelt in it.
    """

    said: str
    asked: str
    weight: float = 1.0
    words: tuple[str, ...] = ()
    # The other words it is asked by, because they mean the same.
    meant: tuple[str, ...] = ()
    # A compound itself, in its forms.
    whole: str = ""
    # A compound's parts, each asked for by itself.
    parts: tuple[str, ...] = ()
    # Words that mean the same, each as its rank is reckoned by.
    others: tuple[str, ...] = ()

    @property
    def loosely(self) -> str:
        """A compound also finds its parts, wherever each stands."""
        return _any([self.asked, _all(self.parts)])

    @property
    def ranked(self) -> str:
        """The word that its rank is reckoned by: itself. PostgreSQL ranks a choice by all the words in it, so that the
        parts of a compound, each by itself, would count as much as the whole, and a word that means the same as five
        others for a sixth of one that has none.
        """
        return self.whole or self.asked

    @property
    def ways(self) -> tuple[str, ...]:
        """Itself and what means the same: each is ranked by itself, and the best counts."""
        return (self.ranked, *self.others[:MOST_OTHERS])

    @property
    def together(self) -> str:
        """Its parts, which count the more the nearer they stand; empty if it is made of nothing."""
        return _all(self.parts)

    def also(self, others: Iterable[Term | str]) -> Term:
        others = list(others)
        asked = [other.asked if isinstance(other, Term) else other for other in others]
        ranked = [other.ranked if isinstance(other, Term) else other for other in others]
        more = tuple(dict.fromkeys((*self.others, *ranked)))
        return replace(self, asked=_any([self.asked, *asked]), whole=self.ranked, others=more)


@dataclass(frozen=True)
class Question:
    """Typed text, understood. Empty where nothing is left to look for."""

    text: str
    terms: tuple[Term, ...] = ()
    left_out: tuple[str, ...] = ()
    # The same as it was typed.
    excluded: tuple[str, ...] = ()
    # The last word was not finished, or may not be: it is also asked for as a beginning when nothing else is found.
    last: str = ""
    # Asked in so many words that not all of them need be there.
    is_sentence: bool = False
    # Some of it stood between quotation marks: that is meant as it was written.
    has_phrase: bool = False

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def meant(self) -> list[str]:
        """The other words it is asked by."""
        return list(dict.fromkeys(word for term in self.terms for word in term.meant))

    @property
    def all_of_it(self) -> str:
        return self._but(_all([term.asked for term in self.terms]))

    @property
    def any_of_it(self) -> str:
        return _any([term.asked for term in self.terms])

    @property
    def nearly(self) -> str:
        """All of it but one word, for the names of documents: one word too many loses none that is about the rest. A
        word that tells less than the one left out is not enough. Empty for one word, a sentence, and a phrase.
        """
        if self.is_sentence or self.has_phrase:
            return ""
        pieces = [(term.asked, term.weight) for term in self.terms]
        if len(pieces) == 1 and len(self.terms[0].parts) > 2:
            pieces = [(part, 1.0) for part in self.terms[0].parts]
        ways = []
        for n, (_asked, weight) in enumerate(pieces):
            rest = [*pieces[:n], *pieces[n + 1 :]]
            if rest and sum(told for _, told in rest) >= min(weight, RARE) * TELLS:
                ways.append(_all([asked for asked, _ in rest]))
        return self._but(_any(ways)) if ways else ""

    @property
    def loosely(self) -> Question:
        """The same, of compounds also with any of what they are made of."""
        return replace(self, terms=tuple(replace(term, asked=term.loosely) for term in self.terms))

    def most_of_it(self, *, fewer: int = 0) -> str:
        """Half of the words, those of most weight among eight, or `fewer` than that."""
        told = sorted(self.terms, key=lambda term: -term.weight)[:8]
        least = max(1, min((len(told) + 1) // 2, 3) - fewer)
        return self._but(_any([_all([t.asked for t in some]) for some in itertools.combinations(told, least)]))

    def _but(self, asked: str) -> str:
        return _all([asked, *(f"!({left_out})" for left_out in self.left_out)])


def parse(text: str, known: Vocabulary, *, only_these: bool = False) -> Question:
    """A cleaned query as a question. Operators of the database have no meaning, so that nothing typed can be a fault.
    `only_these`: without what means the same.

    "Between quotation marks" as a phrase, -word for what must not be there.
    """
    plain = normalise(text)
    excluded = [m[1].rstrip("./:-") for m in _LEFT_OUT.finditer(_PHRASE.sub(" ", plain))]
    left_out = [_word(t, known).asked for word in excluded for t in tokens(word)]
    phrases = [term for p in _PHRASE.findall(plain) if (term := _phrase(p))]
    rest = _LEFT_OUT.sub(" ", _PHRASE.sub(" ", plain))
    typed = _CHUNK.findall(rest)
    known = replace(known, synonyms={}) if only_these else known
    chunks = _content(typed, others=bool(phrases))[:MAX_WORDS]
    terms = [*phrases[:MAX_WORDS], *_terms(chunks, known)]
    if not terms:
        left_out = excluded = []
    is_sentence = not phrases and len(typed) >= SENTENCE and len(terms) > 1
    last = chunks[-1] if chunks else ""
    return Question(text, tuple(terms), tuple(left_out), tuple(excluded), last, is_sentence, bool(phrases))


def with_excluded(text: str) -> str:
    """Typed text, as a search that leaves nothing out."""
    return _LEFT_OUT.sub(r" \1", text).strip()


def _content(chunks: list[str], *, others: bool) -> list[str]:
    """Without words that say nothing, where others are left; of what was asked as a question, without what only makes
    it one.
    """
    chunks = list(dict.fromkeys(chunks))
    said = [c for c in chunks if c not in STOP]
    if len(said) > 2:
        said = [c for c in said if c not in ASKING] or said
    # Words in no index: nothing can be found by them.
    return said if said or others else []


def _terms(chunks: list[str], known: Vocabulary) -> list[Term]:
    terms: list[Term] = []
    at = 0
    while at < len(chunks):
        term, used = _synonymous(chunks[at:], known) or _joined(chunks[at:], known) or (_chunk(chunks[at], known), 1)
        terms.append(term)
        at += used
    return terms


def _synonymous(chunks: Sequence[str], known: Vocabulary) -> tuple[Term, int] | None:
    """The words here that mean the same as others: the longest run of them, and all that it means."""
    words = [t.word for c in chunks for t in tokens(c)]
    pairs: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    for key in forms(words[0]):
        pairs += known.synonyms.get(key, ())
    fitting = [(ours, theirs) for ours, theirs in pairs if _same(words[: len(ours)], ours)]
    longest = max((len(ours) for ours, _theirs in fitting), default=0)
    if not longest or any(len(list(tokens(c))) != 1 for c in chunks[:longest]):
        return None
    term = _every([_chunk(c, known) for c in chunks[:longest]])
    others = [_run(theirs, known) for ours, theirs in fitting if len(ours) == longest]
    meant = tuple(dict.fromkeys(" ".join(theirs) for ours, theirs in fitting if len(ours) == longest))
    # Everyday words for something rare tell as much as its name does.
    weight = max(term.weight, *(_telling(word) for theirs in meant for word in theirs.split()))
    return replace(term.also(dict.fromkeys(others)), meant=meant, weight=weight), longest


def _same(words: Sequence[str], others: Sequence[str]) -> bool:
    return len(words) == len(others) and all(set(forms(a)) & set(forms(b)) for a, b in zip(words, others, strict=True))


def _run(words: Sequence[str], known: Vocabulary) -> Term:
    """Words one after the other, or the one word as it is asked for itself."""
    if len(words) == 1:
        return _word(next(iter(tokens(words[0]))), known)
    said = " ".join(words)
    return Term(said, _following(list(tokens(said))))


def _joined(chunks: Sequence[str], known: Vocabulary) -> tuple[Term, int] | None:
    """Two words that are also written as one: NEWS 2, blod tryck."""
    if len(chunks) < 2 or not chunks[0].isalpha():
        return None
    first, second = chunks[0], chunks[1]
    wholes = [first + second, f"{first}s{second}"]
    if has_digit(second):
        wholes = wholes[:1] if second.isdigit() and len(second) <= 3 else []
    wholes = [w for w in wholes if w in known.words or w in published()]
    if not wholes:
        return None
    both = _every([_chunk(first, known), _chunk(second, known)])
    return both.also(_any(_quoted(form) for form in forms(whole)) for whole in wholes), 2


def _chunk(chunk: str, known: Vocabulary) -> Term:
    """A word, or several joined by signs: a code exactly, others as their words or as the compound they make."""
    found = list(tokens(chunk))
    if len(found) == 1:
        return _word(found[0], known)
    code = code_of(chunk)
    if code:
        return Term(chunk, _any([_quoted(code), _following([t for t in found if t.word != code])]))
    term = _every([_word(token, known) for token in found])
    together = "".join(t.word for t in found)
    return replace(term.also(_quoted(form) for form in forms(together)), said=chunk)


def _word(token: Token, known: Vocabulary) -> Term:
    """A word in all its forms; and the words it is made of, near each other in any order or within another compound."""
    word = token.word
    ways = [_quoted(form) for form in forms(word)]
    if _CODE_BEGINS.fullmatch(word):
        ways.append(beginning(word))
    parts = known.lexicon.parts_of(word) if not token.is_code else ()
    made_of: tuple[str, ...] = ()
    if parts:
        asked = [_any(_quoted(form) for form in forms(part)) for part in parts]
        if len(parts) == 2:
            one, other = asked
            ways += [f"({one}) <{n}> ({other})" for n in range(NEAR + 1)]
            ways += [f"({other}) <{n}> ({one})" for n in range(1, NEAR + 1)]
        else:
            ways.append(_all(asked))
        made_of = tuple(asked)
    whole = _any(_quoted(form) for form in forms(word))
    return Term(word, _any(ways), weight=_telling(word), words=(word,), parts=made_of, whole=whole)


def _telling(word: str) -> float:
    """How much a word tells, from how rare it is in Swedish at large: 0.2 for the most usual, 1 for one in no list.

    SECURITY: not from the documents: how rare a word is among them would tell of those one may not see.
    """
    if word in USUAL:
        return LEAST
    return min(1.0, max(LEAST, -math.log10(max(published().get(word, 0.0), 1e-8)) / 8))


def _phrase(text: str) -> Term | None:
    found = [t for t in tokens(text) if not (t.is_code and not t.word.isalnum())]
    said = [t for t in found if t.word not in STOP]
    return Term(f'"{text}"', _following(found)) if said else None


def _following(found: Sequence[Token]) -> str:
    """Words one after the other; where one that says nothing stands between, any word may stand there."""
    asked, last = "", 0
    for token in found:
        if token.word in STOP:
            continue
        word = _any(_quoted(form) for form in forms(token.word))
        asked = f"{asked} <{token.at - last}> ({word})" if asked else f"({word})"
        last = token.at
    return asked


def without_last(text: str) -> tuple[str, str]:
    """The text before the last word, as typed, and that word; no word if the text ends in a blank."""
    before, _blank, last = text.rpartition(" ")
    found = _CHUNK.findall(normalise(last))
    return before, found[-1] if found else ""


def in_name(text: str, ways: Iterable[str], known: Vocabulary) -> str:
    """Names (titles, headings, keywords) with all these words, the last of which may be unfinished: `ways` are what it
    may become. Empty where nothing is left to look for.
    """
    before, last = without_last(text)
    terms = [term.asked for term in parse(before, known).terms]
    if last:
        forms_of = [_quoted(form) for way in ways for form in forms(way)]
        terms.append(_any([beginning(last), *(_quoted(form) for form in forms(last)), *forms_of]))
    return _all(terms)


# Conditions -----------------------------------------------------------------------------------------------------
def _quoted(word: str) -> str:
    # SECURITY: a word holds letters, digits and -./:_ alone (`swedish.tokens`), and cannot end the quotation.
    return f"'{word}'"


def beginning(word: str) -> str:
    return f"{_quoted(word)}:*"


def _any(ways: Iterable[str]) -> str:
    found = list(dict.fromkeys(way for way in ways if way))
    return " | ".join(f"({way})" for way in found) if len(found) > 1 else "".join(found)


def _all(ways: Iterable[str]) -> str:
    found = [way for way in ways if way]
    return " & ".join(f"({way})" for way in found) if len(found) > 1 else "".join(found)


def _every(terms: Sequence[Term]) -> Term:
    """Several as one, all of which must be there."""
    if len(terms) == 1:
        return terms[0]
    said = " ".join(term.said for term in terms)
    words = tuple(word for term in terms for word in term.words)
    return Term(said, _all(term.asked for term in terms), max(term.weight for term in terms), words)


def numbers(text: str) -> list[str]:
    """The document numbers, as they are compared, that may have been typed: RUT-0187 as rut 187 and RUT187, too."""
    key = squeezed(text)
    short = re.fullmatch(r"([A-ZÅÄÖ]{2,6})(\d{1,3})", key)
    return [key, f"{short[1]}{short[2]:0>4}"] if short else [key]


def squeezed(number: str) -> str:
    """A document's number, or what was typed for one, as it is compared: without signs between its parts."""
    return re.sub(r"[-._\s]", "", number).upper()
