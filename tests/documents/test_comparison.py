"""What differs between two versions is told in words, to those who may open both; however long or odd, in short time."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client

from core import clock
from documents import ending, lifecycle
from documents.comparing import comparison
from documents.comparing.blocks import Block
from documents.models import Document, Reading, Version
from documents.reading.jobs import read_text
from documents.visibility.preview import Visibility
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
    ending.withdraw(document.versions.get(), by=PORTAL)
    made = []
    for body in bodies:
        version = lifecycle.add_version(document, by=PORTAL, body=body, change_summary="Larma 112.")
        made.append(lifecycle.publish(version, by=PORTAL, approver_label="Chefläkaren"))
    return document, made


def entries(before: list[Block], after: list[Block]) -> list[comparison.Entry]:
    return list(comparison.entries(before, after, lambda _before, _after: (), comparison._Cut()))


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


def html_of(*htmls: str) -> comparison.Comparison:
    """Two versions without files, as their pages show them."""
    made = [Version(number=n, body="x") for n in (1, 2)]
    for version, html in zip(made, htmls, strict=True):
        version.reading = Reading(version=version, html=html)
    return comparison.compare(*made)


# Each changes what is to be done and no word of it, or hardly one: shown, never "the same in both".
ROW = "<table><tr><th>Vuxen</th><th>Barn</th></tr><tr><td>{}</td><td>{}</td></tr></table>"
CHANGED = {
    "a cell in another column": (ROW.format("10 mg", ""), ROW.format("", "10 mg")),
    "cells merged": ("<table><tr><td>A</td><td>5 mg</td></tr></table>",
                     '<table><tr><td>A</td><td colspan="2">5 mg</td></tr></table>'),
    "a row's cells over more rows": ("<table><tr><td>A</td><td>5 mg</td></tr></table>",
                                     '<table><tr><td>A</td><td rowspan="2">5 mg</td></tr></table>'),
    "a heading cell": ("<table><tr><td>A</td></tr></table>", "<table><tr><th>A</th></tr></table>"),
    "struck text": ("<p>Ge <s>10 mg</s> 5 mg.</p>", "<p>Ge 10 mg 5 mg.</p>"),
    "a link to elsewhere": ('<p>Se <a href="https://a.example/">rutinen</a>.</p>',
                            '<p>Se <a href="https://b.example/">rutinen</a>.</p>'),
    "a list's letters": ("<ol><li>Ring.</li></ol>", '<ol type="a"><li>Ring.</li></ol>'),
    "an item's number": ("<ol><li>Ring.</li></ol>", '<ol><li value="3">Ring.</li></ol>'),
    "a list's numbers": ("<ol><li>Ring.</li></ol>", '<ol start="4"><li>Ring.</li></ol>'),
    "a list without numbers": ("<ol><li>Ring.</li></ol>", "<ul><li>Ring.</li></ul>"),
    "an item within another": ("<ul><li>A</li><li>B</li></ul>", "<ul><li>A<ul><li>B</li></ul></li></ul>"),
    "raised numbers": ("<p>10<sup>9</sup>/l</p>", "<p>109/l</p>"),
    "lowered words": ("<p>a<sub>min</sub></p>", "<p>amin</p>"),
    "a heading's level": ("<h2>Dos</h2><p>x</p>", "<h3>Dos</h3><p>x</p>"),
    "a heading that is none": ("<h2>Dos</h2><p>x</p>", "<p>Dos</p><p>x</p>"),
    "a call-out that is none": ('<div class="callout"><p>Ring.</p></div>', "<p>Ring.</p>"),
    "emphasis moved": ("<p>Ge <strong>inte</strong> mer.</p>", "<p>Ge inte <strong>mer</strong>.</p>"),
    "another picture": ('<p><img src="/d/bild/1/" alt="Flöde"></p>', '<p><img src="/d/bild/2/" alt="Flöde"></p>'),
    "another order": ("<p>Först A.</p><p>Sedan B.</p>", "<p>Sedan B.</p><p>Först A.</p>"),
    "a picture gone": ('<p>A <img src="/d/bild/1/" alt="F"></p>', "<p>A</p>"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGED)
def test_what_changes_the_meaning_is_shown_whatever_the_words(what: str):
    older, newer = CHANGED[what]
    for first, last in ((older, newer), (newer, older)):
        found = html_of(first, last)
        assert found.changes
        assert not found.is_same
        assert all(any(p.kind != "same" for p in e.pieces) or e.notes for e in found.changed_entries)
    for same in (older, newer):
        assert html_of(same, same).is_same


def test_a_loose_list_is_the_list_it_was():
    assert html_of("<ol><li>A</li><li>B</li></ol>", "<ol><li><p>A</p></li><li><p>B</p></li></ol>").is_same


def test_an_item_put_in_changes_that_item_alone():
    old, new = "<ol><li>A</li><li>B</li><li>C</li></ol>", "<ol><li>A</li><li>Ny</li><li>B</li><li>C</li></ol>"
    assert [e.kind for e in html_of(old, new).changed_entries] == ["added"]


def test_what_of_a_long_text_is_not_compared_is_said():
    long = [f"<p>{'ord ' * 60}{n}</p>" for n in range(1400)]
    old, new = "<h2>Början</h2>" + "".join(long), "<h2>Början</h2>" + "".join(long).replace("ord ord", "ord ny")
    cut = html_of(old, new)
    assert any("Början" in said for said in cut.left_out)
    # One word at the end of it is found all the same.
    end = html_of(old, old.replace("1399</p>", "1399!</p>"))
    assert (end.changes, end.left_out) == (1, [])


# Files ------------------------------------------------------------------------------------------------------------
CASES = Path(__file__).parent / "compared"


def of_files(cast: Cast, *names: str) -> list[Version]:
    document = add(cast, "filer", Visibility(private=True), published=False)
    lifecycle.update_draft(document.versions.get(), by=PORTAL, body="")
    made = []
    for name in names:
        draft = document.versions.unfinished().first() or lifecycle.add_version(document, by=PORTAL)
        with (CASES / name).open("rb") as file:
            lifecycle.attach_file(draft, file, by=PORTAL, name=name.replace("-v1", "").replace("-v2", ""))
        read_text(SimpleNamespace(job=SimpleNamespace(attempts=0)), draft.pk)
        made.append(lifecycle.publish(draft, by=PORTAL).pk)
    return [Version.objects.get(pk=pk) for pk in made]


def test_a_dose_moved_from_one_column_to_another_is_shown(cast: Cast):
    found = comparison.compare(*of_files(cast, "tabell-v1.docx", "tabell-v2.docx"))
    told = " ".join(p.text for e in found.changed_entries for p in e.pieces)
    assert found.changes
    assert "10 mg" in told
    assert "[tom]" in told


@pytest.mark.parametrize("name", ["bild-v{}.docx", "tabell-bild-v{}.pdf"])
def test_another_picture_under_the_same_words_is_shown(cast: Cast, name: str):
    """A flow chart; a table that is shown as a picture, where 5 mg became 50 mg."""
    older, newer = of_files(cast, name.format(1), name.format(2))
    found = comparison.compare(older, newer)
    assert [e.kind for e in found.changed_entries] == ["changed"]
    ((before, after),) = found.changed_entries[0].pictures
    address = older.document.get_absolute_url()
    page = cast.client("sara").get(f"{address}jamfor/{older.number}/{newer.number}/").content.decode()
    assert "Bilden är en annan." in page
    assert "samma i båda" not in page
    client = cast.client("sara")
    pictures = [client.get(f"{address}v/{v.number}/{path}") for v, path in ((older, before), (newer, after))]
    first, last = (b"".join(p.streaming_content) for p in pictures)
    assert [p.status_code for p in pictures] == [200, 200]
    assert first != last


def test_the_same_file_is_the_same(cast: Cast):
    older, newer = of_files(cast, "bild-v1.docx", "bild-v1.docx")
    assert comparison.compare(older, newer).is_same


def test_what_is_not_compared_is_named(cast: Cast):
    older, newer = of_files(cast, "bild-v1.docx", "tabell-v1.docx")
    found = comparison.compare(older, newer)
    assert any("bild.docx / tabell.docx" in said for said in found.left_out)
    newer.reading.state = Reading.State.WAITING
    waiting = comparison.compare(newer, newer)
    assert not waiting.is_same
    assert any("läses fortfarande" in said for said in waiting.left_out)
    newer.reading.state = Reading.State.FAILED
    assert not comparison.compare(newer, newer).is_same


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
        blocks = {id(first): [Block(p) for p in old], id(last): [Block(p) for p in new]}
        told = [e.pieces for e in entries(blocks[id(first)], blocks[id(last)])]
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
        n: [Block(" ".join(p.split())) for p in t[: comparison.MAX_CHARS].split("\n\n")] for n, t in texts.items()
    }
    began = time.monotonic()
    list(entries(blocks[old.number], blocks[new.number]))
    assert time.monotonic() - began < 5
