"""Equal access as a number: counted as by hand, recorded by day, shown to all by kind and to each its own, frozen."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client

from core import clock
from core.charts import LineChart, Series
from documents import lifecycle, search
from documents.equal import counting, finding, freezing, records, waits
from documents.models import AccessFigure, AccessWait, Document, FrozenFigures, Reading, TitleAsked
from documents.visibility.acts import change_visibility
from documents.visibility.preview import Grant, Visibility
from documents.watch import looking
from tests.documents.counted import plain_count
from tests.documents.library import PORTAL, Cast, add, current
from tests.documents.watched import APPLIES_TO_ALL, made

PAGE = "/lika-tillgang/"


def counts() -> dict[tuple[str, int | None], tuple[int, int, int, int, int]]:
    with transaction.atomic():
        found = counting.count()
    return {(c.kind, c.provider): (c.applies, c.open, c.legible, c.found, c.measured) for c in found}


def plain() -> dict[tuple[str, int | None], tuple[int, int, int, int, int]]:
    return {k: (c.applies, c.open, c.legible, c.found, c.measured) for k, c in plain_count().items()}


@pytest.fixture
def varied(cast: Cast) -> list[Document]:
    """Documents that reach some: by flag, by name, by unit, until a day; another owner's; unreadable; expired."""
    last = clock.today() + dt.timedelta(days=3)
    visibilities = [
        Visibility(public=True), Visibility(regional=True), Visibility(regional=True, private=True),
        Visibility(grants=(Grant(cast.bjorken.pk, None), Grant(cast.ugglan.pk, None))),
        Visibility(grants=(Grant(cast.bjorken.pk, cast.norra.pk), Grant(cast.bjorken.pk, cast.sodra.pk))),
        Visibility(grants=(Grant(cast.bjorken.pk, cast.norra.pk),)),
        Visibility(grants=(Grant(cast.ugglan.pk, None, last), Grant(cast.kommun.pk, None))), Visibility(),
    ]  # fmt: skip
    found = [made(cast, one, **APPLIES_TO_ALL) for one in visibilities]
    own = add(cast, "own", Visibility(grants=(Grant(cast.bjorken.pk, None),)), owner="bjorken")
    other = add(cast, "other", Visibility(), owner="kommun")
    for document in (own, other):
        Document.objects.filter(pk=document.pk).update(
            applies_regional=False, applies_private=True, applies_municipal=document == other
        )
    Reading.objects.filter(version=current(found[0])).update(state="failed")
    looking.look_at_all()
    return [*found, own, other]


def test_the_count_is_that_of_plain_python(cast: Cast, varied: list[Document]):
    TitleAsked.objects.create(document=varied[0], asked_at=clock.now())
    TitleAsked.objects.create(document=varied[2], asked_at=clock.now(), missed_by=["private"])
    assert counts() == plain()
    assert counts()["private", None][0] > counts()["private", None][1] > counts()["private", None][2] > 0
    with clock.frozen(clock.now() + dt.timedelta(days=5)):
        looking.look_at_all()
        assert counts() == plain()  # a last day has passed


def test_a_day_is_recorded_once(cast: Cast, varied: list[Document]):
    assert records.record() == 3 + 4  # the kinds, and the providers with access: Tallen and the pharmacy have none
    assert records.record() == 0
    change_visibility(varied[1], by=PORTAL, change=Visibility(public=True), reason="För alla.")
    before = {row.kind: row.open for row in records.latest()}
    with clock.frozen(clock.now() + dt.timedelta(days=1)):
        assert records.record() == 7
        assert {row.kind: row.open for row in records.latest()} != before


def test_how_long_it_takes_from_publication(cast: Cast):
    document = made(cast, Visibility(), **APPLIES_TO_ALL)
    looking.look_at_changed()
    version = current(document)
    rows = AccessWait.objects.filter(version=version, reached_at=None)
    assert set(rows.values_list("kind", "provider__name")) == {
        ("regional", None), ("private", None), ("municipal", None), ("regional", "Region Fjällmark"),
        ("private", "Hälsocentralen Björken"), ("private", "Kvartersläkarna Ugglan"), ("municipal", "Granådals kommun"),
    }  # fmt: skip
    for days, visibility in ((2, Visibility(private=True)), (5, Visibility(public=True))):
        with clock.frozen(clock.now() + dt.timedelta(days=days)):
            change_visibility(document, by=PORTAL, change=visibility, reason="Öppnas.")
            looking.look_at_changed()
    waited = {
        kind: round((reached - since).total_seconds() / 86400)
        for kind, since, reached in AccessWait.objects.filter(version=version, provider=None).values_list(
            "kind", "since", "reached_at"
        )
    }
    assert waited == {"regional": 5, "private": 2, "municipal": 5}
    for _n in range(2):
        add(cast, f"open{_n}", Visibility(public=True))
    Document.objects.filter(title__startswith="Dokument open").update(applies_private=True)
    told = waits.times()["private", None]
    assert (told.published, told.median_days, told.p90_days) == (3, 0, 3)  # the two others could be read at once


def test_a_fault_of_later_is_no_wait_from_publication(cast: Cast):
    document = made(cast, **APPLIES_TO_ALL)
    looking.look_at_changed()
    with clock.frozen(clock.now() + dt.timedelta(days=40)):
        change_visibility(document, by=PORTAL, change=Visibility(regional=True), reason="Av misstag.")
        looking.look_at_changed()
    assert not AccessWait.objects.filter(version=current(document)).exists()


@pytest.mark.parametrize(("days", "none", "half", "ninety"), [([], 0, None, None), ([4.0], 0, 4, 4), ([4.0], 9, 0, 0),
                                                              ([1.0, 9.0], 8, 0, 1), ([1.0, 2.0, 9.0], 0, 2, 9)])  # fmt: skip
def test_percentiles(days: list[float], none: int, half: float | None, ninety: float | None):
    assert (waits.percentile(days, none, 0.5), waits.percentile(days, none, 0.9)) == (half, ninety)


def test_found_by_its_own_title(cast: Cast):
    document = made(cast, Visibility(public=True))
    draft = lifecycle.add_version(document, by=PORTAL, body="Text.", title="Sväljsvårigheter efter stroke")
    lifecycle.publish(draft, by=PORTAL, approver_label="C")
    search.reindex([document.pk])
    document.refresh_from_db()
    assert all(finding.is_found(document, kind) for kind in ("regional", "private", "municipal"))
    change_visibility(document, by=PORTAL, change=Visibility(regional=True), reason="Snävare.")
    assert [finding.is_found(document, kind) for kind in ("regional", "private")] == [True, False]
    asked = finding.ask_all()
    assert asked > 5
    assert finding.ask_all() == 0  # each once a day
    assert document.title_asked.missed_by == ["private", "municipal"]


# The page -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def recorded(cast: Cast, varied: list[Document]) -> None:
    """Two months of figures and today's."""
    records.record()
    for back in (65, 35):
        day = clock.today() - dt.timedelta(days=back)
        for row in AccessFigure.objects.filter(day=clock.today()):
            row.pk, row.day, row.open = None, day, row.open // 2
            row.legible = row.found = row.measured = 0
            row.save()


def test_it_is_open_to_all_and_names_nobody(cast: Cast, recorded: None, varied: list[Document]):
    page = Client().get(PAGE).content.decode()
    kind = AccessFigure.objects.get(day=clock.today(), kind="private", provider=None)
    assert f"{records.percent(kind.open, kind.applies)}&nbsp;%" in page
    for name in ("Björken", "Ugglan", "Granådal", *(d.number for d in varied), *(d.title for d in varied)):
        assert name not in page
    assert len(re.findall("<polyline", page)) == 3
    assert page.count('class="n"') > 12
    table = Client().get(f"{PAGE}tabell.csv").content.decode("utf-8-sig").splitlines()
    assert len(table) == 1 + len(records.months())


def test_a_provider_sees_its_own_and_a_steward_all(cast: Cast, recorded: None):
    page = cast.client("sara").get(PAGE).content.decode()
    assert "Bara Hälsocentralen Björken ser den här delen" in page
    assert "is-own" in page
    assert "Ugglan" not in page
    steward = cast.client("elin").get(PAGE).content.decode()
    assert "Kvartersläkarna Ugglan" in steward
    missing = cast.client("elin").get("/dokument/synlighet/vem/?plats=Kvartersläkarna Ugglan").content.decode()
    assert "Dokument made" in missing
    assert "Ugglan" not in cast.client("anna").get(PAGE).content.decode()


def test_an_empty_page_says_when(cast: Cast):
    assert "i morgon bitti" in Client().get(PAGE).content.decode()


def test_figures_are_frozen_once_and_for_all(cast: Cast, recorded: None):
    day = dt.date(2031, 4, 30)
    for row in AccessFigure.objects.filter(day=clock.today()):
        row.pk, row.day = None, day
        row.save()
    with clock.frozen(clock.start_of_day(day) + dt.timedelta(days=3, hours=9)):
        elin, address = cast.client("elin"), f"{PAGE}frysa/{day}/"
        assert freezing.to_freeze()[0] == day
        assert address in elin.get(PAGE).content.decode()
        assert cast.client("eva").get(address).status_code == 404
        shown = re.search(r'name="shown" value="([^"]*)"', elin.get(address).content.decode())[1].replace("&quot;", '"')
        assert elin.post(address, {"shown": shown, "comment": ""}).status_code == 422
        assert elin.post(address, {"shown": "{}", "comment": "Annat än visat."}).status_code == 422
        assert elin.post(address, {"shown": shown, "comment": "Läget är gott."}).status_code == 302
        assert elin.post(address, {"shown": shown, "comment": "Igen."}).status_code == 404
        assert "Läget är gott." in Client().get(PAGE).content.decode()
    with pytest.raises(DatabaseError), transaction.atomic():
        FrozenFigures.objects.update(comment="Nej.")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM documents_frozenfigures")


def test_the_page_costs_the_same_however_many(cast: Cast, recorded: None, django_assert_max_num_queries):
    elin = cast.client("elin")
    elin.get(PAGE)
    with django_assert_max_num_queries(40):
        elin.get(PAGE)


# Charts -------------------------------------------------------------------------------------------------------------
def chart(*lines: list[float | None]) -> LineChart:
    series = [Series(f"Linje {n}", values) for n, values in enumerate(lines)]
    return LineChart("d", "Titel", "Beskrivning", [str(n) for n in range(len(lines[0]))], series, aim=100)


def test_values_lie_where_they_should():
    drawn = chart([70, 85, 100], [90, None, 92])
    assert (drawn.lowest, drawn.highest) == (70, 100)
    (first, second) = drawn.lines
    assert [round(p.y) for p in first.points] == [280, 160, 40]
    assert [round(p.x) for p in first.points] == [70, 356, 642]
    assert second.stretches == []  # a gap on both sides: two marks, and no line across
    assert len(second.points) == 2
    assert [v for _y, _t, v in drawn.grid] == ["70", "80", "90"]


def test_names_at_the_ends_do_not_cover_each_other():
    heights = sorted(line.name_y for line in chart([99, 100], [99, 99.5], [98, 99.4]).lines)
    assert all(b - a >= 20 for a, b in pairwise(heights))


@pytest.mark.parametrize("values", [[100, 100], [0, 0], [50], [99, 100]])
def test_level_lines_are_drawn_too(values: list[float]):
    drawn = chart(values)
    assert drawn.lowest < drawn.highest
    assert all(40 <= p.y <= 280 for line in drawn.lines for p in line.points)
