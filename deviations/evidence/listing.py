"""The lists of evidence: a provider's own, by tender; and a principal's, by provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.models import Provider
from accounts.readers import Reader
from core import clock
from deviations.evidence import who
from deviations.models import EvidenceSubmission, Tender


@dataclass(frozen=True)
class Asked:
    """One provider and one version of tender documents: what was submitted last, if anything."""

    provider: Provider
    tender: Tender
    latest: EvidenceSubmission | None

    @property
    def is_late(self) -> bool:
        return self.latest is None and self.tender.submit_by < clock.today()

    @property
    def days(self) -> int:
        return (self.tender.submit_by - clock.today()).days

    @property
    def lacks(self) -> int:
        return len(self.latest.content["lacks"]) if self.latest else 0


def _latest(**of: Any) -> dict[tuple[int, int], EvidenceSubmission]:
    rows = EvidenceSubmission.objects.filter(**of).select_related("evidence").order_by("pk")
    return {(row.evidence.provider_id, row.evidence.tender_id): row for row in rows}


def own(reader: Reader) -> list[Asked]:
    """The reader's own provider's, for those who write it."""
    if not who.writes(reader) or reader.provider_id is None:
        return []
    provider = Provider.objects.get(pk=reader.provider_id)
    sent = _latest(evidence__provider=provider)
    return [Asked(provider, one, sent.get((provider.pk, one.pk))) for one in who.tenders_for(provider.pk)]


def waiting(reader: Reader) -> int:
    """How many the reader's provider has not submitted."""
    return sum(one.latest is None for one in own(reader))


def of_tender(tender: Tender) -> list[Asked]:
    """Each provider that is asked, by name: those who have submitted, and those who have not."""
    sent = _latest(evidence__tender=tender)
    return [Asked(one, tender, sent.get((one.pk, tender.pk))) for one in who.asked_of(tender)]


def tenders(reader: Reader) -> list[tuple[Tender, int, int]]:
    """The reader's own as a principal, each with how many have submitted, of how many."""
    if not who.reads_for_principal(reader):
        return []
    rows = [(one, of_tender(one)) for one in Tender.objects.filter(principal=reader.provider_id)]
    return [(one, sum(row.latest is not None for row in asked), len(asked)) for one, asked in rows]


def earlier(submission: EvidenceSubmission) -> EvidenceSubmission | None:
    """The latest that the provider submitted to the same principal for the year before."""
    tender = submission.evidence.tender
    rows = EvidenceSubmission.objects.filter(
        evidence__provider=submission.evidence.provider_id,
        evidence__tender__principal=tender.principal_id,
        evidence__tender__year=tender.year - 1,
    )
    return rows.order_by("-pk").first()


def versions(submission: EvidenceSubmission) -> list[EvidenceSubmission]:
    """All that were submitted for the same, the last first."""
    return list(submission.evidence.submissions.order_by("-pk"))
