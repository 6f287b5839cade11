"""System checks: what must never reach production."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security, deploy=True)
def no_insecure_sign_in(**_: Any) -> list[Error]:
    found = []
    if getattr(settings, "MFA_TOTP_INSECURE_BYPASS_CODE", None):
        found.append(Error("A code that bypasses two-step sign-in is set.", id="portal.E001"))
    if getattr(settings, "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN", False):
        found.append(Error("Passkeys are accepted over an insecure connection.", id="portal.E002"))
    if settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION is not False:
        found.append(Error("An identity provider could take over an account by its address.", id="portal.E003"))
    if settings.PORTAL_DEMO:
        found.append(Error("The demonstration has known passwords.", id="portal.E004"))
    return found
