"""The page of an investigation, made ready for the template."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.readers import Reader
from deviations.closing import gates
from deviations.investigation import risk
from deviations.investigation.forms import NameForm
from deviations.investigation.kinds import KINDS, Kind
from deviations.models import (
    NOT_ENDED,
    OPEN,
    AccountLink,
    Action,
    Case,
    CaseRules,
    Cause,
    Investigation,
    Joint,
    Message,
    Party,
    Reference,
    SimilarEvent,
    SubEvent,
)
from deviations.predicate import OpenedCase
from deviations.taking_part import naming

# Latest changes that are shown.
CHANGES = 20


@dataclass(frozen=True)
class Desk:
    """One part's investigation as one reader has it before them. `number` is the part's place among the case's parts,
    which an address says where the reader handles several."""

    opened: OpenedCase
    part: Party
    number: int
    found: Investigation | None
    # The others of the reader's parts in the case, with their numbers.
    also: tuple[tuple[int, Party], ...]
    # The key of a participation, for addresses, where the reader takes part without handling the case.
    guest: str = ""

    @property
    def params(self) -> dict[str, str]:
        """The part of an address that leads back here."""
        return {"i": self.guest} if self.guest else {"del": str(self.number)} if self.also else {}

    @property
    def query(self) -> str:
        return f"?{urlencode(self.params)}" if self.params else ""

    def may(self, kind: Kind) -> bool:
        """Whether the reader can write this kind of piece, as the part stands."""
        return not self.part.has_ended and self.part.state in kind.states and (not self.guest or kind.by_guests)

    @property
    def address(self) -> str:
        return f"{self.opened.case.get_absolute_url()}utredning/"

    @property
    def is_writable(self) -> bool:
        return not self.part.has_ended and self.part.state in OPEN

    @property
    def follows_up(self) -> bool:
        """The actions of a part that is closed are still followed up."""
        return not self.part.has_ended and self.part.state in NOT_ENDED


def desk_or_404(opened: OpenedCase, wanted: str) -> Desk:
    """The investigation of the part that the reader handles: of this number, or the one that they act for.

    SECURITY: for whoever reported, and for all other parties, it does not exist.
    """
    order = sorted(opened.parties(), key=lambda p: p.pk)
    own = {n: p for n, p in enumerate(order, 1) if p in opened.own_parties}
    if not own:
        raise Http404
    mine = {p.pk: p for p in opened.own_parties}
    usual = next(n for n, p in own.items() if p == opened.party)
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 4 else usual
    if number not in own:
        raise Http404
    part = mine[own[number].pk]
    part.case = opened.case
    found = Investigation.objects.open_to(opened.reader).filter(party=part).first()
    also = tuple((n, p) for n, p in own.items() if n != number)
    return Desk(opened, part, number, found, also)


def guest_desk_or_404(reader: Reader, number: str, key: str) -> Desk:
    """The investigation that the reader takes part in, by the key of that.

    SECURITY: the case is named and its event told, by the same row that lets them in; nothing else of it is read.
    """
    try:
        rows = naming.of_reader(reader).filter(key=uuid.UUID(key))
    except ValueError:
        raise Http404 from None
    found = get_object_or_404(rows, investigation__party__case__number=number.upper())
    investigation = found.investigation
    part, case = investigation.party, investigation.party.case
    place = 1 + case.parties.filter(pk__lt=part.pk).count()
    return Desk(OpenedCase(case, reader, ()), part, place, investigation, (), str(found.key))


@dataclass
class Why:
    """A cause with its answers below it. `number` is that of a cause at the head of a chain."""

    cause: Cause
    number: int = 0
    # A head that nothing is done about, by the condition for closing (`gates.without_action`).
    is_bare: bool = False
    answers: list[Why] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"orsak-{self.cause.key.hex[:8]}"

    @property
    def all_actions(self) -> list[Action]:
        """Against it and against all below it, each once."""
        found = list(self.actions) + [action for answer in self.answers for action in answer.all_actions]
        return list(dict.fromkeys(found))


def chains(causes: Iterable[Cause], actions: Sequence[Action]) -> list[Why]:
    """The causes as chains: each head with what explains it, in the order they were written."""
    nodes = {cause.pk: Why(cause) for cause in causes}
    for action in actions:
        for cause in action.causes.all():
            if cause.pk in nodes:
                nodes[cause.pk].actions.append(action)
    heads: list[Why] = []
    for node in nodes.values():
        above = nodes.get(node.cause.because_of_id or 0)
        (above.answers if above else heads).append(node)
    bare = {cause.pk for cause in gates.without_action([n.cause for n in nodes.values()], list(actions))}
    for number, head in enumerate(heads, 1):
        head.number, head.is_bare = number, head.cause.pk in bare
    return heads


def context(desk: Desk) -> dict[str, Any]:
    """The context of deviations/investigation/page.html."""
    found, part = desk.found, desk.part
    actions = _rows(found, Action, "owner", "document", many=("causes",))
    heads = chains(_rows(found, Cause), actions)
    told = {
        "desk": desk,
        "case": desk.opened.case,
        "part": part,
        "found": found,
        "steps": _rows(found, SubEvent),
        "heads": heads,
        "actions": [(action, _against(action, heads)) for action in actions],
        "accounts": found.accounts.filter(removed_at=None) if found else (),
        "links": _links(found) if desk.is_writable and not desk.guest else (),
        "similar": _similar(desk),
        "references": [] if desk.guest else _rows(found, Reference),
        "thread": _thread(desk),
        "removed": [] if desk.guest else _removed(found),
        "changes": [] if desk.guest else _changes(found),
        **({} if desk.guest else _closing(part)),
        **({} if desk.guest else _taking_part(desk)),
        **assessment(part, found),
        **_patient(found),
    }
    return told | {"is_small": _is_small(found, part, told)}


def _is_small(found: Investigation | None, part: Party, told: dict[str, Any]) -> bool:
    """A simple investigation in which nothing of a deeper one is written: those parts are folded."""
    written = any(told[name] for name in ("steps", "accounts", "similar", "links"))
    texts = found and (found.led_by or found.commissioned_by or found.went_well or found.similar_note)
    return risk.extent_of(found, part) == Investigation.Extent.SIMPLE and not (written or texts)


def _rows(found: Investigation | None, model: type[models.Model], *related: str, many: tuple[str, ...] = ()) -> list:
    if found is None:
        return []
    rows = model._default_manager.filter(investigation=found, removed_at=None)
    return list(rows.select_related(*related).prefetch_related(*many) if related else rows)


def _against(action: Action, heads: list[Why]) -> list[Why]:
    """The heads of the chains that the action is against."""
    return [head for head in heads if action in head.all_actions]


def _closing(part: Party) -> dict[str, Any]:
    asked, left = gates.asked_of(part), gates.left(part)
    missing = {one.gate for one in left}
    waived = {w.gate: w for w in part.waivers.all()}
    words = dict(CaseRules.Gate.choices)
    return {
        "asked": asked,
        "left": left,
        "met": [capfirst(str(words[gate])) for gate in asked if gate not in missing and gate not in waived],
        "waived": [(capfirst(str(words.get(gate, gate))), waiver) for gate, waiver in waived.items()],
        "done_count": len(asked) - len(left),
    }


def assessment(part: Party, found: Investigation | None) -> dict[str, Any]:
    """The risk before and after actions, and how far it is investigated, in words."""
    rules = gates.rules_of(part.provider)
    before = risk.risk_of(found.severity, found.likelihood) if found else None
    after = risk.risk_of(found.severity_after, found.likelihood_after) if found else None
    names = {value: capfirst(str(label)) for value, label in Investigation.Extent.choices}
    asked, extent = risk.asked_extent(before, rules), risk.extent_of(found, part)
    return {
        "before": before,
        "after": after,
        "extent": names.get(extent, ""),
        # Somebody has chosen another extent than the score asks for.
        "asked_extent": names.get(asked, "") if asked and asked != extent else "",
        "rules": rules,
    }


def others_of(desk: Desk) -> list[tuple[int, Party]]:
    """The other live parts of the case, each with its place among all."""
    parties = enumerate(sorted(desk.opened.parties(), key=lambda p: p.pk), 1)
    return [(n, p) for n, p in parties if p.pk != desk.part.pk and not p.has_ended]


def our_participants(part: Party) -> Q:
    """Those whom the part's handlers can let go: named by them, or in their own investigation."""
    return Q(party=part) | Q(investigation__party=part)


def joints_of(desk: Desk) -> list[Joint]:
    """The joint analyses of the part, its own first: as the page counts them."""
    rows = Joint.objects.filter(ended_at=None).select_related("investigation__party__provider", "party__provider")
    own = rows.filter(investigation__party=desk.part).select_related("party__unit", "investigation__party__unit")
    return [*own, *rows.filter(party=desk.part).select_related("party__unit", "investigation__party__unit")]


def _taking_part(desk: Desk) -> dict[str, Any]:
    """Those who take part, the joint analyses by their place in `joints_of`, and the parts to share with."""
    found, part = desk.found, desk.part
    rows = naming.live().select_related("assignment__user", "party__provider", "party__unit")
    joints = list(enumerate(joints_of(desk), 1))
    shared = {joint.party_id for _n, joint in joints if joint.party_id != part.pk}
    return {
        "participants": list(rows.filter(investigation=found)) if found else [],
        "joints": [(n, joint) for n, joint in joints if joint.party_id != part.pk],
        "could_share": [(n, p) for n, p in others_of(desk) if p.pk not in shared],
        "invitations": [
            (n, joint, list(rows.filter(investigation=joint.investigation_id, party=part)))
            for n, joint in joints
            if joint.party_id == part.pk
        ],
        "naming": NameForm(party=part, auto_id="namn_%s"),
    }


def _patient(found: Investigation | None) -> dict[str, Any]:
    told = set(found.told) if found else set()
    return {
        "told_items": [(capfirst(str(label)), value in told) for value, label in Investigation.Told.choices],
        "told_count": len(told & set(Investigation.Told.values)),
        "told_all": len(Investigation.Told.values),
    }


def _similar(desk: Desk) -> list[tuple[Any, bool]]:
    """Each similar event, and whether its case can be opened by the reader."""
    rows = list(desk.found.similarevents.filter(removed_at=None).select_related("case")) if desk.found else []
    keys = [row.case_id for row in rows if row.case_id]
    seen = set(Case.objects.visible_to(desk.opened.reader).filter(pk__in=keys).values_list("pk", flat=True))
    return [(row, row.case_id in seen) for row in rows]


def _links(found: Investigation | None) -> list[AccountLink]:
    """The links that can still be written by, and those whose text nobody has looked at."""
    rows = found.links.filter(looked_at=None) if found else ()
    return [link for link in rows if link.received_at or link.is_open]


def similar_cases(found: Investigation | None) -> list[int]:
    """The keys of the cases that stand in the investigation as similar."""
    rows = found.similarevents.filter(removed_at=None, case__isnull=False) if found else SimilarEvent.objects.none()
    return list(rows.values_list("case", flat=True))


def _thread(desk: Desk) -> list[tuple[int, Message]]:
    """Messages of the shared thread that are no steps yet, each with its place in the thread."""
    # SECURITY: whoever takes part does not read the case's threads.
    if not desk.is_writable or desk.guest:
        return []
    steps = (
        desk.found.subevents.filter(removed_at=None, message__isnull=False) if desk.found else SubEvent.objects.none()
    )
    taken = set(steps.values_list("message", flat=True))
    return [(place, m) for place, m in enumerate(desk.opened.messages(), 1) if m.pk not in taken]


def _removed(found: Investigation | None) -> list[dict[str, Any]]:
    """The rows that were taken away, each with its kind."""
    if found is None:
        return []
    kinds = [kind for kind in KINDS.values() if kind.is_row and not kind.goes_on]
    return [
        {"kind": kind, "row": row, "words": getattr(row, "text", "")}
        for kind in kinds
        for row in kind.model._default_manager.filter(investigation=found, removed_at__isnull=False)
    ]


def _changes(found: Investigation | None) -> list[dict[str, Any]]:
    """The latest changes: when, who, which piece, and the text that it was left with."""
    if found is None:
        return []
    did = {"add": _("added"), "change": _("changed"), "remove": _("taken away"), "restore": _("brought back")}
    return [
        {
            "at": event.at,
            "who": event.by_name,
            "what": KINDS[event.kind].name_words,
            "did": did[event.act],
            "text": event.values.get("text", ""),
        }
        for event in found.events.order_by("-pk")[:CHANGES]
    ]


def stands_now(form: Any) -> list[tuple[str, str]]:
    """A piece as it stands, field by field in words: beside what somebody wrote meanwhile. The form is unbound."""
    return [(capfirst(str(bound.label)), _in_words(bound)) for bound in form if not bound.is_hidden]


def _in_words(bound: Any) -> str:
    value = bound.initial
    choices = {str(key): str(label) for key, label in getattr(bound.field, "choices", ())}
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if choices:
        values = value if isinstance(value, (list, tuple)) else [value or ""]
        return ", ".join(choices.get(str(one), str(one)) for one in values)
    return str(value or "–")


def piece_key(desk: Desk, kind: Kind, key: uuid.UUID | None) -> str:
    """The form of a piece, as drafts know it: the same for all who write in it."""
    return f"{kind.name}-{key.hex[:12] if key else 'ny'}-{desk.number}-{desk.opened.case.number.lower()}"
