"""In which language a page is, and whether somebody must take a second step first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.readers import reader_of
from accounts.roles import TWO_STEP_ROLES

Next = Callable[[HttpRequest], HttpResponse]


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
        oneself = reader.viewer or reader
        demanded = request.user.is_staff or oneself.demands_two_steps or bool(oneself.roles & TWO_STEP_ROLES)
        return demanded and not is_mfa_enabled(request.user)
