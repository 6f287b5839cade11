"""Conditions in SQL as written, for what every page asks: Django takes longer to make such SQL than PostgreSQL to
answer it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, Expression, F, Field

from core import clock


class Written(Expression):
    """A condition on one row, usable in `filter`, in a `Q` and as an annotation.

    `sql` says it with `{t}` for the row's table, `{today}` for the Swedish day and `%s` for each of `params`, with its
    type where PostgreSQL cannot tell (`%s::integer[]`): the values go to the database apart from the text, like all
    others. `of` names any plain column of the row, by the way there from the queried model ("state",
    "document__state"). `output_field`: where it is no condition.

    SECURITY: never put a value into `sql`.
    """

    def __init__(self, sql: str, *params: Any, of: str, output_field: Field[Any, Any] | None = None) -> None:
        super().__init__(output_field=output_field or BooleanField())
        self.sql, self.params, self.column = sql, params, F(of)

    def get_source_expressions(self) -> list[Any]:
        return [self.column]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        (self.column,) = exprs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        # The column is resolved by now, and knows under which name its table stands in the query.
        table = compiler.quote_name_unless_alias(self.column.alias)  # type: ignore[attr-defined]
        # The day is asked for now, and not when the condition was made (`clock.SwedishToday`).
        sql = self.sql.replace("{t}", table).replace("{today}", clock.swedish_today())
        return f"({sql})", list(self.params)
