"""The page where one changes the address that one signs in with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.profile import address as changing
from accounts.readers import Reader, reader_of
from core.refused import Refused

KEY = "address_link"


class AddressForm(forms.Form):
    new_email = forms.EmailField(
        label=gettext_lazy("New address"),
        error_messages={"required": gettext_lazy("Write the address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": gettext_lazy("Write your password.")},
    )


@never_cache
@sensitive_post_parameters("password")
def address(request: HttpRequest) -> HttpResponse:
    """A link is opened (`?nyckel=`), signed in or not; the rest is for whoever is signed in.

    SECURITY: the token leaves the address before anything else: it must not be carried along to the sign-in page.
    """
    if "nyckel" in request.GET:
        request.session[KEY] = changing.digest_of(request.GET["nyckel"][:200])
        answer = redirect("address")
        answer["Referrer-Policy"] = "no-referrer"
        return answer
    return _address(request)


@login_required
def _address(request: HttpRequest) -> HttpResponse:
    reader = reader_of(request)
    assert reader.user_id
    act = request.POST.get("act", "") if request.method == "POST" else ""
    form = AddressForm(request.POST if act == "ask" else None)
    if act:
        status = _done(request, reader, act, form)
        if status == 302:
            return redirect("address")
    else:
        status = 200
    context: dict[str, Any] = {
        "form": form,
        "under_way": changing.under_way(reader.user_id),
        "link": changing.opened(request.session.get(KEY, ""), reader.user_id),
    }
    return render(request, "accounts/profile/address.html", context, status=status)


def _done(request: HttpRequest, reader: Reader, act: str, form: AddressForm) -> int:
    """302 where it is done; else the answer's status, and why stands in the form."""
    try:
        if act == "take_back":
            changing.take_back(by=reader)
            messages.success(request, _("Your address stays as it is."))
        elif act == "confirm":
            is_changed = changing.confirm(request.session.pop(KEY, ""), by=reader)
            words = _("Your address is changed.") if is_changed else _("Confirmed. Now the other address.")
            messages.success(request, words)
        elif form.is_valid():
            changing.ask(form.cleaned_data["new_email"], form.cleaned_data["password"], by=reader)
            messages.success(request, _("A link is on its way to each of the two addresses."))
        else:
            return 422
    except Refused as refusal:
        if act == "ask":
            form.add_error(None, str(refusal))
            return 409
        messages.error(request, str(refusal))
    return 302
