"""The yearly review: each assignment confirmed or ended, the unconfirmed dated after notice, nothing left ownerless."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from accounts.access_review import listing, rounds
from accounts.granting import held, reach_of
from accounts.models import AccessReview, Agreement, Assignment, AuditEvent, Notice, Provider, ReviewedAssignment
from accounts.people import changing, leaving
from accounts.readers import SYSTEM
from accounts.roles import Role
from core import clock
from core.refused import Moved, NotAllowed, WrongState
from tests import cast

pytestmark = pytest.mark.django_db
PAGE = "/konto/var-verksamhet/genomgang/"


@pytest.fixture
def bjorken() -> Provider:
    return cast.private("Hälsocentralen Björken", email="brevlada@bjorken.example")


def works(given_name: str, provider: Provider | None, *roles: Role, used: int = -1, **where) -> Assignment:
    made = cast.assign(cast.person(given_name=given_name), provider, Role.READER, *roles, **where)
    Assignment.objects.filter(pk=made.pk).update(last_used_on=cast.day(used))
    return now(made)


@pytest.fixture
def petra(bjorken) -> Assignment:
    return works("Petra", bjorken, Role.PROVIDER_ADMIN)


@pytest.fixture
def pia(bjorken) -> Assignment:
    return works("Pia", bjorken, Role.PROVIDER_ADMIN, used=-200)


@pytest.fixture
def jonas(bjorken) -> Assignment:
    return works("Jonas", bjorken, Role.CASE_HANDLER)


@pytest.fixture
def nora(bjorken) -> Assignment:
    return works("Nora", bjorken)


@pytest.fixture
def ingrid() -> Assignment:
    return cast.assign(cast.person(given_name="Ingrid"), cast.region(), Role.READER, Role.AGREEMENT_MANAGER)


def now(assignment: Assignment) -> Assignment:
    return Assignment.objects.get(pk=assignment.pk)


def reader(assignment: Assignment):
    return cast.reader(now(assignment))


def begun(provider: Provider) -> AccessReview:
    return rounds.begin(provider, by=SYSTEM)


def item(of: Assignment) -> ReviewedAssignment:
    return ReviewedAssignment.objects.get(assignment=of)


def confirm(of: Assignment, by: Assignment, shown: str | None = None) -> ReviewedAssignment:
    return rounds.confirm(item(of), shown=shown or held.mark(now(of)), by=reader(by))


def told(kind: str) -> set[str]:
    notices = Notice.objects.filter(kind=kind).select_related("user")
    return {n.user.given_name if n.user else n.mailbox for n in notices}


def after(days: int):
    return clock.frozen(clock.now() + dt.timedelta(days=days))


def test_the_first_review_begins_a_year_after_the_upgrade_and_then_each_year(petra, nora, bjorken):
    Provider.objects.update(created_at=clock.now() - dt.timedelta(days=3000))
    assert rounds.advance() == 0
    assert Provider.objects.get(pk=bjorken.pk).next_review_on == cast.day(365)
    with after(364):
        assert rounds.advance() == 0
    with after(366):
        assert rounds.advance() == 1
        assert rounds.advance() == 0
        assert told("access_review_begun") == {"Petra"}
        review = AccessReview.objects.get()
        for one in (petra, nora):
            confirm(one, petra)
        review.refresh_from_db()
        assert review.closed_on == clock.today()
        assert Provider.objects.get(pk=bjorken.pk).next_review_on == review.begun_on + rounds.EVERY


def test_one_review_that_was_begun_or_closed_meanwhile_stops_no_other(petra, bjorken, monkeypatch):
    other = works("Olle", cast.private("Ugglan"), Role.PROVIDER_ADMIN)
    Provider.objects.update(next_review_on=cast.day(0))
    begin = rounds.begin

    def begun_first(provider, *, by):
        """An administrator begins the same review just before the job does."""
        if provider.pk == bjorken.pk:
            begin(provider, by=reader(petra))
        return begin(provider, by=by)

    monkeypatch.setattr(rounds, "begin", begun_first)
    assert rounds.advance() == 1
    assert set(AccessReview.objects.values_list("provider", flat=True)) == {bjorken.pk, other.provider_id}
    stale = AccessReview.objects.get(provider=bjorken)
    confirm(petra, petra)
    assert rounds._advance(stale) is False
    assert AuditEvent.objects.filter(action="access_review_closed").count() == 1


def test_a_provider_without_administrator_or_access_is_not_gone_through(nora, bjorken):
    Provider.objects.update(next_review_on=cast.day(0))
    assert rounds.advance() == 0
    works("Petra", bjorken, Role.PROVIDER_ADMIN)
    Agreement.objects.update(valid_to=cast.day(-1))
    assert rounds.advance() == 0
    Agreement.objects.update(valid_to=None)
    assert rounds.advance() == 1
    Agreement.objects.update(valid_to=cast.day(-1))
    assert rounds.advance() == 1
    assert AccessReview.objects.get().closed_on == clock.today()
    assert now(nora).valid_to is None


def test_who_came_in_after_it_began_is_not_asked_about(petra, bjorken):
    review = begun(bjorken)
    works("Nora", bjorken)
    told_sums = listing.sums(review)
    assert told_sums
    assert (told_sums.count, told_sums.left) == (1, 1)


def test_the_unconfirmed_are_told_a_week_before_and_end_on_the_day(petra, jonas, nora, bjorken, ingrid):
    review = begun(bjorken)
    confirm(jonas, petra)
    with after(15):
        assert rounds.advance() == 0
    with after(16):
        assert rounds.advance() == 1
        assert told("access_review_waits") == {"Petra"}
        assert rounds.advance() == 0
    with after(23):
        assert rounds.advance() == 1
        assert now(nora).valid_to == review.ends_on
        assert told("access_unconfirmed") == {"Nora"}
        assert told("access_review_dated") == {"Petra"}
        assert now(petra).valid_to is None, "the last administrator stays"
        assert item(petra).outcome == "raised"
        assert told("access_review_raised") == {"Ingrid", "brevlada@bjorken.example"}
        assert Assignment.objects.current().filter(pk=nora.pk).exists()
        assert rounds.advance() == 0
    with after(31):
        assert not Assignment.objects.current().filter(pk=nora.pk).exists()
        assert rounds.advance() == 1, "raised again"
        assert Notice.objects.filter(kind="access_review_raised", mailbox="").count() == 2
        confirm(petra, petra)
        review.refresh_from_db()
        assert review.closed_on == clock.today()
        assert item(nora).outcome == "ended"


def test_who_is_confirmed_in_the_last_week_keeps_the_day_they_had(petra, nora, bjorken):
    lent = works("Lina", bjorken)
    Assignment.objects.filter(pk=lent.pk).update(valid_to=cast.day(300))
    soon = works("Siv", bjorken)
    Assignment.objects.filter(pk=soon.pk).update(valid_to=cast.day(25))
    review = begun(bjorken)
    with after(24):
        rounds.advance()
        review.refresh_from_db()
        assert review.ends_on == cast.day(7)
        assert now(lent).valid_to == review.ends_on
        assert now(soon).valid_to == cast.day(1), "it ends by itself, before"
        confirm(lent, petra)
        confirm(nora, petra)
        assert now(lent).valid_to == cast.day(276)
        assert now(nora).valid_to is None
        assert told("access_confirmed") == {"Lina", "Nora"}
    with after(32):
        assert Assignment.objects.current().filter(pk__in=[lent.pk, nora.pk]).count() == 2


def test_a_last_day_that_an_administrator_set_meanwhile_is_not_taken_away(petra, nora, bjorken):
    begun(bjorken)
    with after(24):
        rounds.advance()
        Assignment.objects.filter(pk=nora.pk).update(valid_to=cast.day(2))
        confirm(nora, petra)
        assert now(nora).valid_to == cast.day(2)


def test_notice_is_a_week_even_where_the_portal_stood_still(petra, nora, bjorken):
    begun(bjorken)
    with after(60):
        rounds.advance()
        assert now(nora).valid_to == cast.day(7)


def test_of_two_administrators_the_one_who_uses_the_portal_stays(petra, pia, bjorken):
    begun(bjorken)
    with after(24):
        rounds.advance()
        assert now(pia).valid_to is not None
        assert now(petra).valid_to is None


def test_the_only_handler_stays_and_one_of_two_does_not(petra, jonas, bjorken):
    begun(bjorken)
    with after(24):
        rounds.advance()
        assert item(jonas).outcome == "raised"
        assert now(jonas).valid_to is None
    ReviewedAssignment.objects.all().delete()
    AccessReview.objects.all().delete()
    other = works("Jens", bjorken, Role.CASE_HANDLER, used=-100)
    begun(bjorken)
    with after(24):
        rounds.advance()
        assert now(other).valid_to is not None
        assert now(jonas).valid_to is None


def test_the_only_handler_of_a_unit_stays_unless_the_whole_provider_has_one(petra, bjorken):
    norra = cast.unit(bjorken, "Norra")
    hanna = works("Hanna", None, Role.CASE_HANDLER, at=norra)
    assert held.is_last(hanna, Role.CASE_HANDLER)
    works("Jonas", bjorken, Role.CASE_HANDLER)
    assert not held.is_last(hanna, Role.CASE_HANDLER)


def test_the_last_coordinator_of_the_region_stays(ingrid):
    works("Rut", cast.region(), Role.PROVIDER_ADMIN)
    begun(cast.region())
    with after(24):
        rounds.advance()
    assert item(ingrid).outcome == "raised"


def test_a_colleague_confirms_an_administrator_and_one_alone_confirms_themselves(petra, bjorken):
    begun(bjorken)
    pia = works("Pia", bjorken, Role.PROVIDER_ADMIN)
    with pytest.raises(NotAllowed, match="kollega"):
        confirm(petra, petra)
    changing.end(
        now(pia), last_day=None, by=reader(petra), shown=held.mark(now(pia)),
        left=leaving.mark(leaving.left_by(now(pia), by=reader(petra))),
    )  # fmt: skip
    assert confirm(petra, petra).outcome == "confirmed"


def test_a_manager_confirms_those_of_the_own_unit_and_no_others(petra, nora, bjorken):
    norra = cast.unit(bjorken, "Norra")
    eva = works("Eva", None, Role.UNIT_MANAGER, at=norra)
    sven, jonas = works("Sven", None, at=norra), works("Jonas", None, Role.CASE_HANDLER, at=norra)
    review = begun(bjorken)
    assert told("access_review_begun") == {"Petra", "Eva"}
    assert confirm(sven, eva).by_label.startswith("Eva")
    for other in (nora, petra, jonas, eva):
        with pytest.raises(NotAllowed):
            confirm(other, eva)
    page = listing.page(review, reach_of(reader(eva)), {})
    assert {line.item.assignment.user.given_name for line in page.rows} == {"Eva", "Jonas"}
    assert (page.sums.count, page.sums.confirmed) == (3, 1)


def test_nobody_else_confirms(petra, nora, jonas, bjorken, ingrid):
    begun(bjorken)
    stranger = works("Sigge", cast.private("Ugglan"), Role.PROVIDER_ADMIN)
    for by in (nora, jonas, ingrid, stranger):
        with pytest.raises(NotAllowed):
            confirm(nora, by)
        with pytest.raises(NotAllowed):
            rounds.begin(bjorken, by=reader(by))
    assert item(nora).outcome == ""


def test_a_person_who_was_changed_meanwhile_is_looked_at_again(petra, nora, bjorken):
    begun(bjorken)
    shown = held.mark(nora)
    Assignment.objects.filter(pk=nora.pk).update(title="Läkare")
    with pytest.raises(Moved):
        confirm(nora, petra, shown)


def test_an_answer_is_given_once(petra, nora, bjorken):
    begun(bjorken)
    confirm(nora, petra)
    with pytest.raises(WrongState, match="besvara"):
        confirm(nora, petra)
    with pytest.raises(WrongState, match="redan"):
        begun(bjorken)


def test_ticking_confirms_each_by_itself_and_says_what_was_not(petra, nora, jonas, bjorken):
    begun(bjorken)
    browser = cast.sign_in(Client(), petra.user)
    shown = browser.get(PAGE).content.decode()
    assert "0 av 3 bekräftade" in shown
    sent = {"confirm": [str(nora.key), str(jonas.key)], f"shown-{nora.key}": held.mark(nora)}
    sent[f"shown-{jonas.key}"] = "annat"
    page = browser.post(PAGE, sent, follow=True).content.decode()
    assert "1 uppdrag bekräftat" in page
    assert "Jonas" in page
    assert "ändrat det här under tiden" in page
    assert (item(nora).outcome, item(jonas).outcome) == ("confirmed", "")
    assert AuditEvent.objects.get(action="access_confirmed").target_id == str(nora.pk)
    assert "Inget ändrades" in browser.post(PAGE, {}, follow=True).content.decode()


def test_an_administrator_begins_earlier_and_the_page_tells_how_the_last_one_ended(petra, nora, bjorken):
    browser = cast.sign_in(Client(), petra.user)
    assert "Ingen genomgång" in browser.get(PAGE).content.decode()
    browser.post(PAGE, {"act": "begin"})
    assert "pågår redan" in browser.post(PAGE, {"act": "begin"}, follow=True).content.decode()
    card = browser.get("/konto/var-verksamhet/").content.decode()
    assert "0 av 2 bekräftade" in card
    confirm(nora, petra)
    confirm(petra, petra)
    page = browser.get(f"{PAGE}?vy=bekraftade").content.decode()
    assert "Avslutad" in page
    assert "Petra" in page
    assert 'name="confirm"' not in browser.get(PAGE).content.decode()


def test_the_agreement_manager_sees_how_it_goes(petra, nora, bjorken, ingrid):
    begun(bjorken)
    page = cast.sign_in(Client(), ingrid.user).get(f"/konto/avtal/{bjorken.key}/").content.decode()
    assert "0 av 2 bekräftade" in page
    assert PAGE not in page


def test_a_page_of_the_review_takes_few_queries(petra, bjorken, django_assert_max_num_queries):
    for _n in range(40):
        cast.assign(None, bjorken, Role.READER)
    begun(bjorken)
    browser = cast.sign_in(Client(), petra.user)
    browser.get(PAGE)
    with django_assert_max_num_queries(24):
        page = browser.get(PAGE).context["page"]
    assert len(page.rows) == 30
    assert len(browser.get(PAGE + page.next_url).context["page"].rows) == 11
