"""Sort keys of lists, as SQL that an index can keep."""

from __future__ import annotations

from django.contrib.postgres.search import SearchVectorField
from django.db.models import Func, TextField


class SwedishOrder(Func):
    """A key that sorts å, ä, ö after z, whatever the database's collation."""

    template = "(translate(lower(%(expressions)s), 'åäö', '{|}') COLLATE \"C\")"
    output_field = TextField()


class NumberKey(Func):
    """A document's number as it is compared: without signs between its parts, in capitals."""

    template = "upper(translate(%(expressions)s, '-._ ', ''))"
    output_field = TextField()


class TitleWords(Func):
    """The words of its name and headings, among those a document is found by."""

    template = "ts_filter(%(expressions)s, '{a,b}')"
    output_field = SearchVectorField()
