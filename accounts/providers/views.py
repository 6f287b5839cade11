"""The page of a provider's administrators."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import notices as notice_rules
from accounts.forms.session import shown_to
from accounts.granting import administers_provider, guarding
from accounts.providers import colleagues
from accounts.readers import reader_of
from accounts.roles import role_words
from core import refused


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
        except refused.NotAllowed as refusal:
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
        roles, shown = request.POST.getlist("roles"), shown_to(request)
        done = colleagues.set_document_roles(who, roles, by=reader, shown=shown)
    except colleagues.NotGiven as refusal:
        messages.error(request, str(refusal))
    else:
        words = _("%(who)s is now: %(roles)s.")
        messages.success(request, words % {"who": done.user.get_full_name(), "roles": role_words(done.roles)})
    return redirect("our_provider")
