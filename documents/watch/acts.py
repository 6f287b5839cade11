"""Decisions on findings: put aside, taken up again, handed to the source; and on rules: switched off and on."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Assignment
from accounts.notices import notify
from accounts.readers import Reader, renewed
from accounts.roles import DOCUMENT_ROLES, Role
from core import clock
from core.refused import NotAllowed, WrongState
from documents.acts import edits, event
from documents.models import SourceDocument, WatchFinding, WatchRuleOff
from documents.watch import jobs
from documents.watch.mending import asked_of
from documents.watch.ruling import PAGE, Rule

# A finding is put aside for a year at most.
LONGEST = 365
STEWARDS = (Role.PUBLICATION_STEWARD, Role.APPROVER)


def _locked(finding: WatchFinding, by: Reader) -> WatchFinding:
    """The open finding, for those who work on what it is about. Raises NotAllowed, WrongState."""
    now = WatchFinding.objects.select_for_update(of=("self",)).select_related("document", "source").get(pk=finding.pk)
    reader = renewed(by)
    at_owner = now.source is not None and reader.edits_documents and now.source.owner_id == reader.provider_id
    if not (at_owner if now.document is None else edits(by, [now.document.pk])):
        raise NotAllowed(_("You may not change this document. Ask its owner."))
    if now.closed_at is not None:
        raise WrongState(_("It has been mended already."))
    return now


def _tell(finding: WatchFinding, verb: str, by: Reader, reason: str, **after: str) -> None:
    after["rule"] = finding.rule
    if finding.document:
        event(finding.document, verb, by, reason=reason, after=after)
    elif finding.source:
        audit.record(verb, by=by, target_type="source", target_id=finding.source.code, **after)


@transaction.atomic
def snooze(finding: WatchFinding, *, until: dt.date, reason: str, by: Reader) -> WatchFinding:
    """Put aside until and including a day, and why. Raises Refused."""
    now = _locked(finding, by)
    if not reason.strip():
        raise WrongState(_("Write why it is put aside."))
    if not clock.today() <= until <= clock.today() + dt.timedelta(days=LONGEST):
        raise WrongState(_("Give a day from today and at most a year ahead."))
    now.snoozed_until, now.snoozed_reason, now.snoozed_by_label = until, reason.strip()[:300], by.record_label
    now.save(update_fields=["snoozed_until", "snoozed_reason", "snoozed_by_label"])
    _tell(now, "finding_put_aside", by, now.snoozed_reason, until=until.isoformat())
    return now


@transaction.atomic
def wake(finding: WatchFinding, *, by: Reader) -> WatchFinding:
    """Taken up again before its day."""
    now = _locked(finding, by)
    if not now.is_snoozed:
        raise WrongState(_("It is not put aside."))
    now.snoozed_until, now.snoozed_reason, now.snoozed_by_label = None, "", ""
    now.save(update_fields=["snoozed_until", "snoozed_reason", "snoozed_by_label"])
    _tell(now, "finding_taken_up", by, "")
    return now


@transaction.atomic
def ask_the_source(finding: WatchFinding, *, by: Reader) -> WatchFinding:
    """A task for the one who can mend it in the source; once, until it is mended. Raises Refused."""
    now = _locked(finding, by)
    if now.asked_at is not None:
        raise WrongState(_("The task has been sent already."))
    came = SourceDocument.objects.select_related("source__editor", "document__content_owner")
    source = came.filter(document=now.document_id, source__is_active=True).first()
    if source is None or now.document is None:
        raise WrongState(_("The document comes from no source. Mend it here."))
    person, name = asked_of(source)
    works = Assignment.objects.with_role(*DOCUMENT_ROLES).filter(user=person, provider=now.owner_id)
    told = works.select_related("user").first()
    if told is None:
        raise WrongState(_("Nobody who can mend it in %s is named. Name the source's editor in the administration.")
                         % source.source.name)  # fmt: skip
    now.asked_at, now.asked_id, now.asked_label, now.asked_by_label = clock.now(), person, name, by.record_label
    now.save(update_fields=["asked_at", "asked", "asked_label", "asked_by_label"])
    _tell(now, "finding_handed_to_source", by, "", to=name)
    notify([told], kind="watch_task", subject=now.document.number, url=f"{PAGE}?vy=kallan")
    return now


# Rules --------------------------------------------------------------------------------------------------------------
def may_switch(by: Reader) -> bool:
    """A steward or approver switches rules for the own provider's documents."""
    works = Assignment.objects.with_role(*STEWARDS).filter(unit=None)
    return by.viewer is None and works.filter(pk=by.assignment_id, user=by.user_id).exists()


@transaction.atomic
def switch_off(rule: Rule, *, reason: str, by: Reader) -> WatchRuleOff:
    """The rule is no longer asked of the own provider's documents, and its findings close. Raises Refused."""
    if not may_switch(by):
        raise NotAllowed(_("Only a steward or approver of the owner does this."))
    if not reason.strip():
        raise WrongState(_("Write why the rule is switched off."))
    off, is_new = WatchRuleOff.objects.get_or_create(
        rule=rule.code, owner_id=by.provider_id,
        defaults={"reason": reason.strip()[:300], "by_id": by.user_id, "by_label": by.record_label},
    )  # fmt: skip
    if not is_new:
        raise WrongState(_("The rule is switched off already."))
    findings = WatchFinding.objects.filter(rule=rule.code, owner=by.provider_id, closed_at=None)
    findings.update(closed_at=clock.now(), closed_as=WatchFinding.Closed.SWITCHED_OFF)
    audit.record("watch_rule_off", by=by, target_type="rule", target_id=rule.code, reason=off.reason)
    return off


@transaction.atomic
def switch_on(rule: Rule, *, by: Reader) -> None:
    """Asked again, from the next run. Raises Refused."""
    if not may_switch(by):
        raise NotAllowed(_("Only a steward or approver of the owner does this."))
    if not WatchRuleOff.objects.filter(rule=rule.code, owner=by.provider_id).delete()[0]:
        raise WrongState(_("The rule is not switched off."))
    audit.record("watch_rule_on", by=by, target_type="rule", target_id=rule.code)
    jobs.soon()
