"""The life of a document through three people: written, approved by another, published, changed, compared, revoked."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pypdf
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import accessible, fits, paste

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

EDITOR, APPROVER = "redaktor@region.example", "faststallare@region.example"
NURSE, COLLEAGUE = "lasare@privat.example", "lasare@region.example"
TITLE = "Hudprickprov: förbereda, ta och märka"
FIRST, SECOND = "Tvätta händerna före provet.", "Tvätta och sprita händerna före provet."
REPLACEMENT = "RUT-0187"
MOST_ACTS = 10

OpenPage = Callable[..., Page]


class Acts:
    """Counts what a person does: a click, a choice or one field filled."""

    def __init__(self) -> None:
        self.done = 0

    def click(self, what: Locator) -> None:
        self.done += 1
        what.click()
        what.page.wait_for_load_state()

    def fill(self, what: Locator, text: str) -> None:
        self.done += 1
        what.fill(text)


def in_both_themes(page: Page) -> None:
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        accessible(page)
    fits(page)


def make(editor: Page, who: str, *kinds: str) -> str:
    editor.goto("/dokument/skrivbord/")
    in_both_themes(editor)
    editor.get_by_role("link", name="Skriv ett nytt dokument").click()
    editor.locator("select[name=type]").select_option("RUT")
    editor.get_by_label("Titel").fill(TITLE)
    for kind in kinds:
        editor.locator(f"input[name=applies_to][value={kind}]").check()
    expect(editor.locator("#lasare")).to_contain_text(who)
    in_both_themes(editor)
    editor.get_by_role("button", name="Gå vidare och skriv").click()
    editor.wait_for_url("**/andra/")
    found = re.search(r"RUT-\d+", editor.url)
    assert found
    return found[0]


def choose_readers(page: Page, acts: Acts, flag: str, why: str) -> None:
    """One group more or fewer, from the page of publishing and back to it."""
    acts.click(page.locator(f"input[name=for][value={flag}]"))
    acts.click(page.locator("button[form=lasarval]"))
    expect(page.get_by_role("heading", name="Det här blir följden")).to_be_visible()
    acts.fill(page.locator("[name=reason]"), why)
    acts.click(page.locator("button[name=save]"))
    page.wait_for_url("**/publicera/#lasare")


def approve(approver: Page, number: str, version: int, words: str) -> None:
    approver.goto("/konto/notiser/")
    approver.get_by_role("link", name=re.compile(number)).first.click()
    expect(approver.locator("main")).to_contain_text(words)
    in_both_themes(approver)
    approver.get_by_role("button", name=f"Fastställ version {version}").click()
    approver.wait_for_url("**/publicera/")


def write(editor: Page, acts: Acts, body: str, *, changed: str = "") -> None:
    text = editor.get_by_role("textbox", name="Skriv")
    acts.click(text)
    editor.keyboard.press("Control+a")
    paste(text, text=body)
    if changed:
        acts.fill(editor.get_by_label("Vad är ändrat?"), changed)
    acts.click(editor.get_by_role("button", name="Skicka för fastställande"))
    editor.wait_for_url("**/granska/")


def is_missing(reader: Page, address: str) -> bool:
    answer = reader.goto(address)
    return answer is not None and answer.status == 404


def reads(reader: Page, address: str, words: str) -> None:
    reader.goto(address)
    expect(reader.locator("main")).to_contain_text(words)


def revoke(editor: Page, number: str) -> None:
    editor.get_by_role("link", name="Upphäv eller dra tillbaka").click()
    in_both_themes(editor)
    editor.get_by_label("Varför upphävs det?").fill("Står nu i en annan rutin.")
    # What replaces it is found by its name, and the number is put in the box.
    box = editor.get_by_role("combobox", name="Ersätts av")
    box.press_sequentially("akut försämring")
    editor.get_by_role("option", name=re.compile(REPLACEMENT)).first.click()
    expect(box).to_have_value(REPLACEMENT)
    editor.get_by_role("button", name=f"Upphäv {number}").click()


def is_revoked(reader: Page, address: str) -> None:
    for place in (address, f"{address}v/1/"):
        reads(reader, place, "upphävt")
        expect(reader.get_by_role("link", name=re.compile(REPLACEMENT)).first).to_be_visible()


def test_a_document_is_written_approved_published_opened_changed_and_revoked(open_page: OpenPage) -> None:
    editor, approver = open_page(EDITOR), open_page(APPROVER, width=360)
    nurse, colleague = open_page(NURSE), open_page(COLLEAGUE)
    number = make(editor, "Regionens egna verksamheter", "regional")
    address = f"/dokument/{number}/"
    write(editor, Acts(), f"## Före provet\n\n{FIRST}\n\nSe [[{REPLACEMENT}]].")
    in_both_themes(editor)
    assert is_missing(colleague, address)
    approve(approver, number, 1, FIRST)
    in_both_themes(approver)
    approver.get_by_role("button", name="Publicera version 1").click()
    reads(colleague, address, FIRST)
    assert is_missing(nurse, address)

    acts = Acts()
    editor.goto(address)
    acts.click(editor.get_by_role("link", name="Skriv en ny version"))
    write(editor, acts, f"## Före provet\n\n{SECOND}", changed="Sprita händerna också.")
    approve(approver, number, 2, "Sprita händerna också.")
    reads(colleague, address, FIRST)
    # Signed in anew, it stands on the first page; who will see it is there to be read before it is published.
    editor.goto("/")
    in_both_themes(editor)
    acts.click(editor.get_by_role("link", name=f"Publicera {number}"))
    expect(editor.locator("main")).to_contain_text("Vilka som kan läsa det")
    choose_readers(editor, acts, "private", "De tar proverna också.")
    in_both_themes(editor)
    acts.click(editor.get_by_role("button", name="Publicera version 2"))
    expect(editor.locator("main")).to_contain_text(SECOND)
    assert acts.done <= MOST_ACTS, acts.done

    reads(nurse, address, SECOND)
    reads(colleague, address, "Ändrat i version 2")
    colleague.get_by_role("link", name="Se vad som har ändrats").click()
    expect(colleague.locator("ins").filter(has_text="sprita").first).to_be_visible()
    in_both_themes(colleague)
    revoke(editor, number)
    is_revoked(nurse, address)


def test_every_printed_sheet_says_what_it_is(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/dokument/RUT-0187/")
    sheets = [sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(page.pdf())).pages]
    headings = page.locator(".prose :is(h2, h3)").all_inner_texts()
    assert 1 < len(sheets) <= 8
    for number, text in enumerate(sheets, 1):
        said = " ".join(text.split())
        assert f"Sida {number} av {len(sheets)}" in said
        assert "Akut försämring hos vuxen: NEWS2 och SBAR" in said
        assert re.search(r"RUT-0187, version \d+\. Gällde på utskriftsdagen, \d+ [a-z]+ 20\d\d\.", said)
        # No heading is left alone at the foot.
        assert text.strip().split("\n")[-1].strip() not in headings


def test_a_private_provider_keeps_documents_of_its_own(open_page: OpenPage) -> None:
    """Its administrator gives a colleague the role of approver, and writes; only its own people see it."""
    editor, approver = open_page("admin@privat.example"), open_page("handlaggare@privat.example", width=360)
    editor.goto("/konto/var-verksamhet/")
    expect(editor.locator("main")).to_contain_text("ingen annan än den personen kan fastställa")
    in_both_themes(editor)
    editor.get_by_label("Namn, titel eller adress").fill("Jonas")
    editor.get_by_role("button", name="Visa", exact=True).click()
    editor.get_by_role("link", name=re.compile("Jonas")).click()
    editor.get_by_label("Fastställare").check()
    editor.get_by_role("button", name="Spara").click()
    in_both_themes(editor)
    editor.goto("/konto/var-verksamhet/")
    expect(editor.locator("main")).not_to_contain_text("ingen annan än den personen kan fastställa")
    in_both_themes(editor)

    number = make(editor, "Vårdcentralen Björken AB", "private")
    address = f"/dokument/{number}/"
    write(editor, Acts(), f"## Före provet\n\n{FIRST}")
    approve(approver, number, 1, FIRST)
    approver.get_by_role("button", name="Publicera version 1").click()
    nurse, stranger = open_page(NURSE), open_page(COLLEAGUE)
    reads(nurse, address, FIRST)
    for outsider in (stranger, open_page(EDITOR), open_page("lasare@kommun.example")):
        assert is_missing(outsider, address)
        assert is_missing(outsider, f"{address}v/1/")

    editor.goto(address)
    editor.get_by_role("link", name="Skriv en ny version").click()
    write(editor, Acts(), f"## Före provet\n\n{SECOND}", changed="Sprita händerna också.")
    approve(approver, number, 2, "Sprita händerna också.")
    editor.goto("/")
    editor.get_by_role("link", name=f"Publicera {number}").click()
    choose_readers(editor, Acts(), "regional", "Regionens mottagningar skickar patienter till oss.")
    editor.get_by_role("button", name="Publicera version 2").click()
    reads(stranger, address, SECOND)
    stranger.get_by_role("link", name="Se vad som har ändrats").click()
    expect(stranger.locator("ins").filter(has_text="sprita").first).to_be_visible()
    editor.goto(address)
    revoke(editor, number)
    is_revoked(nurse, address)
