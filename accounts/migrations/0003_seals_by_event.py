from django.db import migrations, models

import core.clock
from core.appendonly import install, protect


class Migration(migrations.Migration):
    """Seals cover stretches of events' ids. Earlier ones followed PostgreSQL's transaction numbers, which begin anew
    on another server; the events that they covered are sealed again at the next minute."""

    dependencies = [("accounts", "0002_append_only")]
    operations = [
        migrations.RemoveIndex("auditevent", "audit_transaction"),
        migrations.RemoveField("auditevent", "transaction"),
        migrations.DeleteModel("AuditSeal"),
        migrations.CreateModel(
            "AuditSeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first", models.BigIntegerField(verbose_name="first event")),
                ("last", models.BigIntegerField(unique=True, verbose_name="last event")),
                ("first_at", models.DateTimeField(verbose_name="first event's time")),
                ("count", models.PositiveIntegerField(verbose_name="events")),
                ("previous_digest", models.CharField(blank=True, max_length=64, verbose_name="digest before")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("sealed_at", models.DateTimeField(default=core.clock.now, verbose_name="sealed")),
            ],
            options={"verbose_name": "audit seal", "verbose_name_plural": "audit seals", "ordering": ("-pk",)},
        ),
        migrations.CreateModel(
            "Retirement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("table_name", models.CharField(max_length=100, verbose_name="table")),
                ("before", models.DateTimeField(verbose_name="everything before")),
                ("decision", models.CharField(max_length=200, verbose_name="decision")),
                ("count", models.BigIntegerField(verbose_name="rows")),
                ("at", models.DateTimeField(verbose_name="time")),
                ("by", models.CharField(max_length=100, verbose_name="database role")),
            ],
            options={
                "verbose_name": "retirement of records",
                "verbose_name_plural": "retirements of records",
                "ordering": ("-pk",),
            },
        ),
        install(),
        protect("accounts_auditseal"),
        protect("accounts_retirement"),
    ]
