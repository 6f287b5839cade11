"""A delivery from a management system is read in any shape; each fault is told once, with its line, and none guessed."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from documents.delivery import days, looking, mapping, package
from documents.models import Document
from tests.documents.deliveries import CENTURI, DUBLIN, PDF, Made, with_thirty_faults

pytestmark = pytest.mark.django_db


def looked(path: Path, kind: str = "centuri") -> looking.Looked:
    with package.opened(path) as found:
        return looking.look_through(found, mapping.ready(kind))


def told(found: looking.Looked, headings: dict[str, str]) -> set[tuple[int, str]]:
    facts = {heading: fact for fact, heading in headings.items()}
    return {(fault.line, facts[fault.column]) for fault in found.faults}


def made(*changes: dict[str, str], kind: str = "centuri") -> Made:
    """A delivery with one good row for each of these changes."""
    delivered = Made(kind, CENTURI if kind == "centuri" else DUBLIN)
    for change in changes:
        delivered.good(**change)
    return delivered


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx"])
def test_of_thirty_planted_faults_each_is_named_once_with_its_line_and_no_other(tmp_path: Path, kind: str):
    source, headings = ("dublin_core", DUBLIN) if kind == "json" else ("centuri", CENTURI)
    delivered = with_thirty_faults(source, headings, first_line=1 if kind == "json" else 2)
    table = {"csv": delivered.csv, "json": delivered.json, "xlsx": delivered.xlsx}[kind]()
    found = looked(delivered.folder(tmp_path / "in", f"metadata.{kind}", table), source)
    assert len(delivered.planted) == 30
    assert told(found, headings) == delivered.planted
    assert len(found.faults) == 30
    assert len(found.wanted) == 5
    assert all(fault.words for fault in found.faults)


@pytest.mark.parametrize(("encoding", "delimiter"), [
    ("utf-8", ";"), ("utf-8-sig", ";"), ("cp1252", ";"), ("utf-16", "\t"), ("utf-8", ","),
])  # fmt: skip
def test_a_table_is_read_in_each_encoding(tmp_path: Path, encoding: str, delimiter: str):
    delivered = made({"title": 'Åtgärder; vid "blödning"\nsida två'}, {"approver": "Örjan, Åsa"})
    found = looked(
        delivered.folder(tmp_path / "in", "metadata.csv", delivered.csv(encoding=encoding, delimiter=delimiter))
    )
    assert found.faults == []
    assert found.wanted[0].title == 'Åtgärder; vid "blödning" sida två'
    assert found.wanted[1].approver == "Örjan, Åsa"
    assert found.wanted[0].days["approved"] == dt.date(2026, 3, 1)


@pytest.mark.parametrize(("text", "day"), [
    ("2026-03-01", dt.date(2026, 3, 1)), ("20260301", dt.date(2026, 3, 1)), ("2026-03-01 12:30", dt.date(2026, 3, 1)),
    ("13/3 2026", dt.date(2026, 3, 13)), ("5.5.2026", dt.date(2026, 5, 5)), ("991231", dt.date(2099, 12, 31)),
])  # fmt: skip
def test_a_day_that_can_be_read_in_one_way_is_read(text: str, day: dt.date):
    assert days.read_day(text, mapping.ready("centuri")) == day


@pytest.mark.parametrize("text", ["260301", "1/3 2026", "46082", "0000-00-00", "31/2 2026", "", "mars"])
def test_a_day_that_can_be_read_in_two_ways_or_none_is_a_fault(text: str):
    with pytest.raises(ValueError, match=r"\w"):
        days.read_day(text, mapping.ready("centuri"))


def test_a_mapping_tells_how_its_source_writes_days():
    told_so = mapping.read(
        (mapping.FOLDER / "centuri.toml").read_text() + '\n[dates]\nsix_digits = "yymmdd"\nslashes = "dmy"'
    )
    assert days.read_day("260301", told_so) == dt.date(2026, 3, 1)
    assert days.read_day("1/3 2026", told_so) == dt.date(2026, 3, 1)


@pytest.mark.parametrize(("text", "words"), [
    ("[columns", "TOML"), ("[columns]\ntitel = ['Titel']", "titel"), ("[columns]\nnumber = ['Nr']", "version"),
    ("columns = 3", "columns"), ("[columns]\nnumber = 'Nr'", "lista"),
    ("[columns]\nnumber=['a']\nversion=['b']\ntitle=['c']\nstate=['d']\n[states]\npublished=['x']\ndraft=['x']", "två"),
    ("[columns]\nnumber=['a']\nversion=['b']\ntitle=['c']\nstate=['d']\n[dates]\nslashes='ymd'", "dmy"),
])  # fmt: skip
def test_a_mapping_that_cannot_be_used_says_which_part(text: str, words: str):
    with pytest.raises(mapping.BadMapping, match=words):
        mapping.read(text)


def test_the_ready_mappings_can_be_read():
    for name in mapping.READY:
        assert mapping.ready(name).states


def test_numbers_whose_leading_zeros_are_gone_are_told_of(tmp_path: Path):
    delivered = made({"number": "0012"}, {"number": "13"}, {"number": "0140"})
    found = looked(delivered.folder(tmp_path / "in", "metadata.csv", delivered.csv()))
    assert told(found, CENTURI) == {(3, "number")}
    assert "nollor" in found.faults[0].words


def test_a_formula_and_merged_cells_are_told_of_in_their_column(tmp_path: Path):
    delivered = made({}, {}, {}, {})

    def change(sheet) -> None:
        sheet["C2"] = "=A1"
        sheet.merge_cells("B4:B5")

    found = looked(delivered.folder(tmp_path / "in", "metadata.xlsx", delivered.xlsx(change)))
    assert told(found, CENTURI) == {(2, "title"), (5, "version")}


def test_one_name_in_two_unicode_forms_is_one_file(tmp_path: Path):
    name = "åtgärd.pdf"
    delivered = made({"file": unicodedata.normalize("NFD", name)})
    delivered.files = {name: PDF}
    assert looked(delivered.folder(tmp_path / "in", "metadata.csv", delivered.csv())).faults == []
    both = made({})
    both.files = {name: PDF, unicodedata.normalize("NFD", name): PDF}
    with pytest.raises(package.BadDelivery, match="två gånger"):
        looked(both.zip(tmp_path / "d.zip", "metadata.csv", both.csv()))


def test_a_file_that_two_rows_name_and_one_that_none_names_are_told_of(tmp_path: Path):
    delivered = made({"file": "en.pdf"}, {"file": "en.pdf"}, {})
    delivered.files |= {"en.pdf": PDF, "över.pdf": PDF}
    found = looked(delivered.folder(tmp_path / "in", "metadata.csv", delivered.csv()))
    assert told(found, CENTURI) == {(2, "file"), (3, "file")}
    assert "över.pdf" in found.unnamed


@pytest.mark.parametrize(("written", "rights"), [
    ("Internet", ["public"]), ("Intranät, Privata vårdgivare", ["regional", "private"]), ("", []), ("Kanske", []),
    ("Internet, Kanske", []), ("Stängd", ["closed"]), ("Stängd; Internet", []),
])  # fmt: skip
def test_missing_or_contradictory_rights_are_held_back(tmp_path: Path, written: str, rights: list[str]):
    delivered = made({"rights": written})
    (wanted,) = looked(delivered.folder(tmp_path / "in", "metadata.csv", delivered.csv())).wanted
    assert (wanted.rights, wanted.is_held_back) == (rights, not rights)


def test_the_same_delivery_as_a_zip(tmp_path: Path):
    delivered = with_thirty_faults("centuri", CENTURI, first_line=2)
    found = looked(delivered.zip(tmp_path / "d.zip", "metadata.csv", delivered.csv()))
    assert told(found, CENTURI) == delivered.planted
    assert {wanted.sha256 for wanted in found.wanted} == {wanted.sha256 for wanted in found.wanted if wanted.sha256}


@pytest.mark.parametrize("name", ["../ut.pdf", "/etc/passwd", "a/../../ut.pdf", "c:\\ut.pdf", "..\\ut.pdf"])
def test_a_zip_that_climbs_out_is_not_looked_at(tmp_path: Path, name: str):
    delivered = made({})
    delivered.files[name] = PDF
    with pytest.raises(package.BadDelivery, match="leder ut"):
        looked(delivered.zip(tmp_path / "d.zip", "metadata.csv", delivered.csv()))


def test_a_link_that_leads_out_of_a_folder_is_not_followed(tmp_path: Path):
    delivered = made({})
    (tmp_path / "secret.pdf").write_bytes(PDF)
    folder = delivered.folder(tmp_path / "in", "metadata.csv", delivered.csv())
    (folder / "rutin-2.pdf").symlink_to(tmp_path / "secret.pdf")
    with pytest.raises(package.BadDelivery, match="leder ut"):
        looked(folder)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path):
    path = tmp_path / "d.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("metadata.csv", made({}).csv())
        packed.writestr("stor.pdf", b"\0" * (package.RATIO_FROM + 1))
    with pytest.raises(package.BadDelivery, match="packas upp"):
        looked(path)


@pytest.mark.parametrize(("files", "words"), [
    ({"a.pdf": PDF}, "Ingen tabell"), ({"a.csv": b"x", "b.csv": b"y"}, "Flera tabeller"),
    ({"metadata.csv": b"Titel;titel\na;b"}, "flera kolumner"), ({"metadata.csv": b""}, "tom"),
    ({"metadata.csv": b"Titel"}, "ingen rad"), ({"metadata.json": b"{"}, "JSON"), ({"metadata.json": b"3"}, "lista"),
    ({"metadata.xlsx": b"PK\x03\x04skadad"}, "går inte att läsa"),
])  # fmt: skip
def test_a_delivery_that_cannot_be_looked_at_says_why(tmp_path: Path, files: dict[str, bytes], words: str):
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(package.BadDelivery, match=words):
        looked(tmp_path)


def test_renamed_columns_are_faults_of_the_first_line(tmp_path: Path):
    delivered = made({})
    table = delivered.csv().replace("Utgåva".encode(), b"Utg.nr").replace(b"Titel", b"Rubricering")
    found = looked(delivered.folder(tmp_path / "in", "metadata.csv", table))
    assert {(fault.line, fault.column) for fault in found.faults} == {(1, "utgåva"), (1, "titel")}
    assert set(found.unread) == {"Utg.nr", "Rubricering"}
    assert found.wanted == []


def test_the_command_reports_changes_nothing_and_exits_by_its_faults(tmp_path: Path):
    good, out = made({}, {"rights": ""}), io.StringIO()
    folder = good.folder(tmp_path / "good", "metadata.csv", good.csv())
    call_command("sync_documents", "centuri", str(folder), "--dry-run", stdout=out)
    assert "Fel: 0" in out.getvalue()
    assert "rättigheter" in out.getvalue()
    bad = made({"approved": "260301"})
    folder = bad.folder(tmp_path / "bad", "metadata.csv", bad.csv())
    with pytest.raises(SystemExit) as left:
        call_command("sync_documents", "centuri", str(folder), "--dry-run", stdout=out)
    assert left.value.code == 1
    assert "2, Fastställd: 260301" in out.getvalue()
    for source, path, words in (("centuri", "/finns/inte", "folder|mapp"), ("nix.toml", str(folder), "no file")):
        with pytest.raises(CommandError, match=words):
            call_command("sync_documents", source, path, "--dry-run", stdout=out)
    with pytest.raises(CommandError, match="dry-run"):
        call_command("sync_documents", "centuri", str(folder), stdout=out)
    assert not Document.objects.exists()
