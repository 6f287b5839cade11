"""The API, `/api/v1/`: what every part of it shares. Each app adds a router of its own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema

from core.api import problems
from core.api.problems import Problem
from documents.pushing.api import router as documents

_OK = 400


class Api(NinjaAPI):
    """Its description tells of each problem as such."""

    def get_openapi_schema(self, **told: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**told)
        operations = [one for path in schema["paths"].values() for one in path.values()]
        for response in (r for one in operations for status, r in one["responses"].items() if int(status) >= _OK):
            if content := response.get("content", {}).pop("application/json", None):
                response["content"][problems.CONTENT_TYPE] = content
        return schema


api = Api(
    title="Vårdgivarwebben",
    version="1",
    description="For programs: management systems that deliver documents. Keys are given on the page of each source.",
    docs_url=None,
    urls_namespace="api",
)
api.add_router("/documents/", documents)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problems.answer(request, problem)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problems.answer(request, Problem(401))


@api.exception_handler(Throttled)
def _too_many(request: HttpRequest, error: Throttled) -> HttpResponse:
    return problems.answer(request, Problem(429, retry_after=int(error.wait or 60)))


@api.exception_handler(ValidationError)
def _wrong(request: HttpRequest, error: ValidationError) -> HttpResponse:
    told = [(str(one["loc"][-1]), str(one["msg"])) for one in error.errors]
    return problems.answer(request, Problem(422, errors=told))


@api.exception_handler(HttpError)
def _other(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problems.answer(request, Problem(error.status_code))
