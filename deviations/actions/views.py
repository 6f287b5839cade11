"""The lists of actions, and the form in which an owner says how far one has come."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import notices
from accounts.forms.session import FormSession, shown_to
from accounts.forms.signed_out import signed_in
from accounts.readers import reader_of
from core import refused
from deviations.actions import asking, listing
from deviations.investigation import acts
from deviations.investigation.action_forms import ProgressForm
from deviations.investigation.kinds import KINDS
from deviations.models import Action


@require_safe
@signed_in
def actions(request: HttpRequest) -> HttpResponse:
    notices.mark_read(request, url=reverse("actions"))
    return render(request, "deviations/actions/list.html", listing.page(reader_of(request), request.GET))


@signed_in
def action(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """One's own action: how far it has come. For others it does not exist."""
    rows = listing.owned_by(reader_of(request)).select_related("document", "investigation__party__case")
    row = get_object_or_404(rows, key=key)
    session = FormSession(request, f"atgard-min-{key.hex[:12]}")
    shown = acts.mark(row, KINDS["uppfoljning"])
    if request.method != "POST":
        form = ProgressForm(action=row, initial=session.typed())
        return _page(request, row, form, session, shown)
    form, status, shown = ProgressForm(request.POST, action=row), 422, shown_to(request)
    if form.is_valid():
        try:
            with session.kept_on_failure():
                _once(row, form, session, shown)
            messages.success(request, _("It is saved."))
            return redirect("actions")
        except refused.Moved as moved:
            form.add_error(None, str(moved))
            row.refresh_from_db()
            shown = acts.mark(row, KINDS["uppfoljning"])
        except refused.Refused as refusal:
            form.add_error(None, str(refusal))
        status = 409
    session.keep()
    return _page(request, row, form, session, shown, status)


def _page(
    request: HttpRequest, row: Action, form: ProgressForm, session: FormSession, shown: str, status: int = 200
) -> HttpResponse:
    told: dict[str, Any] = {
        "action": row, "form": form, "ticket": session.ticket, "form_key": session.key, "shown": shown,
        "is_live": row.state in listing.LIVE, "form_has_errors": bool(form.errors),
    }  # fmt: skip
    return render(request, "deviations/actions/action.html", told, status=status)


def _once(row: Action, form: ProgressForm, session: FormSession, shown: str) -> None:
    """The owner's word is written, unless this very sending has done it."""
    told, by = form.cleaned_data, session.reader
    session.once("progress", lambda: asking.say(row, **told, by=by, shown=shown))
