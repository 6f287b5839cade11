"""A delivery that somebody uploads: kept, looked through by the worker, and taken in as it was shown or not at all."""

from __future__ import annotations

import zipfile
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from accounts import audit
from accounts.models import Assignment
from accounts.readers import Reader, renewed
from accounts.roles import Role
from core.files import storage
from core.refused import Moved, NotAllowed, WrongState
from documents.intake import runs, sources
from documents.models import Intake, Source

S = Intake.State


class BadUpload(Exception):
    """The file cannot be a delivery. `str()` says why, in the active language."""


def may_look_through(source: Source, by: Reader) -> bool:
    """A steward or approver of the owner, or a system administrator: a dry run changes nothing."""
    now = renewed(by)
    is_steward = now.unit_id is None and now.provider_id == source.owner_id and sources.may_read(now)
    return is_steward or administers_all(now)


def administers_all(by: Reader) -> bool:
    return by.assignment_id is not None and by.viewer is None and Role.SYSTEM_ADMIN in by.roles


def why_not_take_in(source: Source, by: Reader) -> str:
    """Why `by` may not take a delivery in; empty where they may."""
    stewards = Assignment.objects.with_role(*sources.STEWARDS).filter(provider=source.owner_id, unit=None)
    if not stewards.filter(pk=by.assignment_id, user=by.user_id).exists():
        return _("Only a steward or approver of the owner takes a delivery in.")
    if not sources.works(source):
        return _("%s waits for the yes of a steward of its owner. Nothing is taken in.") % source.name
    return ""


def look_through(source: Source, file: IO[bytes], name: str, *, by: Reader, is_part: bool = False) -> Intake:
    """Keeps a zip and has the worker look it through. Slow: not within a transaction. Raises BadUpload, NotAllowed."""
    if not may_look_through(source, by):
        raise NotAllowed(_("Only a steward or approver of the owner takes a delivery in."))
    file.seek(0)
    if not zipfile.is_zipfile(file):
        raise BadUpload(_("%s is no zip file, or a damaged one.") % name)
    kept = storage.store(file, app="documents")
    with transaction.atomic():
        run = runs.begin(source, name, by=by, is_dry=True, is_part=is_part, file=kept.path)
        _told(run, "delivery_looked_through", by)
    return run


@transaction.atomic
def take_in(shown: Intake, *, mark: str, by: Reader) -> Intake:
    """Has the worker take a delivery in just as it was looked through. `mark` is that of the report that was shown.
    Raises NotAllowed, Moved, WrongState."""
    run = Intake.objects.select_for_update(of=("self",)).select_related("source").get(pk=shown.pk)
    if why := why_not_take_in(run.source, by):
        raise NotAllowed(why)
    if not run.waits_for_a_yes:
        raise WrongState(_("This has been answered already."))
    if not run.file:
        raise WrongState(_("The file is no longer kept. Upload the delivery once more."))
    if run.mark != mark:
        raise Moved(_("Somebody has changed this meanwhile. Look at it as it is now."))
    if made := run.carried_out.exclude(state__in=[S.BROKEN, S.STOPPED]).first():
        return made  # pressed twice
    following = runs.begin(
        run.source, run.name, by=by, is_dry=False, is_part=run.is_part, agreed=mark, file=run.file, carries_out=run
    )
    _told(following, "delivery_taken_in", by)
    return following


def _told(run: Intake, action: str, by: Reader, **facts: Any) -> None:
    audit.record(action, by=by, target_type="source", target_id=run.source.code, delivery=run.pk, **facts)
    app.configure_task("documents.carry_out_delivery", allow_unknown=False).defer(run_id=run.pk)
