"""The administration: nothing that axe finds, in both themes, and nothing in English."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import accessible

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# A list, a form with boxes that one searches in, one with a table in it, one with two lists beside each other, and what
# others made: the log, the jobs.
PAGES = (
    "/admin/",
    "/admin/documents/document/",
    "/admin/documents/source/add/",
    "/admin/accounts/agreement/add/",
    "/admin/accounts/auditevent/",
    "/admin/procrastinate/procrastinatejob/",
)
OPENED = (
    "/admin/accounts/provider/",
    "/admin/accounts/user/",
    "/admin/documents/document/",
    "/admin/documents/synonym/",
    "/admin/documents/documentevent/",
    "/admin/procrastinate/procrastinatejob/",
)
ENGLISH = re.compile(
    r"\b(the|and|of|to|with|Can|by|jobs?|task|queue|name|status|attempts|select|change|delete|view)\b", re.I
)
# Codes of what happened, and facts as they are stored, are the same in every language.
KEPT = re.compile(r"\{.*\}|\b\w+_\w+\b|\b\w+\.\w+\b|Region \w+")


def test_its_pages_are_accessible_and_swedish(open_page: Callable[..., Page]) -> None:
    page = open_page("admin@portal.example")
    addresses = list(PAGES)
    for address in OPENED:
        page.goto(address)
        first = page.locator("#result_list tbody th a").first
        if first.count():
            addresses.append(first.get_attribute("href") or "")
    assert len(addresses) > len(PAGES) + 4
    for address in addresses:
        page.emulate_media(color_scheme="light")
        answer = page.goto(address)
        assert answer
        assert answer.status == 200, address
        accessible(page)
        page.emulate_media(color_scheme="dark")
        accessible(page)
        said = KEPT.sub(
            "", page.locator("#content").inner_text() + page.locator(".breadcrumbs").all_inner_texts().__str__()
        )
        found = [line for line in said.split("\n") if ENGLISH.search(line)]
        assert not found, f"{address}: {found[:5]}"
