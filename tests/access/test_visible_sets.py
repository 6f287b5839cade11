"""The exact sets of documents and cases that each role sees, by every side door."""

from __future__ import annotations

import re

import pytest

from deviations.models import Case, Investigation, LexSarah, PatientIdentity
from documents import search
from documents.models import Document, Version
from documents.visibility import acts as visibility_acts
from documents.visibility.preview import Visibility
from tests.access import world as worlds

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", worlds.ROLES)
def test_documents_are_exactly_those(world: worlds.World, role: str) -> None:
    reader, visible = world.reader(role), worlds.VISIBLE[role]
    assert set(Document.objects.visible_to(reader).values_list("number", flat=True)) == visible
    assert Document.objects.visible_to(reader).count() == len(visible)
    versions = Version.objects.visible_to(reader)
    assert set(versions.values_list("document__number", flat=True)) == visible


@pytest.mark.parametrize("role", worlds.ROLES)
def test_pages_files_and_versions_open_for_exactly_those(world: worlds.World, role: str) -> None:
    client, visible = world.client(role), worlds.VISIBLE[role]
    for number in worlds.DOCUMENTS:
        wanted = 200 if number in visible else 404
        assert client.get(f"/dokument/{number}/").status_code == wanted, number
        assert client.get(f"/dokument/{number}/v/1/").status_code == wanted, number
        with_file = 200 if number in visible and number != "DRA-6" else 404
        assert client.get(f"/dokument/{number}/fil/").status_code == with_file, number
        assert client.get(f"/dokument/{number}/v/1/fil/").status_code == with_file, number


@pytest.mark.parametrize("role", worlds.ROLES)
def test_search_finds_exactly_those(world: worlds.World, role: str) -> None:
    client, visible = world.client(role), worlds.VISIBLE[role]
    for number, word in worlds.DOCUMENTS.items():
        body = client.get("/dokument/", {"q": word}).content.decode()
        assert (f"/dokument/{number}/" in body) == (number in visible), (number, word)
        opened = client.get("/dokument/", {"q": number})
        assert (opened.get("Location") == f"/dokument/{number}/") == (number in visible), number
        assert opened.get("Location") or f'href="/dokument/{number}/' not in opened.content.decode()
        for text in (word, number):
            offered = client.get("/dokument/forslag/", {"q": text}).content.decode()
            assert (f'href="/dokument/{number}/' in offered) == (number in visible), (number, text)


@pytest.mark.parametrize("role", worlds.ROLES)
def test_the_list_and_its_count_hold_exactly_those(world: worlds.World, role: str) -> None:
    body = world.client(role).get("/dokument/").content.decode()
    found = set(re.findall(r'href="/dokument/([A-Z]{3}-\d)/"', body))
    assert found == worlds.VISIBLE[role]


@pytest.mark.parametrize("role", worlds.ROLES)
def test_the_start_page_and_its_areas_hold_exactly_those(world: worlds.World, role: str) -> None:
    context = world.client(role).get("/").context
    # Only what applies and is published is news.
    news = worlds.VISIBLE[role] - {"REV-7", "DRA-6"}
    assert {v.document.number for v in context["changed"]} == news
    in_force = worlds.VISIBLE[role] - {"REV-7"}
    expected = {world.documents[number].area_id: 1 for number in in_force}
    assert {shown.area.pk: shown.seen for shown in context["areas"]} == expected
    cases = {row["case"] for row in context["cases"]}
    assert cases == ({world.case} if role in worlds.SEES_CASE else set())


def test_what_is_hidden_answers_as_what_never_was(world: worlds.World) -> None:
    for role in ("nobody", "reader", "stranger"):
        client = world.client(role)
        hidden = client.get("/dokument/GRA-5/")
        never = client.get("/dokument/GRA-9/")
        assert hidden.status_code == never.status_code == 404
        plain = re.compile(r'value="[^"]{30,}"|"X-CSRFToken": "[^"]+"|GRA-\d')
        assert plain.sub("", hidden.content.decode()) == plain.sub("", never.content.decode())
        assert sorted(hidden.headers) == sorted(never.headers)


@pytest.mark.parametrize("role", worlds.ROLES)
def test_the_case_is_there_for_exactly_those(world: worlds.World, role: str) -> None:
    seen = set(Case.objects.visible_to(world.reader(role)))
    assert seen == ({world.case} if role in worlds.SEES_CASE else set())


@pytest.mark.parametrize("role", worlds.ROLES)
def test_the_investigation_is_read_by_exactly_those(world: worlds.World, role: str) -> None:
    reader = world.reader(role)
    own = {i.party.side for i in Investigation.objects.open_to(reader)}
    assert own == ({"concerned"} if role in worlds.SEES_NOTE else set())
    # The world's case is no municipality's, and nothing of it has been handed over or opened.
    assert not Investigation.objects.overseen_by(reader).exists()
    assert not Case.objects.overseen_by(reader).exists()
    assert not LexSarah.objects.open_to(reader).exists()
    assert not PatientIdentity.objects.open_to(reader).exists()


def test_narrowing_takes_effect_everywhere_at_once(world: worlds.World) -> None:
    client = world.client("reader")
    assert client.get("/dokument/PRI-3/").status_code == 200
    visibility_acts.change_visibility(
        world.documents["PRI-3"], by=worlds.EDITING, change=Visibility(regional=True), reason="Prövning"
    )
    for address in (
        "/dokument/PRI-3/",
        "/dokument/PRI-3/fil/",
        "/dokument/PRI-3/v/1/",
        "/dokument/PRI-3/v/1/fil/",
    ):
        assert client.get(address).status_code == 404
    for address in (
        "/",
        "/dokument/",
        "/dokument/?q=lavskrika",
        "/dokument/?q=PRI-3",
        "/dokument/?q=h%C3%A4lleflundra",
    ):
        assert "Rutin om Lavskrika" not in client.get(address).content.decode()
    assert not search.search(world.reader("reader"), "lavskrika").hits
