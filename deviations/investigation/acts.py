"""The verbs on an investigation: a piece is written, taken away, brought back; a condition is waived.

Each locks the case, asks who acts anew, compares the piece with what was shown when it was decided on, and writes one
event with what stands there afterwards.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.readers import Reader
from core import clock
from core.refused import Moved, NotAllowed, WrongState
from core.typed import shortened
from deviations.closing import gates
from deviations.investigation.kinds import KINDS, Kind
from deviations.models import (
    OPEN,
    Action,
    Cause,
    Investigation,
    InvestigationEvent,
    Message,
    Party,
    SubEvent,
    Waiver,
)
from deviations.verbs.locking import EVENTS, Act, begin_own, event, others, say, tell

EVENTS.update(
    investigation=gettext_lazy("The investigation was begun"),
    waive=gettext_lazy("A condition for closing was waived"),
    effect=gettext_lazy("Told how an action turned out"),
)


# Called with an action that has been written, its owner and document before (keys), and whoever wrote it.
ACTION_WRITTEN: list[Callable[[Action, tuple[int | None, int | None], Reader], None]] = []


def plain(piece: models.Model | None, kind: Kind) -> dict[str, Any]:
    """The values of a piece, as an event keeps them. Empty for a row that is not written yet."""
    if piece is None:
        return {}
    return {name: _plain(getattr(piece, name)) for name in kind.fields}


def _plain(value: Any) -> Any:
    if isinstance(value, models.Manager):
        return sorted(str(row.key) for row in value.all())
    if isinstance(value, models.Model):
        return str(getattr(value, "key", value.pk))
    return value


def mark(piece: models.Model | None, kind: Kind) -> str:
    """A piece as it is shown. A part of it that nobody has written yet stands as in a new investigation."""
    piece = Investigation() if piece is None and kind.model is Investigation else piece
    told = json.dumps(plain(piece, kind), cls=DjangoJSONEncoder, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _investigation(act: Act) -> Investigation:
    """The part's, begun by whoever writes first."""
    found, is_new = Investigation.objects.get_or_create(party=act.party, defaults={"begun_at": act.now})
    if is_new:
        event(Act("investigation", *_rest(act)), act.party.state, is_own=True)
    return found


@transaction.atomic
def begun(part: Party, *, by: Reader) -> Investigation:
    """The part's investigation, begun by this where it was not."""
    return _investigation(begin_own("investigation", part, by, states=OPEN))


def _rest(act: Act) -> tuple[Any, ...]:
    return act.case, act.party, act.actor, act.by, act.by_reporter, act.now


def _write_event(found: Investigation, act: Act, kind: Kind, did: str, piece: models.Model) -> None:
    write_event(found, kind, did, piece, by_id=act.by.user_id, by_name=writer(act))


def writer(act: Act) -> str:
    """The person who writes, with the place of one from another provider."""
    name, is_own = act.by.person_name, act.by.provider_id == act.party.provider_id
    return name if is_own else f"{name}, {act.by.place}"[:200]


def write_event(
    found: Investigation, kind: Kind, did: str, piece: models.Model, *, by_id: int | None, by_name: str
) -> None:
    """One change of an investigation, with what stands there now."""
    InvestigationEvent.objects.create(
        investigation=found,
        kind=kind.name,
        key=getattr(piece, "key", None),
        act=did,
        values=json.loads(json.dumps(plain(piece, kind), cls=DjangoJSONEncoder)),
        by_id=by_id,
        by_name=by_name,
        at=clock.now(),
    )


def find(found: Investigation | None, kind: Kind, key: uuid.UUID | None) -> models.Model | None:
    """The piece: the row with this key, or the investigation itself where the kind is one of its own parts."""
    if found is None or (kind.model is not Investigation and key is None):
        return None
    if kind.model is Investigation:
        return found
    return kind.model.objects.filter(investigation=found, key=key, removed_at=None).first()  # type: ignore[attr-defined]


@transaction.atomic
def put(
    part: Party,
    kind: Kind,
    values: dict[str, Any],
    *,
    by: Reader,
    shown: str,
    key: uuid.UUID | None = None,
    told: str = "",
) -> models.Model:
    """Write a piece: the row with this key, a new one without, or one of the investigation's own parts. `shown`: the
    `mark` of what was changed. `told`: words to whoever reported, of how an action turned out.

    Raises Moved where somebody has changed it meanwhile, and WrongState where it is gone.
    """
    act = begin_own(
        "effect" if told else "investigation", part, by, states=kind.states, guests=kind.by_guests and not told
    )
    found = _investigation(act)
    piece = find(found, kind, key)
    if key is not None and piece is None:
        raise WrongState(_("It has been taken away meanwhile. Bring it back first, below on the page."))
    if mark(piece, kind) != shown:
        raise Moved(_("Somebody has changed this meanwhile. Look at both, and save again."))
    is_new = piece is None
    was = (piece.owner_id, piece.document_id) if isinstance(piece, Action) else (None, None)
    if piece is None:
        piece = kind.model(investigation=found)
    _set(piece, values, found)
    if kind.model is not Investigation:
        piece.written_by, piece.written_at = writer(act), act.now  # type: ignore[attr-defined]
    piece.save()
    for name in kind.many:
        getattr(piece, name).set(values[name])
    _write_event(found, act, kind, "add" if is_new else "change", piece)
    if isinstance(piece, Action):
        for heard in ACTION_WRITTEN:
            heard(piece, was, act.by)
    if told:
        _tell_effect(act, told)
    return piece


def _set(piece: models.Model, values: dict[str, Any], found: Investigation) -> None:
    for name, value in values.items():
        causes = value if isinstance(value, list) and value and isinstance(value[0], Cause) else [value]
        for cause in causes:
            # SECURITY: nothing is tied to another part's cause, or to one that has been taken away.
            if isinstance(cause, Cause):
                own = Cause.objects.filter(investigation=found, removed_at=None)
                if not own.filter(pk=cause.pk).exists():
                    raise WrongState(_("The cause has been taken away meanwhile. Choose another."))
        if not isinstance(value, list) or name == "told":
            setattr(piece, name, value)
    if isinstance(piece, Cause):
        _refuse_circle(piece)


def _refuse_circle(cause: Cause) -> None:
    """Raises WrongState where a cause would, by way of others, be the reason for itself."""
    above, seen = cause.because_of, set()
    while above is not None and above.pk not in seen:
        if above.pk == cause.pk:
            raise WrongState(_("The chain would go in a circle: that cause is explained by this one."))
        seen.add(above.pk)
        above = above.because_of


def _tell_effect(act: Act, words: str) -> None:
    """The reporter hears a second time, and with them all parties, what came of it."""
    say(act, words, kind=Message.Kind.FEEDBACK, token=None)
    event(act, act.party.state)
    tell(others(act), kind="case_effect", case=act.case, by=act.by, reporter=True)


@transaction.atomic
def remove(part: Party, kind: Kind, key: uuid.UUID, *, by: Reader) -> models.Model:
    """Take a row away; `restore` brings it back. Raises WrongState for a cause that something hangs on."""
    act = begin_own("investigation", part, by, states=OPEN, guests=kind.by_guests)
    found = _investigation(act)
    piece = find(found, kind, key)
    if piece is None:
        raise WrongState(_("It has been taken away already."))
    if isinstance(piece, Cause):
        if piece.actions.filter(removed_at=None).exists():
            raise WrongState(_("Actions are tied to this cause. Tie them to another first."))
        if piece.answers.filter(removed_at=None).exists():
            raise WrongState(_("The chain goes on from this cause. Take away what follows first."))
    piece.removed_at = act.now  # type: ignore[attr-defined]
    piece.save(update_fields=["removed_at"])
    _write_event(found, act, kind, "remove", piece)
    return piece


@transaction.atomic
def restore(part: Party, kind: Kind, key: uuid.UUID, *, by: Reader) -> None:
    """Bring a row back. One that is there already stays."""
    act = begin_own("investigation", part, by, states=OPEN)
    found = _investigation(act)
    gone = kind.model.objects.filter(investigation=found, key=key, removed_at__isnull=False)  # type: ignore[attr-defined]
    if (piece := gone.first()) is None:
        return
    if isinstance(piece, Cause) and piece.because_of and piece.because_of.removed_at:
        raise WrongState(_("Bring back the cause that it explains first."))
    piece.removed_at = None
    piece.save(update_fields=["removed_at"])
    _write_event(found, act, kind, "restore", piece)


@transaction.atomic
def take_message(part: Party, message: Message, *, by: Reader) -> SubEvent:
    """A message of the shared thread becomes a step of what happened, at its own time. The same message once."""
    act = begin_own("investigation", part, by, states=OPEN)
    found = _investigation(act)
    # SECURITY: of this case, and of the thread that the part reads.
    if message.case_id != act.case.pk or message.thread != Message.Thread.SHARED:
        raise NotAllowed(_("This can only be done by those who handle that part of the case."))
    if had := SubEvent.objects.filter(investigation=found, message=message, removed_at=None).first():
        return had
    at = clock.swedish(message.created_at)
    step = SubEvent.objects.create(
        investigation=found,
        day=at.date(),
        time=at.time().replace(second=0, microsecond=0),
        text=shortened(message.body, 1000),
        source=_("The shared thread, %s") % message.contact_label,
        message=message,
        written_by=act.by.person_name,
        written_at=act.now,
    )
    _write_event(found, act, KINDS["handelse"], "add", step)
    return step


@transaction.atomic
def waive(part: Party, gate: str, *, reason: str, by: Reader) -> Waiver:
    """Close without a condition, by name and with a reason that stays. Raises WrongState where it is met or waived."""
    act = begin_own("waive", part, by, states=OPEN)
    if gate not in {one.gate for one in gates.left(act.party)}:
        raise WrongState(_("That condition is not missing any more."))
    waiver = Waiver.objects.create(
        party=act.party, gate=gate, reason=reason, by_id=act.by.user_id, by_name=act.by.person_name, at=act.now
    )
    event(act, act.party.state, is_own=True, gate=gate)
    return waiver
