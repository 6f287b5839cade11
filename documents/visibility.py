"""Who may see which document, version and file. No other file decides it.

Pages, files, search, counts, suggestions, feeds, the API and the admin's previews all ask here. Hidden by default:
a reader that no rule lets in gets nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404

from accounts import clock
from accounts.models import Assignment
from accounts.readers import Reader
from accounts.roles import Kind

if TYPE_CHECKING:
    from documents.models import Document, Version

FLAG_OF_KIND: dict[str, str] = {
    Kind.REGIONAL: "visible_regional",
    Kind.PRIVATE: "visible_private",
    Kind.MUNICIPAL: "visible_municipal",
}
FLAGS = ("visible_public", "visible_regional", "visible_private", "visible_municipal")


def _access_now(reader: Reader) -> Q:
    """The reader's assignment gives access at this very moment, asked in the query itself."""
    return Q(Exists(Assignment.objects.current().filter(pk=reader.assignment_id)))


def _granted(reader: Reader) -> Q:
    from documents.models import VisibilityGrant

    named = VisibilityGrant.objects.filter(document=OuterRef("pk"), provider=reader.provider_id)
    if reader.unit_id:
        # One who works for the whole provider sees what any of its units was given.
        named = named.filter(Q(unit=None) | Q(unit=reader.unit_id))
    return Q(Exists(named))


def _open_to(reader: Reader) -> Q:
    """The flags and named grants that let this reader in.

    SECURITY: one Q, with grants as a subquery: a second `.filter()` across grants would over-grant.
    """
    opened = Q(visible_public=True)
    if reader.assignment_id is None:
        return opened
    mine = _granted(reader)
    if flag := FLAG_OF_KIND.get(reader.provider_kind):
        mine |= Q(**{flag: True})
    return opened | (_access_now(reader) & mine)


def _worked_on_by(reader: Reader) -> Q:
    """Editors, approvers and stewards see all of their own provider's documents, drafts included."""
    if not reader.edits_documents:
        return Q(pk__in=[])
    return Q(owner=reader.provider_id) & _access_now(reader)


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, reader: Reader) -> DocumentQuerySet:
        """Documents that exist for this reader: published and open to them, or their own to work on."""
        from documents.models import Version

        published = Exists(Version.objects.published().filter(document=OuterRef("pk")))
        return self.filter((_open_to(reader) & Q(published) & ~Q(state="archived")) | _worked_on_by(reader))

    def editable_by(self, reader: Reader) -> DocumentQuerySet:
        """Documents whose drafts, visibility and state this reader works on."""
        return self.filter(_worked_on_by(reader))

    def with_current(self) -> DocumentQuerySet:
        """Annotates `current_id`: the version a reader is shown, or None when nothing is published."""
        from documents.models import Version

        current = Version.objects.published().filter(document=OuterRef("pk"), state="published")
        return self.annotate(current_id=Subquery(current.values("pk")[:1]))


class VersionQuerySet(models.QuerySet["Version"]):
    def published(self) -> VersionQuerySet:
        """Published now or before, and available at this moment."""
        now = clock.now()
        return (
            self.filter(state__in=["published", "superseded"])
            .filter(Q(available_from=None) | Q(available_from__lte=now))
            .filter(Q(available_to=None) | Q(available_to__gt=now))
        )

    def visible_to(self, reader: Reader) -> VersionQuerySet:
        """Versions this reader may open: published ones of visible documents, all of those one works on."""
        from documents.models import Document

        seen = Q(document__in=Document.objects.visible_to(reader).values("pk"))
        worked_on = Q(document__in=Document.objects.editable_by(reader).values("pk"))
        open_now = Q(pk__in=self.model._default_manager.published().values("pk"))
        return self.filter((seen & open_now) | worked_on)


def document_or_404(reader: Reader, number: str) -> Document:
    """The document with this number if it exists for the reader; the same 404 otherwise."""
    from documents.models import Document

    return get_object_or_404(
        Document.objects.visible_to(reader).with_current().select_related("type", "area", "owner", "owner_unit"),
        number=number,
    )


def version_or_404(reader: Reader, document: Document, number: int | None = None) -> Version:
    """A version the reader may open; without a number the current one, or for an editor the newest."""
    versions = document.versions.visible_to(reader)
    if number is not None:
        return get_object_or_404(versions, number=number)
    current = versions.filter(state="published").first()
    if current is None:
        current = versions.order_by("-number").first()
    return current or get_object_or_404(versions, pk=None)
