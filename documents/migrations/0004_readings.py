import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

MOVE = """
INSERT INTO documents_reading (version_id, html, text, state, fault, warnings, pages, reader, read_at)
SELECT id, html, text, text_state, text_fault, text_warnings, file_pages,
       CASE WHEN text_state IN ('read', 'failed') THEN 1 ELSE 0 END, NULL
FROM documents_version;
"""
# SECURITY: what was published stays as it was read, in every column there is or will be, and stays: by any door. Only
# its state and how long it is shown may change; it leaves only by a decision on retention, as append-only rows do.
IMMUTABLE = """
CREATE OR REPLACE FUNCTION documents_version_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.published_at IS NULL OR (coalesce(current_setting('portal.retention_decision', true), '') <> ''
           AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'a published version cannot be deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.published_at IS NOT NULL AND to_jsonb(NEW) - 'state' - 'available_to'
       IS DISTINCT FROM to_jsonb(OLD) - 'state' - 'available_to' THEN
        RAISE EXCEPTION 'a published version cannot be changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER documents_version_immutable ON documents_version;
CREATE TRIGGER documents_version_immutable BEFORE UPDATE OR DELETE ON documents_version
FOR EACH ROW EXECUTE FUNCTION documents_version_immutable();
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0003_cleaned_files")]
    operations = [
        migrations.CreateModel(
            "Reading",
            [
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="reading",
                        serialize=False,
                        to="documents.version",
                    ),
                ),
                ("html", models.TextField(blank=True)),
                ("text", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("none", "no file"),
                            ("waiting", "waiting to be read"),
                            ("read", "read"),
                            ("failed", "could not be read"),
                        ],
                        default="none",
                        max_length=8,
                        verbose_name="text of the file",
                    ),
                ),
                ("fault", models.CharField(blank=True, max_length=200)),
                (
                    "warnings",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                ("pages", models.PositiveIntegerField(null=True, verbose_name="pages")),
                ("reader", models.PositiveSmallIntegerField(default=0)),
                ("read_at", models.DateTimeField(null=True)),
            ],
            options={"verbose_name": "reading", "verbose_name_plural": "readings"},
        ),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        *[
            migrations.RemoveField("version", name)
            for name in ("html", "text", "text_state", "text_fault", "text_warnings", "file_pages")
        ],
        migrations.RunSQL(IMMUTABLE, migrations.RunSQL.noop),
    ]
