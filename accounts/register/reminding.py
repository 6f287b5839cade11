"""An agreement that ends is told of before: to the agreement managers and to the provider's administrators."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import Agreement, Assignment, AuditEvent
from accounts.notices import notify
from accounts.readers import SYSTEM
from accounts.register.firsts import PAGE
from accounts.register.listing import ending
from accounts.roles import Role

# So many days before the last day, inclusive.
DAYS = (60, 30, 7)
OUR_PAGE = "/konto/var-verksamhet/"


def remind() -> int:
    """Tell of each agreement that ends within one of DAYS, once for each of them; gives how many were told of.

    A day on which nothing ran is made up for: the nearest of DAYS that has passed counts.
    """
    return sum(_remind_of(end.agreement, end.days_left) for end in ending())


@transaction.atomic
def _remind_of(agreement: Agreement, days_left: int) -> int:
    due = min(days for days in DAYS if days_left <= days)
    assert agreement.valid_to
    day = agreement.valid_to.isoformat()
    Agreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
    told = AuditEvent.objects.filter(action="agreement_reminded", target_id=str(agreement.pk))
    if told.filter(data__days__lte=due, data__last_day=day).exists():
        return 0
    audit.record(
        "agreement_reminded", by=SYSTEM, target_type="agreement", target_id=agreement.pk, days=due, last_day=day
    )
    managers = Assignment.objects.with_role(Role.AGREEMENT_MANAGER)
    notify(managers, kind="agreement_ends", subject=day, url=f"{PAGE}{agreement.provider.key}/")
    admins = Assignment.objects.with_role(Role.PROVIDER_ADMIN).filter(provider=agreement.provider_id, unit=None)
    notify(admins, kind="agreement_ends", subject=day, url=OUR_PAGE)
    return 1
