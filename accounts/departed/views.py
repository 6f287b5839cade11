"""The page of those whose provider has left."""

from __future__ import annotations

import uuid

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.departed import former, package
from accounts.readers import reader_of


def _mine(request: HttpRequest) -> list[former.Former]:
    """The person's own. SECURITY: never with somebody else's eyes."""
    reader = reader_of(request)
    found = former.of_person(request.user.pk) if reader.viewer is None else []
    if not found:
        raise Http404
    return found


def _wants_second_step(request: HttpRequest) -> bool:
    """SECURITY: an assignment that has ended demands no second step at the door, and these roles do."""
    return settings.PORTAL_TWO_STEP_REQUIRED and not is_mfa_enabled(request.user)


@login_required
@require_safe
def departed(request: HttpRequest) -> HttpResponse:
    """Providers that have left, and all that the person can take of each. Does not exist for others."""
    found = [
        (one, [(kind.words, kind.count(one)) for kind in package.kinds_for(one)]) for one in _mine(request)
    ]  # fmt: skip
    return render(request, "accounts/departed/page.html", {"found": found})


@login_required
@require_safe
def take_out(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """The package of one of them, as a zip. Logged."""
    one = next((one for one in _mine(request) if one.assignment.key == key), None)
    if one is None:
        raise Http404
    if _wants_second_step(request):
        messages.warning(request, _("Your role needs two-step sign-in. Set it up to go on."))
        return redirect("mfa_activate_totp")
    kinds = [kind.key for kind in package.kinds_for(one)]
    audit.record(
        "took_out", by=one.reader, target_type="provider", target_id=one.assignment.provider_id, content=kinds
    )  # fmt: skip
    response = StreamingHttpResponse(package.stream(one), content_type="application/zip")
    name = f"{package.safe_name(one.assignment.provider.name)}.zip"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
