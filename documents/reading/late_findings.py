"""Findings in a file after its version was approved: told to those who answer for it, until one has read it.

An approver says yes to a file that has been read. It is read again when the reader of files has learnt something, or
after a fault of the machine, and then something may be found that nobody was asked about.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Assignment
from accounts.notices import notify
from accounts.readers import Reader
from accounts.roles import DOCUMENT_ROLES, Role
from core.refused import WrongState
from documents.acts import event, locked_document
from documents.models import Reading, Version
from documents.reading.findings import FAULTS, FOUND, Finding, Weight

S = Version.State


def answer_address(version: Version) -> str:
    address = version.document.get_absolute_url()
    return f"{address}publicera/" if version.state == S.APPROVED else f"{address}granska/?galler"


def keep(reading: Reading, codes: Iterable[str]) -> None:
    """Keeps those of a reading's new findings (`codes`) that come after the yes. Before the reading is saved; its
    version's document is locked. A version that a source published without an approver here counts if it must not come
    out.
    """
    version = reading.version
    if version.state not in (S.APPROVED, S.PUBLISHED):
        return
    least = Weight.MEND if version.approver_id else Weight.STOP
    known = {*reading.warnings, *reading.found_late}
    found = [c for c in codes if c not in known and (c in FAULTS or (c in FOUND and FOUND[c].weight >= least))]
    if not found:
        return
    reading.found_late = [*reading.found_late, *found]
    chose = version.document.events.filter(verb="file_attached", version_number=version.number, by__isnull=False)
    people = {version.approver_id, version.document.content_owner_id, *chose.values_list("by_id", flat=True)[:1]}
    at_owner = Assignment.objects.with_role(*DOCUMENT_ROLES).filter(provider=version.document.owner_id)
    told = at_owner.filter(user__in=people)
    if version.approver_id is None:
        # Nobody here chose the file of a source: its owner's stewards are those who can answer.
        stewards = Assignment.objects.with_role(Role.PUBLICATION_STEWARD).filter(provider=version.document.owner_id)
        told = told | stewards
    notify(told.distinct(), kind="found_late", subject=version.document.number, url=answer_address(version))


def holds_back(version: Version) -> bool:
    """Whether readers are shown the file and not what was read from it: something that must not come out was found in a
    file that nobody here has approved, and nobody has answered it yet."""
    return version.approver_id is None and any(finding.weight == Weight.STOP for finding in of(version))


def of(version: Version) -> list[Finding]:
    """The findings that nobody has answered yet, the heaviest first."""
    found = [(FOUND | FAULTS)[code] for code in version.read.found_late if code in FOUND or code in FAULTS]
    return sorted(found, key=lambda finding: -finding.weight)


@transaction.atomic
def answer(version: Version, *, by: Reader, shown: str | None = None) -> None:
    """Somebody who works on the document has read what was found, and lets the file stay."""
    document = locked_document(version.document, by, shown=shown, kept_here=False)
    reading = Reading.objects.filter(version=version.pk, version__document=document).first()
    if reading is None or not reading.found_late:
        raise WrongState(_("It has been answered already."))
    codes, reading.found_late = reading.found_late, []
    reading.save(update_fields=["found_late"])
    event(document, "findings_answered", by, version, after={"codes": codes})
