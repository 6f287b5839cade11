"""The fate of a version that is to come when another is published before it.

It was written on what readers had then, and knows nothing of what is mended since: shown on its day as it is, it would
undo that. So whoever publishes chooses, and nothing of it is taken along in silence.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Assignment
from accounts.notices import notify
from accounts.readers import Reader
from core import markdown
from core.refused import WrongState
from documents.acts import event
from documents.acts.course import Course, give_way_to_former
from documents.acts.said import SAID
from documents.acts.table import step
from documents.comparing.merging import merge
from documents.models import Document, Reading, Version
from documents.reading import readings

S = Version.State
FILE = ("file", "file_name", "file_type", "file_size", "file_sha256", "file_removed", "original_file",
        "original_sha256")  # fmt: skip
# The columns that are copied of a version that is kept; its words, file and days.
KEPT = (*SAID, *FILE, "body", "change_summary", "is_major", "valid_from", "valid_to", "available_from", "available_to",
        "author_id")  # fmt: skip


class Fate(models.TextChoices):
    """Its fate."""

    ANEW = "anew", gettext_lazy("Made anew on this text, and approved again")
    TAKEN_BACK = "taken_back", gettext_lazy("Taken back: it does not come")
    KEPT = "kept", gettext_lazy("Kept: it comes on its day as it is")


@dataclass(frozen=True)
class Fates:
    """The choices for a version that is to come, each with its consequence in words."""

    number: int
    words: dict[Fate, str]


def fates_of(new: Version, course: Course) -> Fates | None:
    """None where nothing is to come."""
    to_come = course.to_come
    if to_come is None:
        return None
    n = {"n": to_come.number, "own": new.number}
    anew = (
        _("A draft with what version %(n)d changes, laid on the text of version %(own)d. It is approved once more.") % n
    )
    if to_come.file_sha256 != (to_come.begins_from.file_sha256 if to_come.begins_from else ""):
        anew += " " + _("Its file has to be made anew and chosen there.")
    words = {Fate.ANEW: anew, Fate.TAKEN_BACK: _("Nobody gets to read it. It is kept in the history.")}
    if may_keep(new, to_come):
        words[Fate.KEPT] = _("What version %(own)d mends is lost that day, unless it stands there too.") % n
    return Fates(to_come.number, words)


def may_keep(new: Version, to_come: Version) -> bool:
    """Whether the approver of the new one has seen the one to come compared with it."""
    return new.approved_beside_id == to_come.pk


def check(new: Version, course: Course, fate: str | None, by: Reader) -> Fate | None:
    """The chosen fate of the one to come; None if there is none. Raises WrongState where that is not said, or cannot
    be.
    """
    to_come = course.to_come
    if to_come is None:
        return None
    if not by.is_person:
        return Fate.TAKEN_BACK  # what is taken over from a source is all that is to come
    if fate not in Fate.values:
        raise WrongState(_("Version %d is to come. Choose what becomes of it.") % to_come.number)
    if fate == Fate.KEPT and not may_keep(new, to_come):
        raise WrongState(
            _("Version %d was not compared with this one when it was approved. It can be made anew, or taken back.")
            % to_come.number
        )
    if fate == Fate.KEPT and new.is_shown_later:
        raise WrongState(
            _("Two versions cannot be to come. Publish this one now, or take version %d back.") % to_come.number
        )
    return Fate(fate)


def take_away(document: Document, to_come: Version, fate: Fate, by: Reader) -> None:
    """Before the new one is published: the one to come gives way, and is kept in the history as withdrawn."""
    step("withdraw", to_come)
    to_come.save(update_fields=["state"])
    give_way_to_former(to_come)
    event(document, "taken_back", by, to_come, after={"state": to_come.state, "fate": fate.value})


def go_on(document: Document, new: Version, was_to_come: Version, fate: Fate, by: Reader) -> Version | None:
    """After the new one is published: the one that was to come is made anew as a draft, or comes as it is under a
    number after the new one's. Its writers are told.
    """
    made = None
    if fate == Fate.ANEW:
        made = _made_anew(document, new, was_to_come, by)
    elif fate == Fate.KEPT:
        made = _kept(document, new, was_to_come, by)
    if fate != Fate.KEPT and was_to_come.author_id != by.user_id:
        told = Assignment.objects.current().filter(user=was_to_come.author_id, provider=document.owner_id)
        url = f"{document.get_absolute_url()}{'andra/' if made else ''}"
        notify(told, kind="to_come_moved", subject=document.number, url=url)
    return made


def _made_anew(document: Document, new: Version, was: Version, by: Reader) -> Version:
    """A draft: the text now published, with the changes that were to come. Files cannot be laid together: the draft
    has that of the new one, and whoever writes chooses another.
    """
    base = was.begins_from.body if was.begins_from else ""
    merged = merge(base, new.body, was.body)
    draft = Version(
        document=document, number=new.number + 1, body=merged.text, begins_from=new, author_id=was.author_id,
        change_summary=was.change_summary, is_major=was.is_major, available_from=was.available_from,
        available_to=was.available_to, valid_to=was.valid_to,
    )  # fmt: skip
    for name in FILE:
        setattr(draft, name, getattr(new, name))
    for name in SAID:
        is_changed = was.begins_from is None or getattr(was, name) != getattr(was.begins_from, name)
        setattr(draft, name, getattr(was if is_changed else new, name))
    draft.full_clean(exclude=["author", "begins_from"])
    draft.save()
    try:
        readings.write(draft, markdown.render(draft.body, document.number))
    except markdown.TooHeavy as heavy:
        raise WrongState(str(heavy)) from None
    if draft.file:
        readings.wait(draft)
    has_new_file = was.file_sha256 != (was.begins_from.file_sha256 if was.begins_from else "")
    told = {"from": was.number, "collisions": merged.collisions, "file": has_new_file}
    event(document, "made_anew", by, draft, after=told)
    return draft


def _kept(document: Document, new: Version, was: Version, by: Reader) -> Version:
    copy = Version(document=document, number=new.number + 1, begins_from=new, **{n: getattr(was, n) for n in KEPT})
    # Whoever approved the new one saw the two compared, and answers for both.
    copy.approver_id, copy.approver_label, copy.approved_at = new.approver_id, new.approver_label, new.approved_at
    copy.approved_against, copy.published_at = new, new.published_at
    step("supersede", new)
    new.save(update_fields=["state"])
    copy.state = S.PUBLISHED
    copy.full_clean(exclude=["author", "approver", "begins_from", "approved_against"])
    copy.save()
    read = was.read
    Reading.objects.create(
        version=copy, html=read.html, text=read.text, state=read.state, fault=read.fault, warnings=read.warnings,
        pages=read.pages, reader=read.reader, read_at=read.read_at,
    )  # fmt: skip
    event(document, "kept_to_come", by, copy, after={"from": was.number})
    return copy
