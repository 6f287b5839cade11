"""Finding documents: PostgreSQL's full text in Swedish, numbers as they are written, and beginnings of words.

What is typed becomes words in `words`, what a document is found by is written in `index`, and `asking` finds.
"""

from documents.search.asking import PAGE, Hit, Results, marked, search
from documents.search.index import reindex
from documents.search.narrowing import Filters
from documents.search.words import clean_query, parse

__all__ = ["PAGE", "Filters", "Hit", "Results", "clean_query", "marked", "parse", "reindex", "search"]
