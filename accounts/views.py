"""One's own pages: choosing an assignment, notices, drafts."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import colleagues, drafts, guarding, places, viewing
from accounts import notices as notice_rules
from accounts.granting import administers_provider
from accounts.middleware import work_as
from accounts.models import User
from accounts.readers import assignments_of, reader_of
from accounts.templatetags.people import role_words
from core import clock
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
            "administers": guarding.may_open_page(reader),
            "may_view_as": viewing.may_view_as(reader),
        },
    )


@login_required
def our_provider(request: HttpRequest) -> HttpResponse:
    """For a provider's administrators: whose roles wait for a yes, and who writes. Does not exist for others."""
    reader = reader_of(request)
    if not guarding.may_open_page(reader):
        raise Http404
    if request.method == "POST":
        acts = {"yes": guarding.confirm, "roles": guarding.take_away, "no": guarding.reject}
        act = acts.get(request.POST.get("answer", ""))
        asked = next((a for a in guarding.waiting(reader) if str(a.pk) == request.POST.get("assignment")), None)
        if act is None or asked is None:
            messages.error(request, _("This has been answered already, or is not yours to answer."))
            return redirect("our_provider")
        try:
            done = act(asked, by=reader)
        except guarding.NotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            words = {
                "yes": _("%s has the roles again."),
                "roles": _("%s does not get the roles. The rest is as it was."),
                "no": _("The assignment of %s has ended."),
            }[request.POST["answer"]]
            messages.success(request, words % done.user.get_full_name())
        return redirect("our_provider" if guarding.may_open_page(reader) else "start")
    notice_rules.mark_read(request, url=guarding.PAGE)
    words = request.GET.get("q", "").replace("\x00", "")[:100]
    context = {
        "waiting": [(a, guarding.may_take_away(a)) for a in guarding.waiting(reader)],
        "administers": administers_provider(reader, reader.provider_id),
        "writers": colleagues.writers(reader),
        "lacks_approver": colleagues.lacks_approver(reader),
        "offered": colleagues.given_here(reader.provider_kind),
        "q": words,
        "found": colleagues.found(reader, words),
    }
    return render(request, "accounts/our_provider.html", context)


@login_required
@require_POST
def set_roles(request: HttpRequest) -> HttpResponse:
    """Which document roles one of the own provider's people has. Does not exist for others than administrators."""
    reader = reader_of(request)
    who = colleagues.one(reader, request.POST.get("assignment", ""))
    if who is None:
        raise Http404
    try:
        roles, shown = request.POST.getlist("roles"), request.POST.get("shown", "")
        done = colleagues.set_document_roles(who, roles, by=reader, shown=shown)
    except colleagues.NotGiven as refusal:
        messages.error(request, str(refusal))
    else:
        words = _("%(who)s is now: %(roles)s.")
        messages.success(request, words % {"who": done.user.get_full_name(), "roles": role_words(done.roles)})
    return redirect("our_provider")


@login_required
def notices(request: HttpRequest) -> HttpResponse:
    reader = reader_of(request)
    rows = notice_rules.for_reader(reader)
    if request.method == "POST" and "pace" in request.POST:
        return _set_pace(request)
    if request.method == "POST":
        rows.filter(read_at=None).update(read_at=clock.now())
        return redirect("notices")
    only_unread = request.GET.get("vy") == "olasta"
    shown = rows.filter(read_at=None) if only_unread else rows
    page = Paginator(shown.order_by("-created_at", "-pk"), 30).get_page(request.GET.get("sida"))
    details = notice_rules.details_of(reader, page)
    context = {
        "page": page,
        "only_unread": only_unread,
        "texts": [(n, notice_rules.text_of(n), details.get(n.subject, "")) for n in page],
        "paces": User.EmailPace.choices,
    }
    return render(request, "accounts/notices.html", context)


def _set_pace(request: HttpRequest) -> HttpResponse:
    """How one is told by e-mail: the person's own, whatever they work as."""
    pace, user = request.POST.get("pace", ""), User.objects.get(pk=request.user.pk)
    if pace not in User.EmailPace.values:
        messages.error(request, _("Choose how you want the e-mails."))
    elif pace != user.email_pace:
        notice_rules.set_pace(user, pace)
        messages.success(request, _("Saved. E-mails about notices come so from now on."))
    return redirect("notices")


@login_required
def view_as(request: HttpRequest) -> HttpResponse:
    """Visa som: choose whose eyes to see the portal with. Does not exist for those who may not."""
    if not viewing.may_view_as(reader_of(request)):
        raise Http404
    then = request.POST.get("next", request.GET.get("next", "/"))
    then = then if is_ours(then, request) else "/"
    if request.method == "POST":
        if viewing.begin(request, request.POST.get("as", "")):
            return back_to(then, request)
        messages.error(request, _("There is no provider or unit of this name. Choose one from the list."))
    asked = request.GET.get("q", "")[:200]
    found = places.suggested(asked)
    return render(request, "accounts/view_as.html", {"found": found, "q": asked, "next": then})


@login_required
@require_POST
def end_view_as(request: HttpRequest) -> HttpResponse:
    """Oneself again, on the page that one was on (or the start page, where one may not see it)."""
    viewing.end(request)
    return back_to(request.POST.get("next", "/"), request)


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
