"""Every URL pattern, as every role: the expected answer, and no word of what the role may not see."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver

from tests.access import world as worlds
from tests.access.table import ADMIN_MODELS, table

pytestmark = pytest.mark.django_db


def patterns(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        spelled = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, spelled)
        else:
            assert isinstance(pattern, URLPattern)
            yield spelled


def _is_model_admin(pattern: str) -> bool:
    """Django admin's own pages of a registered model: listed by ADMIN_MODELS and swept by address below."""
    parts = pattern.split("/")
    return len(parts) > 3 and parts[0] == "admin" and f"{parts[1]}.{parts[2]}" in ADMIN_MODELS


CATCH_ALL = {"admin/r/<path:content_type_id>/<path:object_id>/", "admin/(?P<url>.*)$"}


def test_every_pattern_has_a_row(world: worlds.World) -> None:
    rows = set(table(world))
    known = set(patterns(get_resolver()))
    app_index = {p for p in known if p.startswith("admin/^(?P<app_label>")}
    missing = {p for p in known - rows - CATCH_ALL - app_index if not _is_model_admin(p)}
    assert missing == set()
    assert rows - known == set(), "rows for addresses that are no more"


def test_admin_manages_exactly_the_listed_models() -> None:
    registered = {m._meta.label_lower for m in admin.site._registry}
    assert registered == ADMIN_MODELS
    assert not [m for m in registered if m.startswith("deviations.case")]


@pytest.mark.parametrize("role", worlds.ROLES)
def test_every_address_answers_as_its_row_says(world: worlds.World, role: str) -> None:
    client = world.client(role)
    wrong = {}
    for pattern, (address, expected) in table(world).items():
        status = client.get(address).status_code
        if role != "nobody" and pattern == "konto/logout/":
            client = world.client(role)
        if status != expected[role]:
            wrong[address] = (status, f"expected {expected[role]}")
    assert not wrong, "\n" + "\n".join(f"{address}: {said}" for address, said in wrong.items())


@pytest.mark.parametrize("role", worlds.ROLES)
def test_no_page_holds_a_word_of_what_the_role_may_not_see(world: worlds.World, role: str) -> None:
    secret = {word for number, word in worlds.DOCUMENTS.items() if number not in worlds.VISIBLE[role]}
    secret |= {number for number in worlds.DOCUMENTS if number not in worlds.VISIBLE[role]}
    if role not in worlds.SEES_CASE:
        secret.add(worlds.CASE_WORD)
    if role not in worlds.SEES_NOTE:
        secret.add(worlds.NOTE_WORD)
    client = world.client(role)
    leaks = []
    for address, _expected in table(world).values():
        # An administrator manages all documents in Django admin; cases are shown there to nobody.
        if role == "admin" and address.startswith("/admin/"):
            continue
        answer = client.get(address)
        text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode(errors="replace")
        # The address that was asked for may stand in its own 404 page.
        text = text.replace(address, "").replace(quote(address, safe=""), "")
        leaks += [(address, word) for word in secret if word.lower() in text.lower()]
    assert not leaks, leaks


@pytest.mark.parametrize("label", sorted(ADMIN_MODELS))
def test_a_model_in_admin_opens_for_administrators_only(world: worlds.World, label: str) -> None:
    address = f"/admin/{label.replace('.', '/')}/"
    assert world.client("admin").get(address).status_code == 200
    assert world.client("admin").get(address + "?q=abc").status_code == 200
    for role in worlds.ROLES:
        if role != "admin":
            assert world.client(role).get(address).status_code == 302, role


def test_admin_shows_no_case_anywhere(world: worlds.World) -> None:
    client = world.client("admin")
    for label in sorted(ADMIN_MODELS):
        body = client.get(f"/admin/{label.replace('.', '/')}/").content.decode()
        assert worlds.CASE_WORD not in body
        assert worlds.NOTE_WORD not in body
    assert client.get("/admin/deviations/case/").status_code == 404
