"""Whom a document is narrowed away from is shown it by no door from that moment on: every address there is, a session
and a browser's cache from before, counts and all. A new door that shows documents fails here until it has its row.
"""

from __future__ import annotations

import pytest
from django.test import Client

from documents.models import Document
from documents.visibility import acts as visibility_acts
from documents.visibility.preview import Visibility
from tests.access import world as worlds
from tests.access.table import table

pytestmark = pytest.mark.django_db
NUMBER, NAME = "PRI-3", "Rutin om Lavskrika"
SIGNS = (NAME, f'href="/dokument/{NUMBER}/', f'value="{NUMBER}"')
FILES = {
    "dokument/<docno:number>/fil/",
    "dokument/<docno:number>/v/<int:version>/fil/",
    "dokument/<docno:number>/bild/<int:ordinal>/",
}
# Where a reader meets a document, by the patterns of the addresses.
DOORS = FILES | {
    "",
    "dokument/",
    "dokument/forslag/",
    "dokument/<docno:number>/",
    "dokument/<docno:number>/fel/",
    "dokument/<docno:number>/v/<int:version>/",
    "dokument/<docno:number>/v/<int:version>/utskrift.css",
    "dokument/<docno:number>/jamfor/<int:older>/<int:newer>/",
    "avvikelser/ny/",
    "avvikelser/<caseno:number>/",
}


def addresses(world: worlds.World) -> list[tuple[str, str]]:
    """Every address, and more of those that show documents."""
    assert world.case
    area = world.documents[NUMBER].area
    assert area
    more = [
        ("dokument/", "/dokument/"),
        ("dokument/", "/dokument/?q=lavskrika"),
        ("dokument/", "/dokument/?q=h%C3%A4lleflundra&typ=RUT"),
        ("dokument/", f"/dokument/?omrade={area.code}"),
        ("dokument/", "/dokument/?q=pri3"),
        ("dokument/<docno:number>/", "/dokument/REV-7/"),
        ("avvikelser/ny/", f"/avvikelser/ny/?dokument={NUMBER}"),
        ("avvikelser/<caseno:number>/", world.case.get_absolute_url()),
    ]
    gone = {"konto/logout/", "admin/logout/"}
    return more + [(pattern, address) for pattern, (address, _s) in table(world).items() if pattern not in gone]


def showing(client: Client, world: worlds.World) -> set[str]:
    found = set()
    for pattern, address in addresses(world):
        answer = client.get(address)
        body = b"".join(answer) if answer.streaming else answer.content
        is_shown = (
            answer.status_code == 200 if pattern in FILES else any(s in body.decode(errors="replace") for s in SIGNS)
        )
        if is_shown:
            found.add(pattern)
    return found


def narrowed(world: worlds.World) -> None:
    document = Document.objects.get(number=NUMBER)
    visibility_acts.change_visibility(document, by=worlds.EDITING, change=Visibility(regional=True), reason="Bara vi.")


@pytest.fixture
def cited(world: worlds.World) -> worlds.World:
    """The document is cited by a case, and replaces one that is revoked."""
    assert world.case
    world.case.documents.add(world.documents[NUMBER])
    Document.objects.filter(number="REV-7").update(replaced_by=world.documents[NUMBER])
    return world


def test_no_door_shows_it_from_that_moment(cited: worlds.World) -> None:
    client = cited.client("reader")
    assert showing(client, cited) == DOORS
    narrowed(cited)
    assert showing(client, cited) == set()
    assert showing(cited.client("handler"), cited) == set()
    assert showing(cited.client("private_staff"), cited) == set()


def test_counts_tell_of_one_less(cited: worlds.World) -> None:
    client = cited.client("reader")

    def counted() -> tuple[int, int, int, int]:
        results, start = client.get("/dokument/?q=h%C3%A4lleflundra").context["results"], client.get("/").context
        areas = sum(shown.seen for shown in start["areas"])
        return results.total, results.counts["types"]["RUT"], sum(results.counts["areas"].values()), areas

    before = counted()
    narrowed(cited)
    assert counted() == tuple(number - 1 for number in before)


def test_a_browser_s_copy_is_not_confirmed(cited: worlds.World) -> None:
    client, address = cited.client("reader"), f"/dokument/{NUMBER}/fil/"
    etag = client.get(address)["ETag"]
    assert client.get(address, headers={"if-none-match": etag}).status_code == 304
    narrowed(cited)
    for headers in ({"if-none-match": etag}, {"if-none-match": "*"}, {"range": "bytes=0-10"}):
        assert client.get(address, headers=headers).status_code == 404


def test_a_report_does_not_take_its_number_nor_say_why(cited: worlds.World) -> None:
    client = cited.client("reader")

    def faults(number: str) -> str:
        errors = client.post("/avvikelser/ny/", {"documents": number}).context["form"].errors
        return str(errors.get("documents", "")).replace(number, "?")

    assert not faults(NUMBER)
    narrowed(cited)
    assert faults(NUMBER) == faults("PRI-9") != ""


def test_visa_som_follows(cited: worlds.World) -> None:
    client = cited.client("editor")
    client.post("/konto/visa-som/", {"as": cited.bjorken.name})
    assert client.get(f"/dokument/{NUMBER}/").status_code == 200
    narrowed(cited)
    assert client.get(f"/dokument/{NUMBER}/").status_code == 404
    assert NAME not in client.get("/dokument/").content.decode()
