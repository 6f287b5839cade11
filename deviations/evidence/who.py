"""Those who write a provider's evidence, and those who read it once it is submitted. No other file decides it.

SECURITY: the evidence holds no case. Until it is submitted it is the provider's own, and a principal reads only that
which providers with an agreement have submitted to it.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404

from accounts.granting import administers_provider
from accounts.models import Agreement, Provider
from accounts.readers import Reader, renewed
from accounts.roles import Kind, Role
from core import clock
from deviations.models import EvidenceSubmission, Tender

# Roles that read for the principal: the region's agreement managers; at a municipality its administrators and those
# who are medically responsible.
_READ = {
    Kind.REGIONAL: frozenset({Role.AGREEMENT_MANAGER}),
    Kind.MUNICIPAL: frozenset(
        {Role.PROVIDER_ADMIN, Role.MEDICALLY_RESPONSIBLE_NURSE, Role.MEDICALLY_RESPONSIBLE_REHAB}
    ),
}
# Roles that make the tender documents known.
_MAKE = {
    Kind.REGIONAL: frozenset({Role.AGREEMENT_MANAGER}),
    Kind.MUNICIPAL: frozenset({Role.PROVIDER_ADMIN}),
}


READING_ROLES = frozenset().union(*_READ.values())


def role_reads(kind: str, roles: Iterable[str]) -> bool:
    """Whether one of these roles reads for a principal of this kind."""
    return bool(_READ.get(Kind(kind), frozenset()) & set(roles))


def writes(reader: Reader) -> bool:
    """Whether the reader writes and submits their provider's evidence: an administrator of a private provider."""
    return (
        reader.viewer is None
        and reader.provider_kind == Kind.PRIVATE
        and administers_provider(reader, reader.provider_id)
    )


def _has(reader: Reader, roles: dict[Kind, frozenset[Role]]) -> bool:
    if not reader.assignment_id or reader.unit_id is not None or reader.viewer is not None:
        return False
    # SECURITY: with each provider's sums, numbers could be computed that are hidden in the tables for follow-up.
    if Role.FOLLOW_UP in reader.roles:
        return False
    return bool(reader.roles & roles.get(Kind(reader.provider_kind), frozenset()))


def reads_for_principal(reader: Reader) -> bool:
    """Whether the reader reads what is submitted to their provider, as a principal."""
    return _has(reader, _READ)


def makes_tenders(reader: Reader) -> bool:
    return _has(reader, _MAKE)


def tenders_for(provider_id: int | None) -> QuerySet[Tender]:
    """The tender documents that the provider could have accepted: of those it had an agreement with that year."""
    year = OuterRef("year")
    agreed = Agreement.objects.filter(principal=OuterRef("principal"), provider=provider_id, valid_from__year__lte=year)
    agreed = agreed.filter(Q(valid_to=None) | Q(valid_to__year__gte=year))
    rows = Tender.objects.filter(Exists(agreed)).select_related("principal")
    return rows.order_by("-year", "submit_by", "pk")


def asked_of(tender: Tender) -> QuerySet[Provider]:
    """The providers that are asked: those with an agreement with its principal, some day of its year."""
    rows = Agreement.objects.filter(principal=tender.principal_id, valid_from__year__lte=tender.year)
    rows = rows.filter(Q(valid_to=None) | Q(valid_to__year__gte=tender.year))
    return Provider.objects.filter(pk__in=rows.values("provider")).order_by("name")


def tender_or_404(reader: Reader, key: object) -> Tender:
    """One of the reader's own as a principal."""
    own = Tender.objects.filter(principal=reader.provider_id) if reads_for_principal(reader) else Tender.objects.none()
    return get_object_or_404(own.select_related("principal"), key=key)


def offered_or_404(reader: Reader, key: object) -> Tender:
    """One that the reader's provider could have accepted, for those who write its evidence."""
    own = tenders_for(reader.provider_id) if writes(reader) else Tender.objects.none()
    return get_object_or_404(own, key=key)


def readable(reader: Reader) -> QuerySet[EvidenceSubmission]:
    """Submitted evidence that exists for the reader: their own provider's, and what is submitted to them."""
    rows = EvidenceSubmission.objects.select_related("evidence__provider", "evidence__tender__principal")
    seen = Q(pk=None)
    if writes(reader):
        seen |= Q(evidence__provider=reader.provider_id)
    if reads_for_principal(reader):
        seen |= Q(evidence__tender__principal=reader.provider_id)
    return rows.filter(seen)


def writes_now(by: Reader) -> bool:
    """SECURITY: asked of the assignment at this very moment, under the lock."""
    return writes(renewed(by))


def years_made() -> range:
    """The years that tender documents can be made for: the last, this and the next."""
    this = clock.today().year
    return range(this - 1, this + 2)
