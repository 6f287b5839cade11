"""A form that was sent when the session had ended: kept, and given back when the same person has signed in
again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase

from accounts import crypto, drafts
from accounts.models import Draft
from accounts.readers import reader_of

KEPT = "kept_form"
Page = Callable[..., HttpResponseBase]


def signed_in(*, form_key: str = "") -> Callable[[Page], Page]:
    """Send who is not signed in to sign in, and back. A form sent meanwhile is kept where a draft of its kind
    waits.

    A form's own page is the one to come back to: `…/<number>/` for a verb at `…/<number>/<verb>/`.
    """

    def decorate(view: Page) -> Page:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated:
                return view(request, *args, **kwargs)
            target = request.get_full_path()
            if request.method == "POST":
                target = f"/avvikelser/{kwargs['number']}/" if "verb" in kwargs else request.path
                if form_key:
                    _keep(request)
            return redirect_to_login(target, settings.LOGIN_URL)

        return checked

    return decorate


def _keep(request: HttpRequest) -> None:
    """Keep the form in the visitor's session, encrypted.

    SECURITY: only where the token is of a waiting draft, so that a stranger cannot fill the session table;
    and it goes into that draft only for the person whose draft it is (`restore`).
    """
    token = drafts.parse_token(request.POST.get("token"))
    if token is None or not Draft.objects.filter(token=token, submitted_at=None).exists():
        return
    data = {k: v for k, v in request.POST.lists() if k != "csrfmiddlewaretoken"}
    text = json.dumps({"token": str(token), "data": data})
    if len(text) <= 2 * drafts.MAX_CHARS:
        request.session[KEPT] = crypto.encrypt(text)


def restore(request: HttpRequest, form_key: str) -> Draft | None:
    """Put what was kept into the draft it belongs to, if that is one of this person's of this form; else
    None.
    """
    text = request.session.get(KEPT)
    if not text:
        return None
    try:
        kept = json.loads(crypto.decrypt(text))
    except (crypto.CannotDecrypt, ValueError):
        del request.session[KEPT]
        return None
    draft = drafts.find(reader_of(request), form_key, kept["token"])
    if draft is None:
        if not drafts.own(reader_of(request)).filter(token=kept["token"]).exists():
            # Another person's, or sent already: not for this one to see.
            del request.session[KEPT]
        return None
    drafts.save(draft, kept["data"])
    draft.refresh_from_db()
    del request.session[KEPT]
    return draft
