from django.db import migrations

from core.appendonly import protect

# SECURITY: what was published stays as it was read. Its state and how long it is shown may change; its words,
# its file and who approved it may not, by any door.
IMMUTABLE = """
CREATE FUNCTION documents_version_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL AND (
        (NEW.document_id, NEW.number, NEW.body, NEW.file, NEW.file_name, NEW.file_sha256, NEW.change_summary,
         NEW.is_major, NEW.valid_from, NEW.approved_at, NEW.approver_label, NEW.published_at)
        IS DISTINCT FROM
        (OLD.document_id, OLD.number, OLD.body, OLD.file, OLD.file_name, OLD.file_sha256, OLD.change_summary,
         OLD.is_major, OLD.valid_from, OLD.approved_at, OLD.approver_label, OLD.published_at)
    ) THEN
        RAISE EXCEPTION 'a published version cannot be changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER documents_version_immutable BEFORE UPDATE ON documents_version
FOR EACH ROW EXECUTE FUNCTION documents_version_immutable();
"""
MUTABLE = """
DROP TRIGGER documents_version_immutable ON documents_version;
DROP FUNCTION documents_version_immutable();
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial"), ("accounts", "0002_append_only")]
    operations = [protect("documents_documentevent"), migrations.RunSQL(IMMUTABLE, MUTABLE)]
