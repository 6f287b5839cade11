import django.contrib.postgres.fields
from django.db import migrations, models

# What every version says so far is what its document says: what it said before that is in the events, and nowhere else.
COPY = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE documents_version DISABLE TRIGGER USER;
UPDATE documents_version v SET title = d.title, summary = d.summary, keywords = d.keywords,
    applies_regional = d.applies_regional, applies_private = d.applies_private, applies_municipal = d.applies_municipal
    FROM documents_document d WHERE d.id = v.document_id;
ALTER TABLE documents_version ENABLE TRIGGER USER;
SET CONSTRAINTS ALL IMMEDIATE;
"""


def flag(name, default):
    return models.BooleanField(default=default, verbose_name=name)


class Migration(migrations.Migration):
    dependencies = [("documents", "0018_one_unfinished")]
    operations = [
        migrations.AddField(
            "version", "title", models.CharField(default="", max_length=250, verbose_name="title"), preserve_default=False
        ),
        migrations.AddField(
            "version", "summary", models.CharField(blank=True, default="", max_length=500, verbose_name="summary"),
            preserve_default=False,
        ),
        migrations.AddField(
            "version", "keywords", django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60), blank=True, default=list, size=None, verbose_name="keywords"
            ),
        ),
        migrations.AddField("version", "applies_regional", flag("applies to the region's units", True)),
        migrations.AddField("version", "applies_private", flag("applies to private providers", False)),
        migrations.AddField("version", "applies_municipal", flag("applies to municipalities", False)),
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("applies_regional", True), ("applies_private", True), ("applies_municipal", True), _connector="OR"
                ),
                name="version_applies_to_somebody",
            ),
        ),
    ]  # fmt: skip
