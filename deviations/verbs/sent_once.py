"""A verb of a case is done at most once for each sending of a form."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.forms import drafts
from accounts.readers import Reader
from deviations.models import Message, Party

V = TypeVar("V", bound=Callable[..., Any])
Token = drafts.Sending | uuid.UUID | None


def sending_of(token: drafts.Sending | uuid.UUID, act: str, *content: Any) -> drafts.Sending:
    """The sending; where the door gave a token alone, with a digest of what the verb was told."""
    if isinstance(token, uuid.UUID):
        return drafts.Sending(token, drafts.digest_of(act, {"content": [repr(content)]}))
    return token


def once(verb: V) -> V:
    """One transaction, and at most once for each token: the same sending again gives what it became.

    Raises `drafts.OtherContent` where the token has become something else. Without a token each call is an act.
    """

    @wraps(verb)
    def done_once(party: Party, *args: Any, by: Reader, token: Token = None, **more: Any) -> Any:
        with transaction.atomic():
            if token is None:
                return verb(party, *args, by=by, **more)
            sending = sending_of(token, verb.__name__, party.pk, args, sorted(more.items()))
            drafts.lock_sending(sending)
            if drafts.sent_before(sending, by=by):
                return Message.objects.filter(token=sending.token).first()
            if "token" in signature(verb).parameters:
                more["token"] = sending.token
            done = verb(party, *args, by=by, **more)
            drafts.mark_sent(sending, by=by, form_key=verb.__name__, result=party.case.number)
            return done

    return done_once  # type: ignore[return-value]


def sent_already(number: str) -> str:
    """What to say where a form comes a second time with another content."""
    return _(
        "This form has already been sent, with other content. What stands here has not been sent: "
        "send it once more if it is to be sent too."
    ) + (f" ({number})" if number else "")
