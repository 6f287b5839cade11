"""An empty portal comes into use by one command; after it nobody needs a shell."""

from __future__ import annotations

import io
import re

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Assignment, Invitation, Provider, User
from accounts.roles import Kind, Role
from tests import cast

pytestmark = pytest.mark.django_db
ROOT, ADMIN = "drift@region.example", "chef@region.example"
TOLD = {
    "name": "Region Fjällmark", "org_number": cast.ORG_NUMBERS[0], "system_administrator": ROOT, "administrator": ADMIN,
}  # fmt: skip


def begin(**more: str) -> dict[str, str]:
    """The link of each address."""
    out = io.StringIO()
    call_command("start_region", **{**TOLD, **more}, stdout=out)
    return dict(re.findall(r"(\S+@\S+):\n\s+\S+?(/konto/inbjudan/\?nyckel=[0-9a-f]{64})", out.getvalue()))


def come_in(link: str, name: str = "Rut") -> Client:
    browser = Client()
    browser.get(link)
    told = {"given_name": name, "family_name": "Alm", "password": "snö över fjället", "terms": "on"}
    assert browser.post("/konto/inbjudan/", told).status_code == 302
    return browser


def test_from_an_empty_portal_to_the_register_without_a_shell():
    links = begin()
    assert Provider.objects.get().kind == Kind.REGIONAL
    root, chief = come_in(links[ROOT]), come_in(links[ADMIN], "Karin")
    assert root.get("/admin/accounts/user/").status_code == 200
    assert chief.get("/admin/").status_code == 302
    chief.post("/konto/var-verksamhet/bjud-in/", {"email": "avtal@region.example", "roles": [Role.READER]})
    invitation = Invitation.objects.get(email="avtal@region.example")
    manager = come_in(f"/konto/inbjudan/?nyckel={invitation.token}", "Ingrid")
    assert manager.get("/konto/avtal/").status_code == 404
    work = Assignment.objects.get(user__email="avtal@region.example")
    form = {
        "title": "", "unit": "", "roles": [Role.READER, Role.AGREEMENT_MANAGER], "valid_from": "", "valid_to": "",
        "is_active": "on",
    }  # fmt: skip
    root.post(f"/admin/accounts/assignment/{work.pk}/change/", form)
    assert manager.get("/konto/avtal/").status_code == 404
    chief.post("/konto/var-verksamhet/", {"assignment": work.pk, "answer": "yes"})
    assert manager.get("/konto/avtal/").status_code == 200


def test_the_two_are_different_people_and_neither_does_the_others_part():
    links = begin()
    root, chief = come_in(links[ROOT]), come_in(links[ADMIN])
    assert root.get("/konto/var-verksamhet/").status_code == 404
    assert not User.objects.get(email=ADMIN).is_staff
    assert Permission.objects.filter(user__email=ADMIN).count() == 0
    assert chief.get("/konto/avtal/").status_code == root.get("/konto/avtal/").status_code == 404


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"administrator": ROOT.upper()}, "different people"),
        ({"administrator": "chef"}, "no e-mail address"),
        ({"org_number": "123"}, "siffror"),
        ({"name": ""}, "."),
    ],
)
def test_bad_input_is_told_and_makes_nothing(more, words):
    with pytest.raises(CommandError, match=words):
        begin(**more)
    assert not Provider.objects.exists()
    assert not Invitation.objects.exists()


def test_run_again_it_makes_the_links_anew_until_somebody_has_come_in():
    first = begin()
    second = begin()
    assert first[ROOT] != second[ROOT]
    browser = Client()
    browser.get(first[ROOT])
    assert "gäller inte längre" in browser.get("/konto/inbjudan/").content.decode()
    come_in(second[ROOT])
    with pytest.raises(CommandError, match="in use"):
        begin()


def test_a_corrected_address_leaves_no_link_to_the_wrong_one():
    wrong = begin(system_administrator="fel@region.example")
    begin()
    for link in wrong.values():
        browser = Client()
        browser.get(link)
        assert "gäller inte längre" in browser.get("/konto/inbjudan/").content.decode()


def test_it_asks_in_words_where_no_option_says_it(monkeypatch):
    answers = iter(["Region Fjällmark", "", ROOT, ADMIN])
    monkeypatch.setattr("builtins.input", lambda _question: next(answers))
    call_command("start_region", stdout=io.StringIO())
    assert Invitation.objects.count() == 2


def test_a_region_that_is_in_use_is_left_as_it_is():
    cast.assign(None, cast.region(), Role.READER)
    with pytest.raises(CommandError, match="in use"):
        begin()
