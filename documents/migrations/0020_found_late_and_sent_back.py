import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0019_said_by_versions")]
    operations = [
        migrations.AddField(
            "reading",
            "found_late",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), default=list, size=None
            ),
        ),
        migrations.CreateModel(
            name="SentBack",
            fields=[
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="as_sent_back",
                        serialize=False,
                        to="documents.version",
                    ),
                ),
                ("body", models.TextField(blank=True)),
                ("html", models.TextField(blank=True)),
                ("text", models.TextField(blank=True)),
                ("reading_state", models.CharField(default="none", max_length=8)),
                ("said", models.JSONField(default=dict)),
                ("file", models.JSONField(default=dict)),
            ],
            options={"verbose_name": "version sent back", "verbose_name_plural": "versions sent back"},
        ),
    ]
