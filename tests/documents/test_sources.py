"""A source works only as a steward of its owner has confirmed it, another person than set it up."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Assignment, AuditEvent, Notice
from accounts.readers import reader_for
from accounts.roles import Role
from core.refused import Moved, NotAllowed, WrongState
from documents.intake import sources
from documents.models import Source
from tests import cast as people
from tests.documents.deliveries import CENTURI, Made

PAGE = "/dokument/kallor/"
OWN = "[columns]\nnumber=['Nr']\nversion=['V']\ntitle=['T']\nstate=['S']\n[states]\npublished=['klar']"


@pytest.fixture
def steward(cast) -> Assignment:
    user = people.person(given_name="Stellan")
    return people.assign(user, cast.region, Role.READER, Role.PUBLICATION_STEWARD)


@pytest.fixture
def source(cast) -> Source:
    made = Source(code="region-centuri", name="Regionens Centuri", owner=cast.region, ready_mapping="centuri")
    return sources.set_up(made, by=cast.reader("rut", door="admin"))


def now(source: Source) -> Source:
    return Source.objects.get(pk=source.pk)


def confirm(source: Source, by: Assignment, shown: str | None = None) -> Source:
    return sources.confirm(source, shown=shown or sources.mark(now(source)), by=people.reader(by))


def test_it_waits_for_a_steward_who_is_told_and_works_after_the_yes(source, steward):
    again = Source(code="en-till", name="En till", owner=source.owner, ready_mapping="dublin_core")
    Notice.objects.all().delete()
    sources.set_up(again, by=reader_for(source.set_up_by, None, door="admin"))
    assert set(Notice.objects.filter(kind="source_waits").values_list("user", flat=True)) >= {steward.user_id}
    assert not sources.works(source)
    confirm(source, steward)
    assert sources.works(now(source))
    with pytest.raises(WrongState):
        confirm(source, steward)
    assert AuditEvent.objects.filter(action="source_confirmed", target_id="region-centuri").count() == 1


def test_another_mapping_or_owner_waits_for_another_yes_and_another_name_does_not(cast, source, steward):
    confirm(source, steward)
    shown = sources.mark(now(source))
    changed = now(source)
    changed.name = "Centuri"
    sources.set_up(changed, by=cast.reader("rut", door="admin"))
    assert sources.works(now(source))
    changed = now(source)
    changed.ready_mapping, changed.own_mapping = "", OWN
    sources.set_up(changed, by=cast.reader("rut", door="admin"))
    assert not sources.works(now(source))
    with pytest.raises(Moved):
        confirm(source, steward, shown)
    confirm(source, steward)
    Source.objects.filter(pk=source.pk).update(own_mapping=OWN + "\n# by hand")
    assert not sources.works(now(source)), "the database was changed beside the verbs"


def test_nobody_confirms_their_own_and_nobody_of_another_provider(cast, source, steward):
    both = cast.assignments["rut"]
    Assignment.objects.filter(pk=both.pk).update(roles=[*both.roles, Role.APPROVER])
    both.refresh_from_db()
    with pytest.raises(NotAllowed, match="Du har lagt upp"):
        confirm(source, both)
    elsewhere = people.assign(people.person(), cast.bjorken, Role.APPROVER)
    unit = people.assign(people.person(), None, Role.APPROVER, at=cast.akut)
    for by in (elsewhere, unit, cast.assignments["anna"], cast.assignments["sara"]):
        with pytest.raises(NotAllowed):
            confirm(source, by)
    with pytest.raises(NotAllowed):
        sources.set_up(now(source), by=people.reader(steward))
    with pytest.raises(IntegrityError), transaction.atomic():
        Source.objects.filter(pk=source.pk).update(confirmed_by=source.set_up_by)


def test_a_yes_is_taken_back(source, steward):
    confirm(source, steward)
    sources.withdraw(source, by=people.reader(steward))
    assert not sources.works(now(source))
    with pytest.raises(WrongState):
        sources.withdraw(source, by=people.reader(steward))


def test_in_the_browser_the_mapping_is_read_and_confirmed(cast, source, steward):
    there = people.sign_in(Client(), steward.user)
    page = there.get(PAGE)
    text = page.content.decode()
    assert "Dokumentnummer" in text
    assert "Väntar på ja" in text
    shown = sources.mark(source)
    assert shown in text
    done = there.post(PAGE, {"source": source.code, "shown": shown, "act": "confirm"}, follow=True).content.decode()
    assert "Regionens Centuri är bekräftad" in done
    assert sources.works(now(source))
    there.post(PAGE, {"source": source.code, "act": "withdraw"})
    assert not sources.works(now(source))
    assert there.post(PAGE, {"source": "finns-inte"}).status_code == 404
    stranger = people.assign(people.person(), cast.bjorken, Role.APPROVER)
    theirs = people.sign_in(Client(), stranger.user)
    assert source.name not in theirs.get(PAGE).content.decode()
    assert theirs.post(PAGE, {"source": source.code, "shown": shown}).status_code == 404
    for who in ("anna", "sara", "public"):
        assert cast.client(who).get(PAGE).status_code == (302 if who == "public" else 404)


def test_a_source_is_set_up_in_the_administration_with_one_mapping_that_can_be_read(cast):
    there = cast.client("rut")
    facts = {"code": "rjh", "name": "Källan", "owner": cast.region.pk, "is_active": "on"}
    add = "/admin/documents/source/add/"
    for more, words in (
        ({}, "inte båda"), ({"ready_mapping": "centuri", "own_mapping": OWN}, "inte båda"),
        ({"own_mapping": "[columns"}, "TOML"),
    ):  # fmt: skip
        answer = there.post(add, {**facts, **more})
        assert answer.status_code == 200
        assert words in answer.content.decode()
    assert not Source.objects.exists()
    assert there.post(add, {**facts, "own_mapping": OWN}).status_code == 302
    made = Source.objects.get()
    assert (made.set_up_by_id, made.confirmed_at) == (cast.rut.pk, None)
    page = f"/admin/documents/source/{made.pk}/change/"
    assert there.get(page).status_code == 200
    assert there.post(page, {**facts, "own_mapping": OWN, "is_active": ""}).status_code == 302
    assert not Source.objects.get().is_active
    told = AuditEvent.objects.filter(target_type="source", action__startswith="admin_").order_by("pk")
    assert [(event.action, event.actor_id) for event in told] == [
        ("admin_added", cast.rut.pk), ("admin_changed", cast.rut.pk),
    ]  # fmt: skip
    assert "is_active" in told.last().data["fields"]


def test_the_command_looks_through_by_a_sources_own_mapping(source, tmp_path):
    delivered, out = Made("centuri", CENTURI), io.StringIO()
    delivered.good()
    folder = delivered.folder(tmp_path / "in", "metadata.csv", delivered.csv())
    call_command("sync_documents", "region-centuri", str(folder), "--dry-run", stdout=out)
    assert "Nya: 1" in out.getvalue()
