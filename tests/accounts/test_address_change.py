"""A person changes the address they sign in with: both addresses confirm it."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client

from accounts.models import AddressChange, AddressLink, Assignment, AuditEvent, Provider, User
from accounts.profile import address
from accounts.profile.jobs import email_address_link
from accounts.roles import Role
from core import clock
from core.refused import NotAllowed, WrongState
from tests import cast
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
PAGE, NEW = "/konto/profil/adress/", "ny.adress@bjorken.example"


@pytest.fixture
def bjorken() -> Provider:
    return cast.private("Hälsocentralen Björken")


@pytest.fixture
def jonas(bjorken) -> Assignment:
    return cast.assign(cast.person(given_name="Jonas"), bjorken, Role.READER, Role.CASE_HANDLER)


def asked(by: Assignment, new: str = NEW) -> dict[bool, AddressLink]:
    address.ask(new, PASSWORD, by=cast.reader(by))
    return {link.is_new: link for link in AddressLink.objects.filter(change__user=by.user_id)}


def confirmed(by: Assignment, link: AddressLink) -> bool:
    return address.confirm(link.token_digest, by=cast.reader(by))


def email_of(assignment: Assignment) -> str:
    return User.objects.get(pk=assignment.user_id).email


def test_both_addresses_confirm_and_guarded_roles_wait(jonas, bjorken):
    admin = cast.assign(None, bjorken, Role.PROVIDER_ADMIN)
    there = cast.sign_in(Client(), jonas.user)
    page = there.post(PAGE, {"act": "ask", "new_email": NEW.upper(), "password": PASSWORD}, follow=True)
    assert "var och en av de två adresserna" in page.content.decode()
    links = {link.is_new: link for link in AddressLink.objects.all()}
    for link in links.values():
        email_address_link(link_id=link.pk)
        email_address_link(link_id=link.pk)
    assert {m.to[0] for m in mail.outbox} == {jonas.user.email, NEW}
    assert len(mail.outbox) == 2
    former = jonas.user.email
    for link, told, address_now in ((links[True], "den andra adressen", former), (links[False], "är ändrad", NEW)):
        answer = there.get(f"{PAGE}?nyckel={link.token}")
        assert answer["Referrer-Policy"] == "no-referrer"
        assert NEW in there.get(PAGE).content.decode()
        assert told in there.post(PAGE, {"act": "confirm"}, follow=True).content.decode()
        assert email_of(jonas) == address_now
    now = Assignment.objects.get(pk=jonas.pk)
    assert now.suspended_roles == [Role.CASE_HANDLER]
    assert now.suspended_why == "address"
    assert AuditEvent.objects.filter(action="address_changed", target_id=str(jonas.user_id)).exists()
    assert admin.pk


def test_where_nobody_could_say_yes_it_goes_on_as_before(bjorken):
    alone = cast.assign(None, bjorken, Role.PROVIDER_ADMIN, Role.CASE_HANDLER)
    links = asked(alone)
    confirmed(alone, links[False])
    assert confirmed(alone, links[True])
    assert Assignment.objects.get(pk=alone.pk).suspended_at is None


def test_one_of_the_two_is_not_enough_and_a_scanner_confirms_nothing(jonas):
    links = asked(jonas)
    stranger = Client()
    for link in links.values():
        assert stranger.get(f"{PAGE}?nyckel={link.token}").status_code == 302
        assert stranger.get(PAGE).status_code == 302
        assert stranger.post(PAGE, {"act": "confirm"}).status_code == 302
    assert not AddressLink.objects.exclude(confirmed_at=None).exists()
    confirmed(jonas, links[True])
    with pytest.raises(WrongState):
        confirmed(jonas, links[True])
    assert email_of(jonas) == jonas.user.email


def test_anothers_link_an_old_one_and_one_taken_back_do_nothing(jonas, bjorken):
    links, other = asked(jonas), cast.assign(None, bjorken, Role.READER)
    with pytest.raises(WrongState):
        confirmed(other, links[True])
    AddressLink.objects.update(expires_at=clock.now())
    with pytest.raises(WrongState):
        confirmed(jonas, links[True])
    assert address.under_way(jonas.user_id) is None
    links = asked(jonas)
    address.take_back(by=cast.reader(jonas))
    with pytest.raises(WrongState):
        confirmed(jonas, links[True])
    assert not AddressChange.objects.exists()


def test_the_password_is_needed_and_the_answer_tells_of_nobody(jonas, bjorken):
    taken = cast.assign(None, bjorken, Role.READER)
    there, told = cast.sign_in(Client(), jonas.user), set()
    with pytest.raises(NotAllowed):
        address.ask(NEW, "fel", by=cast.reader(jonas))
    for new in (NEW, taken.user.email):
        there.post(PAGE, {"act": "ask", "new_email": new, "password": PASSWORD})
        told.add(there.get(PAGE).status_code)
    assert told == {200}
    links = {link.is_new: link for link in AddressLink.objects.all()}
    confirmed(jonas, links[False])
    with pytest.raises(WrongState):
        confirmed(jonas, links[True])
    assert email_of(jonas) == jonas.user.email


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"new_email": "x"}, "giltig e-postadress"),
        ({"password": ""}, "Skriv ditt lösenord"),
        ({"password": "fel"}, "Lösenordet är fel"),
    ],
)
def test_bad_input_is_told(jonas, sent, words):
    answer = cast.sign_in(Client(), jonas.user).post(
        PAGE, {"act": "ask", "new_email": NEW, "password": PASSWORD, **sent}
    )
    assert answer.status_code in (409, 422)
    assert words in answer.content.decode()
    assert not AddressChange.objects.exists()
