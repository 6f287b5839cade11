"""The inbox, and what is done there to many cases at once."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.forms.signed_out import signed_in
from accounts.readers import Reader, reader_of
from core.refused import NotAllowed
from deviations.inbox import bulk, saved, walking
from deviations.inbox.filters import Filters
from deviations.inbox.lists import Tab, handlers_for, numbers_in
from deviations.inbox.lists import inbox as inbox_of

# In the session: what was given last, so that it can be undone from the page that says so.
UNDO = "cases_given"


@signed_in
def inbox(request: HttpRequest) -> HttpResponse:
    reader: Reader = reader_of(request)
    if not (reader.may_report or reader.handles_cases):
        raise Http404
    asked = {name: request.GET.get(key, "") for name, key in (("tab", "vy"), ("after", "efter"), ("before", "fore"))}
    if request.method == "POST":
        return _many(request, reader)
    walking.remember(request.session, reader, request.GET)
    context = {
        "inbox": inbox_of(reader, filters=Filters.of(request.GET), **asked),
        # Offered on the page that says that they are given, and not for ever after.
        "saved_filters": saved.of(reader),
        "may_undo": bool(messages.get_messages(request)) and UNDO in request.session,
    }
    return render(request, "deviations/inbox.html", context)


def _many(request: HttpRequest, reader: Reader) -> HttpResponse:
    """One act to the cases that were chosen: taken, given to a handler, or acknowledged. How many, and which not."""
    if not reader.handles_cases:
        raise Http404
    undo = request.session.pop(UNDO, None)
    if "undo" in request.POST:
        _give_back(request, reader, undo)
        return redirect(request.get_full_path())
    chosen = _chosen(request, reader)
    to = next((a for a in handlers_for(reader) if a.user.email == request.POST.get("to")), None)
    if not chosen:
        messages.error(request, _("Choose at least one case."))
    elif "acknowledge" in request.POST:
        done = bulk.acknowledge_many(reader, chosen)
        words = ngettext("One case is acknowledged.", "%(n)d cases are acknowledged.", done.count)
        _tell(request, done, words, len(chosen))
    elif "take" in request.POST:
        done = bulk.take_many(reader, chosen)
        words = ngettext("You handle one more case now.", "You handle %(n)d more cases now.", done.count)
        _tell(request, done, words, len(chosen))
    elif to is None:
        messages.error(request, _("Choose who is to have the cases."))
    else:
        done = bulk.give_many(reader, chosen, to)
        words = ngettext("One case is given to %(who)s.", "%(n)d cases are given to %(who)s.", done.count)
        _tell(request, done, words, len(chosen), who=to.user.get_full_name())
    return redirect(request.get_full_path())


def _chosen(request: HttpRequest, reader: Reader) -> list[str]:
    if "all" not in request.POST:
        return request.POST.getlist("v")
    # All of one person's, when they leave or are away: whatever page they stand on.
    filters = Filters.of(request.GET)
    return numbers_in(reader, request.GET.get("vy", ""), filters, bulk.MOST + 1) if filters.handler else []


def _tell(request: HttpRequest, done: bulk.Done, words: str, asked: int, **more: str) -> None:
    if done.count:
        messages.success(request, words % {"n": done.count, **more})
        if done.undo.get("to"):
            request.session[UNDO] = done.undo
    for number, why in done.refused[:10]:
        messages.warning(request, f"{number}: {why}")
    if asked > bulk.MOST:
        messages.warning(request, _("Only %d at a time. There are more in the list: press once more.") % bulk.MOST)


def _give_back(request: HttpRequest, reader: Reader, undo: dict[str, object] | None) -> None:
    done = bulk.give_back(reader, undo or {})
    words = ngettext("One case is as it was before.", "%(n)d cases are as they were before.", done.count)
    _tell(request, done, words, 0)
    if not (done.count or done.refused):
        messages.error(request, _("There is nothing left to undo."))


@signed_in
@require_POST
def saved_filter(request: HttpRequest) -> HttpResponse:
    """Save what the list is narrowed by (`urval`, an address of the inbox) under a name, or remove a saved one."""
    reader = reader_of(request)
    if not reader.handles_cases:
        raise Http404
    if name := request.POST.get("remove", ""):
        if saved.forget(reader, name):
            messages.success(request, _("The filter “%s” is removed.") % name)
        return redirect("inbox")
    asked = QueryDict(request.POST.get("urval", "")[:2000])
    tab = asked.get("vy", "") if asked.get("vy", "") in Tab.values else Tab.WAITING_US.value
    try:
        saved.save(reader, request.POST.get("name", ""), tab, Filters.of(asked))
        messages.success(request, _("The filter is saved. It stands above the list."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{reverse('inbox')}?{urlencode({'vy': tab})}&{Filters.of(asked).query}")
