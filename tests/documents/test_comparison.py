"""What differs between two versions is told in words, to those who may open both; however long or odd, in short time."""

from __future__ import annotations

import random
import time
from datetime import timedelta

import pytest
from django.test import Client

from accounts import clock
from documents import comparison, lifecycle
from documents.models import Document, Version
from documents.visibility_preview import Visibility
from tests.documents.library import PORTAL, Cast, add

OLD = """Rutinen gäller vuxna.

## Gör så här

1. Kontrollera andning och puls.
2. Vid 5 poäng: ring jourläkaren.

| Poäng | Kontroll |
| --- | --- |
| 7 | Var 15:e minut |

## Undantag

Under helger ringer du växeln."""
NEW = """Rutinen gäller vuxna.

## Gör så här

1. Kontrollera andning och puls.
2. Vid 7 poäng: ring 112.
3. Stanna hos personen.

| Poäng | Kontroll |
| --- | --- |
| 7 | Hela tiden |"""


def versions(cast: Cast, *bodies: str) -> tuple[Document, list[Version]]:
    document = add(cast, "compared", Visibility(private=True), published=False)
    lifecycle.withdraw(document.versions.get(), by=PORTAL)
    made = []
    for body in bodies:
        version = lifecycle.add_version(document, by=PORTAL, body=body, change_summary="Larma 112.")
        made.append(lifecycle.publish(version, by=PORTAL, approver_label="Chefläkaren"))
    return document, made


def said(old: str, new: str, cast: Cast) -> list[tuple[str, str, list[tuple[str, str]]]]:
    _document, made = versions(cast, old, new)
    found = comparison.compare(*made)
    return [
        (section.heading, entry.kind, [(p.kind, p.text.strip()) for p in entry.pieces])
        for section in found.sections
        for entry in section.entries
        if entry.kind != "same"
    ]


def test_it_is_told_under_its_heading_and_in_words(cast: Cast):
    assert said(OLD, NEW, cast) == [
        (
            "Gör så här",
            "changed",
            [("same", "Vid"), ("struck", "5"), ("added", "7"), ("same", "poäng: ring"), ("struck", "jourläkaren"),
             ("added", "112"), ("same", ".")],
        ),
        ("Gör så här", "added", [("added", "Stanna hos personen.")]),
        ("Gör så här", "changed", [("same", "7 |"), ("struck", "Var 15:e minut"), ("added", "Hela tiden")]),
        ("Gör så här", "struck", [("struck", "Undantag")]),
        ("Gör så här", "struck", [("struck", "Under helger ringer du växeln.")]),
    ]  # fmt: skip
    assert said(OLD, OLD, cast) == []


def test_both_texts_can_be_read_out_of_what_is_told(cast: Cast):
    """Nothing is lost and nothing invented: without what is added it is the old, without what is struck the new."""
    draw = random.Random(7)
    words = ["akut", "andning", "boende", "dropp", "fall", "puls", "ring", "sår", "vak", "vård", "vända", "väck"]
    for _round in range(40):
        old = [
            "".join(f"{draw.choice(words)} " for _n in range(draw.randint(1, 9))).strip()
            for _m in range(draw.randint(1, 7))
        ]
        new = [draw.choice([p, p.replace("a", "o"), f"Ny {p}"]) for p in old if draw.random() < 0.8] + ["Slut här nu"]
        first, last = (Version(), Version())
        blocks = {id(first): [comparison.Block(p) for p in old], id(last): [comparison.Block(p) for p in new]}
        told = [pieces for _k, _h, pieces in comparison._entries(blocks[id(first)], blocks[id(last)])]
        for kind, text in (("added", old), ("struck", new)):
            left = ["".join(p.text + " " for p in pieces if p.kind != kind).split() for pieces in told]
            assert [w for words_ in left for w in words_] == " ".join(text).split()


def test_the_page_leads_to_it_while_it_is_news_and_the_versions_for_ever(cast: Cast):
    document, _made = versions(cast, OLD, NEW)
    client, address = cast.client("sara"), f"/dokument/{document.number}/jamfor/2/3/"
    page = client.get(f"/dokument/{document.number}/").content.decode()
    assert page.count(address) == 2
    assert "Larma 112." in page
    compared = client.get(address).content.decode()
    assert "<del>" in compared
    assert "jourläkaren" in compared
    assert "Rutinen gäller vuxna." not in compared
    assert "Rutinen gäller vuxna." in client.get(address, {"hela": ""}).content.decode()
    assert client.get(f"/dokument/{document.number}/jamfor/", {"fran": "3", "till": "2"}).url == address.replace(
        "2/3", "3/2"
    )
    assert client.get(address.replace("2/3", "3/2")).context["older"].number == 3
    with clock.frozen(clock.now() + timedelta(days=61)):
        later = cast.client("sara").get(f"/dokument/{document.number}/").content.decode()
        assert later.count(address) == 1


def test_only_those_who_may_open_both_compare_them(cast: Cast):
    document, _made = versions(cast, OLD, NEW)
    lifecycle.add_version(document, by=PORTAL, body="Utkastets hemlighet.")
    for name, draft in (("elin", 200), ("sara", 404), ("anna", 404), ("public", 404)):
        client = cast.client(name)
        assert client.get(f"/dokument/{document.number}/jamfor/2/3/").status_code == (
            404 if name in ("anna", "public") else 200
        )
        assert client.get(f"/dokument/{document.number}/jamfor/3/4/").status_code == draft
        assert client.get(f"/dokument/{document.number}/jamfor/4/3/").status_code == draft
        assert client.get(f"/dokument/{document.number}/jamfor/1/3/").status_code == draft
        assert client.get(f"/dokument/{document.number}/jamfor/3/9/").status_code == 404
    for query in ({"fran": "x", "till": "2"}, {"fran": "²", "till": "2"}, {"fran": "1" * 9, "till": "2"}, {}):
        assert Client().get(f"/dokument/{document.number}/jamfor/", query).status_code == 404


def odd(kind: str, seed: int) -> str:
    draw = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyzåäö"
    if kind == "all different":
        return "\n\n".join(" ".join("".join(draw.choices(letters, k=7)) for _n in range(30)) for _m in range(1200))
    if kind == "one word":
        return "a " * 150_000
    if kind == "one line":
        return "samma rad\n\n" * 25_000 + str(seed)
    return "\n\n".join(" ".join(draw.choices(["och", "i", "att", "på", "vid"], k=60)) for _m in range(1200))


@pytest.mark.parametrize("kind", ["all different", "one word", "one line", "common words"])
def test_long_texts_are_compared_in_short_time(kind: str):
    old, new = Version(number=1), Version(number=2)
    texts = {1: odd(kind, 1), 2: odd(kind, 2)}
    blocks = {
        n: [comparison.Block(" ".join(p.split())) for p in t[: comparison.MAX_CHARS].split("\n\n")]
        for n, t in texts.items()
    }
    began = time.monotonic()
    list(comparison._entries(blocks[old.number], blocks[new.number]))
    assert time.monotonic() - began < 5
