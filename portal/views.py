"""Pages that belong to no single app."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts import clock, drafts
from accounts.readers import reader_of
from deviations.lists import start_page_cases
from documents.forms import MissingDocumentForm
from documents.lists import changed_documents, programme_areas
from documents.missing import report_missing


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
        },
    )


def missing(request: HttpRequest) -> HttpResponse:
    """ "I miss a document": told to the publication steward, whether or not such a document exists."""
    form = MissingDocumentForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid():
        report_missing(form.cleaned_data["what"], form.cleaned_data["unit"], by=reader_of(request))
        messages.success(request, _("Thank you. The one responsible for publication has been told."))
        return redirect("start")
    return render(request, "portal/missing.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """A page of fixed text; `slug` comes from the URL table, never from the visitor."""
    # What the one who runs the portal says of itself; what is not said shows as something to fill in.
    return render(request, f"portal/pages/{slug}.html", {"operator": settings.PORTAL_OPERATOR})


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    code = request.POST.get("language", "")
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = redirect(target)
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
@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """The process can do its work: the database answers and has this code's migrations."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Exception:  # whatever the fault, the answer is the same: not ready
        return JsonResponse({"status": "database unavailable"}, status=503)
    if waiting:
        return JsonResponse({"status": "migrations waiting"}, status=503)
    return JsonResponse({"status": "ok"})


def closed(request: HttpRequest) -> HttpResponse:
    """An address of a library's that the portal does not offer."""
    raise Http404


def not_found(request: HttpRequest, exception: Http404 | Exception) -> HttpResponse:
    """The same words for what does not exist and what the reader may not see."""
    form = MissingDocumentForm(reader=reader_of(request))
    return render(request, "404.html", {"form": form}, status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """The session ended or another tab signed in anew: what was typed is kept where a draft can hold it."""
    return render(request, "403_csrf.html", status=403)
