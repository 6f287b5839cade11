"""The handler's day in a real browser, by keyboard alone: forty cases acknowledged, counted in keys."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessible, fits
from tests.browser.test_document_life import Acts, in_both_themes
from tools.server import Portal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

OpenPage = Callable[..., Page]
HANDLER = "handlaggare@kommun.example"
MADE = 40
REPORT = f"""
import datetime as dt, uuid
from accounts.models import Assignment, User
from accounts.readers import reader_for
from core import clock
from deviations.entry.reports import Recipient, Report
from deviations.models import Case, DeviationType
from deviations.verbs import submission
nurse = User.objects.get(email="lasare@region.example")
reader = reader_for(nurse, Assignment.objects.current().filter(user=nurse).first())
to = Assignment.objects.current().get(user__email="{HANDLER}")
for i in range({MADE}):
    data = Report(
        event_kind=Case.EventKind.choices[0][0], type=DeviationType.objects.order_by("pk")[i % 5],
        occurred_at=clock.now() - dt.timedelta(days=1), description=f"Underlag {{i}} saknades vid hemgång.",
        place="Avdelning 3", concerns=(Recipient(to.provider, to.unit),),
    )
    submission.submit(uuid.uuid4(), data=data, by=reader)
"""


@pytest.fixture(scope="module")
def forty(portal: Portal) -> None:
    portal.manage("shell", "-v0", "-c", REPORT)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def acknowledge_all(page: Page) -> int:
    """Page by page, until no more can be; how many keys it took."""
    keys = 0
    page.goto("/avvikelser/?vy=waiting_us")
    while page.locator(".inbox").get_by_text("Bekräfta ärendet").count():
        press(page, "a")
        with page.expect_navigation():
            press(page, "b")
        keys += 2
        following = page.get_by_role("link", name="Nästa sida")
        if not page.locator(".inbox").get_by_text("Bekräfta ärendet").count() and following.count():
            following.press("Enter")
            page.wait_for_load_state()
            keys += 1
    return keys


def test_forty_cases_are_acknowledged_with_few_keys(forty: None, open_page: OpenPage) -> None:
    page = open_page(HANDLER, width=1440)
    page.goto("/avvikelser/?vy=unassigned")
    expect(page.locator(".tabs [aria-current]")).to_contain_text(re.compile(r"\d"))
    in_both_themes(page)
    press(page, "j", "j", "k", "x")
    expect(page.locator("[data-chosen-count]")).to_have_text("Ett valt")
    press(page, "?")
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, "Escape", "x")
    expect(page.locator("[data-chosen-count]")).to_have_text("Inget valt")
    assert acknowledge_all(page) <= 12


def test_a_case_is_taken_from_the_list_and_opened_and_the_switch_turns_the_keys_off(
    forty: None, open_page: OpenPage
) -> None:
    page = open_page(HANDLER, width=1440)
    page.goto("/avvikelser/?vy=unassigned&q=hemgang")
    first = page.locator("[data-row]").first.get_attribute("href")
    press(page, "j")
    with page.expect_navigation():
        press(page, "t")
    expect(page.locator(".messages")).to_contain_text("Du handlägger ett ärende till nu")
    page.get_by_role("button", name="Ångra: som det var innan").press("Enter")
    expect(page.locator(".messages")).to_contain_text("som det var innan")
    assert page.locator("[data-row]").first.get_attribute("href") == first
    press(page, "j", "Enter")
    page.wait_for_url(f"**{first}")
    page.go_back()
    page.get_by_role("button", name="Slå av tangenter med en bokstav").press("Enter")
    press(page, "a")
    expect(page.locator("[data-choose-all]")).not_to_be_checked()


def test_a_row_is_low_and_three_cases_stand_on_a_telephones_screen(forty: None, open_page: OpenPage) -> None:
    page = open_page(HANDLER, width=1440)
    page.goto("/avvikelser/?vy=unassigned")
    heights = page.eval_on_selector_all(".inbox tbody tr", "all => all.map(r => r.getBoundingClientRect().height)")
    assert max(heights) <= 56, heights
    page.set_viewport_size({"width": 360, "height": 740})
    fits(page)
    accessible(page)
    cards = page.eval_on_selector_all(".inbox tbody tr", "all => all.map(r => r.getBoundingClientRect().height)")
    # Between the top of the screen and the menu at its foot.
    assert sum(sorted(cards)[-3:]) + 2 * 12 <= 740 - 64, cards[:5]


def answered(page: Page) -> None:
    """The next case of the list is answered: n to the text, typed, sent by Tab and Enter, looked through, sent."""
    press(page, "n")
    page.keyboard.type("Vi har ändrat rutinen.")
    to_button(page, "Granska svaret")
    page.get_by_role("button", name="Skicka svaret").wait_for()
    to_button(page, "Skicka svaret")
    expect(page.locator("section.thread").first).to_contain_text("Vi har ändrat rutinen.")


def to_button(page: Page, words: str) -> None:
    """By Tab to a button, and Enter: no mouse, and no focus that a person could not give it."""
    for _tab in range(20):
        press(page, "Tab")
        on = page.evaluate("[document.activeElement.tagName, document.activeElement.textContent.trim()]")
        if on[0] == "BUTTON" and words in on[1]:
            with page.expect_navigation():
                press(page, "Enter")
            return
    raise AssertionError(f"{words}: not within twenty tabs of {page.url}")


def forwarded(page: Page) -> None:
    press(page, "f")
    for _tab in range(12):
        press(page, "Tab")
        if "Vidarebefordra" in page.evaluate("document.activeElement.textContent"):
            break
    press(page, "Enter", "Tab", "m", "Tab")
    page.keyboard.type("Medicinkliniken skrev ut patienten.")
    to_button(page, "Vidarebefordra")
    expect(page.locator("main")).to_contain_text("Er del är slut")


def test_ten_are_answered_and_five_forwarded_without_a_mouse(forty: None, open_page: OpenPage) -> None:
    page = open_page(HANDLER, width=1440)
    acknowledge_all(page)
    page.goto("/avvikelser/?vy=waiting_us&q=underlag")
    press(page, "j", "Enter")
    page.wait_for_url("**/avvikelser/AVV-*/")
    seen = set()
    for turn in range(15):
        seen.add(page.url.partition("?")[0])
        answered(page) if turn < 10 else forwarded(page)
        with page.expect_navigation():
            press(page, "j")
    assert len(seen) == 15
    page.goto("/avvikelser/?vy=closed&q=underlag")
    assert page.locator("[data-row]").count() == 5


def test_a_print_holds_what_was_chosen(forty: None, open_page: OpenPage) -> None:
    page = open_page(HANDLER, width=1440)
    page.goto("/avvikelser/?vy=mine&q=underlag")
    page.goto("/avvikelser/?q=underlag")
    press(page, "j", "Enter")
    page.wait_for_url("**/avvikelser/AVV-*/")
    page.evaluate("window.print = () => { window.printed = document.documentElement.dataset.prints }")
    page.emulate_media(media="print")
    expect(page.locator("section.thread--own")).to_be_hidden()
    expect(page.get_by_text("Utskriften innehåller det alla parter ser.")).to_be_visible()
    page.emulate_media(media="screen")
    page.get_by_text("Skriv ut ärendet").click()
    page.get_by_role("button", name="Också det bara vi ser").click()
    assert page.evaluate("window.printed") == "all"
    page.evaluate("document.documentElement.dataset.prints = 'all'")
    page.emulate_media(media="print")
    expect(page.locator("section.thread--own")).to_be_visible()
    expect(page.get_by_text("får inte lämnas till en annan part")).to_be_visible()


def test_the_coordinator_finds_and_reminds_the_ten_latest_in_fifteen_acts(portal: Portal, open_page: OpenPage) -> None:
    page, acts = open_page("samordnare@region.example", width=1440), Acts()
    page.goto("/avvikelser/samordning/")
    acts.done += 1
    acts.click(page.get_by_role("link", name=re.compile("försenade")))
    heights = page.eval_on_selector_all(".inbox tbody tr", "all => all.map(r => r.getBoundingClientRect().height)")
    assert max(heights) <= 56, heights
    in_both_themes(page)
    latest = page.locator(".inbox tbody tr")
    numbers = [latest.nth(n).locator(".num").inner_text() for n in range(10)]
    for n in range(10):
        acts.click(latest.nth(n).locator("[name=v]"))
    acts.click(page.get_by_text("Påminn de som är sena"))
    acts.click(page.get_by_role("button", name="Påminn", exact=True))
    expect(page.locator(".messages")).to_contain_text("De sena i 10 ärenden är påminda")
    assert acts.done <= 15, acts.done
    page.goto(f"/avvikelser/samordning/{numbers[0]}/")
    expect(page.locator(".trail")).to_contain_text("Påminnelse från samordnaren")
    in_both_themes(page)
    page.set_viewport_size({"width": 360, "height": 740})
    fits(page)
    page.goto("/avvikelser/samordning/?vy=vardgivare")
    fits(page)
    accessible(page)
