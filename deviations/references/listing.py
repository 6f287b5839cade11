"""The matters elsewhere of the cases that one handles: the open first, those first that are to be answered soonest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.db.models import Case as If
from django.db.models import F, Value, When
from django.utils.text import capfirst

from accounts.readers import Reader
from deviations.models import Party, Reference

ON_A_PAGE = 50


def handled_by(reader: Reader) -> models.QuerySet[Reference]:
    """Those of the parts that the reader handles."""
    own = Party.objects.handled_by(reader)
    return Reference.objects.filter(removed_at=None, investigation__party__in=own)


def page(reader: Reader, asked: Mapping[str, str]) -> dict[str, Any]:
    """The context of deviations/references/list.html; `slag` narrows to one kind."""
    rows, kind = handled_by(reader), asked.get("slag", "")
    if kind in Reference.Kind.values:
        rows = rows.filter(kind=kind)
    is_open = If(When(state=Reference.State.OPEN, then=Value(0)), default=Value(1), output_field=models.IntegerField())
    rows = rows.order_by(is_open, F("answer_due").asc(nulls_last=True), "-known_at", "pk")
    rows = rows.select_related("investigation__party__case", "investigation__party__unit")
    kinds = [(value, capfirst(str(label)), value == kind) for value, label in Reference.Kind.choices]
    return {"page": Paginator(rows, ON_A_PAGE).get_page(asked.get("sida")), "kinds": kinds, "kind": kind}
