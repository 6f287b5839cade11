"""Path converters."""

from __future__ import annotations

import datetime as dt


class NumberConverter:
    """A document's number: a path segment with at least one digit, so that words (`publiceringskontroll`)
    stay free.
    """

    regex = r"(?=[^/]*[0-9])[A-Za-zÅÄÖåäö0-9][A-Za-zÅÄÖåäö0-9._-]{0,39}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class MonthConverter:
    """A month, by its first day: 2026-04."""

    regex = r"20[0-9]{2}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> dt.date:
        return dt.date.fromisoformat(f"{value}-01")

    def to_url(self, value: dt.date) -> str:
        return f"{value:%Y-%m}"
