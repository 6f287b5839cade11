"""The pages of the region's agreement managers."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import notices as notice_rules
from accounts.access_review import listing as reviewed
from accounts.forms.session import FormSession, shown_to
from accounts.granting import manages_agreements
from accounts.models import Agreement, Assignment, Invitation, Provider
from accounts.readers import Reader, reader_of
from accounts.register import agreements, firsts, listing, lost_steps
from accounts.register.forms import (
    AgreementForm,
    ContactForm,
    FirstForm,
    LastDayForm,
    ProviderForm,
    UnitForm,
    VouchForm,
)
from accounts.requests import asking
from accounts.roles import Kind, Role
from core.refused import NotAllowed, Refused


def _manager(request: HttpRequest) -> Reader:
    reader = reader_of(request)
    if not manages_agreements(reader):
        raise Http404
    return reader


@login_required
def register(request: HttpRequest) -> HttpResponse:
    """The register of providers. Does not exist for others than agreement managers."""
    reader = _manager(request)
    if request.method == "POST":
        return _put_away(request, reader)
    notice_rules.mark_read(request, url=firsts.PAGE)
    context = {
        "register": listing.register(request.GET),
        "coverage": listing.coverage(),
        "ending": listing.ending(),
        "asking": asking.without_answerer(reader),
    }
    return render(request, "accounts/register/register.html", context)


def _put_away(request: HttpRequest, reader: Reader) -> HttpResponse:
    """A question that no provider's administrator can answer has been dealt with."""
    asked = {str(row.key): row for row in asking.without_answerer(reader)}
    row = asked.get(request.POST.get("request", ""))
    if row is None:
        raise Http404
    asking.put_away(row, by=reader)
    messages.success(request, _("Put away."))
    return redirect("register")


def _with_faults(form: forms.Form, refusal: Refused) -> None:
    """The verb's words beside their fields; what belongs to no field of the form stands above it."""
    faults = refusal.faults if isinstance(refusal, agreements.Faulty) else {"": [str(refusal)]}
    for name, told in faults.items():
        for words in told:
            form.add_error(name if name in form.fields else None, words)


@login_required
def new_provider(request: HttpRequest) -> HttpResponse:
    """A provider is made, with its agreement; it ends with its first administrator named."""
    reader, session = _manager(request), FormSession(request, "new_provider")
    sent = request.POST if request.method == "POST" else None
    form = ProviderForm(sent, initial=session.typed())
    agreement = AgreementForm(sent if sent and sent.get("kind") == Kind.PRIVATE else None, initial=session.typed())
    if sent is not None:
        is_private = sent.get("kind") == Kind.PRIVATE
        if form.is_valid() and (not is_private or agreement.is_valid()):
            with session.kept_on_failure():
                try:
                    agreed = agreement.cleaned_data if is_private else None
                    made = agreements.make_provider(form.facts, agreed, by=reader)
                except Refused as refusal:
                    _with_faults(form, refusal)
                else:
                    session.done()
                    messages.success(request, _("%s is in the register. Name its first administrator.") % made.name)
                    return redirect("provider", made.key)
        session.keep()
    context = {"form": form, "agreement": agreement, "ticket": session.ticket}
    status = 422 if form.errors or agreement.errors else 200
    return render(request, "accounts/register/new.html", context, status=status)


# Forms that stand several times on the page.
REPEATED = ("last_day", "change_unit")


class _Page:
    """One provider's page: its facts, agreements, units and administrators, and the forms of their acts."""

    def __init__(self, request: HttpRequest, provider: Provider, reader: Reader) -> None:
        self.request, self.provider, self.reader = request, provider, reader
        sent = request.POST if request.method == "POST" else {}
        act = sent.get("act", "")

        def data(of: str) -> Any:
            return sent if act == of else None

        self.forms: dict[str, Any] = {
            "change": ProviderForm(data("change"), provider=provider),
            "agree": AgreementForm(data("agree")),
            "last_day": LastDayForm(data("last_day")),
            "unit": UnitForm(data("unit")),
            "change_unit": UnitForm(data("change_unit")),
            "contact": ContactForm(data("contact")),
            "vouch": VouchForm(data("vouch")),
            "name": FirstForm(data("name"), kind=provider.kind),
        }
        for act_name, form in self.forms.items():
            form.auto_id = f"id_{act_name}_%s"  # several forms of the page have a name, an address

    def act(self, name: str) -> str:
        """Carries an act out; gives what was done, in words, or nothing where the form needs mending. Raises
        Refused."""
        form = self.forms.get(name)
        if form is not None and not form.is_valid():
            return ""
        acts: dict[str, Callable[[], str]] = {
            "change": self._change, "agree": self._agree, "last_day": self._last_day, "unit": self._unit,
            "change_unit": self._change_unit, "contact": self._contact, "remove_contact": self._remove_contact,
            "vouch": self._vouch, "confirm_lost": self._confirm_lost, "withdraw_lost": self._withdraw_lost,
            "close_unit": self._close_unit, "open_unit": self._close_unit, "name": self._name,
            "confirm": self._confirm, "withdraw": self._withdraw, "again": self._again,
        }  # fmt: skip
        if name not in acts:
            raise NotAllowed(_("Choose what you want to do."))
        return acts[name]()

    def refused(self, name: str, refusal: Refused) -> None:
        """The refusal stands in the form that was sent; above the page for what has none."""
        form = self.forms.get(name)
        if form is not None and name not in REPEATED:
            _with_faults(form, refusal)
        else:
            messages.error(self.request, str(refusal))

    def tell_of_repeated(self) -> None:
        """Those forms stand once for each agreement or unit, so their faults stand above the page."""
        for name in REPEATED:
            for told in self.forms[name].errors.values():
                messages.error(self.request, " ".join(told))

    def _change(self) -> str:
        agreements.change_provider(self.provider, self.forms["change"].facts, by=self.reader)
        return _("Saved.")

    def _agree(self) -> str:
        agreements.add_agreement(self.provider, self.forms["agree"].cleaned_data, by=self.reader)
        return _("The agreement is written.")

    def _last_day(self) -> str:
        agreement = self._one(Agreement.objects.filter(provider=self.provider), "agreement")
        day = self.forms["last_day"].cleaned_data["last_day"]
        agreements.set_last_day(agreement, day, shown=shown_to(self.request), by=self.reader)
        return _("The agreement has another last day.")

    def _unit(self) -> str:
        unit = agreements.add_unit(self.provider, self.forms["unit"].facts, by=self.reader)
        return _("%s is a unit now.") % unit.name

    def _change_unit(self) -> str:
        unit = self._one(self.provider.units.all(), "unit")
        return _("%s is saved.") % agreements.change_unit(unit, self.forms["change_unit"].facts, by=self.reader).name

    def _contact(self) -> str:
        made = agreements.write_contact(self.provider, self.forms["contact"].cleaned_data, by=self.reader)
        return _("%s is a contact.") % made.name

    def _remove_contact(self) -> str:
        contact = self._one(self.provider.contacts.all(), "contact")
        agreements.remove_contact(contact, by=self.reader)
        return _("%s is a contact no longer.") % contact.name

    def _vouch(self) -> str:
        lost_steps.vouch(self.provider, reason=self.forms["vouch"].cleaned_data["reason"], by=self.reader)
        return _("Another agreement manager has been asked to confirm.")

    def _confirm_lost(self) -> str:
        one = lost_steps.confirm(self._lost(), by=self.reader)
        return _("The second step of %s is taken away. A new one is set up at the next sign-in.") % one.user

    def _withdraw_lost(self) -> str:
        lost_steps.withdraw(self._lost(), by=self.reader)
        return _("The second step stays.")

    def _lost(self) -> Any:
        lost = lost_steps.waiting(self.provider)
        if lost is None or str(lost.pk) != self.request.POST.get("lost", ""):
            raise NotAllowed(_("This has been answered already."))
        return lost

    def _close_unit(self) -> str:
        unit = self._one(self.provider.units.all(), "unit")
        is_open = self.request.POST["act"] == "open_unit"
        agreements.close_unit(unit, is_open=is_open, by=self.reader)
        return (_("%s is open again.") if is_open else _("%s is closed.")) % unit.name

    def _name(self) -> str:
        data = self.forms["name"].cleaned_data
        firsts.name(self.provider, roles=data["roles"], title=data["title"], by=self.reader)
        return _("Named. Another agreement manager has been asked to confirm.")

    def _confirm(self) -> str:
        first = self._first()
        firsts.confirm(
            first, shown=shown_to(self.request), looked_at_address="looked" in self.request.POST, by=self.reader
        )
        return _("The invitation is on its way to %s.") % first.email

    def _withdraw(self) -> str:
        firsts.withdraw(self._first(), by=self.reader)
        return _("Nobody is named any more.")

    def _again(self) -> str:
        invitation = firsts.under_way(self.provider) or self._expired()
        if invitation is None:
            raise NotAllowed(_("This has been answered already."))
        firsts.send_again(invitation, by=self.reader)
        return _("A new link is on its way to %s. The former works no longer.") % invitation.email

    def _expired(self) -> Invitation | None:
        return Invitation.objects.under_way().filter(provider=self.provider, is_vouched=True).first()

    def _first(self) -> Any:
        first = firsts.waiting(self.provider)
        if first is None:
            raise NotAllowed(_("This has been answered already."))
        return first

    def _one(self, rows: Any, name: str) -> Any:
        key = self.request.POST.get(name, "")
        found = rows.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None
        if found is None:
            raise Http404
        return found

    def render(self, status: int = 200) -> HttpResponse:
        provider = self.provider
        first = firsts.waiting(provider)
        agreed = provider.agreements.select_related("principal").order_by("-valid_from")
        admins = Assignment.objects.with_role(Role.PROVIDER_ADMIN).filter(provider=provider, unit=None)
        context = {
            "provider": provider,
            "row": listing.rows_of([provider.pk])[0],
            "ending": listing.ending(provider),
            "sums": reviewed.of_provider(provider),
            "next_review_on": provider.next_review_on,
            "agreements": [(a, LastDayForm(agreement=a)) for a in agreed],
            "units": [(u, UnitForm(unit=u)) for u in provider.units.order_by("-is_active", "name")],
            "contacts": list(provider.contacts.all()),
            "administrators": admins.select_related("user"),
            "first": first,
            "lost": (lost := lost_steps.waiting(provider)),
            "vouched_by_oneself": bool(lost and lost.vouched_by_id == self.reader.user_id),
            "may_have_lost": not lost and lost_steps.lone_administrator(provider),
            "named_by_oneself": bool(first and first.named_by_id == self.reader.user_id),
            "is_new_address": firsts.is_new_address(provider),
            "invitation": firsts.under_way(provider) or self._expired(),
            "why_not_named": firsts.why_not_named(provider),
            "forms": self.forms,
        }
        return render(self.request, "accounts/register/provider.html", context, status=status)


@login_required
def provider(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """One provider of the register, and its acts. Does not exist for others than agreement managers."""
    reader = _manager(request)
    found = Provider.objects.filter(key=key).first()
    if found is None:
        raise Http404
    page = _Page(request, found, reader)
    if request.method != "POST":
        notice_rules.mark_read(request, url=request.path)
        return page.render()
    name = request.POST.get("act", "")
    try:
        done = page.act(name)
    except Refused as refusal:
        page.refused(name, refusal)
        page.provider.refresh_from_db()
        return page.render(409)
    if not done:
        page.tell_of_repeated()
        return page.render(422)
    messages.success(request, done)
    return redirect("provider", key)
