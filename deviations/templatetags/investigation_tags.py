"""Small parts of the pages of an investigation."""

from __future__ import annotations

from typing import Any

from django import template
from django.db import models
from django.forms import BoundField
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst

from deviations.investigation import page, risk
from deviations.investigation.kinds import KINDS
from deviations.models import Investigation

register = template.Library()


@register.inclusion_tag("deviations/investigation/link.html")
def investigation_link(
    desk: page.Desk,
    kind: str,
    words: str,
    icon_name: str = "edit",
    row: models.Model | None = None,
    style: str = "second",
    **more: str,
) -> dict[str, Any]:
    """The button to the form of a piece: of a row, or of a new one. `more` says what a new one begins with."""
    if not desk.may(KINDS[kind]):
        return {"url": ""}
    number = desk.opened.case.number
    if row is None:
        address = reverse("investigation_piece", args=[number, kind])
    else:
        address = reverse("investigation_row", args=[number, kind, row.key])  # type: ignore[attr-defined]
    asked = desk.params | more
    url = f"{address}?{urlencode(asked)}" if asked else address
    return {
        "url": url,
        "words": words,
        "icon_name": icon_name,
        "style": style,
        "about": str(getattr(row, "text", ""))[:60],
    }


@register.inclusion_tag("deviations/investigation/matrix.html")
def risk_matrix(bound: BoundField) -> dict[str, Any]:
    """The matrix that a square is chosen in: each a radio button with its words."""
    chosen = str(bound.value() or "")
    rows = [(name, [(one, one.value == chosen) for one in squares]) for name, squares in risk.matrix()]
    columns = [f"{value} {capfirst(str(name))}" for value, name in Investigation.LIKELIHOODS]
    faults = list(bound.errors)
    return {"bound": bound, "rows": rows, "columns": columns, "has_choice": bool(chosen), "faults": faults}
