"""The page that a link leads to, and what a handler does with links and with what comes by them."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.forms.signed_out import signed_in
from accounts.readers import reader_of
from core import limits, refused
from deviations.entry.fields import CleanText
from deviations.investigation.page import desk_or_404
from deviations.models import Account, AccountLink, Case
from deviations.voices import acts

TELLERS = (Account.Teller.PATIENT, Account.Teller.NEXT_OF_KIN)


class AccountForm(forms.Form):
    teller = forms.ChoiceField(
        label=gettext_lazy("Who are you?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose who you are.")},
    )
    text = CleanText(
        label=gettext_lazy("Tell it in your own words"),
        help_text=gettext_lazy(
            "What happened, how it was for you, and what you want to know. Leave out names and identity numbers: those "
            "who read it know which event it is."
        ),
        rows=12,
        error_messages={"required": gettext_lazy("Write your account.")},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["teller"].choices = [(t, capfirst(str(t.label))) for t in TELLERS]  # type: ignore[attr-defined]


@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Whoever has the link writes here, without signing in. Without an open link it does not exist."""
    token = request.GET.get("nyckel", "")
    if acts.open_link(token) is None:
        raise Http404
    form, status = AccountForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if not limits.consume(request, "account", limits.OPEN_FORM):
            form.add_error(None, _("Too many have sent this form just now. Wait a while, and send it again."))
            status = 429
        elif form.is_valid():
            if not acts.receive(token, **form.cleaned_data):
                raise Http404
            return render(request, "deviations/voices/thanks.html")
    response = render(
        request, "deviations/voices/account.html", {"form": form, "form_has_errors": bool(form.errors)}, status=status
    )
    # SECURITY: the address holds the key.
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
@signed_in
def links(request: HttpRequest, number: str) -> HttpResponse:
    """Make a link, take one back, or look at what has come by one."""
    desk = desk_or_404(Case.objects.open_or_404(reader_of(request), number), request.GET.get("del", ""))
    by, back = desk.opened.reader, f"{desk.address}{desk.query}#berattelser"
    try:
        if "make" in request.POST:
            acts.make(desk.part, by=by)
            messages.success(request, _("The link is made. Hand it over; it lasts 14 days."))
            return redirect(back)
        rows = {str(link.key): link for link in AccountLink.objects.filter(investigation__party=desk.part)}
        for name, verb in (("revoke", acts.revoke), ("take", acts.take), ("aside", acts.put_aside)):
            if link := rows.get(request.POST.get(name, "")):
                verb(desk.part, link, by=by)
                messages.success(request, _("It is saved."))
                return redirect(back)
    except refused.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    raise Http404
