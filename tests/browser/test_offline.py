"""Text written without network, or signed out, is not lost: kept on the device, encrypted, and sent when it can be."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import accessible, fits, sign_in
from tests.browser.test_whole_path import SWEDEN
from tests.core import makers

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

OpenPage = Callable[..., Page]
NURSE = "lasare@privat.example"
TEXT = "Listan saknades när patienten kom hem."


def fill(page: Page, what: str) -> None:
    page.get_by_label("Risk", exact=False).first.check()
    page.locator("[name=occurred_date]").fill((dt.datetime.now(SWEDEN).date() - dt.timedelta(days=1)).isoformat())
    page.locator("select[name=type]").select_option(index=2)
    page.locator("[name=place]").fill("Mottagningsrum 2")
    page.locator("select[name=concerns]").first.select_option(label="Medicinkliniken, Region Fjällmark")
    page.get_by_label("Vad hände?").fill(what)


def kept(page: Page) -> list[str]:
    """All that lies on the device, as a stranger with the device would read it."""
    return page.evaluate("Object.entries(localStorage).filter(([k]) => k.startsWith('unsent:')).map(String)")


@pytest.fixture
def nurse(open_page: OpenPage) -> Page:
    page = open_page(NURSE, width=360)
    page.goto("/avvikelser/ny/?ny")
    page.wait_for_function("window.device && device.ready()")
    return page


def network(page: Page, *, there: bool) -> BrowserContext:
    page.context.set_offline(not there)
    return page.context


def test_a_report_written_and_sent_without_network_is_sent_when_it_is_back(nurse: Page) -> None:
    network(nurse, there=False)
    fill(nurse, TEXT)
    nurse.get_by_role("button", name="Skicka rapporten").click()
    expect(nurse.locator("#sparat")).to_contain_text("Inget nät: inte skickat än")
    (stored,) = kept(nurse)
    assert "Listan" not in stored
    assert "avvikelser" not in stored
    fits(nurse)
    network(nurse, there=True)
    nurse.wait_for_url("**/kvitto/", timeout=15_000)
    expect(nurse.locator("main")).to_contain_text("AVV-")
    nurse.wait_for_function("!Object.keys(localStorage).some((k) => k.startsWith('unsent:'))")


def test_the_page_was_closed_and_the_text_is_taken_up_again(nurse: Page) -> None:
    network(nurse, there=False)
    fill(nurse, TEXT)
    expect(nurse.locator("#sparat")).to_contain_text("Sparat på den här enheten")
    again = nurse.context.new_page()
    nurse.close()
    network(again, there=True)
    again.goto("/")
    notice = again.locator("#unsent")
    expect(notice).to_contain_text("Rapportera en avvikelse")
    accessible(again)
    notice.get_by_role("button", name="Fortsätt med texten").click()
    again.wait_for_url("**/avvikelser/ny/*")
    again.locator("#unsent").get_by_role("button", name="Fortsätt med texten").click()
    expect(again.get_by_label("Vad hände?")).to_have_value(TEXT)
    expect(again.locator("select[name=concerns]").first.locator("option:checked")).to_contain_text("Medicinkliniken")
    again.wait_for_function("!Object.keys(localStorage).some((k) => k.startsWith('unsent:'))")
    again.get_by_role("button", name="Skicka rapporten").click()
    again.wait_for_url("**/kvitto/")


def test_signed_out_meanwhile_is_told_at_once_and_the_text_waits_for_the_same_person(nurse: Page) -> None:
    nurse.context.clear_cookies()
    fill(nurse, TEXT)
    expect(nurse.locator("#sparat")).to_contain_text("Du är inte inloggad längre")
    link = nurse.locator("#sparat a")
    assert "/konto/login/?next=" in (link.get_attribute("href") or "")
    # Another person at the same device learns nothing of it.
    other = nurse.context.new_page()
    sign_in(other, "handlaggare@region.example")
    other.goto("/")
    expect(other.locator("#unsent")).to_be_hidden()
    other.context.clear_cookies()
    sign_in(other, NURSE)
    other.goto("/")
    expect(other.locator("#unsent")).to_be_visible()
    # Signing out asks.
    other.goto("/konto/logout/")
    expect(other.locator("[data-unsent-asks]")).to_be_visible()
    accessible(other)
    other.locator("[data-unsent-asks]").get_by_role("button", name="Släng den").click()
    assert kept(other) == []


def test_a_double_click_sends_once(nurse: Page) -> None:
    fill(nurse, "En gång.")
    nurse.get_by_role("button", name="Skicka rapporten").dblclick()
    nurse.wait_for_url("**/kvitto/")
    nurse.goto("/avvikelser/?vy=reported&q=")
    number = nurse.locator("[data-row]").first.get_attribute("href")
    nurse.goto("/avvikelser/")
    assert nurse.locator(f"[data-row][href='{number}']").count() == 1


def test_a_photograph_is_seen_before_it_is_sent(nurse: Page) -> None:
    nurse.get_by_text("Lägg till mer").click()
    nurse.get_by_label("Bilder eller filer").set_input_files(
        [
            {"name": "golv.jpg", "mimeType": "image/jpeg", "buffer": makers.jpeg()},
            {"name": "lista.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"},
        ]
    )
    chosen = nurse.locator(".chosen li")
    expect(chosen).to_have_count(2)
    expect(chosen.first).to_contain_text(re.compile(r"golv\.jpg, \d+ kB"))
    assert (
        chosen.first.locator("canvas").evaluate("one => one.getContext('2d').getImageData(2, 2, 1, 1).data[3]") == 255
    )
    expect(chosen.last.locator("canvas")).to_have_count(0)
    accessible(nurse)
    fits(nurse)
