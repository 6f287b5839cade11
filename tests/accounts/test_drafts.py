"""Nothing typed is lost, and nobody else reads it."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts import clock, drafts
from accounts.models import Draft
from accounts.readers import PUBLIC
from tests import cast

pytestmark = pytest.mark.django_db
FORM = "deviation"


@pytest.fixture
def me():
    return cast.reader(cast.assign(None, cast.private()))


def test_what_is_typed_comes_back(me):
    draft = drafts.start(me, FORM)
    drafts.save(draft, {"title": ["Fel styrka i dosett"], "types": ["läkemedel", "dokumentation"]})
    found = drafts.find(me, FORM)
    assert found == draft
    assert found.payload == {"title": ["Fel styrka i dosett"], "types": ["läkemedel", "dokumentation"]}
    assert drafts.find(me, FORM, str(draft.token)) == draft


def test_it_lies_encrypted_in_the_database(me):
    drafts.save(drafts.start(me, FORM), {"what": ["trasig entrématta"]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM accounts_draft")
        assert "entr" not in cursor.fetchone()[0]


def test_the_newest_of_a_form_is_the_one_to_go_on_with(me, frozen):
    with frozen(clock.now()) as time:
        old, new = drafts.start(me, FORM), drafts.start(me, FORM)
        time.move(minutes=1)
        drafts.save(new, {"a": ["1"]})
        time.move(minutes=1)
        drafts.save(old, {"a": ["2"]})
        assert drafts.find(me, FORM) == old
        assert drafts.find(me, "another form") is None


def test_a_draft_is_ones_own_only(me):
    draft = drafts.start(me, FORM)
    colleague = cast.reader(cast.assign(None, cast.region()))
    for other in (colleague, PUBLIC):
        assert drafts.find(other, FORM) is None
        assert drafts.find(other, FORM, str(draft.token)) is None


def test_a_draft_stays_with_the_assignment_it_was_written_under():
    user = cast.person()
    one = cast.reader(cast.assign(user, cast.private("Alen AB")))
    other = cast.reader(cast.assign(user, cast.private("Björken AB")))
    draft = drafts.start(one, FORM)
    assert drafts.find(one, FORM) == draft
    assert drafts.find(other, FORM) is None
    assert drafts.find(other, FORM, str(draft.token)) is None


@pytest.mark.parametrize("token", ["", "x", "'; drop table", "7f9c24e8-3b12-4fef-91e0-56a2d5a1c0de", "0" * 5000])
def test_a_token_that_is_none_finds_nothing(me, token):
    drafts.start(me, FORM)
    assert drafts.find(me, FORM, token) is None


def test_what_is_kept_is_bounded(me):
    draft = drafts.start(me, FORM)
    drafts.save(draft, {"long": ["x" * (drafts.MAX_CHARS + 1)]})
    draft.refresh_from_db()
    assert len(draft.payload["long"][0]) == drafts.MAX_CHARS
    drafts.save(draft, {f"field{n}": ["x"] for n in range(drafts.MAX_FIELDS * 2)})
    draft.refresh_from_db()
    assert len(draft.payload) == drafts.MAX_FIELDS
    drafts.save(draft, {"many": ["x" * drafts.MAX_CHARS] * 3, "after": ["y"]})
    draft.refresh_from_db()
    assert sum(len(v) for values in draft.payload.values() for v in values) <= drafts.MAX_CHARS


def test_the_token_and_the_protection_of_the_form_are_not_kept(me):
    draft = drafts.start(me, FORM)
    drafts.save(draft, {"csrfmiddlewaretoken": ["hemligt"], "token": [str(draft.token)], "what": ["x"]})
    draft.refresh_from_db()
    assert draft.payload == {"what": ["x"]}


def test_a_token_is_used_once(me):
    """The verb that takes a draft marks it: what comes later with the same token changes nothing."""
    draft = drafts.start(me, FORM)
    drafts.save(draft, {"what": ["först"]})
    Draft.objects.filter(pk=draft.pk).update(submitted_at=clock.now(), result="AVV-26-7K3F9Q")
    assert drafts.find(me, FORM, str(draft.token)) is None
    assert drafts.find(me, FORM) is None
    drafts.save(draft, {"what": ["sedan"]})
    draft.refresh_from_db()
    assert draft.payload == {"what": ["först"]}
    assert draft.result == "AVV-26-7K3F9Q"
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.create(user_id=me.user_id, form_key=FORM, token=draft.token)


def test_a_draft_is_kept_thirty_days_from_the_last_change(me, frozen):
    with frozen(dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)) as time:
        draft = drafts.start(me, FORM)
        time.move(days=20)
        drafts.save(draft, {"what": ["x"]})
        time.move(days=30)
        assert drafts.find(me, FORM) == draft
        assert drafts.purge() == 0
        time.move(seconds=1)
        assert drafts.find(me, FORM) is None
        assert drafts.purge() == 1


def test_the_page_saves_and_says_when(client):
    user = cast.person(language="sv")
    draft = drafts.start(cast.reader(cast.assign(user, cast.private())), FORM)
    cast.sign_in(client, user)
    answer = client.post(reverse("save_draft", args=[FORM]), {"token": str(draft.token), "what": "matta"})
    assert answer.json()["saved"] is True
    draft.refresh_from_db()
    assert draft.payload == {"what": ["matta"]}
    assert client.get(reverse("save_draft", args=[FORM])).status_code == 405


def test_the_page_answers_the_same_for_anothers_and_for_none(client):
    draft = drafts.start(cast.reader(cast.assign(None, cast.region())), FORM)
    user = cast.person()
    cast.assign(user, cast.private())
    cast.sign_in(client, user)
    answers = [
        client.post(reverse("save_draft", args=[FORM]), {"token": token, "what": "x"})
        for token in (str(draft.token), str(uuid.uuid4()), "")
    ]
    assert {a.status_code for a in answers} == {404}
    assert len({a.content for a in answers}) == 1
    draft.refresh_from_db()
    assert draft.payload == {}
