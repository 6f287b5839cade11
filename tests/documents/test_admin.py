"""Django admin is one door more, with the same rules: visibility is an act of its own, and nothing is deleted."""

from __future__ import annotations

import pytest
from django.urls import reverse

from documents.models import Document, MissingDocument
from documents.visibility import acts as visibility_acts
from documents.visibility.preview import Visibility
from tests.documents.library import PORTAL, Cast


def now(cast: Cast, name: str) -> Visibility:
    return Visibility.of(Document.objects.get(pk=cast.documents[name].pk))


def act(cast: Cast, name: str, what: str) -> str:
    return reverse(f"admin:documents_{what}", args=[cast.documents[name].pk])


@pytest.mark.parametrize("model", ["document", "documenttype", "programmearea", "missingdocument", "documentevent"])
def test_every_list_opens(cast: Cast, model: str):
    MissingDocument.objects.create(what="x")
    assert cast.client("rut").get(reverse(f"admin:documents_{model}_changelist") + "?q=RUT").status_code == 200


def test_visibility_is_no_field_of_the_document_form(cast: Cast):
    answer = cast.client("rut").get(reverse("admin:documents_document_change", args=[cast.documents["closed"].pk]))
    html = answer.content.decode()
    assert answer.status_code == 200
    for field in ("visible_public", "visible_regional", "grants-0"):
        assert f'name="{field}"' not in html
    assert act(cast, "closed", "visibility") in html


def test_a_change_of_visibility_shows_its_consequence_and_demands_a_reason(cast: Cast):
    client, address = cast.client("rut"), act(cast, "closed", "visibility")
    assert client.get(address).status_code == 200
    chosen = {"private": "on", "units": [cast.asgarden.pk]}
    shown = client.post(address, {**chosen, "_preview": "1"})
    assert shown.context["preview"].gains.people == 8
    assert now(cast, "closed") == Visibility()
    stamp = shown.context["stamp"]
    refused = client.post(address, {**chosen, "shown": stamp, "_save": "1", "reason": " "})
    assert (refused.status_code, bool(refused.context["form"].errors["reason"])) == (200, True)
    unseen = client.post(address, {**chosen, "_save": "1", "reason": "Utan att ha sett följden."})
    assert (unseen.status_code, now(cast, "closed")) == (200, Visibility())
    done = client.post(address, {**chosen, "shown": stamp, "_save": "1", "reason": "De behöver den."})
    assert done.status_code == 302
    home = (cast.kommun.pk, cast.asgarden.pk)
    assert now(cast, "closed") == Visibility(private=True, grants=(home,))
    event = cast.documents["closed"].events.first()
    assert (event.verb, event.door, event.reason) == ("visibility_changed", "admin", "De behöver den.")


def test_what_somebody_else_changed_meanwhile_is_shown_once_more(cast: Cast):
    client, address = cast.client("rut"), act(cast, "closed", "visibility")
    stamp = client.post(address, {"private": "on", "_preview": "1"}).context["stamp"]
    visibility_acts.change_visibility(
        cast.documents["closed"], by=PORTAL, change=Visibility(regional=True), reason="Annan."
    )
    answer = client.post(address, {"private": "on", "shown": stamp, "_save": "1", "reason": "Min."})
    assert answer.context["again"]
    assert now(cast, "closed") == Visibility(regional=True)


def test_many_documents_change_together_and_keep_what_is_left_alone(cast: Cast):
    client = cast.client("rut")
    pks = [cast.documents[n].pk for n in ("regional", "municipal")]
    answer = client.post(
        reverse("admin:documents_document_changelist"),
        {"action": "change_visibility", "_selected_action": pks},
    )
    address = answer["Location"]
    shown = client.post(address, {"private": "open", "_preview": "1"})
    data = {"private": "open", "shown": shown.context["stamp"], "_save": "1", "reason": "Gäller alla."}
    assert client.post(address, data).status_code == 302
    assert now(cast, "regional") == Visibility(regional=True, private=True)
    assert now(cast, "municipal") == Visibility(municipal=True, private=True)


def test_only_administrators_come_in(cast: Cast):
    for who in ("public", "anna", "elin", "eva"):
        for address in (
            act(cast, "closed", "visibility"),
            reverse("admin:documents_visibility_bulk") + "?ids=1",
        ):
            assert cast.client(who).get(address).status_code in (302, 403, 404)


def test_nothing_is_deleted(cast: Cast):
    pk = cast.documents["closed"].pk
    client = cast.client("rut")
    assert client.post(reverse("admin:documents_document_delete", args=[pk]), {"post": "yes"}).status_code == 403
    listed = client.get(reverse("admin:documents_document_changelist")).content.decode()
    assert "delete_selected" not in listed


def test_nothing_is_written_approved_or_revoked_here(cast: Cast):
    """What readers have goes through those who write and approve: title, summary and reach too."""
    client, document = cast.client("rut"), cast.documents["public"]
    change = reverse("admin:documents_document_change", args=[document.pk])
    for tail in ("ny-version", "publicera", "utkast", "utkast/fil", "upphav"):
        assert client.post(f"/admin/documents/document/{document.pk}/{tail}/", {"reason": "x"}).status_code in (
            302,
            404,
        )
    assert client.get(reverse("admin:documents_document_add")).status_code == 403
    data = {"type": document.type_id, "contact": "Sekretariatet", "title": "Annat", "summary": "Annat",
            "applies_private": "on", "versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}  # fmt: skip
    assert client.post(change, data).status_code == 302
    document.refresh_from_db()
    assert (document.contact, document.title, document.summary) == ("Sekretariatet", "Dokument public", "")
    assert not document.applies_private
    assert document.events.first().after == {"contact": "Sekretariatet"}
