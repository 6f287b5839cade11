"""The inbox: which cases are whose, and one act to many."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.forms.signed_out import signed_in
from accounts.readers import Reader, reader_of
from deviations.inbox import walking
from deviations.inbox.bulk import MOST, acts_on_many
from deviations.inbox.lists import Filters, handlers_for, numbers_in
from deviations.inbox.lists import inbox as inbox_of


@signed_in
def inbox(request: HttpRequest) -> HttpResponse:
    reader: Reader = reader_of(request)
    if not (reader.may_report or reader.handles_cases):
        raise Http404
    asked = {name: request.GET.get(key, "") for name, key in (("tab", "vy"), ("after", "efter"), ("before", "fore"))}
    if request.method == "POST":
        return _many(request, reader)
    walking.remember(request.session, reader, request.GET)
    return render(
        request, "deviations/inbox.html", {"inbox": inbox_of(reader, filters=Filters.of(request.GET), **asked)}
    )


def _many(request: HttpRequest, reader: Reader) -> HttpResponse:
    """One act to the cases that were chosen: given to a handler, or acknowledged. Told how many, and which not."""
    if not reader.handles_cases:
        raise Http404
    chosen, is_acknowledging = request.POST.getlist("v"), "acknowledge" in request.POST
    if "all" in request.POST:
        # All of one person's, when they leave or are away: whatever page they stand on.
        filters = Filters.of(request.GET)
        chosen = numbers_in(reader, request.GET.get("vy", ""), filters, MOST + 1) if filters.handler else []
    to = next((a for a in handlers_for(reader) if a.user.email == request.POST.get("to")), None)
    if not chosen:
        messages.error(request, _("Choose at least one case."))
    elif to is None and not is_acknowledging:
        messages.error(request, _("Choose who is to have the cases."))
    else:
        done, refused = acts_on_many(reader, chosen, to=None if is_acknowledging else to)
        if done and is_acknowledging:
            messages.success(
                request, ngettext("One case is acknowledged.", "%(n)d cases are acknowledged.", done) % {"n": done}
            )
        elif done and to:
            words = ngettext("One case is given to %(who)s.", "%(n)d cases are given to %(who)s.", done)
            messages.success(request, words % {"n": done, "who": to.user.get_full_name()})
        for number, why in refused[:10]:
            messages.warning(request, f"{number}: {why}")
        if len(chosen) > MOST:
            messages.warning(request, _("Only %d at a time. There are more in the list: press once more.") % MOST)
    return redirect(request.get_full_path())
