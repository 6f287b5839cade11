"""The documents that the administrators of a provider that has left take with them: its own, in all versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from accounts.departed.former import Former
from accounts.departed.package import Piece, safe_name
from documents.models import Document, Version

_FACTS = (
    "number", "state", "title", "summary", "keywords", "body", "change_summary", "is_major", "approver_label",
    "reviewer_label", "joint_body", "joint_reference", "file_name", "file_sha256",
)  # fmt: skip
_TIMES = (
    "valid_from", "valid_to", "available_from", "available_to", "approved_at", "joint_on", "published_at", "created_at",
)  # fmt: skip


def _own(former: Former) -> QuerySet[Document]:
    return Document.objects.filter(owner=former.assignment.provider_id, created_at__lt=former.left_at)


def entitles(former: Former) -> bool:
    return former.administers


def count(former: Former) -> int:
    return _own(former).count()


def pieces(former: Former) -> Iterator[Piece]:
    """For each document its JSON with all versions, and their files beside it. A sensitive one as well: it is the
    provider's own."""
    for document in _own(former).select_related("type", "area").order_by("pk").iterator(chunk_size=100):
        versions = list(document.versions.filter(created_at__lt=former.left_at).order_by("number"))
        yield Piece(f"dokument/{safe_name(document.number)}.json", data=_document(document, versions))
        for version in versions:
            if version.file:
                yield Piece(_path(version, document), stored=version.file)


def _path(version: Version, document: Document) -> str:
    return f"dokument/{safe_name(document.number)}/v{version.number}-{safe_name(version.file_name)}"


def _document(document: Document, versions: list[Version]) -> dict[str, Any]:
    return {
        "number": document.number,
        "type": str(document.type),
        "area": str(document.area) if document.area else "",
        "contact": document.contact,
        "registry_number": document.registry_number,
        "state": document.state,
        "versions": [_version(version, document) for version in versions],
    }


def _version(version: Version, document: Document) -> dict[str, Any]:
    times = {name: value.isoformat() if (value := getattr(version, name)) else None for name in _TIMES}
    file = {"file": _path(version, document)} if version.file else {}
    return {name: getattr(version, name) for name in _FACTS} | times | file
