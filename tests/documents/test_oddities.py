"""Where a text will be read otherwise than it looks, its writer is told at which line, and what to write instead."""

from __future__ import annotations

import time

import pytest

from documents.reading.oddities import MOST, oddities
from documents.visibility.preview import Visibility
from tests.documents.library import Cast, add


@pytest.mark.parametrize(
    ("typed", "line", "said"),
    [
        ("Text.\n\n<b>5</b> mg", 3, "<b> visas som det står"),
        ("| Vikt | Dos |\n| 10 kg | 5 mg |", 1, "ingen tabell utan en rad med streck"),
        ("Text.\n\n    5 mg per dos", 3, "visas som kod"),
        ("Vuxen: 10 mg\nBarn: 5 mg", 1, "läses som en enda"),
        ("Doser:\n\nVuxen 10\n000 IE", 3, "läses som en enda"),
    ],
)
def test_what_is_read_otherwise_is_told_at_its_line(typed, line, said):
    ((found),) = oddities(typed)
    assert found.line == line
    assert said in found.said


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "Ge 5 mg.\nDärefter 10 mg.",
        "En lång rad som har brutits för att den inte fick plats på bredden av rutan där\nDen fortsätter här.",
        "Rad ett  \nRad två",
        "- Vuxen\n- Barn\n\n1. Ett\n2. Två",
        "# Rubrik\nText",
        "| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |",
        "- En punkt\n\n    Ett stycke i punkten",
        "```\n<b>\n    x\n| a | b |\n| 1 | 2 |\n```",
        "Värdet är < 5 och > 3, se <https://exempel.se>.",
    ],
)
def test_what_is_read_as_it_looks_is_not(typed):
    assert oddities(typed) == []


def test_many_are_told_a_few_at_a_time_and_a_long_text_takes_a_moment():
    assert len(oddities("<b>5</b>\n\n" * 100)) == MOST
    long = "- a\n\n" + "    x\n\n" * 60_000
    started = time.process_time()
    assert oddities(long) == []
    assert time.process_time() - started < 1


def test_the_writer_sees_them_beside_the_text(cast: Cast):
    document = add(cast, "text", Visibility(public=True), published=False)
    page = cast.client("elin").post(
        f"{document.get_absolute_url()}andra/", {"look": "1", "body": "Vuxen: 10 mg\nBarn: 5 mg"}
    )
    html = " ".join(page.content.decode().split())
    assert "Detta läses på annat sätt än det ser ut" in html
    assert "Rad 1: Den här raden och nästa läses som en enda." in html
