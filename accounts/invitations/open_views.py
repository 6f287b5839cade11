"""The page that an invitation's link leads to: for whoever holds the link, signed in or not.

SECURITY: mail scanners follow links. Opening one puts its digest in the session and leads on; only a POST accepts. The
page says the same of every link that does not work.
"""

from __future__ import annotations

from typing import cast

from allauth.account.signals import user_logged_in
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.invitations import accepting
from accounts.invitations.forms import NewPersonForm, TermsForm
from accounts.models import Assignment, Invitation, User
from accounts.viewing import work_as
from core.refused import Refused

KEY, DONE = "invitation", "invitation_accepted"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest) -> HttpResponse:
    """Opens a link, shows what is offered, and accepts it."""
    if "nyckel" in request.GET:
        request.session[KEY] = accepting.digest_of(request.GET["nyckel"][:200])
        answer = redirect("invitation")
        # SECURITY: no page that follows learns the link from where one came.
        answer["Referrer-Policy"] = "no-referrer"
        return answer
    offered = accepting.opened(request.session.get(KEY, ""))
    if offered is None:
        return render(request, "accounts/invitations/no_longer.html")
    if request.user.is_authenticated:
        return _as_oneself(request, offered)
    return _as_new(request, offered)


def _as_oneself(request: HttpRequest, offered: Invitation) -> HttpResponse:
    user = cast(User, request.user)
    form = TermsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            assignment = accepting.accept_as(request.session[KEY], user)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("invitation")
        return _accepted(request, assignment)
    context = {"invitation": offered, "form": form, "another_address": user.email != offered.email}
    status = 422 if form.errors else 200
    return render(request, "accounts/invitations/accept_as.html", context, status=status)


def _as_new(request: HttpRequest, offered: Invitation) -> HttpResponse:
    names = {"given_name": offered.given_name, "family_name": offered.family_name}
    form = NewPersonForm(request.POST if request.method == "POST" else None, email=offered.email, initial=names)
    if request.method == "POST" and form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("given_name", "family_name", "password")}
        try:
            user, assignment = accepting.accept_as_new(request.session[KEY], **data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            login(request, user, backend=BACKEND)
            # As allauth says it: the sign-in is audited, and stands among the person's own.
            user_logged_in.send(sender=User, request=request, user=user)
            return _accepted(request, assignment)
    context = {"invitation": offered, "form": form}
    return render(request, "accounts/invitations/accept_new.html", context, status=422 if form.errors else 200)


def _accepted(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """From now on one works under it, if it holds today."""
    request.session.pop(KEY, None)
    request.session[DONE] = assignment.pk
    if Assignment.objects.current().filter(pk=assignment.pk).exists():
        work_as(request, assignment)
    return redirect("invitation_accepted")


def accepted(request: HttpRequest) -> HttpResponse:
    """Welcome, and what one does next."""
    own = Assignment.objects.filter(pk=request.session.get(DONE), user=request.user.pk)
    assignment = own.select_related("provider", "unit").first()
    if assignment is None:
        return redirect("start")
    return render(request, "accounts/invitations/accepted.html", {"assignment": assignment})
