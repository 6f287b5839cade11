"""Answers to others' signals: sign-ins are audited, the shared cache has its table."""

from typing import Any

from allauth.account.signals import user_logged_in, user_logged_out
from allauth.mfa.signals import authentication_failed
from django.contrib.auth.signals import user_logged_in as auth_logged_in
from django.contrib.auth.signals import user_login_failed
from django.core.management import call_command
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import audit
from accounts.forms.signed_out import take_up
from accounts.readers import PUBLIC, reader_for
from accounts.signin import second_step


def make_cache_table(**_: Any) -> None:
    """Rate limits are counted in the shared cache, which lives in the database."""
    call_command("createcachetable", verbosity=0)


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: Any, **_: Any) -> None:
    audit.record("signed_in", by=reader_for(user, None), target_type="user", target_id=user.pk)


@receiver(auth_logged_in)
def with_what_was_kept(request: HttpRequest, user: Any, **_: Any) -> None:
    take_up(request, user.pk)


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: Any, **_: Any) -> None:
    if user is not None:
        audit.record("signed_out", by=reader_for(user, None), target_type="user", target_id=user.pk)


@receiver(user_login_failed)
def sign_in_failed(**_: Any) -> None:
    # Neither the address nor the password that was typed: people type one in place of the other.
    audit.record("sign_in_failed", by=PUBLIC)


@receiver(authentication_failed)
def wrong_code(request: HttpRequest, user: Any, **_: Any) -> None:
    second_step.wrong_code(request, user)
