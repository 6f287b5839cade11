"""Wrong codes of the second step at sign-in: counted, told to the person, and after some of them from the beginning."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from allauth.account.internal.stagekit import clear_login
from django.db import transaction

from accounts import audit, notices
from accounts.models import Assignment, AuditEvent, User
from accounts.readers import PUBLIC
from core import clock

if TYPE_CHECKING:
    from django.http import HttpRequest

# As many as a person may give in a while is a setting of allauth's, ACCOUNT_RATE_LIMITS: this many in this time.
WRONG, WITHIN = 5, dt.timedelta(minutes=10)
_TRIED = "wrong_codes"


@transaction.atomic
def wrong_code(request: HttpRequest, user: User) -> None:
    """One more, by somebody who has given the person's password. At the last that may be given the person is told, and
    who gave it begins again with the password.
    """
    audit.record("second_step_failed", by=PUBLIC, target_type="user", target_id=user.pk)
    of_late = AuditEvent.objects.filter(
        action="second_step_failed", target_type="user", target_id=str(user.pk), at__gt=clock.now() - WITHIN
    )
    if of_late.count() == WRONG:
        own = Assignment.objects.current().filter(user=user).order_by("pk")
        notices.notify(own, kind="second_step_guessed", subject="", url="/konto/password/change/")
    request.session[_TRIED] = request.session.get(_TRIED, 0) + 1
    if request.session[_TRIED] >= WRONG and not request.user.is_authenticated:
        del request.session[_TRIED]
        clear_login(request)
