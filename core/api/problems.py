"""Answers of the API that tell what is wrong (RFC 9457), in Swedish, or in English where that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Schema
from pydantic import Field

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: gettext_lazy("The question cannot be read"),
    401: gettext_lazy("The key is not known"),
    403: gettext_lazy("The key may not do this"),
    404: gettext_lazy("There is no such thing"),
    409: gettext_lazy("It does not agree with what is here"),
    413: gettext_lazy("The file is too large"),
    422: gettext_lazy("Something in it is wrong"),
    429: gettext_lazy("Too many questions"),
    503: gettext_lazy("Not at this moment"),
}


class Fault(Schema):
    """A single fault."""

    field: str = Field(description="The name of the field; empty where it is of none.")
    detail: str = Field(description="What is wrong and how to mend it.")


class ProblemSchema(Schema):
    """Problem details (RFC 9457)."""

    type: str = Field(description="The kind of problem: about:blank where the status says it.")
    title: str
    status: int
    detail: str
    errors: list[Fault] = Field(description="The faults one by one, where there are any.")


class Problem(Exception):
    """The API answers with this status. `detail` is said in the language of `spoken`, which the caller is within."""

    def __init__(
        self, status: int, detail: str = "", *, errors: Sequence[tuple[str, str]] = (), retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.retry_after = status, detail, list(errors), retry_after


@contextmanager
def spoken(request: HttpRequest) -> Iterator[None]:
    """Within it words are in the language that the program asks for (`Accept-Language`); Swedish else."""
    asked = request.headers.get("Accept-Language", "")
    with translation.override(translation.get_language_from_request(request) if asked else "sv"):
        yield


def answer(request: HttpRequest, problem: Problem) -> JsonResponse:
    with spoken(request):
        title = str(TITLES.get(problem.status, _("Something went wrong")))
        told: dict[str, Any] = {
            "type": "about:blank", "title": title, "status": problem.status, "detail": problem.detail or title,
            "errors": [{"field": field, "detail": detail} for field, detail in problem.errors],
        }  # fmt: skip
        language = translation.get_language()
    response = JsonResponse(told, status=problem.status, content_type=CONTENT_TYPE)
    response["Content-Language"] = language
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response
