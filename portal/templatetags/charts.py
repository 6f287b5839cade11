"""Charts in templates; registered as built-ins."""

from __future__ import annotations

from typing import Any

from django import template

from core.charts import LineChart

register = template.Library()


@register.inclusion_tag("components/line_chart.html")
def line_chart(chart: LineChart) -> dict[str, Any]:
    """A line chart (`core.charts`). Its values belong in a table beside it."""
    return {"chart": chart}
