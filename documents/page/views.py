"""Pages of documents: the list and its search, one document, its versions and files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import audit, notices
from accounts.readers import Reader, reader_of
from core.files import drawing, extraction, serving
from core.files.types import CONTENT_TYPES
from documents.acts import said
from documents.acts.origin import is_silent, kept_elsewhere
from documents.comparing import comparison
from documents.models import Document, Picture, Reading, Version
from documents.page import opens, presentation, printed
from documents.page.offers import offered
from documents.predicate import UNFINISHED, OpenedDocument
from documents.reading import findings, late_findings, page_images, pictures
from documents.visibility.preview import Visibility, in_words

# SECURITY: a file is a stranger's content on our own address: it may load nothing, run nothing and be framed
# by nobody.
# So long pages of one file, looked at one after the other, are one opening of it in the log.
LOOKED_SECONDS = 3600
FILE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def leaves_a_trace(reader: Reader, opened: OpenedDocument) -> bool:
    """Whether it is told that this reader opened it: what is public is read by nobody in particular."""
    is_public = (
        opened.document.visible_public and opened.version is not None and opened.version.published_at is not None
    )
    return opened.version is not None and (reader.viewer or reader).is_person and not is_public


def record(reader: Reader, action: str, opened: OpenedDocument) -> None:
    """That a person opened what is not public is a fact of the audit log."""
    if leaves_a_trace(reader, opened):
        assert opened.version
        who = reader.viewer or reader
        seen_as: dict[str, Any] = {"seen_as": [reader.provider_id, reader.unit_id]} if reader.viewer else {}
        number, version = opened.document.number, opened.version.number
        audit.record(action, by=who, target_type="document", target_id=number, version=version, **seen_as)


@require_safe
def document_page(request: HttpRequest, number: str, version: int | None = None) -> HttpResponse:
    """A document: its current version, or the one asked for."""
    reader = reader_of(request)
    try:
        opened = Document.objects.open_or_404(reader, number, version)
    except Http404:
        opens.count_missed(number, reader)
        raise
    said.put_on(opened.document, opened.version)
    record(reader, "opened_document", opened)
    opens.count(opened.document.pk, reader)
    notices.mark_read(request, url=opened.document.get_absolute_url())
    if opened.version is None:
        return render(request, "documents/unwritten.html", _about(opened))
    address = opened.document.get_absolute_url() + (f"v/{opened.version.number}/" if version is not None else "")
    context = context_of(opened, opened.version, reader, address=address, drawn_at=address)
    context |= _pages(request, opened, opened.version, address)
    response = render(request, "documents/document.html", context)
    if (chosen := request.GET.get("visa", "")) in (page_images.TEXT, page_images.PAGES):
        response.set_cookie(
            page_images.COOKIE,
            chosen,
            max_age=page_images.COOKIE_SECONDS,
            secure=settings.SECURE_COOKIES,
            samesite="Lax",
        )
    return response


def _pages(request: HttpRequest, opened: OpenedDocument, shown: Version, address: str) -> dict[str, Any]:
    """The page's words about its file's pages; nothing if there are none to be drawn."""
    if not page_images.count(shown):
        return {}
    shows = page_images.shows_pages(request, opened.document, shown)
    return {"has_sheets": True, "sheets": page_images.images(shown, address) if shows else []}


@require_safe
def print_sheet(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """The margins of every printed sheet of a version: a style sheet of its own, since only a style sheet can write
    there, and the policy lets none stand in a page.
    """
    opened = Document.objects.open_or_404(reader_of(request), number, version)
    assert opened.version
    said.put_on(opened.document, opened.version)
    standing = presentation.standing(opened.document, opened.version)
    sheet = printed.style_sheet(opened.document, opened.version, standing)
    response = HttpResponse(sheet, content_type="text/css; charset=utf-8")
    # It tells how the document stands today, and to whom it may be told.
    response["Cache-Control"] = "private, no-cache"
    return response


def _about(opened: OpenedDocument) -> dict[str, Any]:
    return {
        "document": opened.document,
        "applies": said.applies_in_words(opened.document),
        "visible_to": in_words(Visibility.of(opened.document, named=opened.works_on)),
        "works_on": opened.works_on,
        "origin": (origin := kept_elsewhere(opened.document)),
        "source_is_silent": origin and is_silent(origin.source),
    }


def context_of(
    opened: OpenedDocument, shown: Version, reader: Reader, *, address: str, drawn_at: str = ""
) -> dict[str, Any]:
    """The context of documents/document.html: a version as its readers see it. Its file is at `address`fil/, and the
    pages of that are drawn at `drawn_at`sida/ (nowhere, where that is left out).
    """
    document, about = opened.document, _about(opened)
    unfinished = next((v for v in opened.versions if v.state in UNFINISHED), None)
    to_come = next((v for v in opened.versions if v.is_to_come), None)
    return {
        **about,
        "offers": offered(opened, unfinished, to_come) if about["origin"] is None else [],
        "version": shown,
        "versions": presentation.with_the_one_before(document, opened.versions),
        "current": next((v for v in opened.versions if v.applies), None),
        "standing": presentation.standing(document, shown, in_revision=document.in_revision),  # type: ignore[attr-defined]
        "text": presentation.text_of(shown, reader, drawn_at),
        "is_held_back": late_findings.holds_back(shown),
        "is_waiting": shown.read.state == Reading.State.WAITING,
        "lacking": findings.lacking(shown) if shown.file and not shown.body else [],
        "found": findings.found_in(shown) if opened.works_on else [],
        "file": presentation.file_facts(document, shown, url=f"{address}fil/"),
        "replacement": presentation.replacement(document, reader),
        "changed_since": presentation.changed_since(opened.versions, shown),
        "report_url": "/avvikelser/ny/?" + urlencode({"dokument": document.number}),
    }


@require_safe
def document_file(request: HttpRequest, number: str, version: int | None = None) -> HttpResponseBase:
    """The file of the current version, or of the one asked for. Only through the check, each time."""
    return file_of(request, Document.objects.open_or_404(reader_of(request), number, version))


def file_of(request: HttpRequest, opened: OpenedDocument) -> HttpResponseBase:
    """The file of an opened document's version, to a reader of whom it has been found out that they may have it."""
    shown = opened.version
    if shown is None or not shown.file:
        raise Http404
    record(reader_of(request), "opened_file", opened)
    return _served(request, shown, shown.file_name, back=opened.document.get_absolute_url())


@require_safe
def picture(request: HttpRequest, number: str, ordinal: int) -> HttpResponseBase:
    """A picture of a text that the reader may read."""
    reader = reader_of(request)
    opened = Document.objects.open_or_404(reader, number)
    shown = pictures.shown_or_404(opened, ordinal, reader)
    return _served(request, shown, f"{opened.document.number} {shown}", back=opened.document.get_absolute_url())


@require_safe
def page_picture(request: HttpRequest, number: str, page: int, version: int | None = None) -> HttpResponseBase:
    """A page of the version's file as a picture, or a part of one. Only through the check, each time."""
    opened = Document.objects.open_or_404(reader_of(request), number, version)
    shown = opened.version
    chosen = page_images.asked(request, shown, page) if shown else None
    if shown is None or chosen is None:
        raise Http404
    width, part = chosen
    mark = f"{page}-{width}-{'-'.join(map(str, part or ()))}"
    return _drawn(request, opened, mark, partial(drawing.drawn, shown.file, shown.file_sha256, page, width, part))


@require_safe
def figure(request: HttpRequest, number: str, ordinal: int, version: int | None = None) -> HttpResponseBase:
    """A picture that stands in the version's file, of those its text shows. Only through the check, each time."""
    opened = Document.objects.open_or_404(reader_of(request), number, version)
    shown = opened.version
    if shown is None or not shown.file or ordinal not in page_images.figures(shown):
        raise Http404
    kind = next(kind for kind, content_type in CONTENT_TYPES.items() if content_type == shown.file_type)
    drawn = partial(drawing.figure, shown.file, shown.file_sha256, kind, ordinal)
    return _drawn(request, opened, f"figur-{ordinal}", drawn)


def _record_once(reader: Reader, opened: OpenedDocument) -> None:
    """Viewing page images counts as opening the file: the log gets one event an hour for all of them.

    SECURITY: pictures can be asked for without the page that shows them, and would else be read without a trace.
    """
    if leaves_a_trace(reader, opened):
        assert opened.version
        who = reader.viewer or reader
        looked = f"looked-{who.user_id}-{reader.provider_id}-{reader.unit_id}-{opened.version.pk}"
        if cache.add(looked, True, LOOKED_SECONDS):
            record(reader, "opened_file", opened)


def _drawn(
    request: HttpRequest, opened: OpenedDocument, mark: str, draw: Callable[[], drawing.Drawn]
) -> HttpResponseBase:
    """A picture of what the opened version's file holds; `mark` tells it from others of the same file."""
    assert opened.version
    etag = f'"{opened.version.file_sha256}-{mark}"'
    response: HttpResponseBase = get_conditional_response(request, etag=etag) or HttpResponse()
    if response.status_code == 200:
        _record_once(reader_of(request), opened)
        try:
            drawn = draw()
            content = serving.open_stored(drawn.path)
        except drawing.TooManyAtOnce:
            return HttpResponse(status=503, headers={"Retry-After": "5"})
        except (extraction.ExtractionFailed, OSError, ValueError):
            content = None
        if content is None:
            return serving.gone_page(request, back=opened.document.get_absolute_url())
        response = FileResponse(content, content_type=drawn.content_type)
    return _kept_by_the_browser_alone(response, etag, f"{FILE_POLICY}; sandbox")


def _kept_by_the_browser_alone(response: HttpResponseBase, etag: str, policy: str) -> HttpResponseBase:
    """And asked for anew each time: what is closed is closed at once."""
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["Content-Security-Policy"] = policy
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _served(request: HttpRequest, stored: Version | Picture, name: str, *, back: str) -> HttpResponseBase:
    """The stored file of a row; the browser asks anew each time, and gets the same answer only if it is the same
    still."""
    etag = f'"{stored.file_sha256}"'
    is_pdf, is_picture = stored.file_type == CONTENT_TYPES["pdf"], isinstance(stored, Picture)
    unchanged = get_conditional_response(request, etag=etag)
    response: HttpResponseBase = unchanged or HttpResponse()
    if unchanged is None:
        content = serving.open_stored(stored.file)
        if content is None:
            return serving.gone_page(request, back=back)
        # FileResponse writes the name so that å, ä and ö come through (RFC 6266).
        is_saved = not (is_pdf or is_picture)
        response = FileResponse(content, as_attachment=is_saved, filename=name, content_type=stored.file_type)
        response["Content-Length"] = str(stored.file_size)
    # The browsers' own PDF viewers do not open in a sandbox; all else that a file could be stays in one.
    return _kept_by_the_browser_alone(response, etag, FILE_POLICY if is_pdf else f"{FILE_POLICY}; sandbox")


@require_safe
def compare(request: HttpRequest, number: str, older: int | None = None, newer: int | None = None) -> HttpResponse:
    """The differences between two versions that the reader may open; `?fran=` and `?till=` choose others."""
    if older is None or newer is None:
        chosen = [request.GET.get(name, "") for name in ("fran", "till")]
        if not all(v.isascii() and v.isdigit() and len(v) < 6 for v in chosen):
            raise Http404
        return redirect("compare_versions", number, *map(int, chosen))
    reader = reader_of(request)
    opened = Document.objects.open_or_404(reader, number, newer)
    earlier = Document.objects.open_or_404(reader, number, older)
    for one in (opened, earlier):
        record(reader, "opened_document", one)
    assert opened.version
    assert earlier.version
    first, last = earlier.version, opened.version
    context = {
        "document": said.put_on(opened.document, last),
        "standing": presentation.standing(opened.document, last),
        "versions": opened.versions[::-1],
        "older": first,
        "newer": last,
        "comparison": comparison.compare(first, last),
        "facts": said.differing(first, last) + presentation.differing_facts(first, last),
        "beginning": _("The beginning"),
        "is_whole": "hela" in request.GET,
    }
    return render(request, "documents/compare.html", context)
