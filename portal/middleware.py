"""Bad input is refused before it reaches a view, and pages for one person are not kept by anybody else."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _

Next = Callable[[HttpRequest], HttpResponse]


class CompressPagesMiddleware(GZipMiddleware):
    """Pages are sent compressed. Files are not: they are compressed already, and their length is told.

    SECURITY: what stands beside a stranger's words in a compressed page can show in its length (BREACH). Django pads
    each answer by a random length, the form's secret is masked anew each time, and requests from other sites bring no
    cookie.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.get("Content-Type", "").startswith(("text/", "application/json")):
            return response
        return super().process_response(request, response)


# A little less than the server lets through (`limit_request_line`), so that it is we who say what is wrong.
LONGEST_ADDRESS = 8000


METHODS = ("GET", "HEAD", "POST")


class BadInputMiddleware:
    """No page answers another method than METHODS, whatever its view would make of it. A NUL byte can never be stored
    by PostgreSQL: in an address or a query it is a bad request, not a fault. And an address of megabytes is not taken
    apart.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        query = request.META.get("QUERY_STRING", "")
        if len(request.path) + len(query) > LONGEST_ADDRESS:
            # Not made longer by what is typed: the pages write their own address.
            request.META["QUERY_STRING"], request.path = "", "/"
            return render(
                request,
                "400.html",
                {"why": _("The address is too long. Search for fewer words.")},
                status=414,
            )
        if "\x00" in request.path or "%00" in query or "\x00" in query:
            return render(
                request,
                "400.html",
                {"why": _("The address holds a character that cannot be used.")},
                status=400,
            )
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, BadRequest):
            return render(request, "400.html", {"why": str(exception)}, status=400)
        if isinstance(exception, (DataError, ValueError)) and _holds_nul(request):
            # No keyboard types it. Forms say so beside the field; what is read without a form ends here.
            why = _("What you sent holds a character that cannot be used.")
            return render(request, "400.html", {"why": why}, status=400)
        return None


def _holds_nul(request: HttpRequest) -> bool:
    return any("\x00" in text for name, values in request.POST.lists() for text in (name, *values))


class PrivateByDefaultMiddleware:
    """SECURITY: what is made for one reader is never kept by a shared cache or shown from history after sign-out."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            signed_in = hasattr(request, "user") and request.user.is_authenticated
            patch_cache_control(response, private=True, **({"no_store": True} if signed_in else {"no_cache": True}))
        patch_vary_headers(response, ["Cookie"])
        return response
