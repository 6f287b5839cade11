"""The state of a whole case, derived from its parts; and whether it can be taken back."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from deviations.models import WAY, Case, Party, S


class CaseState(models.TextChoices):
    """The state of a case as a whole, derived from its parts and never stored. The words are those of the parts."""

    NEEDS_RECIPIENT = "needs_recipient", _("needs a recipient")
    RECEIVED = S.RECEIVED.value, S.RECEIVED.label
    ACKNOWLEDGED = S.ACKNOWLEDGED.value, S.ACKNOWLEDGED.label
    INVESTIGATING = S.INVESTIGATING.value, S.INVESTIGATING.label
    INFO_REQUESTED = S.INFO_REQUESTED.value, S.INFO_REQUESTED.label
    ACTING = S.ACTING.value, S.ACTING.label
    ANSWERED = S.ANSWERED.value, S.ANSWERED.label
    CLOSED = S.CLOSED.value, S.CLOSED.label
    WITHDRAWN = S.WITHDRAWN.value, S.WITHDRAWN.label


def state_of(case: Case) -> CaseState:
    """The state of the case: what its slowest live concerned part is at. No query where parts are prefetched."""
    parties = list(case.parties.all())
    home = next((p.state for p in parties if p.side == Party.Side.REPORTING), "")
    if home in (S.CLOSED, S.WITHDRAWN):
        return CaseState(home)
    live = {p.state for p in parties if p.side == Party.Side.CONCERNED and not p.has_ended}
    if not live:
        return CaseState.NEEDS_RECIPIENT
    if S.INFO_REQUESTED in live:
        return CaseState.INFO_REQUESTED
    # The remaining part that has come the shortest way counts. It is closed by those who reported it, not before.
    state = next(state for state in WAY if state in live)
    return CaseState.ANSWERED if state == S.CLOSED else CaseState(state)


def in_state(state: CaseState) -> Q:
    """`state_of` as a condition on open cases."""
    live = Party.objects.filter(case=OuterRef("pk"), side=Party.Side.CONCERNED, ended_at=None)
    if state == CaseState.NEEDS_RECIPIENT:
        return ~Q(Exists(live))
    if state == CaseState.INFO_REQUESTED:
        return Q(Exists(live.filter(state=S.INFO_REQUESTED)))
    has = [S.ANSWERED, S.CLOSED] if state == CaseState.ANSWERED else [state.value]
    shorter = [S.INFO_REQUESTED, *WAY[: WAY.index(has[0])]]  # type: ignore[arg-type]  # the same words
    return Q(Exists(live.filter(state__in=has))) & ~Q(Exists(live.filter(state__in=shorter)))


def withdrawable(parties: Iterable[Party]) -> bool:
    """Whether a case can be taken back: nobody it concerns has acknowledged it, or done anything with it."""
    concerned = [p for p in parties if p.side == Party.Side.CONCERNED]
    return all(p.state == S.RECEIVED and p.acknowledged_at is None for p in concerned)
