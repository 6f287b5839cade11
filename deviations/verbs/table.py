"""The verbs on a part of a case: one record for each, beside the function that does it.

The page, the lock, the addresses and the timeline all read the same record. `may` holds who may do it, and from which
state.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import wraps
from inspect import signature
from typing import Any, TypeVar

from django.db import transaction
from django.utils.functional import Promise

from accounts.forms import drafts
from accounts.readers import Reader
from deviations.entry.fields import CleanText
from deviations.models import Message, Party
from deviations.verbs.forms import PartForm

V = TypeVar("V", bound=Callable[..., Any])
Token = drafts.Sending | uuid.UUID | None


class Who(StrEnum):
    """The doer of a verb, and the part it is done to."""

    OWN = "own"  # the handlers of the part
    CONCERNED = "concerned"  # the handlers of a concerned part, to their own
    REPORTING = "reporting"  # the handlers of the reporting part, to their own
    REPLY = "reply"  # the reporting part's handlers, or the reporter, to a concerned part
    HOME = "home"  # the handlers of the part, to their own; or the reporter, to the reporting part
    AT_HOME = "at_home"  # the handlers of the reporting part, or the reporter, to the reporting part
    BOTH = "both"  # the handlers of a concerned part or of the reporting, to the concerned


class Place(Enum):
    """The place of the verb on a case's page."""

    STEP = "a button of its own"
    BESIDE = "beside the buttons, with a form"
    WAY_ON = "folded, among the ways of sending the case on, each with a line that says when"
    MORE = "folded away"
    THREAD = "a choice of what is written to the other parties"
    OWN_THREAD = "under one's own notes"
    HOME_THREAD = "under what is written at home"


@dataclass(frozen=True)
class Verb:
    """One verb. `taken_from`: the states of a part that it is done from; `leads_to`: the state it gives the part, or
    None for the same. `words` stand on its button, `when` says when it is the right one, `done` is said when it is
    done, `event` stands in the timeline.
    `order` is its rank in its place.
    """

    name: str
    do: Callable[..., Any]
    who: Who
    taken_from: frozenset[str]
    leads_to: str | None
    form: type[PartForm]
    words: str | Promise
    done: str | Promise
    event: str | Promise
    place: Place
    order: int
    when: str | Promise = ""

    @property
    def has_draft(self) -> bool:
        """Whether its form holds a text of one's own, which is kept while it is written."""
        return any(isinstance(field, CleanText) for field in self.form.base_fields.values())


# Filled by the modules of this room, which its door imports.
VERBS: dict[str, Verb] = {}


def verb(
    *,
    who: Who,
    taken_from: frozenset[str] | set[str],
    leads_to: str | None = None,
    form: type[PartForm] = PartForm,
    words: str | Promise,
    done: str | Promise,
    event: str | Promise,
    place: Place,
    order: int,
    when: str | Promise = "",
) -> Callable[[V], V]:
    """Record a verb. Its function becomes one transaction, done at most once for each sending of a form."""

    def recorded(function: V) -> V:
        do, name = _sent_once(function), function.__name__
        told = (words, done, event, place, order, when)
        VERBS[name] = Verb(name, do, who, frozenset(taken_from), leads_to, form, *told)
        return do

    return recorded


def verbs_at(place: Place) -> list[Verb]:
    """The verbs of one place on the page, in its order."""
    return sorted((v for v in VERBS.values() if v.place is place), key=lambda v: v.order)


def sending_of(token: drafts.Sending | uuid.UUID, act: str, *content: Any) -> drafts.Sending:
    """The sending; where the door gave a token alone, with a digest of the verb's arguments."""
    if isinstance(token, uuid.UUID):
        return drafts.Sending(token, drafts.digest_of(act, {"content": [repr(content)]}))
    return token


def _sent_once(function: V) -> V:
    """One transaction, and at most once for each token: the same sending again gives what it became.

    Raises `drafts.OtherContent` where the token has become something else. Without a token each call is an act.
    """

    @wraps(function)
    def done_once(party: Party, *args: Any, by: Reader, token: Token = None, **more: Any) -> Any:
        with transaction.atomic():
            if token is None:
                return function(party, *args, by=by, **more)
            sending = sending_of(token, function.__name__, party.pk, args, sorted(more.items()))
            drafts.lock_sending(sending)
            if drafts.sent_before(sending, by=by):
                return Message.objects.filter(token=sending.token).first()
            if "token" in signature(function).parameters:
                more["token"] = sending.token
            done = function(party, *args, by=by, **more)
            drafts.mark_sent(sending, by=by, form_key=function.__name__, result=party.case.number)
            return done

    return done_once  # type: ignore[return-value]
