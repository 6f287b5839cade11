"""The page where all that one person looks after is handed over to another."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Assignment
from accounts.readers import reader_of
from core import refused
from documents.desk import caretaking


def hand_over(request: HttpRequest) -> HttpResponse:
    """The documents that each person at the own provider looks after, and one act that gives all of them to another,
    which is asked for by name and number before it is done."""
    reader = reader_of(request)
    if not caretaking.may_hand_over(reader):
        raise Http404
    found = caretaking.holders(reader)
    receivers = caretaking.receivers(reader)
    if request.method == "POST":
        holder = next((h for h in found if h.person.email == request.POST.get("person")), None)
        to = next((a for a in receivers if a.user.email == request.POST.get("to")), None)
        if holder is None:
            messages.info(request, _("There is nothing left to hand over: somebody has done it already."))
        elif to is None:
            messages.error(request, _("Choose who takes over."))
        elif (shown := request.POST.get("shown", "")) != holder.mark:
            # Asked first, and anew where it has become another matter since.
            context = {"holder": holder, "to": to, "has_changed": bool(shown)}
            return render(request, "documents/hand_over_asks.html", context)
        else:
            _hand_over(request, holder, to)
        return redirect("hand_over")
    return render(request, "documents/hand_over.html", {"holders": found, "receivers": receivers})


def _hand_over(request: HttpRequest, holder: caretaking.Holder, to: Assignment) -> None:
    try:
        count = caretaking.hand_over(holder.person, to, by=reader_of(request))
    except refused.Refused as refusal:
        messages.error(request, str(refusal))
        return
    words = ngettext("One document is handed over to %(who)s.", "%(n)d documents are handed over to %(who)s.", count)
    messages.success(request, words % {"n": count, "who": to.user.get_full_name()})
