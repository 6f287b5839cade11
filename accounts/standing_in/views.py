"""The page where a stand-in is arranged: by the person, or by an administrator for somebody else."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import notices as notice_rules
from accounts.granting import not_within, reach_of
from accounts.models import Assignment, StandIn
from accounts.readers import Reader, reader_of
from accounts.standing_in import arranging
from accounts.standing_in.forms import StandInForm
from core.refused import Refused


def _absent(reader: Reader, key: uuid.UUID) -> Assignment:
    """One's own present assignment, or one within reach; 404 for any other."""
    found = Assignment.objects.select_related("user", "provider", "unit").filter(key=key).first()
    if found is None:
        raise Http404
    if found.pk == reader.assignment_id and found.user_id == reader.user_id:
        return found
    if not_within(reader, reach_of(reader), found):
        raise Http404
    return found


@login_required
def stand_in(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The stand-in of this assignment, from day to day. Does not exist for others than its person, and those who
    decide over them."""
    reader = reader_of(request)
    absent = _absent(reader, key)
    candidates = arranging.candidates(absent)
    form = StandInForm(candidates, request.POST if request.POST.get("act") == "arrange" else None)
    status = 200
    if request.method == "POST":
        status = _done(request, reader, absent, form)
        if status == 302:
            return redirect(request.path)
    notice_rules.mark_read(request, url=request.path)
    context = {
        "absent": absent,
        "is_oneself": absent.user_id == reader.user_id,
        "standing": arranging.standing(absent.pk),
        "candidates": candidates,
        "work": sorted(arranging.work_of(absent)),
        "form": form,
    }
    return render(request, "accounts/standing_in/stand_in.html", context, status=status)


def _done(request: HttpRequest, reader: Reader, absent: Assignment, form: StandInForm) -> int:
    """302 where it is done; else the answer's status, and why is said."""
    try:
        if request.POST.get("act") == "end":
            arranging.end(_arranged(absent, request.POST.get("arranged", "")), by=reader)
            messages.success(request, _("The stand-in is over."))
            return 302
        if not form.is_valid():
            return 422
        days = {name: form.cleaned_data[name] for name in ("first_day", "last_day")}
        arranging.arrange(absent, form.chosen, by=reader, **days)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return 409
    messages.success(request, _("Arranged. Both of you are told, and it ends by itself."))
    return 302


def _arranged(absent: Assignment, key: str) -> StandIn:
    found = StandIn.objects.filter(absent=absent, pk=key).first() if key.isdecimal() and len(key) < 19 else None
    if found is None:
        raise Http404
    return found
