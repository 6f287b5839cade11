"""`POST /api/v1/documents/{source}/{number}/versions/`: the door for a system that pushes. Thin: `pushing.push`."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from ninja import File, Form, Router, Schema, UploadedFile
from ninja.security import HttpBearer
from ninja.throttling import AuthRateThrottle
from pydantic import Field

from core.api import problems
from core.api.problems import Problem, ProblemSchema
from documents.models import SourceKey
from documents.pushing import keys, push

router = Router(tags=["documents"])


class SourceAuth(HttpBearer):
    """A source's key, as `Authorization: Bearer vgw_…`."""

    def authenticate(self, request: HttpRequest, token: str) -> SourceKey | None:
        return keys.opened_by(token)


class Facts(Schema):
    """The facts of a version, as a row of a delivery tells them. States, rights and kinds are those of the portal or
    the words of the source's mapping."""

    version: str = Field(max_length=40, description="As the source names it.")
    title: str = Field(max_length=250)
    state: str = Field(description="published, draft or revoked.")
    type: str = Field("", description="The code or name of a document type; else the beginning of the number tells.")
    approved: str = Field("", description="The day it was approved: 2026-03-01. Needed of what is published.")
    approver: str = Field("", max_length=200)
    valid_from: str = Field("", description="2026-03-01")
    valid_to: str = Field("", description="2028-03-01")
    rights: str = Field("", description="public, regional, private, municipal or closed, with commas. A proposal.")
    applies: str = Field("", description="all, or of regional, private and municipal.")
    former_number: str = Field("", max_length=40, description="The number that the source gave it before.")
    address: str = Field("", description="Its addresses elsewhere, with spaces.")
    keywords: str = Field("", description="With commas.")
    summary: str = Field("", max_length=500)


class Taken(Schema):
    """The document as it is now."""

    outcome: str = Field(description="new, changed, unchanged, revoked or passed.")
    number: str = Field(description="Its number in the portal.")
    url: str
    version: int | None = Field(description="The number of its version in the portal, where it has one.")
    waits: str = Field(description="held_back, wider or unclear, where its readers wait for a steward; else empty.")


REFUSED = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 429, 503), ProblemSchema)


@router.post(
    "/{source}/{number}/versions/",
    auth=SourceAuth(),
    throttle=[AuthRateThrottle(settings.PORTAL_API_RATE)],
    response={200: Taken, 201: Taken, **REFUSED},
    operation_id="push_version",
    summary="Push a version",
)
def push_version(
    request: HttpRequest, source: str, number: str, facts: Form[Facts], file: File[UploadedFile | None] = None
) -> tuple[int, Taken]:
    """Takes a version of a document in: multipart, with the facts as fields and the file as `file`. The same again
    changes nothing and answers 200; a document that was not here answers 201."""
    key: SourceKey = request.auth  # type: ignore[attr-defined]
    with problems.spoken(request):
        if key.source.code != source:
            raise Problem(404)
        done = push.push(key, number, facts.dict(), file)
    return (201 if done.outcome == "new" else 200), Taken(**done.told())
