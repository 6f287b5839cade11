"""The page of a provider's rules for its cases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.session import FormSession, shown_to
from accounts.forms.signed_out import signed_in
from accounts.granting import administers_provider
from accounts.models import Assignment, Provider
from accounts.readers import reader_of
from core.refused import Refused
from deviations.closing import gates
from deviations.models import CaseRules
from deviations.rules import changing


class OfficerField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Assignment) -> str:
        return str(obj.user.get_full_name())


class RulesForm(forms.Form):
    asked = forms.MultipleChoiceField(
        label=gettext_lazy("Conditions for closing a part"),
        help_text=gettext_lazy("Each can still be waived by name, with a reason."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    deeper_from = forms.IntegerField(
        label=gettext_lazy("A deeper investigation from this many points"), min_value=1, max_value=16
    )
    analysis_from = forms.IntegerField(
        label=gettext_lazy("An event analysis from this many points"), min_value=1, max_value=16
    )
    officer = OfficerField(
        label=gettext_lazy("Lex Maria officer"),
        queryset=Assignment.objects.none(),
        required=False,
        to_field_name="key",
        empty_label=gettext_lazy("All who have the role"),
        help_text=gettext_lazy("Give somebody the role first, under People and roles."),
    )
    deputy = OfficerField(
        label=gettext_lazy("Deputy, once the officer has left"),
        queryset=Assignment.objects.none(),
        required=False,
        to_field_name="key",
        empty_label=gettext_lazy("Nobody"),
    )
    yellow_days = forms.IntegerField(
        label=gettext_lazy("The yellow limit, in days"), min_value=1, max_value=365,
        help_text=gettext_lazy("Guidance of yours, not law. The law says “as soon as can be”."),
    )  # fmt: skip
    red_days = forms.IntegerField(label=gettext_lazy("The red limit, in days"), min_value=1, max_value=365)
    opened_to = forms.MultipleChoiceField(
        label=gettext_lazy("Municipalities whose medically responsible (MAS, MAR) read your cases"),
        help_text=gettext_lazy(
            "Where your agreement says so. They read what the parties share, of cases that come to you from now on. "
            "Not your investigations, internal notes or reporters."
        ),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, rules: CaseRules, initial: dict[str, Any] | None = None, **kwargs: Any) -> None:
        shown = {name: getattr(rules, name) for name in changing.NAMES if name != "gates_off"}
        shown |= {name: getattr(rules, name).key if getattr(rules, name) else None for name in ("officer", "deputy")}
        shown["opened_to"] = changing.opened_to(rules.provider_id)
        shown["asked"] = [gate for gate in CaseRules.Gate.values if gate not in rules.gates_off]
        super().__init__(*args, initial=shown | (initial or {}), **kwargs)
        self.fields["asked"].choices = [  # type: ignore[attr-defined]
            (value, capfirst(str(label))) for value, label in CaseRules.Gate.choices
        ]
        without = _("%s (no agreement today, so closed)")
        names = changing.principals(rules.provider_id)
        self.fields["opened_to"].choices = [(n, n if agreed else without % n) for n, agreed in names]  # type: ignore[attr-defined]
        if not names:
            del self.fields["opened_to"]
        for name in ("officer", "deputy"):
            self.fields[name].queryset = changing.holders(rules.provider)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for low, high in (("deeper_from", "analysis_from"), ("yellow_days", "red_days")):
            if data.get(low) and data.get(high) and data[low] > data[high]:
                self.add_error(high, _("This is not to be lower than the one before."))
        if data.get("officer") and data.get("officer") == data.get("deputy"):
            self.add_error("deputy", _("Choose somebody else than the officer."))
        return data

    def facts(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        asked = data.pop("asked")
        return data | {"gates_off": [gate for gate in CaseRules.Gate.values if gate not in asked]}


@signed_in
def rules(request: HttpRequest) -> HttpResponse:
    """Does not exist for others than the provider's administrators."""
    reader = reader_of(request)
    if not administers_provider(reader, reader.provider_id):
        raise Http404
    provider = Provider.objects.get(pk=reader.provider_id)
    session, own = FormSession(request, "case_rules"), gates.rules_of(provider)
    status, shown = 200, changing.mark(own)
    form = RulesForm(rules=own, initial=session.typed(["asked", "opened_to"]))
    if request.method == "POST":
        form, status, shown = RulesForm(request.POST, rules=own), 422, shown_to(request)
        if form.is_valid():
            try:
                changed = changing.change(provider, form.facts(), by=reader, shown=shown)
                session.done()
                messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
                return redirect("case_rules")
            except Refused as refusal:
                form.add_error(None, str(refusal))
                status, shown = 409, changing.mark(gates.rules_of(provider))
        session.keep()
    told = {"form": form, "ticket": session.ticket, "form_key": session.key, "shown": shown, "provider": provider}
    return render(request, "deviations/rules/page.html", told, status=status)
