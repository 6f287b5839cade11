import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# SECURITY: what was published stays as it was read, in every column there is or will be. What nobody has been shown
# yet, because its moment is to come, can be taken back.
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
       IS DISTINCT FROM to_jsonb(OLD) - 'state' - 'available_to'
       AND NOT (NEW.published_at IS NULL AND OLD.state = 'published' AND NEW.state = 'approved'
                AND coalesce(OLD.available_from > now(), false)
                AND to_jsonb(NEW) - 'state' - 'published_at' = to_jsonb(OLD) - 'state' - 'published_at') THEN
        RAISE EXCEPTION 'a published version cannot be changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0009_openings_that_wait"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.AddField(
            model_name="documenttype",
            name="author_may_approve",
            field=models.BooleanField(
                default=False,
                help_text="An approver may approve what they have written themselves; the page says so.",
                verbose_name="written and approved by one person",
            ),
        ),
        migrations.AddField(
            model_name="documenttype",
            name="needs_joint_decision",
            field=models.BooleanField(
                default=False,
                help_text="The approver writes which joint decision it rests on.",
                verbose_name="decided in cooperation",
            ),
        ),
        migrations.AddField(
            model_name="documenttype",
            name="needs_review",
            field=models.BooleanField(
                default=False, help_text="Before an approver decides.", verbose_name="reviewed by a colleague"
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="approver",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="joint_body",
            field=models.CharField(blank=True, max_length=200, verbose_name="decided by"),
        ),
        migrations.AddField(
            model_name="version",
            name="joint_on",
            field=models.DateField(blank=True, null=True, verbose_name="decided on"),
        ),
        migrations.AddField(
            model_name="version",
            name="joint_reference",
            field=models.CharField(blank=True, max_length=100, verbose_name="minutes"),
        ),
        migrations.AddField(
            model_name="version",
            name="reviewed_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="reviewed"),
        ),
        migrations.AddField(
            model_name="version",
            name="reviewer_label",
            field=models.CharField(blank=True, max_length=200, verbose_name="reviewed by"),
        ),
        migrations.AddField(
            model_name="version",
            name="sent_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="sent"),
        ),
        migrations.RunSQL(IMMUTABLE, migrations.RunSQL.noop),
    ]
