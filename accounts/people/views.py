"""The page of a provider's people, and one person's."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import notices as notice_rules
from accounts.access_review import listing as reviewed
from accounts.beginning import beginning
from accounts.forms.session import shown_to
from accounts.granting import Reach, guarding, held, not_within, reach_of
from accounts.invitations import listing as invited
from accounts.models import Assignment, Provider
from accounts.people import changing, leaving, listing, second_step
from accounts.people.forms import LastDayForm, PauseForm, VouchForm, WorkForm
from accounts.people.history import history
from accounts.readers import reader_of
from accounts.register.listing import ending
from accounts.requests import asking
from core.refused import NotAllowed, Refused


@login_required
def our_provider(request: HttpRequest) -> HttpResponse:
    """A provider's people, for its administrators and its units' managers; whose roles wait for a yes. Does not exist
    for others."""
    reader = reader_of(request)
    if not guarding.may_open_page(reader):
        raise Http404
    if request.method == "POST":
        return _answer(request)
    notice_rules.mark_read(request, url=guarding.PAGE)
    reach, provider = reach_of(reader), Provider.objects.get(pk=reader.provider_id)
    context = {
        "waiting": [(a, guarding.may_take_away(a)) for a in guarding.waiting(reader)],
        "reach": reach,
        "beginning": beginning(reader),
        "sums": reviewed.sums(reviewed.latest(provider.pk), reach) if reach else None,
        "next_review_on": provider.next_review_on,
        "expected": provider.expected_people if reach and reach.is_whole else None,
        "ending": ending(provider) if reach and reach.is_whole else [],
        "asking": list(asking.waiting(reader)[:50]),
        "people": listing.people(reach, request.GET) if reach else None,
        "invited": list(invited.under_way(reach).order_by("-pk")[: invited.FEW]) if reach else [],
        "invited_count": invited.under_way(reach).count() if reach else 0,
    }
    return render(request, "accounts/people/page.html", context)


def _answer(request: HttpRequest) -> HttpResponse:
    """Yes or no to what waits."""
    reader = reader_of(request)
    acts = {"yes": guarding.confirm, "roles": guarding.take_away, "no": guarding.reject}
    act = acts.get(request.POST.get("answer", ""))
    asked = next((a for a in guarding.waiting(reader) if str(a.pk) == request.POST.get("assignment")), None)
    if act is None or asked is None:
        messages.error(request, _("This has been answered already, or is not yours to answer."))
        return redirect("our_provider")
    try:
        done = act(asked, by=reader)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        words = {
            "yes": _("%s has the roles again."),
            "roles": _("%s does not get the roles. The rest is as it was."),
            "no": _("The assignment of %s has ended."),
        }[request.POST["answer"]]
        messages.success(request, words % done.user.get_full_name())
    return redirect("our_provider" if guarding.may_open_page(reader) else "start")


class _Page:
    """One person's page: what is shown of the assignment, and the forms of its acts."""

    def __init__(self, request: HttpRequest, reach: Reach, assignment: Assignment) -> None:
        self.request, self.reach, self.assignment = request, reach, assignment
        self.left = leaving.left_by(assignment, by=reader_of(request))
        sent = request.POST.get("act", "") if request.method == "POST" else ""
        self.forms: dict[str, forms.Form] = {
            "change": WorkForm(reach, assignment, request.POST if sent == "change" else None),
            "end": LastDayForm(self.left, request.POST if sent == "end" else None),
            "pause": PauseForm(request.POST if sent == "pause" else None),
            "vouch": VouchForm(request.POST if sent == "vouch" else None),
        }

    def act(self, name: str) -> str:
        """Carries an act out; gives what was done, in words, or nothing where the form needs mending. Raises
        Refused."""
        form = self.forms.get(name)
        if form is not None and not form.is_valid():
            return ""
        data: dict[str, Any] = form.cleaned_data if form else {}
        by, shown = reader_of(self.request), shown_to(self.request)
        acts: dict[str, tuple[Callable[..., Any], dict[str, Any], str]] = {
            "change": (changing.change, data, _("Saved.")),
            "end": (
                changing.end,
                self._ending(),
                _("The last day is set.") if data.get("when") == "day" else _("The assignment has ended."),
            ),
            "pause": (changing.pause, data, _("Paused. There is no access from the next click on.")),
            "resume": (changing.resume, {}, _("The pause is over.")),
            "reopen": (changing.reopen, {}, _("The person has access again.")),
        }
        if name == "vouch":
            second_step.remove(self.assignment, reason=data["reason"], by=by)
            return _("The second step is taken away. It is set up anew at the next sign-in.")
        if name not in acts:
            raise NotAllowed(_("Choose what you want to do."))
        verb, arguments, words = acts[name]
        verb(self.assignment, by=by, shown=shown, **arguments)
        return words

    def _ending(self) -> dict[str, Any]:
        """When the assignment ends, and who takes over what is left."""
        form = self.forms["end"]
        if not isinstance(form, LastDayForm) or not form.is_bound:
            return {}
        day = form.cleaned_data["day"] if form.cleaned_data["when"] == "day" else None
        return {"last_day": day, "left": self.request.POST.get("left", ""), "heirs": form.heirs}

    def render(self, status: int = 200) -> HttpResponse:
        mine, reader = self.assignment, reader_of(self.request)
        all_of = listing.of_person(self.reach, mine)
        context = {
            "assignment": mine,
            "why_not": not_within(reader, self.reach, mine),
            "others": [a for a in all_of if a.pk != mine.pk],
            "forms": self.forms,
            "shown": held.mark(mine),
            "left": leaving.mark(self.left),
            "may_vouch": getattr(mine, "two_step", False)
            and mine.holds_today
            and not second_step.why_not(mine, reader),
            "history": history(all_of),
            "kept_roles": [r for r in mine.roles if r not in self.reach.gives],
        }
        return render(self.request, "accounts/people/person.html", context, status=status)


@login_required
def person(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """One person's work here, over time, and its acts. Does not exist for others than those who decide over it."""
    reach = reach_of(reader_of(request))
    assignment = listing.one(reach, key)
    if reach is None or assignment is None:
        raise Http404
    page = _Page(request, reach, assignment)
    if request.method != "POST":
        return page.render()
    try:
        done = page.act(request.POST.get("act", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return page.render(409)
    if not done:
        return page.render(422)
    messages.success(request, f"{assignment.user.get_full_name()}: {done}")
    left = reach_of(reader_of(request)) is None or listing.one(reach, key) is None
    return redirect("start" if left else request.path)
