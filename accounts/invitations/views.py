"""The pages of those who invite."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.forms.session import FormSession
from accounts.granting import Reach, reach_or_404
from accounts.invitations import inviting, listing
from accounts.invitations.forms import InviteForm
from accounts.readers import reader_of
from core.refused import Refused


@login_required
def invite(request: HttpRequest) -> HttpResponse:
    """One person is invited. Does not exist for others than those who decide over people."""
    reach, session = reach_or_404(request), FormSession(request, "invite")
    if request.method != "POST":
        return _invite_page(session, InviteForm(reach, initial=session.typed(several=["roles"])))
    form = InviteForm(reach, request.POST)
    if not form.is_valid():
        session.keep()
        return _invite_page(session, form, status=422)
    with session.kept_on_failure():
        try:
            inviting.invite([form.wish], by=reader_of(request))
        except Refused as refusal:
            session.keep()
            form.add_error(None, str(refusal))
            return _invite_page(session, form, status=409)
    session.done()
    messages.success(request, _("An invitation is on its way to %s.") % form.wish.email)
    return redirect("invitations")


def _invite_page(session: FormSession, form: InviteForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "ticket": session.ticket}
    return render(session.request, "accounts/invitations/invite.html", context, status=status)


@login_required
def invitations(request: HttpRequest) -> HttpResponse:
    """The invitations under way; each is sent anew or taken back by one click."""
    reach = reach_or_404(request)
    if request.method == "POST":
        return _act(request, reach)
    context = {"page": listing.page(reach, request.GET)}
    return render(request, "accounts/invitations/list.html", context)


def _act(request: HttpRequest, reach: Reach) -> HttpResponse:
    acts = {
        "again": (inviting.send_again, _("A new link is on its way to %s. The former works no longer.")),
        "back": (inviting.take_back, _("The invitation to %s is taken back. Its link works no longer.")),
    }
    act = acts.get(request.POST.get("act", ""))
    invitation = listing.one(reach, request.POST.get("invitation", ""))
    if act is None or invitation is None:
        raise Http404
    try:
        act[0](invitation, by=reader_of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, act[1] % invitation.email)
    return redirect("invitations")
