from django.db import migrations

from core.appendonly import protect


class Migration(migrations.Migration):
    dependencies = [("documents", "0004_readings"), ("accounts", "0002_append_only")]
    operations = [protect("documents_visibilitygrantevent")]
