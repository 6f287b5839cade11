"""The page of a provider's own settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.forms.session import FormSession, shown_to
from accounts.granting import administers_provider
from accounts.models import Provider
from accounts.providers import settings
from accounts.readers import reader_of
from core.refused import Refused


class SettingsForm(forms.ModelForm):
    class Meta:
        model = Provider
        # Written by a form of our own: the rule of what changes, and its trace, are the verb's.
        fields = (
            "email",
            "phone",
            "shows_handler_names",
            "demands_two_steps",
            *(n for n in settings.NAMES if "days" in n),
        )

    expected_people = forms.IntegerField(min_value=0, max_value=200_000, required=False)

    def __init__(self, data: Any = None, *, provider: Provider, initial: dict[str, Any] | None = None) -> None:
        start = {"expected_people": provider.expected_people, **(initial or {})}
        super().__init__(data, instance=Provider.objects.get(pk=provider.pk), initial=start)
        people = self.fields["expected_people"]
        people.label = _("Expected people")
        people.help_text = _("As many as are to have access. The number limits nothing.")
        for name in settings.NAMES:
            if "days" in name:
                self.fields[name].help_text = _("Empty: as the region has.")


@login_required
def our_settings(request: HttpRequest) -> HttpResponse:
    """Does not exist for others than the provider's administrators."""
    reader = reader_of(request)
    if not administers_provider(reader, reader.provider_id):
        raise Http404
    provider = Provider.objects.get(pk=reader.provider_id)
    session = FormSession(request, "our_settings")
    form = SettingsForm(request.POST if request.method == "POST" else None, provider=provider, initial=session.typed())
    if request.method != "POST":
        return _page(session, provider, form)
    if not form.is_valid():
        session.keep()
        return _page(session, provider, form, 422)
    try:
        changed = settings.change(provider, form.cleaned_data, by=reader, shown=shown_to(request))
    except Refused as refusal:
        session.keep()
        faults = refusal.faults if isinstance(refusal, settings.Faulty) else {"": [str(refusal)]}
        for name, told in faults.items():
            form.add_error(name if name in form.fields else None, " ".join(told))
        return _page(session, provider, form, 409)
    session.done()
    messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
    return redirect("our_settings")


def _page(session: FormSession, provider: Provider, form: SettingsForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "ticket": session.ticket,
        "shown": settings.mark(provider),
        "trace": settings.trace(provider),
    }
    return render(session.request, "accounts/providers/settings.html", context, status=status)
