"""Facts about the document on which a version's own text differs: number, dates, approver, title.

A reader who sees two numbers, or two days, does not know which routine holds. Only what is named as such is compared
("Dokumentnummer: RUT-0187", "Gäller från 2026-01-01"): a number in the running text may be another document's.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from core import markdown
from documents.models import Version
from documents.search.words import squeezed

# Such things stand at a text's beginning, and along its pages.
LOOKED_AT = 20_000
_NUMBER = re.compile(
    r"\b(?:dokument(?:nummer|nr\.?|-?id)|dok\.? ?nr\.?|rutinnummer)\s*:?\s*([a-zåäö]{2,6}[- ]?\d{1,6})\b", re.IGNORECASE
)
_DAY = r"\s*:?\s*(\d{4}-\d\d-\d\d)\b"
_FROM = re.compile(
    r"\b(?:giltigt? från(?: och med)?|gäller från(?: och med)?|giltigt? fr\.? ?o\.? ?m\.?)" + _DAY, re.IGNORECASE
)
_TO = re.compile(
    r"\b(?:giltigt? till(?: och med)?|gäller till(?: och med)?|giltigt? t\.? ?o\.? ?m\.?)" + _DAY, re.IGNORECASE
)
_APPROVER = re.compile(r"\b(?:fastställd|godkänd|beslutad) av\s*:?[ \t]*([^\n\r\t,;(|]{3,60})", re.IGNORECASE)


def contradictions(version: Version) -> Iterator[str]:
    """Each in words, for those who work on the document."""
    text = version.read.text[:LOOKED_AT]
    own = version.document.number
    if other := next((n for n in _NUMBER.findall(text) if squeezed(n) != squeezed(own)), ""):
        yield _("The text says that the document's number is %(other)s; it is %(own)s.") % {"other": other, "own": own}
    for pattern, day, said in (
        (_FROM, version.valid_from, _("The text says that it applies from %(other)s; here it applies from %(own)s.")),
        (_TO, version.valid_to, _("The text says that it applies until %(other)s; here it applies until %(own)s.")),
    ):
        if (other := _other_day(pattern, text, day)) and day:
            yield said % {"other": other, "own": day.isoformat()}
    approver = version.approver_label
    if approver and (other := next((name for name in _APPROVER.findall(text) if not _is_one(name, approver)), "")):
        yield _("The text says that %(other)s has approved it; here it is approved by %(own)s.") % {
            "other": other.strip(), "own": approver,
        }  # fmt: skip
    if any(_same(heading.text, version.title) for heading in markdown.headings(version.read.html)):
        yield _("The title stands in the text too: the page shows it twice.")


def _other_day(pattern: re.Pattern[str], text: str, day: dt.date | None) -> str:
    return next((found for found in pattern.findall(text) if day is None or found != day.isoformat()), "")


def _is_one(name: str, other: str) -> bool:
    """Whether two names may be one person's: all words of the shorter are in the longer."""
    one, two = (set(re.findall(r"[^\W\d_]{2,}", text.casefold())) for text in (name, other))
    return not one or not two or one <= two or two <= one


def _same(one: str, two: str) -> bool:
    plain = (re.sub(r"[\W_]+", " ", text.casefold()).strip() for text in (one, two))
    return len(set(plain)) == 1
