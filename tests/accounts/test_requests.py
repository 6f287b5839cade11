"""Somebody without an invitation asks to be let in: the address first, then the provider's administrators."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.invitations.inviting import Wish
from accounts.models import AccessRequest, Assignment, Invitation, Notice, Provider
from accounts.requests import asking
from accounts.requests.jobs import email_no, email_request, forget_access_requests
from accounts.roles import Role
from core import clock
from core.refused import NotAllowed, WrongState
from tests import cast

pytestmark = pytest.mark.django_db
PAGE, CONFIRM = "/konto/be-om-tilltrade/", "/konto/be-om-tilltrade/bekrafta/"
IDA = "ida.grape@bjorken.example"
TOLD = {
    "email": IDA, "given_name": "Ida", "family_name": "Grape", "provider": "hälsocentralen björken",
    "unit": "Norra", "title": "sjuksköterska",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _nobody_has_asked():
    cache.clear()


@pytest.fixture
def bjorken() -> Provider:
    return cast.private("Hälsocentralen Björken")


@pytest.fixture
def petra(bjorken) -> Assignment:
    return cast.assign(cast.person(given_name="Petra"), bjorken, Role.READER, Role.PROVIDER_ADMIN)


def client_of(assignment: Assignment) -> Client:
    return cast.sign_in(Client(), assignment.user)


def asked(**more: str) -> AccessRequest:
    told = {**TOLD, **more}
    return asking.ask(asking.Question(**told))


def confirmed(**more: str) -> AccessRequest:
    row = asked(**more)
    asking.confirm(row.token_digest)
    row.refresh_from_db()
    return row


def test_from_the_question_to_the_first_page(petra):
    unit = cast.unit(petra.provider, "Norra")
    stranger = Client()
    answer = stranger.post(PAGE, TOLD, follow=True)
    assert "Titta i din brevlåda" in answer.content.decode()
    row = AccessRequest.objects.get()
    email_request(request_id=row.pk)
    email_request(request_id=row.pk)
    [message] = mail.outbox
    assert message.to == [IDA]
    link = re.search(r"https?://\S+?(/konto/\S+nyckel=[0-9a-f]{64})", message.body)
    assert link
    assert not Notice.objects.exists()
    # A mail scanner opens it first, twice.
    for _ in range(2):
        Client().get(link[1], follow=True)
    browser = Client()
    assert browser.get(link[1])["Referrer-Policy"] == "no-referrer"
    assert "Är det här din adress?" in browser.get(CONFIRM).content.decode()
    assert not Notice.objects.exists()
    assert "Din adress är bekräftad" in browser.post(CONFIRM).content.decode()
    assert Notice.objects.get(kind="access_asked").user == petra.user
    there = client_of(petra)
    page = there.get("/konto/var-verksamhet/").content.decode()
    assert "Ida Grape" in page
    address = f"/konto/var-verksamhet/vill-in/{row.key}/"
    assert address in page
    form = there.get(address).context["form"]
    assert form.initial["unit"] == unit.pk
    sent = {
        "answer": "yes",
        "unit": unit.pk,
        "roles": [Role.READER, Role.REPORTER],
        "given_name": "Ida",
        "family_name": "Grape",
    }
    there.post(address, {**sent, "email": "annan@bjorken.example"})
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.unit, invitation.given_name) == (IDA, unit, "Ida")
    assert there.get(address).status_code == 404
    row.refresh_from_db()
    assert row.invitation == invitation


def test_the_words_are_the_same_whatever_exists(petra):
    cast.person(email="har.konto@bjorken.example")
    answers = set()
    for more in (
        {}, {"provider": "Finns inte AB"}, {"email": "har.konto@bjorken.example"}, {"email": petra.user.email},
    ):  # fmt: skip
        answer = Client().post(PAGE, {**TOLD, **more}, follow=True)
        answers.add(re.sub(r'(value|nonce)="[^"]*"', "", answer.content.decode()))
    assert len(answers) == 1
    assert AccessRequest.objects.count() == 4


def test_one_address_is_not_sent_e_mail_without_end_and_nothing_else_is_said(petra):
    for _ in range(5):
        assert "Titta i din brevlåda" in Client().post(PAGE, TOLD, follow=True).content.decode()
    assert AccessRequest.objects.count() == 3
    refused = Client().post(PAGE, {**TOLD, "email": "b@bjorken.example"})
    assert refused.status_code == 429


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"email": "ida"}, "giltig e-postadress"),
        ({"email": ""}, "Skriv adressen"),
        ({"given_name": " "}, "Skriv ditt namn"),
        ({"provider": ""}, "Skriv var du är anställd"),
    ],
)
def test_bad_input_is_told_and_asks_nobody(petra, sent, words):
    answer = Client().post(PAGE, {**TOLD, **sent})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "sjuksköterska" in answer.content.decode()
    assert not AccessRequest.objects.exists()


def test_a_link_works_once_and_not_for_long(petra):
    row = confirmed()
    with pytest.raises(WrongState):
        asking.confirm(row.token_digest)
    old = asked(email="b@bjorken.example")
    AccessRequest.objects.filter(pk=old.pk).update(expires_at=clock.now())
    browser = Client()
    for token in (old.token, row.token, "0" * 64, ""):
        browser.get(f"{PAGE}?nyckel={token}")
        assert "gäller inte längre" in browser.post(CONFIRM).content.decode()
    assert AccessRequest.objects.exclude(confirmed_at=None).count() == 1
    assert row.token not in repr(AccessRequest.objects.values().first())


def test_asked_twice_it_is_one_question_and_told_once(petra):
    confirmed()
    confirmed(title="läkare")
    assert AccessRequest.objects.get().title == "läkare"
    assert Notice.objects.filter(kind="access_asked").count() == 1


def test_only_the_providers_administrators_see_and_answer(petra, bjorken):
    row = confirmed()
    norra = cast.unit(bjorken, "Norra")
    others = [
        cast.assign(None, cast.private("Ugglan"), Role.PROVIDER_ADMIN),
        cast.assign(None, None, Role.UNIT_MANAGER, at=norra),
        cast.assign(None, bjorken, Role.CASE_HANDLER),
        cast.assign(cast.superuser(), cast.region(), Role.SYSTEM_ADMIN),
        cast.assign(None, cast.region(), Role.AGREEMENT_MANAGER),
    ]
    for other in others:
        there = client_of(other)
        assert there.get(f"/konto/var-verksamhet/vill-in/{row.key}/").status_code == 404
        assert IDA not in there.get("/konto/var-verksamhet/").content.decode()
        with pytest.raises(NotAllowed):
            asking.say_yes(row, Wish(IDA, None, (Role.READER,)), by=cast.reader(other))
        with pytest.raises(NotAllowed):
            asking.say_no(row, by=cast.reader(other))
    with pytest.raises(NotAllowed):
        asking.say_yes(row, Wish("annan@bjorken.example", None, (Role.READER,)), by=cast.reader(petra))
    unconfirmed = asked(email="b@bjorken.example")
    with pytest.raises(WrongState):
        asking.say_no(unconfirmed, by=cast.reader(petra))


def test_no_is_told_and_opens_nothing(petra):
    row = confirmed()
    client_of(petra).post(f"/konto/var-verksamhet/vill-in/{row.key}/", {"answer": "no"})
    email_no(request_id=row.pk)
    assert mail.outbox[-1].to == [IDA]
    assert not Invitation.objects.exists()
    with pytest.raises(WrongState):
        asking.say_yes(row, Wish(IDA, None, (Role.READER,)), by=cast.reader(petra))


def test_where_nobody_can_answer_the_agreement_managers_are_told(bjorken):
    ingrid = cast.assign(None, cast.region(), Role.AGREEMENT_MANAGER)
    confirmed()
    confirmed(email="b@annan.example", provider="Finns inte AB")
    there = client_of(ingrid)
    page = there.get("/konto/avtal/").content.decode()
    assert IDA in page
    assert "Finns inte AB" in page
    assert Notice.objects.filter(kind="access_asked", user=ingrid.user).count() == 2
    there.post("/konto/avtal/", {"request": AccessRequest.objects.get(email=IDA).key})
    assert IDA not in there.get("/konto/avtal/").content.decode()
    assert there.post("/konto/avtal/", {"request": "x"}).status_code == 404


def test_questions_are_forgotten_and_those_that_wait_are_not(petra):
    waits, never, answered = confirmed(), asked(email="b@b.example"), confirmed(email="c@c.example")
    asking.say_no(answered, by=cast.reader(petra))
    long_ago = clock.now() - dt.timedelta(days=120)
    AccessRequest.objects.update(created_at=long_ago)
    AccessRequest.objects.filter(pk=answered.pk).update(answered_at=long_ago)
    forget_access_requests(0)
    assert list(AccessRequest.objects.all()) == [waits]
    assert never.pk
