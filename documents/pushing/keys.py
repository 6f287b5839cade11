"""The keys by which a source's system pushes: made by one, confirmed by another, ended by either.

SECURITY: whoever has the key publishes in the owner's name. So it works as a source does (`documents.intake.sources`):
with the yes of a steward of the owner, another person than made it, for as long as the source works.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Assignment
from accounts.notices import notify
from accounts.readers import Reader
from core import clock
from core.api import keys
from core.refused import NotAllowed, WrongState
from documents.intake import sources, uploads
from documents.models import Source, SourceKey

PUSH = "documents.push"
LONGEST = dt.timedelta(days=2 * 366)
# The last use is told to this much.
_TOLD_EVERY = dt.timedelta(minutes=1)


def address(source: Source) -> str:
    return f"/dokument/kallor/{source.code}/nycklar/"


@transaction.atomic
def make(source: Source, name: str, expires_on: dt.date, *, by: Reader) -> tuple[SourceKey, str]:
    """A key that waits for a yes, and its text, which is told here and never again. Raises Refused."""
    if not uploads.may_look_through(source, by):
        raise NotAllowed(_("Only a steward or approver of the owner does this."))
    if not clock.today() < expires_on <= clock.today() + LONGEST:
        raise WrongState(_("Choose a last day that is to come, within two years."))
    new = keys.make()
    made = SourceKey.objects.create(
        source=source, name=name.strip()[:100], key_name=new.name, digest=new.digest, scopes=[PUSH],
        expires_on=expires_on, made_by_id=by.user_id, made_by_label=by.record_label,
    )  # fmt: skip
    audit.record("source_key_made", by=by, target_type="source", target_id=source.code, key=new.name)
    stewards = Assignment.objects.with_role(*sources.STEWARDS).filter(provider=source.owner_id, unit=None)
    notify(stewards.exclude(user=by.user_id), kind="source_key_waits", subject=source.name, url=address(source))
    return made, new.text


def why_not_confirm(key: SourceKey, by: Reader) -> str:
    """Why `by` may not confirm this key; empty where they may."""
    stewards = Assignment.objects.with_role(*sources.STEWARDS).filter(provider=key.source.owner_id, unit=None)
    if not stewards.filter(pk=by.assignment_id, user=by.user_id).exists():
        return _("Only a steward or approver of the owner does this.")
    if key.made_by_id == by.user_id:
        return _("You made it. Another steward of the owner confirms.")
    return ""


@transaction.atomic
def confirm(key: SourceKey, *, by: Reader) -> None:
    """The yes of another. Raises Refused."""
    locked = SourceKey.objects.select_for_update(of=("self",)).select_related("source").get(pk=key.pk)
    if why := why_not_confirm(locked, by):
        raise NotAllowed(why)
    if locked.confirmed_at or locked.ended_at:
        raise WrongState(_("This has been answered already."))
    locked.confirmed_by_id, locked.confirmed_by_label = by.user_id, by.record_label
    locked.confirmed_at = clock.now()
    locked.save()
    audit.record("source_key_confirmed", by=by, target_type="source", target_id=locked.source.code, key=locked.key_name)


@transaction.atomic
def end(key: SourceKey, *, by: Reader) -> None:
    """It works no longer, from this moment. Raises Refused."""
    locked = SourceKey.objects.select_for_update(of=("self",)).select_related("source").get(pk=key.pk)
    if not uploads.may_look_through(locked.source, by):
        raise NotAllowed(_("Only a steward or approver of the owner does this."))
    if locked.ended_at:
        raise WrongState(_("This has been answered already."))
    locked.ended_at, locked.ended_by_label = clock.now(), by.record_label
    locked.save()
    audit.record("source_key_ended", by=by, target_type="source", target_id=locked.source.code, key=locked.key_name)


def opened_by(text: str) -> SourceKey | None:
    """The key that a program sent, if it holds: confirmed, not ended, not over its last day."""
    sent = keys.parts(text)
    found = SourceKey.objects.select_related("source__owner").filter(key_name=sent[0]).first() if sent else None
    if sent is None or found is None or not keys.fits(sent[1], found.digest) or not found.holds:
        return None
    now = clock.now()
    if found.last_used_at is None or now - found.last_used_at > _TOLD_EVERY:
        SourceKey.objects.filter(pk=found.pk).update(last_used_at=now)
    return found
