"""What is found? Words in any form, compounds by their parts, numbers as written, faults mended.

`swedish` says what is one word, `compounds` what one is made of, `vocabulary` which words the documents hold. The words
that a document is found by are written in `index`; typed words are understood in `words`, asked by `asking`, ordered by
`ranking`, mended by `repair`, and shown by `snippets`.
"""

from documents.search.asking import PAGE, Hit, Results, search
from documents.search.index import EDITION, reindex, together
from documents.search.learning import learn
from documents.search.narrowing import Filters, owner_names
from documents.search.suggesting import OPENERS, opener, suggest
from documents.search.swedish import FOLDED, stems
from documents.search.unanswered import titled
from documents.search.words import clean_query

__all__ = [
    "EDITION",
    "FOLDED",
    "OPENERS",
    "PAGE",
    "Filters",
    "Hit",
    "Results",
    "clean_query",
    "learn",
    "opener",
    "owner_names",
    "reindex",
    "search",
    "stems",
    "suggest",
    "titled",
    "together",
]
