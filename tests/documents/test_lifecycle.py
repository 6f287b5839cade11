"""What happens to documents: states, numbers, defaults, traces, and what the database itself refuses."""

from __future__ import annotations

import io
import threading
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import Assignment
from accounts.readers import PUBLIC
from core import refused
from core.files.extraction import READER
from documents import approval, ending, lifecycle, reference
from documents.models import Document, DocumentEvent, DocumentType, Reading, Version, VisibilityGrant
from documents.reading.jobs import read_text
from documents.signals import version_published, visibility_changed
from documents.visibility import acts as visibility_acts
from documents.visibility.preview import Visibility, VisibilityChange, stamp
from tests.cast import make
from tests.core import makers
from tests.documents.library import PORTAL, Cast, add, current


def rutin() -> DocumentType:
    return DocumentType.objects.get(code="RUT")


def test_numbers_follow_each_other_and_are_never_reused(cast: Cast):
    region = cast.region
    first = lifecycle.create_document(by=PORTAL, title="A", type=rutin(), owner=region)
    second = lifecycle.create_document(by=PORTAL, title="B", type=rutin(), owner=region)
    assert int(second.number[4:]) == int(first.number[4:]) + 1
    DocumentEvent.objects.create(
        document_id=0, document_number="RUT-7000", verb="created", by_label="x", door="command"
    )
    third = lifecycle.create_document(by=PORTAL, title="C", type=rutin(), owner=region)
    assert third.number == "RUT-7001"
    with pytest.raises(refused.WrongState):
        lifecycle.create_document(by=PORTAL, title="D", type=rutin(), owner=region, number="RUT-7000")


def test_a_new_document_is_visible_as_its_type_and_owner_say(cast: Cast):
    region, private = cast.region, cast.bjorken
    to_all = {"applies_private": True, "applies_municipal": True}
    made = {
        "all": lifecycle.create_document(by=PORTAL, title="A", type=rutin(), owner=region, **to_all),
        "some": lifecycle.create_document(by=PORTAL, title="B", type=rutin(), owner=region),
        "sensitive": lifecycle.create_document(
            by=PORTAL, title="C", type=rutin(), owner=region, is_sensitive=True, **to_all
        ),
        "theirs": lifecycle.create_document(by=PORTAL, title="D", type=rutin(), owner=private, **to_all),
    }
    assert {name: Visibility.of(d) for name, d in made.items()} == {
        "all": Visibility(public=True),
        "some": Visibility(regional=True),
        "sensitive": Visibility(regional=True),
        "theirs": Visibility(grants=((private.pk, None),)),
    }


def test_publishing_supersedes_the_former_and_tells_once(cast: Cast):
    heard = []

    def listen(**kwargs):
        heard.append(kwargs["version"].number)

    version_published.connect(listen)
    try:
        document = cast.documents["public"]
        new = lifecycle.add_version(document, by=PORTAL, body="Ny text.")
        approval.approve(approval.submit(new, by=PORTAL), by=cast["elin"])
        lifecycle.publish(new, by=cast.reader("elin"), change_summary="Ny text.")
    finally:
        version_published.disconnect(listen)
    assert heard == [2]
    assert dict(document.versions.values_list("number", "state")) == {1: "superseded", 2: "published"}
    event = document.events.filter(verb="published").first()
    assert (event.version_number, event.before, event.door) == (2, {"current": 1}, "portal")
    assert "Elin Åkesson" in event.by_label


def test_only_editors_of_the_owner_change_a_document(cast: Cast):
    document = cast.documents["public"]
    for who in ("anna", "eva", "greta", "nils", "rut"):
        with pytest.raises(refused.NotAllowed):
            lifecycle.add_version(document, by=cast.reader(who), body="x")
    with pytest.raises(refused.NotAllowed):
        ending.revoke(document, by=PUBLIC, reason="x")
    with pytest.raises(refused.NotAllowed):
        lifecycle.create_document(by=cast.reader("eva"), title="X", type=rutin(), owner=cast.region)
    lifecycle.add_version(document, by=cast.reader("rut", door="admin"), body="x")
    assert document.versions.count() == 2


def test_states_that_do_not_allow_a_verb_are_refused(cast: Cast):
    document = cast.documents["regional"]
    published = current(document)
    with pytest.raises(refused.WrongState):
        lifecycle.update_draft(published, by=PORTAL, body="Ändrad i smyg.")
    with pytest.raises(refused.WrongState):
        lifecycle.publish(published, by=PORTAL)
    empty = lifecycle.add_version(document, by=PORTAL)
    with pytest.raises(refused.WrongState):
        lifecycle.publish(empty, by=PORTAL)
    with pytest.raises(refused.WrongState):
        lifecycle.add_version(document, by=PORTAL, body="En till.")
    ending.withdraw(empty, by=PORTAL)
    ending.revoke(document, by=PORTAL, reason="Behövs inte.")
    with pytest.raises(refused.WrongState):
        lifecycle.add_version(document, by=PORTAL, body="Efteråt.")


def test_a_failed_verb_leaves_nothing_behind(cast: Cast):
    def fail(**_kwargs):
        raise RuntimeError("a listener failed")

    document = cast.documents["public"]
    new = lifecycle.add_version(document, by=PORTAL, body="Ny text.")
    before = DocumentEvent.objects.count()
    version_published.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            lifecycle.publish(new, by=PORTAL)
    finally:
        version_published.disconnect(fail)
    assert dict(document.versions.values_list("number", "state")) == {1: "published", 2: "draft"}
    assert DocumentEvent.objects.count() == before


def test_a_change_of_visibility_says_who_when_from_to_why_and_by_which_door(cast: Cast):
    document, heard = cast.documents["closed"], []

    def listen(**kwargs):
        heard.append(kwargs["document"].pk)

    visibility_changed.connect(listen)
    try:
        with pytest.raises(refused.WrongState):
            visibility_acts.change_visibility(document, by=PORTAL, change=Visibility(private=True), reason="  ")
        by = cast.reader("elin")
        visibility_acts.change_visibility(document, by=by, change=Visibility(private=True), reason="De behöver den.")
        visibility_acts.change_visibility(document, by=by, change=Visibility(private=True), reason="En gång till.")
    finally:
        visibility_changed.disconnect(listen)
    events = list(document.events.filter(verb="visibility_changed"))
    assert (len(events), heard) == (1, [document.pk])
    event = events[0]
    assert (event.before["visible_private"], event.after["visible_private"]) == (False, True)
    assert (event.reason, event.door, event.by_id) == ("De behöver den.", "portal", by.user_id)


def test_a_bulk_change_is_all_or_nothing(cast: Cast):
    mine, theirs = cast.documents["closed"], cast.documents["of_private"]
    with pytest.raises(refused.NotAllowed):
        visibility_acts.change_visibility_in_bulk(
            [mine, theirs], by=cast.reader("elin"), change=Visibility(public=True), reason="Alla."
        )
    mine.refresh_from_db()
    assert not mine.visible_public


def test_a_grant_to_a_unit_of_another_provider_is_refused(cast: Cast):
    wrong = Visibility(grants=((cast.bjorken.pk, cast.asgarden.pk),))
    with pytest.raises(refused.WrongState):
        visibility_acts.change_visibility(cast.documents["closed"], by=PORTAL, change=wrong, reason="Fel.")
    assert not VisibilityGrant.objects.filter(document=cast.documents["closed"]).exists()


def test_the_database_keeps_one_current_version(cast: Cast):
    version = current(cast.documents["public"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.create(
            document=version.document, number=9, state="published", published_at=version.published_at
        )


def test_the_database_refuses_to_change_what_was_published(cast: Cast):
    version = current(cast.documents["public"])
    may_change = {"state", "available_to"}
    columns = {f.column: f.get_internal_type() for f in Version._meta.concrete_fields if not f.primary_key}
    assert may_change < columns.keys()
    other = {
        "TextField": "'ändrad'", "CharField": "'ändrad'", "DateField": "'2031-01-01'",
        "DateTimeField": "'2031-01-01'", "ArrayField": "'{ändrad}'",
    }  # fmt: skip
    for column, kind in columns.items():
        value = {"state": "'withdrawn'"}.get(column) or other.get(kind, "7")
        value = f"NOT {column}" if kind == "BooleanField" else value
        sql = f"UPDATE documents_version SET {column} = {value} WHERE id = {version.pk}"
        with transaction.atomic(), connection.cursor() as cursor:
            if column in may_change:
                cursor.execute(sql)
                assert cursor.rowcount == 1
            else:
                with pytest.raises(DatabaseError, match="a published version cannot be changed"), transaction.atomic():
                    cursor.execute(sql)
    for delete in (version.delete, Version.objects.filter(pk=version.pk).delete):
        with pytest.raises(DatabaseError, match="cannot be deleted"), transaction.atomic():
            delete()
    draft = cast.documents["draft"].versions.get()
    draft.delete()  # a draft that came to nothing may


def test_what_was_read_of_a_published_file_can_be_read_again(cast: Cast):
    document = add(cast, "file", Visibility(public=True), published=False)
    draft = lifecycle.update_draft(document.versions.get(), by=PORTAL, body="")
    lifecycle.attach_file(draft, io.BytesIO(makers.word()), by=PORTAL, name="rutin.docx")
    version = lifecycle.publish(draft, by=PORTAL)
    Reading.objects.filter(pk=version.pk).update(state="read", html="<p>Förra läsningen</p>", reader=READER - 1)
    call_command("read_again")
    address = document.get_absolute_url()
    assert "Förra läsningen" in cast.client("public").get(address).content.decode()
    read_text(SimpleNamespace(job=SimpleNamespace(attempts=0)), version.pk)
    assert "Risken bedöms vid inskrivning" in cast.client("public").get(address).content.decode()
    reading = Reading.objects.get(pk=version.pk)
    assert (reading.state, reading.reader) == ("read", READER)
    before = ProcrastinateJob.objects.count()
    call_command("read_again")
    assert ProcrastinateJob.objects.count() == before


def test_the_database_refuses_to_change_or_remove_events(cast: Cast):
    with pytest.raises(DatabaseError), transaction.atomic():
        DocumentEvent.objects.update(reason="en annan")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM documents_documentevent")


def test_what_is_said_of_a_document_is_changed_by_a_verb_with_a_trace(cast: Cast):
    document = lifecycle.update_document(cast.documents["public"], by=PORTAL, contact="Sekretariatet")
    event = document.events.first()
    assert (event.verb, event.after) == ("updated", {"contact": "Sekretariatet"})
    for not_so in ({"visible_public": False}, {"title": "Annan rubrik"}, {"applies_private": True}):
        with pytest.raises(TypeError):
            lifecycle.update_document(document, by=PORTAL, **not_so)
    assert Document.objects.get(pk=document.pk).visible_public


@pytest.mark.django_db(transaction=True)
def test_of_two_that_decide_on_the_same_preview_the_second_decides_anew() -> None:
    reference.load()
    cast = make(Cast)
    for turn in range(5):
        document = add(cast, f"turn{turn}", Visibility())
        shown, gate, outcome = stamp([document]), threading.Barrier(2), []

        def decide(kind: str, document: Document = document, shown: str = shown, gate=gate, outcome=outcome) -> None:
            try:
                gate.wait(10)
                change = VisibilityChange(**{kind: True})
                visibility_acts.change_visibility_in_bulk(
                    [document], by=PORTAL, change=change, reason="Prov.", shown=shown
                )
                outcome.append(kind)
            except refused.Moved:
                outcome.append("moved")
            finally:
                connection.close()

        threads = [threading.Thread(target=decide, args=(kind,)) for kind in ("private", "municipal")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert outcome.count("moved") == 1
        winner = next(kind for kind in outcome if kind != "moved")
        document.refresh_from_db()
        assert Visibility.of(document) == Visibility(**{winner: True})


def test_a_role_that_was_taken_away_meanwhile_does_nothing(cast: Cast) -> None:
    document, before = cast.documents["public"], cast["elin"]
    Assignment.objects.filter(pk=before.assignment_id).update(roles=["reader"])
    acts = (
        lambda: lifecycle.add_version(document, by=before, body="Ny text."),
        lambda: lifecycle.confirm_content(document, by=before),
        lambda: ending.revoke(document, by=before, reason="Slut."),
    )
    for act in acts:
        with pytest.raises(refused.NotAllowed):
            act()
    assert list(document.versions.values_list("state", flat=True)) == ["published"]
