"""As whom a request asks: the assignment one works under, or somebody whose eyes one sees with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts import audit, notices
from accounts.forms import opened_as
from accounts.models import Assignment, User
from accounts.readers import PUBLIC, Reader, assignments_of, reader_for, reader_of
from accounts.viewing import seeing_as
from core import clock

ASSIGNMENT_KEY = "assignment"
Next = Callable[[HttpRequest], HttpResponse]


def current_assignments(user_id: int) -> list[Assignment]:
    return list(
        Assignment.objects.current()
        .filter(user=user_id)
        .select_related("provider", "unit")
        .order_by("provider__name", "unit__name", "pk")
    )


def resolve_reader(request: HttpRequest) -> Reader:
    """The reader of a request: the chosen assignment if it is still current, else the last used, else the first.

    An assignment in the session that is unknown, another's or ended is dropped without a word of what it was.
    """
    user = request.user
    if not user.is_authenticated:
        return PUBLIC
    own = assignments_of(request)
    by_id = {a.pk: a for a in own}
    wanted = (request.session.get(ASSIGNMENT_KEY), user.last_assignment_id)
    chosen = next((by_id[pk] for pk in wanted if pk in by_id), None) or (own[0] if own else None)
    if chosen and chosen.last_used_on != clock.today():
        Assignment.objects.filter(pk=chosen.pk).update(last_used_on=clock.today())
    door = "admin" if request.path.startswith("/admin/") else "portal"
    return seeing_as.seen_as(request, reader_for(user, chosen, door=door))


class ReaderMiddleware:
    """Gives every view `reader_of`, `assignments_of` and `unread_of`. Lazy: what is not asked costs no query."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.assignments = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: current_assignments(request.user.pk) if request.user.is_authenticated else []
        )
        request.reader = SimpleLazyObject(lambda: resolve_reader(request))  # type: ignore[attr-defined]
        request.unread = SimpleLazyObject(lambda: notices.unread_urls(reader_of(request)))  # type: ignore[attr-defined]
        return self.get_response(request)


def work_as(request: HttpRequest, assignment: Assignment) -> None:
    """Choose one of the person's current assignments (the caller has checked that it is), from now on."""
    audit.record("switched_assignment", by=reader_of(request), target_type="assignment", target_id=assignment.pk)
    request.session[ASSIGNMENT_KEY] = assignment.pk
    request.session.pop(seeing_as.KEY, None)
    User.objects.filter(pk=request.user.pk).update(last_assignment=assignment)
    door = reader_of(request).door
    user = cast(User, request.user)
    request.reader = reader_for(user, assignment, door=door)  # type: ignore[attr-defined]


class OpenedAsMiddleware:
    """Nothing is carried out under another assignment than the form was opened under (`accounts.forms.opened_as`)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        if not opened_as.needs_its_assignment(request) or opened_as.FIELD not in request.POST:
            return None
        meant = opened_as.read(request.POST.get(opened_as.AGAIN) or request.POST[opened_as.FIELD])
        reader = reader_of(request)
        if meant and (meant.user_id, meant.assignment_id) == (reader.user_id, reader.assignment_id):
            return None
        if meant and opened_as.AGAIN in request.POST and meant.user_id == reader.user_id:
            own = next((a for a in assignments_of(request) if a.pk == meant.assignment_id), None)
            if own:
                work_as(request, own)
                messages.info(request, _("You now work as %s.") % own.place)
                return None
        return opened_as.not_carried_out(request, meant, status=409)
