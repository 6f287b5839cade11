"""A system pushes versions by a key that two persons have said yes to; every answer is one that the API describes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from jsonschema import Draft202012Validator

from accounts.models import Assignment, AuditEvent, Notice
from accounts.roles import Role
from core import clock
from core.refused import NotAllowed, WrongState
from documents.intake import runs, sources
from documents.models import DocumentEvent, DocumentType, Intake, Source, SourceDocument, SourceKey, Version
from documents.pushing import keys
from documents.pushing.api import router
from tests import cast as people
from tests.core import makers

URL = "/api/v1/documents/rjh/3912/versions/"
FACTS = {
    "version": "7", "title": "Fallprevention", "state": "published", "type": "RUT", "approved": "2026-03-01",
    "approver": "Åsa Ek, chefläkare", "rights": "regional", "applies": "all",
}  # fmt: skip
NEXT_YEAR = dt.timedelta(days=365)


@pytest.fixture
def steward(cast) -> Assignment:
    return people.assign(people.person(given_name="Stellan"), cast.region, Role.READER, Role.PUBLICATION_STEWARD)


@pytest.fixture
def source(cast) -> Source:
    cache.clear()
    DocumentType.objects.filter(code="RUT").update(default_public=False, default_regional=True)
    made = Source(code="rjh", name="Regionens Centuri", owner=cast.region, ready_mapping="centuri")
    sources.set_up(made, by=cast.reader("rut", door="admin"))
    return sources.confirm(made, shown=sources.mark(made), by=cast["elin"])


@pytest.fixture
def key(cast, source, steward) -> str:
    made, text = keys.make(source, "Centuri, server 1", clock.today() + NEXT_YEAR, by=cast["elin"])
    keys.confirm(made, by=people.reader(steward))
    return text


def pushed(key: str, url: str = URL, *, file: bytes | None = None, named: str = "a.pdf", **told: Any) -> HttpResponse:
    language = told.pop("language", None)
    facts = {**FACTS, **told}
    content = makers.plain_pdf() if file is None else file
    if content:
        facts["file"] = SimpleUploadedFile(named, content)
    headers = {"Authorization": f"Bearer {key}"} | ({"Accept-Language": language} if language else {})
    answer = Client().post(url, facts, headers=headers)
    assert_described(answer)
    return answer


def assert_described(answer: HttpResponse) -> None:
    """The API's own description has this status, and the answer is of its shape."""
    described = Client().get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    operation = described["paths"]["/api/v1/documents/{source}/{number}/versions/"]["post"]
    content = operation["responses"][str(answer.status_code)]["content"]
    (kind,) = content
    assert answer["Content-Type"].partition(";")[0] == kind
    schema = {**content[kind]["schema"], "components": described["components"]}
    Draft202012Validator(schema).validate(answer.json())


def test_a_version_is_pushed_and_the_same_again_changes_nothing(cast, key):
    answer = pushed(key)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["outcome"], told["number"], told["version"], told["waits"]) == ("new", "3912", 7, "")
    assert told["url"].endswith("/dokument/3912/")
    version = Version.objects.get(document__number="3912")
    assert (version.state, version.approver_label, version.file_name) == ("published", FACTS["approver"], "a.pdf")
    events = DocumentEvent.objects.count()
    again = pushed(key)
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    assert DocumentEvent.objects.count() == events
    assert pushed(key, version="8", title="Nytt namn").json() == {**told, "outcome": "changed", "version": 8}
    assert cast.client("anna").get("/dokument/3912/").status_code == 200
    run = Intake.objects.filter(door="api").last()
    assert (run.state, run.counts["new"]) == ("done", 1)
    assert "Centuri, server 1" in run.by_label


def test_a_draft_without_a_file_and_a_revocation(key):
    assert pushed(key, state="draft", file=b"", approved="").json()["outcome"] == "new"
    assert pushed(key).json()["outcome"] == "changed"
    assert pushed(key, state="revoked", file=b"").json()["outcome"] == "revoked"
    assert SourceDocument.objects.get(number="3912").document.state == "revoked"
    assert pushed(key, "/api/v1/documents/rjh/4000/versions/", state="upphävd", file=b"").json()["outcome"] == "passed"


def test_a_push_opens_to_nobody_more(key):
    assert pushed(key, rights="public").json()["waits"] == "wider"
    assert pushed(key, "/api/v1/documents/rjh/4000/versions/", rights="").json()["waits"] == "held_back"
    assert not SourceDocument.objects.filter(document__visible_public=True).exists()


@pytest.mark.parametrize(("told", "field"), [
    ({"approved": "260301"}, "approved"), ({"state": "kanske"}, "state"), ({"type": "Sång"}, "type"),
    ({"valid_to": "i går"}, "valid_to"), ({"file": b""}, "file"), ({"file": b"inget av detta"}, "file"),
    ({"file": makers.encrypted_pdf("hemligt")}, "file"), ({"version": "v" * 41}, "version"), ({"title": ""}, "title"),
    ({"applies": "alla djur"}, "applies"),
])  # fmt: skip
def test_faults_are_told_by_field_and_nothing_is_done(key, told, field):
    answer = pushed(key, **told)
    assert answer.status_code == 422, answer.content
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]
    assert all(fault["detail"] for fault in answer.json()["errors"])
    assert not SourceDocument.objects.exists()


def test_a_number_that_is_none_is_a_fault(key):
    answer = pushed(key, "/api/v1/documents/rjh/utan-siffra/versions/")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "number")


def test_an_older_version_does_not_agree_with_what_is_here(key):
    pushed(key)
    answer = pushed(key, version="6")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (409, "version")


def test_too_large_a_file(key, settings):
    settings.PORTAL_MAX_FILE_BYTES = 100
    assert pushed(key).status_code == 413


def test_problems_are_told_in_swedish_or_english(key):
    swedish, english = pushed(key, state="kanske"), pushed(key, state="kanske", language="en")
    assert (swedish.json()["title"], english.json()["title"]) == ("Något i det är fel", "Something in it is wrong")
    assert "inget tillstånd" in swedish.json()["errors"][0]["detail"]
    assert "no state" in english.json()["errors"][0]["detail"]
    assert (swedish["Content-Language"], english["Content-Language"]) == ("sv", "en")


def test_while_a_delivery_is_taken_in_a_push_is_asked_to_come_again(key, monkeypatch):
    """The lock itself is tried with another session in `test_taking`."""

    def busy(*_args: Any, **_told: Any) -> None:
        raise runs.Busy

    monkeypatch.setattr(runs, "alone", busy)
    answer = pushed(key)
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")


def test_a_key_that_asks_too_often_is_told_to_wait(key, monkeypatch):
    (throttle,) = router.path_operations["/{source}/{number}/versions/"].operations[0].throttle_objects
    monkeypatch.setattr(throttle, "num_requests", 1)
    cache.clear()
    assert [pushed(key, state="kanske").status_code for _n in range(2)] == [422, 429]
    assert int(pushed(key, state="kanske")["Retry-After"]) > 0


# Keys ---------------------------------------------------------------------------------------------------------
def test_a_key_is_kept_as_a_digest_and_only_the_whole_of_it_opens(key, source):
    row = SourceKey.objects.get()
    assert key.split("_", 2)[2] not in repr(vars(row))
    assert keys.opened_by(key) == row
    for wrong in ("", "Bearer", key[:-1], key + "a", key.upper(), key[:-1] + ("a" if key[-1] != "a" else "b")):
        answer = pushed(wrong)
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    row.refresh_from_db()
    assert row.last_used_at is not None
    assert pushed(key, "/api/v1/documents/annan/3912/versions/").status_code == 404


def test_it_works_with_the_yes_of_another_until_its_last_day_or_its_end(cast, source, steward, frozen):
    made, text = keys.make(source, "Server 2", clock.today() + NEXT_YEAR, by=cast["elin"])
    assert Notice.objects.filter(kind="source_key_waits", user=steward.user).count() == 1
    assert pushed(text).status_code == 401, "nobody has said yes"
    with pytest.raises(NotAllowed, match="Du har skapat den"):
        keys.confirm(made, by=cast["elin"])
    for name in ("rut", "anna", "eva"):
        with pytest.raises(NotAllowed):
            keys.confirm(made, by=cast[name])
    with pytest.raises(IntegrityError), transaction.atomic():
        SourceKey.objects.update(confirmed_by=made.made_by)
    keys.confirm(made, by=people.reader(steward))
    assert pushed(text).status_code == 201
    with frozen(clock.now() + NEXT_YEAR + dt.timedelta(days=2)):
        assert keys.opened_by(text) is None
    keys.end(made, by=cast["elin"])
    assert pushed(text).status_code == 401
    with pytest.raises(WrongState):
        keys.end(made, by=cast["elin"])
    told = AuditEvent.objects.filter(target_id="rjh").values_list("action", flat=True)
    assert {"source_key_made", "source_key_confirmed", "source_key_ended"} <= set(told)


def test_a_source_that_no_longer_works_takes_nothing(cast, source, key):
    sources.withdraw(source, by=cast["elin"])
    answer = pushed(key)
    assert answer.status_code == 403
    assert "väntar på ja" in answer.json()["detail"]


def test_a_key_without_the_scope_may_not(key):
    SourceKey.objects.update(scopes=[])
    assert pushed(key).status_code == 403


def test_in_the_browser_a_key_is_made_shown_once_confirmed_and_ended(cast, source, steward):
    page = "/dokument/kallor/rjh/nycklar/"
    there = cast.client("elin")
    for wrong in ({"name": "", "expires_on": "2027-01-01"}, {"name": "A", "expires_on": "2020-01-01"}):
        assert there.post(page, wrong).status_code == 422
    last = (clock.today() + NEXT_YEAR).isoformat()
    text = there.post(page, {"name": "Centuri", "expires_on": last}).content.decode()
    key = next(word for word in text.replace("<", " ").replace(">", " ").split() if word.startswith("vgw_"))
    assert key not in there.get(page).content.decode()
    row = SourceKey.objects.get()
    assert "Du har skapat den" in there.get(page).content.decode()
    theirs = people.sign_in(Client(), steward.user)
    theirs.post(page, {"act": "confirm", "key": row.key_name})
    assert keys.opened_by(key) == row
    theirs.post(page, {"act": "end", "key": row.key_name})
    assert keys.opened_by(key) is None
    assert theirs.post(page, {"act": "end", "key": "finnsinte"}).status_code == 404
    assert cast.client("eva").get(page).status_code == 404
