"""A case's number in the search box."""

from __future__ import annotations

from django.test import Client

from tests.deviations.cases import Cast


def test_a_case_number_opens_the_case_for_those_who_may_see_it(cast: Cast):
    number = cast.case().number
    for text in (number, number.lower(), number.replace("-", "")):
        assert cast.client("maria").get("/dokument/", {"q": text}).headers["Location"] == f"/avvikelser/{number}/"
        for other in (cast.client("anna"), cast.client("rut"), Client()):
            assert other.get("/dokument/", {"q": text}).status_code == 200
