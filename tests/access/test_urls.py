"""Every URL pattern, as every role: the expected answer, and no word of what the role may not see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.forms import drafts, opened_as
from accounts.models import Assignment, CareUnit, Draft, Provider, User
from deviations.models import Case, Message, Party
from documents.models import Document, Version, VisibilityGrant
from tests import cast as people
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


# No page of its own: what no other address answers.
CATCH_ALL = {"admin/(?P<url>.*)$"}


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


FORM = re.compile(r"<form\b[^>]*method=\"post\".*?</form>", re.DOTALL | re.IGNORECASE)
# Pages of the person: nothing there is done as an assignment, and nothing typed there is kept.
UNKEPT = ("/konto/", "/admin/", "/komponenter/", "/dokument/saknade/")


@pytest.mark.parametrize("role", worlds.ROLES)
def test_every_address_answers_as_its_row_says_and_holds_nothing_else(world: worlds.World, role: str) -> None:
    """Its status; no word of what the role may not see; forms that say who opened them and keep what is typed."""
    client, secret = world.client(role), hidden_from(role)
    stamp = opened_as.stamp(world.reader(role)) if role != "nobody" else ""
    wrong = []
    for pattern, (address, expected) in table(world).items():
        answer = client.get(address)
        if answer.status_code != expected[role]:
            wrong.append((address, f"{answer.status_code}, expected {expected[role]}"))
        text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode(errors="replace")
        # An administrator manages all documents in Django admin; cases are shown there to nobody.
        if role != "admin" or not address.startswith("/admin/"):
            # The address that was asked for may stand in its own 404 page.
            said = text.replace(address, "").replace(quote(address, safe=""), "").lower()
            wrong += [(address, f"holds {word}") for word in secret if word.lower() in said]
        if stamp and not answer.streaming and expected[role] in (200, 404) and "logout" not in address:
            wrong += [(address, why) for form in FORM.findall(text) if (why := lacks(form, address, stamp))]
        if role != "nobody" and pattern == "konto/logout/":
            client = world.client(role)
    assert not wrong, "\n".join(f"{address}: {what}" for address, what in wrong)


def hidden_from(role: str) -> set[str]:
    secret = {word for number, word in worlds.DOCUMENTS.items() if number not in worlds.VISIBLE[role]}
    secret |= {number for number in worlds.DOCUMENTS if number not in worlds.VISIBLE[role]}
    if role not in worlds.SEES_CASE:
        secret.add(worlds.CASE_WORD)
    if role not in worlds.SEES_NOTE:
        secret.add(worlds.NOTE_WORD)
    return secret


def lacks(form: str, address: str, stamp: str) -> str:
    """What a form that is sent should have and has not."""
    if f'name="opened_as" value="{stamp}"' not in form:
        return f"does not say who opened it: {form[:300]}"
    if "<textarea" not in form or address.startswith(UNKEPT):
        return ""
    token = re.search(r'name="token" value="([^"]+)"', form)
    if not token or not drafts.parse_ticket(token[1]):
        return f"has no ticket: {form[:300]}"
    return "" if "data-draft-url" in form or "judge" in form else f"is not kept: {form[:300]}"


# Of the staff without our roles, who sees a model's list: an editor of the own provider's documents.
LISTED_FOR = {"documents.document": {"private_staff"}}


@pytest.mark.parametrize("label", sorted(ADMIN_MODELS))
def test_a_models_own_pages_open_for_administrators_only(world: worlds.World, label: str) -> None:
    """List, search, add, change, delete and history, of a thing that is there and of one that is not."""
    model = apps.get_model(label)
    there = model._default_manager.order_by("pk").values_list("pk", flat=True).first() or 1
    base = f"/admin/{label.replace('.', '/')}/"
    pages = ["", "?q=abc", "add/"]
    pages += [f"{pk}/{tail}" for pk in (there, 9_999_999) for tail in ("change/", "delete/", "history/", "")]
    admin_client = world.client("admin")
    for page in pages:
        assert admin_client.get(base + page).status_code in ({200} if page in ("", "?q=abc") else {200, 302, 403}), page
    for role in worlds.ROLES:
        client = world.client(role)
        for page in pages:
            status = client.get(base + page).status_code
            if role in worlds.STAFF - {"admin"}:
                may = role in LISTED_FOR.get(label, ())
                # Of what one may not see Django's admin says that it does not exist, and leads to the index.
                assert status in ({200, 302, 403, 404} if may else {302, 403, 404}), (role, page, status)
                if may and page not in ("", "?q=abc", "add/"):
                    assert status in {302, 403, 404}, (role, page, status)
            elif role != "admin":
                assert status == 302, (role, page, status)


@pytest.mark.parametrize("app", sorted({label.split(".")[0] for label in ADMIN_MODELS}))
def test_an_apps_index_opens_for_the_staff_only(world: worlds.World, app: str) -> None:
    for role in worlds.ROLES:
        status = world.client(role).get(f"/admin/{app}/").status_code
        if role == "admin":
            assert status == 200
        elif role in worlds.STAFF:
            assert status == (200 if (app, role) == ("documents", "private_staff") else 404), role
        else:
            assert status == 302, role


# Other methods ----------------------------------------------------------------------------------------------
MODELS = (Case, Message, Party, Document, Version, VisibilityGrant, User, Provider, CareUnit, Assignment)
# POST is there, and does something of the person's own: what, and the answer of an empty one.
OWN_ACTS = {
    "konto/notiser/": "one's own notices are read",
    "konto/logout/": "signs out",
    "admin/logout/": "signs out",
    "sprak/": "chooses a language",
}


def counts() -> dict[str, int]:
    begun = Draft.objects.filter(submitted_at=None).count()
    return {"begun drafts": begun, **{m.__name__: m._default_manager.count() for m in MODELS}}


@pytest.mark.parametrize("role", worlds.ROLES)
def test_other_methods_open_nothing_that_get_does_not(world: worlds.World, role: str) -> None:
    client = world.client(role)
    client.raise_request_exception = False
    before, wrong = counts(), {}
    for pattern, (address, expected) in table(world).items():
        # No other method reaches a page of anybody's: `test_no_address_answers_a_method_that_no_page_needs`.
        for method in ("head", "post"):
            if pattern in OWN_ACTS and method == "post":
                continue
            status, shown = getattr(client, method)(address).status_code, expected[role]
            if method == "head":
                allowed = {shown}
            elif pattern.startswith("api/v1/documents/"):
                allowed = {401, 405}  # by a key alone: nobody's session opens it
            elif shown == 404:
                allowed = {404, 405}
            elif shown in (302, 403):
                allowed = {302, 403, 404, 405}
            else:
                allowed = {200, 302, 400, 403, 404, 405, 409, 422}
            if status not in allowed:
                wrong[f"{method} {address}"] = (status, f"get: {shown}")
            if pattern in OWN_ACTS and "logout" in pattern:
                client = world.client(role)
                client.raise_request_exception = False
    assert not wrong, "\n" + "\n".join(f"{what}: {said}" for what, said in wrong.items())
    assert counts() == before


@pytest.mark.parametrize("role", ["nobody", "reader", "handler", "admin", "private_staff"])
def test_no_form_is_taken_without_its_protection(world: worlds.World, role: str) -> None:
    client = Client(enforce_csrf_checks=True)
    if role != "nobody":
        people.sign_in(client, world.user(role))
    before = counts()
    for pattern, (address, _expected) in table(world).items():
        status = client.post(address, {"answer": "yes", "what": "x"}).status_code
        allowed = {401} if pattern.startswith("api/v1/documents/") else {302, 403, 404, 405}
        assert status in allowed, (pattern, status)
        assert status != 302 or role == "nobody" or pattern.startswith(("konto/", "admin/")), (pattern, status)
    assert counts() == before


def test_admin_shows_no_case_anywhere(world: worlds.World) -> None:
    client = world.client("admin")
    for label in sorted(ADMIN_MODELS):
        body = client.get(f"/admin/{label.replace('.', '/')}/").content.decode()
        assert worlds.CASE_WORD not in body
        assert worlds.NOTE_WORD not in body
    assert client.get("/admin/deviations/case/").status_code == 404
