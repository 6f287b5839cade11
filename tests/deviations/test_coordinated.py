"""The coordinator's tools: the list narrowed and ordered, figures, a case's facts, reminders, meetings, own notes."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest

from accounts.models import Notice
from core import clock, refused
from deviations.access.states import CaseState, in_state, state_of
from deviations.coordination.figures import by_provider, figures
from deviations.coordination.narrowing import Asked
from deviations.coordination.overview import coordination
from deviations.entry.reports import Recipient
from deviations.models import Case, CoordinatorNote, Message, Party
from deviations.verbs import coordinating, handling, sending_on, talking
from tests.deviations.cases import concerned, reporting

PAGE = "/avvikelser/samordning/"
SECRET = "skogsduva"


def numbers(cast, **asked) -> list[str]:
    return [row.number for row in coordination(cast["lars"], Asked(**asked)).rows]


def late(case: Case, days: int = 30) -> Party:
    party = concerned(case)
    Party.objects.filter(pk=party.pk).update(acknowledge_due=clock.today() - dt.timedelta(days=days))
    party.refresh_from_db()
    party.case = case
    return party


def facts_of(case: Case) -> str:
    return f"{PAGE}{case.number}/"


@pytest.fixture
def varied(cast) -> dict[str, Case]:
    """One case in each state of a case that is under way."""
    made = {name: cast.case() for name in ("received", "acknowledged", "investigating", "info_requested", "acting")}
    made |= {"answered": cast.case(), "needs_recipient": cast.case()}
    handling.acknowledge(concerned(made["acknowledged"]), by=cast["maria"])
    handling.start_investigation(concerned(made["investigating"]), by=cast["maria"])
    talking.ask(concerned(made["info_requested"]), "När?", by=cast["maria"])
    handling.acknowledge(concerned(made["acting"]), by=cast["maria"])
    handling.start_acting(concerned(made["acting"]), by=cast["maria"])
    talking.answer(concerned(made["answered"]), "Klart.", by=cast["maria"])
    sending_on.refuse(concerned(made["needs_recipient"]), reason="Inte vår.", by=cast["maria"])
    return made


def test_a_state_is_the_same_in_the_database_as_on_the_page(varied):
    for name, case in varied.items():
        assert state_of(case) == name
        assert set(Case.objects.filter(in_state(CaseState(name)))) == {case}


def test_the_list_is_narrowed_by_all_that_it_shows(cast, varied):
    to_other = cast.case(Recipient(cast.kommun))
    Case.objects.filter(pk=varied["acting"].pk).update(potential_harm=Case.Harm.SERIOUS_HARM)
    late(varied["received"])
    assert numbers(cast, state="acting") == [varied["acting"].number]
    assert numbers(cast, harm=Case.Harm.SERIOUS_HARM) == [varied["acting"].number]
    assert numbers(cast, late=True) == [varied["received"].number]
    assert numbers(cast, to=cast.kommun.name) == numbers(cast, to=cast.kommun.kind) == [to_other.number]
    assert set(numbers(cast, sender=cast.bjorken.name)) == {c.number for c in (*varied.values(), to_other)}
    assert numbers(cast, sender=cast.region.name) == []
    assert numbers(cast, number=to_other.number[-4:].lower()) == [to_other.number]
    assert numbers(cast, type="finns-inte") == []
    assert numbers(cast, order="skada")[0] == varied["acting"].number
    assert numbers(cast, order="aldst") == numbers(cast, order="nyast")[::-1]


def test_an_odd_address_narrows_to_nothing(cast):
    case = cast.case()
    page = cast.client("lars").get(f"{PAGE}?lage=borta&skada=x&ordning=y&vy=x&sen=2").content.decode()
    assert case.number in page


def test_figures_count_open_late_without_recipient_and_each_direction(cast, varied):
    late(varied["received"])
    late(varied["acknowledged"])  # acknowledged: that day does not count any more
    told = figures(cast["lars"])
    assert (told.open, told.late, told.without) == (7, 1, 1)
    found = {(one.sender, one.to): (one.open, one.late) for _kind, row in told.directions for one in row}
    assert found[("private", "regional")] == (6, 1)
    assert sum(n for n, _late in found.values()) == 6
    rows = {row.name: (row.to, row.to_late, row.sent, row.sent_late) for row in by_provider(cast["lars"])}
    assert rows == {cast.region.name: (6, 1, 0, 0), cast.bjorken.name: (0, 0, 7, 0)}


def test_the_table_holds_every_row_and_nothing_that_is_written(cast, varied, monkeypatch):
    monkeypatch.setattr("core.lists.keyset.PAGE_SIZE", 3)
    cast.case(title=SECRET, place=SECRET, description=SECRET)
    answer = cast.client("lars").get(f"{PAGE}?format=csv")
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert len(rows) == 8
    assert {row["Läge"] for row in rows} >= {"mottagen", "besvarad", "saknar mottagare"}
    assert SECRET not in text
    assert "no-store" in answer["Cache-Control"]
    narrowed = cast.client("lars").get(f"{PAGE}?format=csv&lage=answered").content.decode("utf-8-sig")
    assert narrowed.count("AVV-") == 1


def test_a_case_is_shown_by_its_facts_and_the_story_of_its_states(cast):
    case = cast.case(title=SECRET, place=SECRET, description=SECRET)
    handling.take(concerned(case), by=cast["maria"])
    talking.note(concerned(case), f"Anteckning {SECRET}", by=cast["maria"])
    talking.ask(concerned(case), f"Fråga {SECRET}", by=cast["maria"])
    page = cast.client("lars").get(facts_of(case)).content.decode()
    for words in (str(case.type), cast.akut.name, "Fråga ställd", "Rapporterade", "Komplettering begärd"):
        assert words in page
    for hidden in (SECRET, "Tog ärendet", "Anteckning sparad", cast.maria.family_name, cast.sara.family_name):
        assert hidden not in page
    for who in ("maria", "sara", "anna", "karin"):
        assert cast.client(who).get(facts_of(case)).status_code == 404


def test_a_late_party_is_reminded_in_words_once_a_week(cast):
    case = cast.case()
    part = late(case)
    client = cast.client("lars")
    sent = {"nudge": "1", "part": "0", "words": "Svara, eller säg vad ni väntar på."}
    with clock.frozen(clock.now()) as now:
        assert "är påmind" in client.post(facts_of(case), sent, follow=True).content.decode()
        assert Notice.objects.get(kind="case_nudged").user == cast.maria
        page = cast.client("maria").get(case.get_absolute_url()).content.decode()
        assert "Svara, eller säg vad ni väntar på." in page
        assert "Påminnelse från samordnaren" in page
        assert cast.lars.family_name not in page
        # The other side neither reads nor learns it.
        assert "väntar på." not in cast.client("per_ake").get(case.get_absolute_url()).content.decode()
        answer = client.post(facts_of(case), sent)
        assert answer.status_code == 409
        assert "påmindes för mindre än en vecka sedan" in answer.content.decode()
        assert "Svara, eller säg" in answer.content.decode()
        now.move(days=8)
        coordinating.nudge(part, words="Igen.", by=cast["lars"])
    handling.acknowledge(concerned(case), by=cast["maria"])
    with pytest.raises(refused.NotAllowed, match="inte försenat"):
        coordinating.nudge(part, words="Igen.", by=cast["lars"])
    for who in ("maria", "per_ake", "anna"):
        with pytest.raises(refused.NotAllowed):
            coordinating.nudge(part, words="Igen.", by=cast[who])


def test_many_are_reminded_at_once_and_what_is_not_late_is_told(cast):
    tardy, prompt = [cast.case() for _ in range(3)], cast.case()
    for case in tardy:
        late(case)
    sent = {"nudge": "1", "words": "Svara.", "v": [c.number for c in (*tardy, prompt)]}
    client = cast.client("lars")
    assert "De sena i 3 ärenden är påminda" in client.post(PAGE, sent, follow=True).content.decode()
    assert Message.objects.filter(body="Svara.").count() == 3
    again = client.post(PAGE, sent, follow=True).content.decode()
    assert again.count("mindre än en vecka sedan") == 3
    nothing = client.post(PAGE, {**sent, "v": [prompt.number]}, follow=True).content.decode()
    assert "Välj minst ett ärende som är försenat" in nothing
    empty = client.post(PAGE, {"nudge": "1", "words": "", "v": [tardy[0].number]})
    assert empty.status_code == 422
    assert f'aria-label="Välj {tardy[0].number}" checked' in empty.content.decode()


def test_all_parties_are_called_to_a_meeting_each_in_their_own_thread(cast):
    case = cast.case()
    day = clock.today() + dt.timedelta(days=3)
    sent = {
        "meeting": "1", "day": day.isoformat(), "time": "13.00", "place": "Sal 4", "about": "Vem beställer?",
    }  # fmt: skip
    client = cast.client("lars")
    assert "kallade till mötet" in client.post(facts_of(case), sent, follow=True).content.decode()
    for who in ("maria", "per_ake"):
        page = cast.client(who).get(case.get_absolute_url()).content.decode()
        assert "kl. 13.00, Sal 4." in page
        assert "Vem beställer?" in page
    assert set(Message.objects.values_list("thread", flat=True)) == {"own"}
    past = client.post(facts_of(case), {**sent, "day": (clock.today() - dt.timedelta(days=1)).isoformat()})
    assert past.status_code == 422
    assert "Dagen har passerat" in past.content.decode()
    assert "Vem beställer?" in past.content.decode()


def test_a_note_is_the_coordinators_own(cast):
    case = cast.case()
    cast.client("lars").post(facts_of(case), {"note": "1", "body": "Ring kommunens MAS."})
    assert "Ring kommunens MAS." in cast.client("lars").get(facts_of(case)).content.decode()
    for who in ("maria", "per_ake", "sara"):
        assert "kommunens MAS" not in cast.client(who).get(case.get_absolute_url()).content.decode()
    assert cast.client("maria").post(facts_of(case), {"note": "1", "body": "x"}).status_code == 404
    number = cast.client("lars").post(facts_of(case), {"note": "1", "body": "Gäller 19121212-1212."})
    assert number.status_code == 422
    assert CoordinatorNote.objects.count() == 1


def test_the_facts_cost_the_same_however_much_has_happened(cast, django_assert_max_num_queries):
    case = cast.case()
    client = cast.client("lars")
    client.get(facts_of(case))
    for _ in range(5):
        talking.ask(concerned(case), "När?", by=cast["maria"])
        talking.reply(concerned(case), "Nu.", by=cast["per_ake"])
    assert reporting(case)
    with django_assert_max_num_queries(24):
        client.get(facts_of(case))
