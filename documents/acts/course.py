"""Which versions of a document matter now: what its readers have, what is to come, what is being worked on; and the
mark of all that, by which an act is refused that was decided on something else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import clock
from documents.acts.table import step
from documents.models import Document, Version
from documents.predicate import UNFINISHED

S = Version.State


@dataclass(frozen=True)
class Course:
    """The versions of a document that matter at this moment, each with its reading. At most one of each: the database
    holds that (`version_one_current`, `version_one_unfinished`).
    """

    # The version that its readers have now.
    in_force: Version | None
    # Published, and shown from a moment that is to come.
    to_come: Version | None
    unfinished: Version | None
    # The version that its readers had last, if nothing is in force: the latest that was shown.
    last: Version | None
    # The latest event of the document when this was asked.
    event: int = 0

    @property
    def mark(self) -> str:
        """All that is known here, in short: the latest event, which versions are in force, to come and unfinished, and
        how far the file of each is read. Two who saw the same have the same; of a document that is locked, it stands.
        """
        versions = [
            (v.pk, v.state, v.read.state, v.read.read_at) if v else None
            for v in (self.in_force, self.to_come, self.unfinished)
        ]
        return f"{self.event}-{hashlib.sha256(repr((self.event, versions)).encode()).hexdigest()[:24]}"

    @property
    def base(self) -> Version | None:
        """The version that a new one is compared with: the one readers have now, else the one they had last."""
        return self.in_force or self.last


def course_of(document: Document) -> Course:
    """Asked anew each time: a version to come is in force when its moment has come, without anybody's act."""
    # SECURITY: before the versions, so that what happens meanwhile makes the mark too old and never too new.
    latest = document.events.values_list("pk", flat=True).first() or 0
    versions = document.versions.with_applies().select_related("reading", "asked", "document__type", "document__owner")
    unfinished = in_force = to_come = None
    for version in versions.filter(Q(state__in=(*UNFINISHED, S.PUBLISHED)) | Q(still_applies=True)):
        version.document = document
        if version.state in UNFINISHED:
            unfinished = version
        elif version.is_to_come:
            to_come = version
        else:
            in_force = version
    last = None
    if in_force is None:
        shown = versions.filter(state=S.SUPERSEDED).exclude(available_from__gt=clock.now())
        last = shown.order_by("-number").first()
    return Course(in_force, to_come, unfinished, last, latest)


def give_way_to_former(version: Version) -> Version | None:
    """The one before it, if that is still there, is the current one again."""
    earlier = version.document.versions.filter(state=Version.State.SUPERSEDED, number__lt=version.number)
    former = earlier.order_by("-number").first()
    if former:
        step("restore", former)
        former.save(update_fields=["state"])
    return former


def bases_of(documents: Collection[int]) -> dict[int, int]:
    """By document (keys), the version that a new one is compared with (`Course.base`): two queries, however many."""
    if not documents:
        return {}
    found: dict[int, int] = {}
    versions = Version.objects.filter(document__in=documents, state__in=[S.PUBLISHED, S.SUPERSEDED]).with_applies()
    # The version in force comes after former ones.
    for version in sorted(versions.defer("body"), key=lambda v: (v.applies, v.number)):
        if version.applies or not version.is_shown_later:
            found[version.document_id] = version.pk
    return found


def moved_since(document: Document, shown: str) -> str:
    """Why an act on what was shown is refused, in words: who has done something since, or that time has."""
    since = shown.partition("-")[0]
    known = int(since) if since.isascii() and since.isdigit() and len(since) < 19 else 0
    event = document.events.filter(pk__gt=known).first() if known else None
    if event is None:
        return _(
            "What readers have, or what is known of the file, has changed since the page was shown. Look once more."
        )
    return _("%(who)s has changed the document since the page was shown, %(at)s. Look once more before you decide.") % {
        "who": event.by_label,
        "at": date_format(clock.swedish(event.at), "j F Y H.i"),
    }


def lacks_change(version: Version) -> bool:
    """Whether readers have a version already, and this one does not say what has changed since."""
    return course_of(version.document).in_force is not None and not version.change_summary.strip()
