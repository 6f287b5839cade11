"""Which spellings may be shown: what stands letter for letter in what the reader may read, or in an open list of words.

SECURITY: the vocabulary holds the words of all documents, and a reader's own documents can hold a word in another form
than the one that a hidden document has. So a word that no open list has is indexed by its very spelling too, and a
candidate that is such a word counts only where the reader's documents hold that.
"""

from __future__ import annotations

from documents.search.compounds import published
from documents.search.swedish import has_digit, lemma

# Before the spelling, in the index: no word of a text begins with it.
MARK = "="


def is_open(word: str) -> bool:
    """Whether anybody could know the word: a dictionary or a published list of Swedish has it."""
    return word in published() or lemma(word) is not None


def marks(word: str) -> tuple[str, ...]:
    """The marks that a word of a text is indexed by besides its forms."""
    return () if has_digit(word) or is_open(word) else (f"{MARK}{word}",)


def proven(word: str, asked: str) -> str:
    """The condition under which a spelling may be shown to whoever asks: `asked` (how it is found), and, where no open
    list has it, that it stands there as it is spelled.
    """
    return asked if is_open(word) else f"({asked}) & '{MARK}{word}'"
