from django.db import migrations

from core.appendonly import install, protect


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [install(), protect("accounts_auditevent"), protect("accounts_auditseal")]
