"""A source is set up by one and confirmed by another: verbs of a system administrator and of a steward of the owner.

SECURITY: whoever makes an export approves, in effect, each text of it. So a source works only as a steward of the owner
has confirmed it, and somebody who set it up cannot be the one who confirms; another mapping waits for another yes.
"""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import administers
from accounts.models import Assignment
from accounts.notices import notify
from accounts.readers import Reader
from accounts.roles import Role
from core import clock
from core.refused import Moved, NotAllowed, WrongState
from documents.delivery.mapping import FOLDER, Mapping, read
from documents.models import Source

PAGE = "/dokument/kallor/"
STEWARDS = (Role.PUBLICATION_STEWARD, Role.APPROVER)


def mapping_text(source: Source) -> str:
    """The source's mapping as TOML, ready or its own."""
    return source.own_mapping or (FOLDER / f"{source.ready_mapping}.toml").read_text()


def mapping_of(source: Source) -> Mapping:
    """Raises BadMapping."""
    return read(mapping_text(source))


def mark(source: Source) -> str:
    """The source as it is shown: a confirmation is of this, to the letter."""
    told = (source.code, source.owner_id, mapping_text(source))
    return hashlib.sha256(repr(told).encode()).hexdigest()


def works(source: Source) -> bool:
    """Whether deliveries of it may be taken in."""
    return source.is_active and source.confirmed_at is not None and source.confirmed_digest == mark(source)


def may_read(reader: Reader) -> bool:
    """The page of sources is for the stewards of an owner."""
    return reader.assignment_id is not None and reader.viewer is None and bool(reader.roles & set(STEWARDS))


def why_not(source: Source, by: Reader) -> str:
    """Why `by` may not confirm this source; empty where they may."""
    stewards = Assignment.objects.with_role(*STEWARDS).filter(provider=source.owner_id, unit=None)
    if not stewards.filter(pk=by.assignment_id, user=by.user_id).exists():
        return _("Only a steward or approver of the owner does this.")
    if source.set_up_by_id == by.user_id:
        return _("You set it up. Another steward of the owner confirms.")
    return ""


@transaction.atomic
def set_up(source: Source, *, by: Reader) -> Source:
    """A source is made, or is another; the owner's stewards are asked where it no longer works. Raises NotAllowed."""
    if not administers(by):
        raise NotAllowed(_("Only a system administrator does this."))
    before = Source.objects.select_for_update().filter(pk=source.pk).first()
    if before is None or mark(before) != mark(source):
        source.set_up_by_id, source.set_up_by_label = by.user_id, by.record_label
        source.confirmed_by = source.confirmed_at = None
        source.confirmed_by_label = source.confirmed_digest = ""
    source.save()
    if source.confirmed_at is None:
        audit.record("source_set_up", by=by, target_type="source", target_id=source.code)
        stewards = Assignment.objects.with_role(*STEWARDS).filter(provider=source.owner_id, unit=None)
        notify(stewards.exclude(user=by.user_id), kind="source_waits", subject="", url=PAGE)
    return source


@transaction.atomic
def confirm(source: Source, *, shown: str, by: Reader) -> Source:
    """The steward's yes to the source as it was shown. Raises Refused."""
    locked = Source.objects.select_for_update().get(pk=source.pk)
    if why := why_not(locked, by):
        raise NotAllowed(why)
    if mark(locked) != shown:
        raise Moved(_("Somebody has changed this meanwhile. Look at it as it is now."))
    if works(locked):
        raise WrongState(_("This has been answered already."))
    locked.confirmed_by_id, locked.confirmed_by_label = by.user_id, by.record_label
    locked.confirmed_at, locked.confirmed_digest = clock.now(), shown
    locked.save()
    audit.record("source_confirmed", by=by, target_type="source", target_id=locked.code, mark=shown[:16])
    return locked


@transaction.atomic
def withdraw(source: Source, *, by: Reader) -> Source:
    """The yes is taken back: nothing more is taken in, and all that came stays. Raises Refused."""
    locked = Source.objects.select_for_update().get(pk=source.pk)
    stewards = Assignment.objects.with_role(*STEWARDS).filter(provider=locked.owner_id, unit=None)
    if not stewards.filter(pk=by.assignment_id, user=by.user_id).exists():
        raise NotAllowed(_("Only a steward or approver of the owner does this."))
    if locked.confirmed_at is None:
        raise WrongState(_("This has been answered already."))
    locked.confirmed_by = locked.confirmed_at = None
    locked.confirmed_by_label = locked.confirmed_digest = ""
    locked.save()
    audit.record("source_withdrawn", by=by, target_type="source", target_id=locked.code)
    return locked
