"""A case through its people in a real browser: reported, forwarded, asked, replied to with a file, answered, closed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessible, fits
from tests.browser.test_document_life import Acts, in_both_themes
from tests.browser.test_whole_path import SWEDEN
from tests.core.makers import jpeg

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NURSE, HOME = "lasare@privat.example", "handlaggare@privat.example"
CLINIC = "handlaggare@region.example"
MUNICIPAL_NURSE, MUNICIPAL = "lasare@kommun.example", "handlaggare@kommun.example"
MOST_ACTS = 6

OpenPage = Callable[..., Page]


def report(page: Page, to: str, what: str, *, at: str = "/avvikelser/ny/") -> str:
    page.goto(at)
    page.get_by_label("Risk", exact=False).first.check()
    page.get_by_label("Vad hände?").fill(what)
    page.locator("[name=occurred_date]").fill((dt.datetime.now(SWEDEN).date() - dt.timedelta(days=1)).isoformat())
    page.locator("select[name=type]").select_option(index=2)
    page.locator("[name=place]").fill("Mottagningsrum 2")
    page.locator("select[name=concerns]").first.select_option(label=to)
    page.get_by_role("button", name="Skicka rapporten").click()
    page.wait_for_url("**/kvitto/")
    found = re.search(r"AVV-\d\d-[0-9A-Z]{6}", page.url)
    assert found
    return found[0]


def open_notice(page: Page, number: str, acts: Acts | None = None) -> None:
    page.goto("/konto/notiser/")
    link = page.get_by_role("link", name=re.compile(number)).first
    acts.click(link) if acts else link.click()
    page.wait_for_url(f"**/avvikelser/{number}/")


def answer(page: Page, words: str, acts: Acts) -> None:
    """An answer is what is chosen from the beginning; it is looked through before it is sent."""
    acts.fill(page.locator("#skriv [name=body]"), words)
    acts.click(page.locator("#skriv button[type=submit]"))
    in_both_themes(page)
    acts.click(page.get_by_role("button", name="Skicka svaret"))
    expect(page.locator("section.thread").first).to_contain_text(words)


def write(page: Page, kind: str, words: str, *, file: bool = False) -> None:
    if page.locator("#skriv [name=kind][type=radio]").count():
        page.locator(f"#skriv [name=kind][value={kind}]").check()
    page.locator("#skriv [name=body]").fill(words)
    if file:
        page.locator("#skriv").get_by_text("Bifoga fil").click()
        page.locator("#skriv [name=files]").set_input_files(
            {"name": "lista.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
        )
    page.locator("#skriv button[type=submit]").click()
    expect(page.locator("section.thread").first).to_contain_text(words)


def close(page: Page, number: str) -> None:
    page.goto(f"/avvikelser/{number}/")
    page.get_by_role("button", name="Avsluta er del").click()
    page.wait_for_load_state()


def test_from_a_private_nurse_over_the_region_to_the_municipality_and_back(open_page: OpenPage) -> None:
    nurse, clinic, municipal = open_page(NURSE, width=360), open_page(CLINIC), open_page(MUNICIPAL)
    number = report(nurse, "Medicinkliniken, Region Fjällmark", "Hjälpmedlet var inte beställt när patienten kom hem.")
    open_notice(clinic, number)
    in_both_themes(clinic)
    clinic.get_by_text("Skicka vidare, lyft eller dela upp").click()
    clinic.locator("summary", has_text="Vidarebefordra").click()
    value = clinic.locator("#forward_recipient option", has_text="Hemsjukvården Granå").first.get_attribute("value")
    clinic.locator("#forward_recipient").select_option(value=value)
    clinic.locator("#forward_reason").fill("Hemsjukvården beställer hjälpmedel.")
    clinic.locator("form[action$='/forward/'] button").click()
    expect(clinic.locator("main")).to_contain_text("Er del är slut")

    open_notice(municipal, number)
    write(municipal, "ask", "Vilket hjälpmedel gällde det?")
    open_notice(nurse, number)
    fits(nurse)
    write(nurse, "reply", "En duschpall, se listan.", file=True)
    open_notice(municipal, number)
    expect(municipal.get_by_role("link", name=re.compile("bilaga-1"))).to_be_visible()
    accessible(municipal)
    answer(municipal, "Vi beställer nu före hemgång.", Acts())
    open_notice(nurse, number)
    expect(nurse.locator("main")).to_contain_text("Vi beställer nu före hemgång.")
    # The part that was forwarded sees what it saw then.
    clinic.goto(f"/avvikelser/{number}/")
    expect(clinic.locator("main")).not_to_contain_text("Vi beställer nu")
    close(municipal, number)
    home = open_page(HOME)
    home.goto(f"/avvikelser/{number}/")
    home.locator("summary", has_text="Godta svaret").click()
    home.get_by_label("Återkoppling till rapportören").fill("Tack! Hjälpmedel beställs nu före hemgång.")
    home.get_by_role("button", name="Godta svaret och avsluta").click()
    expect(home.locator("h1 + *, header.title").first).to_contain_text("Avslutad")
    open_notice(nurse, number)
    expect(nurse.locator("main")).to_contain_text("Hjälpmedel beställs nu före hemgång.")


def test_from_the_notice_a_case_is_acknowledged_and_answered_in_six_acts(open_page: OpenPage) -> None:
    """From the region to a private provider, and from a municipality to the region."""
    for sender, to, receiver in (
        ("lasare@region.example", "Mottagningen, Vårdcentralen Björken AB", HOME),
        (MUNICIPAL_NURSE, "Medicinkliniken, Region Fjällmark", CLINIC),
    ):
        reporter, handler, acts = open_page(sender), open_page(receiver), Acts()
        number = report(reporter, to, "Läkemedelslistan saknades vid hemgång.")
        open_notice(handler, number, acts)
        acts.click(handler.get_by_role("button", name="Bekräfta mottagande"))
        answer(handler, "Vi har ändrat rutinen.", acts)
        assert acts.done <= MOST_ACTS, acts.done
        open_notice(reporter, number)
        expect(reporter.locator("main")).to_contain_text("Vi har ändrat rutinen.")
