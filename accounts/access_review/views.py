"""The page of the yearly review."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import notices
from accounts.access_review import listing, rounds
from accounts.granting import reach_or_404
from accounts.models import Provider
from accounts.readers import reader_of
from core.refused import Refused


@login_required
def review(request: HttpRequest) -> HttpResponse:
    """The review under way, or how the last one ended; for a provider's administrators and its units' managers. Does
    not exist for others."""
    reach = reach_or_404(request)
    if request.method == "POST":
        return _begun(request) if request.POST.get("act") == "begin" else _confirmed(request)
    notices.mark_read(request, url=rounds.PAGE)
    found, provider = listing.latest(reach.provider_id), Provider.objects.get(pk=reach.provider_id)
    context = {
        "reach": reach,
        "provider": provider,
        "page": listing.page(found, reach, request.GET) if found else None,
        "last_day_of_notice": found.ends_on - rounds.NOTICE if found else None,
        "notice_days": rounds.NOTICE.days,
        "open_days": rounds.LASTS.days,
    }
    return render(request, "accounts/access_review/page.html", context)


def _begun(request: HttpRequest) -> HttpResponse:
    by = reader_of(request)
    try:
        rounds.begin(Provider.objects.get(pk=by.provider_id), by=by)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The review has begun. Confirm or end each assignment."))
    return redirect("access_review")


def _confirmed(request: HttpRequest) -> HttpResponse:
    chosen = [(key, request.POST.get(f"shown-{key}", "")) for key in request.POST.getlist("confirm")]
    if not chosen:
        messages.error(request, _("Tick those who still work here, and confirm again. Nothing was changed."))
        return redirect("access_review")
    done, refused = rounds.confirm_shown(chosen, by=reader_of(request))
    if done:
        messages.success(request, ngettext("%d assignment confirmed.", "%d assignments confirmed.", done) % done)
    for name, why in refused:
        messages.error(request, f"{name}: {why}" if name else why)
    return redirect("access_review")
