"""Days and figures of evidence, as its pages show them."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from deviations.models import Tender

register = template.Library()


@register.filter
def iso_day(text: str) -> str:
    """A day of JSON, in words; empty where there is none."""
    return date_format(dt.date.fromisoformat(text), "j F Y") if text else ""


@register.filter
def figure(numbers: list[int] | None) -> str:
    """One number, or "13 of 17"; a dash where there is nothing."""
    if not numbers:
        return "–"
    return str(numbers[0]) if len(numbers) == 1 else _("%(n)d of %(all)d") % {"n": numbers[0], "all": numbers[1]}


@register.simple_tag
def year_before(tender: Tender) -> int:
    """`{% year_before tender %}`."""
    return tender.year - 1
