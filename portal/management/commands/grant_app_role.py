"""`manage.py grant_app_role NAME`: give the app's database role what it needs, and no more."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from psycopg import sql

# Withheld: TRUNCATE (the append-only tables' triggers do not see it), DDL, the retention function and its book.
GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "REVOKE INSERT, UPDATE, DELETE ON accounts_retirement FROM {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
)


class Command(BaseCommand):
    """Run by the owner of the tables after the first migrate: `DATABASE_URL` set to the owner's address."""

    help = "Grants the app's database role what it needs: rows, never TRUNCATE, DDL or retention."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", help="an existing role of the database")

    def handle(self, *args: Any, role: str, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if cursor.fetchone() is None:
                raise CommandError(f"The database has no role {role!r}. Make it first: CREATE ROLE {role} LOGIN.")
            for statement in GRANTS:
                text = sql.SQL(statement).format(role=sql.Identifier(role)).as_string(connection.connection)
                cursor.execute(text)
        self.stdout.write(f"{role} may work with the portal's rows.")
