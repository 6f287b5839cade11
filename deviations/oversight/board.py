"""The notice to a municipality's board of an event with serious harm, or a risk of it (HSF 4:6)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.readers import Reader, renewed
from core import clock
from core.refused import Moved, NotAllowed, WrongState
from deviations.closing import gates
from deviations.models import Case, LexMaria, Party
from deviations.verbs.locking import EVENTS, Act, event

EVENTS.update(board_told=gettext_lazy("Told to the board"))


def mark(party: Party) -> str:
    """The day as it is shown."""
    matter = LexMaria.objects.filter(party=party).first()
    return f"{matter.board_told_on or ''}" if matter else ""


@transaction.atomic
def tell_board(party: Party, *, day: dt.date | None, by: Reader, shown: str) -> None:
    """Write the day on which the board was told of the event; None takes it away. `shown`: the `mark` that stood on the
    page. By the medically responsible of the municipality whose part it is, also once the part is closed. Raises
    Refused.
    """
    case = Case.objects.select_for_update().get(pk=party.case_id)
    # SECURITY: access may have ended since the page was shown, or while the lock was waited for.
    by = renewed(by)
    # SECURITY: only of the municipality's own part. A provider under an agreement answers for its own.
    overseen = Party.objects.overseen_by(by).filter(side=Party.Side.CONCERNED, provider=by.provider_id)
    part = overseen.filter(pk=party.pk).select_related("provider", "unit").first()
    if part is None:
        raise NotAllowed(_("Only the medically responsible of the municipality writes this."))
    if not gates.is_serious(case):
        raise WrongState(_("Nobody has judged that the harm was or could have been serious."))
    if mark(part) != shown:
        raise Moved(_("Somebody has changed this meanwhile. Look at it as it is now."))
    if day and not clock.swedish(case.occurred_at).date() <= day <= clock.today():
        raise WrongState(_("The day lies before the event, or has not come yet. Check it."))
    part.case = case
    LexMaria.objects.update_or_create(party=part, defaults={"board_told_on": day})
    act = Act("board_told", case, part, part, by, False, clock.now())
    event(act, part.state, is_own=True, day=day.isoformat() if day else "")
