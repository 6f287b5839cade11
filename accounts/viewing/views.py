"""The pages where one chooses as whom one works, or sees."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.departed import former
from accounts.granting import guarding
from accounts.providers import places
from accounts.readers import assignments_of, reader_of
from accounts.viewing import seeing_as
from accounts.viewing.asking import work_as
from core.leading import back_to, is_ours


@login_required
def assignments(request: HttpRequest) -> HttpResponse:
    """ "I work as": the person's current assignments, and a switch between them."""
    reader = reader_of(request)
    if request.method == "POST":
        own = {str(a.pk): a for a in assignments_of(request)}
        chosen = own.get(request.POST.get("assignment", ""))
        if chosen is None:
            messages.error(request, _("That assignment is not yours or has ended. Choose one from the list."))
            return redirect("assignments")
        work_as(request, chosen)
        messages.success(request, _("You now work as %s.") % chosen.place)
        return redirect("start")
    return render(
        request,
        "accounts/assignments.html",
        {
            "current_id": reader.assignment_id,
            "own": assignments_of(request),
            "departed": former.of_person(reader.user_id) if reader.viewer is None else [],
            "administers": guarding.may_open_page(reader),
            "may_view_as": seeing_as.may_view_as(reader),
        },
    )


@login_required
def view_as(request: HttpRequest) -> HttpResponse:
    """Visa som: choose whose eyes to see the portal with. Does not exist for those who may not."""
    if not seeing_as.may_view_as(reader_of(request)):
        raise Http404
    then = request.POST.get("next", request.GET.get("next", "/"))
    then = then if is_ours(then, request) else "/"
    if request.method == "POST":
        if seeing_as.begin(request, request.POST.get("as", "")):
            return back_to(then, request)
        messages.error(request, _("There is no provider or unit of this name. Choose one from the list."))
    asked = request.GET.get("q", "")[:200]
    found = places.suggested(asked)
    return render(request, "accounts/view_as.html", {"found": found, "q": asked, "next": then})


@login_required
@require_POST
def end_view_as(request: HttpRequest) -> HttpResponse:
    """Oneself again, on the page that one was on (or the start page, where one may not see it)."""
    seeing_as.end(request)
    return back_to(request.POST.get("next", "/"), request)
