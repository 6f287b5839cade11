"""One case in a real browser from report to lex Maria: judged, analysed by two, an action asked of the other party, the
package opened, the patient told, feedback, closed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pikepdf
import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_case_life import CLINIC, HOME, NURSE, open_notice, report
from tests.browser.test_document_life import in_both_themes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# Of the whole region: the lex Maria officer, who handles every clinic's cases too.
OFFICER = "faststallare@region.example"
OpenPage = Callable[..., Page]


def piece(page: Page, number: str, kind: str) -> None:
    page.goto(f"/avvikelser/{number}/utredning/{kind}/")


def save(page: Page) -> None:
    page.get_by_role("button", name="Spara bara för oss").click()
    page.wait_for_url("**/utredning/**#*")


def test_from_report_to_lex_maria_and_closing(open_page: OpenPage) -> None:
    nurse, clinic, officer = open_page(NURSE, width=360), open_page(CLINIC), open_page(OFFICER)
    number = report(nurse, "Medicinkliniken, Region Fjällmark", "Listan kom inte, och dubbel dos gavs i två dagar.")
    open_notice(clinic, number)
    clinic.get_by_role("button", name="Bekräfta").first.click()

    # Harm, and the risk in the matrix, by keyboard.
    clinic.locator("summary", has_text="Bedöm skadan").click()
    clinic.locator("select[name=actual]").select_option("harm")
    clinic.locator("select[name=potential]").select_option("serious_harm")
    clinic.locator("form[action$='/judge_harm/'] button").click()
    clinic.get_by_role("link", name=re.compile("^Er utredning")).click()
    in_both_themes(clinic)
    piece(clinic, number, "bedomning")
    square = clinic.get_by_role("radio", name=re.compile("^9 poäng, hög")).first
    square.focus()
    clinic.keyboard.press("Space")
    expect(square).to_be_checked()
    in_both_themes(clinic)
    save(clinic)
    expect(clinic.locator("main")).to_contain_text("9 poäng, hög")

    # Two write in one cause: whoever saves last reads the other's words beside their own.
    piece(clinic, number, "orsak")
    clinic.get_by_label("Orsak", exact=True).fill("Checklistan signerades inte")
    clinic.get_by_label("Procedurer").check()
    save(clinic)
    clinic.get_by_role("link", name=re.compile(r"^Ändra\s*: Checklistan")).click()
    officer.goto(clinic.url)
    officer.get_by_label("Orsak", exact=True).fill("Introduktionen hade ingen ägare")
    save(officer)
    clinic.get_by_label("Orsak", exact=True).fill("Checklistan fanns inte i mallen")
    clinic.get_by_role("button", name="Spara bara för oss").click()
    expect(clinic.locator("main")).to_contain_text("Introduktionen hade ingen ägare")
    expect(clinic.get_by_label("Orsak", exact=True)).to_have_value("Checklistan fanns inte i mallen")
    in_both_themes(clinic)
    save(clinic)

    # An action against it, and one that is the other party's to do.
    clinic.get_by_role("link", name="Lägg till en åtgärd").first.click()
    expect(clinic.locator("[name=causes]").first).to_be_checked()
    clinic.get_by_label("Vad ska göras?").fill("Mallen kräver en skickad lista")
    clinic.get_by_label("En spärr som stoppar felet").check()
    save(clinic)
    clinic.goto(f"/avvikelser/{number}/begaran/")
    clinic.locator("summary", has_text="Be en annan part").click()
    clinic.get_by_label("En åtgärd", exact=False).first.check()
    clinic.locator("[name=text]").fill("Ring funktionsnumret, inte avdelningen")
    clinic.get_by_role("button", name="Skicka begäran").click()
    home = open_page(HOME)
    open_notice(home, number)
    home.get_by_role("link", name=re.compile("^Be en annan part")).click()
    in_both_themes(home)
    home.get_by_label("Ja", exact=True).check()
    home.get_by_role("button", name="Skicka svaret").click()
    expect(home.locator("main")).to_contain_text("Svar: ja")
    home.goto("/avvikelser/atgarder/")
    expect(home.locator("main")).to_contain_text("Ring funktionsnumret")
    # Nothing else of the clinic's came with it.
    home.goto(f"/avvikelser/{number}/utredning/")
    expect(home.locator("main")).not_to_contain_text("Checklistan")

    # The patient.
    piece(clinic, number, "patienten")
    for box in clinic.locator("[name=told]").all():
        box.check()
    clinic.get_by_label("När?").fill(clinic.evaluate("new Date().toLocaleDateString('sv-SE')"))
    save(clinic)

    # Lex Maria, by the officer alone.
    clinic.goto(f"/avvikelser/{number}/lex-maria/")
    expect(clinic.get_by_role("button", name=re.compile("^Besluta för"))).to_have_count(0)
    officer.goto(f"/avvikelser/{number}/lex-maria/")
    in_both_themes(officer)
    officer.get_by_label("Ja, anmäl").check()
    officer.get_by_label("Grunder").fill("Vårdbehovet kunde ha blivit väsentligt ökat.")
    officer.get_by_role("button", name=re.compile("^Besluta för")).click()
    expect(officer.locator("main")).to_contain_text("Anmäls till IVO")
    with officer.expect_download() as fetched:
        officer.get_by_role("button", name="Hämta, avser nu").click()
    with zipfile.ZipFile(fetched.value.path()) as package:
        content = package.read(f"{number}.pdf")
    with pikepdf.open(io.BytesIO(content)) as paper:
        assert paper.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in paper.Root
    text = " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content))
    for said in ("väsentligt ökat", "Checklistan fanns inte i mallen", "Mallen kräver en skickad lista"):
        assert said in " ".join(text.split()), said

    # Answered, closed at the clinic, and with feedback at home.
    clinic.goto(f"/avvikelser/{number}/")
    clinic.locator("#skriv [name=kind][value=answer]").check()
    clinic.locator("#skriv [name=body]").fill("Mallen är ändrad.")
    clinic.locator("#skriv button[type=submit]").click()
    clinic.get_by_role("button", name="Skicka svaret").click()
    clinic.get_by_role("button", name="Avsluta er del").click()
    expect(clinic.locator("main")).to_contain_text("Avslutad")
    home.goto(f"/avvikelser/{number}/")
    home.locator("summary", has_text="Godta svaret").click()
    home.get_by_label("Återkoppling till rapportören").fill("Tack! Mallen är ändrad.")
    home.get_by_role("button", name="Godta svaret och avsluta").click()
    open_notice(nurse, number)
    expect(nurse.locator("main")).to_contain_text("Tack! Mallen är ändrad.")
    expect(nurse.locator("main")).not_to_contain_text("Introduktionen")
