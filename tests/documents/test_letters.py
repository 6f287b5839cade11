"""The safety letter of a month holds what is new and what one may see, and is told of once to those who want it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator

import pypdf
import pytest
from django.test import Client

from accounts.models import Notice
from accounts.readers import PUBLIC, Reader
from accounts.roles import Role
from core import clock
from documents import ending, lifecycle
from documents.letters import content, telling
from documents.models import Document, DocumentType, LetterChoice, Version
from documents.visibility.preview import Visibility
from tests.documents.library import PORTAL, SEES, Cast, add, current, names

ALL = "/dokument/sakerhetsbrev/"
# All of the cast's documents were published in the month before.
MONTH = clock.today().replace(day=1)
LATER = dt.datetime.combine(content.after(MONTH), dt.time(9, 0), tzinfo=dt.UTC) + dt.timedelta(days=3)
ADDRESS = f"{ALL}{MONTH:%Y-%m}/"


@pytest.fixture(autouse=True)
def next_month(cast: Cast) -> Iterator[clock.FrozenClock]:
    with clock.frozen(LATER) as frozen:
        yield frozen


def listed(reader: Reader, month: dt.date = MONTH) -> list[Version]:
    return [version for part in content.letter(reader, month).parts for version in part.rows]


def test_minutes_and_reports_are_not_in_it(cast: Cast):
    kept = DocumentType.objects.filter(is_governing=False).exclude(code=DocumentType.LEARNING).first()
    Document.objects.filter(pk=cast.documents["public"].pk).update(type=kept)
    assert cast.documents["public"] not in [v.document for v in listed(PUBLIC)]
    assert cast.documents["replaced"] in [v.document for v in listed(PUBLIC)]


def learnt(cast: Cast, title: str, visibility: Visibility, *, at: dt.datetime) -> Document:
    with clock.frozen(at):
        document = lifecycle.create_document(
            by=PORTAL, title=title, type=DocumentType.objects.get(code=DocumentType.LEARNING), owner=cast.bjorken,
            visibility=visibility, summary="Förväxlade provrör kan undvikas.",
        )  # fmt: skip
        lifecycle.publish(lifecycle.add_version(document, by=PORTAL, body="Ord"), by=PORTAL, approver_label="Kajsa")
    return document


@pytest.mark.parametrize("name", sorted(SEES))
def test_it_holds_what_each_may_see_and_nothing_else(cast: Cast, name: str):
    reader = PUBLIC if name == "public" else cast.reader(name)
    seen = names(cast, Document.objects.visible_to(reader).filter(state=Document.State.ACTIVE))
    # Not published, or shown only from a day of which it is not known in which month it lies.
    seen -= {"draft", "draft_of_private", "embargoed"}
    assert seen
    assert names(cast, [v.document for v in listed(reader)]) - {"embargoed"} == seen


def test_a_document_stands_in_the_month_that_it_is_first_shown(cast: Cast, next_month: clock.FrozenClock):
    first = clock.start_of_day(content.after(MONTH)) + dt.timedelta(days=9)
    document = add(cast, "to_come", Visibility(public=True), available_from=first)
    assert document not in [v.document for v in listed(PUBLIC)]
    assert not listed(PUBLIC, content.after(MONTH))
    next_month.set(first + dt.timedelta(days=40))
    assert document not in [v.document for v in listed(PUBLIC)]
    assert [v.document for v in listed(PUBLIC, content.after(MONTH))] == [document]


def test_learning_comes_first_then_new_ones_then_changes_that_matter(cast: Cast):
    at = clock.start_of_day(MONTH) + dt.timedelta(days=27)
    learnt(cast, "Rätt prov till rätt patient", Visibility(private=True), at=at)
    sara = cast.reader("sara")
    before = [part.title for part in content.letter(sara, MONTH).parts]
    assert before[0] == "Lärande exempel"
    assert before[1].startswith("Nytt: ")
    next_month = content.after(MONTH)
    for name, is_major in (("public", True), ("replaced", False)):
        draft = lifecycle.add_version(
            cast.documents[name], by=PORTAL, body="Nytt", is_major=is_major, change_summary="Ny dos"
        )
        lifecycle.publish(draft, by=PORTAL, approver_label="Kajsa")
    with clock.frozen(LATER + dt.timedelta(days=35)):
        (part,) = content.letter(sara, next_month).parts
        assert part.title == "Ändrat på ett sätt som betyder något"
        assert [v.document for v in part.rows] == [cast.documents["public"]]
        page = Client().get(f"{ALL}{next_month:%Y-%m}/").content.decode()
        assert "Ny dos" in page
        # The new version applies now: the document is no longer new in the month before.
        assert cast.documents["public"] not in [v.document for v in listed(sara)]


def test_what_is_withdrawn_or_closed_is_gone_from_the_letters(cast: Cast):
    assert {cast.documents["public"], cast.documents["replaced"]} <= {v.document for v in listed(PUBLIC)}
    ending.revoke(cast.documents["public"], by=PORTAL, reason="Fel.")
    Document.objects.filter(pk=cast.documents["replaced"].pk).update(visible_public=False)
    assert not {cast.documents["public"], cast.documents["replaced"]} & {v.document for v in listed(PUBLIC)}
    page = Client().get(ADDRESS).content.decode()
    assert cast.documents["replaced"].title not in page


def test_a_month_that_goes_on_has_no_letter_and_an_old_one_is_empty(cast: Cast):
    add(cast, "of_this_month", Visibility(public=True))
    going_on = content.after(MONTH)
    assert Client().get(f"{ALL}{going_on:%Y-%m}/").status_code == 404
    assert Client().get(f"{ALL}{going_on:%Y-%m}/pdf/").status_code == 404
    empty = Client().get(f"{ALL}2020-02/")
    assert "Inget nytt den månaden" in empty.content.decode()
    assert Client().get(f"{ALL}2020-02/pdf/").status_code == 404
    latest = Client().get(ALL)
    assert latest.context["letter"].month == MONTH
    assert latest.context["months"] == [MONTH]


def test_the_paper_holds_the_same_and_says_for_whom_and_when(cast: Cast):
    got = cast.client("sara").get(f"{ADDRESS}pdf/")
    assert got["Content-Disposition"] == f'attachment; filename="sakerhetsbrev-{MONTH:%Y-%m}.pdf"'
    read = pypdf.PdfReader(io.BytesIO(got.content))
    assert "/StructTreeRoot" in read.trailer["/Root"]
    text = " ".join(page.extract_text() for page in read.pages)
    assert all(v.document.title in text for v in listed(cast.reader("sara")))
    assert cast.documents["regional"].title not in text
    assert cast.reader("sara").provider_name in text


def test_those_who_are_to_spread_it_are_told_once_and_all_others_if_they_choose(cast: Cast):
    own = cast.assignments["nora"]
    own.roles = sorted({*own.roles, Role.UNIT_MANAGER})
    own.save()
    by_role = {row.user for row in cast.assignments.values() if set(row.roles) & set(telling.BY_ROLE)}
    assert cast.nora in by_role
    assert cast.stina not in by_role
    stina = cast.client("stina")
    assert "Säg till mig" in stina.get(ALL).content.decode()
    assert stina.post(f"{ALL}val/", {"wants": "1"}, follow=True).status_code == 200
    assert cast.client("nora").post(f"{ALL}val/", {"wants": "0"}).status_code == 302
    assert not telling.wants(cast.reader("nora"))
    told = telling.tell()
    assert told == Notice.objects.filter(kind=telling.KIND).count()
    people = {notice.user for notice in Notice.objects.filter(kind=telling.KIND)}
    assert cast.stina in people
    assert cast.nora not in people
    # The agreement of Gunnar's provider has ended.
    assert by_role - people == {cast.nora, cast.gunnar}
    assert telling.tell() == 0
    notice = Notice.objects.get(kind=telling.KIND, user=cast.stina)
    assert (notice.url, notice.subject) == (ADDRESS, f"{MONTH:%Y-%m}")
    stina.get(notice.url)
    notice.refresh_from_db()
    assert notice.read_at


def test_nobody_is_told_of_a_letter_that_holds_nothing_for_them(cast: Cast):
    Document.objects.update(visible_public=False, visible_private=False)
    LetterChoice.objects.create(user=cast.ugo, wants=True)
    LetterChoice.objects.create(user=cast.mona, wants=True)
    assert not listed(cast.reader("ugo"))
    telling.tell()
    told = {notice.user for notice in Notice.objects.filter(kind=telling.KIND)}
    assert cast.mona in told
    assert cast.ugo not in told


def test_the_choice_is_for_those_who_have_signed_in(cast: Cast):
    assert "Säg till mig" not in Client().get(ALL).content.decode()
    assert Client().post(f"{ALL}val/", {"wants": "1"}).status_code == 302
    assert not LetterChoice.objects.exists()


def test_a_long_month_is_counted_and_costs_no_more_questions(cast: Cast, django_assert_num_queries):
    for n in range(content.MOST + 3):
        with clock.frozen(LATER - dt.timedelta(days=9)):
            add(cast, f"lots{n}", Visibility(public=True))
    with django_assert_num_queries(1):
        made = content.letter(PUBLIC, MONTH)
    (part,) = [p for p in made.parts if p.more]
    assert len(part.rows) == content.MOST
    assert made.count == content.MOST + part.more == len(listed(PUBLIC)) + part.more
    assert current(part.rows[0].document) == part.rows[0]
    assert "till" in Client().get(ADDRESS).content.decode()
