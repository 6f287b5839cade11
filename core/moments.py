"""A column of moments: any number of stretches of time, with gaps (PostgreSQL's tstzmultirange)."""

from __future__ import annotations

from typing import Any

from django.db.models import Field, Lookup


class MomentsField(Field):
    """Written by the database alone; asked with `__hold=moment`, whether a moment lies in one of the stretches."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"editable": False, "null": True, **kwargs})

    def db_type(self, connection: Any) -> str:
        return "tstzmultirange"


@MomentsField.register_lookup
class Hold(Lookup):
    lookup_name = "hold"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        field, params = self.process_lhs(compiler, connection)
        return f"{field} @> %s::timestamptz", (*params, self.rhs)
