"""One's own page."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.forms.session import FormSession
from accounts.models import User
from accounts.profile import oneself
from accounts.readers import Reader, assignments_of, reader_of
from accounts.standing_in import arranging
from core.typed import TypedText


class ProfileForm(forms.Form):
    """A person's own facts."""

    given_name = TypedText(
        label=gettext_lazy("Given name"), max_length=100, error_messages={"required": gettext_lazy("Write your name.")}
    )
    family_name = TypedText(
        label=gettext_lazy("Family name"), max_length=100, error_messages={"required": gettext_lazy("Write your name.")}
    )
    title = TypedText(
        label=gettext_lazy("Title"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("In the assignment that you work under now."),
    )
    phone = TypedText(
        label=gettext_lazy("Telephone at work"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("For colleagues at your own care provider."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        choices=[("", gettext_lazy("As the portal")), ("sv", "Svenska"), ("en", "English")],
    )
    email_pace = forms.ChoiceField(
        label=gettext_lazy("E-mail about notices"), choices=User.EmailPace.choices, widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, *, user: User, reader: Reader, typed: dict[str, Any] | None = None) -> None:
        names = (*oneself.FACTS, "email_pace")
        initial = {**{name: getattr(user, name) for name in names}, "title": reader.title, **(typed or {})}
        super().__init__(data, initial=initial)
        if not reader.assignment_id:
            del self.fields["title"]


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Name, title, telephone, language and e-mail pace; own assignments; where one is signed in."""
    reader, user = reader_of(request), cast(User, User.objects.get(pk=request.user.pk))
    session = FormSession(request, "profile")
    if request.method == "POST" and request.POST.get("act") == "sign_out":
        return _sign_out_elsewhere(request, reader)
    data = request.POST if request.method == "POST" else None
    form = ProfileForm(data, user=user, reader=reader, typed=session.typed())
    if data is not None and form.is_valid():
        changed = oneself.change(form.cleaned_data, by=reader)
        session.done()
        messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
        return redirect("profile")
    if data is not None:
        session.keep()
    context = {
        "form": form,
        "ticket": session.ticket,
        "own": assignments_of(request),
        "standing": arranging.standing(reader.assignment_id),
        "sessions": [(row, oneself.device(row.user_agent), here) for row, here in oneself.signed_in_at(request)],
    }
    return render(request, "accounts/profile/profile.html", context, status=422 if form.errors else 200)


def _sign_out_elsewhere(request: HttpRequest, reader: Reader) -> HttpResponse:
    count = oneself.sign_out_elsewhere(request, by=reader)
    words = ngettext("You are signed out at one other place.", "You are signed out at %d other places.", count)
    messages.success(request, words % count if "%d" in words else words)
    return redirect("profile")
