"""The words of a printed sheet about itself: a sheet lies about long after its content has ceased to apply."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import clock
from documents.models import Document, Version
from documents.page.presentation import Standing


def marginal_words(document: Document, version: Version, standing: Standing) -> str:
    """Which document and version, and how it stood on the day of printing."""
    values = {
        "number": document.number,
        "n": version.number,
        "day": date_format(clock.today(), "j F Y"),
        "label": standing.label,
    }
    if standing.is_valid:
        return _("%(number)s, version %(n)s. Applied on the day of printing, %(day)s.") % values
    return _("%(number)s, version %(n)s. %(label)s. Printed %(day)s.") % values


def style_sheet(document: Document, version: Version, standing: Standing) -> str:
    """A style sheet that writes it in the margins of each sheet, with its number of all."""
    page, of = _quoted(_("Page") + " "), _quoted(" " + _("of") + " ")
    boxes = {
        "top-left": _quoted(_cut(document.title)),
        "bottom-left": _quoted(marginal_words(document, version, standing)),
        "bottom-right": f"{page} counter(page) {of} counter(pages)",
    }
    rules = " ".join(f"@{box} {{ content: {content}; font: 8.5pt sans-serif; }}" for box, content in boxes.items())
    return f"@media print {{ @page {{ {rules} }} }}\n"


# A title longer than this would run over the edge of the paper.
_LONGEST = 95


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rsplit(' ', 1)[0]} …"


def _quoted(text: str) -> str:
    """As a string of a style sheet. SECURITY: every sign but letters, digits and blanks by its number, so that a title
    can end neither the string nor the rule.
    """
    # The blank ends the number: a style sheet takes one away there, and it must not be one of the text's.
    signs = (c if c.isalnum() or c == " " else f"\\{ord(c):06x} " for c in text)
    return f'"{"".join(signs)}"'
