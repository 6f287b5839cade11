"""Days as management systems write them. One that can be read in two ways is a fault, never a guess."""

from __future__ import annotations

import datetime as dt
import re

from django.utils.translation import gettext as _

from documents.delivery.mapping import Mapping

_ISO = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ]\d{2}:\d{2}.*)?")
_SIX = re.compile(r"(\d{2})(\d{2})(\d{2})")
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[ /.]\s*(\d{4})")
_SERIAL = re.compile(r"\d{5}(?:\.0)?")
_FIRST, _LAST = 1900, 2199


def read_day(text: str, mapping: Mapping) -> dt.date:
    """The day that a cell tells. Raises ValueError, in words, with both readings where there are two."""
    text = text.strip()
    if match := _ISO.fullmatch(text):
        if day := _day(*map(int, match.groups())):
            return day
        raise ValueError(_("There is no such day: %s.") % text)
    if match := _SIX.fullmatch(text):
        a, b, c = map(int, match.groups())
        return _the_one(text, {"yymmdd": _day(2000 + a, b, c), "ddmmyy": _day(2000 + c, b, a)}, mapping.six_digits)
    if match := _SLASHED.fullmatch(text):
        a, b, year = map(int, match.groups())
        return _the_one(text, {"dmy": _day(year, b, a), "mdy": _day(year, a, b)}, mapping.slashes)
    if _SERIAL.fullmatch(text):
        raise ValueError(_("%s is a spreadsheet's serial number. Give the column the format of a date.") % text)
    raise ValueError(_("%s is no day. Write it like 2026-03-01.") % (text or "“”"))


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        found = dt.date(year, month, day)
    except ValueError:
        return None
    return found if _FIRST <= found.year <= _LAST else None


def _the_one(text: str, readings: dict[str, dt.date | None], told: str) -> dt.date:
    """The reading that the mapping tells, or the only one there is."""
    if told:
        if day := readings[told]:
            return day
        raise ValueError(_("There is no such day: %s.") % text)
    found = sorted({day for day in readings.values() if day})
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValueError(_("There is no such day: %s.") % text)
    raise ValueError(
        _("%(text)s is %(one)s or %(other)s. Write it like %(one)s, or tell in the mapping how the source writes.")
        % {"text": text, "one": found[0].isoformat(), "other": found[1].isoformat()}
    )
