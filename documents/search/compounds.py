"""The words that a compound is made of: läkemedelsgenomgång of läkemedel and genomgång.

Swedish writes compounds as one word, and anybody makes new ones, so that no dictionary has them. They are taken apart
by what the documents themselves show: a split is good where its parts are words of their own, and common ones (Koehn &
Knight 2003, "Empirical Methods for Compound Splitting": the geometric mean of the parts' frequencies against that of
the whole). How parts are joined, and that few long parts are likelier than many short ones, is from Sjöbergh & Kann
2004, "Finding the Correct Interpretation of Swedish Compounds, a Statistical Approach". No database here.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable, Mapping

from wordfreq import get_frequency_dict

from documents.search.swedish import STOP, has_digit, lemma

SHORTEST = 6
MOST_PARTS = 4
# A part is a word at least this common, of a word in 1 (published list and documents together).
COMMON_ENOUGH = 3e-7
RAREST = 1e-9
# As if the published list had been so many words of the documents: they outweigh it when they have more to say.
PRIOR = 2_000_000
# Each part beyond the first, and a joining that is not among the usual, must be earned, in natural logarithms.
PER_PART, UNUSUAL = 1.0, 1.0
# How much commoner its parts must be than the whole: people's common words are mostly no compounds in anybody's mind.
WHOLE = 1.0


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Three letters are a word by chance too often: these are parts of words in care.
SHORT_FIRST = _words("""
    sår fot mun hud arm ben led syn gas mat dag lag rum råd bad dos bår rör tub liv akt oro tid bil mag barn
    blod ögon öron hår vak vän hem häl hjärn bäck lår nål stick urin käk tå vuxn våt syr natt fall fri hög låg
    små mor far arv kön mål rök slem sug tand vin väg yrk öl ord mas gym vit röd svår stor hel halv dröj doft
    allt tum
""")
SHORT_LAST = _words("""
    sår rum hus tid mat rör led lag ben arm fot bad dos syn hud råd dag mål nål säng vak ord akt liv tub gas val
""")
# Letters that look like a word at the end or the beginning and are an ending or a beginning.
NEVER = STOP | _words("""
    ring ning else het heten skap are aren arna bar sam lig lös isk ande ende ing inna era ans ens ism ist ell
    iv tion sion ment itet ori logi graf gram meter ter tera den der del upp ut in an be ge fram bort hop bak åt
    mis van res port rap ska son ton man men med per pro pre sub trans inter anti kon kom par pat para lar lär
    ess alen elen eras aste ster ling ligen vis stans sina sitt ditt dina troll lera ikt nad nads andet sång
    ison skar
""")
_LETTERS_THEN_DIGITS = re.compile(r"([^\W\d_]{2,})\d+")
_ENDING = re.compile(r"(?:n?ing|(?:sam|bar|lig)?het)(?:e[nr]|ens|ar|arna|erna)?$")


class Lexicon:
    """Knowledge of words: how common each is in Swedish, under how common it is in the documents."""

    def __init__(self, counts: Mapping[str, int] | None = None) -> None:
        """`counts`: how often each word stands in the documents."""
        self.counts = dict(counts or {})
        self._all = sum(self.counts.values()) + PRIOR
        self.split = functools.lru_cache(maxsize=50_000)(self._split)

    def frequency(self, word: str) -> float:
        """Its part of all words, in 1."""
        return (self.counts.get(word, 0) + PRIOR * published().get(word, 0.0)) / self._all

    def is_known(self, word: str) -> bool:
        return word in self.counts or word in published()

    def parts_of(self, word: str) -> tuple[str, ...]:
        """Other words that a word is found by: a compound's parts, NEWS2 without its number."""
        if has_digit(word):
            found = _LETTERS_THEN_DIGITS.fullmatch(word)
            return (found[1],) if found else ()
        return self.split(word)

    def _split(self, word: str) -> tuple[str, ...]:
        """The words it is made of, each as it stands by itself and the last as it is inflected; empty for a word that
        is none, or of which that cannot be told.
        """
        if len(word) < SHORTEST or not word.isalpha():
            return ()
        best: tuple[float, tuple[str, ...]] = (-math.inf, ())
        for parts, cost in self._ways(word, MOST_PARTS):
            if len(parts) > 1:
                logs = [
                    *(math.log(max(self.frequency(head), RAREST)) for head in parts[:-1]),
                    math.log(max(self._as_part(parts[-1]), RAREST)),
                ]
                mean = sum(logs) / len(parts)
                best = max(best, (mean - cost - PER_PART * (len(parts) - 2), parts))
        base = lemma(word) or word
        whole = max(published().get(word, 0.0), published().get(base, 0.0), RAREST)
        return best[1] if best[0] > math.log(whole) + WHOLE else ()

    def _as_part(self, word: str) -> float:
        return max(self.frequency(word), self.frequency(lemma(word) or word))

    def _ways(self, word: str, most: int) -> Iterable[tuple[tuple[str, ...], float]]:
        if self._may_end(word):
            yield (word,), 0.0
        if most == 1:
            return
        for at in range(3, len(word) - 2):
            heads = self._heads(word[:at], word[at])
            if heads:
                for rest, cost in self._ways(word[at:], most - 1):
                    for head, extra in heads:
                        yield (head, *rest), cost + extra

    def _may_end(self, part: str) -> bool:
        base = lemma(part) or part
        if part in NEVER or base in NEVER or _ENDING.match(part):
            return False
        if len(part) < 4:
            return part in SHORT_LAST
        if len(base) < 4 and base not in SHORT_LAST:
            return False
        return self._is_common(part)

    def _heads(self, piece: str, following: str) -> list[tuple[str, float]]:
        """Which words the first part of a compound can be the form of, and what each joining costs."""
        ways = [(piece, 0.0)]
        if piece[-1] == "s":
            if self.frequency(piece[:-1]) > self.frequency(piece) and self._may_begin(piece, piece[:-1]):
                ways = []  # its genitive
            ways += [(piece[:-1], 0.0), (piece[:-1] + "e", 0.3)]
        if piece[-1] in "ou":
            ways.append((piece[:-1] + "a", 0.3))
        if piece[-1] == "e":
            ways += [(piece[:-1] + "a", 0.5), (piece[:-1], UNUSUAL)]
        ways += [(piece + "a", 0.5), (piece + "e", 0.5)]
        if piece[-1] == following:
            ways.append((piece + following, 0.3))
        return [(head, cost) for head, cost in ways if self._may_begin(piece, head)]

    def _may_begin(self, piece: str, head: str) -> bool:
        if head in NEVER or piece in NEVER or piece.removesuffix("s") in NEVER:
            return False
        if len(piece.removesuffix("s")) < 4 and piece not in SHORT_FIRST and piece.removesuffix("s") not in SHORT_FIRST:
            return False
        return len(head) >= 3 and self._is_common(head)

    def _is_common(self, word: str) -> bool:
        """Long ones look like words by chance less often than short ones."""
        return max(self.frequency(word), self._as_part(word) if len(word) > 4 else 0) >= COMMON_ENOUGH * 10.0 ** -(
            min(max(len(word), 5), 7) - 5
        )


@functools.cache
def published() -> dict[str, float]:
    """How common words are in Swedish at large (wordfreq: subtitles, books, news, the web), each as a part of 1."""
    return {w: f for w, f in get_frequency_dict("sv", "best").items() if f >= 1e-8 and w.isalpha()}
