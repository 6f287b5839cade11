"""What is filled in and ticked in a PDF's form stands in its text, beside its words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from core.files.extraction import extract_text

CASES = Path(__file__).parent / "read"


def test_values_and_ticks_stand_beside_what_they_are_of():
    found = extract_text(CASES / "form.pdf", "pdf")
    for label, value in (
        ("Läkemedel:", "Digoxin"),
        ("Dos:", "0,13 mg × 1"),
        ("Intravenöst:", "☐"),
        ("Peroralt:", "☒"),
        ("Kommentar:", "Ges inte vid puls under 50"),
    ):
        assert f"<td>{label}</td><td>{value}</td>" in found.html
    # Found by searching, too.
    assert "Digoxin" in found.text
    assert "0,13 mg × 1" in found.text


@pytest.fixture
def blank(tmp_path) -> Path:
    path = tmp_path / "blankett.pdf"
    paper = Canvas(str(path), pagesize=A5)
    form = paper.acroForm
    for y, label in ((500, "Ges:"), (460, "Kod:"), (420, "Noterat:"), (300, "Tomt:"), (260, "Oral"), (230, "Rektal")):
        paper.drawString(40, y, label)
    form.choice(
        name="ges", x=120, y=494, width=160, height=20, value="Ge inte", options=["Ge", "Ge inte", "Ge vid behov"]
    )
    form.textfield(name="kod", x=120, y=454, width=160, height=20, value="1234", fieldFlags="password")
    form.textfield(
        name="not", x=120, y=340, width=200, height=90, value="Puls 48\nVarannan dag", fieldFlags="multiline"
    )
    form.textfield(name="tom", x=120, y=294, width=160, height=20, value="")
    form.radio(name="vag", x=120, y=256, size=14, value="oral", selected=True)
    form.radio(name="vag", x=120, y=226, size=14, value="rektal", selected=False)
    paper.save()
    return path


def test_what_is_chosen_and_written_on_several_lines_is_told_and_no_password(blank):
    found = extract_text(blank, "pdf")
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", found.html))
    assert "Ges: Ge inte" in said
    assert "Ge vid behov" not in said
    assert "Puls 48" in said
    assert "Varannan dag" in said
    assert "1234" not in said + found.text
    assert re.search(r"Oral ☒", said)
    assert re.search(r"Rektal ☐", said)
    assert "text_left_out" not in found.warnings
