"""Writing in the portal: what a version begins from, saved as typed, told when another has saved, and no use to others."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Draft
from accounts.roles import Role
from core import clock, markdown, refused
from documents import lifecycle
from documents.desk import writing
from documents.models import Document, Version
from documents.page import links
from documents.reading.jobs import read_text
from documents.visibility.preview import Visibility
from tests import cast as people
from tests.core import makers
from tests.documents.library import PORTAL, Cast, add, current

WORD = "stycke 0"  # of makers.word()


def page_of(client: Client, number: str) -> tuple[str, dict[str, str]]:
    """The page of writing, and what its form holds."""
    text = client.get(f"/dokument/{number}/andra/").content.decode()
    body = re.search(r'<textarea name="body".*?>\n?(.*?)</textarea>', text, re.DOTALL)
    assert body
    hidden = dict(re.findall(r'<input type="hidden" name="(token|seen)" value="([^"]*)"', text))
    return text, {"title": "Dokument", "applies_to": "regional", "body": html.unescape(body[1]), **hidden}


def save(client: Client, number: str, **changed):
    _text, form = page_of(client, number)
    return client.post(f"/dokument/{number}/andra/", {**form, **changed})


def read(document: Document) -> None:
    version = document.versions.exclude(file="").latest("number")
    read_text(SimpleNamespace(job=SimpleNamespace(attempts=0)), version.pk)


# Beginning --------------------------------------------------------------------------------------------------------
def test_a_new_version_begins_from_the_one_that_applies(cast: Cast):
    document, elin = cast.documents["public"], cast.client("elin")
    text, form = page_of(elin, document.number)
    assert form["body"].strip() == current(document).body
    assert "Texten börjar från version 1" in text
    assert not document.versions.unfinished().exists()  # looking begins nothing
    answer = save(elin, document.number, body=form["body"].replace("sökord", "letord"), change_summary="Ett ord.")
    assert answer.status_code == 302
    draft = document.versions.get(state="draft")
    assert (draft.number, draft.change_summary) == (2, "Ett ord.")
    assert "letord" in draft.body
    assert "sökord" in current(document).body
    assert page_of(elin, document.number)[1]["body"].strip() == draft.body.strip()


def test_a_file_goes_on_in_the_next_version_unless_it_is_taken_away(cast: Cast):
    document, elin = cast.documents["public"], cast.client("elin")
    file = SimpleUploadedFile("rutin.docx", makers.word())
    assert save(elin, document.number, file=file, body="").status_code == 302
    with_file = lifecycle.publish(document.versions.get(state="draft"), by=PORTAL)
    read(document)
    assert WORD not in page_of(elin, document.number)[1]["body"]
    assert save(elin, document.number, change_summary="Samma fil.").status_code == 302
    read(document)
    draft = document.versions.select_related("reading").get(state="draft")
    assert (draft.file, draft.file_sha256) == (with_file.file, with_file.file_sha256)
    assert WORD in draft.read.text
    assert save(elin, document.number, leaves_file="on", body="Bara text.").status_code == 302
    draft = document.versions.select_related("reading").get(state="draft")
    assert (draft.file, draft.read.state, draft.read.text.strip()) == ("", "none", "Bara text.")
    assert Version.objects.get(pk=with_file.pk).file


def test_what_a_file_is_refused_for_is_told_beside_it_and_the_text_is_kept(cast: Cast):
    document, elin = cast.documents["public"], cast.client("elin")
    answer = save(elin, document.number, body="Nyskrivet.", file=SimpleUploadedFile("x.exe", b"MZ\x00"))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'id="id_file_error"' in page
    assert "Nyskrivet." in page
    assert not document.versions.unfinished().exists()
    assert "Nyskrivet." in page_of(elin, document.number)[1]["body"]


# Together ---------------------------------------------------------------------------------------------------------
def test_of_two_who_write_the_second_is_told_and_loses_nothing(cast: Cast):
    document = cast.documents["public"]
    approver = cast.assignments["elin"]
    other = cast.client("elin")
    first = cast.client("elin")
    _text, opened = page_of(first, document.number)
    assert save(other, document.number, body="Den andras text.").status_code == 302
    answer = first.post(f"/dokument/{document.number}/andra/", {**opened, "body": "Min text."})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Min text." in page
    assert "Den andras text." in page
    # One's own tab is called that; what differs stands as a comparison shows it.
    assert "Du har sparat i en annan flik" in page
    assert "Din text skiljer sig på" in page
    difference = page[page.index("Din text skiljer sig på") : page.index("Hela texten som är sparad")]
    assert "Den andras" in re.sub(r"<ins>.*?</ins>", "", difference)
    assert "Min" in re.sub(r"<del>.*?</del>", "", difference)
    assert document.versions.get(state="draft").body == "Den andras text."
    # Seen, and sent once more: it is saved.
    again = dict(re.findall(r'<input type="hidden" name="(token|seen)" value="([^"]*)"', page))
    answer = first.post(f"/dokument/{document.number}/andra/", {**opened, **again, "body": "Bådas text."})
    assert answer.status_code == 302
    assert document.versions.get(state="draft").body == "Bådas text."
    assert approver.pk  # the same person in two tabs is two writers all the same


def test_what_is_typed_is_kept_and_comes_back(cast: Cast):
    document, elin = cast.documents["public"], cast.client("elin")
    _text, form = page_of(elin, document.number)
    kept = elin.post(f"/konto/utkast/version-{document.number}/", {**form, "body": "Halvskrivet"})
    assert kept.json()["saved"]
    text, form = page_of(elin, document.number)
    assert form["body"].strip() == "Halvskrivet"
    assert "som bara du ser" in text
    elin.post(f"/dokument/{document.number}/andra/", {**form, "discard": "1"})
    assert page_of(elin, document.number)[1]["body"].strip() == current(document).body
    assert not Draft.objects.filter(form_key=f"version-{document.number}").exists()


def test_a_version_that_waits_for_an_answer_is_not_written_in(cast: Cast):
    document = cast.documents["draft"]
    document.versions.update(state="in_review")
    answer = cast.client("elin").get(f"/dokument/{document.number}/andra/", follow=True)
    assert "Den kan ändras när den har skickats tillbaka" in answer.content.decode()
    with pytest.raises(refused.WrongState):
        writing.writing_of(document)


# A new document ---------------------------------------------------------------------------------------------------
def new_form(client: Client, **said) -> dict[str, object]:
    text = client.get("/dokument/nytt/").content.decode()
    token = re.search(r'name="token" value="([^"]*)"', text)
    assert token
    return {"token": token[1], "title": "Munvård i livets slut", "type": "RUT", "applies_to": ["private"], **said}


def test_a_private_provider_makes_its_own_document_once(cast: Cast):
    eva = cast.client("eva")
    form = new_form(eva)
    answers = [eva.post("/dokument/nytt/", form) for _ in range(2)]
    made = Document.objects.get(title="Munvård i livets slut")
    assert {a["Location"] for a in answers} == {f"/dokument/{made.number}/andra/"}
    assert made.owner == cast.bjorken
    assert Visibility.of(made) == Visibility(grants=((cast.bjorken.pk, None),))
    assert (made.applies_private, made.applies_regional) == (True, False)
    for who in ("elin", "sara", "public"):
        assert cast.client(who).get(made.get_absolute_url()).status_code == 404


def test_the_default_visibility_is_told_with_its_reason_before_anything_is_made(cast: Cast):
    elin = cast.client("elin")
    form = new_form(elin, applies_to=["regional", "private", "municipal"], look="1")
    page = elin.post("/dokument/nytt/", form).content.decode()
    assert "Alla, utan inloggning" in page
    assert "Standard för rutin som gäller alla vårdgivare" in page
    assert not Document.objects.filter(title="Munvård i livets slut").exists()


def test_what_is_lacking_in_a_new_document_is_told_and_kept(cast: Cast):
    elin = cast.client("elin")
    answer = elin.post("/dokument/nytt/", new_form(elin, title="", applies_to=[], summary="Kort."))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert page.count('class="error"') >= 2
    assert "Kort." in elin.get("/dokument/nytt/").content.decode()


# Links ------------------------------------------------------------------------------------------------------------
def test_a_link_by_number_never_tells_a_title(cast: Cast):
    hidden = cast.documents["of_private"]
    html_of = markdown.render(f"Se [[{hidden.number}]] och `[[RUT-1]]`.")
    assert f'<a href="/dokument/{hidden.number}/"' in html_of
    assert f">{hidden.number}</a>" in html_of
    assert hidden.title not in html_of
    assert "<code>[[RUT-1]]</code>" in html_of


def test_links_to_what_no_longer_applies_are_told_to_the_writer(cast: Cast):
    names = ("public", "revoked", "expired", "of_private")
    text = " ".join(f"[[{cast.documents[name].number}]]" for name in names) + " [[RUT-9999]]"
    found = {d.number: d.standing and d.standing.code for d in links.doubtful(markdown.render(text), cast["elin"])}
    numbers = {name: cast.documents[name].number for name in names}
    # What another provider keeps to itself is told as what never was.
    assert found == {
        numbers["revoked"]: "revoked",
        numbers["expired"]: "expired",
        numbers["of_private"]: None,
        "RUT-9999": None,
    }


def test_the_preview_alone_is_sent_to_a_page_that_asks_for_it(cast: Cast):
    document = add(cast, "previewed", Visibility(), published=False)
    answer = cast.client("elin").post(
        f"/dokument/{document.number}/andra/",
        {"look": "1", "body": "## Nytt\n\n<script>"},
        headers={"HX-Request": "true"},
    )
    page = answer.content.decode()
    assert "<html" not in page
    assert "Nytt</h2>" in page
    assert "<script>" not in page
    assert document.versions.get().body != "## Nytt"


def test_whoever_opens_the_page_is_told_who_writes_there_now(cast: Cast):
    document = cast.documents["public"]
    other = people.assign(people.person(given_name="Hedda", family_name="Strand"), cast.region, Role.DOCUMENT_EDITOR)
    elin, hedda = cast.client("elin"), people.sign_in(Client(), other.user)
    address = f"/dokument/{document.number}/andra/"
    with clock.frozen(clock.now()) as now:
        _text, form = page_of(elin, document.number)
        assert "skriver också här" not in hedda.get(address).content.decode()
        elin.post(f"/konto/utkast/version-{document.number}/", {**form, "body": "Halvskrivet"})
        page = hedda.get(address).content.decode()
        assert "Elin Åkesson skriver också här" in page
        assert "Halvskrivet" not in page
        assert "Elin Åkesson skriver också här" in hedda.get(f"{address}skriver/").content.decode()
        # Not of oneself, nor to whoever may not write there.
        assert "skriver också här" not in elin.get(address).content.decode()
        assert cast.client("anna").get(f"{address}skriver/").status_code == 404
        now.move(minutes=16)
        assert "skriver också här" not in hedda.get(f"{address}skriver/").content.decode()


def test_whoever_saved_meanwhile_is_named(cast: Cast):
    document = cast.documents["public"]
    other = people.assign(people.person(given_name="Hedda", family_name="Strand"), cast.region, Role.DOCUMENT_EDITOR)
    elin, hedda = cast.client("elin"), people.sign_in(Client(), other.user)
    _text, opened = page_of(elin, document.number)
    assert save(hedda, document.number, body="Heddas text.").status_code == 302
    page = elin.post(f"/dokument/{document.number}/andra/", {**opened, "body": "Elins text."}).content.decode()
    assert "Hedda Strand" in page
    assert "har sparat sedan du öppnade sidan" in page
    assert "i en annan flik" not in page
