from django.db import migrations

from core.appendonly import protect


class Migration(migrations.Migration):
    dependencies = [("deviations", "0002_initial"), ("accounts", "0002_append_only")]
    operations = [protect("deviations_message"), protect("deviations_caseevent")]
