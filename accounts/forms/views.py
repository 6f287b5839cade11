"""A draft is saved while it is typed; the key for what is kept on the device meanwhile."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import drafts
from accounts.forms.device import key_of, tag_of
from core import clock

# Seconds by which the clock of a device may go ahead of ours.
CLOCKS_DIFFER = 120


@login_required
@require_POST
def save_draft(request: HttpRequest, form_key: str) -> JsonResponse:
    """Keep what is being typed. Answers with the time it was saved, in words, and the token to go on with.

    404 where the token is no ticket of this person's for this form. A draft follows the assignment that its form was
    opened under, whatever the person works as now.
    """
    ticket = drafts.parse_ticket(request.POST.get("token"))
    if ticket is None or (ticket.user_id, ticket.form_key) != (request.user.pk, form_key):
        return JsonResponse(
            {"saved": False, "message": _("The form is too old to be kept. Load the page again.")}, status=404
        )
    kept = drafts.keep(ticket, dict(request.POST.lists()))
    words = _("Saved %s") % time_format(clock.swedish(clock.now()).time(), "H.i")
    if kept.is_copy:
        words = _("%s, as a draft of its own: this one is open in another tab, or has been sent") % words
    return JsonResponse({"saved": True, "message": words, "token": str(kept.ticket)})


@never_cache
@login_required
@require_safe
def draft_state(request: HttpRequest, form_key: str) -> JsonResponse:
    """Whether what stood in the form with this token `at` a moment (milliseconds, the device's) is here: sent, or in
    its draft. 404 where the token is no ticket of this person's for this form.
    """
    ticket = drafts.parse_ticket(request.GET.get("token"))
    if ticket is None or (ticket.user_id, ticket.form_key) != (request.user.pk, form_key):
        return JsonResponse({}, status=404)
    at = request.GET.get("at", "")
    since = float(at) / 1000 - CLOCKS_DIFFER if at.isdecimal() and len(at) < 16 else float("inf")
    return JsonResponse({"arrived": drafts.holds(ticket, since)})


@never_cache
@login_required
@require_safe
def device_key(request: HttpRequest) -> JsonResponse:
    """The key by which the person's unsent text is kept on the device they write at.

    SECURITY: to the person alone, who is signed in; the device forgets it with the page.
    """
    assert request.user.pk
    return JsonResponse({"person": tag_of(request.user.pk), "key": key_of(request.user.pk)})
