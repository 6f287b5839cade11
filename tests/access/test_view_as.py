"""Visa som: what the other sees, of what one sees oneself; nothing is changed, and nothing of one's own is there."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import Agreement, Assignment, AuditEvent, CareUnit, Notice, Provider, User
from deviations.models import Case
from tests.access import world as worlds

pytestmark = pytest.mark.django_db
# Those who may, and whom they view as: the value of the form, and what such a reader sees.
SEEN_AS = {
    "alla": worlds.OPEN,
    "Hälsocentralen Björken": worlds.VISIBLE["reader"],
    "Hälsocentralen Björken › Norra mottagningen": worlds.VISIBLE["reader"],
    "Granådals kommun": worlds.VISIBLE["stranger"],
    "Apoteket Linden": worlds.VISIBLE["other"],
    "Tallens vård AB": worlds.OPEN,  # without an agreement today
    "Region Fjällmark": worlds.OPEN | {"REG-2"},
}


def viewing(world: worlds.World, role: str, value: str) -> Client:
    client = world.client(role)
    assert client.post("/konto/visa-som/", {"as": value, "next": "/dokument/"}).url == "/dokument/"
    return client


@pytest.mark.parametrize("value", SEEN_AS)
@pytest.mark.parametrize("role", ["editor", "admin"])
def test_exactly_what_both_see_is_seen_by_every_door(world: worlds.World, role: str, value: str) -> None:
    client, visible = viewing(world, role, value), SEEN_AS[value] & worlds.VISIBLE[role]
    listed = client.get("/dokument/")
    assert set(re.findall(r'href="/dokument/([A-Z]{3}-\d)/"', listed.content.decode())) == visible
    assert listed.context["results"].total == len(visible)
    assert "Sluta visa som" in listed.content.decode()
    start = client.get("/").context
    assert {v.document.number for v in start["changed"]} == visible - {"REV-7", "DRA-6"}
    assert sum(area.seen for area in start["areas"]) == len(visible - {"REV-7", "DRA-6"})
    for number, word in worlds.DOCUMENTS.items():
        wanted = 200 if number in visible else 404
        for address in ("", "v/1/", "fil/", "v/1/fil/"):
            assert client.get(f"/dokument/{number}/{address}").status_code == wanted, number
        found = client.get("/dokument/", {"q": word}).content.decode()
        assert (f'href="/dokument/{number}/' in found) == (number in visible)
        assert client.get(f"/dokument/{number}/synlighet/").status_code == 404


def test_cases_and_one_s_own_are_away(world: worlds.World) -> None:
    roles = ["document_editor", "case_handler", "reporter"]
    Assignment.objects.filter(user=world.user("editor")).update(roles=roles)
    for value in ("alla", "Hälsocentralen Björken", "Region Fjällmark"):
        client = viewing(world, "editor", value)
        assert world.case
        number = world.case.number
        for address in ("/avvikelser/", "/avvikelser/ny/", f"/avvikelser/{number}/", f"/avvikelser/{number}/kvitto/"):
            assert client.get(address).status_code == 404, address
        for address in ("/admin/", "/konto/notiser/", "/konto/uppdrag/", "/konto/var-verksamhet/", "/konto/visa-som/"):
            assert client.get(address).status_code == 404, address


def test_what_is_sent_is_refused_and_reading_leaves_no_trace(world: worlds.World) -> None:
    editor = world.user("editor")
    assignment = Assignment.objects.get(user=editor)
    address = "/dokument/PRI-3/"
    notice = Notice.objects.create(
        user=editor, assignment=assignment, kind="document_missing", subject="X", url=address
    )
    client = viewing(world, "editor", "Hälsocentralen Björken")
    cases = Case.objects.count()
    for path in (
        "/saknas/",
        "/avvikelser/ny/",
        "/dokument/saknade/",
        "/konto/uppdrag/",
        "/dokument/PRI-3/synlighet/andra/",
    ):
        answer = client.post(path, {"what": "Något", "assignment": assignment.pk, "public": "on"})
        assert answer.status_code == 403, path
        assert "har inte utförts" in answer.content.decode()
        for method in ("put", "patch", "delete"):
            assert getattr(client, method)(path).status_code == 405
    assert Case.objects.count() == cases
    before = User.objects.get(pk=editor.pk).last_assignment_id
    assert client.get(address).status_code == 200
    notice.refresh_from_db()
    assert notice.read_at is None
    assert User.objects.get(pk=editor.pk).last_assignment_id == before
    event = AuditEvent.objects.filter(action="opened_document").latest("pk")
    assert (event.actor_id, event.target_id) == (editor.pk, "PRI-3")
    assert event.data["seen_as"] == [world.bjorken.pk, None]


def test_it_is_logged_ended_by_a_click_and_ended_by_signing_out(world: worlds.World) -> None:
    client = viewing(world, "editor", "Granådals kommun")
    assert client.get("/dokument/PRI-3/").status_code == 404
    assert client.post("/sprak/", {"language": "en", "next": "/"}).status_code == 302
    assert client.post("/konto/visa-som/avsluta/", {"next": "/dokument/PRI-3/"}).url == "/dokument/PRI-3/"
    assert client.get("/dokument/PRI-3/").status_code == 200
    said = list(AuditEvent.objects.filter(action__endswith="view_as").order_by("pk").values_list("action", "target_id"))
    assert said == [("began_view_as", str(world.kommun.pk)), ("ended_view_as", str(world.kommun.pk))]
    assert client.post("/konto/visa-som/", {"as": "alla"}).status_code == 302
    client.post("/konto/logout/")
    client.force_login(world.user("editor"), backend="django.contrib.auth.backends.ModelBackend")
    assert "Sluta visa som" not in client.get("/").content.decode()


def test_the_right_and_the_other_s_access_are_asked_at_each_request(world: worlds.World) -> None:
    client = viewing(world, "editor", "Hälsocentralen Björken")
    assert client.get("/dokument/PRI-3/").status_code == 200
    Agreement.objects.filter(provider=world.bjorken).delete()
    assert client.get("/dokument/PRI-3/").status_code == 404
    assert client.get("/dokument/OPN-1/").status_code == 200
    Assignment.objects.filter(user=world.user("editor")).update(roles=["reader"])
    page = client.get("/dokument/")
    assert "Sluta visa som" not in page.content.decode()
    assert set(re.findall(r'href="/dokument/([A-Z]{3}-\d)/"', page.content.decode())) == worlds.OPEN | {"REG-2"}


def test_a_place_that_is_not_is_not_viewed_as(world: worlds.World) -> None:
    client = world.client("editor")
    CareUnit.objects.create(provider=Provider.objects.get(pk=world.bjorken.pk), name="Östra mottagningen")
    for value in ("", "Ingen sådan", "Granådals kommun › Östra mottagningen", "0", str(world.bjorken.pk)):
        assert "Det finns ingen" in client.post("/konto/visa-som/", {"as": value}).content.decode()
    assert client.post("/konto/visa-som/", {"as": "alla", "next": "https://elsewhere.example/"}).url == "/"
    for role in ("reader", "private_editor", "provider_admin", "coordinator"):
        assert world.client(role).post("/konto/visa-som/", {"as": "alla"}).status_code == 404
