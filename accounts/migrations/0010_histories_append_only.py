from django.db import migrations

from core.appendonly import protect

TABLES = ("userrightsevent", "providerevent", "careunitevent", "agreementevent", "assignmentevent")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_rights_have_a_history")]
    operations = [protect(f"accounts_{table}") for table in TABLES]
