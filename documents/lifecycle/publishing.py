"""An approved version is shown to its readers, and what they have is confirmed: the verbs (`drafting`)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.readers import Reader
from core import clock
from core.refused import WrongState
from documents.acts import event, jobs, locked_document, settle, version_for
from documents.acts.course import Course, course_of, lacks_change
from documents.acts.table import step
from documents.comparing import sent_back
from documents.lifecycle import to_come as coming
from documents.lifecycle.drafting import PUBLISHING_FIELDS
from documents.models import Document, Reading, Version
from documents.signals import version_published

S = Version.State


@transaction.atomic
def publish(
    version: Version,
    *,
    by: Reader,
    approver_label: str | None = None,
    approved_at: date | None = None,
    to_come: str | None = None,
    shown: str | None = None,
    **told: Any,
) -> Version:
    """Make an approved version the current one; the former becomes superseded, and applies until the new is shown.

    `to_come` (`to_come.Fate`) says what becomes of a version that is to come, where there is one. A version that a
    person publishes was approved in comparison with what readers have now, or WrongState is raised. `told` changes
    DRAFT_FIELDS but the text: what changed (demanded where there is a former version), from when and until when. The
    portal's own commands publish a draft too, and alone give the source's approver and the day (`approver_label`,
    `approved_at`). Sends `version_published` in the transaction.
    """
    if unknown := set(told) - PUBLISHING_FIELDS:
        raise TypeError(f"no fields of a publishing: {', '.join(sorted(unknown))}")
    locked = locked_document(version.document, by, shown=shown)
    new = version_for(version, "take_over" if by.kind == "system" else "publish")
    course = course_of(locked)
    for name, value in told.items():
        setattr(new, name, value)
    if not (new.body.strip() or new.file):
        raise WrongState(_("The version has neither text nor a file. Write or choose one before you publish."))
    if locked.versions.filter(state__in=[S.PUBLISHED, S.SUPERSEDED], number__gt=new.number).exists():
        raise WrongState(_("A later version is already published."))
    if by.is_person and lacks_change(new):
        raise WrongState(_("Write what has changed. It is the first that readers see."))
    _check_not_over(new, by)
    _check_compared(new, course, by)
    fate = coming.check(new, course, to_come, by)
    if fate and course.to_come:
        coming.take_away(locked, course.to_come, fate, by)
    former = locked.versions.filter(state=S.PUBLISHED).first()
    if former:
        step("supersede", former)
        former.save(update_fields=["state"])
    step("take_over" if by.kind == "system" else "publish", new)
    new.published_at = clock.now()
    new.valid_from = new.valid_from or clock.swedish(new.available_from or clock.now()).date()
    if by.kind == "system":
        new.approved_at = approved_at or new.approved_at or clock.today()
        new.approver_label = approver_label or new.approver_label or by.record_label
    new.full_clean(exclude=["author"])
    new.save()
    sent_back.let_go(new)
    if by.is_person:  # whoever publishes has said yes to what was found late as well
        Reading.objects.filter(version=new).exclude(found_late=[]).update(found_late=[])
    if locked.content_holds_on:
        locked.content_holds_on = None  # the clock starts anew with what is published now
        locked.save(update_fields=["content_holds_on"])
    event(locked, "published", by, new, before={"current": former.number if former else None})
    if fate and course.to_come and (made := coming.go_on(locked, new, course.to_come, fate, by)):
        _reindex_when_shown(made)
    settle(locked)
    _reindex_when_shown(new)
    version_published.send(sender=Document, version=new, by=by)
    return new


@transaction.atomic
def confirm_content(document: Document, *, by: Reader, shown: str | None = None) -> Document:
    """The version in force has been looked through and still holds: the clock until the next time starts anew."""
    locked = locked_document(document, by, shown=shown)
    current = course_of(locked).in_force
    if current is None:
        raise WrongState(_("Nothing of the document applies now. Publish a version first."))
    if current.valid_to and current.valid_to < clock.today():
        raise WrongState(_("The document has expired. Publish a new version with a later last day."))
    before, locked.content_holds_on = locked.content_holds_on, clock.today()
    locked.save(update_fields=["content_holds_on"])
    event(locked, "content_confirmed", by, current, before={"on": str(before) if before else None})
    return locked


def _check_compared(new: Version, course: Course, by: Reader) -> None:
    """SECURITY: what readers have may have changed between the approver's yes and this: a version that was to come has
    come, another was withdrawn. Nobody would then have seen the content that the new one undoes."""
    if not by.is_person or new.approved_against_id == (course.base.pk if course.base else None):
        return
    raise WrongState(
        _("What readers have has changed since version %d was approved. Send it back, and have it approved anew.")
        % new.number
    )


def _check_not_over(new: Version, by: Reader) -> None:
    # A version that a command takes over from elsewhere may be over since long; a person who publishes has overlooked
    # it.
    earliest = clock.today() if by.is_person or not new.valid_from else new.valid_from
    if new.valid_to and new.valid_to < earliest:
        raise WrongState(
            _("The last day it applies, %s, has passed. Change it in the draft before you publish.")
            % date_format(new.valid_to, "j F Y")
        )
    if by.is_person and new.available_to and new.available_to <= clock.now():
        raise WrongState(_("It was to be visible until a moment that has passed. Change it before you publish."))


def _reindex_when_shown(version: Version) -> None:
    """The search covers what is shown: the document is indexed again at the moments a version appears and goes."""
    for moment in (version.available_from, version.available_to):
        if moment and moment > clock.now():
            jobs.reindex.configure(schedule_at=moment + timedelta(seconds=1)).defer(document_id=version.document_id)
