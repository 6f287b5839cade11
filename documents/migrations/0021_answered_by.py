from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0020_found_late_and_sent_back")]
    operations = [
        migrations.AddField(
            "missingdocument",
            "answered_by_label",
            models.CharField(blank=True, default="", editable=False, max_length=400, verbose_name="answered by"),
            preserve_default=False,
        ),
    ]
