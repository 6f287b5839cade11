"""The portal's main job, as its people do it: find, read, report, ask, answer, and close what should not be read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessible, fits

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SWEDEN = ZoneInfo("Europe/Stockholm")
NURSE, HANDLER, ADMIN = "lasare@privat.example", "handlaggare@region.example", "admin@portal.example"
EDITOR = "redaktor@region.example"
ROUTINE = "RUT-0118"
TITLE = "Fall: förebygga, bedöma och handla efter ett fall"
UNIT = "Medicinkliniken, Region Fjällmark"
HAPPENED = "Patienten kom hem efter ett fall på avdelningen utan att vi fick besked om det."
QUESTION = "Vilken dag kom patienten hem till er?"
REPLY = "På tisdagen, strax efter lunch."
ANSWER = "Vi har infört en kontroll av meddelandet före hemgång."

OpenPage = Callable[..., Page]


def search(page: Page, words: str) -> None:
    page.goto("/")
    box = page.locator("#q")
    box.fill(words)
    box.press("Enter")
    page.wait_for_url("**/dokument/?q=*")


def report(page: Page) -> str:
    """From the routine's page to a case number."""
    page.get_by_role("link", name="Rapportera en avvikelse om detta").click()
    accessible(page)
    page.get_by_label("Tillbud").check()
    page.get_by_label("Vad hände?").fill(HAPPENED)
    page.locator("[name=occurred_date]").fill((dt.datetime.now(SWEDEN).date() - dt.timedelta(days=1)).isoformat())
    page.locator("select[name=type]").select_option(index=1)
    page.locator("select[name=concerns]").first.select_option(label=UNIT)
    page.locator("summary", has_text="Lägg till mer").click()
    expect(page.locator("[name=documents]")).to_have_value(ROUTINE)
    fits(page)
    page.get_by_role("button", name="Skicka rapporten").click()
    page.wait_for_url("**/avvikelser/AVV-*/kvitto/")
    found = re.search(r"AVV-\d\d-[0-9A-Z]{6}", page.url)
    assert found
    return found.group(0)


def test_from_a_routine_to_an_answer_and_then_out_of_sight(open_page: OpenPage) -> None:
    nurse = open_page(NURSE)
    accessible(nurse)
    search(nurse, "fallrisker")
    accessible(nurse)
    nurse.get_by_role("link", name=TITLE).first.click()
    expect(nurse.get_by_role("heading", level=1)).to_have_text(TITLE)
    accessible(nurse)
    number = report(nurse)
    accessible(nurse)

    handler = open_page(HANDLER)
    handler.goto("/avvikelser/")
    accessible(handler)
    handler.locator(f"a[href='/avvikelser/{number}/']").first.click()
    expect(handler.locator("main")).to_contain_text(HAPPENED)
    expect(handler.get_by_role("link", name=ROUTINE)).to_be_visible()
    accessible(handler)
    handler.get_by_role("button", name="Bekräfta").click()
    # The page that answers, and not still the one that was sent.
    expect(handler.get_by_role("button", name="Bekräfta")).to_have_count(0)
    write(handler, QUESTION, "Ställ frågan", kind="ask")

    nurse.goto(f"/avvikelser/{number}/")
    expect(nurse.locator("main")).to_contain_text(QUESTION)
    accessible(nurse)
    write(nurse, REPLY, "Skicka svaret", kind="reply")

    handler.goto(f"/avvikelser/{number}/")
    expect(handler.locator("main")).to_contain_text(REPLY)
    handler.locator("#skriv [name=kind][value=answer]").check()
    handler.locator("#skriv [name=body]").fill(ANSWER)
    handler.get_by_role("button", name="Granska svaret").click()
    expect(handler.locator("main")).to_contain_text(ANSWER)
    accessible(handler)
    handler.get_by_role("button", name="Skicka svaret").click()
    expect(handler.locator("section.thread").first).to_contain_text(ANSWER)
    accessible(handler)

    nurse.goto("/konto/notiser/")
    accessible(nurse)
    nurse.get_by_role("link", name=re.compile(number)).first.click()
    expect(nurse.locator("main")).to_contain_text(ANSWER)

    admin = open_page(ADMIN)
    narrow(admin)
    for address in (f"/dokument/{ROUTINE}/", f"/dokument/{ROUTINE}/v/1/", f"/dokument/{ROUTINE}/fil/"):
        answer = nurse.goto(address)
        assert answer is not None
        assert answer.status == 404, address
    accessible(nurse)
    search(nurse, "fallrisker")
    expect(nurse.get_by_role("link", name=TITLE)).to_have_count(0)
    search(nurse, ROUTINE)
    expect(nurse.locator(f"main a[href^='/dokument/{ROUTINE}/']")).to_have_count(0)
    # The case keeps its history, but no longer names what its reader may not see.
    nurse.goto(f"/avvikelser/{number}/")
    expect(nurse.locator("main")).not_to_contain_text(TITLE)


def write(page: Page, text: str, button: str, *, kind: str) -> None:
    thread = page.locator("section.thread").first
    if thread.locator("[name=kind][type=radio]").count():
        thread.locator(f"[name=kind][value={kind}]").check()
    thread.locator("textarea[name=body]").fill(text)
    thread.get_by_role("button", name=re.compile(button, re.IGNORECASE)).first.click()
    expect(thread).to_contain_text(text)


def narrow(page: Page) -> None:
    page.goto(f"/admin/documents/document/?q={ROUTINE}")
    accessible(page)
    page.locator("#result_list a", has_text=ROUTINE).first.click()
    page.locator("a[href$='/synlighet/']").first.click()
    accessible(page)
    for flag in ("public", "private", "municipal"):
        page.locator(f"[name={flag}]").uncheck()
    page.locator("[name=regional]").check()
    page.locator("[name=_preview]").click()
    expect(page.locator("#foljd")).to_contain_text("Björken")
    accessible(page)
    page.locator("[name=reason]").fill("Rutinen görs om och gäller tills vidare bara regionen.")
    page.locator("[name=_save]").click()
    page.wait_for_load_state()


ADDRESSES = {
    "": ("/", "/dokument/", "/dokument/?q=trycksår", "/dokument/?q=trycksar", "/dokument/?q=björken", "/dokument/RUT-0187/", "/dokument/RUT-0187/jamfor/2/3/", "/dokument/RIK-0112/?visa=text", "/dokument/RIK-0112/?visa=sidor", "/finns-inte/", "/konto/login/",
         "/saknas/", "/tillganglighet/", "/uppgifter/", "/allmanna-handlingar/", "/komponenter/"),
    NURSE: ("/", "/avvikelser/", "/avvikelser/ny/", "/konto/uppdrag/", "/konto/notiser/", "/konto/2fa/",
            "/konto/password/change/"),
    HANDLER: ("/", "/avvikelser/"),
    EDITOR: ("/dokument/", "/dokument/sokt-utan-traff/", "/dokument/?q=trycksår", "/dokument/nytt/", "/dokument/RUT-0187/andra/", "/dokument/skrivbord/", "/dokument/lamna-over/",
             "/dokument/RUT-0187/granska/", "/dokument/RUT-0187/upphav/", "/dokument/RUT-0220/", "/dokument/RUT-0220/synlighet/?vem=björken", "/konto/visa-som/?q=björken",
             "/dokument/RUT-0220/synlighet/andra/?till=1", "/dokument/RUT-0220/synlighet/historik/",
             "/dokument/synlighet/?nr=RUT-0220&nr=RUT-0187",
             "/dokument/synlighet/vem/?q=björken&plats=Vårdcentralen Björken AB"),
    "samordnare@region.example": ("/avvikelser/samordning/",),
    ADMIN: ("/", "/admin/", "/admin/accounts/provider/", "/admin/accounts/user/", "/admin/documents/document/",
            "/admin/documents/document/synlighet/?ids=1"),
}  # fmt: skip


@pytest.mark.parametrize("email", ADDRESSES)
def test_every_page_is_accessible_and_fits_a_phone(open_page: OpenPage, email: str) -> None:
    page = open_page(email, width=360)
    for address in ADDRESSES[email]:
        page.goto(address)
        if not address.startswith("/admin/"):  # Django's own tables scroll inside the page on a phone
            fits(page)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            accessible(page)


def test_an_editor_names_a_reader_until_a_day_and_sees_it_with_their_eyes(open_page: OpenPage) -> None:
    page, number = open_page(EDITOR), "RUT-0220"
    page.goto(f"/dokument/{number}/")
    page.get_by_role("link", name="Se och ändra vem som kan läsa").click()
    page.get_by_role("link", name="Ändra vem som kan läsa").click()
    page.wait_for_load_state()
    page.get_by_label("Sök en vårdgivare eller enhet att lägga till").press_sequentially("myrv")
    page.locator("#funna button").first.click()
    page.locator("input[name=until]").fill("2099-12-24")
    page.get_by_role("button", name="Se följden").last.click()
    expect(page.locator("#foljd")).to_contain_text("Myrvikens kommun")
    accessible(page)
    page.locator("[name=reason]").fill("De hjälper till vid avbrottet.")
    page.get_by_role("button", name="Fråga en fastställare").click()
    expect(page.locator("main")).to_contain_text("Väntar tills en fastställare")
    approver = open_page("faststallare@region.example", width=360)
    approver.goto("/konto/notiser/")
    approver.get_by_role("link", name=number).first.click()
    accessible(approver)
    approver.get_by_role("button", name="Ja, öppna det").click()
    expect(approver.locator("main")).to_contain_text("till och med 24 december 2099")
    page.goto(f"/dokument/{number}/synlighet/")
    page.locator("#som").fill("myrvikens")
    page.get_by_role("button", name="Sök vem du vill visa som").click()
    page.locator("button[name=as]").first.click()
    expect(page.locator("aside.as")).to_contain_text("Myrvikens kommun")
    expect(page.locator("h1")).to_contain_text("Reservrutin")
    accessible(page)
    page.get_by_role("button", name="Sluta visa som").click()
    expect(page.locator("aside.as")).to_have_count(0)


def test_a_routine_is_found_and_opened_by_the_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#innehall")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator(":focus")).to_have_attribute("type", "search")
    page.keyboard.type("trycksår")
    page.keyboard.press("Enter")
    page.wait_for_url("**/dokument/?q=*")
    for _press in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.doc__title') !== null"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/dokument/[A-Z]{3}-\d+/$"))


def test_what_is_typed_is_finished_by_the_keyboard(open_page: OpenPage) -> None:
    for width in (360, 1280):
        page = open_page(width=width)
        page.goto("/dokument/")
        box = page.locator("#q")
        box.press_sequentially("trycks")
        offered = page.locator(".suggest")
        expect(offered.get_by_role("option").first).to_contain_text("Trycksår")
        expect(box).to_have_attribute("aria-expanded", "true")
        accessible(page)
        fits(page)
        page.keyboard.press("ArrowDown")
        chosen = offered.locator("[aria-selected=true]")
        expect(box).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "none")
        page.keyboard.press("Escape")
        expect(offered).to_be_hidden()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/dokument/(\?q=|[A-Z]{3}-\d)"))


def test_it_all_works_without_javascript(chromium, portal) -> None:
    context = chromium.new_context(base_url=portal.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/konto/login/")
    page.fill("input[name=login]", NURSE)
    page.fill("input[name=password]", "vardgivarwebb-demo")
    page.locator("main button[type=submit]").first.click()
    page.goto("/dokument/RUT-0187/")
    page.get_by_role("link", name="Rapportera en avvikelse om detta").click()
    page.locator("[name=event_kind][value=risk]").check()
    page.locator("[name=description]").fill("Ingen larmknapp fanns i rummet.")
    page.locator("[name=occurred_date]").fill(dt.datetime.now(SWEDEN).date().isoformat())
    page.locator("select[name=type]").select_option(index=1)
    page.get_by_role("button", name="Skicka rapporten").click()
    # One field was left out: nothing typed is lost, and the page says what is missing.
    expect(page.locator("[name=description]")).to_have_value("Ingen larmknapp fanns i rummet.")
    page.locator("select[name=concerns]").first.select_option("own")
    page.get_by_role("button", name="Skicka rapporten").click()
    page.wait_for_url("**/kvitto/")
    context.close()
