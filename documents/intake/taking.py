"""One document of a delivery is taken in, changed or revoked: each in one transaction, by the verbs that persons use.

Done again it changes nothing, and broken off anywhere it leaves the document as it was before or as it is after.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.readers import Reader
from core import clock
from core.files import receiving
from core.refused import NotAllowed
from documents import ending, lifecycle, search
from documents.acts.course import course_of
from documents.delivery.mapping import KINDS
from documents.delivery.package import Delivery
from documents.intake import sources
from documents.intake.planning import Outcome, Planned, applies_of, facts_of, has_changed
from documents.lifecycle import numbers
from documents.models import Document, DocumentType, Source, SourceDocument, Version
from documents.visibility.acts import change_visibility

S, D = Version.State, Document.State


def system_of(source: Source, door: str) -> Reader:
    """The one who acts in the history of the source's documents. `door`: "command", or "job"."""
    return Reader(kind="system", person_name=source.name, door=door)


def receive(planned: Planned, delivery: Delivery) -> receiving.Received | None:
    """The file of a row that becomes a version. Slow, and before anything is locked; a file whose row never comes is
    swept. Raises RejectedFile."""
    wanted = planned.wanted
    if planned.outcome not in (Outcome.NEW, Outcome.CHANGED) or not wanted.file or not _becomes_a_version(planned):
        return None
    with delivery.open(wanted.file) as file:
        name, most = wanted.file.rpartition("/")[2], settings.PORTAL_MAX_FILE_BYTES
        return receiving.receive(file, name=name, app="documents", max_bytes=most)


def take(source: Source, planned: Planned, came: receiving.Received | None, *, by: Reader) -> None:
    """Does as planned, with the file that was received (`receive`). Raises Refused, ValidationError."""
    wanted = planned.wanted
    if planned.outcome in (Outcome.UNCHANGED, Outcome.PASSED):
        return
    if planned.outcome is Outcome.REVOKED:
        revoke(source, planned, by=by)
        return
    with transaction.atomic(), search.together():
        _locked(source)
        one = _known(source, planned, by)
        if _becomes_a_version(planned):
            _write(source, one, planned, came, by)
        if planned.known is not None and planned.visibility is not None:
            reason = _("%s has narrowed who may read it.") % source.name
            change_visibility(one.document, by=by, change=planned.visibility, reason=reason)
        one.facts, one.rights, one.waits = facts_of(wanted), wanted.rights, planned.waits
        one.addresses = sorted({*one.addresses, *wanted.addresses})
        one.replaces = wanted.former_number or one.replaces
        one.delivered_at = one.taken_at = clock.now()
        one.save()
        if planned.is_renumbered or one.number != one.document.number:
            search.reindex([one.document_id])


def revoke(source: Source, planned: Planned, *, by: Reader) -> None:
    """The source has revoked it; what replaces it is the one that says so, if it is here."""
    assert planned.known
    with transaction.atomic():
        _locked(source)
        one = _known(source, planned, by)
        _revoke(one, by, _("Revoked in %s.") % source.name)
        one.facts = facts_of(planned.wanted)
        one.delivered_at = one.taken_at = clock.now()
        one.save()


def revoke_absent(source: Source, one: SourceDocument, *, by: Reader) -> None:
    """A document that a whole delivery leaves out no longer applies."""
    with transaction.atomic():
        _locked(source)
        _revoke(one, by, _("The delivery from %s no longer holds it.") % source.name)
        one.taken_at = clock.now()
        one.save(update_fields=["taken_at"])


def _locked(source: Source) -> None:
    """SECURITY: under the lock, for each document: a yes that is taken back stops what is left of a delivery."""
    if not sources.works(Source.objects.select_for_update(no_key=True).get(pk=source.pk)):
        raise NotAllowed(_("%s waits for the yes of a steward of its owner. Nothing is taken in.") % source.name)


def _revoke(one: SourceDocument, by: Reader, reason: str) -> None:
    document = Document.objects.get(pk=one.document_id)
    if document.state == D.ACTIVE:
        after = one.source.documents.filter(replaces__iexact=one.number).exclude(pk=one.pk).first()
        ending.revoke(document, by=by, reason=reason, replaced_by=after.document if after else None)


def _becomes_a_version(planned: Planned) -> bool:
    known = planned.known
    return known is None or known.document.has_ended or has_changed(planned.wanted, known)


def _known(source: Source, planned: Planned, by: Reader) -> SourceDocument:
    """The source's document, made if it is new, under its number of now."""
    wanted = planned.wanted
    if planned.known is None:
        return SourceDocument(source=source, number=wanted.number, document=_made(source, planned, by))
    one = SourceDocument.objects.select_for_update().select_related("document", "source").get(pk=planned.known.pk)
    if one.number != wanted.number:
        if one.number.lower() != wanted.number.lower():
            source.former_numbers.create(document=one.document, number=one.number)
        one.number = wanted.number
    return one


def _made(source: Source, planned: Planned, by: Reader) -> Document:
    """The document keeps the source's number where no other document has, or ever had, it (ADR 0024)."""
    wanted = planned.wanted
    told: dict[str, Any] = _applies(source, planned)
    numbers.lock(wanted.number)
    is_free = not numbers.has_been_used(wanted.number)
    return lifecycle.create_document(
        by=by,
        number=wanted.number if is_free else None,
        title=wanted.title,
        type=DocumentType.objects.get(code=wanted.type_code),
        owner=source.owner,
        visibility=planned.visibility,
        **told,
        summary=wanted.summary,
        keywords=wanted.keywords,
    )


def _applies(source: Source, planned: Planned) -> dict[str, bool]:
    told = applies_of(planned.wanted, source)
    return {f"applies_{kind}": kind in told for kind in KINDS}


def _write(source: Source, one: SourceDocument, planned: Planned, came: receiving.Received | None, by: Reader) -> None:
    """The row as a version: published with its dates and approver where the source has approved it, else a draft."""
    wanted, document = planned.wanted, one.document
    while document.has_ended:
        document = ending.reinstate(document, by=by, reason=_("%s tells that it applies again.") % source.name)
    if wanted.type_code != document.type.code:
        document = lifecycle.update_document(document, by=by, type=DocumentType.objects.get(code=wanted.type_code))
    course = course_of(document)
    draft = course.unfinished
    if draft is not None and (draft.author_id is not None or not draft.is_draft):
        ending.withdraw(draft, by=by, reason=_("%s is master of the document now.") % source.name)
        draft = None
    told: dict[str, Any] = {
        "title": wanted.title, "summary": wanted.summary, "keywords": wanted.keywords, **_applies(source, planned),
        "valid_from": wanted.days.get("valid_from"), "valid_to": wanted.days.get("valid_to"),
        "change_summary": _summary(source, one, planned), "available_from": _shown_from(planned, course.in_force),
    }  # fmt: skip
    if draft is None:
        whole = int(wanted.version) if wanted.version.isascii() and wanted.version.isdigit() else 0
        draft = lifecycle.add_version(document, by=by, number=whole if whole < 10_000 else None, **told)
    else:
        draft = lifecycle.update_draft(draft, by=by, **told)
    if came is not None:
        draft = lifecycle.attach_file(draft, came, by=by)
    if wanted.state == "published":
        lifecycle.publish(
            draft, by=by, approver_label=wanted.approver or source.name, approved_at=wanted.days.get("approved")
        )
        one.version = wanted.version
    one.document = document


def _summary(source: Source, one: SourceDocument, planned: Planned) -> str:
    if planned.known is None or not one.version:
        return ""
    if planned.wanted.version != one.version:
        return _("Version %(version)s in %(source)s.") % {"version": planned.wanted.version, "source": source.name}
    return _("Changed in %(source)s, under the same version %(version)s.") % {
        "version": one.version, "source": source.name,
    }  # fmt: skip


def _shown_from(planned: Planned, in_force: Version | None) -> dt.datetime | None:
    """One that applies from a day to come is shown from then, so that the one before it is read until then."""
    first = planned.wanted.days.get("valid_from")
    if in_force is None or planned.wanted.state != "published" or first is None or first <= clock.today():
        return None
    return clock.start_of_day(first)
