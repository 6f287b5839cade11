"""The reporting side has no day to acknowledge by once somebody it concerns has taken the case up."""

from django.db import migrations

LAPSED = """
    UPDATE deviations_party own SET acknowledge_due = NULL
    WHERE own.side = 'reporting' AND own.state = 'received' AND EXISTS (
        SELECT 1 FROM deviations_party other WHERE other.case_id = own.case_id AND other.side = 'concerned'
        AND other.acknowledged_at IS NOT NULL AND other.ended_at IS NULL)
"""


class Migration(migrations.Migration):
    dependencies = [("deviations", "0013_saved_filters")]
    operations = [migrations.RunSQL(LAPSED, migrations.RunSQL.noop)]
