"""A yearly review begins, is answered, reminds, gives a last day to what nobody confirmed, and closes.

Each assignment is confirmed or ended by somebody who decides over it. A week before the review ends, those that nobody
has answered get its end as their last day, and are told; a confirmation within that week takes the day away again. The
last administrator and the only handler get no last day: they are raised instead, and the review stays open for them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import administers_provider, held, reach_of
from accounts.models import AccessReview, Assignment, Provider, ReviewedAssignment
from accounts.notices import notify
from accounts.readers import SYSTEM, Reader
from accounts.roles import PORTAL_WIDE, Role
from core import clock
from core.refused import NotAllowed, Refused, WrongState

PAGE = "/konto/var-verksamhet/genomgang/"
REGISTER = "/konto/avtal/"
ASSIGNMENTS = "/konto/uppdrag/"
EVERY = dt.timedelta(days=365)
LASTS = dt.timedelta(days=30)
# So long before the end those that nobody confirmed get their last day and are told; and the first reminder goes out.
NOTICE = dt.timedelta(days=7)
REMINDED = dt.timedelta(days=14)
# So often those that were raised are raised again.
RAISED_EVERY = dt.timedelta(days=7)
# Roles whose last holder gets no last day.
KEPT = (Role.PROVIDER_ADMIN, Role.CASE_HANDLER, *PORTAL_WIDE)
Outcome = ReviewedAssignment.Outcome


def open_review(provider_id: int) -> AccessReview | None:
    return AccessReview.objects.filter(provider=provider_id, closed_on=None).first()


def ended(prefix: str = "assignment__") -> Q:
    """The condition on assignments that have ended."""
    return Q(**{f"{prefix}is_active": False}) | Q(**{f"{prefix}valid_to__lt": clock.today()})


def remaining(review: AccessReview) -> QuerySet[ReviewedAssignment]:
    """Those that wait for an answer: neither confirmed nor ended."""
    return review.items.exclude(outcome__in=[Outcome.CONFIRMED, Outcome.ENDED]).exclude(ended())


@transaction.atomic
def begin(provider: Provider, *, by: Reader) -> AccessReview:
    """All assignments that have not ended are to be gone through from today. The provider's administrators and units'
    managers are told. By one of its administrators, or by the portal when a year has passed. Raises Refused."""
    locked = Provider.objects.select_for_update().get(pk=provider.pk)
    if by != SYSTEM and not administers_provider(by, locked.pk):
        raise NotAllowed(_("Only an administrator of that provider does this."))
    if open_review(locked.pk):
        raise WrongState(_("The yearly review is under way already."))
    today = clock.today()
    review = AccessReview.objects.create(
        provider=locked, begun_on=today, begun_by_label=by.record_label, ends_on=today + LASTS
    )
    keys = Assignment.objects.filter(provider=locked).exclude(ended("")).values_list("pk", flat=True)
    ReviewedAssignment.objects.bulk_create(ReviewedAssignment(review=review, assignment_id=key) for key in keys)
    audit.record("access_review_begun", by=by, target_type="provider", target_id=locked.pk, count=len(keys))
    _tell(review, "access_review_begun")
    return review


@transaction.atomic
def confirm(item: ReviewedAssignment, *, shown: str, by: Reader) -> ReviewedAssignment:
    """The person still works here, with these roles (`shown` is the `held.mark` of what was shown). A last day that the
    review gave is taken away. Raises Refused."""
    assignment = held.locked(item.assignment, by, shown)
    found = ReviewedAssignment.objects.select_for_update().get(pk=item.pk)
    review = AccessReview.objects.get(pk=found.review_id)
    if assignment.user_id == by.user_id and not _is_alone(assignment):
        raise NotAllowed(_("A colleague confirms you."))
    if review.closed_on or found.outcome == Outcome.CONFIRMED:
        raise WrongState(_("This has been answered already."))
    if assignment.has_ended:
        raise WrongState(_("The assignment has ended already."))
    if found.outcome == Outcome.DATED and assignment.valid_to == review.ends_on:
        # SECURITY: only what the review took is given back, to the day: nothing is widened, so nobody has to vouch.
        assignment.valid_to = found.former_last_day
        assignment.save(update_fields=["valid_to"])
        notify([assignment], kind="access_confirmed", subject="", url=ASSIGNMENTS)
    found.outcome, found.by_label, found.answered_at = Outcome.CONFIRMED, by.record_label, clock.now()
    found.save(update_fields=["outcome", "by_label", "answered_at"])
    audit.record("access_confirmed", by=by, target_type="assignment", target_id=assignment.pk)
    _close_if_over(review)
    return found


def confirm_shown(chosen: Iterable[tuple[str, str]], *, by: Reader) -> tuple[int, list[tuple[str, str]]]:
    """Confirms each of these (the assignment's key, and its mark as shown) by itself. Gives how many were, and of the
    others the person's name and why not. Assignments beyond reach are passed over in silence."""
    reach, done, refused = reach_of(by), 0, []
    review = open_review(reach.provider_id) if reach else None
    if reach is None or review is None:
        return 0, [("", _("The yearly review is over."))]
    within = Assignment.objects.filter(reach.people).values("pk")
    items = review.items.filter(assignment__in=within).select_related("assignment__user")
    asked = dict(chosen)
    for item in items.filter(assignment__key__in=list(asked)).order_by("pk"):
        try:
            confirm(item, shown=asked[str(item.assignment.key)], by=by)
        except Refused as refusal:
            refused.append((item.assignment.user.get_full_name(), str(refusal)))
        else:
            done += 1
    return done, refused


def _is_alone(assignment: Assignment) -> bool:
    """Whether nobody else could confirm the person: the provider's only administrator."""
    others = Assignment.objects.filter(provider=assignment.provider_id, unit=None).exclude(user=assignment.user_id)
    return not others.with_role(Role.PROVIDER_ADMIN).exists()


def advance() -> int:
    """Each review's next step, where its day has come; gives how many took one. A morning on which nothing ran is made
    up for."""
    today, steps = clock.today(), 0
    Provider.objects.filter(next_review_on=None).update(next_review_on=today + EVERY)
    admins = Assignment.objects.with_role(Role.PROVIDER_ADMIN).filter(unit=None)
    due = Provider.objects.with_access().filter(next_review_on__lte=today, pk__in=admins.values("provider"))
    under_way = AccessReview.objects.filter(closed_on=None).values("provider")
    for provider in due.exclude(pk__in=under_way).order_by("pk"):
        # An administrator may have begun it this moment.
        with suppress(WrongState):
            begin(provider, by=SYSTEM)
            steps += 1
    for review in AccessReview.objects.filter(closed_on=None).order_by("pk"):
        steps += _advance(review)
    return steps


@transaction.atomic
def _advance(found: AccessReview) -> bool:
    Provider.objects.select_for_update().get(pk=found.provider_id)
    review, today = AccessReview.objects.get(pk=found.pk), clock.today()
    if review.closed_on:
        return False  # closed by the last answer, while the lock was waited for
    if not Provider.objects.with_access().filter(pk=review.provider_id).exists():
        return _close(review)  # everybody's access has ended with the agreement
    if _close_if_over(review):
        return True
    if review.dated_on is None and today >= review.ends_on - NOTICE:
        _date(review)
        return True
    if review.reminded_on is None and review.dated_on is None and today >= review.ends_on - REMINDED:
        return _remind(review)
    raised = remaining(review).filter(outcome=Outcome.RAISED)
    if review.reminded_on and today >= review.reminded_on + RAISED_EVERY and raised.exists():
        _raise(review)
        return _remind(review)
    return False


def _remind(review: AccessReview) -> bool:
    review.reminded_on = clock.today()
    review.save(update_fields=["reminded_on"])
    _tell(review, "access_review_waits")
    return True


def _date(review: AccessReview) -> None:
    """Those that nobody has confirmed get the review's end as their last day, at least NOTICE from today, and are told;
    the last to have used the portal keeps what only one may lose."""
    today = clock.today()
    review.dated_on = review.reminded_on = today
    review.ends_on = max(review.ends_on, today + NOTICE)
    review.save(update_fields=["dated_on", "reminded_on", "ends_on"])
    keys = remaining(review).values("assignment")
    rows = Assignment.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    items = {item.assignment_id: item for item in review.items.filter(assignment__in=keys)}
    dated = []
    for row in sorted(rows, key=lambda row: (row.last_used_on or dt.date.min, row.pk)):
        if row.valid_to and row.valid_to <= review.ends_on:
            continue
        item = items[row.pk]
        if any(held.is_last(row, role, review.ends_on) for role in KEPT):
            item.outcome = Outcome.RAISED
        else:
            item.outcome, item.former_last_day = Outcome.DATED, row.valid_to
            row.valid_to = review.ends_on
            row.save(update_fields=["valid_to"])
            dated.append(row)
        item.save(update_fields=["outcome", "former_last_day"])
    last_day, which = review.ends_on.isoformat(), review.provider_id
    audit.record(
        "access_review_dated", by=SYSTEM, target_type="provider", target_id=which, count=len(dated), last_day=last_day
    )
    for row in dated:
        audit.record("access_unconfirmed", by=SYSTEM, target_type="assignment", target_id=row.pk, last_day=last_day)
    notify(dated, kind="access_unconfirmed", subject="", url=ASSIGNMENTS)
    _tell(review, "access_review_dated")
    if remaining(review).filter(outcome=Outcome.RAISED).exists():
        _raise(review)


def _tell(review: AccessReview, kind: str) -> None:
    """The provider's administrators, and the managers of units with something left."""
    units = remaining(review).values("assignment__unit")
    there = Assignment.objects.filter(provider=review.provider_id)
    managers = there.with_role(Role.UNIT_MANAGER).filter(unit__in=units)
    admins = there.with_role(Role.PROVIDER_ADMIN).filter(unit=None)
    notify([*admins, *managers], kind=kind, subject="", url=PAGE)


def _raise(review: AccessReview) -> None:
    """The last administrator, or the only handler, is unconfirmed: the agreement managers and the provider's function
    mailbox are told."""
    provider = Provider.objects.get(pk=review.provider_id)
    notify(
        Assignment.objects.with_role(Role.AGREEMENT_MANAGER),
        kind="access_review_raised",
        subject="",
        url=f"{REGISTER}{provider.key}/",
        mailboxes=[(provider.pk, provider.email)] if provider.email else (),
    )


def _close_if_over(review: AccessReview) -> bool:
    return not remaining(review).exists() and _close(review)


def _close(review: AccessReview) -> bool:
    today = clock.today()
    review.items.exclude(outcome=Outcome.CONFIRMED).filter(ended()).update(outcome=Outcome.ENDED)
    review.closed_on = today
    review.save(update_fields=["closed_on"])
    following = max(review.begun_on + EVERY, today + NOTICE)
    Provider.objects.filter(pk=review.provider_id).update(next_review_on=following)
    audit.record("access_review_closed", by=SYSTEM, target_type="provider", target_id=review.provider_id)
    return True
