"""The order of changes of what is open to everybody: brought up to date whenever somebody asks.

Nothing has to run for the list to be right. The open documents are asked of `documents.predicate` each time, compared
with the list as it was told last, and each difference gets the next place. A document that never was open is never told
of, and one that no longer is by its number alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Exists, F, Func, Max, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import MD5, Greatest

from accounts.readers import PUBLIC
from core import clock
from documents.models import Document, OpenEntry, Version

# The facts of a version and its document whose change is a change of the list.
_FACTS = (
    "number", "title", "summary", "change_summary", "valid_from", "valid_to", "approved_at", "approver_label",
    "published_at", "file_sha256", "reading__read_at", "reading__found_late", "document__number",
    "document__type_id", "document__area_id",
    "document__owner_id", "document__contact", "document__type__name_sv", "document__area__name_sv",
    "document__owner__name", "document__content_holds_on", "document__pages_first",
)  # fmt: skip
_LOCK = "documents.open_list"


def open_versions() -> QuerySet[Version]:
    """The version that applies now of each document that is open to everybody and in force.

    SECURITY: asked as nobody, whoever asks.
    """
    now = Version.objects.visible_to(PUBLIC).with_applies().filter(document__state=Document.State.ACTIVE)
    return now.filter(Q(state=Version.State.PUBLISHED) | Q(still_applies=True))


def _changed() -> QuerySet[Version]:
    """Versions that are open and not told of as they are, those shown first before later ones. Annotated with `digest`,
    and with `since`, when it began to be shown.
    """
    digest = MD5(
        Func(*map(F, _FACTS), function="ROW", template="%(function)s(%(expressions)s)::text", output_field=TextField())
    )
    rows = open_versions().annotate(digest=digest, since=Greatest("published_at", "available_from"))
    told = OpenEntry.objects.filter(is_open=True, document=OuterRef("document_id"), version=OuterRef("pk"))
    return rows.filter(~Exists(told.filter(digest=OuterRef("digest")))).order_by("since", "document_id")


def _gone() -> QuerySet[OpenEntry]:
    """Entries whose document is no longer open."""
    return OpenEntry.objects.filter(is_open=True).exclude(document__in=open_versions().values("document_id"))


def bring_up_to_date() -> int:
    """The list as it is at this moment; gives its last place."""
    if _changed().exists() or _gone().exists():
        _write()
    return OpenEntry.objects.aggregate(last=Max("place"))["last"] or 0


@transaction.atomic
def _write() -> None:
    with connection.cursor() as cursor:
        # One at a time: a place that was given later is never seen before an earlier one.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [_LOCK])
    now, place = clock.now(), OpenEntry.objects.aggregate(last=Max("place"))["last"] or 0
    known, rows = set(OpenEntry.objects.values_list("document_id", flat=True)), []
    for key, version, digest, since in _changed().values_list("document_id", "pk", "digest", "since"):
        # The first that is told of a document is as old as its version.
        at = now if key in known or since is None else since
        rows.append(OpenEntry(document_id=key, version_id=version, digest=digest, is_open=True, changed_at=at))
    for key in _gone().order_by("document_id").values_list("document_id", flat=True):
        rows.append(OpenEntry(document_id=key, version=None, digest="", is_open=False, changed_at=now))
    for n, row in enumerate(rows, 1):
        row.place = place + n
    columns = ["version", "digest", "is_open", "place", "changed_at"]
    OpenEntry.objects.bulk_create(
        rows, batch_size=2000, update_conflicts=True, unique_fields=["document"], update_fields=columns
    )


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
