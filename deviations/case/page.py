"""The content of a case's page, made ready for the template: who said what, each part's state, the acts on offer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.forms import drafts
from accounts.models import Draft
from core import clock
from deviations.access.next_step import next_for
from deviations.access.states import state_of
from deviations.closing import gates
from deviations.models import WORKING, Case, CaseEvent, CaseFile, DeviationType, Message, Party, S
from deviations.predicate import OpenedCase
from deviations.verbs import VERBS, Place, allowed_verbs, verbs_at
from deviations.verbs.forms import MessageForm, PartForm
from deviations.verbs.locking import contact_label, event_words
from documents.models import Document

# Written in the shared thread; the first that can be done is chosen from the beginning.
THREAD_VERBS = tuple(v.name for v in verbs_at(Place.THREAD))
# The number of latest messages that are shown at once; those before are folded.
SHOWN = 3


def form_key(verb: str, case: Case) -> str:
    """The form that a verb of a case is typed in, as drafts know it. The verbs of the shared thread share one."""
    return f"{'case' if VERBS[verb].place is Place.THREAD else verb}-{case.number.lower()}"


class Tickets:
    """A ticket and, where something has been typed, a draft for each form of a case's page."""

    def __init__(self, opened: OpenedCase, of_bound: drafts.Ticket | None = None) -> None:
        self._reader, self._case, self._bound = opened.reader, opened.case, of_bound
        slug = f"-{opened.case.number.lower()}"
        live = drafts.own(opened.reader).filter(form_key__endswith=slug).order_by("updated_at")
        self._drafts = {draft.form_key: draft for draft in live}

    def draft(self, verb: str) -> Draft | None:
        return self._drafts.get(form_key(verb, self._case))

    def __call__(self, verb: str) -> drafts.Ticket:
        key = form_key(verb, self._case)
        if self._bound and self._bound.form_key == key:
            return self._bound
        return drafts.ticket_for(self._reader, key, self._drafts.get(key))

    def typed(self, verb: str) -> dict[str, str]:
        """The text that had been typed in the form, by field."""
        draft = self.draft(verb)
        payload: dict[str, list[str]] = draft.payload if draft else {}  # type: ignore[assignment]
        return {name: values[0] for name, values in payload.items() if values}


def case_page(opened: OpenedCase, *, tickets: Tickets, bound: dict[str, PartForm] | None = None) -> dict[str, Any]:
    """The context of deviations/case.html. `bound` holds forms that came back with errors, by verb."""
    bound, allowed, parties = bound or {}, allowed_verbs(opened), opened.parties()
    return told(opened, parties) | _thread(opened, allowed, tickets, bound) | _acts(opened, allowed, tickets, bound)


def told(opened: OpenedCase, parties: list[Party]) -> dict[str, Any]:
    """The story: the parties, the messages of each thread, the events, the files and all that belongs to the case."""
    files: dict[int | None, list[CaseFile]] = {}
    for file in opened.files():
        files.setdefault(file.message_id, []).append(file)
    # SECURITY: what came after one's part ended is not shown, the judgement and the others' states included.
    is_live = opened.until is None
    abandoned = set(Party.objects.abandoned().filter(case=opened.case).values_list("pk", flat=True))
    related, reporting = _related(opened), Party.Side.REPORTING

    def messages(rows: QuerySet[Message]) -> list[dict[str, Any]]:
        return [_message(m, opened, parties, files) for m in rows.select_related("party")]

    shared = messages(opened.messages())
    events = opened.events().filter(follows=False).select_related("party", "actor").order_by("-pk")
    return {
        "opened": opened,
        "case": opened.case,
        "is_live": is_live,
        "state": state_of(opened.case) if is_live else None,
        "parties": [_party(p, opened, abandoned) for p in parties],
        "home": next((p for p in parties if p.side == reporting), None),
        "others": ", ".join(dict.fromkeys(p.label for p in parties if not opened.is_home(p))),
        "us": opened.party.label if opened.party else opened.reader.place,
        "messages_earlier": shared[:-SHOWN],
        "messages_shared": shared[-SHOWN:],
        "shows_home": opened.is_reporter or any(p.side == reporting for p in opened.own_parties),
        "messages_home": messages(opened.home_messages()),
        "messages_own": messages(opened.own_messages()),
        "events": [_event(e, opened, related) for e in events],
        "files": files.get(None, []),
        "related": related,
        "is_serious": is_live and gates.is_serious(opened.case),
        "documents": list(Document.objects.visible_to(opened.reader).filter(cited_in=opened.case)),
        "reporter": opened.case.reporter.get_full_name() if opened.shows_reporter else "",
        "next": next_for(opened),
    }


def _thread(
    opened: OpenedCase, allowed: dict[str, list[Party]], tickets: Tickets, bound: dict[str, PartForm]
) -> dict[str, Any]:
    """The one form for all that is written to the other parties; its verbs share ticket and draft."""
    typed, draft = tickets.typed("send_message"), tickets.draft("send_message")
    writable = [verb for verb in THREAD_VERBS if verb in allowed]
    back = next((verb for verb in THREAD_VERBS if verb in bound), "")
    chosen = back or typed.get("kind", "")
    return {
        "thread_ticket": tickets("send_message"),
        "thread_typed": typed,
        "thread_files": drafts.files_of(draft),
        "thread_lost": drafts.lost_files(draft),
        "new_message": bound.get(back)
        or MessageForm(parties=[], reader=opened.reader, auto_id="thread_%s", initial=typed),
        "thread_verbs": [(verb, VERBS[verb].words) for verb in writable],
        "thread_kind": chosen if chosen in writable else next(iter(writable), ""),
        "thread_form": bound.get(back),
        "thread_parts": _thread_parts(allowed),
        # Nobody else has the case yet: to write here is not what one comes for.
        "writes_alone": not any(not opened.is_home(p) and not p.has_ended for p in opened.parties()),
    }


def _acts(
    opened: OpenedCase, allowed: dict[str, list[Party]], tickets: Tickets, bound: dict[str, PartForm]
) -> dict[str, Any]:
    """All other verbs, each with its form and in its place."""
    forms = {
        verb: bound.get(verb)
        or VERBS[verb].form(
            parties=found, reader=opened.reader, auto_id=f"{verb}_%s", initial=_initial(verb, opened, found, tickets)
        )
        for verb, found in allowed.items()
        if verb not in THREAD_VERBS
    }
    # A form that came back from an act that can no longer be done is shown too: nothing typed in it is lost.
    back = {verb: form for verb, form in bound.items() if verb not in THREAD_VERBS}
    for verb, form in (forms | back).items():
        form.ticket, form.form_key = tickets(verb), form_key(verb, opened.case) if VERBS[verb].has_draft else ""
    step = next_for(opened)
    main = step.verb if step else ""
    return {
        "note": _writing("note", forms, bound, tickets),
        "write_home": _writing("write_home", forms, bound, tickets),
        "steps": [(v.name, v.words, forms[v.name]) for v in verbs_at(Place.STEP) if v.name in forms],
        # The next step stands open before the eyes, wherever its place is otherwise.
        "beside": _offered(Place.WAY_ON, forms, bound, only={main}) + _offered(Place.BESIDE, forms, bound),
        "ways_on": _offered(Place.WAY_ON, forms, bound, without={main}),
        "more": _offered(Place.MORE, forms, bound),
        "forms": forms,
        "bound": list(bound.values()),
        "form_has_errors": bool(bound),
        # The conditions missing before one's part is closed; feedback is written in the form that closes it.
        "left": gates.left(allowed["close"][0]) if len(allowed.get("close", ())) == 1 else [],
        "main": main,
        "writes_main": main in THREAD_VERBS,
    }


def _offered(
    place: Place,
    forms: dict[str, PartForm],
    bound: dict[str, PartForm],
    *,
    only: Collection[str] = VERBS,
    without: Collection[str] = (),
) -> list[tuple[Any, ...]]:
    """The verbs of a place that have a form now: name, words, form, whether the form came back, and when it is used."""
    shown = [v for v in verbs_at(place) if v.name in forms and v.name in only and v.name not in without]
    return [(v.name, v.words, forms[v.name], v.name in bound, v.when) for v in shown]


def _writing(
    verb: str, forms: dict[str, PartForm], bound: dict[str, PartForm], tickets: Tickets
) -> dict[str, Any] | None:
    """A thread with one kind of message: the form, and the files that are kept with its draft."""
    form = bound.get(verb) or forms.get(verb)
    draft = tickets.draft(verb)
    if form is None:
        return None
    return {"verb": verb, "form": form, "files": drafts.files_of(draft), "lost": drafts.lost_files(draft)}


def answer_page(opened: OpenedCase, form: PartForm) -> dict[str, Any]:
    """The context of deviations/answer.html: an answer as it will be read, and what follows on it. `form` is valid."""
    reader, parties, told = opened.reader, opened.parties(), form.arguments()
    party: Party = form.cleaned_data["part"]
    reporting = next(p for p in parties if p.side == Party.Side.REPORTING)
    left = [p for p in parties if p.side == Party.Side.CONCERNED and p.state in WORKING and p.pk != party.pk]
    party.case = opened.case
    return {
        "case": opened.case,
        "to": reporting.label,
        "us": party.label,
        "others": [p.label for p in left if not p.has_ended],
        "due": party.answer_due,
        "wants_feedback": opened.case.wants_feedback,
        "message": {
            "who": contact_label(party, reader, is_handler=True),
            "is_us": True,
            "kind": Message.Kind.ANSWER.label,
            "body": told["body"],
            "at": clock.now(),
            "new_files": told["files"],
        },
    }


def _initial(verb: str, opened: OpenedCase, parties: list[Party], tickets: Tickets) -> dict[str, Any]:
    if verb == "judge_harm":
        return {"actual": opened.case.actual_harm, "potential": opened.case.potential_harm}
    if verb == "correct":
        case, at = opened.case, clock.swedish(opened.case.occurred_at)
        time = at.time() if case.occurred_time_known else None
        unit = parties[0].unit.name if parties[0].unit else ""
        return {"type": case.type_id, "occurred_date": at.date(), "occurred_time": time, "unit": unit}
    if verb == "assign" and parties[0].handler:
        return {"to": parties[0].handler.email}
    return tickets.typed(verb) if VERBS[verb].has_draft else {}


def _thread_parts(allowed: dict[str, list[Party]]) -> list[Party]:
    """Parts to choose between in the shared thread; empty where there is no choice."""
    most = max((allowed.get(v, []) for v in THREAD_VERBS), key=len, default=[])
    return most if len(most) > 1 else []


def _party(party: Party, opened: OpenedCase, abandoned: set[int]) -> dict[str, Any]:
    is_us = opened.is_home(party)
    shown = opened.shows_state(party)
    handler = party.handler.get_full_name() if party.handler and (is_us or party.provider.shows_handler_names) else ""
    return {
        "label": party.label,
        "kind": party.provider.get_kind_display(),
        "is_us": is_us,
        "is_reporting": party.side == Party.Side.REPORTING,
        "state": party.state if shown else "",
        "state_label": party.get_state_display() if shown else "",
        "ended": party.has_ended,
        "waits": shown and party.state == S.INFO_REQUESTED,
        "handler": handler if shown else "",
        "is_abandoned": shown and party.pk in abandoned,
        "due": party.answer_due if shown and party.state in WORKING else None,
        "is_late": bool(shown and party.state in WORKING and party.answer_due and party.answer_due < clock.today()),
        "answered_at": party.answered_at if shown else None,
        "seen_at": party.seen_at if shown and not is_us else None,
    }  # fmt: skip


def _message(
    message: Message, opened: OpenedCase, parties: list[Party], files: dict[int | None, list[CaseFile]]
) -> dict[str, Any]:
    is_home = opened.is_home(message.party)
    return {
        # SECURITY: a person's name only at home; other parties get the contact that the party shows.
        "who": message.author_name if is_home else message.contact_label,
        "is_us": is_home,
        "kind": message.get_kind_display() if message.kind != Message.Kind.MESSAGE else "",
        "body": message.body,
        "at": message.created_at,
        "files": files.get(message.pk, []),
        "seen_by": _seen_by(message, opened, parties) if is_home and message.thread == Message.Thread.SHARED else [],
    }


def _seen_by(message: Message, opened: OpenedCase, parties: list[Party]) -> list[str]:
    """Which other parties have opened the case since: their functions, never who."""
    # SECURITY: what others did after one's part ended is not told.
    if opened.until is not None:
        return []
    others = (p for p in parties if not opened.is_home(p))
    return [p.label for p in others if p.seen_at and p.seen_at >= message.created_at]


def _related(opened: OpenedCase) -> list[Case]:
    """Cases that it was split from or into, of those that the reader sees."""
    near = Q(split_from=opened.case) | Q(pk=opened.case.split_from_id)
    shown = ("number", "title", "reporter_id", "reporting_provider_id")
    found = Case.objects.visible_to(opened.reader).filter(near).only(*shown).order_by("pk")
    return [other.case for other in Case.objects.opened(opened.reader, found)]


def _corrections(data: dict[str, Any]) -> list[tuple[str, str, str]]:
    """A correction: its thing, the value before, and the value now."""
    rows = []
    if "type" in data:
        names = {t.code: str(t) for t in DeviationType.objects.filter(code__in=data["type"])}
        rows.append((_("Area"), *(names.get(code, code) for code in data["type"])))
    if "occurred" in data:
        days = (date_format(clock.swedish(dt.datetime.fromisoformat(at)), "j F Y H.i") for at in data["occurred"])
        rows.append((_("Happened"), *days))
    if "unit" in data:
        rows.append((_("Unit"), *data["unit"]))
    return rows


def _event(event: CaseEvent, opened: OpenedCase, related: list[Case]) -> dict[str, Any]:
    is_home = opened.is_home(event.actor or event.party)
    # SECURITY: that a case was taken out of another is told only to those who see that one.
    begins = event.verb == "split" and not event.is_own
    told = "submit" if begins and opened.case.split_from_id not in {c.pk for c in related} else event.verb
    return {
        "corrections": _corrections(event.data) if event.verb == "correct" else [],
        "text": event_words(told),
        "who": event.by_label if is_home else event.contact_label,
        "at": event.at,
        "is_own": event.is_own,
    }
