"""Bad input at every address: a plain answer, nothing in a 500, nothing half-saved."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Assignment, Provider, User
from deviations.models import Case, Message
from documents.models import Document, Version
from tests.access import world as worlds
from tests.access.table import ADMIN_MODELS, table
from tests.documents.test_writing import save

pytestmark = pytest.mark.django_db

NASTY = (
    "\x00",
    "a\x00b",
    "\u202egpj.exe\u202c",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "",
    "   ",
    "9" * 400,
    "-1",
    "1e999",
    "2026-13-45",
    "25:61",
    "x" * 20_000,
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "%",
    "[]",
)
NAMES = re.compile(r"<(?:input|select|textarea)\b[^>]*\bname=\"([^\"]+)\"")
KEPT = {"csrfmiddlewaretoken", "_selected_action"}


def quiet(world: worlds.World, role: str) -> Client:
    client = world.client(role)
    client.raise_request_exception = False
    return client


def counts() -> dict[str, int]:
    return {m.__name__: m.objects.count() for m in (Case, Message, Document, Version, User, Provider, Assignment)}


def addresses(world: worlds.World, role: str) -> list[str]:
    found = [address.split("?")[0] for address, _expected in table(world).values()]
    if role == "admin":
        for label in sorted(ADMIN_MODELS):
            found += [f"/admin/{label.replace('.', '/')}/", f"/admin/{label.replace('.', '/')}/add/"]
    return [a for a in dict.fromkeys(found) if "logout" not in a]


def odd(names: list[str], turn: int) -> dict[str, str]:
    """Another bad value for each name; a few turns bring every kind to most fields."""
    return {name: NASTY[(place + turn) % len(NASTY)] for place, name in enumerate(names)}


@pytest.mark.parametrize("role", ["nobody", "handler", "admin"])
@pytest.mark.parametrize("turn", [3])
def test_no_query_breaks_a_page(world: worlds.World, role: str, turn: int) -> None:
    client, broken = quiet(world, role), []
    names = ["q", "sida", "efter", "typ", "omrade", "galler", "dokument", "next", "lage", "sortering", "ids", "p", "o"]
    for address in addresses(world, role):
        query = {name: value[:2000] for name, value in odd(names, turn).items()}
        for asked in (query, {name: value for name, value in query.items() if "\x00" not in value}):
            answer = client.get(address, asked)
            if answer.status_code >= 500:
                broken.append((address, answer.status_code))
    assert not broken, broken


@pytest.mark.parametrize("role", ["nobody", "handler", "admin"])
@pytest.mark.parametrize("turn", [0, 6])
def test_no_form_breaks_and_nothing_is_saved(world: worlds.World, role: str, turn: int) -> None:
    client = quiet(world, role)
    before, broken = counts(), []
    for address in addresses(world, role):
        page = client.get(address)
        text = "" if page.streaming else page.content.decode(errors="replace")
        names = sorted(set(NAMES.findall(text)) - KEPT) or ["body", "part", "token", "reason", "recipient", "to"]
        answer = client.post(address, odd(names, turn))
        if answer.status_code >= 500:
            broken.append((address, answer.status_code))
    assert not broken, broken
    assert counts() == before


def test_ten_megabytes_in_any_form_are_refused_in_words(world: worlds.World) -> None:
    client, huge = quiet(world, "admin"), "å" * 5_000_000
    for address in ("/saknas/", "/konto/login/", "/admin/accounts/provider/add/", "/admin/accounts/user/add/"):
        answer = client.post(address, {"what": huge, "login": huge, "name": huge, "email": huge})
        assert answer.status_code in {400, 413}, address
        words = answer.content.decode()
        assert "för stort: ett formulär tar högst 5 MB" in words, (address, words[-1500:])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("tom.pdf", b""),
        ("falsk.pdf", b"MZ" + b"\0" * 500),
        ("kapad.docx", b"PK\x03\x04" + b"\0" * 300),
        ("text.exe", b"hej"),
        ("rutin.pdf", b"%PDF-1.7\n" + b"\xff" * 2000),
    ],
)
def test_a_bad_file_gets_a_message_and_leaves_the_document_as_it_was(
    world: worlds.World, name: str, data: bytes
) -> None:
    client, before, number = quiet(world, "editor"), counts(), "REG-2"
    answer = save(client, number, file=SimpleUploadedFile(name, data), change_summary="Ny fil")
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]
    assert counts() == before


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_no_address_answers_a_method_that_no_page_needs(
    world: worlds.World, django_assert_num_queries, method: str
) -> None:
    """Refused before it is asked who it is: the same for everybody."""
    client = world.client("admin")
    listed = [address for address, _expected in table(world).values()]
    for address in ("/dokument/RUT-9999/", "/admin/accounts/user/", *listed):
        with django_assert_num_queries(0):
            answer = client.generic(method, address)
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST"), address


# What pages take in beside the fields of their forms.
UNSHOWN = ("q", "nr", "ids", "add", "remove", "for", "named", "until", "as", "next", "to", "shown", "answer", "reason")


@pytest.mark.parametrize("role", ["editor", "admin", "handler"])
def test_a_nul_in_any_field_of_any_form_is_told_and_saves_nothing(world: worlds.World, role: str) -> None:
    client, before, broken = quiet(world, role), counts(), []
    more = [f"/admin/documents/document/{d.pk}/synlighet/" for d in world.documents.values()] if role == "admin" else []
    for address in [*addresses(world, role), *more]:
        page = client.get(address)
        text = "" if page.streaming else page.content.decode(errors="replace")
        names = (set(NAMES.findall(text)) | set(UNSHOWN)) - KEPT
        for sent in (dict.fromkeys(names, "a\x00b"), {**dict.fromkeys(names, "1"), "q": "a\x00b", "add": "a\x00b"}):
            if client.post(address, sent).status_code >= 500:
                broken.append(address)
    assert not broken, broken
    assert counts() == before


@pytest.mark.parametrize("address", ["/sprak/", "/konto/visa-som/avsluta/"])
@pytest.mark.parametrize(
    "where", ["saknas", "a\x00b", "//annan.example/", "https://annan.example/", "javascript:1", ""]
)
def test_what_a_form_says_of_where_one_came_from_leads_nowhere_else(
    world: worlds.World, address: str, where: str
) -> None:
    answer = quiet(world, "editor").post(address, {"next": where, "language": "sv"})
    assert answer.status_code == 302
    assert "annan" not in answer["Location"]
    assert not answer["Location"].startswith("javascript")
