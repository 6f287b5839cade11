"""The practice case: three steps of one person, which reach nobody, are counted nowhere and are gone after a week."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from accounts.beginning.steps import of_provider
from accounts.models import Assignment, Notice
from accounts.roles import Role
from core import clock
from core.refused import Moved, NotAllowed
from deviations.models import Case, CaseEvent, Message, Party, PracticeCase
from deviations.practice import practising
from deviations.practice.jobs import forget_practice
from deviations.verbs import handling
from tests import cast as makers
from tests.deviations.cases import reporting

PAGE = "/avvikelser/ovning/"


def jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        return cursor.fetchone()[0]


def step(cast):
    (found,) = [s for s in of_provider(cast.ugglan).steps if s.key == "practice"]
    return found


def test_its_three_steps_reach_nobody_and_are_counted_nowhere(cast):
    before, browser = jobs(), cast.client("ugo")
    assert "Börja övningen" in browser.get(PAGE).content.decode()
    browser.post(PAGE, {"begin": "1"})
    page = browser.get(PAGE).content.decode()
    assert "Nästa steg: Bekräfta mottagande" in page
    browser.post(PAGE, {"shown": "received"})
    asked = browser.post(PAGE, {"shown": "acknowledged", "body": "När skickades listan?"}, follow=True).content.decode()
    assert "När skickades listan?" in asked
    assert "skickades i torsdags" in asked
    done = browser.post(PAGE, {"shown": "replied", "body": "Vi har ändrat rutinen."}, follow=True).content.decode()
    assert "Övningen är klar" in done
    for model in (Case, Party, Message, CaseEvent, Notice):
        assert not model.objects.exists(), model
    assert jobs() == before
    assert browser.get("/avvikelser/").context["inbox"].rows == []
    assert step(cast).is_done


def test_what_is_typed_lies_encrypted_and_is_ones_own(cast):
    practice = practising.begin(by=cast["ugo"])
    practising.act(practice, "", shown="received", by=cast["ugo"])
    practising.act(practice, "Frågan skogsduva", shown="acknowledged", by=cast["ugo"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT messages::text FROM deviations_practicecase")
        assert "skogsduva" not in cursor.fetchone()[0]
    colleague = makers.assign(makers.person(), cast.ugglan, Role.PROVIDER_ADMIN)
    assert practising.own(makers.reader(colleague)) is None
    with pytest.raises(NotAllowed):
        practising.act(practice, "x", shown="replied", by=makers.reader(colleague))
    assert "skogsduva" not in makers.sign_in(cast.client("public"), colleague.user).get(PAGE).content.decode()


def test_a_second_click_and_an_empty_text_do_nothing(cast):
    browser = cast.client("ugo")
    browser.post(PAGE, {"begin": "1"})
    practice = PracticeCase.objects.get()
    practising.act(practice, "", shown="received", by=cast["ugo"])
    with pytest.raises(Moved):
        practising.act(practice, "", shown="received", by=cast["ugo"])
    assert "redan gjort" in browser.post(PAGE, {"shown": "received"}, follow=True).content.decode()
    empty = browser.post(PAGE, {"shown": "acknowledged", "body": " "})
    assert empty.status_code == 422
    assert "ingen annan läser" in empty.content.decode()
    numbered = browser.post(PAGE, {"shown": "acknowledged", "body": "Gäller 19121212-1212, när?"})
    assert numbered.status_code == 422
    assert "19121212-1212, när?" in numbered.content.decode()
    assert PracticeCase.objects.get().messages == []


def test_it_is_gone_after_a_week_and_can_be_begun_anew(cast):
    first = practising.begin(by=cast["ugo"])
    assert practising.begin(by=cast["ugo"]).pk != first.pk
    assert PracticeCase.objects.count() == 1
    with clock.frozen(clock.now() + dt.timedelta(days=7)):
        assert practising.own(cast["ugo"]) is None
        assert "är slut" in cast.client("ugo").post(PAGE, {"shown": "received"}, follow=True).content.decode()
        forget_practice(0)
    assert not PracticeCase.objects.exists()


def test_the_step_is_done_by_practice_by_doing_without_or_by_a_real_case(cast):
    assert not step(cast).is_done
    with pytest.raises(NotAllowed):
        practising.skip(by=cast["ugo"])
    admin = makers.assign(makers.person(), cast.ugglan, Role.PROVIDER_ADMIN)
    browser = makers.sign_in(cast.client("public"), admin.user)
    assert "Vi avstår" in browser.get(PAGE).content.decode()
    browser.post(PAGE, {"skip": "1"})
    assert step(cast).is_done
    handling.acknowledge(reporting(cast.case()), by=cast["per_ake"])
    found = {s.key: s.is_done for s in of_provider(cast.bjorken).steps}
    assert found["practice"]
    assert "practice" not in {s.key for s in of_provider(cast.apoteket).steps}


def test_only_those_with_an_assignment_at_a_provider_that_has_cases(cast):
    assert cast.client("gunnar").get(PAGE).status_code == 404
    other = makers.assign(makers.person(), cast.apoteket, Role.READER)
    assert makers.sign_in(cast.client("public"), other.user).get(PAGE).status_code == 404
    with pytest.raises(NotAllowed):
        practising.begin(by=makers.reader(other))
    assert Assignment.objects.filter(user=cast.gunnar).exists()
