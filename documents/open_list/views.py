"""The addresses that other sites read: as nobody, whoever asks."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from documents.open_list import entries, feeds, items
from documents.open_list import schema as schemas

SCHEMA = "/dokument/oppna.schema.json"
SIZE, MOST = 25, 100


def _number(text: str, default: int, most: int) -> int | None:
    """A whole number of an address; None for what is none."""
    if not text:
        return default
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 and int(text) <= most else None


def _open(response: HttpResponseBase, etag: str = "") -> HttpResponseBase:
    """Every site may read it, and asks each time whether it still holds."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "ETag"
    response["Cache-Control"] = "public, no-cache"
    if etag:
        response["ETag"] = etag
    return response


def _unchanged(request: HttpRequest, etag: str) -> HttpResponseBase | None:
    response = get_conditional_response(request, etag=etag)
    return _open(response, etag) if response is not None else None


def _refused(words: str) -> HttpResponseBase:
    return _open(JsonResponse({"fault": words}, status=400))


@require_safe
def open_list(request: HttpRequest) -> HttpResponseBase:
    """The list from a cursor on: `efter` (a cursor), `antal` (1 to MOST), `text=0` (facts alone)."""
    last = entries.bring_up_to_date()
    after = _number(request.GET.get("efter", ""), 0, last)
    size = _number(request.GET.get("antal", ""), SIZE, MOST)
    begun = _number(request.GET.get("fran", ""), 0, last)
    if after is None or begun is None:
        return _refused(_("The cursor is none of this list. Begin anew, without “efter”."))
    if not size:
        return _refused(_("“antal” is a number from 1 to %d.") % MOST)
    with_text = request.GET.get("text") != "0"
    etag = f'"{last}-{after}-{size}-{begun}-{int(with_text)}"'
    if unchanged := _unchanged(request, etag):
        return unchanged
    page = entries.page(after, size, begun)
    more = (f"&fran={page.begun}" if page.begun else "") + ("" if with_text else "&text=0")
    told = {
        "schema": f"{settings.PORTAL_URL}{SCHEMA}",
        "documents": [items.item(entry, with_text=with_text) for entry in page.entries],
        "cursor": str(page.cursor),
        "next": f"{settings.PORTAL_URL}/dokument/oppna.json?efter={page.cursor}&antal={size}{more}"
        if page.has_more
        else None,
    }  # fmt: skip
    return _open(JsonResponse(told, json_dumps_params={"ensure_ascii": False}), etag)


@require_safe
def open_schema(request: HttpRequest) -> HttpResponseBase:
    """The list's JSON Schema."""
    told: dict[str, Any] = schemas.schema(f"{settings.PORTAL_URL}{SCHEMA}")
    return _open(JsonResponse(told, content_type="application/schema+json"))


@require_safe
def atom(request: HttpRequest) -> HttpResponseBase:
    """The latest changed, narrowed by `typ`, `omrade` and `agare`."""
    choice, last = feeds.Choice.of(request.GET), entries.bring_up_to_date()
    query = request.GET.urlencode()
    etag = f'"{last}-{query}"'.replace("%", "_")
    if (unchanged := get_conditional_response(request, etag=etag)) is not None:
        return unchanged
    with override("sv"):
        text = feeds.atom(choice, f"{settings.PORTAL_URL}{request.path}{'?' if query else ''}{query}")
    response = HttpResponse(text, content_type="application/atom+xml; charset=utf-8")
    response["ETag"], response["Cache-Control"] = etag, "public, no-cache"
    return response


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """All that is open, for search engines; in parts, where it is more than one file may hold."""
    rows, size = feeds.site_addresses(), feeds.SITEMAP_SIZE
    part = _number(request.GET.get("del", ""), 0, 50_000)
    context: dict[str, Any] = {"rows": rows}
    if part:
        context["rows"] = rows[(part - 1) * size : part * size]
    elif len(rows) > size:
        address = f"{settings.PORTAL_URL}{request.path}"
        context = {"parts": [f"{address}?del={n + 1}" for n in range(-(-len(rows) // size))]}
    return render(request, "documents/open_list/sitemap.xml", context, content_type="application/xml")


@require_safe
def opensearch(request: HttpRequest) -> HttpResponse:
    """The portal's search, for a browser's own box."""
    context = {"url": settings.PORTAL_URL, "name": settings.PORTAL_NAME, "region": settings.PORTAL_REGION}
    content_type = "application/opensearchdescription+xml"
    return render(request, "documents/open_list/opensearch.xml", context, content_type=content_type)


@require_safe
@xframe_options_exempt
def framed(request: HttpRequest) -> HttpResponseBase:
    """A list for another site's page, narrowed by `typ`, `omrade` and `agare`. No cookie is read or set.

    SECURITY: the one page that may stand in a frame, and only of the sites in PORTAL_EMBED_SITES.
    """
    sites = settings.PORTAL_EMBED_SITES or ["'none'"]
    return csp_replace({"frame-ancestors": sites})(_frame)(request)


def _frame(request: HttpRequest) -> HttpResponse:
    choice = feeds.Choice.of(request.GET)
    with override("sv"):
        rows, more = feeds.framed(choice)
        context = {"rows": rows, "more": more, "choice": choice, "all": f"{settings.PORTAL_URL}/dokument/"}
        response = render(request, "documents/open_list/framed.html", context)
    response["Cache-Control"] = "public, no-cache"
    return response
