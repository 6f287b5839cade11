"""The cells of a spreadsheet's first visible sheet, as they are seen: a formula is no value, and is said to be one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.sandbox.text import Unreadable, one_line

MAX_COLUMNS = 40
MAX_CELL = 1000


def read_xlsx(path: str, max_rows: int) -> dict[str, Any]:
    """`rows`: for each row its cells' texts; `odd`: (row, column, "formula" or "merged") of cells whose text is not
    what a row of its own would have; `other_sheets`: how many more sheets hold something; `cut`: there are more rows.

    Raises `Unreadable`.
    """
    import openpyxl

    book = openpyxl.load_workbook(path, data_only=False, keep_links=False)
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not sheets:
        raise Unreadable("damaged", "no sheet")
    sheet, rows, odd = sheets[0], [], []
    beneath = {cell for area in sheet.merged_cells.ranges for cell in area.cells}
    beneath -= {(area.min_row, area.min_col) for area in sheet.merged_cells.ranges}
    for r, row in enumerate(sheet.iter_rows(max_row=max_rows, max_col=MAX_COLUMNS)):
        texts = []
        for c, cell in enumerate(row):
            is_formula = cell.data_type == "f"
            if is_formula or (cell.row, cell.column) in beneath:
                odd.append((r, c, "formula" if is_formula else "merged"))
            texts.append("" if is_formula else _text(getattr(cell, "value", None)))
        rows.append(texts)
    others = sum(1 for other in sheets[1:] if any(any(c is not None for c in row) for row in other.values))
    return {"rows": rows, "odd": odd, "other_sheets": others, "cut": (sheet.max_row or 0) > max_rows}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return one_line(str(value))[:MAX_CELL]
