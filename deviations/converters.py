"""Path converters: an address is a case's, or a verb's, only if it has the form of one. All other words stay free."""

from __future__ import annotations

import datetime as dt

from deviations.verbs import VERBS


class CaseNumberConverter:
    """A case's number in capital or small letters; `Case` stores it in capitals (`case_number_form`)."""

    regex = r"[Aa][Vv][Vv]-[0-9]{2}-[2-9A-HJ-NP-Za-hj-np-z]{6}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class VerbConverter:
    """A verb that a page of a case has a form for."""

    regex = "|".join(VERBS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class DayConverter:
    """A day: 2026-04-30."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> dt.date:
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date) -> str:
        return value.isoformat()
