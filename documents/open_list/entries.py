"""The order of changes of what is open to everybody: brought up to date whenever somebody asks.

Nothing has to run for the list to be right. The open documents are asked of `documents.predicate` each time, compared
with the list as it was told last, and each difference gets the next place. A document that never was open is never told
of, and one that no longer is by its number alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Greatest

from accounts.readers import PUBLIC
from core import clock
from documents.models import Document, OpenEntry, Version

# The facts of a version and its document whose change is a change of the list.
_FACTS = (
    "number", "title", "summary", "change_summary", "valid_from", "valid_to", "approved_at", "approver_label",
    "published_at", "file_sha256", "reading__read_at", "document__number", "document__type_id", "document__area_id",
    "document__owner_id", "document__contact", "document__type__name_sv", "document__area__name_sv",
    "document__owner__name", "document__content_holds_on", "document__pages_first",
)  # fmt: skip
_LOCK = "documents.open_list"
_LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def open_versions() -> QuerySet[Version]:
    """The version that applies now of each document that is open to everybody and in force.

    SECURITY: asked as nobody, whoever asks.
    """
    now = Version.objects.visible_to(PUBLIC).with_applies().filter(document__state=Document.State.ACTIVE)
    return now.filter(Q(state=Version.State.PUBLISHED) | Q(still_applies=True))


@dataclass(frozen=True)
class _Told:
    version_id: int
    digest: str
    # When the version began to be shown; not compared.
    shown_at: dt.datetime = field(compare=False, default=_LONG_AGO)


def _open() -> dict[int, _Told]:
    rows = open_versions().annotate(since=Greatest("published_at", "available_from"))
    found = {}
    for key, version, since, *facts in rows.values_list("document_id", "pk", "since", *_FACTS).iterator():
        digest = hashlib.md5(repr(facts).encode(), usedforsecurity=False).hexdigest()
        found[key] = _Told(version, digest, since or _LONG_AGO)
    return found


def _told() -> dict[int, _Told]:
    rows = OpenEntry.objects.filter(is_open=True).values_list("document_id", "version_id", "digest")
    return {key: _Told(version, digest) for key, version, digest in rows}


def bring_up_to_date() -> int:
    """The list as it is at this moment; gives its last place."""
    if _open() != _told():
        _write()
    return OpenEntry.objects.aggregate(last=Max("place"))["last"] or 0


@transaction.atomic
def _write() -> None:
    with connection.cursor() as cursor:
        # One at a time: a place that was given later is never seen before an earlier one.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [_LOCK])
    found, told, now = _open(), _told(), clock.now()
    last = OpenEntry.objects.aggregate(last=Max("place"))["last"] or 0
    changed = [key for key in sorted(found, key=lambda key: (found[key].shown_at, key)) if found[key] != told.get(key)]
    known = set(OpenEntry.objects.values_list("document_id", flat=True))
    gone = sorted(told.keys() - found.keys())
    rows = [
        OpenEntry(
            document_id=key, version_id=found[key].version_id if key in found else None,
            digest=found[key].digest if key in found else "", is_open=key in found, place=last + n,
            changed_at=now if key in known else found[key].shown_at,
        )
        for n, key in enumerate([*changed, *gone], 1)
    ]  # fmt: skip
    columns = ["version", "digest", "is_open", "place", "changed_at"]
    OpenEntry.objects.bulk_create(rows, update_conflicts=True, unique_fields=["document"], update_fields=columns)


@dataclass(frozen=True)
class Entry:
    """One document of the list: its number, and the version that is open; None where it no longer is."""

    number: str
    place: int
    changed_at: dt.datetime
    version: Version | None


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    # The place to go on from, and whether there is more after it now.
    cursor: int
    has_more: bool
    # The place where a reading from the beginning began; 0 for one that goes on from a cursor.
    begun: int


def page(after: int, size: int, begun: int = 0) -> Page:
    """The entries after a place, the first changed first. A reading from the beginning (0) is told of those that are
    open, and goes on with its `begun`: of the closed it is told only those that were closed since.
    """
    last = bring_up_to_date()
    begun = begun if after else last
    rows = OpenEntry.objects.filter(place__gt=after).select_related("document")
    rows = rows.filter(Q(is_open=True) | Q(place__gt=begun)) if begun else rows
    found = list(rows.order_by("place").only("place", "changed_at", "version", "document__number")[: size + 1])
    shown = found[:size]
    has_more = len(found) > size
    return Page(list(_entries(shown)), shown[-1].place if has_more else last, has_more, begun)


def _entries(rows: list[OpenEntry]) -> Iterator[Entry]:
    # SECURITY: asked once more as the versions are read: one that was closed meanwhile is told of by its number.
    full = open_versions().filter(pk__in=[row.version_id for row in rows])
    full = full.select_related("document__type", "document__area", "document__owner", "reading")
    versions = {version.pk: version for version in full}
    for row in rows:
        yield Entry(row.document.number, row.place, row.changed_at, versions.get(row.version_id or 0))
