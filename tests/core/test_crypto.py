"""Encryption: nothing readable in the database, keys that can be changed, hashes that cannot be crossed."""

import base64
import logging

import pytest
from django import forms
from django.contrib.admin.utils import display_for_field
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models
from django.db.migrations.writer import MigrationWriter
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core import crypto
from core.fields import EncryptedJSONField, EncryptedTextField

# A busy machine is no fault of the code.
unhurried = hypothesis_settings(deadline=None)
OLD, NEW, STRANGE = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@unhurried
@given(TEXT)
def test_what_is_encrypted_comes_back(text: str) -> None:
    token = crypto.encrypt(text)
    assert crypto.decrypt(token) == text
    assert token.isascii()


def test_the_same_text_never_looks_the_same() -> None:
    assert crypto.encrypt("åäö") != crypto.encrypt("åäö")


def test_an_older_key_still_opens_and_rotation_lets_it_go(settings) -> None:
    settings.PORTAL_ENCRYPTION_KEYS = [OLD]
    token = crypto.encrypt("hemligt")
    settings.PORTAL_ENCRYPTION_KEYS = [NEW, OLD]
    assert crypto.decrypt(token) == "hemligt"
    rotated = crypto.rotate(token)
    settings.PORTAL_ENCRYPTION_KEYS = [NEW]
    assert crypto.decrypt(rotated) == "hemligt"
    with pytest.raises(crypto.CannotDecrypt):
        crypto.decrypt(token)


def test_the_first_key_encrypts(settings) -> None:
    settings.PORTAL_ENCRYPTION_KEYS = [NEW, OLD]
    token = crypto.encrypt("hemligt")
    settings.PORTAL_ENCRYPTION_KEYS = [NEW]
    assert crypto.decrypt(token) == "hemligt"


def test_a_missing_key_is_said_without_telling_what_was_stored(settings) -> None:
    settings.PORTAL_ENCRYPTION_KEYS = [OLD]
    token = crypto.encrypt("hemligt")
    settings.PORTAL_ENCRYPTION_KEYS = [STRANGE]
    for verb in (crypto.decrypt, crypto.rotate):
        for bad in (token, token[:-3] + "abc", "", "no token", "åäö", "\ud800"):
            with pytest.raises(crypto.CannotDecrypt, match=r"missing from PORTAL_ENCRYPTION_KEYS") as caught:
                verb(bad)
            assert caught.value.__cause__ is None
            assert caught.value.__suppress_context__
            assert not bad or bad not in str(caught.value)


@pytest.mark.parametrize("keys", [[], ["short"], [OLD, "x" * 44], ["å"]])
def test_bad_keys_are_told_without_showing_them(settings, keys) -> None:
    settings.PORTAL_ENCRYPTION_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match="PORTAL_ENCRYPTION_KEYS") as caught:
        crypto.encrypt("x")
    assert not any(key in str(caught.value) for key in keys)


def test_a_keyed_hash_is_steady_and_depends_on_value_purpose_and_key(settings) -> None:
    settings.PORTAL_HASH_KEY = "k" * 32
    first = crypto.keyed_hash("5561234567", purpose="org_number")
    assert first == crypto.keyed_hash("5561234567", purpose="org_number")
    assert len(first) == 64
    assert int(first, 16)
    assert first != crypto.keyed_hash("5561234568", purpose="org_number")
    assert first != crypto.keyed_hash("5561234567", purpose="patient")
    settings.PORTAL_HASH_KEY = "l" * 32
    assert first != crypto.keyed_hash("5561234567", purpose="org_number")


def test_a_keyed_hash_is_the_same_in_every_release(settings) -> None:
    """Hashes are stored: a change of derivation would make every one of them unfindable."""
    settings.PORTAL_HASH_KEY = "0123456789abcdef0123456789abcdef"
    assert (
        crypto.keyed_hash("värde", purpose="test") == "09dbf11fd4e6b25e90f143f6210480be367a3dd12ebc4985138f3a200e77377b"
    )


def test_a_keyed_hash_needs_a_purpose_and_a_long_key(settings) -> None:
    with pytest.raises(ValueError, match="purpose"):
        crypto.keyed_hash("x", purpose="")
    settings.PORTAL_HASH_KEY = "short"
    with pytest.raises(ImproperlyConfigured, match="PORTAL_HASH_KEY"):
        crypto.keyed_hash("x", purpose="p")


# -- the fields ----------------------------------------------------------------------------------------------


@pytest.fixture
def secret_model(db):
    """A model with both fields and a real table, gone with the test's transaction."""
    with isolate_apps("accounts"):

        class Secret(models.Model):  # noqa: DJ008
            text = EncryptedTextField(null=True)
            data = EncryptedJSONField(null=True, editable=True)

            class Meta:
                app_label = "accounts"
                db_table = "test_secret"

        with connection.schema_editor() as editor:
            editor.create_model(Secret)
        yield Secret


def stored(column: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM test_secret ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_the_database_holds_tokens_and_python_plain_values(secret_model) -> None:
    data = {"vad": "fallit ur sängen", "när": [1, 2.5, None, True]}
    made = secret_model.objects.create(text="hemligt", data=data)
    assert "hemligt" not in stored("text")[0]
    assert crypto.decrypt(stored("text")[0]) == "hemligt"
    assert "sängen" not in stored("data")[0]
    assert "fallit" not in stored("data")[0]
    again = secret_model.objects.get(pk=made.pk)
    assert (again.text, again.data) == ("hemligt", data)
    assert secret_model.objects.values("text", "data").get() == {"text": "hemligt", "data": data}


def test_none_stays_null_and_empty_is_not_none(secret_model) -> None:
    secret_model.objects.create(text=None, data=None)
    secret_model.objects.create(text="", data={})
    assert stored("text")[0] is stored("data")[0] is None
    assert stored("text")[1]
    assert stored("data")[1]
    assert secret_model.objects.filter(text__isnull=True, data__isnull=True).count() == 1
    assert secret_model.objects.get(text__isnull=False, data__isnull=False).text == ""


def test_every_way_of_saving_encrypts(secret_model) -> None:
    rows = secret_model.objects.bulk_create([secret_model(text=f"hemligt {n}") for n in range(3)])
    for row in rows:
        row.text += " igen"
    secret_model.objects.bulk_update(rows, ["text"])
    secret_model.objects.filter(pk=rows[0].pk).update(data=["hemligt"], text="hemligt")
    assert all("hemligt" not in value and crypto.decrypt(value) for value in stored("text"))
    assert "hemligt" not in stored("data")[0]
    assert sorted(secret_model.objects.values_list("text", flat=True)) == [
        "hemligt",
        "hemligt 1 igen",
        "hemligt 2 igen",
    ]
    rows[0].refresh_from_db()
    rows[0].save()
    rows[0].refresh_from_db()
    assert rows[0].text == "hemligt", "saved again, it is not encrypted twice"


@pytest.mark.parametrize(
    "lookup",
    ["text", "text__exact", "text__in", "text__contains", "text__gt", "text__regex", "text__length__gt", "data__key"],
)
def test_searching_in_what_is_encrypted_is_refused(secret_model, lookup: str) -> None:
    with pytest.raises(FieldError, match="encrypted"):
        secret_model.objects.filter(**{lookup: ["hemligt"]})
    with pytest.raises(FieldError, match="encrypted"):
        secret_model.objects.exclude(**{lookup: None})


def test_a_row_whose_key_is_gone_says_so(secret_model, settings) -> None:
    settings.PORTAL_ENCRYPTION_KEYS = [OLD]
    secret_model.objects.create(text="hemligt")
    settings.PORTAL_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(crypto.CannotDecrypt):
        secret_model.objects.get()
    assert secret_model.objects.defer("text").get().pk, "the rest of the row can still be read"


def test_sql_logs_hold_tokens_only(secret_model, caplog, django_assert_num_queries) -> None:
    with caplog.at_level(logging.DEBUG, "django.db.backends"), django_assert_num_queries(1) as captured:
        secret_model.objects.create(text="hemligt", data=["hemligt"])
    assert "hemligt" not in caplog.text
    assert not any("hemligt" in query["sql"] for query in captured.captured_queries)


def test_admin_shows_no_token_and_finds_the_field_only_where_it_is_asked_for(secret_model) -> None:
    row = secret_model.objects.create(text="hemligt", data={"a": 1})
    row.refresh_from_db()
    form = forms.modelform_factory(secret_model, fields="__all__")(instance=row)
    assert list(form.fields) == ["data"], "not editable unless said"
    html = form.as_p() + display_for_field(row.text, secret_model._meta.get_field("text"), "-")
    assert "gAAAA" not in html, "the beginning of every token"


def test_a_json_form_field_takes_json(secret_model) -> None:
    form_class = forms.modelform_factory(secret_model, fields=["data"])
    assert form_class({"data": '{"a": [1]}'}).save().data == {"a": [1]}
    assert not form_class({"data": "{"}).is_valid()


@unhurried
@given(JSON)
def test_json_comes_back_as_it_was(value) -> None:
    field = EncryptedJSONField()
    token = field.get_prep_value(value)
    assert (token is None) == (value is None)
    assert field.from_db_value(token, None, connection) == value


def test_what_json_cannot_hold_is_refused() -> None:
    for value in (float("nan"), {1, 2}, object()):
        with pytest.raises((TypeError, ValueError)):
            EncryptedJSONField().get_prep_value(value)


@pytest.mark.parametrize(
    "field",
    [
        EncryptedTextField(),
        EncryptedTextField(null=True, editable=True),
        EncryptedJSONField(default=dict, editable=False),
    ],
)
def test_migrations_can_write_the_fields_down(field) -> None:
    _, path, args, kwargs = field.deconstruct()
    again = type(field)(*args, **kwargs)
    assert path == f"core.fields.{type(field).__name__}"
    assert again.deconstruct() == field.deconstruct()
    assert (again.editable, again.null) == (field.editable, field.null)
    assert "core.fields" in MigrationWriter.serialize(field)[0]


@isolate_apps("accounts")
def test_constraints_that_could_not_work_are_found_by_the_checks() -> None:
    class Wrong(models.Model):  # noqa: DJ008
        once = EncryptedTextField(unique=True)
        indexed = EncryptedTextField(db_index=True)
        plain = EncryptedTextField(db_default="not encrypted")
        right = EncryptedTextField(default="")

        class Meta:
            app_label = "accounts"

    found = {field.name: [error.id for error in field.check()] for field in Wrong._meta.local_fields}
    assert found == {
        "id": [],
        "once": ["accounts.E001"],
        "indexed": ["accounts.E001"],
        "plain": ["accounts.E002"],
        "right": [],
    }
