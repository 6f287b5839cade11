"""Asking to be let in, confirming the address, and the answer of a provider's administrators.

SECURITY: the same words come back whatever exists: a provider, an account, an earlier question. Nobody is asked before
the address has been confirmed by the link that was sent to it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import administers_provider, guarding, manages_agreements
from accounts.invitations import inviting
from accounts.models import AccessRequest, Assignment, Provider
from accounts.models.invitations import digest
from accounts.notices import notify
from accounts.readers import PUBLIC, Reader
from accounts.requests.jobs import email_no, email_request
from accounts.roles import Role
from core import clock
from core.refused import NotAllowed, WrongState

# The link of a question works so long.
LINK_DAYS = 2
REGISTER = "/konto/avtal/"


@dataclass(frozen=True)
class Question:
    """The words of the one who asks."""

    email: str
    given_name: str
    family_name: str
    title: str
    provider: str
    unit: str


@transaction.atomic
def ask(question: Question) -> AccessRequest:
    """Keep the question, and send the link that confirms its address."""
    found = Provider.objects.with_access().filter(name__iexact=" ".join(question.provider.split())).first()
    made = AccessRequest(
        email=question.email.lower(),
        given_name=question.given_name,
        family_name=question.family_name,
        title=question.title,
        provider_typed=question.provider,
        provider=found,
        unit_typed=question.unit,
        expires_at=clock.now() + dt.timedelta(days=LINK_DAYS),
    )
    made.make_link()
    made.save()
    email_request.defer(request_id=made.pk)
    return made


def opened(token_digest: str) -> AccessRequest | None:
    """The question whose link this is, if it still works."""
    rows = AccessRequest.objects.filter(token_digest=token_digest, confirmed_at=None, expires_at__gt=clock.now())
    return rows.first()


def digest_of(token: str) -> str:
    """How the link's token is kept in a session."""
    return digest(token)


@transaction.atomic
def confirm(token_digest: str) -> None:
    """The address is theirs: those who can answer are told, once for an address. Raises WrongState."""
    rows = AccessRequest.objects.select_for_update().filter(confirmed_at=None, expires_at__gt=clock.now())
    row = rows.filter(token_digest=token_digest).first()
    if row is None:
        raise WrongState(_("The link is no longer valid. Ask for a new one."))
    row.confirmed_at = clock.now()
    row.save(update_fields=["confirmed_at"])
    same = AccessRequest.objects.filter(email=row.email, provider=row.provider, answered_at=None)
    is_first = not same.exclude(pk=row.pk).exclude(confirmed_at=None).exists()
    # An earlier question of the same person is this one.
    same.exclude(pk=row.pk).delete()
    audit.record("asked_to_be_let_in", by=PUBLIC, target_type="access_request", target_id=row.key)
    if is_first:
        to, url = _answerers(row)
        notify(to, kind="access_asked", subject="", url=url)


def _answerers(row: AccessRequest) -> tuple[QuerySet[Assignment], str]:
    """The provider's administrators; the agreement managers, where it has none or is not in the register."""
    if row.provider_id:
        admins = Assignment.objects.with_role(Role.PROVIDER_ADMIN).filter(provider=row.provider_id, unit=None)
        if admins.exists():
            return admins, guarding.PAGE
    return Assignment.objects.with_role(Role.AGREEMENT_MANAGER), REGISTER


def waiting(by: Reader) -> QuerySet[AccessRequest]:
    """The confirmed questions that wait for this administrator's answer, oldest first."""
    rows = AccessRequest.objects.filter(answered_at=None).exclude(confirmed_at=None).order_by("confirmed_at")
    if administers_provider(by, by.provider_id):
        return rows.filter(provider=by.provider_id)
    return rows.none()


def without_answerer(by: Reader) -> list[AccessRequest]:
    """The confirmed questions that no provider's administrator can answer, for an agreement manager: the provider is
    not in the register, or has no administrator."""
    if not manages_agreements(by):
        return []
    rows = AccessRequest.objects.filter(answered_at=None).exclude(confirmed_at=None).select_related("provider")
    run = Assignment.objects.with_role(Role.PROVIDER_ADMIN).filter(unit=None).values("provider")
    return list(rows.exclude(provider__in=run).order_by("confirmed_at")[:50])


def _locked(row: AccessRequest, by: Reader) -> AccessRequest:
    locked = AccessRequest.objects.select_for_update().get(pk=row.pk)
    if locked.provider_id is None or not administers_provider(by, locked.provider_id):
        raise NotAllowed(_("Only an administrator of that provider does this."))
    if locked.answered_at or not locked.confirmed_at:
        raise WrongState(_("This has been answered already."))
    return locked


@transaction.atomic
def say_yes(row: AccessRequest, wish: inviting.Wish, *, by: Reader) -> None:
    """Yes, with these roles: an invitation goes to the address that was confirmed. Raises Refused."""
    locked = _locked(row, by)
    if wish.email.lower() != locked.email:
        raise NotAllowed(_("The invitation goes to the address that asked."))
    made = inviting.invite([wish], by=by)
    locked.invitation = made[0] if made else None
    _answered(locked, by, "yes")


@transaction.atomic
def say_no(row: AccessRequest, *, by: Reader) -> None:
    """No: the person is told so by e-mail, without a reason. Raises Refused."""
    locked = _locked(row, by)
    _answered(locked, by, "no")
    email_no.defer(request_id=locked.pk)


@transaction.atomic
def put_away(row: AccessRequest, *, by: Reader) -> None:
    """An agreement manager has dealt with a question that no provider could answer. Raises Refused."""
    locked = AccessRequest.objects.select_for_update().get(pk=row.pk)
    if locked.pk not in {r.pk for r in without_answerer(by)}:
        raise NotAllowed(_("Only an agreement manager does this."))
    _answered(locked, by, "put_away")


def _answered(locked: AccessRequest, by: Reader, answer: str) -> None:
    locked.answered_at, locked.answered_by_label = clock.now(), by.record_label
    locked.save(update_fields=["answered_at", "answered_by_label", "invitation"])
    audit.record("access_answered", by=by, target_type="access_request", target_id=locked.key, answer=answer)
