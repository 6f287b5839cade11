import django.contrib.postgres.fields
from django.db import migrations, models

# Published files and their originals do not change either.
COLUMNS = """document_id, number, body, file, file_name, file_sha256, original_file, original_sha256, file_removed,
 change_summary, is_major, valid_from, approved_at, approver_label, published_at""".replace("\n", "").split(", ")
IMMUTABLE = """
CREATE OR REPLACE FUNCTION documents_version_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL AND ({new}) IS DISTINCT FROM ({old}) THEN
        RAISE EXCEPTION 'a published version cannot be changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
""".format(
    new=", ".join(f"NEW.{name.strip()}" for name in COLUMNS), old=", ".join(f"OLD.{name.strip()}" for name in COLUMNS)
)


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_append_only")]
    operations = [
        migrations.AddField(
            "version",
            "file_removed",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), default=list, editable=False, size=None
            ),
        ),
        migrations.AddField("version", "original_file", models.CharField(blank=True, editable=False, max_length=200)),
        migrations.AddField("version", "original_sha256", models.CharField(blank=True, editable=False, max_length=64)),
        migrations.RunSQL(IMMUTABLE, migrations.RunSQL.noop),
    ]
