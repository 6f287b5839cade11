"""The pages of a file as pictures: for those who may read it, drawn once, and chosen or not by the reader."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace

import pikepdf
import pytest
import typst
from django.core.files.storage import default_storage
from django.core.management import call_command
from PIL import Image

from accounts.models import AuditEvent
from core.files import drawing
from documents import lifecycle
from documents.models import Document, Version
from documents.reading.jobs import read_text
from documents.visibility import acts as visibility_acts
from documents.visibility.preview import Visibility
from tests.documents.library import PORTAL, Cast, add

# The header of the last table reaches over two columns that no line parts: it is shown as a picture.
SOURCE = """
#set page(width: 420pt, height: 300pt)
= Dosering
Dosen väljs efter vikt och njurfunktion enligt tabellen, och omprövas dagen därpå av läkare.
#pagebreak()
#set table(stroke: none)
#text(fill: TINT)[Tabellen nedan gäller vuxna.]
#table(columns: (1fr, 1fr, 1fr, 1fr),
  [*Läkemedel*], [*Dos*], [], [*Kommentar*], [], [*Första*], [*Högst*], [],
  [Oxazepam], [5 mg], [15 mg], [Fallrisk], [Risperidon], [0,25 mg], [1 mg], [Ompröva], [Klometiazol], [300 mg], [600 mg], [Natt])
"""


# The second page as a picture.
SECOND = '<figure class="sheet" id="sida-2">'


def paper(tint: str = "black") -> bytes:
    made = io.BytesIO(typst.compile(SOURCE.replace("TINT", tint).encode(), format="pdf"))
    out = io.BytesIO()
    with pikepdf.open(made) as untagged:
        del untagged.Root["/StructTreeRoot"], untagged.Root["/MarkInfo"]
        untagged.save(out)
    return out.getvalue()


def attached(cast: Cast, data: bytes, name: str) -> Document:
    """A document of the region's own units whose version is this file."""
    return published(cast, Visibility(regional=True), data, name)


def published(cast: Cast, visibility: Visibility, data: bytes, name: str = "dosering.pdf") -> Document:
    document = lifecycle.create_document(
        by=PORTAL,
        title="Dosering",
        type=cast.documents["public"].type,
        owner=cast.providers["region"],
        visibility=visibility,
    )
    draft = lifecycle.add_version(document, by=PORTAL)
    lifecycle.attach_file(draft, io.BytesIO(data), by=PORTAL, name=name)
    read_text(SimpleNamespace(job=SimpleNamespace(attempts=0)), draft.pk)
    lifecycle.publish(Version.objects.get(pk=draft.pk), by=PORTAL, approver_label="Chefläkaren")
    return document


@pytest.fixture
def document(cast: Cast) -> Document:
    return published(cast, Visibility(regional=True), paper())


def at(document: Document, rest: str = "") -> str:
    return f"/dokument/{document.number}/{rest}"


def test_a_page_is_a_picture_for_those_who_may_read_the_document(cast: Cast, document: Document):
    answer = cast.client("maria").get(at(document, "sida/1/"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-cache"
    picture = Image.open(io.BytesIO(b"".join(answer)))
    assert abs(picture.width - 900) < 3
    large = cast.client("maria").get(at(document, "sida/1/?bredd=1800"))
    assert abs(Image.open(io.BytesIO(b"".join(large))).width - 1800) < 5
    for who in ("public", "eva", "karin"):
        assert cast.client(who).get(at(document, "sida/1/")).status_code == 404
    # Asked for again it is the same; closed to the reader, it is not there.
    again = cast.client("maria").get(at(document, "sida/1/"), headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    visibility_acts.change_visibility(document, by=PORTAL, change=Visibility(private=True), reason="Rättas")
    closed = cast.client("maria").get(at(document, "sida/1/"), headers={"If-None-Match": answer["ETag"]})
    assert closed.status_code == 404


def test_a_draft_has_its_pages_for_those_who_work_on_it_alone(cast: Cast, document: Document):
    draft = lifecycle.add_version(document, by=cast["elin"])
    lifecycle.attach_file(draft, io.BytesIO(paper("red")), by=cast["elin"], name="ny.pdf")
    read_text(SimpleNamespace(job=SimpleNamespace(attempts=0)), draft.pk)
    assert cast.client("elin").get(at(document, "v/2/sida/1/")).status_code == 200
    for who in ("maria", "eva", "public"):
        assert cast.client(who).get(at(document, "v/2/sida/1/")).status_code == 404


@pytest.mark.parametrize(
    "rest", ["sida/0/", "sida/3/", "sida/1/?bredd=901", "sida/1/?bredd=x", "sida/1/?ruta=1,2,3,4", "sida/1/?ruta=å"]
)
def test_only_what_there_is_to_see_is_drawn(cast: Cast, document: Document, rest: str):
    assert cast.client("maria").get(at(document, rest)).status_code == 404


def test_a_page_with_colours_keeps_them(cast: Cast):
    document = published(cast, Visibility(regional=True), paper("red"))
    grey, coloured = (cast.client("maria").get(at(document, f"sida/{n}/")) for n in (1, 2))
    assert (grey["Content-Type"], coloured["Content-Type"]) == ("image/png", "image/webp")
    assert Image.open(io.BytesIO(b"".join(coloured))).format == "WEBP"


def test_it_is_drawn_once_and_goes_when_no_version_has_the_file(cast: Cast, document: Document):
    version = document.versions.get()
    first = drawing.drawn(version.file, version.file_sha256, 1, 900)
    drawn_at = default_storage.get_modified_time(first.path)
    assert drawing.drawn(version.file, version.file_sha256, 1, 900) == first
    assert default_storage.get_modified_time(first.path) == drawn_at
    call_command("sweep_files")
    assert default_storage.exists(first.path)
    assert drawing.sweep([]) >= 1
    assert not default_storage.exists(first.path)


def test_what_the_confined_process_leaves_is_served_only_if_it_is_a_picture(cast: Cast, monkeypatch):
    # A paper of its own: equal files share their drawn pages, also those that another test had drawn.
    document = published(cast, Visibility(regional=True), paper("blue"))

    def leave(path, target, **_):
        with open(target, "wb") as file:
            file.write(b"<script>alert(1)</script>")
        return "png"

    monkeypatch.setattr(drawing, "draw_page", leave)
    answer = cast.client("maria").get(at(document, "sida/2/?bredd=1800"))
    assert answer.status_code == 503
    assert b"<script>alert" not in answer.content


def test_looking_at_the_pages_is_told_in_the_log_once_and_never_of_what_is_public(cast: Cast, document: Document):
    def told(who: str) -> int:
        return AuditEvent.objects.filter(
            action="opened_file", target_id=document.number, actor_id=cast[who].user_id
        ).count()

    client = cast.client("maria")
    for rest in ("sida/1/", "sida/2/", "sida/2/?bredd=1800"):
        client.get(at(document, rest))
    assert told("maria") == 1
    visibility_acts.change_visibility(document, by=PORTAL, change=Visibility(public=True), reason="För alla")
    cast.client("eva").get(at(document, "sida/1/"))
    assert told("eva") == 0


def test_a_table_that_could_not_be_told_is_shown_as_its_part_of_the_page(cast: Cast, document: Document):
    page = cast.client("maria").get(at(document)).content.decode()
    assert "0,25 mg" not in page
    src = re.search(r'<img src="([^"]*ruta=[^"]*)"', page)
    assert src
    answer = cast.client("maria").get(src[1].replace("&amp;", "&"))
    assert answer.status_code == 200
    picture = Image.open(io.BytesIO(b"".join(answer)))
    assert picture.width > picture.height > 50
    assert "Tabellen finns i filen, sida 2." in page
    assert cast.client("eva").get(src[1].replace("&amp;", "&")).status_code == 404


def test_a_reader_chooses_text_or_pages_and_is_remembered(cast: Cast, document: Document):
    client = cast.client("maria")
    assert SECOND not in client.get(at(document)).content.decode()
    assert SECOND in client.get(at(document, "?visa=sidor")).content.decode()
    assert SECOND in client.get(at(document)).content.decode()
    assert SECOND not in client.get(at(document, "?visa=text")).content.decode()
    assert SECOND not in client.get(at(document)).content.decode()


def test_an_editor_lets_the_pages_come_first(cast: Cast, document: Document):
    lifecycle.update_document(document, by=cast["elin"], pages_first=True)
    assert SECOND in cast.client("maria").get(at(document)).content.decode()
    assert SECOND not in cast.client("maria").get(at(document, "?visa=text")).content.decode()
    for address in (at(document, "andra/"), "/dokument/nytt/"):
        assert 'name="pages_first"' in cast.client("elin").get(address).content.decode()
    # What is written in the portal has no pages of a file.
    written = add(cast, "written", Visibility(regional=True))
    lifecycle.update_document(written, by=cast["elin"], pages_first=True)
    assert "?visa=sidor" not in cast.client("maria").get(at(written)).content.decode()
