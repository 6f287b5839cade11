"""The conditions that a part is closed on. The page and the lock ask `left`, and nothing else decides it.

The reporting part is asked for feedback to whoever reported, each concerned part for the rest. A provider can do
without any of them (`CaseRules`), and one that is not met is waived by name (`Waiver`). Cases from before there were
conditions are asked for none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Provider
from core.refused import NotAllowed
from deviations.models import Action, Case, CaseRules, Cause, Investigation, Message, Party

Gate = CaseRules.Gate
HARMED = (Case.Harm.HARM, Case.Harm.SERIOUS_HARM)


@dataclass(frozen=True)
class Left:
    """One condition that is not met. `place`: the part of the page of the investigation where it is mended; `url`:
    another page of the case, where it is that one.
    """

    gate: str
    words: str | Promise
    todo: str | Promise
    place: str
    url: str = ""


def rules_of(provider: Provider) -> CaseRules:
    """The provider's rules, unsaved where it has none of its own."""
    return rules_of_provider(provider.pk)


def rules_of_provider(key: int | None) -> CaseRules:
    """The same, by the provider's key."""
    return CaseRules.objects.filter(provider=key).first() or CaseRules(provider_id=key)


def asked_of(party: Party) -> list[str]:
    """The conditions that the part is closed on, met or not, in their order."""
    if not party.case.has_conditions:
        return []
    own = {Gate.FEEDBACK} if party.side == Party.Side.REPORTING else set(Gate) - {Gate.FEEDBACK}
    off = rules_of(party.provider).gates_off
    return [gate for gate in Gate if gate in own and gate not in off]


def left(party: Party, *, feedback: str = "") -> list[Left]:
    """The conditions that are neither met nor waived. `feedback`: words to whoever reported that go with the act."""
    asked = asked_of(party)
    if not asked:
        return []
    waived = set(party.waivers.values_list("gate", flat=True))
    found = Investigation.objects.filter(party=party).first()
    told: dict[str, str] = {Gate.FEEDBACK: feedback}
    return [one for gate in asked if gate not in waived and (one := _ASKED[gate](party, found, told.get(gate, "")))]


def demand(party: Party, *, feedback: str = "") -> None:
    """Raises NotAllowed, with what is missing, while a condition of the part is neither met nor waived."""
    if missing := left(party, feedback=feedback):
        told = " ".join(f"{one.words} {one.todo}" for one in missing)
        raise NotAllowed(gettext("It cannot be closed yet. %s") % told)


def without_action(causes: list[Cause], actions: list[Action]) -> list[Cause]:
    """Those of an investigation's causes that stand at the head of a chain and that nothing is done about: no action
    against it or against an answer to it, and no reason why none is needed. An action that is proposed or dropped does
    not count.
    """
    does = (Action.State.PLANNED, Action.State.UNDER_WAY, Action.State.DONE)
    acted_on = {cause.pk for action in actions if action.state in does for cause in action.causes.all()}
    heads: dict[int, Cause] = {}
    by_key = {cause.pk: cause for cause in causes}
    settled: set[int] = set()
    for cause in causes:
        head, seen = cause, {cause.pk}
        while head.because_of_id in by_key and head.because_of_id not in seen:
            head = by_key[head.because_of_id]
            seen.add(head.pk)
        heads[head.pk] = head
        if cause.pk in acted_on or cause.no_action_reason:
            settled.add(head.pk)
    return [head for key, head in heads.items() if key not in settled]


def _causes(party: Party, found: Investigation | None, said: str) -> Left | None:
    if found is None:
        return None
    actions = list(found.actions.filter(removed_at=None).prefetch_related("causes"))
    if not (bare := without_action(list(found.causes.filter(removed_at=None)), actions)):
        return None
    words = ngettext_lazy("One cause has no action.", "%(n)d causes have no action.", "n") % {"n": len(bare)}
    todo = _("Add an action, or write why none is needed.")
    return Left(Gate.CAUSES, words, todo, f"orsak-{bare[0].key.hex[:8]}")


def _owners(party: Party, found: Investigation | None, said: str) -> Left | None:
    live = (Action.State.PLANNED, Action.State.UNDER_WAY)
    rows = found.actions.filter(removed_at=None, state__in=live, due__isnull=False, owner=None) if found else ()
    if not (count := len(rows)):
        return None
    words = ngettext_lazy("One action with a date has no owner.", "%(n)d actions with a date have no owner.", "n") % {
        "n": count
    }
    return Left(Gate.OWNERS, words, _("Choose who sees to it that it is done."), "atgarder")


def _lex_maria(party: Party, found: Investigation | None, said: str) -> Left | None:
    if not is_serious(party.case) or party.lex_maria_decisions.exists():
        return None
    return Left(
        Gate.LEX_MARIA,
        _("Lex Maria is not decided, and the harm was or could have been serious."),
        _("The lex Maria officer decides."),
        "",
        "lex-maria/",
    )


def is_serious(case: Case) -> bool:
    """The event led to serious harm or could have, as judged (PSL 3:5)."""
    return Case.Harm.SERIOUS_HARM in (case.actual_harm, case.potential_harm)


def _patient(party: Party, found: Investigation | None, said: str) -> Left | None:
    if party.case.actual_harm not in HARMED or (found and found.not_told_reason):
        return None
    items = Investigation.Told.values
    told = len(set(found.told) & set(items)) if found else 0
    if told == len(items):
        return None
    words = _("There was harm, and the patient has been told %(told)d of %(all)d.") % {"told": told, "all": len(items)}
    return Left(Gate.PATIENT, words, _("Fill in what remains, or why the patient is not told."), "patienten")


def _feedback(party: Party, found: Investigation | None, said: str) -> Left | None:
    if said or not party.case.wants_feedback:
        return None
    own = party.case.messages.filter(thread=Message.Thread.HOME, party=party)
    if own.filter(kind=Message.Kind.FEEDBACK).exists():
        return None
    return Left(
        Gate.FEEDBACK,
        _("Whoever reported has had no feedback."),
        _("Write what came of the report, in the feedback below."),
        "",
    )


_ASKED: dict[str, Callable[[Party, Investigation | None, str], Left | None]] = {
    Gate.CAUSES: _causes,
    Gate.OWNERS: _owners,
    Gate.LEX_MARIA: _lex_maria,
    Gate.PATIENT: _patient,
    Gate.FEEDBACK: _feedback,
}
