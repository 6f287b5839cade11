"""The patient's own words by a link: write only, once, for 14 days, and looked at first."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Notice
from core import clock, refused
from deviations.models import Account, AccountLink
from deviations.voices import acts
from tests.deviations.cases import concerned

WORDS = "Vi fick två burkar och trodde att båda skulle tas."


def made(cast) -> AccountLink:
    return acts.make(concerned(cast.case()), by=cast["maria"])


def send(link: AccountLink, text: str = WORDS):
    return Client().post(f"/avvikelser/berattelse/?nyckel={link.token}", {"teller": "next_of_kin", "text": text})


def test_it_takes_a_text_and_shows_nothing(cast):
    link = made(cast)
    address = f"/avvikelser/berattelse/?nyckel={link.token}"
    html = Client().get(address).content.decode()
    case = link.investigation.party.case
    for kept in (case.number, case.title, "Akutkliniken", "Maria", "Björken"):
        assert kept not in html.replace("Region Fjällmark", "")
    assert send(link).status_code == 200
    # Used, it is as one that was never made.
    assert Client().get(address).status_code == send(link).status_code == 404
    assert WORDS not in Client().get(address).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, nonce, token_digest FROM deviations_accountlink")
        stored = str(cursor.fetchone())
    assert WORDS not in stored
    assert link.token not in stored
    assert Notice.objects.get(kind="account_received").user == cast.maria


def test_a_fault_keeps_what_was_written(cast):
    link = made(cast)
    answer = send(link, f"{WORDS} Jag heter 19121212-1212.")
    assert answer.status_code == 422
    assert WORDS in answer.content.decode()
    assert send(link, "").status_code == 422
    assert AccountLink.objects.get().received_at is None


@pytest.mark.parametrize("how", ["old", "revoked", "unknown"])
def test_a_link_that_has_ended_takes_nothing(cast, how):
    link = made(cast)
    if how == "old":
        AccountLink.objects.update(expires_at=clock.now() - dt.timedelta(seconds=1))
    elif how == "revoked":
        acts.revoke(link.investigation.party, link, by=cast["maria"])
    else:
        link.nonce = "0" * 32
    assert send(link).status_code == 404
    assert AccountLink.objects.get().received_at is None


def test_it_is_looked_at_before_it_is_an_account(cast):
    link = made(cast)
    send(link)
    case, client = link.investigation.party.case, cast.client("maria")
    page = f"/avvikelser/{case.number}/utredning/"
    assert WORDS in client.get(page).content.decode()
    assert not Account.objects.exists()
    for name in ("per_ake", "lena", "sara"):
        assert WORDS not in cast.client(name).get(page).content.decode()
    with pytest.raises(refused.NotAllowed):
        acts.take(link.investigation.party, link, by=cast["per_ake"])
    assert client.post(f"{page}lankar/", {"take": str(link.key)}).status_code == 302
    account = Account.objects.get()
    assert (account.text, account.teller) == (WORDS, "next_of_kin")
    with pytest.raises(refused.WrongState):
        acts.put_aside(link.investigation.party, link, by=cast["maria"])


def test_put_aside_it_is_not_kept(cast):
    link = made(cast)
    send(link)
    acts.put_aside(link.investigation.party, link, by=cast["maria"])
    assert AccountLink.objects.get().text == ""
    assert not Account.objects.exists()
    case = link.investigation.party.case
    assert cast.client("sara").post(f"/avvikelser/{case.number}/utredning/lankar/", {"make": "1"}).status_code == 404
    assert cast.client("per_ake").post(
        f"/avvikelser/{case.number}/utredning/lankar/", {"take": str(link.key)}
    ).status_code == 404  # fmt: skip
