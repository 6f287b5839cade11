"""A text that says another number, day, approver or title than its document does is told to those who work on it."""

from __future__ import annotations

import datetime as dt
import io
from types import SimpleNamespace

import pytest
import typst

from documents import lifecycle
from documents.models import Version
from documents.reading import findings
from documents.reading.jobs import read_text
from documents.visibility.preview import Visibility
from tests.documents.library import Cast, add


@pytest.fixture
def said(cast: Cast):
    """What is found in the file of a document with facts of its own, when its text is this."""
    document = add(cast, "fil", Visibility(public=True), published=False)
    draft = document.versions.get()
    facts = {"valid_from": dt.date(2026, 3, 1), "valid_to": dt.date(2028, 3, 1), "approver_label": "Anna Ek"}
    Version.objects.filter(pk=draft.pk).update(title="Fall på enheten", body="", **facts)

    def found(text: str) -> list[str]:
        source = f"#set page(width: 420pt, height: 400pt)\n{text.replace('{own}', document.number)}"
        file = io.BytesIO(typst.compile(source.encode(), format="pdf"))
        version = lifecycle.attach_file(document.versions.get(), file, by=cast["elin"], name="a.pdf")
        read_text(SimpleNamespace(job=SimpleNamespace(attempts=0)), version.pk)
        return [str(one.what) for one in findings.found_in(document.versions.get())]

    return found


def test_each_fact_that_the_text_says_otherwise_is_told(said):
    found = " ".join(
        said(
            "Dokumentnummer: RUT-9999\n\nGäller från och med 2025-01-01\n\nGiltig till: 2027-01-01\n\n"
            "Fastställd av: Bo Alm, chefläkare\n\n== Bakgrund\nText.\n== Fall på enheten\nText."
        )
    )
    assert "Texten säger att dokumentets nummer är RUT-9999" in found
    assert "det gäller från 2025-01-01, men här gäller det från 2026-03-01" in found
    assert "det gäller till 2027-01-01, men här gäller det till 2028-03-01" in found
    assert "Texten säger att Bo Alm har fastställt det, men här är det fastställt av Anna Ek" in found
    assert "Titeln står även i texten" in found


def test_what_the_text_says_as_the_document_does_or_of_others_is_not(said):
    found = said(
        "= Fall på enheten\nDokumentnummer: {own}\n\nGäller från och med 2026-03-01\n\nGiltig till: 2028-03-01\n\n"
        "Fastställd av: Anna Margareta Ek\n\n== Bakgrund\nSe RUT-9999, som gällde i januari 2025. Bo Alm svarar på frågor."
    )
    assert not [text for text in found if "Texten säger" in text or "Titeln" in text]


def test_a_table_without_a_header_is_told(said):
    table = "#table(columns: 2, [{}], [{}], [Morfin], [5 mg], [Ketamin], [2 mg])"
    assert "en tabell utan rubrikrad" in " ".join(said(table.format("Läkemedel", "Dos")))
    assert "en tabell utan rubrikrad" not in " ".join(said(table.format("*Läkemedel*", "*Dos*")))
