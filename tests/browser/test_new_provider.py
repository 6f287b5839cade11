"""A new provider comes in, in a browser: from the register over its invitation, on a telephone, to its first report."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessible, fits
from tests.browser.test_document_life import Acts, in_both_themes
from tests.browser.test_whole_path import SWEDEN
from tools.server import Portal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MANAGER, SECOND = "avtal@region.example", "avtal2@region.example"
NAME, ADDRESS = "Ensamma fotvården", "mottagning@fotvarden.example"
# From opening the link to the sent report, among them four of who one is and seven of what happened.
MOST_ACTS = 14
LINK = (
    "from accounts.models import Invitation; print('länk', Invitation.objects.get(email='%s', accepted_at=None).link)"
)

OpenPage = Callable[..., Page]


def link_to(portal: Portal, address: str) -> str:
    """The link as the e-mail has it; the path alone."""
    told = portal.manage("shell", "-v", "0", "-c", LINK % address)
    found = re.search(r"länk \S+?(/konto/inbjudan/\S+)", told)
    assert found, told
    return found[1]


def put_in_the_register(page: Page) -> str:
    """A practice of one, whose administrator is named; gives the address of its page."""
    page.goto("/konto/avtal/")
    in_both_themes(page)
    page.get_by_role("link", name="Ny vårdgivare").click()
    page.get_by_label("Namn", exact=True).fill(NAME)
    page.get_by_label("Slag").select_option("private")
    page.get_by_label("Registrerad adress").fill(ADDRESS)
    page.get_by_label("Huvudman").select_option(label="Region Fjällmark")
    page.locator("[name=valid_from]").fill(dt.datetime.now(SWEDEN).date().isoformat())
    in_both_themes(page)
    page.get_by_role("button", name="Lägg in i registret").click()
    expect(page.locator("main")).to_contain_text("Ingen administrerar vårdgivaren")
    page.get_by_text("En enmansverksamhet", exact=True).click()
    page.get_by_label("Rapportör").check()
    page.get_by_label("Avvikelsehandläggare").check()
    in_both_themes(page)
    page.get_by_role("button", name="Utse den första administratören").click()
    expect(page.locator("main")).to_contain_text("Väntar på en annan avtalsförvaltare")
    return page.url


def test_from_the_register_to_the_first_report_on_a_telephone(open_page: OpenPage, portal: Portal) -> None:
    address = put_in_the_register(open_page(MANAGER))
    second = open_page(SECOND)
    second.goto(address)
    second.get_by_label("Jag har frågat vårdgivaren").check()
    in_both_themes(second)
    second.get_by_role("button", name="Bekräfta och skicka inbjudan").click()
    expect(second.locator("main")).to_contain_text(f"En inbjudan är på väg till {ADDRESS}")

    page, acts = open_page(width=360), Acts()
    page.goto(link_to(portal, ADDRESS))
    assert "nyckel" not in page.url
    accessible(page)
    fits(page)
    acts.fill(page.get_by_label("Förnamn"), "Fia")
    acts.fill(page.get_by_label("Efternamn"), "Fot")
    acts.fill(page.locator("[name=password]"), "snö över fjället")
    acts.click(page.get_by_label("Jag har läst villkoren"))
    acts.click(page.get_by_role("button", name=f"Börja på {NAME}"))
    expect(page.locator("h1")).to_have_text("Välkommen, Fia")
    accessible(page)
    acts.click(page.get_by_role("link", name="Rapportera en avvikelse"))
    acts.click(page.get_by_label("Risk", exact=False).first)
    acts.fill(page.get_by_label("Vad hände?"), "Remissen kom tillbaka utan svar.")
    acts.fill(page.locator("[name=occurred_date]"), (dt.datetime.now(SWEDEN).date() - dt.timedelta(days=1)).isoformat())
    page.locator("select[name=type]").select_option(index=2)
    acts.done += 1
    acts.fill(page.locator("[name=place]"), "Mottagningen")
    page.locator("select[name=concerns]").first.select_option(label="Medicinkliniken, Region Fjällmark")
    acts.done += 1
    acts.click(page.get_by_role("button", name="Skicka rapporten"))
    page.wait_for_url("**/kvitto/")
    assert acts.done <= MOST_ACTS

    page.goto("/konto/var-verksamhet/")
    accessible(page)
    fits(page)
    page.get_by_role("link", name="Bjud in personer").click()
    accessible(page)
    fits(page)
    page.get_by_label("E-postadress på arbetet").fill("kollega@fotvarden.example")
    page.get_by_role("button", name="Skicka inbjudan").click()
    expect(page.locator("main")).to_contain_text("En inbjudan är på väg till kollega@fotvarden.example")
    accessible(page)
    fits(page)
