"""Typed text: its visible part, and its length."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Shown as nothing, though Unicode calls them letters or symbols: Hangul fillers and the blank of Braille.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def visible(text: str) -> str:
    """The text on one line, composed (NFC), without what is not seen; empty where nothing in it is."""
    spaced = "".join(" " if sign in _BLANK or sign.isspace() else sign for sign in unicodedata.normalize("NFC", text))
    seen = (sign for sign in spaced if unicodedata.category(sign) not in ("Cc", "Cf", "Cs"))
    line = " ".join("".join(seen).split())
    # Marks with nothing to sit on are no words.
    return line if any(not unicodedata.category(sign).startswith(("M", "Z", "C")) for sign in line) else ""


_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")


def read_day(text: str) -> dt.date:
    """The day that a cell of a table holds, as 2026-12-31 or 20261231. Raises ValueError, in words."""
    match = _DAY.fullmatch(text)
    try:
        day = dt.date(*map(int, match.groups())) if match else None
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2199:
        raise ValueError(_("Write the day like 2026-12-31."))
    return day


def shortened(text: str, length: int) -> str:
    """At most `length` code points, the last an ellipsis where something was cut, and no letter without its marks."""
    if len(text) <= length:
        return text
    end = length - 1
    while end and unicodedata.combining(text[end]):
        end -= 1
    # A letter with more marks than there is room for keeps those that there is room for.
    return text[: end or length - 1].rstrip() + "…"


class TypedText(forms.CharField):
    """A text as it was typed. A line's end counts as one letter, as the page's own counter has it; a browser sends two.

    A text with nothing visible is empty.
    """

    def to_python(self, value: Any) -> str:
        text: str = super().to_python(value) or ""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text if visible(text) else ""


class TypedDay(forms.DateField):
    """A day of `earliest` to `latest`: a year of one or five figures is a slip, and no clock can reckon with it."""

    earliest, latest = dt.date(1900, 1, 1), dt.date(2199, 12, 31)

    def to_python(self, value: Any) -> dt.date | None:
        day = super().to_python(value)
        if day and not self.earliest <= day <= self.latest:
            raise ValidationError(_("Check the year."), code="year")
        return day
