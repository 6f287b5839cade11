"""Visibility of documents, versions and files. No other file decides it.

Pages, files, search, counts, suggestions, feeds, the API and the admin's previews all ask here. Hidden by default:
a reader that no rule lets in gets nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.db.models import Case, Q, When
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.readers import Reader
from accounts.roles import Kind
from core import clock
from core.relations import related_rows
from core.written import Written

if TYPE_CHECKING:
    from documents.models import Document, Version

UNFINISHED = ("draft", "consultation", "in_review", "approved")
# Which version of a document one is shown before the others.
CURRENT_FIRST = Case(When(state="published", then=0), default=1)
FLAGS = ("visible_public", "visible_regional", "visible_private", "visible_municipal")


_SHOWN_NOW = (
    "({t}.available_from IS NULL OR {t}.available_from <= %s) AND ({t}.available_to IS NULL OR {t}.available_to > %s)"
)


def _published_now() -> Written:
    now = clock.now()
    return Written(f"{{t}}.state IN ('published', 'superseded') AND {_SHOWN_NOW}", now, now, of="state")


# The flag of each kind of provider.
FLAG_OF_KIND: dict[str, str] = {
    Kind.REGIONAL: "visible_regional",
    Kind.PRIVATE: "visible_private",
    Kind.MUNICIPAL: "visible_municipal",
}
# Tokens -------------------------------------------------------------------------------------------------------
# Whom a document is open to, as whole numbers in one indexed column (`Document.audience`), and who a reader is,
# likewise: open where the two have one in common. The database derives the column by `audience_sql`: a change here is
# installed by a migration of its own.
PUBLIC_TOKEN = 0
KIND_TOKENS: dict[str, int] = {Kind.REGIONAL: 1, Kind.PRIVATE: 2, Kind.MUNICIPAL: 3}
# A named place: three kinds of token, each counted on by the key of a provider or unit.
_WHOLE, _SOME_UNIT, _UNIT, _STEP = 10, 11, 12, 3


def whole_token(provider_id: int) -> int:
    """All of a provider: given to it as a whole."""
    return _WHOLE + _STEP * provider_id


def some_unit_token(provider_id: int) -> int:
    """Those who work for a whole provider see what any of its units was given."""
    return _SOME_UNIT + _STEP * provider_id


def unit_token(unit_id: int) -> int:
    return _UNIT + _STEP * unit_id


def audience_sql() -> str:
    """The function by which the database derives `audience` from a document's flags and its named readers."""
    flags = [(PUBLIC_TOKEN, "visible_public"), *((token, FLAG_OF_KIND[kind]) for kind, token in KIND_TOKENS.items())]
    (first, flag), *others = flags
    rows = [f"SELECT {first} AS token WHERE d.{flag}"]
    rows += [f"UNION ALL SELECT {token} WHERE d.{flag}" for token, flag in others]
    named = (
        (_WHOLE, "provider_id", "IS NULL"),
        (_SOME_UNIT, "provider_id", "IS NOT NULL"),
        (_UNIT, "unit_id", "IS NOT NULL"),
    )
    for base, key, unit in named:
        rows.append(
            f"UNION ALL SELECT {base} + {_STEP} * g.{key}::integer FROM documents_visibilitygrant g\n"  # noqa: S608
            f"            WHERE g.document_id = d.id AND g.unit_id {unit} AND g.until IS NULL"
        )
    # Names and numbers of this module alone.
    head = "CREATE FUNCTION documents_audience_of(d documents_document) RETURNS integer[] LANGUAGE sql STABLE AS $$"
    first_line = "    SELECT coalesce(array_agg(DISTINCT token ORDER BY token), '{}') FROM ("
    return "\n".join([head, first_line, *(f"        {row}" for row in rows), "    ) tokens", "$$;", ""])


def tokens_of(reader: Reader) -> list[int]:
    """The reader, in tokens. Without an assignment: the public alone."""
    if reader.provider_id is None or not reader.is_let_in:
        return [PUBLIC_TOKEN]
    own = unit_token(reader.unit_id) if reader.unit_id else some_unit_token(reader.provider_id)
    kind = KIND_TOKENS.get(reader.provider_kind)
    return [PUBLIC_TOKEN, *([kind] if kind else []), whole_token(reader.provider_id), own]


# Named until a day that has not passed. Not among the tokens: nothing happens in the database when a day ends.
_GRANTED = (
    "EXISTS (SELECT 1 FROM documents_visibilitygrant g WHERE g.document_id = {t}.id AND g.provider_id = %s"
    " AND g.until >= {today}"
)
_TO_UNIT = " AND (g.unit_id IS NULL OR g.unit_id = %s)"


def _open_to(reader: Reader, at: str) -> Written:
    """A document, at the end of the way `at`, that is open to a reader and not archived."""
    params: list[Any]
    sql, params = "{t}.audience && %s::integer[]", [tokens_of(reader)]
    if reader.is_let_in:
        sql += f" OR {_GRANTED}{_TO_UNIT if reader.unit_id else ''})"
        params += [reader.provider_id, *([reader.unit_id] if reader.unit_id else [])]
    return Written(f"({sql}) AND {{t}}.state <> 'archived'", *params, of=f"{at}state")


def _seen_by(reader: Reader, at: str, published: Q) -> Q:
    """The documents that exist for a reader: the published that are open to them, and all that their provider works on.

    `at` is the way to the document (empty, or `document__`), `published` says that what is asked for is published and
    available now. Hidden by default: without an assignment only what is open to all. That the reader's assignment
    gives access was asked when the request began (`ReaderMiddleware`); verbs ask again, under their lock.
    """
    seen = Q(_open_to(reader, at)) & published
    if reader.edits_documents:
        seen |= Q(**{f"{at}owner": reader.provider_id})
    if reader.viewer is not None:
        # With another's eyes one sees what they see, and of that what one sees oneself.
        seen &= _seen_by(reader.viewer, at, published)
    return seen


# Conditions of a row on the versions of its document.
_IN_REVISION = (
    "EXISTS (SELECT 1 FROM documents_version draft WHERE draft.document_id = {t}.id AND draft.state = ANY(%s))"
)
_TO_COME = (
    "EXISTS (SELECT 1 FROM documents_version next WHERE next.document_id = {t}.document_id"
    " AND next.state = 'published' AND next.available_from > %s)"
)
# One that was to come, and another was published before it came, is shown when its moment comes.
_LATER = (
    "EXISTS (SELECT 1 FROM documents_version later WHERE later.document_id = {t}.document_id"
    " AND later.state = 'superseded' AND later.number > {t}.number AND (SHOWN))"
).replace("SHOWN", _SHOWN_NOW.replace("{t}", "later"))
_STILL_APPLIES = f"{{t}}.state = 'superseded' AND {_TO_COME} AND NOT {_LATER}"


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, reader: Reader) -> DocumentQuerySet:
        """Documents that exist for this reader: published and open to them, or their own to work on."""
        return self.filter(_seen_by(reader, "", Q(shown__hold=clock.now())))

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
        return self.annotate(in_revision=Written(_IN_REVISION, list(UNFINISHED), of="state"))

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
        for one in versions:
            one.document = document
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
        now = clock.now()
        return self.annotate(still_applies=Written(_STILL_APPLIES, now, now, now, of="state"))

    def visible_to(self, reader: Reader) -> VersionQuerySet:
        """Versions this reader may open: published ones of visible documents, all of those one works on."""
        return self.filter(_seen_by(reader, "document__", Q(_published_now())))

    def of_visible(self, documents: Collection[Document], reader: Reader) -> VersionQuerySet:
        """The same versions, of documents that were just found visible to this reader: the rest of the rule.

        SECURITY: never for documents that came by another way than `visible_to`.
        """
        own = [d.pk for d in documents if reader.edits_documents and d.owner_id == reader.provider_id]
        others = [d.pk for d in documents if d.pk not in own]
        return self.filter(Q(document__in=own) | (Q(document__in=others) & Q(_published_now())))


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
