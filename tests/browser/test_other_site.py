"""The open list in a frame of another site's page, in a real browser."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from tools.server import Portal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def host_page(chromium: Browser, portal: Portal, site: str, width: int) -> Page:
    """A page of another site that shows the list."""
    page = chromium.new_context(viewport={"width": width, "height": 800}).new_page()
    page.goto(f"{site}/?{quote(f'{portal.url}/dokument/inbaddad/')}")
    return page


@pytest.mark.parametrize("width", [360, 1280])
def test_it_shows_in_a_chosen_sites_page_follows_its_width_and_sets_no_cookie(
    chromium: Browser, portal: Portal, sites: tuple[str, str], width: int
):
    page = host_page(chromium, portal, sites[0], width)
    frame = page.frame_locator("#f")
    links = frame.locator("li a")
    links.first.wait_for()
    assert links.count() > 3
    wide, shown = frame.locator("html").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert wide <= shown, "no scrolling sideways"
    assert page.context.cookies() == []
    with page.context.expect_page() as opened:
        links.first.click()
    opened.value.wait_for_load_state()
    assert f"{portal.url}/dokument/" in opened.value.url
    page.context.close()


def test_no_other_site_shows_it(chromium: Browser, portal: Portal, sites: tuple[str, str]):
    page = host_page(chromium, portal, sites[1], 800)
    page.wait_for_load_state("networkidle")
    assert page.frame_locator("#f").locator("li a").count() == 0
    page.context.close()
