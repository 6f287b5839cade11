"""Whoever leaves, leaves nothing behind: what hangs on one assignment alone, and who takes it over in the same act.

An administrator sees how much there is and never what it is: cases and drafts are not theirs to read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import refusal
from accounts.models import Assignment
from accounts.notices import notify
from accounts.readers import Reader
from accounts.roles import OF_THE_UNIT, PORTAL_WIDE, Role
from core.refused import Moved, NotAllowed, WrongState

MOST = 200


@dataclass(frozen=True)
class Belongings:
    """A kind of thing that may hang on an assignment. The app that has it puts it into BELONGINGS, by its key.

    `count`: how many hang on this assignment alone. `receivers`: who could take them over, at the bidding of `by`.
    `hand_over`: does it, for (leaving, to, by), and gives how many; raises Refused.
    """

    key: str
    words: str | Promise
    count: Callable[[Assignment], int]
    receivers: Callable[[Assignment, Reader], Iterable[Assignment]]
    hand_over: Callable[[Assignment, Assignment, Reader], int]


BELONGINGS: dict[str, Belongings] = {}


@dataclass(frozen=True)
class Left:
    """Something that somebody leaves behind: how it is named in a form, in words, and who could take it over."""

    key: str
    words: str
    count: int
    receivers: tuple[Assignment, ...]


def left_by(leaving: Assignment, *, by: Reader) -> list[Left]:
    """All that would hang on nobody if this assignment ended now."""
    if not leaving.holds_today:
        return []
    found = []
    for kind in BELONGINGS.values():
        if count := kind.count(leaving):
            heirs = tuple(kind.receivers(leaving, by))[:MOST]
            found.append(Left(kind.key, str(kind.words), count, heirs))
    return found + [_role(leaving, role) for role in _alone_in(leaving)]


def _alone_in(leaving: Assignment) -> list[str]:
    """The roles that nobody else has at the provider. The last administrator does not end at all, so that one is not
    among them."""
    kept = OF_THE_UNIT | PORTAL_WIDE | {Role.PROVIDER_ADMIN, Role.UNIT_MANAGER}
    others = Assignment.objects.filter(provider=leaving.provider_id).exclude(pk=leaving.pk)
    return [r for r in sorted(leaving.counting_roles - kept) if not others.with_role(r).exists()]


def _role(leaving: Assignment, role: str) -> Left:
    words = _("Nobody else is %s") % Role(role).label
    colleagues = Assignment.objects.current().filter(provider=leaving.provider_id).exclude(user=leaving.user_id)
    ordered = colleagues.select_related("user", "unit").order_by("user__family_name", "user__given_name", "pk")
    return Left(f"role-{role}", words, 1, tuple(ordered[:MOST]))


def mark(left: Iterable[Left]) -> str:
    """All that was shown to be left: decided on as it was seen, or not at all."""
    return ",".join(f"{one.key}:{one.count}" for one in left)


def hand_over(leaving: Assignment, heirs: Mapping[str, str], *, shown: str, by: Reader) -> int:
    """In the caller's transaction. `heirs`: by `Left.key`, the key of the assignment that takes it over, or `-` for
    nobody. Gives how many things have been handed over. Raises Refused; Moved where it is not as it was shown.
    """
    left = left_by(leaving, by=by)
    if mark(left) != shown:
        raise Moved(_("What the person leaves behind has changed meanwhile. Look at it as it is now."))
    done = 0
    for one in left:
        chosen = heirs.get(one.key, "")
        if chosen == "-":
            continue
        to = next((a for a in one.receivers if str(a.key) == chosen), None)
        if to is None:
            raise WrongState(_("Choose who takes over, or that nobody does for now: %s.") % one.words)
        done += _give(leaving, one, to, by)
    return done


def _give(leaving: Assignment, one: Left, to: Assignment, by: Reader) -> int:
    if not one.key.startswith("role-"):
        kind = BELONGINGS[one.key]
        return kind.hand_over(leaving, to, by)
    locked = Assignment.objects.select_for_update(of=("self",)).select_related("provider", "user").get(pk=to.pk)
    role = one.key.removeprefix("role-")
    after = sorted({*locked.roles, role})
    if why := refusal(by, to=locked.user, provider=locked.provider, roles=after, before=locked.roles):
        raise NotAllowed(why)
    before, locked.roles = sorted(locked.roles), after
    locked.save(update_fields=["roles"])
    audit.record("roles_changed", by=by, target_type="assignment", target_id=locked.pk, before=before, after=after)
    if locked.user_id != by.user_id:
        notify([locked], kind="roles_changed", subject="", url="/konto/uppdrag/")
    return 1


def choices(one: Left) -> list[tuple[str, str]]:
    """The people who can be chosen, for a form."""
    people = [(str(a.key), f"{a.user.get_full_name()}, {a.place}") for a in one.receivers]
    return [("", _("Choose who takes over")), *people, ("-", capfirst(_("nobody for now")))]
