"""The open form, the confirmation of its address, and an administrator's yes or no."""

from __future__ import annotations

import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from accounts.forms.session import FormSession
from accounts.granting import reach_of
from accounts.invitations.forms import InviteForm
from accounts.models import AccessRequest, Provider
from accounts.readers import reader_of
from accounts.requests import asking
from core import limits
from core.crypto import keyed_hash
from core.refused import Refused
from core.typed import TypedText

KEY = "access_request"
# As many e-mails as one address is sent, whoever asks.
FOR_AN_ADDRESS = "3/d/key"


class AskForm(forms.Form):
    """The one who asks, and the place of work."""

    email = forms.EmailField(
        label=gettext_lazy("Work address"),
        error_messages={"required": gettext_lazy("Write the address.")},
        help_text=gettext_lazy("We send a link there. Nobody is asked before you have opened it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    given_name = TypedText(
        label=gettext_lazy("Given name"), max_length=100, error_messages={"required": gettext_lazy("Write your name.")}
    )
    family_name = TypedText(
        label=gettext_lazy("Family name"), max_length=100, error_messages={"required": gettext_lazy("Write your name.")}
    )
    provider = TypedText(
        label=gettext_lazy("Care provider"),
        max_length=200,
        help_text=gettext_lazy("The company, region or municipality that employs you."),
        error_messages={"required": gettext_lazy("Write who employs you.")},
        widget=forms.TextInput(attrs={"list": "vardgivare", "autocomplete": "organization"}),
    )
    unit = TypedText(label=gettext_lazy("Unit"), max_length=200, required=False)
    title = TypedText(label=gettext_lazy("Title"), max_length=100, required=False)


@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """The form that is open to all, and the link that confirms its address (`?nyckel=`).

    SECURITY: mail scanners follow links: opening one puts its digest in the session, and only a POST confirms.
    """
    if "nyckel" in request.GET:
        request.session[KEY] = asking.digest_of(request.GET["nyckel"][:200])
        answer = redirect("confirm_request")
        answer["Referrer-Policy"] = "no-referrer"
        return answer
    form = AskForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = _asked(request, form)
        if status == 302:
            return redirect("asked")
    names = Provider.objects.with_access().order_by("name").values_list("name", flat=True)[:500]
    context = {"form": form, "providers": names}
    return render(request, "accounts/requests/ask.html", context, status=status)


def _asked(request: HttpRequest, form: AskForm) -> int:
    """302 where it is kept; else the answer's status, and why stands in the form."""
    if not form.is_valid():
        return 422
    if not limits.consume(request, "access_request", limits.OPEN_FORM):
        form.add_error(None, _("Many have asked from here just now. Wait ten minutes, and send again."))
        return 429
    address = keyed_hash(form.cleaned_data["email"].lower(), purpose="accounts.access_request.limit")
    # SECURITY: one who asks too often for an address is told nothing else, and no e-mail is sent.
    if limits.consume(request, "access_request_address", FOR_AN_ADDRESS, address):
        asking.ask(asking.Question(**form.cleaned_data))
    return 302


def asked(request: HttpRequest) -> HttpResponse:
    """Look in the mailbox: the same words whatever exists."""
    return render(request, "accounts/requests/asked.html")


@never_cache
def confirm(request: HttpRequest) -> HttpResponse:
    """The address is confirmed, by a click of its own."""
    digest = request.session.get(KEY, "")
    question = asking.opened(digest)
    if request.method == "POST" and question:
        try:
            asking.confirm(digest)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("confirm_request")
        request.session.pop(KEY, None)
        return render(request, "accounts/requests/confirmed.html")
    if question is None:
        return render(request, "accounts/requests/no_longer.html")
    return render(request, "accounts/requests/confirm.html", {"question": question})


@login_required
def answer(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """An administrator's yes, with roles, or no. Does not exist for others than the provider's administrators."""
    reader = reader_of(request)
    reach = reach_of(reader)
    row = asking.waiting(reader).select_related("provider").filter(key=key).first()
    if row is None or reach is None:
        raise Http404
    session = FormSession(request, f"access_request:{row.key}")
    if request.method != "POST":
        return _answer_page(session, row, InviteForm(reach, initial={**_initial(row), **session.typed(["roles"])}))
    form = InviteForm(reach, {**request.POST.dict(), "roles": request.POST.getlist("roles"), "email": row.email})
    is_no = request.POST.get("answer") == "no"
    if not is_no and not form.is_valid():
        session.keep()
        return _answer_page(session, row, form, 422)
    try:
        if is_no:
            asking.say_no(row, by=reader)
        else:
            asking.say_yes(row, form.wish, by=reader)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _answer_page(session, row, form, 409)
    session.done()
    words = _("%s is told that the answer is no.") if is_no else _("An invitation is on its way to %s.")
    messages.success(request, words % row.email)
    return redirect("our_provider")


def _initial(row: AccessRequest) -> dict[str, object]:
    """The form as the question fills it in; a unit that has another name is chosen by whoever answers."""
    unit = row.provider.units.filter(name__iexact=row.unit_typed, is_active=True).first() if row.provider else None
    names = ("email", "given_name", "family_name", "title")
    return {**{name: getattr(row, name) for name in names}, "unit": unit.pk if unit else None}


def _answer_page(session: FormSession, row: AccessRequest, form: InviteForm, status: int = 200) -> HttpResponse:
    context = {"question": row, "form": form, "ticket": session.ticket}
    return render(session.request, "accounts/requests/answer.html", context, status=status)
