"""One event teaches all, in a real browser: reported by a nurse, closed, written as a learning example, agreed to,
approved, and found by another provider's nurse beside the routine.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessible, fits
from tests.browser.test_case_life import CLINIC, HOME, MUNICIPAL_NURSE, NURSE, answer, close, open_notice, report
from tests.browser.test_document_life import Acts, in_both_themes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

APPROVER = "faststallare@region.example"
ROUTINE = "RUT-0247"
TITLE = "Remissen som ingen läste"


def test_from_a_nurse_to_another_providers_nurse(open_page: Callable[..., Page]) -> None:
    nurse, clinic, home, approver = open_page(NURSE, width=360), open_page(CLINIC), open_page(HOME), open_page(APPROVER)
    where = f"/avvikelser/ny/?dokument={ROUTINE}"
    number = report(nurse, "Medicinkliniken, Region Fjällmark", "Remissen blev liggande i fyra dagar.", at=where)
    open_notice(clinic, number)
    answer(clinic, "Remisser läses nu varje dag.", Acts())
    close(clinic, number)
    home.goto(f"/avvikelser/{number}/")
    home.locator("summary", has_text="Godta svaret").click()
    home.get_by_label("Återkoppling till rapportören").fill("Tack! De läser remisser varje dag nu.")
    home.get_by_role("button", name="Godta svaret och avsluta").click()

    # The clinic writes it. A name is pointed out, and taken away.
    clinic.goto(f"/avvikelser/{number}/")
    clinic.get_by_role("link", name=re.compile("^Vad kan andra lära")).click()
    clinic.get_by_label("Titel").fill(TITLE)
    clinic.get_by_label("Vad hände?").fill("En remiss blev liggande. Sara Lindqvist ringde till slut.")
    clinic.get_by_label("Varför hände det?").fill("Ingen hade som uppgift att läsa.")
    clinic.get_by_label("Vad gjordes?").fill("En person läser varje dag.")
    clinic.get_by_label("Vad kan andra göra?").fill("Skriv i schemat vem som läser remisser.")
    clinic.get_by_label(re.compile(ROUTINE)).check()
    in_both_themes(clinic)
    clinic.get_by_role("button", name="Spara och läs igenom").click()
    pointed = clinic.locator(".notice", has_text="Kan någon kännas igen")
    expect(pointed).to_contain_text("Lindqvist: namnet på någon som arbetar hos en part")
    in_both_themes(clinic)
    clinic.locator("summary", has_text="Ändra texten").click()
    clinic.get_by_label("Vad hände?").fill("En remiss blev liggande tills någon ringde.")
    clinic.get_by_role("button", name="Spara och läs igenom").click()
    expect(clinic.locator("main")).to_contain_text("Portalen hittar inget namn")
    clinic.get_by_label(re.compile("^Jag har läst igenom det")).check()
    clinic.get_by_role("button", name="Skicka för fastställande").click()
    expect(clinic.locator("main")).to_contain_text("Väntar på fastställande")

    # The other party says yes, and the approver publishes it without having seen the case.
    home.goto("/avvikelser/larande/")
    home.get_by_role("link", name=TITLE).click()
    home.get_by_label("Det kan publiceras").check()
    home.get_by_role("button", name="Skicka svaret").click()
    expect(home.locator("main")).to_contain_text("Ni har sagt ja")
    in_both_themes(home)
    approver.goto("/dokument/skrivbord/")
    approver.get_by_role("link", name=re.compile("lärande exempel väntar")).click()
    approver.get_by_role("link", name=TITLE).first.click()
    approver.wait_for_url(re.compile(r"/larande/[0-9a-f-]{36}/$"))
    expect(approver.locator("main")).not_to_contain_text(number)
    in_both_themes(approver)
    approver.get_by_role("button", name="Fastställ och publicera").click()
    expect(approver.get_by_role("heading", level=1)).to_have_text(TITLE)

    # Another provider's nurse finds it beside the routine, on a phone.
    other = open_page(MUNICIPAL_NURSE, width=360)
    other.goto(f"/dokument/{ROUTINE}/")
    other.get_by_role("link", name=TITLE).click()
    expect(other.locator("main")).to_contain_text("Skriv i schemat vem som läser remisser.")
    expect(other.locator("main")).not_to_contain_text(number)
    expect(other.get_by_role("link", name=re.compile(ROUTINE))).to_be_visible()
    fits(other)
    accessible(other)
    # The reporter is told, and comes to it from the case too.
    nurse.goto(f"/avvikelser/{number}/")
    expect(nurse.get_by_role("link", name=re.compile(TITLE))).to_be_visible()
