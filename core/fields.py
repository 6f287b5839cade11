"""Model fields whose value lies encrypted in the database and is plain in Python."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core import checks
from django.core.exceptions import FieldError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from core import crypto


class EncryptedTextField(models.TextField):
    """Text, stored as a token of `core.crypto` in a text column. None is stored as NULL, "" is encrypted.

    Lookups other than `isnull` raise FieldError: tokens of the same text differ, so no search could find
    anything (store a `crypto.keyed_hash` beside it to find by). Reading raises `crypto.CannotDecrypt` where
    the key is missing. Not editable unless `editable=True` is given: no admin page or model form gets at it
    by listing all fields. `QuerySet.update()` with an SQL expression goes past the encryption; give it plain
    values.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        # Django leaves out its own default (True); here the default is the other one.
        kwargs.pop("editable", None)
        if self.editable:
            kwargs["editable"] = True
        return name, path, args, kwargs

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        errors = super().check(**kwargs)
        if self.unique or getattr(self, "db_index", False) or self.primary_key:
            errors.append(
                checks.Error(
                    "An encrypted field cannot be unique or indexed: a text is stored differently each time.",
                    hint="Put the constraint on a column with a keyed hash of the value.",
                    obj=self,
                    id="accounts.E001",
                )
            )
        if self.has_db_default():
            errors.append(
                checks.Error(
                    "An encrypted field cannot have a default in the database: it would not be encrypted.",
                    hint="Use default= instead of db_default=.",
                    obj=self,
                    id="accounts.E002",
                )
            )
        return errors

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            self._refuse(lookup_name)
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        self._refuse(lookup_name)

    def _refuse(self, lookup_name: str) -> None:
        raise FieldError(
            f"'{self.name}' is stored encrypted and cannot be searched with '{lookup_name}'; only isnull "
            "works. Search a keyed hash of it instead."
        )

    # SECURITY: the only ways to and from the database. The text of `_to_text` is encrypted before it leaves.
    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else crypto.encrypt(self._to_text(value))

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else self._from_text(crypto.decrypt(value))

    def _to_text(self, value: Any) -> str:
        return str(value)

    def _from_text(self, text: str) -> Any:
        return text


class EncryptedJSONField(EncryptedTextField):
    """A JSON value, stored as the token of its text; see EncryptedTextField. Dates and UUIDs become text.

    None is stored as NULL. Raises TypeError or ValueError for what JSON cannot hold (NaN among it).
    """

    def _to_text(self, value: Any) -> str:
        return json.dumps(value, cls=DjangoJSONEncoder, allow_nan=False, separators=(",", ":"))

    def _from_text(self, text: str) -> Any:
        return json.loads(text)

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> Any:
        return self.value_from_object(obj)

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(self, **{"form_class": forms.JSONField, "encoder": DjangoJSONEncoder, **kwargs})
