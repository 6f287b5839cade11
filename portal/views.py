"""Pages that belong to no single app."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.beginning import beginning
from accounts.departed import former
from accounts.forms import drafts, opened_as
from accounts.forms.session import FormSession
from accounts.readers import PUBLIC, reader_of
from core import clock
from core.leading import back_to
from deviations.inbox.lists import start_page_cases, waiting_at
from documents.desk.waiting import waiting_for
from documents.intake import leading
from documents.missing.forms import MISSING_KEY, missing_form
from documents.page.lists import changed_documents, programme_areas
from documents.watch import lists as watch
from portal import health, outage
from portal.duties import duties


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    reader = reader_of(request)
    return render(
        request,
        "portal/start.html",
        {
            "changed": changed_documents(reader, limit=6),
            "areas": programme_areas(reader, limit=8),
            "cases": start_page_cases(reader, limit=5),
            "draft": drafts.find(reader, "deviation"),
            "today": clock.today(),
            "desk": waiting_for(reader),
            "findings": watch.first(reader, 3) if reader.edits_documents else [],
            "findings_count": watch.mine(reader) if reader.edits_documents else 0,
            "waiting": waiting_at(reader),
            "beginning": beginning(reader),
            "duties": duties(reader),
            "departed": former.of_person(reader.user_id) if reader.is_person and not reader.is_let_in else [],
        },
    )


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """A page of fixed text; `slug` comes from the URL table, never from the visitor."""
    # The operator's words about themselves; a missing one shows as something to fill in.
    return render(request, f"portal/pages/{slug}.html", {"operator": settings.PORTAL_OPERATOR})


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    code = request.POST.get("language", "")
    target = request.POST.get("next", "/")
    response = back_to(target, request)
    if code in dict(settings.LANGUAGES) and check_for_language(code):
        if request.user.is_authenticated:
            request.user.language = code
            request.user.save(update_fields=["language"])
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=365 * 86400,
            secure=settings.SECURE_COOKIES,
            samesite="Lax",
        )
    return response


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/components.html")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """How the portal is, part by part: 503 where it is down, 200 where it goes on (`portal.health`)."""
    parts = health.parts()
    standing = health.standing(parts)
    told = {"status": standing, "parts": {part.name: part.standing for part in parts}}
    return JsonResponse(told, status=503 if standing == "down" else 200)


def closed(request: HttpRequest) -> HttpResponse:
    """An address of a library's that the portal does not offer."""
    raise Http404


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The request could not be taken in. Says what to mend where that is known."""
    why = ""
    if isinstance(exception, RequestDataTooBig):
        why = _("What you sent is too big: a form takes at most %d MB of text.") % (
            settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1_000_000
        )
    elif isinstance(exception, (TooManyFieldsSent, TooManyFilesSent)):
        why = _("What you sent has too many fields or files.")
    return render(request, "400.html", {"why": why}, status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours. If only the database is away, the page says so, and that it will be back."""
    return outage.failed(request, sys.exc_info()[1]) or HttpResponse(render_to_string("500.html"), status=500)


def not_found(request: HttpRequest, exception: Http404 | Exception) -> HttpResponse:
    """The same words for what does not exist and what the reader may not see. An address or a number that a document
    had before leads to it."""
    reader = getattr(request, "reader", PUBLIC)
    if request.method in ("GET", "HEAD") and (there := leading.leads_to(reader, request.get_full_path())):
        return redirect(there)
    session = FormSession(request, MISSING_KEY)
    return render(request, "404.html", {"form": missing_form(session), "ticket": session.ticket}, status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """The protection of the form has run out, as when one signed in anew in another tab: nothing is carried out, and
    the page that answers holds what was typed."""
    return opened_as.not_carried_out(request, opened_as.read(request.POST.get(opened_as.FIELD, "")), status=403)
