"""The roles that open little by themselves: what each is for, and what there is to do now, on the start page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access_review import listing, rounds
from accounts.granting import guarding, reach_of
from accounts.readers import Reader
from accounts.requests import asking
from accounts.roles import Role
from deviations.coordination import figures
from deviations.evidence import listing as evidence
from deviations.evidence.who import reads_for_principal, writes
from deviations.inbox.lists import waiting_at
from deviations.lex_maria import listing as matters
from deviations.lex_sarah import listing as lex_sarah
from deviations.oversight import listing as oversight


@dataclass(frozen=True)
class Task:
    """Something to go to. `waits`: somebody waits for it now."""

    url: str
    words: str
    waits: bool = False


@dataclass(frozen=True)
class Duty:
    """One role, in the words of its holder."""

    title: str
    words: str
    tasks: list[Task] = field(default_factory=list)


def duties(reader: Reader) -> list[Duty]:
    """Those of the reader's roles, under the assignment they work in, that need saying. A constant number of queries
    for each role.
    """
    if not reader.assignment_id:
        return []
    found = [made for role, of in _DUTIES.items() if role in reader.roles for made in [of(reader)]]
    return list({duty.title: duty for duty in found}.values())


def _leads_people(reader: Reader) -> Duty:
    is_admin = Role.PROVIDER_ADMIN in reader.roles
    return Duty(
        _("You let people in") if is_admin else _("You let people in at your unit"),
        _(
            "You invite those who work at %s, give them their roles and end their access when they leave. "
            "Nobody else does it for you."
        )
        % reader.place,
        [
            *_people(reader),
            Task(reverse("our_provider"), _("People and roles")),
            *([Task(reverse("case_rules"), _("Rules for your cases"))] if is_admin else []),
            *_evidence(reader),
            Task(reverse("statistics"), _("Statistics on deviations")),
        ],
    )


def _evidence(reader: Reader) -> Iterator[Task]:
    """To write it, and to read it for a principal."""
    page = reverse("evidence")
    if n := evidence.waiting(reader):
        words = ngettext(
            "Evidence for one agreement is not submitted", "Evidence for %(n)d agreements is not submitted", n
        )
        yield Task(page, words % {"n": n}, True)
    elif writes(reader) or reads_for_principal(reader):
        yield Task(page, _("Evidence for the agreement"))


def _people(reader: Reader) -> Iterator[Task]:
    page = reverse("our_provider")
    if n := asking.waiting(reader).count():
        yield Task(page, ngettext("One person asks to be let in", "%(n)d people ask to be let in", n) % {"n": n}, True)
    if n := len(guarding.waiting(reader)):
        yield Task(page, ngettext("One role waits for your yes", "%(n)d roles wait for your yes", n) % {"n": n}, True)
    reach = reach_of(reader)
    review = rounds.open_review(reader.provider_id) if reach and reader.provider_id else None
    sums = listing.sums(review, reach) if review else None
    if sums and (n := sums.left):
        words = ngettext("One person is left in the yearly review", "%(n)d people are left in the yearly review", n)
        yield Task(reverse("access_review"), words % {"n": n}, True)


def _lex_maria(reader: Reader) -> Duty:
    tasks = []
    if n := waiting_at(reader).get("serious", 0):
        words = ngettext(
            "One open case could have led to serious harm", "%(n)d open cases could have led to serious harm", n
        )
        tasks.append(Task("/avvikelser/", words % {"n": n}, True))
    if n := matters.waiting(reader):
        words = ngettext("One event waits for your decision", "%(n)d events wait for your decision", n)
        tasks.insert(0, Task(reverse("lex_maria_matters"), words % {"n": n}, True))
    tasks.append(Task(reverse("lex_maria_matters"), _("Your lex Maria matters")))
    return Duty(
        _("You notify by lex Maria"),
        _(
            "You decide whether an event that led, or could have led, to serious harm is notified to IVO. It is to be "
            "done as soon as can be after the event (PSL 3:5). The notification itself is made in IVO's own service."
        ),
        [*tasks, Task("/avvikelser/", _("The cases you handle"))],
    )


def _medically_responsible(reader: Reader) -> Duty:
    title = _("You are medically responsible for rehabilitation")
    if Role.MEDICALLY_RESPONSIBLE_NURSE in reader.roles:
        title = _("You are the medically responsible nurse")
    tasks = [Task("/dokument/?galler=municipal", _("Documents that apply to municipal care"))]
    if reader.handles_cases:
        tasks.insert(0, Task("/avvikelser/", _("The cases you handle")))
    tasks.insert(0, Task(reverse("overseen"), _("The municipality's cases")))
    tasks += _evidence(reader)
    if n := oversight.to_tell(reader).count():
        words = ngettext("The board is to be told of one event", "The board is to be told of %(n)d events", n)
        tasks.insert(0, Task(reverse("overseen"), words % {"n": n}, True))
    return Duty(
        title,
        _(
            "You answer for that the municipality has the routines its care needs, that they are followed, and that "
            "what goes wrong is reported (HSL 11:4, HSF 4:6)."
        ),
        tasks,
    )


def _leads_social_care(reader: Reader) -> Duty:
    tasks = [Task(reverse("lex_sarah_matters"), _("Your lex Sarah matters"))]
    if n := lex_sarah.waiting(reader):
        words = ngettext("One matter waits for your judgement", "%(n)d matters wait for your judgement", n)
        tasks.insert(0, Task(reverse("lex_sarah_matters"), words % {"n": n}, True))
    return Duty(
        _("You lead social care"),
        _(
            "You judge whether what is handed to you is a misconduct in social care, see that it is remedied without "
            "delay, and report what is serious to IVO as soon as can be (lex Sarah)."
        ),
        tasks,
    )


def _manages_agreements(reader: Reader) -> Duty:
    return Duty(
        _("You manage agreements"),
        _("You let providers in by their agreements, and read what they show of their work with deviations."),
        [Task(reverse("register"), _("The register of providers")), *_evidence(reader)],
    )


def _follow_up(reader: Reader) -> Duty:
    return Duty(
        _("You follow up"),
        _(
            "You read the figures of all care providers: who can read the same routines, and how long each waits. "
            "You see no case and no person."
        ),
        [
            Task(reverse("followed"), _("Reports between care providers")),
            Task("/lika-tillgang/", _("Equal access")),
            Task("/dokument/", _("The documents")),
        ],
    )


def _coordinates(reader: Reader) -> Duty:
    told, page, tasks = figures.figures(reader), reverse("coordination"), []
    if told.late:
        words = ngettext("One case is late", "%(n)d cases are late", told.late) % {"n": told.late}
        tasks.append(Task(f"{page}?sen=1", words, True))
    if told.without:
        words = ngettext("One case has no recipient", "%(n)d cases have no recipient", told.without)
        tasks.append(Task(f"{page}?lage=needs_recipient", words % {"n": told.without}, True))
    return Duty(
        _("You coordinate deviations"),
        _("You see every case by its facts, remind those who are late, and choose who is to have what is raised."),
        [*tasks, Task(page, _("All cases")), Task(reverse("statistics"), _("Statistics on deviations"))],
    )


_DUTIES: dict[str, Callable[[Reader], Duty]] = {
    Role.SAFETY_COORDINATOR: _coordinates,
    Role.LEX_MARIA_OFFICER: _lex_maria,
    Role.MEDICALLY_RESPONSIBLE_NURSE: _medically_responsible,
    Role.MEDICALLY_RESPONSIBLE_REHAB: _medically_responsible,
    Role.SOCIAL_CARE_LEAD: _leads_social_care,
    Role.FOLLOW_UP: _follow_up,
    Role.AGREEMENT_MANAGER: _manages_agreements,
    Role.PROVIDER_ADMIN: _leads_people,
    Role.UNIT_MANAGER: _leads_people,
}
