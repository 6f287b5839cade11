"""The life of a document through three people: written, approved by another, published, changed, compared, revoked."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import accessible, fits

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

EDITOR, APPROVER, NURSE = "redaktor@region.example", "faststallare@region.example", "lasare@privat.example"
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


def make(editor: Page) -> str:
    editor.goto("/dokument/skrivbord/")
    in_both_themes(editor)
    editor.get_by_role("link", name="Skriv ett nytt dokument").click()
    editor.locator("select[name=type]").select_option("RUT")
    editor.get_by_label("Titel").fill(TITLE)
    for kind in ("regional", "private", "municipal"):
        editor.locator(f"input[name=applies_to][value={kind}]").check()
    expect(editor.locator("#lasare")).to_contain_text("Alla, utan inloggning")
    in_both_themes(editor)
    editor.get_by_role("button", name="Gå vidare och skriv").click()
    editor.wait_for_url("**/andra/")
    found = re.search(r"RUT-\d+", editor.url)
    assert found
    return found[0]


def approve(approver: Page, number: str, version: int, words: str) -> None:
    approver.goto("/konto/notiser/")
    approver.get_by_role("link", name=re.compile(number)).first.click()
    expect(approver.locator("main")).to_contain_text(words)
    in_both_themes(approver)
    approver.get_by_role("button", name=f"Fastställ version {version}").click()
    approver.wait_for_url("**/publicera/")


def test_a_document_is_written_approved_published_changed_and_revoked(open_page: OpenPage) -> None:
    editor, approver, nurse = open_page(EDITOR), open_page(APPROVER, width=360), open_page(NURSE)
    number = make(editor)
    address = f"/dokument/{number}/"
    editor.locator("[name=body]").fill(f"## Före provet\n\n{FIRST}\n\nSe [[{REPLACEMENT}]].")
    expect(editor.locator("#visning")).to_contain_text(FIRST)
    editor.get_by_role("button", name="Skicka för fastställande").click()
    editor.wait_for_url("**/granska/")
    in_both_themes(editor)
    assert nurse.goto(address).status == 404  # type: ignore[union-attr]
    approve(approver, number, 1, FIRST)
    in_both_themes(approver)
    approver.get_by_role("button", name="Publicera version 1").click()
    nurse.goto(address)
    expect(nurse.locator("main")).to_contain_text(FIRST)

    acts = Acts()
    editor.goto(address)
    acts.click(editor.get_by_role("link", name="Skriv en ny version"))
    acts.fill(editor.locator("[name=body]"), f"## Före provet\n\n{SECOND}")
    acts.fill(editor.get_by_label("Vad är ändrat?"), "Sprita händerna också.")
    acts.click(editor.get_by_role("button", name="Skicka för fastställande"))
    approve(approver, number, 2, "Sprita händerna också.")
    nurse.reload()
    expect(nurse.locator("main")).not_to_contain_text(SECOND)
    acts.click(editor.get_by_role("link", name="Skrivbord").first)
    acts.click(editor.get_by_role("link", name=f"Publicera {number}"))
    # Who will see it is there to be read before it is published.
    expect(editor.locator("main")).to_contain_text("Vilka som kan läsa det")
    acts.click(editor.get_by_role("button", name="Publicera version 2"))
    expect(editor.locator("main")).to_contain_text(SECOND)
    assert acts.done <= MOST_ACTS, acts.done

    nurse.goto(address)
    expect(nurse.locator("main")).to_contain_text("Ändrat i version 2")
    nurse.get_by_role("link", name="Se vad som har ändrats").click()
    expect(nurse.locator("ins").filter(has_text="sprita").first).to_be_visible()
    in_both_themes(nurse)

    editor.get_by_role("link", name="Upphäv eller dra tillbaka").click()
    in_both_themes(editor)
    editor.get_by_label("Varför upphävs det?").fill("Står nu i en annan rutin.")
    editor.get_by_label("Ersätts av").fill(REPLACEMENT)
    editor.get_by_role("button", name=f"Upphäv {number}").click()
    for place in (address, f"{address}v/1/"):
        nurse.goto(place)
        expect(nurse.locator("main")).to_contain_text("upphävt")
        expect(nurse.get_by_role("link", name=re.compile(REPLACEMENT)).first).to_be_visible()
