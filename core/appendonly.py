"""Append-only tables: rows are added and never changed, and leave only by a decision on retention.

Enforced in the database by row triggers on UPDATE and DELETE, so that the admin, bulk operations and SQL by hand
meet the same rule. TRUNCATE has no trigger (Django's `flush` needs it in tests): it is withheld by role instead.
"""

from django.db import migrations

INSTALL = """
CREATE OR REPLACE FUNCTION portal_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND coalesce(current_setting('portal.retention_decision', true), '') <> ''
       AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- Retention: the one way out, run by the owner of the tables, with the id of the decision (OSL, arkivlagen).
-- Returns the number of rows that left, and notes it for good in accounts_retirement. The column is the row's time.
CREATE OR REPLACE FUNCTION portal_retire(target regclass, time_column name, before timestamptz, decision text)
RETURNS bigint LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE gone bigint;
BEGIN
    IF coalesce(trim(decision), '') = '' THEN
        RAISE EXCEPTION 'retention needs the id of a decision';
    END IF;
    -- HSLF-FS 2016:40 4:9: the log of who read what is kept for at least five years.
    IF target = 'accounts_auditevent'::regclass AND before > now() - interval '5 years' THEN
        RAISE EXCEPTION 'audit events are kept for at least five years';
    END IF;
    -- Without these the log could no longer be proved whole.
    IF target IN ('accounts_retirement'::regclass, 'accounts_auditseal'::regclass) THEN
        RAISE EXCEPTION 'seals and retirements are kept for good';
    END IF;
    PERFORM set_config('portal.retention_decision', decision, true);
    EXECUTE format('DELETE FROM %s WHERE %I < $1', target, time_column) USING before;
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('portal.retention_decision', '', true);
    INSERT INTO accounts_retirement (table_name, before, decision, count, at, by)
    VALUES (target::text, before, decision, gone, now(), session_user);
    RETURN gone;
END $$;
REVOKE ALL ON FUNCTION portal_retire(regclass, name, timestamptz, text) FROM PUBLIC;
"""
REMOVE = """
DROP FUNCTION IF EXISTS portal_retire(regclass, name, timestamptz, text);
DROP FUNCTION IF EXISTS portal_append_only();
"""


def install() -> migrations.RunSQL:
    """The two functions; again in a migration of accounts whenever their text above has changed."""
    return migrations.RunSQL(INSTALL, REMOVE)


def protect(table: str) -> migrations.RunSQL:
    """Make one table append-only."""
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION portal_append_only()",
        f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}",
    )
