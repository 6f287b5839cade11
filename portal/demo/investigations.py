"""The demonstration's investigations: what a part found out of its case, and does about it."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from accounts.models import User
from accounts.readers import Reader, reader_for
from core import clock
from deviations.access.officers import officers
from deviations.closing import gates
from deviations.investigation import acts
from deviations.investigation.kinds import KINDS
from deviations.lex_maria import acts as lex_maria
from deviations.lex_sarah import acts as lex_sarah
from deviations.models import Action, Case, Cause, FocusArea, Investigation, LexSarah, Party

Category, Kind = Cause.Category, Action.Kind
# Cause, its category, its root, and the action against it with its kind and measure.
FOUND: tuple[tuple[str, str, str, str, str, str], ...] = (
    (
        "Checklistan för utskrivning signerades inte",
        Category.PROCEDURES,
        "Introduktionen för vikarier tar inte upp checklistan",
        "Checklistan signeras före hemgång och kontrolleras av den som skriver ut",
        Kind.CHECKLIST,
        "Andel signerade checklistor av 20 utskrivningar",
    ),
    (
        "Det var otydligt vem som skickar läkemedelslistan",
        Category.COMMUNICATION,
        "Överenskommelsen säger ”avdelningen” utan att säga vem",
        "Utskrivningsmallen går inte att stänga utan skickad lista",
        Kind.BARRIER,
        "Antal utskrivningar utan skickad lista",
    ),
    (
        "Ingen svarade när mottagaren ringde",
        Category.SURROUNDINGS,
        "Telefonen flyttades vid ombyggnaden och larmet följde inte med",
        "Funktionsnumret kopplas till den som har jouren",
        Kind.ORGANISATION,
        "Antal samtal som inte besvaras inom fem minuter",
    ),
    (
        "Den nya pumpen ställdes in efter den gamlas anvisning",
        Category.TECHNOLOGY,
        "Två modeller används på samma avdelning",
        "Den gamla modellen tas ur bruk",
        Kind.DESIGN,
        "Antal pumpar av den gamla modellen",
    ),
    (
        "Ny personal kände inte till den gemensamma rutinen",
        Category.COMPETENCE,
        "Ingen äger introduktionen när chefen är ledig",
        "Genomgång vid nästa arbetsplatsträff",
        Kind.TRAINING,
        "Andel som har läst rutinen",
    ),
)


def investigate(party: Party, draw: random.Random, *, by: Reader, is_done: bool) -> None:
    """Judge the risk, find a cause or two with an action against each; where there was harm, tell the patient."""
    severity, likelihood = draw.randrange(1, 5), draw.randrange(1, 5)
    judged = {"severity": severity, "likelihood": likelihood, "severity_after": severity, "likelihood_after": 1}
    _put(party, "bedomning", {**judged, "basis": "", "extent": ""}, by)
    for text, category, root, todo, kind, measure in draw.sample(FOUND, draw.randrange(1, 3)):
        shared = {"category": category, "is_contributing": False, "no_action_reason": ""}
        head = _put(party, "orsak", {**shared, "text": text, "because_of": None}, by)
        _put(party, "orsak", {**shared, "text": root, "because_of": head}, by)
        due = clock.today() + dt.timedelta(days=draw.randrange(14, 60))
        plan = {"text": todo, "causes": [head], "risk": "", "kind": kind, "due": due, "measure": measure}
        owner = User.objects.get(pk=by.user_id)
        areas = list(FocusArea.objects.offered())
        more = {"owner": owner, "follow_up": due + dt.timedelta(days=60), "document": None}
        more |= {"focus": areas[len(todo) % len(areas)] if areas else None}
        action = _put(party, "atgard", plan | more, by)
        if is_done and draw.random() < 0.95:
            done = {
                "state": Action.State.DONE,
                "done_on": clock.today(),
                "evidence": "",
                "effect": "",
                "effect_note": "",
            }
            acts.put(
                party, KINDS["uppfoljning"], done, by=by, shown=acts.mark(action, KINDS["uppfoljning"]), key=action.key
            )
    if party.case.actual_harm in (Case.Harm.HARM, Case.Harm.SERIOUS_HARM):
        told = {"told": list(Investigation.Told.values), "told_on": clock.today(), "told_by": by.person_name}
        _put(party, "patienten", {**told, "not_told_reason": ""}, by)


def decide(party: Party, draw: random.Random, *, by: Reader) -> None:
    """Lex Maria, where the harm was or could have been serious: the officer decides, half of them to notify. A provider
    without an officer closes its part without the decision, by name.
    """
    if not gates.is_serious(party.case):
        return
    officer = officers(party).select_related("provider", "unit").first()
    if officer is None:
        acts.waive(party, "lex_maria", reason="Verksamhetschefen beslutar, utanför portalen.", by=by)
        return
    reader, notifies = reader_for(officer.user, officer), draw.random() < 0.5
    grounds = "Vårdbehovet blev väsentligt ökat, och skadan hade kunnat undvikas." if notifies else "Skadan gick över."
    lex_maria.decide(party, notifies=notifies, grounds=grounds, by=reader, shown=lex_maria.mark(party))
    if notifies:
        facts = {"sent_on": clock.today(), "own_number": f"HSN {clock.today().year}-{draw.randrange(100, 999)}"}
        lex_maria.put_facts(party, facts, by=reader, shown=lex_maria.facts_mark(None))


def hand_to_social_care(party: Party, *, by: Reader) -> None:
    """Lex Sarah: the first three of a municipality's own parts."""
    if party.is_municipal and LexSarah.objects.count() < 3:
        words = "Händelsen visar också att tillsynen i hemtjänsten uteblev två kvällar i rad."
        lex_sarah.flag(party, words=words, with_report=False, by=by, shown=lex_sarah.digest_of(party))


def _put(party: Party, name: str, values: dict[str, Any], by: Reader) -> Any:
    found = Investigation.objects.filter(party=party).first()
    shown = acts.mark(acts.find(found, KINDS[name], None), KINDS[name])
    return acts.put(party, KINDS[name], values, by=by, shown=shown)
