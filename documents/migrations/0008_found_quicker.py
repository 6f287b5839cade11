"""Drafts under way by an index of their own; and a document has changed when readers can see that it has."""

from django.db import migrations, models

DERIVE = """
CREATE OR REPLACE FUNCTION documents_changed_of(d documents_document) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT coalesce(max(greatest(v.published_at, v.available_from)), d.created_at)
    FROM documents_version v WHERE v.document_id = d.id AND v.state IN ('published', 'superseded')
$$;
UPDATE documents_document SET id = id;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION documents_changed_of(d documents_document) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT coalesce(max(v.published_at), d.created_at)
    FROM documents_version v WHERE v.document_id = d.id AND v.state IN ('published', 'superseded')
$$;
UPDATE documents_document SET id = id;
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0007_found_by")]

    operations = [
        migrations.AddIndex(
            model_name="version",
            index=models.Index(
                condition=models.Q(("state__in", ("draft", "consultation", "in_review", "approved"))),
                fields=["document"],
                name="version_unfinished",
            ),
        ),
        migrations.RunSQL(DERIVE, BEFORE),
    ]
