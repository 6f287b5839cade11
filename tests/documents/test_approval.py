"""Who says yes to a version, in which order, and when it is shown: two people, one text, Swedish time."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import Notice
from core import clock, refused
from documents import approval, ending, lifecycle
from documents.acts.course import course_of
from documents.approval.deciding import JointDecision
from documents.approval.forms import PublishingForm
from documents.models import Document, DocumentType, Version
from documents.visibility.preview import Visibility
from tests.documents.library import PORTAL, Cast, add, answer, current


def written(cast: Cast, name: str = "public", *, by: str = "elin", **said) -> Version:
    return lifecycle.add_version(
        cast.documents[name], by=cast[by], body="Ny text.", **{"change_summary": "Nytt.", **said}
    )


def set_type(document: Document, **flags: bool) -> None:
    DocumentType.objects.filter(pk=document.type_id).update(**flags)


def address(version: Version, *further: str) -> str:
    return "/".join([f"/dokument/{version.document.number}", *further, ""])


# Who --------------------------------------------------------------------------------------------------------------
def test_whoever_wrote_does_not_approve(cast: Cast, hedda: Client):
    draft = written(cast)
    with pytest.raises(refused.WrongState):
        lifecycle.publish(draft, by=cast["elin"])
    sent = approval.submit(draft, by=cast["elin"])
    for who in ("elin", "eva", "anna", "public"):
        with pytest.raises(refused.NotAllowed):
            approval.approve(sent, by=cast[who])
    # A system administrator approves nothing.
    with pytest.raises(refused.NotAllowed):
        approval.approve(sent, by=cast.reader("rut", door="admin"))
    yes = approval.approve(sent, by=cast["hedda"])
    assert (yes.state, yes.approver_label, yes.approved_at) == ("approved", "Hedda Strand", clock.today())
    done = lifecycle.publish(yes, by=cast["elin"])
    assert (done.state, done.approver_label) == ("published", "Hedda Strand")


def test_whoever_changed_anothers_draft_is_one_of_those_who_wrote(cast: Cast, hedda: Client):
    draft = written(cast)
    lifecycle.update_draft(draft, by=cast["hedda"], body="Heddas text.")
    with pytest.raises(refused.WrongState, match="Region Fjällmark"):
        approval.submit(draft, by=cast["elin"])  # nobody is left who could say yes
    assert Version.objects.get(pk=draft.pk).state == "draft"


def test_a_type_may_let_one_person_write_and_approve_and_the_page_says_so(cast: Cast):
    draft = written(cast)
    set_type(cast.documents["public"], author_may_approve=True)
    yes = approval.approve(approval.submit(draft, by=cast["elin"]), by=cast["elin"])
    lifecycle.publish(yes, by=cast["elin"])
    page = Client().get(address(draft)).content.decode()
    assert "(som också har skrivit den)" in page


def test_a_type_may_demand_a_review_and_a_joint_decision(cast: Cast, hedda: Client):
    set_type(cast.documents["public"], needs_review=True, needs_joint_decision=True)
    sent = approval.submit(written(cast), by=cast["elin"])
    joint = JointDecision("Samverkansgruppen", dt.date(2026, 11, 17), "2026:11, punkt 5")
    with pytest.raises(refused.NotAllowed):
        approval.approve(sent, by=cast["hedda"], joint=joint)
    with pytest.raises(refused.NotAllowed):
        approval.review(sent, by=cast["elin"])
    approval.review(sent, by=cast["hedda"])
    with pytest.raises(refused.WrongState):
        approval.approve(sent, by=cast["hedda"])
    lifecycle.publish(approval.approve(sent, by=cast["hedda"], joint=joint), by=cast["elin"])
    assert "Samverkansgruppen, 17 november 2026, 2026:11, punkt 5" in Client().get(address(sent)).content.decode()


def test_what_is_sent_stays_as_it_is_until_it_is_sent_back(cast: Cast, hedda: Client):
    sent = approval.submit(written(cast), by=cast["elin"])
    with pytest.raises(refused.WrongState):
        lifecycle.update_draft(sent, by=cast["elin"], body="Annat.")
    shown = course_of(sent.document).mark
    with pytest.raises(refused.WrongState):
        approval.send_back(sent, by=cast["hedda"], reason=" ")
    approval.send_back(sent, by=cast["hedda"], reason="Vem ringer?")
    lifecycle.update_draft(sent, by=cast["elin"], body="Sköterskan ringer.")
    approval.submit(sent, by=cast["elin"])
    # What was shown before is not what is there now.
    with pytest.raises(refused.Moved):
        approval.approve(sent, by=cast["hedda"], shown=shown)
    kinds = Notice.objects.filter(subject=sent.document.number).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["version_waits", "version_sent_back", "version_waits"]


def test_a_draft_is_read_by_no_others_on_its_way(cast: Cast, hedda: Client):
    draft = add(cast, "new", Visibility(public=True), published=False).versions.get()
    readers = ("public", "anna", "sara", "mona", "eva")
    for step in (approval.submit, lambda v, by: approval.approve(v, by=cast["hedda"])):
        step(draft, by=cast["elin"])
        for who in readers:
            client = cast.client(who)
            for place in ((), ("v", "1"), ("granska",), ("publicera",), ("andra",)):
                assert client.get(address(draft, *place)).status_code == 404


# The pages --------------------------------------------------------------------------------------------------------
def shown_of(client: Client, version: Version) -> dict[str, str]:
    page = client.get(address(version, "granska")).content.decode()
    found = re.search(r'name="shown" value="([^"]*)"', page)
    assert found
    return {"shown": found[1]}


def test_from_writing_to_publishing_by_the_pages(cast: Cast, hedda: Client):
    document, elin = cast.documents["public"], cast.client("elin")
    page = elin.get(f"/dokument/{document.number}/andra/").content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(token|seen)" value="([^"]*)"', page))
    form = {"title": document.title, "applies_to": "regional", "body": "Ring 112 direkt.", **hidden, "send": ""}
    # What changed is demanded before it is sent, beside the field, and nothing of the text is lost.
    missing = elin.post(f"/dokument/{document.number}/andra/", form)
    assert missing.status_code == 422
    assert 'id="id_change_summary_error"' in missing.content.decode()
    assert "Ring 112 direkt." in missing.content.decode()
    assert not document.versions.unfinished().exists()
    form |= {
        "change_summary": "Ring 112.",
        "token": re.search(r'name="token" value="([^"]*)"', missing.content.decode())[1],
    }
    assert elin.post(f"/dokument/{document.number}/andra/", form)["Location"].endswith("/granska/")
    sent = document.versions.get(state="in_review")
    assert "Väntar på: Hedda Strand" in elin.get(address(sent, "granska")).content.decode()
    # The approver reads it and what differs, and sends it back first: with nothing said it is not sent.
    page = hedda.get(address(sent, "granska")).content.decode()
    assert "Ring 112 direkt." in page
    assert "[tillagt: " in page
    assert hedda.post(address(sent, "granska"), {"send_back": "1", **shown_of(hedda, sent)}).status_code == 422
    approved = hedda.post(address(sent, "granska"), {"approve": "1", **shown_of(hedda, sent)})
    assert approved["Location"] == address(sent, "publicera")
    # And so it is where it is taken away before publishing.
    refused = answer(elin, address(sent, "publicera"), {"when": "now", "change_summary": ""})
    assert refused.status_code == 422
    assert 'id="id_change_summary_error"' in refused.content.decode()
    answer(elin, address(sent, "publicera"), {"when": "now", "change_summary": "Ring 112.", "is_major": "on"})
    now = current(document)
    assert (now.pk, now.change_summary, now.is_major, now.approver_label) == (
        sent.pk,
        "Ring 112.",
        True,
        "Hedda Strand",
    )
    assert "Ändrat i version 2" in Client().get(document.get_absolute_url()).content.decode()
    # Sent once more, nothing more happens.
    answer(elin, address(sent, "publicera"), {"when": "now", "change_summary": "Ring 112."})
    assert document.events.filter(verb="published").count() == 2


def test_approving_twice_is_told_and_done_once(cast: Cast, hedda: Client):
    sent = approval.submit(written(cast), by=cast["elin"])
    form = {"approve": "1", **shown_of(hedda, sent)}
    hedda.post(address(sent, "granska"), form)
    assert hedda.post(address(sent, "granska"), form).status_code == 422
    assert sent.document.events.filter(verb="approved").count() == 1


# When -------------------------------------------------------------------------------------------------------------
def moment_of(day: str, time: str) -> PublishingForm:
    data = {"when": "later", "day": day, "time": time, "change_summary": "x"}
    form = PublishingForm(data, must_accept=False, is_first=False)
    form.is_valid()
    return form


@pytest.mark.parametrize(
    ("day", "time", "utc"),
    [
        ("2027-03-28", "00:00", "2027-03-27T23:00"),  # the day the clocks are put forward
        ("2027-03-29", "00:00", "2027-03-28T22:00"),
        ("2027-10-31", "00:00", "2027-10-30T22:00"),  # the day they are put back
        ("2027-11-01", "", "2027-10-31T23:00"),
    ],
)
def test_midnight_means_the_swedish_midnight(day: str, time: str, utc: str):
    with clock.frozen(dt.datetime(2027, 1, 1, tzinfo=dt.UTC)):
        told = moment_of(day, time).arguments()
    assert told["available_from"] == dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)


def test_a_time_that_does_not_come_is_refused_beside_its_field():
    with clock.frozen(dt.datetime(2027, 1, 1, tzinfo=dt.UTC)):
        assert "time" in moment_of("2027-03-28", "02:30").errors
        assert "day" in moment_of("2026-12-31", "12:00").errors
        assert "day" in moment_of("", "").errors


def test_the_former_applies_until_the_new_is_shown(cast: Cast, hedda: Client):
    document = cast.documents["public"]
    yes = approval.approve(approval.submit(written(cast), by=cast["elin"]), by=cast["hedda"])
    soon = clock.now() + dt.timedelta(days=2)
    new = lifecycle.publish(yes, by=cast["elin"], available_from=soon, valid_from=None)
    assert new.valid_from == clock.swedish(soon).date()
    page = Client().get(document.get_absolute_url()).content.decode()
    assert "Ny text." not in page
    assert "gäller inte längre" not in page
    assert "Version 2" not in page
    assert "Gällande sedan" in page
    editors = cast.client("elin").get(document.get_absolute_url()).content.decode()
    assert "Version 2 visas från" in editors
    with clock.frozen(soon + dt.timedelta(seconds=1)):
        page = Client().get(document.get_absolute_url()).content.decode()
    assert "Ny text." in page


def test_what_nobody_has_been_shown_can_be_taken_back_and_published_again(cast: Cast, hedda: Client):
    document, elin = cast.documents["public"], cast.client("elin")
    yes = approval.approve(approval.submit(written(cast), by=cast["elin"]), by=cast["hedda"])
    later = {"when": "later", "day": "2099-01-01", "time": "00:00", "change_summary": "Nytt."}
    answer(elin, address(yes, "publicera"), later)
    assert current(document).pk == yes.pk
    answer(elin, address(yes, "publicera"), {"take_back": "1"})
    assert (current(document).number, Version.objects.get(pk=yes.pk).state) == (1, "approved")
    answer(elin, address(yes, "publicera"), {"when": "now", "change_summary": "Nytt."})
    assert current(document).pk == yes.pk
    with pytest.raises(refused.WrongState):
        ending.take_back(yes, by=cast["elin"])
    with pytest.raises(DatabaseError), transaction.atomic():
        Version.objects.filter(pk=yes.pk).update(state="approved", published_at=None)


def test_a_command_tells_the_approver_of_its_source_and_nobody_else_does(cast: Cast, hedda: Client):
    document = add(cast, "taken", Visibility(public=True), published=False)
    taken = lifecycle.publish(document.versions.get(), by=PORTAL, approver_label="Landstingsläkaren")
    assert taken.approver_label == "Landstingsläkaren"
    yes = approval.approve(approval.submit(written(cast, "taken"), by=cast["elin"]), by=cast["hedda"])
    assert lifecycle.publish(yes, by=cast["elin"], approver_label="Påhittad").approver_label == "Hedda Strand"


@pytest.mark.parametrize("day", ["0001-01-01", "0026-11-29", "9999-12-31", "20260-01-01"])
def test_a_year_that_is_a_slip_is_told_beside_its_field(cast: Cast, day: str) -> None:
    for name in ("day", "valid_to"):
        data = {"when": "later", "day": "2030-01-01", "time": "08.00", "change_summary": "Ny dos.", name: day}
        form = PublishingForm(data, must_accept=False, is_first=False)
        assert not form.is_valid()
        assert set(form.errors) == {name}, (day, form.errors)


def test_a_new_version_is_not_sent_without_saying_what_has_changed(cast: Cast):
    draft = lifecycle.add_version(cast.documents["public"], by=cast["elin"], body="Ny text.")
    with pytest.raises(refused.WrongState, match="Skriv vad som är ändrat"):
        approval.submit(draft, by=cast["elin"])
    # Nobody has read anything before a first version.
    first = add(cast, "first", Visibility(public=True), published=False)
    assert approval.submit(first.versions.get(), by=cast["elin"]).state == "in_review"
