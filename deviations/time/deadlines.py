"""By when each step of a case is to be taken, counted in Swedish working days where it is short.

None of it is law: an answer within 60 days of receiving the case is what counties agree on; the rest is this portal's
own. A provider may have its own numbers; the region's are everybody's default.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.models import Provider
from accounts.roles import Kind
from core import clock

CHOOSE, ACKNOWLEDGE, ANSWER, FEEDBACK = 2, 3, 60, 10


@dataclass(frozen=True)
class Limits:
    """Working days to choose a recipient, to acknowledge, and to give the reporter feedback; days to answer."""

    choose: int = CHOOSE
    acknowledge: int = ACKNOWLEDGE
    answer: int = ANSWER
    feedback: int = FEEDBACK


def limits_of(provider: Provider) -> Limits:
    """A provider's own numbers, and for those it has not set the region's."""
    region = provider if provider.kind == Kind.REGIONAL else Provider.objects.filter(kind=Kind.REGIONAL).first()

    def of(name: str, default: int) -> int:
        own = getattr(provider, name)
        return own or (getattr(region, name) if region else None) or default

    return Limits(
        choose=of("days_to_choose", CHOOSE),
        acknowledge=of("days_to_acknowledge", ACKNOWLEDGE),
        answer=of("days_to_answer", ANSWER),
        feedback=of("days_to_feedback", FEEDBACK),
    )


def choose_by(provider: Provider, since: dt.datetime) -> dt.date:
    return clock.add_working_days(_day(since), limits_of(provider).choose)


def acknowledge_by(provider: Provider, received: dt.datetime) -> dt.date:
    return clock.add_working_days(_day(received), limits_of(provider).acknowledge)


def feedback_by(provider: Provider, answered: dt.datetime) -> dt.date:
    return clock.add_working_days(_day(answered), limits_of(provider).feedback)


def answer_by(provider: Provider, received: dt.datetime) -> dt.date:
    """Never a Sunday or another day off: the working day after it."""
    day = _day(received) + dt.timedelta(days=limits_of(provider).answer)
    return day if clock.is_working_day(day) else clock.add_working_days(day, 1)


def _day(moment: dt.datetime) -> dt.date:
    return clock.swedish(moment).date()
