"""A routine published with the wrong readers is found, mended in at most three acts and gone from the list; the curve
of equal access moves the next day. The pages are accessible and fit a telephone, in both themes."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessible, fits
from tests.browser.test_document_life import Acts, in_both_themes
from tools.server import Portal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

STEWARD, NURSE = "redaktor@region.example", "lasare@privat.example"
WATCH, EQUAL = "/dokument/publiceringskontroll/", "/lika-tillgang/"
MOST_ACTS = 3
TITLE = "Blodgas: provtagning och transport"
# Published by the portal's own verbs, with readers that leave the private providers out, though it applies to them.
PUBLISH = f"""
from accounts.models import Provider
from accounts.readers import Reader
from documents import lifecycle
from documents.models import DocumentType, ProgrammeArea
from documents.visibility.preview import Visibility
by = Reader(kind="system", person_name="Vårdgivarwebben", door="command")
region = Provider.objects.get(kind="regional")
made = lifecycle.create_document(by=by, title={TITLE!r}, type=DocumentType.objects.get(code="RUT"), owner=region,
    area=ProgrammeArea.objects.first(), visibility=Visibility(regional=True), applies_regional=True,
    applies_private=True, applies_municipal=False)
draft = lifecycle.add_version(made, by=by, body="## Provet\\n\\nTransporteras på is.")
lifecycle.publish(draft, by=by, approver_label="Chefläkaren")
print(made.number)
"""
RECORD = """
import datetime as dt, json
from core import clock
from documents.equal import records
from documents.watch import looking
with clock.frozen(clock.now() + dt.timedelta(days=DAYS)):
    looking.look_at_all()
    records.record()
    print(json.dumps({row.kind: [row.open, row.applies] for row in records.latest()}))
"""

OpenPage = Callable[..., Page]


def recorded(portal: Portal, days: int) -> dict[str, list[int]]:
    """The figures recorded on a day to come, by kind: those that can be read, of those that apply."""
    told = portal.manage("shell", "-v0", "-c", RECORD.replace("DAYS", str(days)))
    figures: dict[str, list[int]] = json.loads(told.strip().splitlines()[-1])
    return figures


def test_wrong_readers_are_found_mended_and_seen_in_the_curve(open_page: OpenPage, portal: Portal):
    number = portal.manage("shell", "-v0", "-c", PUBLISH).strip().splitlines()[-1]
    before = recorded(portal, 1)["private"]
    steward = open_page(STEWARD)
    steward.goto(WATCH + "?vy=alla")
    in_both_themes(steward)
    card = steward.locator(".findings > li").filter(has_text=number).filter(has_text="Gäller för dem som inte ser")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("privata vårdgivare")
    acts = Acts()
    acts.click(card.get_by_role("link", name="Öppna för"))
    in_both_themes(steward)
    acts.fill(steward.get_by_label("Varför ändrar du?"), "Rutinen gäller för privata vårdgivare.")
    acts.click(steward.locator("button[name=save]"))
    assert acts.done <= MOST_ACTS
    steward.goto(WATCH + "?vy=alla")
    expect(steward.locator(".findings > li").filter(has_text=number).filter(has_text="Gäller för dem")).to_have_count(0)
    nurse = open_page(NURSE, 360)
    nurse.goto(f"/dokument/{number}/")
    expect(nurse.locator("h1")).to_contain_text(TITLE)
    after = recorded(portal, 2)["private"]
    assert after[1] == before[1]
    assert after[0] == before[0] + 1
    nurse.goto(EQUAL)
    expect(nurse.locator("#nu + .card")).to_contain_text(f"{after[0]} av {after[1]} dokument")
    in_both_themes(nurse)
    fits(nurse)


def test_putting_aside_and_the_rules(open_page: OpenPage):
    steward = open_page(STEWARD, 360)
    steward.goto(WATCH + "?vy=alla")
    name = steward.locator(".findings > li h3").first.inner_text()
    steward.locator(".findings").get_by_role("link", name="Pausa").first.click()
    in_both_themes(steward)
    steward.get_by_role("button", name="Pausa").click()
    expect(steward.locator("main")).to_contain_text("Skriv varför det pausas.")
    steward.get_by_label("Varför pausas det?").fill("Avtalet skrivs om.")
    steward.get_by_role("button", name="Pausa").click()
    steward.goto(WATCH + "?vy=pausade")
    expect(steward.locator(".findings > li").filter(has_text=name).first).to_contain_text("Avtalet skrivs om.")
    in_both_themes(steward)
    steward.get_by_role("button", name="Ta upp igen").first.click()
    steward.goto(WATCH + "regler/")
    in_both_themes(steward)
    accessible(steward)


def test_the_steward_begins_with_what_to_mend(open_page: OpenPage):
    steward = open_page(STEWARD)
    steward.goto("/")
    expect(steward.locator("main section h2").first).to_contain_text("Att åtgärda")
    steward.goto(EQUAL)
    expect(steward.locator("#alla")).to_be_visible()
    in_both_themes(steward)
    steward.emulate_media(media="print")
    expect(steward.locator("svg[role=img]").first).to_be_visible()
