"""Lessons from the documents themselves: how often each word stands in them, so what compounds are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.db import transaction

from documents.models import Document, Reading, SearchWord
from documents.search import vocabulary
from documents.search.compounds import Lexicon
from documents.search.index import reindex
from documents.search.swedish import STOP, forms, has_digit, normalise, tokens
from documents.search.words import TsQuery

BATCH = 500


def learn() -> list[str]:
    """Count the words of all published texts, take their compounds apart by what they show, and index anew what holds a
    word that is now taken apart in another way. Returns these words.
    """
    # By which those were indexed that came since the last learning.
    former = vocabulary.current().lexicon
    counts: Counter[str] = Counter()
    for text in _texts():
        counts.update(t.word for t in tokens(normalise(text)) if len(t.word) > 1 and t.word not in STOP)
    lexicon = Lexicon({word: count for word, count in counts.items() if not has_digit(word)})
    with transaction.atomic():
        before = dict(SearchWord.objects.filter(count__gt=0).values_list("word", "parts"))
        new = [word for word in counts if word not in before]
        before |= {word: list(former.split(word)) for word in new}
        rows = [SearchWord(word=w, count=c, parts=list(lexicon.split(w))) for w, c in sorted(counts.items())]
        # A word that stands in no text any more has no count when all have been counted.
        SearchWord.objects.exclude(word="").update(count=0)
        rows.append(SearchWord(word="", count=vocabulary.learnt() + 1))
        SearchWord.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["word"], update_fields=["count", "parts"], batch_size=2000
        )
        SearchWord.objects.filter(count=0).delete()
    vocabulary.forget()
    changed = [row.word for row in rows if row.parts != before.get(row.word, [])]
    for first in range(0, len(changed), BATCH):
        _index_again(changed[first : first + BATCH])
    return changed


def _index_again(words: list[str]) -> None:
    asked = " | ".join(f"'{form}'" for word in words for form in forms(word))
    holding = list(Document.objects.filter(search=TsQuery(asked)).values_list("pk", flat=True))
    for first in range(0, len(holding), 50):
        with transaction.atomic():
            some = Document.objects.select_for_update().filter(pk__in=holding[first : first + 50])
            reindex(some.values_list("pk", flat=True))


def _texts() -> Iterator[str]:
    published = Reading.objects.filter(version__state="published").select_related("version__document")
    for reading in published.only("text", "version__document__title").iterator(BATCH):
        yield f"{reading.version.document.title}\n{reading.text}"
