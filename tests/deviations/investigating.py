"""Pieces of an investigation as the emergency clinic writes them, and its pages read."""

from __future__ import annotations

import io
import re

import pikepdf
import pypdfium2
from django.test import Client

from core import clock
from deviations.investigation import acts
from deviations.investigation.kinds import KINDS
from deviations.models import (
    Action,
    Case,
    Cause,
    Investigation,
)
from deviations.verbs import talking
from tests.deviations.cases import Cast, concerned

TODAY = clock.today


def write(cast: Cast, case: Case, name: str, /, *, by: str = "maria", piece=None, **values):
    """A piece of the emergency clinic's investigation, written as it stands."""
    kind, key = KINDS[name], getattr(piece, "key", None)
    found = Investigation.objects.filter(party=concerned(case)).first()
    row = piece if piece is not None else acts.find(found, kind, None)
    return acts.put(concerned(case), kind, values, by=cast[by], shown=acts.mark(row, kind), key=key)


def cause(cast: Cast, case: Case, text: str = "Checklistan signerades inte", **more) -> Cause:
    values = {"text": text, "category": "procedures", "because_of": None, "is_contributing": False}
    return write(cast, case, "orsak", **{**values, "no_action_reason": "", **more})


def action(cast: Cast, case: Case, *against: Cause, **more) -> Action:
    values = {
        "text": "Signera före hemgång", "causes": list(against), "risk": "", "kind": "checklist", "owner": None,
        "due": None, "measure": "", "follow_up": None, "document": None,
    }  # fmt: skip
    return write(cast, case, "atgard", **{**values, **more})


def answered(cast: Cast) -> Case:
    case = cast.case()
    talking.answer(concerned(case), body="Vi har sett över rutinen.", by=cast["maria"])
    return case


def page(client: Client, case: Case, more: str = "") -> str:
    answer = client.get(f"/avvikelser/{case.number}/utredning/{more}")
    assert answer.status_code == 200
    return answer.content.decode()


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, name
    return found[1]


def send(client: Client, of: Case, more: str, /, **values):
    html = page(client, of, more)
    told = {"token": hidden(html, "token"), "shown": hidden(html, "shown"), **values}
    return client.post(f"/avvikelser/{of.number}/utredning/{more}", told)


def words_of(content: bytes) -> str:
    """All text of a PDF, which is tagged and says that it is PDF/UA-1 and PDF/A-2b."""
    with pikepdf.open(io.BytesIO(content)) as paper:
        assert paper.Root.MarkInfo.Marked
        assert paper.Root.Lang == "sv"
        with paper.open_metadata() as about:
            assert about["pdfuaid:part"] == "1"
            assert (about["pdfaid:part"], about["pdfaid:conformance"]) == ("2", "B")
    pages = pypdfium2.PdfDocument(content)
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in pages).split())
