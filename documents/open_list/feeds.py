"""The latest of what is open to everybody, as Atom; all of it, as a sitemap; and one list, for another site's frame."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from accounts.models import Provider
from core import clock
from documents.models import DocumentType, OpenEntry, ProgrammeArea, Version
from documents.models.sorting import SwedishOrder
from documents.open_list.entries import bring_up_to_date, open_versions
from documents.open_list.items import address

FEED_SIZE = 50
FRAME_SIZE = 300
SITEMAP_SIZE = 40_000


@dataclass(frozen=True)
class Choice:
    """A narrowing by type, area and owner. Empty parts narrow nothing."""

    type: DocumentType | None = None
    area: ProgrammeArea | None = None
    owner: Provider | None = None

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Choice:
        """From an address: `typ`, `omrade` (codes), `agare` (a name). Raises Http404 for what there is none of."""
        found = cls(
            _one(DocumentType.objects.all(), "code", asked.get("typ", "")),
            _one(ProgrammeArea.objects.all(), "code", asked.get("omrade", "")),
            _one(_owners(), "name", asked.get("agare", "")),
        )
        return found

    def narrow(self, rows: QuerySet[Version]) -> QuerySet[Version]:
        for name, value in (("type", self.type), ("area", self.area), ("owner", self.owner)):
            if value:
                rows = rows.filter(**{f"document__{name}": value})
        return rows

    @property
    def words(self) -> str:
        return ", ".join(str(part) for part in (self.type, self.area, self.owner) if part)


def _owners() -> QuerySet[Provider]:
    """SECURITY: those alone that own something open: an address tells nobody which providers there are."""
    return Provider.objects.filter(pk__in=open_versions().values("document__owner"))


def _one(rows: QuerySet[Any], name: str, value: str) -> Any:
    if not value:
        return None
    found = rows.filter(**{f"{name}__iexact": value[:200].replace("\x00", "")}).first()
    if found is None:
        raise Http404
    return found


def newest(choice: Choice, most: int) -> list[tuple[Version, dt.datetime]]:
    """The latest changed that are open, each with when it changed; the latest first."""
    bring_up_to_date()
    entries = OpenEntry.objects.filter(is_open=True, version__in=choice.narrow(open_versions())).order_by("-place")
    found = dict(entries.values_list("version_id", "changed_at")[:most])
    versions = open_versions().select_related("document__type", "document__area").defer("body").in_bulk(list(found))
    return [(versions[key], at) for key, at in found.items() if key in versions]


def atom(choice: Choice, feed_url: str) -> str:
    """The Atom feed, as RFC 4287 has it."""
    rows = newest(choice, FEED_SIZE)
    title = _("New and changed documents")
    feed = Atom1Feed(
        title=f"{title}: {choice.words}" if choice.words else title,
        link=f"{settings.PORTAL_URL}/dokument/",
        description=settings.PORTAL_REGION,
        language="sv",
        feed_url=feed_url,
        feed_guid=feed_url,
        author_name=settings.PORTAL_REGION,
    )
    for version, changed in rows:
        document = version.document
        feed.add_item(
            title=f"{document.number} {version.title}",
            link=address(version),
            description=version.change_summary or version.summary or version.title,
            unique_id=address(version),
            pubdate=version.published_at or changed,
            updateddate=changed,
            categories=[str(part) for part in (document.type, document.area) if part],
        )
    if not rows:
        feed.feed["updated"] = clock.now()
    return feed.writeString("utf-8")


def site_addresses() -> list[tuple[str, dt.datetime]]:
    """The address of each document that is open, and when it last changed."""
    bring_up_to_date()
    rows = OpenEntry.objects.filter(is_open=True, version__in=open_versions()).order_by("document__number")
    return [
        (f"{settings.PORTAL_URL}/dokument/{number}/", at)
        for number, at in rows.values_list("document__number", "changed_at")
    ]


def framed(choice: Choice) -> tuple[list[Version], int]:
    """The documents of a frame in the order of their titles, at most FRAME_SIZE, and how many more there are."""
    rows = choice.narrow(open_versions())
    found = list(rows.select_related("document__type").defer("body").order_by(SwedishOrder("title"), "pk")[:FRAME_SIZE])
    return found, rows.count() - len(found) if len(found) == FRAME_SIZE else 0
