"""The way to an approved version: it is sent for approval, reviewed, approved or sent back.

Whoever has written in a version does not approve it, unless its type lets them. A system administrator approves
nothing: only an approver of the document's owner does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Assignment
from accounts.notices import notify
from accounts.readers import Reader
from accounts.roles import Role
from core import clock
from core.refused import NotAllowed, WrongState
from documents.acts import approvers, edits, event, locked_document, version_for
from documents.acts.course import course_of, lacks_change
from documents.acts.table import step
from documents.comparing import sent_back
from documents.models import Document, Reading, Version
from documents.reading import findings

S = Version.State
# Events that make somebody one of those who wrote a version.
WRITING = ("version_added", "draft_updated", "file_attached", "file_left")


class JointDecision(NamedTuple):
    """A decision of the region and others together (samverkansbeslut): the body, the day, where it is minuted."""

    body: str
    on: date
    reference: str


def review_address(document: Document) -> str:
    return f"{document.get_absolute_url()}granska/"


def publishing_address(document: Document) -> str:
    return f"{document.get_absolute_url()}publicera/"


# Rights -----------------------------------------------------------------------------------------------------------
def writers_of(version: Version) -> set[int]:
    """The persons (keys) who have written in this version or chosen its file."""
    written = version.document.events.filter(verb__in=WRITING, version_number=version.number, by__isnull=False)
    return set(written.values_list("by_id", flat=True)) | ({version.author_id} if version.author_id else set())


def approvers_of(version: Version) -> list[Assignment]:
    """Those who could approve it."""
    found = approvers.approvers_at(version.document.owner_id)
    if not version.document.type.author_may_approve:
        found = found.exclude(user__in=writers_of(version))
    return list(found.select_related("user"))


def why_not_approve(version: Version, by: Reader) -> str:
    """Why this reader may not approve the version; empty where they may."""
    if not approvers.approves_now(by, version.document.owner_id):
        return _("An approver of %s decides.") % version.document.owner
    return bar_to_approval(version, wrote=by.user_id in writers_of(version))


def bar_to_approval(version: Version, *, wrote: bool) -> str:
    """Why an approver of its owner may not approve it; `wrote` tells whether they have written in it."""
    if wrote and not version.document.type.author_may_approve:
        return _("Whoever has written in the version does not approve it. Ask another approver.")
    if version.document.type.needs_review and version.reviewed_at is None:
        return _("It is to be reviewed by a colleague before it is approved.")
    return ""


def bar_by_file(version: Version) -> str:
    """Why a version's file keeps it from being approved now; empty where it does not."""
    if version.file and version.read.state == Reading.State.WAITING:
        return _("The file is still being read. It can be approved when that is done, and what was found is shown.")
    return ""


def why_not_review(version: Version, by: Reader) -> str:
    if not edits(by, [version.document_id]):
        return _("You may not change this document. Ask its owner.")
    return _("Whoever has written in the version does not review it.") if by.user_id in writers_of(version) else ""


# Verbs ------------------------------------------------------------------------------------------------------------
def _locked(act: str, version: Version, by: Reader, shown: str | None = None) -> tuple[Document, Version]:
    document = locked_document(version.document, by, shown=shown)
    return document, version_for(version, act)


@transaction.atomic
def submit(version: Version, *, by: Reader, asked: Assignment | None = None) -> Version:
    """A draft is sent for approval; from now on its text stays as it is. Those who can say yes are told, or the one of
    them who is `asked`.
    """
    document, sent = _locked("submit", version, by)
    if not (sent.body.strip() or sent.file):
        raise WrongState(_("The version has neither text nor a file. Write or choose one before it is sent."))
    if by.is_person and lacks_change(sent):
        raise WrongState(_("Write what has changed. It is the first that readers see."))
    if not approvers_of(sent):
        raise WrongState(
            _("%s has no approver other than those who wrote it. Ask your administrator to give somebody the role.")
            % sent.document.owner
        )
    told = first_of(sent)
    if asked:
        told = [a for a in told if a.pk == asked.pk]
        if not told:
            raise WrongState(_("%s cannot decide on it. Choose somebody else.") % asked.user.get_full_name())
    step("submit", sent)
    sent.sent_at, sent.asked = clock.now(), asked.user if asked else None
    sent.reviewed_at, sent.reviewer_label = None, ""
    sent.save(update_fields=["state", "sent_at", "asked", "reviewed_at", "reviewer_label"])
    event(document, "submitted", by, sent, after={"asked": asked.user.get_full_name()} if asked else {})
    notify(told, kind="version_waits", subject=document.number, url=review_address(document))
    return sent


def first_of(version: Version) -> list[Assignment]:
    """Those who could take the first step with it when it is sent: reviewers if its type has them, else approvers."""
    return _reviewers_of(version) if version.document.type.needs_review else approvers_of(version)


def could_ask(version: Version, by: Reader) -> list[Assignment]:
    """Whom a writer could name when they send it; nobody where there is nothing to choose among."""
    found = first_of(version)
    if not version.document.type.author_may_approve:
        found = [a for a in found if a.user_id != by.user_id]
    people = {a.user_id: a for a in found}
    return list(people.values()) if len(people) > 1 else []


def _reviewers_of(version: Version) -> list[Assignment]:
    found = Assignment.objects.with_role(Role.DOCUMENT_EDITOR).filter(provider=version.document.owner_id)
    return list(found.exclude(user__in=writers_of(version)).select_related("user")) or approvers_of(version)


@transaction.atomic
def review(version: Version, *, by: Reader, shown: str | None = None) -> Version:
    """A colleague has read it and finds it good; the approvers are told."""
    document, read = _locked("review", version, by, shown)
    if why := why_not_review(read, by):
        raise NotAllowed(why)
    if read.reviewed_at:
        raise WrongState(_("It has been reviewed already, by %s.") % read.reviewer_label)
    read.reviewed_at, read.reviewer_label, read.asked = clock.now(), _label(by), None
    read.save(update_fields=["reviewed_at", "reviewer_label", "asked"])
    event(document, "reviewed", by, read)
    notify(approvers_of(read), kind="version_waits", subject=document.number, url=review_address(document))
    return read


@transaction.atomic
def approve(
    version: Version,
    *,
    by: Reader,
    joint: JointDecision | None = None,
    has_read_file: bool = False,
    shown: str | None = None,
) -> Version:
    """Yes: the version may be published as it is. `joint` is the decision in cooperation that it rests on, which some
    types demand. `has_read_file`: the approver states having read the file itself, which is demanded where it could not
    be read, or something was found in it that must not come out by mistake.
    """
    document, yes = _locked("approve", version, by, shown)
    if why := why_not_approve(yes, by):
        raise NotAllowed(why)
    if yes.document.type.needs_joint_decision and joint is None:
        raise WrongState(_("Write which decision in cooperation it rests on: the body, the day and the minutes."))
    if why := bar_by_file(yes):
        raise WrongState(why)
    must_answer = findings.must_be_answered(yes)
    if must_answer and not has_read_file:
        raise WrongState(_("Read the file itself, and say that you have: the portal cannot answer for it."))
    step("approve", yes)
    yes.approved_at, yes.approver_id, yes.approver_label = clock.today(), by.user_id, _label(by)
    yes.joint_body, yes.joint_on, yes.joint_reference = joint or ("", None, "")
    course = course_of(document)
    yes.approved_against, yes.approved_beside = course.base, course.to_come
    yes.full_clean(exclude=["author"])
    yes.save()
    told: dict[str, Any] = {"joint": [yes.joint_body, yes.joint_reference]} if joint else {}
    event(document, "approved", by, yes, after=told | ({"has_read_file": True} if must_answer else {}))
    _tell_writers(yes, by, "version_approved", publishing_address(document))
    return yes


@transaction.atomic
def send_back(version: Version, *, by: Reader, reason: str, shown: str | None = None) -> Version:
    """No, not like this: it is a draft again, and those who wrote it are told why. Whoever wrote it takes it back."""
    if not reason.strip():
        raise WrongState(_("Write what is to be changed."))
    document, back = _locked("send_back", version, by, shown)
    step("send_back", back)
    back.approved_at, back.approver_id, back.approver_label = None, None, ""
    back.reviewed_at, back.reviewer_label, back.asked = None, "", None
    back.joint_body, back.joint_on, back.joint_reference = "", None, ""
    back.approved_against = back.approved_beside = None
    sent_back.keep(back)
    back.save()
    event(document, "sent_back", by, back, reason=reason.strip()[:500])
    _tell_writers(back, by, "version_sent_back", f"{document.get_absolute_url()}andra/")
    return back


def _label(by: Reader) -> str:
    return ", ".join(part for part in (by.person_name, by.title) if part)


def _tell_writers(version: Version, by: Reader, kind: str, url: str) -> None:
    works = Assignment.objects.current().filter(user__in=writers_of(version) - {by.user_id or 0})
    at_owner = works.filter(provider=version.document.owner_id)
    notify(at_owner, kind=kind, subject=version.document.number, url=url)


VERBS: dict[str, Callable[..., Version]] = {"review": review, "approve": approve, "send_back": send_back}
