"""Who may see which document, version and file. No other file decides it.

Pages, files, search, counts, suggestions, feeds, the API and the admin's previews all ask here. Hidden by default:
a reader that no rule lets in gets nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts import clock
from accounts.readers import Reader
from accounts.relations import related_model, related_rows
from accounts.roles import Kind

if TYPE_CHECKING:
    from documents.models import Document, Version

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


# The flag of each kind of provider.
FLAG_OF_KIND: dict[str, str] = {
    Kind.REGIONAL: "visible_regional",
    Kind.PRIVATE: "visible_private",
    Kind.MUNICIPAL: "visible_municipal",
}
# Tokens -------------------------------------------------------------------------------------------------------
# Whom a document is open to, as whole numbers in one indexed column (`Document.audience`), and who a reader is,
# likewise: open where the two have one in common. The database derives the column by the same numbers
# (migration 0006, `documents_audience_of`): what is changed here is changed there.
PUBLIC_TOKEN = 0
KIND_TOKENS: dict[str, int] = {Kind.REGIONAL: 1, Kind.PRIVATE: 2, Kind.MUNICIPAL: 3}


def whole_token(provider_id: int) -> int:
    """All of a provider: given to it as a whole."""
    return 10 + 3 * provider_id


def some_unit_token(provider_id: int) -> int:
    """Those who work for a whole provider see what any of its units was given."""
    return 11 + 3 * provider_id


def unit_token(unit_id: int) -> int:
    return 12 + 3 * unit_id


def tokens_of(reader: Reader) -> list[int]:
    """Who a reader is. Without an assignment: the public alone."""
    if reader.provider_id is None or not reader.is_let_in:
        return [PUBLIC_TOKEN]
    own = unit_token(reader.unit_id) if reader.unit_id else some_unit_token(reader.provider_id)
    kind = KIND_TOKENS.get(reader.provider_kind)
    return [PUBLIC_TOKEN, *([kind] if kind else []), whole_token(reader.provider_id), own]


def _granted_until(document: type[models.Model], reader: Reader, at: str) -> Q:
    """Named until a day that has not passed. Not among the tokens: nothing happens in the database when a day ends."""
    named = related_rows(document, "grants").filter(
        document=OuterRef(f"{at}pk"), provider=reader.provider_id, until__gte=clock.SwedishToday()
    )
    if reader.unit_id:
        named = named.filter(Q(unit=None) | Q(unit=reader.unit_id))
    return Q(Exists(named))


def _seen_by(document: type[models.Model], reader: Reader, at: str, published: Q) -> Q:
    """What exists for a reader: the published that is open to them, and all that their provider works on.

    `at` is the way to the document (empty, or `document__`), `published` says that what is asked for is published and
    available now. Hidden by default: without an assignment only what is open to all. That the reader's assignment
    gives access was asked when the request began (`ReaderMiddleware`); verbs ask again, under their lock.
    """
    open_to = Q(**{f"{at}audience__overlap": tokens_of(reader)})
    if reader.is_let_in:
        open_to |= _granted_until(document, reader, at)
    seen = ~Q(**{f"{at}state": "archived"}) & published & open_to
    if reader.edits_documents:
        seen |= Q(**{f"{at}owner": reader.provider_id})
    if reader.viewer is not None:
        # With another's eyes one sees what they see, and of that what one sees oneself.
        seen &= _seen_by(document, reader.viewer, at, published)
    return seen


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, reader: Reader) -> DocumentQuerySet:
        """Documents that exist for this reader: published and open to them, or their own to work on."""
        return self.filter(_seen_by(self.model, reader, "", Q(shown__hold=clock.now())))

    def editable_by(self, reader: Reader) -> DocumentQuerySet:
        """Documents whose drafts, visibility and state this reader works on: those of the own provider, for its
        editors, approvers and stewards.
        """
        if not reader.edits_documents:
            return self.none()
        return self.filter(owner=reader.provider_id)

    def worked_on_or_404(self, reader: Reader, number: str) -> Document:
        """The document with this number, for those who work on it; for others it is not there."""
        seen = self.visible_to(reader).editable_by(reader).defer("search", "search_title")
        return get_object_or_404(seen.select_related("type", "owner", "area", "owner_unit"), number=number)

    def with_in_revision(self) -> DocumentQuerySet:
        """Annotates `in_revision`: a new version is being worked on."""
        return self.annotate(in_revision=Exists(self._versions().unfinished().filter(document=OuterRef("pk"))))

    def open_or_404(self, reader: Reader, number: str, version: int | None = None) -> OpenedDocument:
        """The document with this number, if it exists for the reader, and the version asked for.

        Without a version the current one, or for those who work on it the newest, or none where none is written yet.
        Otherwise the same 404, whatever the reason. The document is annotated with `in_revision`.
        """
        seen = self.visible_to(reader).with_in_revision().defer("search", "search_title")
        document = get_object_or_404(seen.select_related("type", "area", "owner", "owner_unit"), number=number)
        works_on = reader.edits_documents and document.owner_id == reader.provider_id
        all_versions = self._versions().of_visible([document], reader)
        versions = list(all_versions.with_applies().defer("body").order_by("-number"))
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

    def with_applies(self) -> VersionQuerySet:
        """Annotates `still_applies`: superseded by a version that is not shown yet, and until then the one that
        applies. Which moment that is, or that there is one, is not told.
        """
        of_it = self.model._default_manager.filter(document=OuterRef("document"))
        to_come = Exists(of_it.filter(state="published", available_from__gt=clock.now()))
        # One that was to come, and another was published before it came, is shown when its moment comes.
        later = Exists(of_it.filter(_published_now(), state="superseded", number__gt=OuterRef("number")))
        still = Q(state="superseded") & Q(to_come) & ~Q(later)
        return self.annotate(still_applies=Case(When(still, then=Value(True)), default=Value(False)))

    def visible_to(self, reader: Reader) -> VersionQuerySet:
        """Versions this reader may open: published ones of visible documents, all of those one works on."""
        document = related_model(self.model, "document")
        return self.filter(_seen_by(document, reader, "document__", _published_now()))

    def of_visible(self, documents: Collection[Document], reader: Reader) -> VersionQuerySet:
        """The same versions, of documents that were just found visible to this reader: the rest of the rule.

        SECURITY: never for documents that came by another way than `visible_to`.
        """
        own = [d.pk for d in documents if reader.edits_documents and d.owner_id == reader.provider_id]
        others = [d.pk for d in documents if d.pk not in own]
        return self.filter(Q(document__in=own) | (Q(document__in=others) & _published_now()))


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
        if version.number == number or (number is None and version.applies):
            return version
    return versions[0] if number is None and versions else None


# Proof ----------------------------------------------------------------------------------------------------------
def differing() -> list[str]:
    """Numbers of documents whose derived columns differ from what they derive from: none, if the triggers hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number FROM documents_document d WHERE audience IS DISTINCT FROM documents_audience_of(d)"
            " OR shown IS DISTINCT FROM documents_shown_of(d)"
            " OR changed_at IS DISTINCT FROM documents_changed_of(d) ORDER BY number"
        )
        return [number for (number,) in cursor.fetchall()]


def derive_again(numbers: list[str]) -> None:
    """Any update derives anew; this one changes nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE documents_document SET id = id WHERE number = ANY(%s)", [numbers])
