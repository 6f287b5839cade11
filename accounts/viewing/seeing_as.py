"""Visa som: the portal as readers elsewhere see it, for those who decide who sees what.

A page shows what the other sees and one sees oneself. Nothing is done meanwhile: what changes anything is refused, and
what hangs on the person (cases, notices, drafts, roles) is away.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import audit
from accounts.models import CareUnit, Provider
from accounts.providers import places
from accounts.readers import Reader, reader_of
from accounts.roles import DOCUMENT_ROLES, Kind, Role

KEY = "view_as"
PUBLIC_VALUE = "alla"
# Requests that are allowed while one views as another: to end it, to sign out, and the language.
STILL_SENT = frozenset({"end_view_as", "account_logout", "language"})
# Pages that exist meanwhile: those that the other reads. All else is the person's own, or nobody's to see so.
OPEN = STILL_SENT | {
    "start", "documents", "suggestions", "document", "document_version", "document_file", "document_version_file",
    "page_picture", "version_page_picture", "figure", "version_figure", "picture", "print_sheet", "compare",
    "compare_versions", "missing", "accessibility", "public_records", "personal_data", "healthz", "readyz",
}  # fmt: skip
Next = Callable[[HttpRequest], HttpResponse]


def may_view_as(reader: Reader) -> bool:
    """Regional editors, and system administrators."""
    if reader.assignment_id is None:
        return reader.is_superuser
    edits = reader.provider_kind == Kind.REGIONAL and bool(reader.roles & DOCUMENT_ROLES)
    return edits or Role.SYSTEM_ADMIN in reader.roles or reader.is_superuser


def begin(request: HttpRequest, value: str) -> bool:
    """View as the place that the value names, or the public, from the next request on. False where there is none."""
    reader = reader_of(request)
    place = None if value == PUBLIC_VALUE else places.known([value]).get(value)
    if not may_view_as(reader) or (place is None and value != PUBLIC_VALUE):
        return False
    _record("began_view_as", reader, place.unit_id if place else None, place.provider_id if place else None)
    request.session[KEY] = [place.provider_id, place.unit_id] if place else []
    return True


def end(request: HttpRequest) -> None:
    seen_as = reader_of(request)
    if request.session.pop(KEY, None) is not None and seen_as.viewer:
        _record("ended_view_as", seen_as.viewer, seen_as.unit_id, seen_as.provider_id)


def _record(action: str, by: Reader, unit_id: int | None, provider_id: int | None) -> None:
    what = "unit" if unit_id else "provider" if provider_id else "public"
    audit.record(action, by=by, target_type=what, target_id=unit_id or provider_id or "")


def seen_as(request: HttpRequest, own: Reader) -> Reader:
    """The reader of this request: somebody at the place that is viewed as, or oneself.

    SECURITY: the right is asked anew each time; with it ends the viewing, and what is left of it in the session.
    """
    chosen = request.session.get(KEY)
    if chosen is None:
        return own
    if not may_view_as(own):
        request.session.pop(KEY)
        return own
    if not chosen:
        return Reader(viewer=own)
    provider_id, unit_id = chosen
    return eyes_of(provider_id, unit_id, own)


def eyes_of(provider_id: int, unit_id: int | None, own: Reader) -> Reader:
    """Somebody who works at this provider or unit, with whose eyes one looks."""
    # Somebody there as they are today: where the provider has no access, or the unit is closed, the public's share.
    provider = Provider.objects.filter(pk=provider_id).first()
    unit = CareUnit.objects.filter(pk=unit_id, provider=provider_id).first() if unit_id else None
    if provider is None or (unit_id and unit is None):
        return Reader(viewer=own)
    lets_in = Provider.objects.with_access().filter(pk=provider_id).exists() and (unit is None or unit.is_active)
    return Reader(
        provider_id=provider.pk if lets_in else None,
        provider_kind=provider.kind,
        provider_name=provider.name,
        unit_id=unit.pk if unit and lets_in else None,
        unit_name=unit.name if unit else "",
        viewer=own,
    )


class ViewAsMiddleware:
    """SECURITY: while one views as another, nothing is sent and nothing of one's own is there."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        if not request.user.is_authenticated or KEY not in request.session or reader_of(request).viewer is None:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if request.method not in ("GET", "HEAD", "OPTIONS") and name not in STILL_SENT:
            return render(request, "accounts/view_as_refused.html", status=403)
        if name not in OPEN:
            raise Http404
        return None
