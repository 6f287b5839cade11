"""The regional coordinator: every case by its facts, what is written only of those raised, and who is to have those."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Agreement, AuditEvent, CareUnit, Notice
from accounts.roles import Role
from core import clock, refused
from core.lists import keyset
from deviations.coordination.narrowing import Asked
from deviations.coordination.overview import coordination
from deviations.entry.fields import recipient_choices
from deviations.entry.reports import Recipient
from deviations.models import Case, Party
from deviations.telling import reminders
from deviations.verbs import VERBS, allowed_verbs, coordinating, handling, sending_on, talking
from tests import cast as makers
from tests.deviations.cases import concerned, reporting

PAGE = "/avvikelser/samordning/"
SECRET = ("Rubriken skogsduva", "Platsen skogsduva", "Texten skogsduva")


def secret_case(cast, *concerns: Recipient, **more) -> Case:
    title, place, description = SECRET
    return cast.case(*concerns, title=title, place=place, description=description, **more)


def page(cast, who: str = "lars") -> str:
    return cast.client(who).get(PAGE).content.decode()


def value_of(cast, unit: CareUnit) -> str:
    """How the form names a recipient."""
    return next(v for v, r in recipient_choices(cast["lars"])[1].items() if r.unit == unit)


def test_every_case_is_seen_by_its_facts_and_nothing_that_is_written(cast):
    case = secret_case(cast)
    handling.acknowledge(reporting(case), by=cast["per_ake"])
    talking.ask(concerned(case), "Frågan skogsduva", by=cast["maria"])
    text = page(cast)
    for told in (case.number, str(case.type), cast.akut.name, "Komplettering begärd", "Avsändaren svarar på en fråga"):
        assert told in text
    assert "skogsduva" not in text
    assert cast.sara.family_name not in text
    # Neither the case itself nor its files.
    assert cast.client("lars").get(case.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("who", ["maria", "per_ake", "anna", "karin", "rut", "elin", "public"])
def test_for_others_the_page_does_not_exist(cast, who: str):
    case = cast.case()
    assert cast.client(who).get(PAGE).status_code == (302 if who == "public" else 404)
    if who != "public":
        assert cast.client(who).post(PAGE, {"case": case.number}).status_code == 404
        with pytest.raises(refused.NotAllowed):
            coordinating.route(case, to_provider=cast.kommun, to_unit=None, by=cast[who])


def test_the_late_stand_first_and_pages_hold_each_once(cast, monkeypatch):
    monkeypatch.setattr(keyset, "PAGE_SIZE", 2)
    with clock.frozen(clock.now() - dt.timedelta(days=100)):
        late = cast.case()
    made = [cast.case() for _ in range(3)]
    closed = cast.case()
    talking.answer(concerned(closed), "Klart.", by=cast["maria"])
    handling.accept(reporting(closed), "Tack för rapporten.", by=cast["per_ake"])
    with clock.frozen(clock.now() - dt.timedelta(days=200)):
        answered = cast.case()
        handling.acknowledge(reporting(answered), by=cast["per_ake"])
        talking.answer(concerned(answered), "Klart.", by=cast["maria"])
        # As it was before feedback had a day.
        Party.objects.filter(case=answered).update(feedback_due=None)
    first = coordination(cast["lars"])
    assert first.rows[0].number == late.number
    assert first.rows[0].next.is_late
    second = coordination(cast["lars"], after=first.next_url.rpartition("efter=")[2])
    third = coordination(cast["lars"], after=second.next_url.rpartition("efter=")[2])
    numbers = [r.number for r in (*first.rows, *second.rows, *third.rows)]
    assert sorted(numbers) == sorted(c.number for c in (late, answered, *made))
    assert numbers[-1] == answered.number  # what waits for nothing with a day stands last
    assert coordination(cast["maria"]).rows == []


def test_a_handler_raises_a_case_and_the_coordinator_reads_it_and_chooses(cast):
    case = secret_case(cast)
    sending_on.escalate(concerned(case), reason="Tre enheter säger nej.", by=cast["maria"])
    assert Notice.objects.get(kind="case_escalated").user == cast.lars
    text = page(cast)
    for words in (*SECRET, "Tre enheter säger nej."):
        assert words in text
    assert AuditEvent.objects.get(action="read_raised_cases").data["numbers"] == [case.number]
    with pytest.raises(refused.NotAllowed):
        sending_on.escalate(concerned(case), reason="En gång till.", by=cast["maria"])
    client = cast.client("lars")
    assert "Välj vem som ska ha" in client.post(PAGE, {"case": case.number}, follow=True).content.decode()
    sent = client.post(PAGE, {"case": case.number, "recipient": value_of(cast, cast.medicin)}, follow=True)
    assert f"{case.number} är skickat till {cast.medicin.name}, {cast.region.name}." in sent.content.decode()
    assert "skogsduva" not in page(cast)
    assert case.parties.filter(unit=cast.medicin, state="received").exists()
    assert "Mottagare vald av samordnaren" in cast.client("maria").get(case.get_absolute_url()).content.decode()
    again = client.post(PAGE, {"case": case.number, "recipient": value_of(cast, cast.akut)}, follow=True)
    assert "väntar inte på samordnaren längre" in again.content.decode()


def test_neither_the_raising_persons_name_nor_the_coordinators_goes_to_another(cast):
    case = secret_case(cast)
    sending_on.escalate(concerned(case), reason="Inte vår.", by=cast["maria"])
    assert cast.maria.family_name not in page(cast)
    assert cast.akut.name in Case.objects.get().escalated_by_label
    coordinating.route(case, to_provider=cast.region, to_unit=cast.medicin, by=cast["lars"])
    for who in ("maria", "lena", "per_ake", "sara"):
        text = cast.client(who).get(case.get_absolute_url()).content.decode()
        assert "Den regionala samordnaren" in text
        assert cast.lars.family_name not in text
    assert AuditEvent.objects.get(action="routed_case").actor_id == cast.lars.pk


def test_those_who_raised_it_are_told_who_was_chosen(cast):
    case = cast.case()
    sending_on.escalate(concerned(case), reason="Inte vår.", by=cast["maria"])
    coordinating.route(case, to_provider=cast.region, to_unit=cast.medicin, by=cast["lars"])
    told = Notice.objects.filter(kind="case_routed").values_list("user__email", flat=True)
    assert sorted(told) == sorted([cast.maria.email, cast.per_ake.email])
    # Raised by the portal itself: those at home.
    Notice.objects.all().delete()
    with clock.frozen(clock.now() - dt.timedelta(days=20)):
        other = cast.case()
        sending_on.refuse(concerned(other), reason="Inte vår.", by=cast["maria"])
    reminders.remind()
    coordinating.route(other, to_provider=cast.region, to_unit=cast.medicin, by=cast["lars"])
    assert [n.user for n in Notice.objects.filter(kind="case_routed")] == [cast.per_ake]


@pytest.mark.parametrize("ended", ["withdraw", "accept"])
def test_what_was_raised_is_not_read_once_it_has_ended(cast, ended: str):
    case = secret_case(cast)
    if ended == "accept":
        talking.answer(concerned(case), "Klart.", by=cast["maria"])
    sending_on.escalate(reporting(case), reason="Vem ska ha den?", by=cast["per_ake"])
    assert "skogsduva" in page(cast)
    more = {"reason": "Fel patient."} if ended == "withdraw" else {"feedback": "Tack."}
    VERBS[ended].do(reporting(case), by=cast["per_ake"], **more)
    assert Case.objects.get().escalated_at is None
    assert "skogsduva" not in page(cast)
    with pytest.raises(refused.NotAllowed):
        coordinating.hand_back(case, reason="x", by=cast["lars"])
    # Also where the mark was left behind.
    Case.objects.update(escalated_at=clock.now())
    assert "skogsduva" not in page(cast)
    if ended == "accept":
        # Closed at home: a part that still stands cannot raise it either.
        assert "escalate" not in allowed_verbs(Case.objects.open_or_404(cast["maria"], case.number))
        Case.objects.update(escalated_at=None)
        with pytest.raises(refused.NotAllowed):
            sending_on.escalate(concerned(case), reason="x", by=cast["maria"])


def test_the_coordinator_leaves_it_with_them_and_only_they_read_why(cast):
    case = secret_case(cast)
    sending_on.escalate(concerned(case), reason="Inte vår.", by=cast["maria"])
    client = cast.client("lars")
    empty = client.post(PAGE, {"case": case.number, "hand_back": "1", "reason": ""})
    assert empty.status_code == 422
    number = "Patienten 19121212-1212 väntar."
    wrong = client.post(PAGE, {"case": case.number, "hand_back": "1", "reason": number})
    assert wrong.status_code == 422
    assert number in wrong.content.decode()  # nothing typed is lost
    sent = {"case": case.number, "hand_back": "1", "reason": "Vårdplanen ligger hos er."}
    done = client.post(PAGE, sent, follow=True).content.decode()
    assert f"{case.number} ligger kvar hos dem som har det" in done
    assert "skogsduva" not in done
    assert "väntar inte på samordnaren längre" in client.post(PAGE, sent, follow=True).content.decode()
    assert "Vårdplanen ligger hos er." in cast.client("maria").get(case.get_absolute_url()).content.decode()
    for who in ("per_ake", "sara"):
        assert "Vårdplanen" not in cast.client(who).get(case.get_absolute_url()).content.decode()
    assert [n.user for n in Notice.objects.filter(kind="case_handed_back")] == [cast.maria]


def test_closed_cases_are_seen_apart_by_their_facts(cast):
    kept = cast.case()
    closed, taken_back = secret_case(cast), secret_case(cast)
    talking.answer(concerned(closed), "Svaret skogsduva.", by=cast["maria"])
    handling.accept(reporting(closed), "Tack för rapporten.", by=cast["per_ake"])
    sending_on.withdraw(reporting(taken_back), reason="Skälet skogsduva.", by=cast["sara"])
    assert [r.number for r in coordination(cast["lars"]).rows] == [kept.number]
    found = coordination(cast["lars"], Asked(closed=True)).rows
    assert {r.number for r in found} == {closed.number, taken_back.number}
    assert all(r.next is None for r in found)
    text = cast.client("lars").get(f"{PAGE}?vy=avslutade").content.decode()
    assert closed.number in text
    assert kept.number not in text
    assert "skogsduva" not in text


def test_a_case_that_nobody_is_chosen_for_in_time_raises_itself(cast):
    with clock.frozen(clock.now() - dt.timedelta(days=20)):
        case = cast.case()
        sending_on.refuse(concerned(case), reason="Inte vår.", by=cast["maria"])
    reminders.remind()
    case.refresh_from_db()
    assert case.escalated_at
    assert "Ingen mottagare har valts i tid." in page(cast)
    raised = case.escalated_at
    reminders.remind()
    case.refresh_from_db()
    assert case.escalated_at == raised
    # Chosen at home after all: the coordinator need not.
    sending_on.add_party(reporting(case), to_provider=cast.kommun, to_unit=None, by=cast["per_ake"])
    case.refresh_from_db()
    assert case.escalated_at is None


def test_the_third_time_it_is_sent_on_the_coordinator_is_told(cast):
    case = cast.case()
    for to, by in ((cast.medicin, "maria"), (cast.akut, "lena")):
        sending_on.forward(concerned(case), to_provider=cast.region, to_unit=to, reason="Er.", by=cast[by])
        assert not Case.objects.get().escalated_at
    sending_on.refuse(concerned(case), reason="Inte vår.", by=cast["maria"])
    assert Case.objects.get().escalation_reason == "Det har skickats vidare eller tillbaka 3 gånger."
    assert Notice.objects.filter(kind="case_escalated").count() == 1


def test_the_page_costs_as_much_for_many_as_for_few(cast):
    client = cast.client("lars")

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        return len(queries)

    for _ in range(2):
        sending_on.escalate(concerned(cast.case()), reason="x", by=cast["maria"])
    cost()  # answers the notices
    few = cost()
    for _ in range(8):
        cast.case()
    assert cost() == few


def leave(cast) -> None:
    """The agreement of Ugglan ended yesterday."""
    Agreement.objects.filter(provider=cast.ugglan).update(valid_to=clock.today() - clock.ONE_DAY)


def test_the_part_of_a_provider_that_has_left_is_sent_on_and_its_own_thread_stays(cast):
    handler = makers.assign(makers.person(given_name="Ulla"), cast.ugglan, Role.CASE_HANDLER)
    case = secret_case(cast, Recipient(cast.ugglan, None))
    part = concerned(case)
    talking.note(part, "Ugglans eget skogsduva", by=makers.reader(handler))
    assert "har lämnat" not in page(cast)
    leave(cast)
    text = page(cast)
    assert "Hos en vårdgivare som har lämnat" in text
    assert case.number in text
    assert "skogsduva" not in text
    sent = {"part": part.pk, "recipient": value_of(cast, cast.akut)}
    assert cast.client("lars").post(PAGE, sent).status_code == 302
    part.refresh_from_db()
    assert (part.state, part.forwarded_to.unit) == (Party.State.FORWARDED, cast.akut)
    assert Notice.objects.filter(kind="case_received", user=cast.maria).exists()
    assert Notice.objects.filter(kind="case_routed", user=cast.per_ake).exists()
    theirs = cast.client("maria").get(case.get_absolute_url()).content.decode()
    assert "Skickat vidare av samordnaren" in theirs
    assert "Ugglans eget" not in theirs
    assert "Hos en vårdgivare som har lämnat" not in page(cast)
    with pytest.raises(refused.NotAllowed):
        coordinating.send_on(part, to_provider=cast.region, to_unit=cast.medicin, by=cast["lars"])


def test_the_part_of_a_provider_that_is_there_is_its_own_to_send_on(cast):
    case = cast.case(Recipient(cast.region, cast.akut))
    with pytest.raises(refused.NotAllowed):
        coordinating.send_on(concerned(case), to_provider=cast.kommun, to_unit=None, by=cast["lars"])
    case = cast.case(Recipient(cast.ugglan, None))
    leave(cast)
    for who in ("maria", "per_ake", "anna", "rut", "elin"):
        assert cast.client(who).post(PAGE, {"part": concerned(case).pk}).status_code == 404
        with pytest.raises(refused.NotAllowed):
            coordinating.send_on(concerned(case), to_provider=cast.kommun, to_unit=None, by=cast[who])
    assert cast.client("lars").post(PAGE, {"part": "999999"}).status_code == 404
    answer = cast.client("lars").post(PAGE, {"part": concerned(case).pk}, follow=True)
    assert "Välj vem som ska ha" in answer.content.decode()
