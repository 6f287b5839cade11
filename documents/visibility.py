"""Who may see which document, version and file. No other file decides it.

Pages, files, search, counts, suggestions, feeds, the API and the admin's previews all ask here. Hidden by default:
a reader that no rule lets in gets nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, When
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts import clock
from accounts.models import Assignment
from accounts.readers import Reader
from accounts.relations import related_model, related_rows
from accounts.roles import Kind

if TYPE_CHECKING:
    from documents.models import Document, Version

FLAG_OF_KIND: dict[str, str] = {
    Kind.REGIONAL: "visible_regional",
    Kind.PRIVATE: "visible_private",
    Kind.MUNICIPAL: "visible_municipal",
}
UNFINISHED = ("draft", "consultation", "in_review", "approved")
# Which version of a document one is shown before the others.
CURRENT_FIRST = Case(When(state="published", then=0), default=1)
FLAGS = ("visible_public", "visible_regional", "visible_private", "visible_municipal")


def _published_now() -> Q:
    now = clock.now()
    return (
        Q(state__in=["published", "superseded"])
        & (Q(available_from=None) | Q(available_from__lte=now))
        & (Q(available_to=None) | Q(available_to__gt=now))
    )


def _access_now(reader: Reader) -> Q:
    """The reader's assignment gives access at this very moment, asked in the query itself."""
    return Q(Exists(Assignment.objects.current().filter(pk=reader.assignment_id)))


def _granted(document: type[models.Model], reader: Reader, at: str) -> Q:
    named = related_rows(document, "grants").filter(document=OuterRef(f"{at}pk"), provider=reader.provider_id)
    if reader.unit_id:
        # One who works for the whole provider sees what any of its units was given.
        named = named.filter(Q(unit=None) | Q(unit=reader.unit_id))
    return Q(Exists(named))


def _for_all(at: str) -> Q:
    return Q(**{f"{at}visible_public": True})


def _for_this_kind(document: type[models.Model], reader: Reader, at: str) -> Q:
    """The flag of the reader's kind of provider, or a named grant.

    SECURITY: one Q, with grants as a subquery: a second `.filter()` across grants would over-grant.
    """
    mine = _granted(document, reader, at)
    if flag := FLAG_OF_KIND.get(reader.provider_kind):
        mine |= Q(**{f"{at}{flag}": True})
    return mine


def _seen_by(document: type[models.Model], reader: Reader, at: str, published: Q) -> Q:
    """What exists for a reader: the published that is open to them, and all that their provider works on.

    `at` is the way to the document (empty, or `document__`), `published` says that what is asked for is
    published and available now. Hidden by default: without a current assignment only what is open to all.
    """
    not_archived = ~Q(**{f"{at}state": "archived"})
    if reader.assignment_id is None:
        return published & not_archived & _for_all(at)
    # One question to the database of whether the assignment still holds, whichever way it would let one in.
    mine = published & not_archived & _for_this_kind(document, reader, at)
    if reader.edits_documents:
        mine |= Q(**{f"{at}owner": reader.provider_id})
    return (published & not_archived & _for_all(at)) | (_access_now(reader) & mine)


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, reader: Reader) -> DocumentQuerySet:
        """Documents that exist for this reader: published and open to them, or their own to work on."""
        published = Q(Exists(self._versions().published().filter(document=OuterRef("pk"))))
        return self.filter(_seen_by(self.model, reader, "", published))

    def editable_by(self, reader: Reader) -> DocumentQuerySet:
        """Documents whose drafts, visibility and state this reader works on: those of the own provider, for its
        editors, approvers and stewards.
        """
        if not reader.edits_documents:
            return self.none()
        return self.filter(_access_now(reader), owner=reader.provider_id)

    def with_in_revision(self) -> DocumentQuerySet:
        """Annotates `in_revision`: a new version is being worked on."""
        return self.annotate(in_revision=Exists(self._versions().unfinished().filter(document=OuterRef("pk"))))

    def open_or_404(self, reader: Reader, number: str, version: int | None = None) -> OpenedDocument:
        """The document with this number, if it exists for the reader, and the version asked for.

        Without a version the current one, or for those who work on it the newest, or none where none is written yet.
        Otherwise the same 404, whatever the reason. The document is annotated with `in_revision`.
        """
        seen = self.visible_to(reader).with_in_revision().defer("search")
        document = get_object_or_404(seen.select_related("type", "area", "owner", "owner_unit"), number=number)
        works_on = self.editable_by(reader).filter(pk=document.pk).exists()
        # SECURITY: the rule of VersionQuerySet.visible_to, for a document just found visible to this reader.
        all_versions = document.versions.all() if works_on else document.versions.published()
        versions = list(all_versions.defer("body").order_by("-number"))
        picked = _picked(versions, version)
        if picked is None and (version is not None or not works_on):
            raise Http404
        return OpenedDocument(document, picked, versions, works_on)

    def _versions(self) -> VersionQuerySet:
        versions: VersionQuerySet = related_rows(self.model, "versions")
        return versions


class VersionQuerySet(models.QuerySet["Version"]):
    def published(self) -> VersionQuerySet:
        """Published now or before, and available at this moment."""
        return self.filter(_published_now())

    def unfinished(self) -> VersionQuerySet:
        """Not published yet and still meant to be."""
        return self.filter(state__in=UNFINISHED)

    def visible_to(self, reader: Reader) -> VersionQuerySet:
        """Versions this reader may open: published ones of visible documents, all of those one works on."""
        document = related_model(self.model, "document")
        return self.filter(_seen_by(document, reader, "document__", _published_now()))


@dataclass(frozen=True)
class OpenedDocument:
    """A document as one reader has it before them."""

    document: Document
    # The one shown, without its text until that is asked for; none of a document whose first is still to be written.
    version: Version | None
    # Those the reader may open, newest first, without their texts.
    versions: list[Version]
    # The reader works on its drafts, visibility and state.
    works_on: bool


def _picked(versions: list[Version], number: int | None) -> Version | None:
    for version in versions:
        if version.number == number or (number is None and version.state == "published"):
            return version
    return versions[0] if number is None and versions else None
