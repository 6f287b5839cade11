"""A file changed in place: the page follows the change, or shows that part of the file. `make bench` tries a thousand."""

from __future__ import annotations

import random

import pytest

from bench.reading import files, mutated


@pytest.mark.parametrize("maker", ["chromium", "latex", "libreoffice", "reportlab", "typst"])
def test_a_digit_changed_in_a_file_is_changed_on_its_page(maker):
    path = next(file.path for file in files(aside=False) if file.maker == maker and "0504" in file.name)
    changes = list(mutated.digits(path, random.Random(maker), 8))
    assert len(changes) >= 4
    assert [change.what for change in changes if not change.is_told] == []


def test_a_row_a_column_or_a_cell_changed_in_a_table_is_changed_on_its_page(tmp_path):
    changes = list(mutated.tables(tmp_path, random.Random(1), 60))
    assert len(changes) == 60
    assert [change.what for change in changes if not change.is_told] == []


def test_a_page_that_does_not_follow_is_told():
    """The measure itself: a table with two doses in each other's places is none that follows."""
    rows = [["Läkemedel", "Vuxen", "Barn"], ["Morfin", "10 mg", "2 mg"]]
    table = "<table><tr><th>Läkemedel</th><th>Vuxen</th><th>Barn</th></tr><tr><td>Morfin</td>{}</tr></table>"
    assert mutated.says(table.format("<td>10 mg</td><td>2 mg</td>"), rows)
    assert not mutated.says(table.format("<td>2 mg</td><td>10 mg</td>"), rows)
    assert not mutated.says(table.format("<td>10 mg</td>"), rows)
    assert mutated.says("<p>Läkemedel Vuxen Barn</p><p>Morfin 10 mg 2 mg</p>", rows)
    assert not mutated.says("<p>Läkemedel Vuxen Barn</p><p>Morfin 2 mg</p>", [rows[0], ["Morfin", "", "2 mg"]])
