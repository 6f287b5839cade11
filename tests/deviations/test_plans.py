"""Actions and learning examples serve a focus area of a plan, and are counted and found by it."""

from __future__ import annotations

import csv
import datetime as dt
import html as html_module
import io

import pytest

from core import charts, clock
from deviations import reference
from deviations.figures import page
from deviations.investigation import acts as investigation_acts
from deviations.investigation.kinds import KINDS
from deviations.learning import acts
from deviations.models import Action, Case, FocusArea, LearningExample, Plan
from deviations.verbs import handling, talking
from tests.deviations.cases import Cast, concerned, reporting
from tests.deviations.investigating import action, cause, hidden

STATISTICS = "/avvikelser/statistik/"
HARM = "Öka kunskap om inträffade vårdskador"
TEXT = {
    "title": "Skogsduvan som fick två listor",
    "happened": "En äldre patient fick två listor.",
    "why": "Listan skrevs ut för tidigt.",
    "done": "Listan skrivs ut sist.",
    "others": "Skriv ut listan när patienten går.",
}


@pytest.fixture
def areas(db: None) -> list[FocusArea]:
    return list(FocusArea.objects.offered())


def test_the_national_plan_has_its_five_areas_and_keeps_what_was_changed(areas: list[FocusArea]) -> None:
    assert [area.name_sv for area in areas] == [sv for sv, _en in reference.FOCUS_AREAS]
    assert len(areas) == 5
    assert areas[0].name_sv == HARM
    FocusArea.objects.filter(pk=areas[4].pk).update(name_sv="Beredskap")
    Plan.objects.update(valid_to=clock.today())
    reference.load()
    assert FocusArea.objects.get(pk=areas[4].pk).name_sv == "Beredskap"
    assert Plan.objects.get().valid_to == clock.today()
    assert FocusArea.objects.count() == 5


def test_an_area_of_a_plan_that_has_ended_is_kept_where_it_was_chosen_and_offered_no_more(areas) -> None:
    Plan.objects.update(valid_to=clock.today() - dt.timedelta(days=1))
    region = Plan.objects.create(code="regionen", name_sv="Regionens plan", name_en="The region's plan")
    own = FocusArea.objects.create(plan=region, name_sv="Trygga övergångar", name_en="Safe handovers")
    FocusArea.objects.create(plan=region, name_sv="Vilande", name_en="At rest", is_offered=False)
    assert list(FocusArea.objects.offered()) == [own]
    assert set(FocusArea.objects.offered(and_also=areas[1].pk)) == {own, areas[1]}


def test_an_action_is_given_an_area_and_keeps_it_when_the_plan_ends(cast: Cast, areas) -> None:
    case = cast.case()
    found = cause(cast, case)
    one = action(cast, case, found)
    client, address = cast.client("maria"), f"/avvikelser/{case.number}/utredning/atgard/{one.key}/"
    html = client.get(address).content.decode()
    assert HARM in html
    told = {"token": hidden(html, "token"), "shown": hidden(html, "shown"), "text": one.text, "kind": one.kind,
            "causes": str(found.key), "focus": str(areas[0].pk)}  # fmt: skip
    assert client.post(address, told).status_code == 302
    one.refresh_from_db()
    assert one.focus == areas[0]
    assert HARM in client.get(f"/avvikelser/{case.number}/utredning/").content.decode()
    Plan.objects.update(valid_to=clock.today() - dt.timedelta(days=1))
    html = client.get(address).content.decode()
    assert HARM in html
    assert areas[1].name_sv not in html
    # One that is not offered any more cannot be chosen.
    told |= {"token": hidden(html, "token"), "shown": hidden(html, "shown"), "focus": str(areas[1].pk)}
    assert client.post(address, told).status_code == 422
    one.refresh_from_db()
    assert one.focus == areas[0]


@pytest.fixture
def closed(cast: Cast) -> Case:
    case = cast.case()
    for number, area in enumerate((0, 0, 1)):
        one = action(cast, case, cause(cast, case, text=f"Orsak {number}"))
        Action.objects.filter(pk=one.pk).update(focus=FocusArea.objects.offered()[area])
    without = cause(cast, case, text="Utan")
    action(cast, case, without)
    dropped = action(cast, case, without)
    kind = KINDS["uppfoljning"]
    told = {"state": "dropped", "done_on": None, "evidence": "", "effect": "", "effect_note": ""}
    shown = investigation_acts.mark(dropped, kind)
    investigation_acts.put(concerned(case), kind, told, by=cast["maria"], shown=shown, key=dropped.key)
    talking.answer(concerned(case), body="Vi har sett över rutinen.", by=cast["maria"])
    handling.close(concerned(case), by=cast["maria"])
    handling.accept(reporting(case), feedback="De skriver ut listan sist.", by=cast["per_ake"])
    return case


def published(cast: Cast, case: Case, focus: FocusArea | None) -> LearningExample:
    part = concerned(case)
    row = acts.write(
        part, by=cast["maria"], shown="", routines=[], area=None, focus=focus, audience=["private"], **TEXT
    )
    acts.send(part, by=cast["maria"], shown=acts.mark(row))
    shown = acts.mark(row)
    acts.answer(row, reporting(case), objects=False, reason="", by=cast["per_ake"], shown=shown)
    acts.approve(row, by=cast["elin"], shown=shown)
    row.refresh_from_db()
    return row


def counted(cast: Cast, who: str) -> tuple[list[str], dict[str, list[int]]]:
    told = page.context(cast[who], {})
    assert told
    return told["focus"].measures, {name: counts for name, counts in told["focus"].rows if any(counts)}


def test_they_are_counted_by_area_each_by_whom_it_concerns(cast: Cast, closed: Case, areas) -> None:
    published(cast, closed, areas[0])
    with clock.frozen(clock.now() + dt.timedelta(days=35)):
        assert counted(cast, "maria") == (
            ["Åtgärder", "Lärande exempel"],
            {HARM: [2, 1], areas[1].name_sv: [1, 0], "Inget valt": [1, 0]},
        )
        assert counted(cast, "per_ake") == (["Åtgärder", "Lärande exempel"], {})
        # The coordinator counts examples, and nobody's actions.
        assert counted(cast, "lars") == (["Lärande exempel"], {HARM: [1]})
        told = page.context(cast["lars"], {})
        assert told
        assert [name for name, _counts in told["focus"].rows] == [area.name_sv for area in areas]
        html = cast.client("maria").get(STATISTICS).content.decode()
        assert html.count('class="col col--full" x="4"') == 3
        sent = cast.client("maria").get(f"{STATISTICS}fil/csv/").content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(sent), delimiter=";"))
        assert ["Efter fokusområde", HARM, "Åtgärder", "2"] in rows
        assert ["Efter fokusområde", HARM, "Lärande exempel", "1"] in rows


def test_an_example_is_found_by_its_area_and_its_approver_reads_which(cast: Cast, closed: Case, areas) -> None:
    part = concerned(closed)
    row = acts.write(part, by=cast["maria"], shown="", routines=[], area=None, focus=areas[4],
                     audience=["private"], **TEXT)  # fmt: skip
    before = acts.mark(row)
    acts.send(part, by=cast["maria"], shown=before)
    assert areas[4].name_sv in cast.client("elin").get(f"/avvikelser/larande/{row.key}/").content.decode()
    acts.take_back(part, by=cast["maria"])
    acts.write(part, by=cast["maria"], shown=before, routines=[], area=None, focus=areas[3], audience=["private"],
               **TEXT)  # fmt: skip
    row = LearningExample.objects.get(pk=row.pk)
    # Another area is another text: an answer to the first does not hold for it.
    assert acts.mark(row) != before
    acts.send(part, by=cast["maria"], shown=acts.mark(row))
    acts.answer(row, reporting(closed), objects=False, reason="", by=cast["per_ake"], shown=acts.mark(row))
    document = acts.approve(row, by=cast["elin"], shown=acts.mark(row))
    found = html_module.unescape(cast.client("ugo").get("/dokument/", {"q": areas[3].name_sv}).content.decode())
    assert document.number in found


def test_bars_are_as_long_as_their_counts_and_nought_has_none() -> None:
    chart = charts.BarChart("x", "T", "D", ["A", "B"], [("Ett", [4, 2]), ("Två", [0, 1])])
    (first, second) = chart.drawn
    assert [(bar.value, float(bar.width), bar.look) for bar in first[2]] == [(4, 716, "full"), (2, 358, "hollow")]
    assert [float(bar.width) for bar in second[2]] == [0, 179]
    assert second[1] - first[1] == chart.row_height
    assert second[2][1].y + charts.BAR < chart.height
    assert charts.BarChart("x", "T", "D", ["A"], []).drawn == []
