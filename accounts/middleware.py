"""Who asks, in which language, and whether they must take a second step first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts import audit, notices, opened, viewing
from accounts.models import Assignment, User
from accounts.readers import PUBLIC, Reader, assignments_of, reader_for, reader_of
from accounts.roles import TWO_STEP_ROLES

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
    door = "admin" if request.path.startswith("/admin/") else "portal"
    return viewing.seen_as(request, reader_for(user, chosen, door=door))


class ReaderMiddleware:
    """What `reader_of`, `assignments_of` and `unread_of` give every view. Lazy: what is not asked costs no query."""

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
    request.session.pop(viewing.KEY, None)
    User.objects.filter(pk=request.user.pk).update(last_assignment=assignment)
    door = reader_of(request).door
    user = cast(User, request.user)
    request.reader = reader_for(user, assignment, door=door)  # type: ignore[attr-defined]


class OpenedAsMiddleware:
    """Nothing is carried out under another assignment than the form was opened under (`accounts.opened`)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        if not opened.needs_its_assignment(request) or opened.FIELD not in request.POST:
            return None
        meant = opened.read(request.POST.get(opened.AGAIN) or request.POST[opened.FIELD])
        reader = reader_of(request)
        if meant and (meant.user_id, meant.assignment_id) == (reader.user_id, reader.assignment_id):
            return None
        if meant and opened.AGAIN in request.POST and meant.user_id == reader.user_id:
            own = next((a for a in assignments_of(request) if a.pk == meant.assignment_id), None)
            if own:
                work_as(request, own)
                messages.info(request, _("You now work as %s.") % own.place)
                return None
        return opened.not_carried_out(request, meant, status=409)


class LanguageMiddleware:
    """Swedish first; English by the person's profile or the visitor's cookie. The browser's wish is not asked:
    the text of a routine is Swedish, and a half-English page round it helps nobody."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = dict(settings.LANGUAGES)
        wanted = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if request.user.is_authenticated and request.user.language:
            wanted = request.user.language
        language = wanted if wanted in known else settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class TwoStepMiddleware:
    """Demand a second step of those whose roles open or administer sensitive things; allauth has no such setting.

    Covers every address, admin and API included. SECURITY: the pages that open without it are named, one by one: what
    one needs to set it up, to work under another assignment, and what says the same to everybody.
    """

    OPEN = frozenset(
        {
            "mfa_index", "mfa_activate_totp", "mfa_reauthenticate", "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
            "account_login", "account_logout", "account_reauthenticate", "account_change_password",
            "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
            "account_reset_password_from_key_done",
            "assignments", "end_view_as", "language", "accessibility",
            "healthz", "readyz",
        }
    )  # fmt: skip

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        if not self.must_set_up(request):
            return None
        messages.warning(request, _("Your role needs two-step sign-in. Set it up to go on."))
        return redirect("mfa_activate_totp")

    def must_set_up(self, request: HttpRequest) -> bool:
        if not settings.PORTAL_TWO_STEP_REQUIRED or not request.user.is_authenticated:
            return False
        if request.resolver_match and request.resolver_match.view_name in self.OPEN:
            return False
        reader = reader_of(request)
        demanded = request.user.is_staff or bool((reader.viewer or reader).roles & TWO_STEP_ROLES)
        return demanded and not is_mfa_enabled(request.user)
