"""The people of a provider who write and approve its documents: the provider's administrators give and take these
roles."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import administers_provider, refusal
from accounts.models import Assignment
from accounts.notices import notify
from accounts.readers import Reader
from accounts.roles import DOCUMENT_ROLES, Role, roles_for_kind

SHOWN = 20


class NotGiven(Exception):
    """The roles stay as they were. `str()` says why, in the active language."""


def given_here(kind: str) -> list[Role]:
    """Which roles the administrators of a provider of this kind give on their own page."""
    return [role for role in Role if role in DOCUMENT_ROLES & roles_for_kind(kind)]


def _own(by: Reader) -> QuerySet[Assignment]:
    if not administers_provider(by, by.provider_id):
        return Assignment.objects.none()
    own = Assignment.objects.current().filter(provider=by.provider_id)
    return own.select_related("user", "provider", "unit").order_by("user__family_name", "user__given_name", "pk")


def writers(by: Reader) -> list[Assignment]:
    """Those of the own provider who write or approve; none for whoever does not administer it."""
    return list(_own(by).filter(roles__overlap=list(DOCUMENT_ROLES))[: 10 * SHOWN])


def found(by: Reader, words: str) -> list[Assignment]:
    """Those of the own provider whose name, title, unit or address has all these words."""
    rows = _own(by)
    for word in words.split()[:5]:
        named = Q(user__given_name__icontains=word) | Q(user__family_name__icontains=word)
        rows = rows.filter(
            named | Q(user__email__icontains=word) | Q(unit__name__icontains=word) | Q(title__icontains=word)
        )
    return list(rows[:SHOWN]) if words.strip() else []


def one(by: Reader, key: str) -> Assignment | None:
    """One of the own provider's; None for what is none of them."""
    return _own(by).filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None


def mark(assignment: Assignment) -> str:
    """The roles as they are shown: what is decided is decided of these."""
    return " ".join(sorted(assignment.roles))


@transaction.atomic
def set_document_roles(assignment: Assignment, roles: Collection[str], *, by: Reader, shown: str) -> Assignment:
    """These of the document roles, and no others; what else the person is stays as it is. Told to the person.

    `shown` is the `mark` that was decided on. Raises NotGiven.
    """
    locked = Assignment.objects.select_for_update(of=("self",)).select_related("provider").get(pk=assignment.pk)
    offered = set(given_here(locked.provider.kind))
    after = [r for r in locked.roles if r not in offered] + [r for r in offered if r in set(roles)]
    if mark(locked) != shown:
        raise NotGiven(_("Somebody has changed the roles meanwhile. Look at them as they are now."))
    if not administers_provider(by, locked.provider_id):
        raise NotGiven(_("Only an administrator of that provider does this."))
    if why := refusal(by, to=locked.user, provider=locked.provider, roles=after, before=locked.roles):
        raise NotGiven(why)
    if not after:
        raise NotGiven(_("The person would have no role left. End the assignment instead."))
    if set(after) == set(locked.roles):
        return locked
    before, locked.roles = sorted(locked.roles), sorted(after)
    locked.full_clean()
    locked.save(update_fields=["roles"])
    audit.record(
        "roles_changed", by=by, target_type="assignment", target_id=locked.pk, before=before, after=locked.roles
    )
    if locked.user_id != by.user_id:
        notify([locked], kind="roles_changed", subject="", url="/konto/uppdrag/")
    return locked


def lacks_approver(by: Reader) -> bool:
    """Somebody writes, and nobody but they could approve: what is written cannot be published."""
    now = Assignment.objects.filter(provider=by.provider_id)
    editors = set(now.with_role(Role.DOCUMENT_EDITOR).values_list("user", flat=True))
    approvers = set(now.with_role(Role.APPROVER).values_list("user", flat=True))
    return bool(editors) and any(not approvers - {editor} for editor in editors)
