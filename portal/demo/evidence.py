"""The demonstration's tender documents: last year's, that most have submitted evidence for, and this year's."""

from __future__ import annotations

import datetime as dt

from accounts.models import Assignment, Provider
from accounts.readers import Reader, reader_for
from accounts.roles import Kind, Role
from core import clock
from deviations.evidence import acts, content, who
from deviations.models import Tender
from documents.models import Document

NAME = "Hälsoval primärvård"
LEARNT = (
    "Flera avvikelser handlade om dosetter. Vi räknar nu dosetten tillsammans med patienten vid första besöket, och "
    "går igenom svaren på arbetsplatsträffen varje månad."
)


def _reader(role: Role, **of: object) -> Reader | None:
    row = Assignment.objects.with_role(role).filter(unit=None, **of).select_related("user", "provider").first()
    return reader_for(row.user, row) if row else None


def make() -> None:
    """Nothing where it is made already."""
    manager = _reader(Role.AGREEMENT_MANAGER, provider__kind=Kind.REGIONAL)
    if manager is None or Tender.objects.exists():
        return
    this = clock.today().year
    for year in (this - 1, this):
        begun = dt.datetime(year, 1, 10, 9, tzinfo=dt.UTC)
        with clock.frozen(min(begun, clock.now())):
            tender = acts.make_tender(
                name=f"{NAME} {year}",
                version="version 4",
                year=year,
                submit_by=dt.date(year + 1, 3, 1),
                by=manager,
            )
        if year < this:
            for provider in who.asked_of(tender):
                _submit(tender, provider)


def _submit(tender: Tender, provider: Provider) -> None:
    by = _reader(Role.PROVIDER_ADMIN, provider=provider)
    if by is None:
        return
    routine = Document.objects.visible_to(by).filter(type__code="RUT", versions__state="published").first()
    values = {
        "accepted_on": dt.date(tender.year, 1, 14),
        **dict.fromkeys(content.ROUTINES, routine),
        "notification_routine": None,
        "learnt": LEARNT,
        "explained": "",
    }
    with clock.frozen(dt.datetime(tender.year + 1, 1, 20, 9, tzinfo=dt.UTC)):
        row = acts.write(tender, values, by=by, shown=acts.mark(acts.of(provider.pk, tender)))
        acts.submit(tender, by=by, shown=content.mark(content.build(row)))
