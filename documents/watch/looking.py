"""Asking the rules: of what has changed, at once; of all documents, each night. A finding is kept until its rule finds
it no longer.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL

from core import clock
from documents import reach
from documents.equal import waits
from documents.links import noting
from documents.models import Document, Source, ToWatch, WatchFinding, WatchRuleOff, WatchRun
from documents.watch.ruling import RULES, Found, Rule, Scope, World

log = logging.getLogger(__name__)
BATCH = 10_000
# As many changes as a page waits for; the rest are the job's.
AT_ONCE = 25
_LOCK = 0x57A7C4
MENDED = WatchFinding.Closed.MENDED
# The rule and key of a finding, and the document or source it is of.
Identity = tuple[str, int | None, int | None, str]


class RulesFailed(Exception):
    """Rules stopped by an error. The others have been asked, and the former findings of these stand."""


# Runs --------------------------------------------------------------------------------------------------------------
def look_at(ids: Iterable[int], *, world: World | None = None, wait: bool = True) -> dict[str, str] | None:
    """Asks all rules of these documents (keys). Gives the errors, by rule; None where another run has the lock and one
    would not `wait`. Each batch is a transaction of its own: one that is killed leaves the former findings.
    """
    world = world or World()
    faults: dict[str, str] = {}
    keys = list(dict.fromkeys(ids))
    for start in range(0, len(keys), BATCH):
        with transaction.atomic():
            if not _lock(wait):
                return None
            scope = Scope(keys[start : start + BATCH], world)
            noting.note(scope.facts["shown_versions"])
            faults |= _Looking(scope, of_sources=False).ask()
    return faults


def look_at_all() -> None:
    """Asks all rules of everything. Raises RulesFailed at the end where some had an error."""
    world = World()
    faults: dict[str, str] = {}
    noted = list(ToWatch.objects.order_by("pk").values_list("pk", flat=True)[: 10 * BATCH])
    with transaction.atomic():
        _lock(True)
        waits.look_at(None)
        faults |= _Looking(Scope([], world), of_sources=True).ask()
    for batch in _all_keys():
        faults |= look_at(batch, world=world) or {}
    ToWatch.objects.filter(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [noted])).delete()
    for code in RULES:
        told = {"fault": faults[code][:300], "fault_at": clock.now()} if code in faults else {"fault": ""}
        WatchRun.objects.update_or_create(rule=code, defaults={"ran_at": clock.now(), **told})
    _tell(faults)


def look_at_changed() -> int:
    """Asks the rules of what has changed since. Gives how many documents; raises RulesFailed as `look_at_all` does."""
    rows = list(ToWatch.objects.order_by("pk").values_list("pk", "document_id")[: 5 * BATCH])
    if not rows:
        return 0
    ids = {document for _pk, document in rows if document}
    if any(document == EVERY_DOUBTFUL for _pk, document in rows):
        ids |= _doubtful()
    ids |= noting.leading_to(ids)
    waits.look_at(sorted(ids))
    faults = look_at(sorted(ids))
    # Exactly these: what has changed while they were looked at is a row of its own, and is looked at again.
    ToWatch.objects.filter(pk__in=[pk for pk, _document in rows]).delete()
    _tell(faults or {})
    return len(ids)


def catch_up(owner_id: int) -> bool:
    """Before a provider's findings are shown: what has changed of its documents, the latest first and not more than a
    page can wait for; nothing where another run is on. Gives whether all that has changed is in the findings."""
    changed = ToWatch.objects.filter(document_id__in=Document.objects.filter(owner=owner_id).values("pk"))
    latest: dict[int, list[int]] = {}
    for pk, document in changed.order_by("-pk").values_list("pk", "document_id")[: 40 * AT_ONCE]:
        latest.setdefault(document, []).append(pk)
    ids = list(latest)[:AT_ONCE]
    if not ids:
        return True
    if look_at(sorted({*ids, *noting.leading_to(ids)}), wait=False) is None:
        return False
    waits.look_at(ids)
    ToWatch.objects.filter(pk__in=[pk for document in ids for pk in latest[document]]).delete()
    return len(latest) == len(ids)


# The place of a document's key in a row that says: providers, units or agreements have changed.
EVERY_DOUBTFUL = 0


def _doubtful() -> set[int]:
    """Documents whose findings hang on which providers there are: those not open to all that they apply to, and those
    with named readers."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT d.id FROM documents_document d WHERE d.state = 'active' AND ({reach.DOUBTFUL} OR EXISTS ("  # noqa: S608 (constants)
            "SELECT 1 FROM documents_visibilitygrant g WHERE g.document_id = d.id))"
        )
        return {pk for (pk,) in cursor.fetchall()}


def _all_keys() -> Iterator[list[int]]:
    last = 0
    while batch := list(Document.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield batch
        last = batch[-1]


def _lock(wait: bool) -> bool:
    """One run at a time, until the end of the transaction: two would write the same finding."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_{'' if wait else 'try_'}advisory_xact_lock(%s)", [_LOCK])
        return wait or bool(cursor.fetchone()[0])


def _tell(faults: dict[str, str]) -> None:
    if faults:
        raise RulesFailed(", ".join(sorted(faults)))


# One batch ---------------------------------------------------------------------------------------------------------
class _Looking:
    """One batch of documents (or the sources), all rules."""

    def __init__(self, scope: Scope, *, of_sources: bool) -> None:
        self.scope = scope
        self.rules = [rule for rule in RULES.values() if rule.of_sources == of_sources]
        # As one array: a list of ten thousand values takes longer to write than to answer.
        ids = RawSQL("SELECT unnest(%s::bigint[])", [scope.facts["ids"]])
        of = Q(source__isnull=False) if of_sources else Q(document__in=ids)
        self.known: dict[str, dict[Identity, WatchFinding]] = {rule.code: {} for rule in self.rules}
        for finding in WatchFinding.objects.filter(of, closed_at=None):
            self.known.setdefault(finding.rule, {})[_identity(finding.rule, finding)] = finding
        self.of: type[Document] | type[Source] = Source if of_sources else Document
        self.off = set(WatchRuleOff.objects.values_list("rule", "owner"))

    def ask(self) -> dict[str, str]:
        """Gives the errors, by rule; what those found before stands."""
        faults: dict[str, str] = {}
        for rule in self.rules:
            try:
                with transaction.atomic():
                    self._keep(rule, list(rule.ask(self.scope)))
            except Exception as error:
                log.exception("Rule %s of the publication watch failed", rule.code)
                faults[rule.code] = f"{type(error).__name__}: {error}"
        return faults

    def _keep(self, rule: Rule, found: Iterable[Found]) -> None:
        known = dict(self.known[rule.code])
        new = []
        found = list(found)
        keys = {one.document or one.source for one in found}
        owners: dict[int | None, int] = dict(self.of.objects.filter(pk__in=keys).values_list("pk", "owner"))
        for one in found:
            owner = owners[one.document or one.source]
            if (rule.code, owner) in self.off:
                continue
            identity = (rule.code, one.document, one.source, one.key)
            if (before := known.pop(identity, None)) is None:
                new.append(WatchFinding(rule=rule.code, document_id=one.document, source_id=one.source, key=one.key,
                                        owner_id=owner, evidence=one.evidence, on_day=one.on_day))  # fmt: skip
            elif (before.evidence, before.on_day) != (one.evidence, one.on_day):
                self._change(before, one)
        WatchFinding.objects.bulk_create(self._returned(rule, new))
        WatchFinding.objects.filter(pk__in=[gone.pk for gone in known.values()]).update(
            closed_at=clock.now(), closed_as=MENDED
        )

    def _change(self, finding: WatchFinding, one: Found) -> None:
        if finding.on_day and one.on_day is None:
            finding.told_at = None  # the day has come: told once more
        finding.evidence, finding.on_day = one.evidence, one.on_day
        finding.save(update_fields=["evidence", "on_day", "told_at"])

    def _returned(self, rule: Rule, new: list[WatchFinding]) -> list[WatchFinding]:
        of = Q(document__in=[one.document_id for one in new if one.document_id])
        of |= Q(source__in=[one.source_id for one in new if one.source_id])
        former = WatchFinding.objects.filter(of, rule=rule.code, closed_as=MENDED) if new else []
        mended = {_identity(rule.code, one) for one in former}
        for one in new:
            one.has_returned = _identity(rule.code, one) in mended
        return new


def _identity(code: str, finding: WatchFinding) -> Identity:
    return code, finding.document_id, finding.source_id, finding.key
