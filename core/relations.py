"""From a model to those it is related to, by the relation's name: what a model is built on need not import it."""

from __future__ import annotations

from typing import Any, cast

from django.db import models


def related_model(model: type[models.Model], relation: str) -> type[models.Model]:
    """The model at the other end. Raises FieldDoesNotExist for an unknown relation."""
    return cast("type[models.Model]", model._meta.get_field(relation).related_model)


def related_rows(model: type[models.Model], relation: str) -> Any:
    """All rows of the model at the other end, as its own queryset (not narrowed to any reader)."""
    return related_model(model, relation)._default_manager.all()
