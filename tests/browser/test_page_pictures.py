"""A file's pages as pictures, on a telephone: made larger with two fingers, or with two taps, where the fingers are."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tools.server import Portal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def fingers(session: CDPSession, kind: str, *places: tuple[int, int]) -> None:
    points = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(places)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def wide(page: Page) -> float:
    return page.locator(".sheet-large img").evaluate("one => one.getBoundingClientRect().width")


def test_two_fingers_and_two_taps_make_a_page_larger(chromium: Browser, portal: Portal) -> None:
    context = chromium.new_context(
        base_url=portal.url, locale="sv-SE", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto("/dokument/RIK-0112/?visa=sidor")
    for _ in range(40):  # the worker reads the demonstration's files one after the other
        if page.locator("[data-sheet]").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    page.locator("[data-sheet]").first.tap()
    expect(page.locator(".sheet-large img")).to_be_visible()
    # Not by a function of text: the page's policy lets none be read a second time.
    expect(page.locator(".sheet-large img")).to_have_js_property("complete", True)
    at_first = wide(page)
    assert at_first <= 360
    session = context.new_cdp_session(page)
    fingers(session, "touchStart", (150, 400), (210, 400))
    fingers(session, "touchMove", (90, 400), (270, 400))
    fingers(session, "touchEnd")
    assert wide(page) == pytest.approx(3 * at_first, rel=0.05)
    # The page itself is as it was: the browser has not made the window larger.
    assert page.evaluate("visualViewport.scale") == 1
    scrolled = page.locator(".sheet-large__pane").evaluate("one => one.scrollLeft")
    assert scrolled > 0
    for _ in range(2):
        page.touchscreen.tap(180, 400)
    assert wide(page) == pytest.approx(at_first, rel=0.05)
    page.wait_for_function("wait => performance.now() > wait", arg=page.evaluate("performance.now()") + 400)
    for _ in range(2):
        page.touchscreen.tap(180, 400)
    assert wide(page) == pytest.approx(2.5 * at_first, rel=0.05)
    context.close()
