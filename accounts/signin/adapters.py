"""The seam between allauth and the portal: sign-up is closed, secrets are encrypted."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.ratelimit import RateLimitUsage, get_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest

from core import crypto, limits


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try; it is taken back when the password was right. Raises ValidationError for one too many."""
        self._counted: list[RateLimitUsage] = []
        key = f"{get_ip(request)}|{credentials.get('email', '').strip().lower()}"
        if not self._count(request, "wrong_password", limits.WRONG_PASSWORDS, key):
            raise self.validation_error("too_many_login_attempts")
        if self._count(request, "wrong_password_address", limits.WRONG_PASSWORDS_BY_ADDRESS, key):
            return
        if not self._count(request, "wrong_password_when_many", limits.WRONG_PASSWORDS_WHEN_MANY, key):
            raise self.validation_error("too_many_login_attempts")

    def _count(self, request: HttpRequest, action: str, rates: str, key: str) -> bool:
        if usage := limits.consume(request, action, rates, key):
            self._counted.append(usage)
        return usage is not None

    def _rollback_login_failed_rl_usage(self) -> None:
        # Allauth calls this when the password was right.
        for usage in self._counted:
            usage.rollback()


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False


class MFAAdapter(DefaultMFAAdapter):
    """allauth keeps TOTP secrets in clear unless these two are overridden."""

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text)
