"""The page of the practice case."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.session import shown_to
from accounts.granting import administers_provider
from accounts.readers import reader_of
from core.refused import Refused
from deviations.entry.fields import CleanText
from deviations.models import PracticeCase
from deviations.practice import practising


class TextForm(forms.Form):
    body = CleanText(
        label=gettext_lazy("Your text"),
        help_text=gettext_lazy("Write no identity numbers and no names of patients."),
        rows=5,
        error_messages={"required": gettext_lazy("Write something; nobody else reads it.")},
    )


@login_required
def practice(request: HttpRequest) -> HttpResponse:
    """One's own practice case, or the offer to begin one. Does not exist for those without an assignment."""
    reader = reader_of(request)
    if not practising.may_practise(reader):
        raise Http404
    if request.method != "POST":
        return _page(request, practising.own(reader))
    if "skip" in request.POST:
        return _skip(request)
    if "begin" in request.POST:
        practising.begin(by=reader)
        return redirect("practice")
    return _act(request, practising.own(reader))


def _skip(request: HttpRequest) -> HttpResponse:
    try:
        practising.skip(by=reader_of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("practice")
    messages.success(request, _("You do without practice. It stays open if you want it."))
    return redirect("our_provider")


def _act(request: HttpRequest, found: PracticeCase | None) -> HttpResponse:
    task = practising.TASKS.get(found.state) if found else None  # type: ignore[call-overload]
    form = TextForm(request.POST)
    if found and task and task.has_text and shown_to(request) == found.state and not form.is_valid():
        return _page(request, found, form, 422)
    try:
        if found is None:
            messages.error(request, _("This practice case is over. Begin a new one."))
        else:
            body = form.cleaned_data["body"] if form.is_valid() else ""
            practising.act(found, body, shown=shown_to(request), by=reader_of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("practice")


def _page(
    request: HttpRequest, found: PracticeCase | None, form: TextForm | None = None, status: int = 200
) -> HttpResponse:
    reader = reader_of(request)
    context: dict[str, Any] = {
        "practice": found,
        "task": practising.TASKS.get(found.state) if found else None,  # type: ignore[call-overload]
        "form": form or TextForm(),
        "told": [_message(m, reader.place) for m in practising.messages(found)] if found else [],
        "tasks": [(task, _is_done(found, state)) for state, task in practising.TASKS.items()],
        "gone_on": found.begun_at + practising.KEPT if found else None,
        "may_skip": administers_provider(reader, reader.provider_id),
    }
    return render(request, "deviations/practice.html", context, status=status)


def _is_done(found: PracticeCase | None, state: str) -> bool:
    order = list(practising.State)
    return bool(found and order.index(practising.State(found.state)) > order.index(practising.State(state)))


def _message(told: dict[str, str], place: str) -> dict[str, Any]:
    is_us = told["who"] == "us"
    who = place if is_us else _("The practice ward")
    at = dt.datetime.fromisoformat(told["at"])
    return {"who": who, "is_us": is_us, "kind": told["kind"], "body": told["body"], "at": at}
