import django.db.models.deletion
from django.db import migrations, models

UNFINISHED = ("draft", "consultation", "in_review", "approved")


def one_unfinished(apps, schema_editor):
    """Of two unfinished versions the older is withdrawn: it was taken back while another was begun, and stays in the
    history. What waits to be published is known to be compared with what was in force."""
    Version = apps.get_model("documents", "Version")
    Event = apps.get_model("documents", "DocumentEvent")
    newest: dict[int, int] = {}
    for version in Version.objects.filter(state__in=UNFINISHED).select_related("document").order_by("-number"):
        if newest.setdefault(version.document_id, version.number) == version.number:
            continue
        before, version.state = version.state, "withdrawn"
        version.save(update_fields=["state"])
        Event.objects.create(
            document_id=version.document_id, document_number=version.document.number, version_number=version.number,
            verb="withdrawn", by_label="Portalen", door="job", before={"state": before},
            reason="En senare version var redan påbörjad.",
        )  # fmt: skip
    for version in Version.objects.filter(state="approved"):
        version.approved_against = Version.objects.filter(document=version.document_id, state="published").first()
        version.save(update_fields=["approved_against"])


def to_itself():
    return models.ForeignKey(
        editable=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="documents.version",
    )


class Migration(migrations.Migration):
    atomic = True
    dependencies = [("documents", "0017_pages_first")]
    operations = [
        migrations.AddField(model_name="version", name="begins_from", field=to_itself()),
        migrations.AddField(model_name="version", name="approved_against", field=to_itself()),
        migrations.AddField(model_name="version", name="approved_beside", field=to_itself()),
        migrations.RunPython(one_unfinished, migrations.RunPython.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="version", name="version_unfinished"),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", UNFINISHED)), fields=("document",), name="version_one_unfinished"
            ),
        ),
    ]
