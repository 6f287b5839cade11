"""A draft is saved while it is typed."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.forms import drafts
from core import clock


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
