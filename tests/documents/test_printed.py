"""What a printed sheet says of itself."""

from __future__ import annotations

import re

from django.test import Client

from tests.documents.library import Cast, retitled


def written(css: str) -> str:
    """The strings of a style sheet, as they are printed: the blank after a sign's number is its end."""
    return re.sub(r"\\([0-9a-f]{6}) ?", lambda m: chr(int(m[1], 16)), css)


def sheet(cast: Cast, name: str, version: int = 1) -> str:
    return written(Client().get(f"/dokument/{cast.documents[name].number}/v/{version}/utskrift.css").content.decode())


def test_every_sheet_says_which_version_it_is_and_how_it_stands(cast: Cast):
    number = cast.documents["public"].number
    assert f"{number}, version 1. Gällde på utskriftsdagen," in sheet(cast, "public")
    for name in ("revoked", "expired", "future"):
        assert "Gällde" not in sheet(cast, name)
        assert re.search(r"version 1\. [A-ZÅÄÖ][^.]+\. Utskriven \d+ ", sheet(cast, name)), name
    answer = Client().get(f"/dokument/{number}/v/1/utskrift.css")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("text/css; charset=utf-8", "private, no-cache")
    page = Client().get(f"/dokument/{number}/").content.decode()
    assert f'media="print" href="/dokument/{number}/v/1/utskrift.css"' in page


def test_a_title_ends_neither_the_string_nor_the_rule(cast: Cast):
    title = '"; } } body { display: none } /* \\" </style>'
    retitled(cast.documents["public"], title=title)
    raw = Client().get(f"/dokument/{cast.documents['public'].number}/v/2/utskrift.css").content.decode()
    first = re.search(r'@top-left \{ content: "([^"]*)"', raw)
    assert first
    assert written(first[1]) == title
    assert set(re.sub(r"\\[0-9a-f]{6} ", "", first[1])) <= set("abcdefghijklmnopqrstuvwxyz ")


def test_a_sheet_of_what_one_may_not_see_is_not_there(cast: Cast):
    number = cast.documents["closed"].number
    assert Client().get(f"/dokument/{number}/v/1/utskrift.css").status_code == 404
    assert cast.client("elin").get(f"/dokument/{number}/v/1/utskrift.css").status_code == 200
