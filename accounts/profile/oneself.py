"""A person's own facts, and the places where they are signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.http import HttpRequest

from accounts import audit, notices
from accounts.models import Assignment, User
from accounts.readers import Reader

# Told apart by the first that a browser says of itself; the order matters, since each says the later ones too.
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)  # fmt: skip
FACTS = ("given_name", "family_name", "phone", "language")


@transaction.atomic
def change(facts: Mapping[str, Any], *, by: Reader) -> list[str]:
    """Write FACTS, `email_pace` and `title` (of the present assignment) of the person who acts; gives the names of
    those that changed. A new name or title is in the audit log, and a title in the assignment's history.
    """
    user = User.objects.select_for_update().get(pk=by.user_id)
    changed = [name for name in FACTS if name in facts and getattr(user, name) != facts[name]]
    for name in changed:
        setattr(user, name, facts[name])
    if changed:
        user.save(update_fields=changed)
        audit.record("profile_changed", by=by, target_type="user", target_id=user.pk, fields=changed)
    if facts.get("email_pace", user.email_pace) != user.email_pace:
        notices.set_pace(user, facts["email_pace"])
        changed.append("email_pace")
    if "title" in facts and by.assignment_id and _retitle(facts["title"], by):
        changed.append("title")
    return changed


def _retitle(title: str, by: Reader) -> bool:
    own = Assignment.objects.select_for_update().filter(pk=by.assignment_id, user=by.user_id).exclude(title=title)
    if assignment := own.first():
        assignment.title = title
        assignment.save(update_fields=["title"])
        audit.record("title_changed", by=by, target_type="assignment", target_id=assignment.pk)
    return assignment is not None


def device(user_agent: str) -> str:
    """A browser and a system in words, "Firefox, Windows"; as the browser says it where neither is known."""
    found = [next((name for sign, name in signs if sign in user_agent), "") for signs in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, found)) or user_agent[:80]


def signed_in_at(request: HttpRequest) -> list[tuple[UserSession, bool]]:
    """The places where the person is signed in, the latest first, and whether it is here. Ended ones are forgotten."""
    rows = UserSession.objects.purge_and_list(request.user)
    here = request.session.session_key
    return [(row, row.session_key == here) for row in sorted(rows, key=lambda row: row.created_at, reverse=True)]


def sign_out_elsewhere(request: HttpRequest, *, by: Reader) -> int:
    """Ends all of the person's sessions but this one, from the next request on; gives how many."""
    others = [row for row, is_here in signed_in_at(request) if not is_here]
    for row in others:
        row.end()
    audit.record("signed_out_elsewhere", by=by, target_type="user", target_id=by.user_id, count=len(others))
    return len(others)
