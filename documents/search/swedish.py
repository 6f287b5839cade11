"""The rule for the same word: the one way from text to words, for indexed and for typed text.

Words that look the same to a person are the same word: letters composed or not, every kind of hyphen and quotation
mark, ligatures, both micro signs; invisible signs are nothing. No database here.
"""

from __future__ import annotations

import functools
import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import snowballstemmer
from simplemma.strategies import DefaultDictionaryFactory, DictionaryLookupStrategy

_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")
_QUOTES = dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\u301d\u301e\uff02"), '"')
_SEEN = _HYPHENS | _QUOTES | dict.fromkeys(map(ord, "\u2018\u2019\u201b\u2032\u00b4"), "'") | {0x2044: "/"}
# Control characters but for the ends of lines, and what has no width: soft hyphen, joiners, marks of direction.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
# A word with what joins its parts: RUT-2024-017, mg/kg, E11.9, 0,5.
_CHUNK = re.compile(r"[^\W_]+(?:(?:[-./:_]|,(?=\d))[^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
# Letters that not everybody has on their keyboard, and those they are compared as; in small letters.
FOLDED = ("åäöæøéèêëüáàâãíìóòôúùñç", "aaoaoeeeeuaaaaiiooouunc")
_FOLDED = str.maketrans(*FOLDED)
# No word is longer; what goes on is cut.
LONGEST = 60


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that carry no meaning of their own: not indexed, and not asked for where anything else is.
STOP = _words("""
    och i att det som en på är av för med till den har de inte om ett men så vid från eller när kan ska skall ej
    nu då där här hur vad vem vilka vilken vilket mot under över efter genom utan hos inom mellan samt även
    också alla man vi jag du han hon ni oss sig sin sitt sina dess deras denna detta dessa var vara varit blir
    bli blev blivit måste bör får få skulle kunna the of and to in is for
""")
# Words of nearly every text in care, as common there as they are rare elsewhere: they tell hardly anything.
USUAL = _words("""
    patient patienten patienter patienterna person personen personer personal personalen läkare läkaren sjuksköterska
    sjuksköterskan vård vården enhet enheten avdelning avdelningen mottagning mottagningen verksamhet verksamheten
    rutin rutiner rutinen riktlinje riktlinjer region regionen kommun kommunen boende boendet behandling behandla
    behandlas vårdgivare vårdgivaren medarbetare medarbetaren ansvarig ansvar
""")
# And of a question, what only makes it one.
ASKING = _words("""
    hur vad vem vilka vilken vilket när var varför ofta många mycket gör göra gjort gäller ska skall behöver
    behövs måste får bör någon något några finns heter betyder innebär ingår tänka tänker vet veta hitta hittar
    någonstans våran vår vårt våra min mitt mina dig mig ens helst egentligen snälla tack hej säger står
""")


def normalise(text: str) -> str:
    """The text as it is compared: what looks alike written alike, in small letters."""
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", text).translate(_SEEN)).translate(_SEEN).casefold()


def folded(word: str) -> str:
    """As typed by who has no å, ä or ö."""
    return word.translate(_FOLDED)


@dataclass(frozen=True)
class Token:
    """A word where it stands. `is_code`: it holds a digit, and is compared exactly.

    `at` is its place among words, `begin` and `end` its place in the normalised text. A chunk joined by signs gives
    one token of the whole, if it is a code, and one of each part.
    """

    word: str
    at: int
    begin: int
    end: int
    is_code: bool = False


def tokens(normalised: str) -> Iterator[Token]:
    """Every word of a normalised text, in order."""
    at = 0
    for chunk in _CHUNK.finditer(normalised):
        whole = chunk.group()[: LONGEST * 4]
        parts = list(_PART.finditer(whole))
        if len(parts) > 1 and (code := code_of(whole)):
            yield Token(code[:LONGEST], at + 1, chunk.start(), chunk.end(), is_code=True)
        for part in parts:
            at += 1
            word = part.group()[:LONGEST]
            begin = chunk.start() + part.start()
            yield Token(word, at, begin, begin + len(part.group()), is_code=has_digit(word))


def code_of(chunk: str) -> str:
    """A code as it is compared, or empty: E11.9 and E119 are one, and so are RUT-0187 and RUT0187; of what has digits
    alone the signs count, since 0,5 is not 05.
    """
    if not has_digit(chunk):
        return ""
    if any(c.isalpha() for c in chunk):
        return re.sub(r"[\W_]", "", chunk)
    return chunk.replace(",", ".")


def has_digit(word: str) -> bool:
    return any(c.isdigit() for c in word)


# Inflection -----------------------------------------------------------------------------------------------------
@functools.cache
def _dictionary() -> DictionaryLookupStrategy:
    return DictionaryLookupStrategy(DefaultDictionaryFactory(cache_max_size=1))


class _Stemmers(threading.local):
    """A stemmer works in fields of its own: each thread has one, or two would cut one another's words."""

    def __init__(self) -> None:
        self.stem = snowballstemmer.stemmer("swedish").stemWord


_own = _Stemmers()
# The endings of a verb's noun, and the endings that the verb then has: mätning, mäta; dokumentation, dokumentera.
_ACTS = (("ering", "era"), ("ation", "era"), ("ning", "a"), ("ing", "a"))


@functools.lru_cache(maxsize=100_000)
def lemma(word: str) -> str | None:
    """The form a dictionary has it under (hjälpmedlen: hjälpmedel), or None for a word it has not."""
    form = _dictionary().get_lemma(word, "sv")
    return form.casefold() if form else None


@functools.lru_cache(maxsize=100_000)
def forms(word: str) -> tuple[str, ...]:
    """The forms that a word is compared by: two words are one if they have one of these in common.

    Itself and the form that the dictionary has it under, since one form may belong to several words (såret: sår; sår:
    såra) and it is by itself that the headword meets its forms; for a word that the dictionary has not, its stem. The
    name of an act is also found by its verb.
    """
    if has_digit(word):
        return (word,)
    base = lemma(word)
    if base is None:
        return (str(_own.stem(word)) or word,)
    found = [word, base]
    for ending, of_verb in _ACTS:
        if base.endswith(ending) and len(base) > len(ending) + 2:
            verb = base[: -len(ending)] + of_verb
            if lemma(verb) == verb:
                found.append(verb)
                break
    return tuple(dict.fromkeys(found))


# Shorter than this, a stem is found in words that have nothing to do with it.
_SHORTEST_STEM = 4


@functools.lru_cache(maxsize=20_000)
def stem_of(word: str) -> str:
    """The beginning that a normalised word shares with its other forms: do two texts speak of one thing?"""
    return str(_own.stem(word))


def stems(text: str) -> list[tuple[str, ...]]:
    """For each of the first five typed words, the beginnings that its forms have in common, folded (no å, ä, ö): for
    looking in text that has no index. A text holds the word if it, folded and in small letters, holds any of them.
    """
    found = []
    for word in normalise(text).split()[:5]:
        chosen = {word} if has_digit(word) or len(word) < _SHORTEST_STEM else {*forms(word), str(_own.stem(word))}
        long = {w for w in chosen if len(w) >= _SHORTEST_STEM} or {word}
        found.append(tuple(sorted(folded(w) for w in long)))
    return found
