"""Everyday words and names of medicines, for whoever already has a list of what means the same."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from documents.search import seeds


def more(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """An empty list is filled after the migrations, with all of them."""
    synonyms = apps.get_model("documents", "Synonym")
    if synonyms.objects.exists():
        seeds.add(synonyms, seeds.EVERYDAY, seeds.MEDICINES)


class Migration(migrations.Migration):
    dependencies = [("documents", "0021_answered_by")]

    operations = [migrations.RunPython(more, migrations.RunPython.noop)]
