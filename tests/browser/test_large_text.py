"""Text at 200 % on a phone of 360 px: no page scrolls sideways, and nothing stands on top of anything else (WCAG 1.4.4)."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import fits, sign_in
from tools.server import Portal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

OPEN = (
    "/",
    "/dokument/",
    "/dokument/?q=akut+sepsis",
    "/dokument/RUT-0187/",
    "/dokument/RIK-0112/",
    "/dokument/VPR-0012/",
)
PAGES = {
    "": (*OPEN, "/saknas/", "/uppgifter/", "/tillganglighet/", "/konto/login/"),
    "handlaggare@region.example": ("/", "/avvikelser/", "/avvikelser/ny/", "/konto/notiser/", "/konto/uppdrag/"),
    "redaktor@region.example": (
        "/dokument/skrivbord/", "/dokument/nytt/", "/dokument/RUT-0187/andra/", "/dokument/RUT-0220/synlighet/",
        "/dokument/RUT-0187/jamfor/2/3/",
    ),
}  # fmt: skip
# Of the links and buttons at the top, those that stand on one another.
OVERLAPPING = """
() => {
  const seen = [...document.querySelectorAll(".head a, .head button, .nav a")].filter(one => one.checkVisibility());
  const boxes = seen.map(one => [one.innerText.trim(), one.getBoundingClientRect()]);
  const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return boxes.flatMap(([a, x], n) => boxes.slice(n + 1).filter(([, y]) => over(x, y)).map(([b]) => `${a} / ${b}`));
}
"""


@pytest.fixture(scope="module")
def large(chromium: Browser, chromium_path: str) -> Iterator[Browser]:
    """A browser whose reader has set letters of twice the usual size."""
    args = ["--blink-settings=defaultFontSize=32,defaultFixedFontSize=26"]
    browser = chromium.browser_type.launch(executable_path=chromium_path, args=args, chromium_sandbox=os.geteuid() != 0)
    yield browser
    browser.close()


@pytest.mark.parametrize("email", PAGES)
def test_no_page_scrolls_sideways_and_nothing_overlaps(large: Browser, portal: Portal, email: str) -> None:
    context = large.new_context(base_url=portal.url, locale="sv-SE", viewport={"width": 360, "height": 740})
    page: Page = context.new_page()
    if email:
        sign_in(page, email)
    for address in PAGES[email]:
        answer = page.goto(address)
        assert answer
        assert answer.status == 200, address
        assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") == 32
        fits(page)
        assert page.evaluate(OVERLAPPING) == [], address
    context.close()
