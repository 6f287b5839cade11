"""What was typed, as words to look for."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection

MAX_CHARS = 200
MAX_WORDS = 12
_PHRASE = re.compile(r'"([^"]*)"')
_WORD = re.compile(r"\w(?:[\w.-]*\w)?")


def clean_query(text: str) -> str:
    """What was typed, as one line of at most MAX_CHARS: NFC, without control characters."""
    text = unicodedata.normalize("NFC", text[: MAX_CHARS * 4])
    text = "".join(c if unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn") else " " for c in text)
    return " ".join(text.split())[:MAX_CHARS].strip()


def _stop_words(words: list[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT w FROM unnest(%s::text[]) w WHERE numnode(plainto_tsquery('swedish', w)) = 0", [words])
        return {row[0] for row in cursor.fetchall()}


def parse(text: str) -> SearchQuery | None:
    """The words of a cleaned query as one condition: all of them, each also as the beginning of a word.

    "Between quotation marks" as a phrase. None where nothing is left to look for. Operators have no meaning,
    so that
    nothing typed can be a fault.
    """
    phrases = [p for p in _PHRASE.findall(text) if _WORD.search(p)]
    words = list(dict.fromkeys(w.strip("-_").lower() for w in _WORD.findall(_PHRASE.sub(" ", text))))
    words = [w for w in words if w][:MAX_WORDS]
    if words:
        stop = _stop_words(words)
        if phrases or set(words) - stop:
            words = [w for w in words if w not in stop]
    query = None
    for phrase in phrases[:MAX_WORDS]:
        query = _both(query, SearchQuery(phrase, config="swedish", search_type="phrase"))
    for word in words:
        either = SearchQuery(word, config="swedish", search_type="plain")
        # Only letters, digits, full stops: nothing that has a meaning in a tsquery.
        either |= SearchQuery(f"'{word.replace('-', '')}':*", config="simple", search_type="raw")
        query = _both(query, either)
    return query


def _both(query: SearchQuery | None, more: Any) -> Any:
    return more if query is None else query & more


def squeezed(number: str) -> str:
    """A document's number, or what was typed for one, as it is compared: without signs between its parts."""
    return re.sub(r"[-._\s]", "", number).upper()
