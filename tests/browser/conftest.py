"""A real Chromium before a real server. Nothing here or in the tests beside it touches the ORM: Playwright's sync API
runs an event loop in the thread, and Django refuses the database there.
"""

from __future__ import annotations

import html
import os
import shutil
import threading
import warnings
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tools.server import Portal

PASSWORD = "vardgivarwebb-demo"
WIDE = {"width": 1280, "height": 900}
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        said = "NO CHROMIUM FOUND: the browser tests are left out. Install chromium to run them."
        if os.environ.get("PORTAL_BROWSER_REQUIRED") == "1":
            pytest.fail(said)
        warnings.warn(said, pytest.PytestWarning, stacklevel=1)
        pytest.skip(said)
    return path


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """For one module: as long as Playwright's loop runs in the thread, no other test there could use the database."""
    with sync_playwright() as playwright:
        # A container's root has no user namespaces of its own, and Chromium's sandbox needs one.
        sandbox = os.geteuid() != 0
        browser = playwright.chromium.launch(executable_path=chromium_path, chromium_sandbox=sandbox)
        yield browser
        browser.close()


class _HostPage(BaseHTTPRequestHandler):
    """A page of another site that shows the address it is asked for in a frame."""

    def do_GET(self) -> None:
        address = html.escape(unquote(self.path.partition("?")[2]))
        page = f'<!doctype html><title>Intranät</title><iframe id="f" src="{address}" width="100%" height="600">'
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is said in the tests' output."""


@pytest.fixture(scope="session")
def sites() -> Iterator[tuple[str, str]]:
    """Two other sites: the first may show the open lists in a frame, the second may not."""
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), _HostPage) as one,
        ThreadingHTTPServer(("127.0.0.1", 0), _HostPage) as two,
    ):
        for server in (one, two):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        yield (f"http://127.0.0.1:{one.server_port}", f"http://127.0.0.1:{two.server_port}")
        one.shutdown()
        two.shutdown()


@pytest.fixture(scope="session")
def portal(chromium_path: str, sites: tuple[str, str]) -> Iterator[Portal]:
    """One for all that is tried in a browser: to start it takes longer than any of it."""
    assert chromium_path
    with Portal.started("browser", env={"PORTAL_EMBED_SITES": sites[0]}) as running:
        yield running


@pytest.fixture
def open_page(chromium: Browser, portal: Portal) -> Iterator[Callable[..., Page]]:
    """`open_page(email, width=…)`: a page of a browser of one's own, signed in unless the e-mail is empty."""
    opened, faults = [], []

    def one(email: str = "", width: int = 1280) -> Page:
        context = chromium.new_context(
            base_url=portal.url, locale="sv-SE", viewport={"width": width, "height": 900}, reduced_motion="reduce"
        )
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on(
            "response", lambda answer: faults.append(f"{answer.url}: {answer.status}") if answer.status >= 500 else 0
        )
        if email:
            sign_in(page, email)
        return page

    yield one
    for context in opened:
        context.close()
    assert not faults, faults


def sign_in(page: Page, email: str) -> None:
    page.goto("/konto/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/konto/login/" not in url)


def accessible(page: Page) -> None:
    """No violation of what axe can find of WCAG 2.2 A and AA and its best practices."""
    found = Axe().run(page)
    assert not found.response["violations"], f"{page.url}\n{found.generate_report()}"


def fits(page: Page) -> None:
    wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1], f"{page.url} scrolls sideways: {wide}"
    # A row of a table is not below an edge that hides it.
    hidden = page.eval_on_selector_all(
        ".prose .scroll", "all => all.map(one => one.scrollHeight - one.clientHeight).filter(more => more > 1)"
    )
    assert not hidden, f"{page.url} has tables that scroll within: {hidden}"


def paste(where: Locator, **data: str) -> None:
    """As a person pastes into the text: `text` is plain, `html` formatted, as Word puts it on the clipboard."""
    kinds = {"text": "text/plain", "html": "text/html"}
    where.evaluate(
        """(element, data) => {
            const clipboardData = new DataTransfer();
            for (const [kind, value] of data) clipboardData.setData(kind, value);
            element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        [(kinds[name], value) for name, value in data.items()],
    )
