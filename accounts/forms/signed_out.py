"""A form that was sent when the session had ended: kept, and a draft again when the same person has signed in."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from accounts.forms import drafts
from core import crypto

KEPT = "kept_form"
Page = Callable[..., HttpResponseBase]


def signed_in(view: Page) -> Page:
    """Send who is not signed in to sign in, and back. A form sent meanwhile is kept.

    The page to come back to is the one that the form stood on: `…/<number>/` for a verb at `…/<number>/<verb>/`.
    """

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        target = request.get_full_path()
        if request.method == "POST":
            keep(request)
            target = request.path.removesuffix(f"{kwargs['verb']}/") if "verb" in kwargs else request.path
        return redirect_to_login(target, settings.LOGIN_URL)

    return checked


def kept_if_signed_out(view: Page) -> Page:
    """For pages that do not exist for who is not signed in: a form sent there meanwhile is kept all the same."""

    @wraps(view)
    def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and not request.user.is_authenticated:
            keep(request)
        return view(request, *args, **kwargs)

    return keeping


def keep(request: HttpRequest) -> None:
    """Keep the form in the visitor's session, encrypted.

    SECURITY: only with a ticket that we gave to a person, so that a stranger cannot fill the session table; and it
    becomes a draft of that person's only (`take_up`).
    """
    ticket = drafts.parse_ticket(request.POST.get("token"))
    if ticket is None:
        return
    data = {k: v for k, v in request.POST.lists() if k not in drafts.CARRIED - {"token", "writer"}}
    files = [f.name for _name, several in request.FILES.lists() for f in several]
    text = json.dumps({"data": data, "files": files})
    if len(text) <= 2 * drafts.MAX_CHARS:
        request.session[KEPT] = crypto.encrypt(text)


def take_up(request: HttpRequest, user_id: int) -> None:
    """Make what was kept a draft again, if it is this person's, and say so. Else it is thrown away."""
    text = request.session.pop(KEPT, None) if hasattr(request, "session") else None
    if not text:
        return
    try:
        kept = json.loads(crypto.decrypt(text))
    except (crypto.CannotDecrypt, ValueError):
        return
    ticket = drafts.parse_ticket(kept["data"].get("token", [""])[0])
    if ticket and ticket.user_id == user_id:
        drafts.keep(ticket, kept["data"], lost_files=kept["files"])
        messages.info(
            request,
            _("Nothing was sent when you had been signed out. What you wrote is kept: look it through and send it."),
            fail_silently=True,
        )
