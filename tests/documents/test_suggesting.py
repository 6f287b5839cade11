"""What the search box offers while one types, where a number leads, and what one looked for lately."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import CareUnit
from accounts.readers import PUBLIC
from core import clock
from documents import ending, lifecycle, search
from documents.models import RecentSearch
from documents.search import recent, vocabulary
from documents.visibility.preview import Visibility
from tests.documents.library import PORTAL, Cast, add, retitled


@pytest.fixture
def names(cast: Cast):
    titles = {
        "sores": ("Trycksår: förebygga och behandla", Visibility(public=True)),
        "medicines": ("Läkemedelsgenomgång", Visibility(public=True)),
        "secret": ("Trycksårsupphandling", Visibility()),
    }
    found = {}
    for name, (title, visibility) in titles.items():
        document = add(cast, name, visibility)
        retitled(document, title=title)
        found[name] = document.number
    ending.revoke(add(cast, "old", Visibility(public=True)), by=PORTAL, reason="Utgått.")
    search.learn()
    yield found
    vocabulary.forget()


def offered(text: str, reader=PUBLIC) -> list[str]:
    return [d.number for d in search.suggest(reader, text).documents]


@pytest.mark.parametrize("text", ["try", "trycks", "tryck", "tryckså", "trycksa", "förebygga tryc", "sår", "TRYCKSÅR"])
def test_a_document_is_offered_by_the_beginning_of_its_name(names: dict[str, str], text: str):
    assert offered(text) == [names["sores"]]


def test_a_document_is_offered_by_its_number(names: dict[str, str]):
    number = names["medicines"]
    for text in (number, number.lower(), number.replace("-", ""), number[:-1]):
        assert number in offered(text)
    assert offered(names["secret"]) == []


def test_searches_are_offered_that_find_something(names: dict[str, str]):
    assert search.suggest(PUBLIC, "läke").searches == ["läkemedelsgenomgång"]
    assert search.suggest(PUBLIC, "dokument läke").searches == []
    assert search.suggest(PUBLIC, "trycksårsu").searches == []


@pytest.mark.parametrize("text", ["trycksårsu", "trycksårsupphandling", "upphandl"])
def test_nothing_offered_tells_of_what_is_hidden(cast: Cast, names: dict[str, str], text: str):
    def cost(text: str) -> tuple[bytes, int]:
        with CaptureQueriesContext(connection) as queries:
            page = Client().get("/dokument/forslag/", {"q": text}).content
        return page.strip(), len(queries)

    cost("")
    vocabulary.current()
    page, asked = cost(text)
    assert page == b""
    assert cost("trycksårszzzz")[1] == asked
    assert offered(text, cast["elin"]) == [names["secret"]]


def test_a_whole_number_opens_what_has_it(cast: Cast, names: dict[str, str]):
    number = names["sores"]
    for text in (number, number.lower(), number.replace("-", " ")):
        assert Client().get("/dokument/", {"q": text}).headers["Location"] == f"/dokument/{number}/"
    assert Client().get("/dokument/", {"q": f"{number} sår"}).status_code == 200
    hidden, never = (Client().get("/dokument/", {"q": q}) for q in (names["secret"], "RUT-9999"))
    assert hidden.status_code == never.status_code == 200
    assert hidden.context["results"].total == never.context["results"].total == 0


# Lately ---------------------------------------------------------------------------------------------------------
def test_what_one_looked_for_is_offered_to_oneself_under_that_assignment(cast: Cast):
    sara = cast.client("sara")
    for text in ("granskogen", "Fallrisk", "granskogen"):
        sara.get("/dokument/", {"q": text})
    assert recent.of(cast["sara"]) == ["granskogen", "fallrisk"]
    assert search.suggest(cast["sara"], "").recent == ["granskogen", "fallrisk"]
    assert search.suggest(cast["sara"], "fa").recent == ["fallrisk"]
    assert b"fallrisk" in sara.get("/dokument/").content
    assert recent.of(cast["stina"]) == []


def test_nothing_is_kept_of_nobody_or_of_an_identity_number(cast: Cast):
    Client().get("/dokument/", {"q": "granskogen"})
    cast.client("sara").get("/dokument/", {"q": "19121212-1212"})
    assert not RecentSearch.objects.exists()


def test_ones_searches_are_cleared_and_end_by_themselves(cast: Cast):
    sara = cast.client("sara")
    sara.get("/dokument/", {"q": "granskogen"})
    cast.client("stina").get("/dokument/", {"q": "granskogen"})
    page = sara.post("/dokument/sokningar/glom/", follow=True).content.decode()
    assert "Dina sökningar är glömda" in page
    assert (recent.of(cast["sara"]), recent.of(cast["stina"])) == ([], ["granskogen"])
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert recent.of(cast["stina"]) == []
        assert recent.purge() == 1


def test_of_many_searches_the_latest_are_kept(cast: Cast):
    for n in range(recent.MOST + 3):
        recent.keep(cast["sara"], f"sökning {n}")
    assert recent.purge() == 3
    assert RecentSearch.objects.count() == recent.MOST


# Contacts -------------------------------------------------------------------------------------------------------
def test_units_are_found_with_how_they_are_reached(cast: Cast):
    CareUnit.objects.filter(pk=cast.norra.pk).update(phone="090-12 34 56", email="norra@vard.example")
    page = Client().get("/dokument/", {"q": cast.norra.name[:5]}).content.decode()
    assert 'href="tel:090123456"' in page
    assert "norra@vard.example" in page
    assert cast.norra.name in Client().get("/dokument/forslag/", {"q": cast.norra.name[:5]}).content.decode()


def test_units_that_are_closed_or_without_access_are_not_found(cast: Cast):
    CareUnit.objects.filter(pk=cast.norra.pk).update(is_active=False, phone="090-12 34 56")
    assert "090-12" not in Client().get("/dokument/", {"q": cast.norra.name}).content.decode()


# Spellings --------------------------------------------------------------------------------------------------------
def texted(cast: Cast, name: str, visibility: Visibility, body: str) -> None:
    document = add(cast, name, visibility, published=False)
    lifecycle.publish(lifecycle.update_draft(document.versions.get(), by=PORTAL, body=body), by=PORTAL)


def test_no_spelling_is_shown_that_only_a_hidden_document_has(cast: Cast):
    """The stem is in a document that all may read; the very form only in one that nobody here may open."""
    texted(cast, "öppen", Visibility(public=True), "Granbarken läggs på såret.")
    texted(cast, "hemlig", Visibility(), "Granbarkarnas järvspårsskräp och Zyxoprilans dosering.")
    texted(cast, "dos", Visibility(public=True), "Zyxoprilan ges.")
    search.learn()
    try:
        for typed in ("granbarkarns", "granbarkanas", "zyxoprilanss", "järvspårsskrap", "jarvsparsskräp"):
            for reader in (PUBLIC, cast["sara"]):
                found = search.search(reader, typed)
                told = f"{found.suggestion} {found.instead} {search.suggest(reader, typed[:7]).searches}"
                for hidden in ("granbarkarnas", "zyxoprilans ", "zyxoprilans'", "järvspårsskräp"):
                    assert hidden not in told, (typed, told)
        # Whoever may open it is helped by it; and by what is readable, everybody.
        assert "granbarkarnas" in search.search(cast["elin"], "granbarkarns").instead
        assert "zyxoprilan" in search.search(PUBLIC, "zyxoprilam").instead
        assert search.suggest(PUBLIC, "zyxop").searches == ["zyxoprilan"]
    finally:
        vocabulary.forget()


def test_a_hidden_document_changes_nothing_that_is_offered(cast: Cast):
    """The same is said with the hidden document as without it."""
    texted(cast, "öppen", Visibility(public=True), "Granbarken läggs på såret. Läkemedel och genomgång.")
    search.learn()
    typed = ("granbarkn", "granbarkarna", "lakemedelsgenongang", "läkemedelsgenomgag", "granb", "läke")
    said = [(search.search(PUBLIC, t).instead, search.suggest(PUBLIC, t).searches) for t in typed]
    texted(cast, "hemlig", Visibility(), "Granbarkarna, granbarks, läkemedelsgenomgången, läkemedelsgenomgångs.")
    search.learn()
    try:
        assert [(search.search(PUBLIC, t).instead, search.suggest(PUBLIC, t).searches) for t in typed] == said
    finally:
        vocabulary.forget()
