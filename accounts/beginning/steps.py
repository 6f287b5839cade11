"""A new provider's first steps: each can be left and taken up again, since each is asked of how things stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit
from accounts.granting import administers_provider
from accounts.models import Assignment, Invitation, Provider, TermsAcceptance
from accounts.readers import Reader
from accounts.roles import Kind, Role
from core import clock
from core.refused import Moved, NotAllowed, WrongState

# The edition of the data processor agreement (templates/accounts/beginning/agreement.html): another text, another
# number, and each provider accepts anew.
EDITION = 1


@dataclass(frozen=True)
class Step:
    """One step: how it is named, how it stands, where it is done, and whether it is."""

    key: str
    words: str
    detail: str
    url: str
    is_done: bool


# More steps, after those of this app, by their keys; others put theirs in. None: the provider has no such step.
MORE: dict[str, Callable[[Provider], Step | None]] = {}


@dataclass(frozen=True)
class Beginning:
    """All steps of a provider, the first that is left being the present one."""

    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def is_over(self) -> bool:
        return self.done == len(self.steps)

    @property
    def present(self) -> Step | None:
        return next((step for step in self.steps if not step.is_done), None)


def acceptance(provider: Provider) -> TermsAcceptance | None:
    """The latest acceptance of the present edition."""
    return TermsAcceptance.objects.filter(provider=provider, edition=EDITION).first()


def beginning(by: Reader) -> Beginning | None:
    """The steps of the reader's provider; None for others than its administrators, and where nothing is left."""
    if Role.PROVIDER_ADMIN not in by.roles or not administers_provider(by, by.provider_id):
        return None
    found = of_provider(Provider.objects.get(pk=by.provider_id))
    return None if found.is_over else found


def of_provider(provider: Provider) -> Beginning:
    """The steps of a provider, in their order. A constant number of queries."""
    steps = [_terms(provider), _mailbox(provider), _handlers(provider), _people(provider)]
    steps += [more(provider) for more in MORE.values()]
    return Beginning(tuple(step for step in steps if step))


def _terms(provider: Provider) -> Step | None:
    if provider.kind == Kind.REGIONAL:
        return None  # the region runs the portal, and makes no agreement with itself
    found = acceptance(provider)
    detail = _("A data processor agreement, edition %d.") % EDITION
    if found:
        day = clock.swedish(found.accepted_at).date()
        detail = _("Edition %(n)d, accepted by %(who)s %(day)s.") % {
            "n": EDITION, "who": found.accepted_by_label, "day": day.isoformat(),
        }  # fmt: skip
    return Step("terms", _("Accept the terms"), detail, reverse("our_terms"), found is not None)


def _mailbox(provider: Provider) -> Step:
    units = provider.units.filter(is_active=True).count()
    told = ngettext("%d unit.", "%d units.", units) % units
    more = _("The function mailbox is %s.") % provider.email if provider.email else _("No function mailbox yet.")
    if provider.email and not units:
        more += " " + _("Add your units too, if you have several.")
    where = "our_units" if provider.email else "our_settings"
    words = _("Write your function mailbox and units")
    return Step("mailbox", words, f"{told} {more}", reverse(where), bool(provider.email))


def _handlers(provider: Provider) -> Step | None:
    if provider.kind == Kind.OTHER:
        return None
    handlers = Assignment.objects.with_role(Role.CASE_HANDLER).filter(provider=provider).values("user").distinct()
    count = handlers.count()
    details = {
        0: _("Nobody handles your cases yet. Others report to you from the first day."),
        1: _("One handles your cases. With another, nothing waits while the first is away."),
    }
    many = ngettext("%d person handles your cases.", "%d people handle your cases.", count) % count
    url = f"{reverse('our_provider')}?roll=case_handler#folk"
    return Step("handlers", _("Choose who handles your cases"), details.get(count, many), url, count > 0)


def _people(provider: Provider) -> Step:
    people = Assignment.objects.current().filter(provider=provider).values("user").distinct().count()
    pending = Invitation.objects.open().filter(provider=provider).count()
    told = ngettext("%d person has access.", "%d people have access.", people) % people
    told += " " + ngettext("%d invitation is under way.", "%d invitations are under way.", pending) % pending
    # A practice of one is all there: whoever expects one person has invited everybody.
    is_done = people > 1 or pending > 0 or (provider.expected_people == 1 and people == 1)
    return Step("people", _("Invite your people"), told, reverse("invite"), is_done)


@transaction.atomic
def accept(edition: str, *, by: Reader) -> TermsAcceptance:
    """The provider accepts the edition that was shown, by one of its administrators. Raises Refused."""
    if by.provider_id is None or not administers_provider(by, by.provider_id):
        raise NotAllowed(_("Only an administrator of that provider does this."))
    if edition != str(EDITION):
        raise Moved(_("There is a newer edition. Read it, and accept that."))
    provider = Provider.objects.select_for_update().get(pk=by.provider_id)
    if acceptance(provider):
        raise WrongState(_("The terms are accepted already."))
    made = TermsAcceptance.objects.create(
        provider=provider, edition=EDITION, accepted_by_id=by.user_id, accepted_by_label=by.person_name,
        accepted_at=clock.now(),
    )  # fmt: skip
    audit.record("terms_accepted", by=by, target_type="provider", target_id=provider.pk, edition=EDITION)
    return made
