"""An investigation as a paper: in the order of a report of an event analysis, without the patient's identity."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import clock, paper
from deviations.investigation import page
from deviations.investigation.page import Desk, Why
from deviations.investigation.risk import Risk
from deviations.models import Action


def day(value: Any) -> str:
    return date_format(value, "j F Y") if value else ""


def blocks(desk: Desk) -> list[paper.Block]:
    """The whole investigation. An empty part is said to be empty, not left out."""
    told = page.context(desk)
    parts = (_facts, _assignment, _course, _causes, _well, _accounts, _risk, _actions, _patient, _similar)
    return [block for part in parts for block in part(desk, told)]


def pdf(desk: Desk) -> bytes:
    """The investigation as of now: a tagged PDF."""
    case = desk.opened.case
    title = _("Investigation %s") % case.number
    return as_paper(title, blocks(desk), desk)


def as_paper(title: str, found: list[paper.Block], desk: Desk) -> bytes:
    """A paper of this part's, with its day and time in the foot of each page."""
    now = clock.now()
    as_of = date_format(clock.swedish(now), "j F Y H.i")
    footer = _("%(number)s, %(who)s. As of %(at)s") % {
        "number": desk.opened.case.number,
        "who": desk.part.label,
        "at": as_of,
    }
    language = (get_language() or "sv")[:2]
    author = desk.part.provider.name
    return paper.pdf(title, found, author=author, footer=footer, page_word=_("Page"), language=language, made_at=now)


def shared_pdf(desk: Desk, parts: list[str]) -> bytes:
    """The parts of these names alone, for the other parties.

    SECURITY: without those who own the actions. Accounts and the assignment are no parts.
    """
    told = page.context(desk)
    told["actions"] = [(_without_owner(action), against) for action, against in told["actions"]]
    written = {"forlopp": _course, "orsaker": _causes, "atgarder": _actions, "bedomning": _risk}
    found = [block for name in parts for block in written[name](desk, told)]
    return as_paper(_("From the investigation of %s") % desk.part.label, found, desk)


def _without_owner(action: Action) -> Action:
    action.owner = None
    return action


def _or_missing(words: str) -> list[paper.Block]:
    return paper.text(words or _("Nothing is written."))


def _facts(desk: Desk, told: dict[str, Any]) -> list[paper.Block]:
    case = desk.opened.case
    at = clock.swedish(case.occurred_at)
    happened = date_format(at, "j F Y H.i" if case.occurred_time_known else "j F Y")
    return [
        paper.heading(_("The event")),
        paper.facts(
            [
                (_("Case number"), case.number),
                (_("Heading"), case.title),
                (_("Area"), str(case.type)),
                (_("Kind of event"), capfirst(str(case.get_event_kind_display()))),
                (_("Happened"), happened),
                (_("Where"), case.place),
                (_("Reported by"), desk.opened.reporting_place),
                (_("Investigated by"), desk.part.label),
            ]
        ),
        *paper.text(case.description),
        *_under(_("Consequence for the patient"), case.consequence),
        *_under(_("Done at once"), case.immediate_action),
    ]


def _under(name: str, words: str) -> list[paper.Block]:
    return [paper.heading(name, 3), *paper.text(words)] if words else []


def _assignment(desk: Desk, told: dict[str, Any]) -> list[paper.Block]:
    found = desk.found
    rows = [
        (_("Commissioned by"), found.commissioned_by if found else ""),
        (_("Led by"), found.led_by if found else ""),
        (_("Take part"), found.team if found else ""),
        (_("Questions to answer"), found.questions if found else ""),
        (_("Extent"), told["extent"]),
        (_("Done by"), day(found.due) if found else ""),
    ]
    return [paper.heading(_("Assignment")), paper.facts(rows)]


def _course(desk: Desk, told: dict[str, Any]) -> list[paper.Block]:
    rows = [
        [day(step.day) + (f" {step.time:%H.%M}" if step.time else ""), step.text, step.source] for step in told["steps"]
    ]
    head = paper.heading(_("What happened, step by step"))
    if not rows:
        return [head, *_or_missing("")]
    return [head, paper.table([_("When"), _("What happened"), _("Source")], rows)]


def _chain(why: Why) -> Any:
    """A cause with its answers, as an item of a list."""
    return [why.cause.text, [_chain(answer) for answer in why.answers]] if why.answers else why.cause.text


def _causes(desk: Desk, told: dict[str, Any]) -> list[paper.Block]:
    found: list[paper.Block] = [paper.heading(_("Causes"))]
    for why in told["heads"]:
        found.append(paper.heading(_("Cause %(n)s: %(text)s") % {"n": why.number, "text": why.cause.text}, 3))
        kind = capfirst(str(why.cause.get_category_display()))
        found += paper.text(f"{kind}. {_('Contributing factor')}." if why.cause.is_contributing else f"{kind}.")
        if why.answers:
            found.append(paper.bullets([_chain(answer) for answer in why.answers]))
        if why.cause.no_action_reason:
            found += paper.text(f"{_('Needs no action')}: {why.cause.no_action_reason}")
    return found if told["heads"] else [*found, *_or_missing("")]


def _well(desk: Desk, told: dict[str, Any]) -> list[paper.Block]:
    return [paper.heading(_("What went well")), *_or_missing(desk.found.went_well if desk.found else "")]


def _accounts(desk: Desk, told: dict[str, Any]) -> list[paper.Block]:
    found: list[paper.Block] = [paper.heading(_("Accounts of the patient and of staff"))]
    for account in told["accounts"]:
        who = f"{capfirst(str(account.get_teller_display()))}, {day(account.told_on)}"
        found += [paper.heading(who, 3), *paper.text(account.text)]
    return found if told["accounts"] else [*found, *_or_missing("")]


def _risk(desk: Desk, told: dict[str, Any]) -> list[paper.Block]:
    case = desk.opened.case

    def words(risk: Risk | None) -> str:
        return risk.words if risk else _("Not judged yet")

    rows = [
        (_("Led to"), capfirst(str(case.get_actual_harm_display()))),
        (_("Could have led to"), capfirst(str(case.get_potential_harm_display()))),
        (_("Risk before actions"), words(told["before"])),
        (_("Risk after actions"), words(told["after"])),
    ]
    basis = paper.text(desk.found.basis) if desk.found and desk.found.basis else []
    return [paper.heading(_("Assessment of harm and risk")), paper.facts(rows), *basis]


def _actions(desk: Desk, told: dict[str, Any]) -> list[paper.Block]:
    head = paper.heading(_("Actions"))
    if not told["actions"]:
        return [head, *_or_missing("")]
    rows = [
        [
            action.text,
            ", ".join(_("Cause %(n)s") % {"n": why.number} for why in against) or action.risk,
            f"{action.get_kind_display()} ({action.strength.label})" + (f"\n{action.focus}" if action.focus else ""),
            f"{action.owner.get_full_name() if action.owner else '–'}, {day(action.due) or '–'}",
            f"{capfirst(str(action.get_state_display()))}. {action.get_effect_display() or action.measure}".strip(),
        ]
        for action, against in told["actions"]
    ]
    header = [_("Action"), _("Against"), _("Kind and strength"), _("Owner and day"), _("State, and effect or measure")]
    return [head, paper.table(header, rows)]


def _patient(desk: Desk, told: dict[str, Any]) -> list[paper.Block]:
    found = desk.found
    rows = [(words, _("Yes") if is_done else _("No")) for words, is_done in told["told_items"]]
    if found and found.told_on:
        rows.append((_("Told on"), f"{day(found.told_on)} {found.told_by}".strip()))
    if found and found.not_told_reason:
        rows.append((_("Why the patient is not told:").rstrip(":"), found.not_told_reason))
    return [paper.heading(_("The patient is told")), paper.facts(rows)]


def _similar(desk: Desk, told: dict[str, Any]) -> list[paper.Block]:
    rows = [f"{one.case.number}: {one.text}" if one.case else one.text for one, _seen in told["similar"]]
    note = desk.found.similar_note if desk.found else ""
    found = [paper.heading(_("Similar events")), *([paper.bullets(rows)] if rows else [])]
    return [*found, *(paper.text(note) if note or rows else _or_missing(""))]
