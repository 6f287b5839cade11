"""The verbs: which may be done when and by whom, and what each leaves behind."""

from __future__ import annotations

import datetime as dt
import threading
import uuid

import pytest
from django.db import connection, transaction

from accounts.forms import drafts
from accounts.models import Assignment, Notice
from core import clock
from core.refused import NotAllowed
from deviations.access.handlers import handlers_of
from deviations.access.states import CaseState, state_of
from deviations.entry.reports import Recipient
from deviations.models import Case, CaseEvent, DeviationType, Message, Party
from deviations.verbs import VERBS, allowed_verbs, handling, sending_on, submission, talking
from tests.cast import make
from tests.deviations.cases import Cast, concerned, reporting

WORDS = {"ask", "reply", "send_message", "note", "answer", "write_home"}


def do(verb, party, by, cast):
    """The verb with arguments that are right, so that only state and side decide."""
    arguments = {
        "assign": lambda: {"to": handlers_of(party).first()},
        "judge_harm": lambda: {"actual": "harm", "potential": "serious_harm"},
        "forward": lambda: {"to_provider": cast.kommun, "to_unit": None, "reason": "Hör till hemsjukvården."},
        "add_party": lambda: {"to_provider": cast.kommun, "to_unit": None},
        "escalate": lambda: {"reason": "Ingen tar det."},
        "correct": lambda: {
            "type": DeviationType.objects.exclude(pk=party.case.type_id).first(),
            "occurred_at": party.case.occurred_at,
            "occurred_time_known": True,
        },
        "split": lambda: {"type": party.case.type, "description": "En sak till.", "concerns": ()},
        "reopen": lambda: {"reason": "Det hände igen."},
        "accept": lambda: {"feedback": "Tack för rapporten."},
        "withdraw": lambda: {"reason": "Det gällde en annan patient."},
        "refuse": lambda: {"reason": "Patienten har inte varit hos oss."},
    }.get(verb, lambda: {"body": "När kom listan?"} if verb in WORDS else {})()
    return VERBS[verb].do(party, by=by, **arguments)


def set_state(party: Party, state: str) -> Party:
    ended = clock.now() if state in ("misdirected", "forwarded", "withdrawn") else None
    Party.objects.filter(pk=party.pk).update(state=state, ended_at=ended)
    party.refresh_from_db()
    return party


def table():
    """(verb, side of the part, who acts, state, whether it may be done): everything that the table says, and the rest."""
    for verb, record in VERBS.items():
        states, who = record.taken_from, record.who
        for side in ("concerned", "reporting"):
            for actor in ("maria", "per_ake", "sara", "karin", "anna", "rut"):
                # Strangers to the case are turned away before its state is asked.
                for state in Party.State.values if actor in ("maria", "per_ake", "sara") else ("received",):
                    fits = {
                        "own": (side, actor) in {("concerned", "maria"), ("reporting", "per_ake")},
                        "home": (side, actor)
                        in {("concerned", "maria"), ("reporting", "per_ake"), ("reporting", "sara")},
                        "concerned": (side, actor) == ("concerned", "maria"),
                        "reporting": (side, actor) == ("reporting", "per_ake"),
                        "reply": side == "concerned" and actor in ("per_ake", "sara"),
                        "at_home": side == "reporting" and actor in ("per_ake", "sara"),
                        "both": side == "concerned" and actor in ("maria", "per_ake"),
                    }[who]
                    yield verb, side, actor, state, fits and state in states


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_verb_is_done_from_its_states_by_its_side_and_refused_otherwise(cast, verb):
    case = cast.case()
    readers = {name: cast[name] for name in ("maria", "per_ake", "sara", "karin", "anna", "rut")}
    to = VERBS[verb].leads_to
    for _verb, side, actor, state, may in (row for row in table() if row[0] == verb):
        where = f"{verb} on {side} in {state} by {actor}"
        with transaction.atomic():
            part = set_state(concerned(case) if side == "concerned" else reporting(case), state)
            if verb == "release":
                Party.objects.filter(pk=part.pk).update(handler=cast.users[actor])
            told = case.events.filter(follows=False)
            # To act where nobody handles makes one its handler, by an event of its own (test_taken_up).
            told = told if verb == "take" else told.exclude(verb="take")
            before = told.count()
            if may:
                do(verb, part, readers[actor], cast)
                part.refresh_from_db()
                assert part.state == (to or state) or (verb == "add_party"), where
                assert told.count() == before + 1, where
            else:
                with pytest.raises(NotAllowed):
                    do(verb, part, readers[actor], cast)
                part.refresh_from_db()
                assert part.state == state, where
                assert CaseEvent.objects.count() == before, where
            transaction.set_rollback(True)


def test_what_the_page_offers_is_what_the_verbs_take(cast):
    case = cast.case()
    for state in Party.State.values:
        for actor in ("maria", "per_ake", "sara"):
            part = set_state(concerned(case), state)
            if (state, actor) == ("withdrawn", "maria"):
                assert not Case.objects.visible_to(cast[actor]).exists()
                set_state(part, "received")
                continue
            offered = allowed_verbs(Case.objects.open_or_404(cast[actor], case.number))
            taken = {
                verb
                for verb, side, who, in_state, may in table()
                if may
                and who == actor
                and ((side == "concerned" and in_state == state) or (side == "reporting" and in_state == "received"))
            }
            taken.discard("release")  # nobody handles it
            if state != "received":
                taken.discard("withdraw")  # somebody it concerns has taken it up
            assert set(offered) == taken, (state, actor)
            set_state(part, "received")


def test_a_whole_case_from_report_to_closing(cast):
    case = cast.case()
    maria, per_ake, sara = cast["maria"], cast["per_ake"], cast["sara"]
    assert state_of(case) == CaseState.RECEIVED
    handling.acknowledge(reporting(case), by=per_ake)
    handling.acknowledge(concerned(case), by=maria)
    handling.assign(concerned(case), to=Assignment.objects.get(user=cast.maria), by=maria)
    handling.start_investigation(concerned(case), by=maria)
    talking.ask(concerned(case), "När kom läkemedelslistan?", by=maria)
    assert state_of(case) == CaseState.INFO_REQUESTED
    talking.reply(concerned(case), "På tisdagen klockan 10.", by=sara)
    handling.start_acting(concerned(case), by=maria)
    talking.answer(concerned(case), "Vi signerar nu checklistan före hemgång.", by=maria)
    assert state_of(case) == CaseState.ANSWERED
    handling.accept(reporting(case), "Tack för rapporten.", by=per_ake)
    handling.close(concerned(case), by=maria)
    assert state_of(case) == CaseState.CLOSED
    ours, theirs = reporting(case), concerned(case)
    assert theirs.acknowledged_at
    assert theirs.answered_at
    assert theirs.closed_at
    assert theirs.handler == cast.maria
    assert ours.feedback_at
    assert ours.closed_at
    handling.reopen(theirs, "Mer har hänt.", by=per_ake)
    assert (reporting(case).state, concerned(case).state) == ("acknowledged", "investigating")
    told = CaseEvent.objects.filter(case=case, follows=False).exclude(verb="take")  # by acting (test_taken_up)
    verbs = list(told.values_list("verb", flat=True))
    assert verbs == [
        "submit",
        "acknowledge",
        "acknowledge",
        "assign",
        "start_investigation",
        "ask",
        "reply",
        "start_acting",
        "answer",
        "accept",
        "close",
        "reopen",
    ]


def test_those_who_wait_are_told_and_nobody_else(cast):
    case = cast.case()

    def told():
        found = set(Notice.objects.values_list("kind", "user__given_name"))
        Notice.objects.all().delete()
        return found

    assert told() == {("case_received", "Per-Åke"), ("case_received", "Maria")}
    talking.ask(concerned(case), "När kom listan?", by=cast["maria"])
    assert told() == {("case_question", "Per-Åke"), ("case_question", "Sara")}
    talking.reply(concerned(case), "I tisdags.", by=cast["sara"])
    assert told() == {("case_reply", "Maria")}
    talking.note(concerned(case), "Vikarie den helgen.", by=cast["maria"])
    assert told() == set()
    talking.answer(concerned(case), "Checklistan signeras nu.", by=cast["maria"])
    assert told() == {("case_answered", "Per-Åke"), ("case_answered", "Sara")}


def test_a_wrong_recipient_sends_it_back_and_another_is_chosen(cast):
    case = cast.case()
    sending_on.refuse(concerned(case), reason="Patienten var på Medicinkliniken.", by=cast["maria"])
    assert state_of(case) == CaseState.NEEDS_RECIPIENT
    assert Notice.objects.filter(kind="case_returned", user=cast.per_ake, subject=case.number).count() == 1
    sending_on.add_party(reporting(case), to_provider=cast.region, to_unit=cast.medicin, by=cast["per_ake"])
    assert concerned(case).unit == cast.medicin


def test_a_provider_without_access_cannot_be_sent_a_case(cast):
    cast.ugglan.agreements.update(valid_to=clock.today() - clock.ONE_DAY)
    with pytest.raises(NotAllowed):
        cast.case(Recipient(cast.ugglan))
    assert not Case.objects.exists()


def test_a_message_sent_twice_with_its_token_is_one_message(cast):
    case, token = cast.case(), uuid.uuid4()
    ticket = drafts.keep(drafts.ticket_for(cast["maria"], "case-x"), {"body": ["Tack"]}).ticket
    draft = drafts.of_ticket(ticket)
    for key in (token, draft.token):
        first = talking.send_message(concerned(case), "Tack för rapporten.", by=cast["maria"], token=key)
        assert talking.send_message(concerned(case), "Tack för rapporten.", by=cast["maria"], token=key) == first
    assert Message.objects.count() == 2
    draft.refresh_from_db()
    assert draft.submitted_at
    assert draft.payload == {}
    for body, who in (("Något annat.", "maria"), ("Tack för rapporten.", "per_ake")):
        with pytest.raises(drafts.OtherContent):
            talking.send_message(reporting(case), body, by=cast[who], token=token)
    assert Message.objects.count() == 2


def test_the_number_tells_nothing_and_the_draft_is_taken(cast):
    ticket = drafts.keep(drafts.ticket_for(cast["sara"], "deviation"), {"description": ["Epikrisen"]}).ticket
    draft = drafts.of_ticket(ticket)
    case = submission.submit(draft.token, data=cast.report(Recipient(cast.region, cast.akut)), by=cast["sara"])
    draft.refresh_from_db()
    assert draft.submitted_at
    assert draft.result == case.number
    assert draft.payload == {}
    assert case.title == str(case.type)
    assert concerned(case).answer_due >= clock.today() + dt.timedelta(days=60)


def test_another_persons_token_is_refused(cast):
    ticket = drafts.keep(drafts.ticket_for(cast["anna"], "deviation"), {"description": ["Hennes"]}).ticket
    with pytest.raises(drafts.OtherContent):
        submission.submit(ticket.token, data=cast.report(), by=cast["sara"])
    case = cast.case()
    with pytest.raises(drafts.OtherContent):
        submission.submit(case.token, data=cast.report(), by=cast["anna"])


@pytest.mark.django_db(transaction=True)
def test_the_same_report_sent_at_once_from_many_is_one_case():
    cast = make(Cast)
    reader, report = cast["sara"], cast.report(Recipient(cast.region, cast.akut))
    token, numbers, gate = uuid.uuid4(), [], threading.Barrier(8)

    def send():
        try:
            gate.wait(10)
            numbers.append(submission.submit(token, data=report, by=reader).number)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(numbers) == 8
    assert len(set(numbers)) == 1
    assert (Case.objects.count(), Party.objects.count(), CaseEvent.objects.count()) == (1, 2, 1)
    assert Notice.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_are_one_answer_and_one_refusal():
    cast = make(Cast)
    case, reader, outcomes, gate = cast.case(), cast["maria"], [], threading.Barrier(2)
    part = concerned(case)

    def send(text):
        try:
            gate.wait(10)
            talking.answer(part, text, by=reader)
            outcomes.append("sent")
        except NotAllowed:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(text,)) for text in ("Ett svar.", "Ett annat svar.")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["refused", "sent"]
    assert Message.objects.filter(kind="answer").count() == 1


def test_a_verb_is_done_by_the_reader_that_the_database_has_now(cast):
    case = cast.case()
    before = cast["maria"]
    Assignment.objects.filter(pk=before.assignment_id).update(roles=["reader"])
    with pytest.raises(NotAllowed):
        handling.acknowledge(concerned(case), by=before)
    Assignment.objects.filter(pk=before.assignment_id).update(roles=["case_handler"])
    cast.users["maria"].given_name = "Marianne"
    cast.users["maria"].save()
    handling.acknowledge(concerned(case), by=before)
    assert case.events.get(verb="acknowledge").by_label.startswith("Marianne ")
