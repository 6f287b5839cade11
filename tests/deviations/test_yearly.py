"""Papers of a year: a provider's own tables in Word, and the reports that are frozen three times a year."""

from __future__ import annotations

import datetime as dt
import html as html_module
import io

import docx
import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import Notice
from accounts.roles import Role
from core import clock, refused
from deviations.entry.reports import Recipient
from deviations.figures import counting
from deviations.figures.counting import Asked
from deviations.figures.scope import Scope, of_year
from deviations.following_up import tables as following_up
from deviations.models import FrozenReport
from deviations.yearly import freezing
from tests.cast import assign, person
from tests.deviations.cases import Cast
from tests.deviations.investigating import hidden, words_of

REPORTS = "/avvikelser/statistik/rapporter/"
MAY = dt.datetime(2026, 5, 10, 12, tzinfo=dt.UTC)
APRIL = dt.date(2026, 4, 30)


@pytest.fixture(autouse=True)
def may():
    with clock.frozen(MAY):
        yield


@pytest.fixture
def uno(cast: Cast) -> Client:
    """Uno follows up."""
    cast.users["uno"] = person()
    assign(cast.uno, cast.region, Role.READER, Role.FOLLOW_UP)
    return cast.client("uno")


def made(cast: Cast, when: dt.datetime, *to: Recipient, by: str = "sara", n: int = 1) -> None:
    for _n in range(n):
        with clock.frozen(when):
            cast.case(*to, by=by)


def at(year: int, month: int, day: int = 10) -> dt.datetime:
    return dt.datetime(year, month, day, 9, tzinfo=dt.UTC)


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return html_module.unescape(answer.content.decode())


def freeze(cast: Cast, day: dt.date = APRIL, comment: str = "Färre från kommunerna.") -> FrozenReport:
    return freezing.freeze(day, comment=comment, by=cast["lars"], shown=freezing.mark(freezing.build(day)))


# The provider's tables ------------------------------------------------------------------------------------------
def tables_of(content: bytes) -> list[list[list[str]]]:
    made = docx.Document(io.BytesIO(content))
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in made.tables]


def test_the_years_tables_hold_the_numbers_of_the_page(cast: Cast) -> None:
    made(cast, at(2026, 2), n=2)
    made(cast, at(2026, 3), Recipient(cast.bjorken), by="anna")
    made(cast, at(2026, 5))  # of the month that is not over
    answer = cast.client("per_ake").get("/avvikelser/statistik/ar/2026/")
    assert answer.status_code == 200
    assert "avvikelser-2026.docx" in answer["Content-Disposition"]
    facts, months, directions, *_rest = tables_of(answer.content)
    assert facts[0] == ["Vårdgivare", "Hälsocentralen Björken"]
    assert [row[1:] for row in months[1:]] == [["0", "0"], ["2", "0"], ["0", "1"], ["0", "0"], ["2", "1"]]
    assert [row[0] for row in months[1:]] == ["Januari", "Februari", "Mars", "April", "Summa"]
    assert directions[2][1] == "2"
    document = docx.Document(io.BytesIO(answer.content))
    headings = [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert headings[0] == "Avvikelser 2026, Hälsocentralen Björken"
    assert "Lex Maria" in headings
    assert document.core_properties.language == "sv-SE"
    # The first row of a table is its header, on each page that it runs over.
    assert all("tblHeader" in table._tbl.xml for table in document.tables[1:3])


def test_only_those_who_count_cases_of_their_own_have_tables(cast: Cast, uno: Client) -> None:
    for name in ("sara", "lars", "elin", "rut"):
        assert cast.client(name).get("/avvikelser/statistik/ar/2026/").status_code == 404, name
    assert uno.get("/avvikelser/statistik/ar/2026/").status_code == 404
    for year in (2019, 2027, 99):
        assert cast.client("per_ake").get(f"/avvikelser/statistik/ar/{year}/").status_code == 404
    assert "/avvikelser/statistik/ar/2026/" in text_of(cast.client("per_ake"), "/avvikelser/statistik/")
    assert "/avvikelser/statistik/ar/" not in text_of(cast.client("lars"), "/avvikelser/statistik/")


def test_in_january_the_year_that_has_begun_has_no_tables(cast: Cast) -> None:
    with clock.frozen(at(2026, 1, 15)):
        html = text_of(cast.client("per_ake"), "/avvikelser/statistik/")
        assert "/avvikelser/statistik/ar/2025/" in html
        assert "/avvikelser/statistik/ar/2026/" not in html
        assert cast.client("per_ake").get("/avvikelser/statistik/ar/2026/").status_code == 404


# Frozen -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("today", "day"),
    [
        ("2026-04-30", "2025-12-31"), ("2026-05-01", "2026-04-30"), ("2026-08-31", "2026-04-30"),
        ("2026-09-01", "2026-08-31"), ("2026-12-31", "2026-08-31"), ("2027-01-01", "2026-12-31"),
    ],
)  # fmt: skip
def test_the_day_that_is_due(db, today: str, day: str) -> None:
    assert freezing.due(dt.date.fromisoformat(today)) == dt.date.fromisoformat(day)


def test_a_coordinator_freezes_and_those_who_follow_up_read(cast: Cast, uno: Client) -> None:
    made(cast, at(2025, 3), n=7)
    lars = cast.client("lars")
    html = text_of(lars, REPORTS)
    assert "Per 30 april 2026: att frysa" in html
    told = {"token": hidden(html, "token"), "shown": hidden(html, "shown")}
    assert lars.post(REPORTS, {**told, "comment": ""}).status_code == 422
    assert lars.post(REPORTS, {**told, "comment": "Rapporteringen står sig."}).status_code == 302
    assert Notice.objects.get(kind="report_frozen").user_id == cast.uno.pk
    html = text_of(uno, REPORTS)
    assert "Rapporteringen står sig." in html
    assert "att frysa" not in html
    answer = uno.get(f"{REPORTS}2026-04-30/")
    assert answer["Content-Type"] == "application/pdf"
    words = words_of(answer.content)
    for said in ("Rapporteringen står sig.", "År 2025", "Fastställd av Lars Hed"):
        assert said in words
    # Frozen once.
    assert "att frysa" not in text_of(lars, REPORTS)
    assert lars.post(REPORTS, {**told, "comment": "Igen"}).status_code == 302
    with pytest.raises(refused.WrongState):
        freeze(cast)
    assert FrozenReport.objects.count() == 1


def test_exactly_coordinators_and_followers_read_and_only_coordinators_freeze(cast: Cast, uno: Client) -> None:
    freeze(cast)
    for name in ("sara", "per_ake", "maria", "elin", "karin", "rut", "eva"):
        for address in (REPORTS, f"{REPORTS}2026-04-30/"):
            assert cast.client(name).get(address).status_code == 404, name
    assert uno.get(f"{REPORTS}2025-12-31/").status_code == 404
    assert uno.get(f"{REPORTS}2026-13-40/").status_code == 404
    with clock.frozen(at(2026, 9)):
        shown = freezing.mark(freezing.build(dt.date(2026, 8, 31)))
        with pytest.raises(refused.NotAllowed):
            freezing.freeze(dt.date(2026, 8, 31), comment="X", by=cast["uno"], shown=shown)
        answer = uno.post(REPORTS, {"comment": "X", "shown": shown})
        assert answer.status_code == 302
    assert FrozenReport.objects.count() == 1


def test_a_number_that_has_moved_stops_it(cast: Cast) -> None:
    shown = freezing.mark(freezing.build(APRIL))
    made(cast, at(2025, 3), n=9)
    with pytest.raises(refused.Moved):
        freezing.freeze(APRIL, comment="X", by=cast["lars"], shown=shown)


def test_it_is_never_changed(cast: Cast) -> None:
    report = freeze(cast)
    for change in (lambda: report.delete(), lambda: FrozenReport.objects.update(comment="Ny")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_year_that_is_frozen_is_read_so_from_then_on(cast: Cast, uno: Client) -> None:
    """Two tables of nearly the same numbers, with others hidden, would give each other away."""
    made(cast, at(2025, 3), n=7)
    freeze(cast)
    frozen = following_up.table(2025, "")
    assert frozen.frozen == APRIL
    made(cast, at(2025, 4), n=8)  # a case that comes late
    assert following_up.table(2025, "").rows == frozen.rows
    assert counting.directions(Scope(), Asked(of_year(2025)))[1][0].n == 15
    with clock.frozen(at(2026, 9)):
        later = freezing.build(dt.date(2026, 8, 31))["tables"][0]
    assert later["year"] == 2025
    assert [tuple(row) for row in later["rows"]] == [cells for _name, cells in frozen.rows]
    assert "Som den frystes 30 april 2026" in text_of(uno, following_up_address())


def following_up_address() -> str:
    return "/avvikelser/statistik/uppfoljning/"


def test_this_year_is_told_in_rounded_per_cent_of_large_numbers_alone(cast: Cast) -> None:
    made(cast, at(2025, 2), n=20)
    made(cast, at(2026, 2), n=24)
    made(cast, at(2025, 6), n=5)  # of months that the report is not about
    made(cast, at(2025, 2), Recipient(cast.kommun), n=19)
    made(cast, at(2026, 2), Recipient(cast.kommun), n=30)
    assert freezing.build(APRIL)["changes"] == [["private", "regional", 20]]
    assert freezing.change_words(20) == "upp omkring 20 %"
    assert freezing.change_words(-15) == "ned omkring 15 %"
    with clock.frozen(at(2027, 1)):
        december = freezing.build(dt.date(2026, 12, 31))
    assert december["changes"] == []
    assert [one["year"] for one in december["tables"]] == [2026, 2025, 2024]
    assert [one["year"] for one in freezing.build(APRIL)["tables"]] == [2025, 2024, 2023]
