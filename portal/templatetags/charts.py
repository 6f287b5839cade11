"""Charts in templates; registered as built-ins."""

from __future__ import annotations

from typing import Any

from django import template

from core.charts import BarChart, LineChart

register = template.Library()


@register.inclusion_tag("components/line_chart.html")
def line_chart(chart: LineChart) -> dict[str, Any]:
    """A line chart (`core.charts`). Its values belong in a table beside it."""
    return {"chart": chart}


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(chart: BarChart) -> dict[str, Any]:
    """Bars side by side (`core.charts`). Their counts belong in a table beside it."""
    return {"chart": chart}
