"""The figures: each by a hand-made set of cases, the sums of all tables, who counts whose, and a fall that is raised."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid

import openpyxl
import pytest

from accounts.models import Agreement, Notice, User
from accounts.roles import Kind, Role
from core import clock
from deviations.entry.reports import Recipient
from deviations.figures import counting, own, page, scope, silence
from deviations.figures.counting import Asked
from deviations.figures.falling import falling
from deviations.figures.scope import Scope
from deviations.investigation import acts
from deviations.investigation.kinds import KINDS
from deviations.models import Action, Case, Cause, DeviationType, LexMariaDecision, Silence
from deviations.verbs import handling, sending_on, talking
from documents import lifecycle
from documents.models import Document, DocumentType
from documents.visibility.preview import Visibility
from tests.cast import assign, person
from tests.deviations.cases import Cast, concerned
from tests.deviations.investigating import action, write
from tests.documents.library import PORTAL

ADDRESS = "/avvikelser/statistik/"
ALL = Scope()
# The middle of a month, so that no day of a test falls into another.
NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def june():
    with clock.frozen(NOW):
        yield


def at(year: int, month: int, day: int = 10) -> dt.datetime:
    return dt.datetime(year, month, day, 9, tzinfo=dt.UTC)


def made(cast: Cast, when: dt.datetime, *to: Recipient, by: str = "sara", **more) -> Case:
    with clock.frozen(when):
        return cast.case(*to, by=by, **more)


@pytest.fixture
def year(cast: Cast) -> dict[str, Case]:
    """Sara of Björken reports to the emergency clinic (answered in time, with feedback), to the municipality (late, no
    answer), to both at once, and in the year before to the clinic; Mona of the municipality reports to Björken; one is
    taken back, one sent on within the region, one is the region's own, and one is of this month.
    """
    akut, kommun = Recipient(cast.region, cast.akut), Recipient(cast.kommun)
    found = {
        "answered": made(cast, at(2026, 3, 2), akut),
        "silent": made(cast, at(2025, 9), kommun, event_kind=Case.EventKind.NEAR_MISS),
        "both": made(cast, at(2026, 3), akut, kommun, event_kind=Case.EventKind.NEAR_MISS),
        "before": made(cast, at(2025, 2), akut),
        "mona": made(
            cast, at(2026, 5, 31), Recipient(cast.bjorken), by="mona", type=DeviationType.objects.get(code="fall")
        ),
        "withdrawn": made(cast, at(2026, 4), akut),
        "sent_on": made(cast, at(2026, 4, 12), akut),
        "own": made(cast, at(2026, 1), Recipient(cast.region, cast.medicin), by="anna"),
        "june": made(cast, at(2026, 6, 3), akut),
    }
    with clock.frozen(at(2026, 3, 4)):
        handling.acknowledge(concerned(found["answered"]), by=cast["maria"])
    with clock.frozen(at(2026, 3, 12)):
        talking.answer(concerned(found["answered"]), body="Så var det.", by=cast["maria"])
        handling.accept(found["answered"].parties.get(side="reporting"), "Tack.", by=cast["per_ake"])
    with clock.frozen(at(2026, 4, 13)):
        home = found["withdrawn"].parties.get(side="reporting")
        sending_on.withdraw(home, reason="Fel.", by=cast["sara"])
        to = {"to_provider": cast.region, "to_unit": cast.medicin}
        sending_on.forward(concerned(found["sent_on"]), **to, reason="Dit.", by=cast["maria"])
    return found


def months(which: str, of: Scope, n: int = 12) -> dict[str, int]:
    rows = counting.by_month(which, of, Asked(scope.latest(n)))
    assert len(rows) == n
    return {f"{day:%Y-%m}": count for day, count in rows if count}


def test_the_months_hold_what_was_sent_and_had_in_them(cast: Cast, year) -> None:
    bjorken, region, kommun = (Scope(p.pk) for p in (cast.bjorken, cast.region, cast.kommun))
    # Not what was taken back, nor June, which is not over.
    assert months("sent", bjorken) == {"2025-09": 1, "2026-03": 2, "2026-04": 1}
    assert months("sent", bjorken, 24) == {"2025-02": 1, "2025-09": 1, "2026-03": 2, "2026-04": 1}
    # The last hour of May in Sweden is May.
    assert months("sent", kommun) == {"2026-05": 1}
    assert months("had", bjorken) == {"2026-05": 1}
    assert months("had", region) == {"2026-01": 1, "2026-03": 2, "2026-04": 1}
    assert months("had", Scope(cast.region.pk, cast.medicin.pk)) == {"2026-01": 1, "2026-04": 1}
    assert months("had", kommun) == {"2025-09": 1, "2026-03": 1}
    # A case to two is two; what stays within a provider is none.
    assert months("between", ALL) == {"2025-09": 1, "2026-03": 3, "2026-04": 1, "2026-05": 1}
    assert months("between", kommun) == {"2025-09": 1, "2026-03": 1, "2026-05": 1}


def test_the_last_moment_of_a_month_is_swedish(cast: Cast) -> None:
    made(cast, dt.datetime(2026, 5, 31, 21, 59, tzinfo=dt.UTC))
    made(cast, dt.datetime(2026, 5, 31, 22, 1, tzinfo=dt.UTC))
    assert months("sent", Scope(cast.bjorken.pk)) == {"2026-05": 1}


def test_the_directions_are_counted_by_kind_with_the_year_before(cast: Cast, year) -> None:
    cells = {
        (cell.sender, cell.to): (cell.n, cell.before, cell.change)
        for row in counting.directions(ALL, Asked(scope.latest()))
        for cell in row
        if cell.n or cell.before
    }
    assert cells == {
        (Kind.PRIVATE, Kind.REGIONAL): (3, 1, 200),
        (Kind.PRIVATE, Kind.MUNICIPAL): (2, 0, None),
        (Kind.MUNICIPAL, Kind.PRIVATE): (1, 0, None),
    }


def test_the_times_are_of_what_came_in_the_months(cast: Cast, year) -> None:
    asked = Asked(scope.latest())
    akut = Scope(cast.region.pk, cast.akut.pk)
    found = counting.taken("acknowledged", akut, asked)
    # Two parts: one acknowledged after two days, the other never, and its day has passed.
    assert (found.done, found.median, found.p90, found.due, found.in_time) == (1, 2, 2, 2, 1)
    answered = counting.taken("answered", Scope(cast.region.pk), asked)
    assert (answered.done, answered.median, answered.in_time) == (1, 10, 1)
    late = counting.taken("answered", Scope(cast.kommun.pk), asked)
    assert (late.done, late.median, late.in_time, late.due) == (0, None, 0, 2)
    assert late.percent == 0
    feedback = counting.taken("feedback", Scope(cast.bjorken.pk), asked)
    assert (feedback.done, feedback.median, feedback.percent) == (1, 10, 100)
    nothing = counting.taken("closed", Scope(cast.ugglan.pk), asked)
    assert (nothing.done, nothing.median, nothing.percent) == (0, None, None)


def test_every_breakdown_has_the_same_sum(cast: Cast, year) -> None:
    types = counting.names_of_types(DeviationType.objects.all())
    kinds = dict(Case.EventKind.choices)
    harms = {**dict(Case.Harm.choices), "": "-"}
    for of in (ALL, *(Scope(p.pk) for p in cast.providers.values()), Scope(cast.region.pk, cast.akut.pk)):
        for which in ("sent", "had", "between"):
            for asked in (Asked(scope.latest()), Asked(scope.latest(), "near_miss"), Asked(scope.of_year(2025))):
                total = counting.chosen(which, of, asked).count()
                assert sum(n for _day, n in counting.by_month(which, of, asked)) == total
                for field, names in (("type", types), ("event_kind", kinds), ("harm", harms)):
                    rows = counting.breakdown(which, field, of, asked, names)
                    assert sum(row.n for row in rows) == total, (field, which, of)
                    assert sum(row.before for row in rows) == counting.chosen(which, of, asked.before()).count()
        between = counting.chosen("between", of, Asked(scope.latest())).count()
        directions = counting.directions(of, Asked(scope.latest()))
        assert sum(cell.n for row in directions for cell in row) == between
        assert sum(n for n, _before in counting.pairs(of, Asked(scope.latest())).values()) == between
        for which in ("sent", "had"):
            units = counting.units(which, of, Asked(scope.latest()))
            assert sum(n for n, _before in units.values()) == counting.chosen(which, of, Asked(scope.latest())).count()


def test_the_matrix_tells_which_provider_reports_to_which(cast: Cast, year, monkeypatch) -> None:
    told = page.context(cast["lars"], {})
    assert told
    found = told["matrix"]
    wanted = {
        (cast.bjorken.name, cast.region.name): 3,
        (cast.bjorken.name, cast.kommun.name): 2,
        (cast.kommun.name, cast.bjorken.name): 1,
    }
    assert found.names == sorted([cast.bjorken.name, cast.region.name, cast.kommun.name])
    cells = {(name, to): n for name, row, _sum in found.rows for to, n in zip(found.names, row, strict=True) if n}
    assert cells == wanted
    assert {name: total for name, _row, total in found.rows} == {
        cast.bjorken.name: 5, cast.kommun.name: 1, cast.region.name: 0,
    }  # fmt: skip
    assert (dict(zip(found.names, found.sums, strict=False)), found.sums[-1], found.pooled) == (
        {cast.bjorken.name: 1, cast.kommun.name: 2, cast.region.name: 3}, 6, 0,
    )  # fmt: skip
    html = cast.client("lars").get(ADDRESS).content.decode()
    assert "Vårdgivare till vårdgivare" in html
    # The smallest are counted together, and nothing is lost.
    monkeypatch.setattr(page, "MATRIX", 2)
    told = page.context(cast["lars"], {})
    assert told
    assert told["matrix"].names == [cast.bjorken.name, cast.region.name, "Övriga"]
    assert told["matrix"].pooled == 1
    assert told["matrix"].sums == [1, 3, 2, 6]
    rows = list(csv.reader(io.StringIO(
        cast.client("lars").get(f"{ADDRESS}fil/csv/").content.decode("utf-8-sig")), delimiter=";"))  # fmt: skip
    assert ["Vårdgivare till vårdgivare", cast.bjorken.name, cast.kommun.name, "2"] in rows
    assert ["Vårdgivare till vårdgivare", cast.bjorken.name, f"{cast.region.name}, perioden innan", "1"] in rows


def test_a_provider_sees_with_whom_and_by_which_units(cast: Cast, year) -> None:
    told = page.context(cast["per_ake"], {})
    assert told
    assert told["matrix"] is None
    assert {one.name: (one.to, one.came) for one in told["others"]} == {
        cast.region.name: ((3, 1), (0, 0)),
        cast.kommun.name: ((2, 0), (1, 0)),
    }
    assert sum(one.to[0] for one in told["units"]) == 4
    assert sum(one.came[0] for one in told["units"]) == 1
    # Somebody at one unit sees with whom that unit has to do, and no other unit.
    told = page.context(cast["maria"], {})
    assert told
    assert [(one.name, one.to, one.came) for one in told["others"]] == [(cast.bjorken.name, (0, 0), (2, 1))]
    assert told["units"] == []
    assert "Vårdgivare till vårdgivare" not in cast.client("maria").get(ADDRESS).content.decode()


def test_a_case_that_is_moved_or_split_and_a_provider_of_another_kind_leave_every_sum_true(cast: Cast, year) -> None:
    fall = DeviationType.objects.get(code="fall")
    Case.objects.filter(pk=year["answered"].pk).update(type=fall)
    with clock.frozen(at(2026, 4, 20)):
        to = (Recipient(cast.kommun),)
        home = year["before"].parties.get(side="reporting")
        handling.split(home, type=fall, description="En sak till.", concerns=to, by=cast["per_ake"])
    before = counting.directions(ALL, Asked(scope.latest()))
    # The part that was split off is a report of its own, of the day that it was made.
    assert months("between", Scope(cast.kommun.pk)) == {"2025-09": 1, "2026-03": 1, "2026-04": 1, "2026-05": 1}
    cast.bjorken.kind = Kind.MUNICIPAL
    cast.bjorken.save()
    asked = Asked(scope.latest())
    after = counting.directions(ALL, asked)
    assert sum(cell.n for row in after for cell in row) == sum(cell.n for row in before for cell in row)
    # As it is today, in the period before too.
    cells = {(cell.sender, cell.to): (cell.n, cell.before) for row in after for cell in row if cell.n or cell.before}
    assert not {pair for pair in cells if Kind.PRIVATE in pair}
    assert cells[Kind.MUNICIPAL, Kind.REGIONAL][1] == 1
    rows = counting.breakdown("between", "type", ALL, asked, counting.names_of_types(DeviationType.objects.all()))
    assert {row.name: row.n for row in rows}[str(fall)] == 3
    assert sum(row.n for row in rows) == sum(n for _day, n in counting.by_month("between", ALL, asked))


# Who counts whose -----------------------------------------------------------------------------------------------------


def test_each_counts_their_own_and_the_coordinator_all(cast: Cast, year) -> None:
    cast.users["petra"] = person(email="petra@privat.example")
    assign(cast.petra, cast.bjorken, Role.PROVIDER_ADMIN)
    cast.users["ulla"] = person(email="ulla@region.example")
    assign(cast.ulla, cast.region, Role.UNIT_MANAGER, at=cast.medicin)
    wanted = {
        "lars": Scope(), "per_ake": Scope(cast.bjorken.pk), "petra": Scope(cast.bjorken.pk),
        "karin": Scope(cast.kommun.pk), "maria": Scope(cast.region.pk, cast.akut.pk),
        "ulla": Scope(cast.region.pk, cast.medicin.pk),
    }  # fmt: skip
    for name in (*wanted, "sara", "mona", "elin", "rut", "tove", "gunnar"):
        assert scope.scope_of(cast[name]) == wanted.get(name), name
        opens = name in wanted or name in ("sara", "mona")
        assert cast.client(name).get(ADDRESS).status_code == (200 if opens else 404), name
        assert cast.client(name).get(f"{ADDRESS}fil/csv/").status_code == (200 if name in wanted else 404), name
    # Only who counts all can choose whose.
    assert scope.scope_of(cast["lars"], cast.kommun.name) == Scope(cast.kommun.pk)
    for asking in ("per_ake", "maria"):
        assert scope.scope_of(cast[asking], cast.kommun.name) == wanted[asking]
        html = cast.client(asking).get(ADDRESS, {"vardgivare": cast.ugglan.name}).content.decode()
        assert cast.ugglan.name not in html
    told = page.context(cast["karin"], {})
    assert told
    assert {row.name for _k, _t, rows in told["breakdowns"] for row in rows} >= {"Tillbud"}
    assert sum(cell.n for _name, row, _sum in told["directions"] for cell in row) == 3


@pytest.mark.parametrize(
    "asked",
    [
        {"ar": "2025"},
        {"ar": "0"},
        {"ar": "x" * 300},
        {"slag": "near_miss"},
        {"slag": "finns-inte"},
        {"vardgivare": "finns-inte"},
    ],
)
def test_the_page_answers_whatever_is_asked(cast: Cast, year, asked) -> None:
    for name in ("lars", "per_ake"):
        assert cast.client(name).get(ADDRESS, asked).status_code == 200


def test_months_without_a_case_are_shown_as_none(cast: Cast) -> None:
    html = cast.client("per_ake").get(ADDRESS).content.decode()
    assert "Maj 2026" in html
    assert "för få månader" in html


def test_the_file_holds_what_the_page_shows_and_how_it_was_chosen(cast: Cast, year) -> None:
    client = cast.client("karin")
    sent = client.get(f"{ADDRESS}fil/csv/", {"slag": "near_miss"})
    rows = list(csv.reader(io.StringIO(sent.content.decode("utf-8-sig")), delimiter=";"))
    assert ["Valt", "Vems", "", "Granådals kommun"] in rows
    assert ["Valt", "Slag av händelse", "", "Tillbud"] in rows
    assert ["Det ni fick", "2026-03", "Antal", "1"] in rows
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{ADDRESS}fil/xlsx/", {"slag": "near_miss"}).content))
    cells = [["" if v is None else str(v) for v in row] for row in book.active.iter_rows(values_only=True)]
    assert cells == rows
    assert client.get(f"{ADDRESS}fil/pdf/").status_code == 404


# Falling silent -------------------------------------------------------------------------------------------------------


def reports(cast: Cast, counts: dict[tuple[int, int], int]) -> None:
    """So many reports of Björken's in each month, written without the verbs: hundreds are needed."""
    pattern = made(cast, at(2023, 1))
    # Before all months that are looked at.
    Case.objects.filter(pk=pattern.pk).update(submitted_at=at(2018, 1))
    home, other = pattern.parties.get(side="reporting"), concerned(pattern)
    cases, parts = [], []
    begun = Case.objects.filter(number__startswith="AVV-99-").count()
    for (in_year, month), n in counts.items():
        for _one in range(n):
            case = Case.objects.get(pk=pattern.pk)
            number = begun + len(cases)
            letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
            code = "".join(letters[number // 32**place % 32] for place in range(6))
            case.pk, case.number, case.submitted_at = None, f"AVV-99-{code}", at(in_year, month)
            case.token = uuid.uuid4()
            cases.append(case)
    for case in Case.objects.bulk_create(cases):
        for one in (home, other):
            part = type(one).objects.get(pk=one.pk)
            part.pk, part.case, part.received_at = None, case, case.submitted_at
            parts.append(part)
    type(home).objects.bulk_create(parts)


def past(n: int) -> dict[tuple[int, int], int]:
    """So many in each of the 24 months before the latest year: June 2023 to May 2025."""
    return {(2023 + (m + 5) // 12, (m + 5) % 12 + 1): n for m in range(24)}


def latest_year(*counts: int) -> dict[tuple[int, int], int]:
    return {(2025 + (m + 5) // 12, (m + 5) % 12 + 1): n for m, n in enumerate(counts)}


def test_a_fall_is_raised_with_its_numbers_and_a_usual_year_is_not(cast: Cast) -> None:
    reports(cast, past(6) | latest_year(6, 7, 5, 6, 8, 4, 6, 7, 6, 2, 1, 2))
    found = falling("sent", Scope(cast.bjorken.pk))
    assert found
    assert found.is_raised
    assert (found.rate, found.months, found.count) == (6, 3, 5)
    assert (found.least, found.most) == (10, 27)
    html = cast.client("per_ake").get(ADDRESS).content.decode()
    assert "5 de senaste 3 månaderna, där 10 till 27 var att vänta." in html
    assert "Ett fall på 40 procent skulle synas efter ungefär 6 månader" in html
    # Others are told nothing of it.
    assert "var att vänta." not in cast.client("karin").get(ADDRESS).content.decode()


def test_a_usual_year_raises_nothing(cast: Cast) -> None:
    reports(cast, past(6) | latest_year(6, 7, 5, 6, 8, 4, 6, 7, 6, 5, 7, 6))
    found = falling("sent", Scope(cast.bjorken.pk))
    assert found
    assert not found.is_raised


def test_what_has_recovered_is_raised_no_longer(cast: Cast) -> None:
    fallen = latest_year(6, 7, 5, 6, 8, 4, 6, 0, 0)
    with clock.frozen(at(2026, 3, 15)):
        reports(cast, past(6) | fallen)
        found = falling("sent", Scope(cast.bjorken.pk))
        assert found
        assert found.is_raised
    reports(cast, {key: n for key, n in latest_year(0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 7, 6).items() if n})
    found = falling("sent", Scope(cast.bjorken.pk))
    assert found
    assert not found.is_raised


def test_few_reports_are_raised_by_silence(cast: Cast) -> None:
    few = {key: n for place, (key, n) in enumerate(past(1).items()) if place % 4 == 0}
    reports(cast, few)
    found = falling("sent", Scope(cast.bjorken.pk))
    assert found
    # Six reports in 21 months, with five times between them.
    assert (found.watch, found.past, found.rate) == (None, 21, 6 / 21)
    # Fifteen months since the last; a silence of 31.7 has a chance of one in a hundred.
    assert (found.silent, round(found.silent_limit, 1), found.is_raised) == (15, 31.7, False)
    for year, month, silent, is_raised in ((2026, 9, 18, False), (2027, 10, 31, False), (2027, 11, 32, True)):
        with clock.frozen(at(year, month, 15)):
            later = falling("sent", Scope(cast.bjorken.pk))
        assert later
        # The silence itself is none of the past that it is measured by.
        assert (later.silent, later.past, later.is_raised) == (silent, 21, is_raised)


def test_two_reports_tell_nothing_of_how_long_a_silence_is_usual(cast: Cast) -> None:
    reports(cast, {(2024, 2): 1, (2025, 2): 1})
    assert falling("sent", Scope(cast.bjorken.pk)) is None


def test_too_little_past_is_not_watched(cast: Cast) -> None:
    reports(cast, latest_year(0, 0, 5, 5, 5, 0))
    assert falling("sent", Scope(cast.bjorken.pk)) is None
    assert "för lite förflutet" in cast.client("per_ake").get(ADDRESS).content.decode()


def test_the_portal_raises_a_silence_once_to_those_who_can_ask_and_ends_it(cast: Cast) -> None:
    for name, provider, role in (
        ("petra", cast.bjorken, Role.PROVIDER_ADMIN),
        ("pelle", cast.ugglan, Role.PROVIDER_ADMIN),
    ):
        cast.users[name] = person(email=f"{name}@privat.example", given_name=name.title())
        assign(cast.users[name], provider, role)
    cast.users["fanny"] = person(email="fanny@region.example", given_name="Fanny")
    assign(cast.fanny, cast.region, Role.FOLLOW_UP)
    reports(cast, past(6) | latest_year(6, 7, 5, 6, 8, 4, 6, 7, 6, 2, 1, 2))
    assert silence.watch() == 2
    rows = {(s.provider, s.sender_kind, s.to_kind): (s.count, s.months, s.least, s.most) for s in Silence.objects.all()}
    wanted = (5, 3, 10, 27)
    assert rows == {(cast.bjorken, "", ""): wanted, (None, "private", "regional"): wanted}
    assert silence.watch() == 0
    told = Notice.objects.filter(kind="silence")
    assert sorted(told.values_list("user__given_name", flat=True)) == ["Fanny", "Lars", "Petra"]
    # Whoever follows up is led to the directions, which stand there without their numbers.
    followed = told.get(user=cast.fanny)
    page_of_hers = cast.client("fanny").get(followed.url).content.decode()
    assert "Från privat vårdgivare till regionen" in page_of_hers
    assert "var att vänta" not in page_of_hers
    followed.refresh_from_db()
    assert followed.read_at
    assert set(silence.silences(Scope(cast.bjorken.pk)).values_list("provider", flat=True)) == {cast.bjorken.pk}
    assert not silence.silences(Scope(cast.ugglan.pk)).exists()
    html = cast.client("lars").get(ADDRESS).content.decode()
    assert "Från privat vårdgivare till regionen" in html
    assert html.count("5 på 3 månader, där 10 till 27 var att vänta") == 2
    assert not told.filter(user=cast.lars, read_at=None).exists()
    for name in ("karin", "maria"):
        assert "tystnar" not in cast.client(name).get(ADDRESS).content.decode()
    with clock.frozen(at(2026, 10, 15)):
        for month in (6, 7, 8, 9):
            reports(cast, {(2026, month): 7})
        silence.watch()
    assert not Silence.objects.filter(ended_at=None).exists()


def test_who_has_no_access_is_not_watched(cast: Cast) -> None:
    reports(cast, past(6) | latest_year(6, 7, 5, 6, 8, 4, 6, 7, 6, 2, 1, 2))
    Agreement.objects.filter(provider=cast.bjorken).update(valid_to=clock.today() - dt.timedelta(days=1))
    silence.watch()
    assert not Silence.objects.filter(provider=cast.bjorken).exists()


def test_a_unit_that_never_reported_is_told_of_by_its_people(cast: Cast) -> None:
    reports(cast, latest_year(*[20] * 12))
    User.objects.update(created_at=at(2026, 1))
    asgarden = {one.unit: one.months for one in silence.never_reported(Scope())}
    # Twenty a month of the whole region: about one a month for each person there.
    assert asgarden[cast.asgarden] == 5
    assert cast.norra in asgarden
    assert {one.unit for one in silence.never_reported(Scope(cast.kommun.pk))} == {cast.asgarden}
    made(cast, at(2026, 5), by="mona")
    assert cast.asgarden not in {one.unit for one in silence.never_reported(Scope())}
    User.objects.update(created_at=at(2026, 5))
    assert silence.never_reported(Scope()) == []


# One's own work -------------------------------------------------------------------------------------------------------


def test_causes_actions_and_lex_maria_are_counted_of_ones_own_parts_alone(cast: Cast, year) -> None:
    case = year["answered"]
    shown = {"category": "procedures", "because_of": None, "is_contributing": False, "no_action_reason": ""}
    head = write(cast, case, "orsak", text="Listan saknades", **shown)
    write(cast, case, "orsak", text="Ingen äger den", **{**shown, "because_of": head})
    write(cast, case, "orsak", text="Telefonen var av", **{**shown, "category": "technology"})
    action(cast, case, head, kind="checklist", due=dt.date(2026, 6, 1))
    done = action(cast, case, head, kind="barrier", due=dt.date(2026, 6, 20))
    told = {"state": "done", "done_on": dt.date(2026, 6, 14), "evidence": "Ja", "effect": "", "effect_note": ""}
    kind = KINDS["uppfoljning"]
    acts.put(concerned(case), kind, told, by=cast["maria"], shown=acts.mark(done, kind), key=done.key)
    LexMariaDecision.objects.create(
        party=concerned(case),
        notifies=False,
        grounds="-",
        made_as="officer",
        by=cast.maria,
        by_name="M",
        at=at(2026, 3, 20),
    )
    asked, akut = Asked(scope.latest()), Scope(cast.region.pk, cast.akut.pk)
    names = dict(Cause.Category.choices)
    counted = {row.name: row.n for row in own.causes(akut, asked, names)}
    assert counted == {names["procedures"]: 1, names["technology"]: 1}
    strengths = {row.name: (row.n, row.done, row.due, row.in_time) for row in own.actions(akut, asked, STRENGTHS)}
    assert strengths == {"middling": (1, 0, 1, 0), "strong": (1, 1, 1, 1)}
    # Reported on 2 March of what happened two days earlier.
    assert (own.lex_maria(akut, asked).done, own.lex_maria(akut, asked).median) == (1, 20)
    for other in (Scope(cast.region.pk, cast.medicin.pk), Scope(cast.bjorken.pk), Scope(cast.kommun.pk)):
        assert own.causes(other, asked, names) == [], other
        assert own.actions(other, asked, STRENGTHS) == []
        assert own.lex_maria(other, asked).done == 0
    for of in ({}, {"vardgivare": cast.region.name}):
        context = page.context(cast["lars"], of)
        assert context
        assert context["own"] is None
    assert "Åtgärder, efter styrka" in cast.client("maria").get(ADDRESS).content.decode()
    assert "Åtgärder, efter styrka" in cast.client("maria").get(f"{ADDRESS}fil/csv/").content.decode()
    assert "efter styrka" not in cast.client("lars").get(f"{ADDRESS}fil/csv/").content.decode()


STRENGTHS = {value: value for value in Action.Strength.values}


def routine(cast: Cast, **seen: bool) -> Document:
    owner, kind = cast.region, DocumentType.objects.get(code="RUT")
    found = lifecycle.create_document(by=PORTAL, title="Ut", type=kind, owner=owner, visibility=Visibility(**seen))
    draft = lifecycle.add_version(found, by=PORTAL, body="## Rubrik\n\nText.", change_summary="Nytt.")
    lifecycle.publish(draft, by=PORTAL, approver_label="Chefläkaren")
    return found


def test_routines_are_counted_of_those_that_one_sees(cast: Cast) -> None:
    seen, hidden = routine(cast, public=True), routine(cast, private=True)
    for n in (1, 2):
        made(cast, at(2026, 4, n), documents=(seen,) if n == 1 else (seen, hidden))
    akut = Scope(cast.region.pk, cast.akut.pk)
    assert own.routines("had", akut, Asked(scope.latest()), cast["maria"]) == [(seen, 2)]
