"""The administration's doors: what Django's permissions open, our roles decide."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.auth.models import Permission
from django.db.models import Field, Model
from django.test import Client, RequestFactory

from accounts.models import Assignment, AuditEvent, User
from accounts.roles import Role
from documents.models import DocumentType
from documents.visibility import acts as visibility_acts
from documents.visibility.preview import Visibility
from tests import cast as people
from tests.access import world as worlds

pytestmark = pytest.mark.django_db
MODELS = sorted(admin.site._registry, key=lambda m: m._meta.label_lower)


def staff(*roles: str, at=None, may: str = "", **fields) -> tuple[User, Client]:
    """Somebody of the staff, no superuser, with Django's permissions by their code names."""
    user = people.person(is_staff=True, **fields)
    if roles:
        people.assign(user, at or people.region(), *roles)
    user.user_permissions.set(Permission.objects.filter(codename__in=may.split()))
    return user, people.sign_in(Client(), user)


def columns() -> list[tuple[type[Model], str]]:
    """Every column of every model in the administration, and those one step away."""
    found = []
    for model in MODELS:
        for field in model._meta.get_fields():
            if isinstance(field, Field):
                found.append((model, field.name))
            if field.is_relation and field.related_model and not field.many_to_many:
                found += [(model, f"{field.name}__{f.name}") for f in field.related_model._meta.concrete_fields]
    return found


@pytest.mark.parametrize("how", ["__startswith", "__gt", "__regex", "__in", "__contains"])
def test_no_column_of_any_list_can_be_asked_letter_by_letter(world: worlds.World, how: str) -> None:
    """The list itself refuses each; the page says so with 400, asked for one column of each model."""
    answered, client, asked = [], world.client("admin"), set()
    for model, name in columns():
        address = f"/admin/{model._meta.label_lower.replace('.', '/')}/?{name}{how}=1"
        request = RequestFactory().get(address)
        request.user, request.reader = world.user("admin"), world.reader("admin", door="admin")
        try:
            admin.site.get_model_admin(model).get_changelist_instance(request)
            answered.append(address)
        except DisallowedModelAdminLookup:
            pass
        if model not in asked and client.get(address).status_code != 400:
            answered.append(address)
        asked.add(model)
    assert asked == set(MODELS)
    assert not answered, answered


@pytest.mark.parametrize("name", ["password", "org_number_hash", "hsa_id", "email", "search"])
def test_nor_as_it_is(world: worlds.World, name: str) -> None:
    for model in MODELS:
        if any(f.name == name for f in model._meta.concrete_fields):
            address = f"/admin/{model._meta.label_lower.replace('.', '/')}/"
            assert world.client("admin").get(f"{address}?{name}=1").status_code == 400, address


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label_lower)
def test_the_filters_that_a_list_offers_work(world: worlds.World, model) -> None:
    client = world.client("admin")
    address = f"/admin/{model._meta.label_lower.replace('.', '/')}/"
    changelist = client.get(address).context["cl"]
    for spec in changelist.filter_specs:
        for choice in list(spec.choices(changelist))[:6]:
            assert client.get(address + choice["query_string"]).status_code == 200, choice


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label_lower)
def test_permissions_of_django_alone_open_nothing(model) -> None:
    everything = " ".join(Permission.objects.values_list("codename", flat=True))
    for roles in ((), (Role.READER,), (Role.PROVIDER_ADMIN,), (Role.CASE_HANDLER,)):
        _user, client = staff(*roles, may=everything)
        label = model._meta.label_lower.replace(".", "/")
        assert {client.get(f"/admin/{label}/{tail}").status_code for tail in ("", "add/")} == {403}, roles


# Roles ------------------------------------------------------------------------------------------------------
def assignment(user: User, provider, *roles: str) -> dict:
    return {"user": user.pk, "provider": provider.pk, "roles": list(roles), "is_active": "on"}


def test_staff_cannot_give_themselves_a_role_anywhere() -> None:
    region, private = people.region(), people.private()
    for own in ((), (Role.SYSTEM_ADMIN,)):
        user, client = staff(*own, may="add_assignment view_assignment change_assignment")
        for provider in (region, private):
            for role in (Role.SYSTEM_ADMIN, Role.DOCUMENT_EDITOR, Role.PUBLICATION_STEWARD, Role.CASE_HANDLER):
                client.post("/admin/accounts/assignment/add/", assignment(user, provider, role))
                held = [tuple(a.roles) for a in Assignment.objects.filter(user=user)]
                assert held == ([own] if own else []), role


def test_a_system_administrator_gives_others_roles_and_it_is_in_the_audit_log() -> None:
    _user, client = staff(Role.SYSTEM_ADMIN, may="add_assignment view_assignment view_user view_provider")
    nurse, region = people.person(), people.region()
    answer = client.post("/admin/accounts/assignment/add/", assignment(nurse, region, Role.DOCUMENT_EDITOR))
    assert answer.status_code == 302
    assert Assignment.objects.get(user=nurse).roles == [Role.DOCUMENT_EDITOR]
    assert AuditEvent.objects.filter(action="admin_added").exists()


# Documents --------------------------------------------------------------------------------------------------
def test_staff_without_an_editors_role_open_no_draft(world: worlds.World) -> None:
    draft = world.documents["DRA-6"]
    may = "view_document change_document view_version view_documentevent"
    private_editor = staff(Role.DOCUMENT_EDITOR, at=world.bjorken, may=may)[1]
    nobody = staff(Role.READER, may=may)[1]
    own_editor = staff(Role.DOCUMENT_EDITOR, at=world.region, may=may)[1]
    tails = ("change/", "synlighet/", "history/")
    for tail in tails:
        address = f"/admin/documents/document/{draft.pk}/{tail}"
        for client in (private_editor, nobody):
            answer = client.get(address)
            assert answer.status_code in {302, 403, 404}, (tail, answer.status_code)
            assert "Järvspår" not in answer.content.decode()
        assert own_editor.get(address).status_code == 200, tail
    listed = private_editor.get("/admin/documents/document/").content.decode()
    assert "Järvspår" not in listed
    bulk = private_editor.get(f"/admin/documents/document/synlighet/?ids={draft.pk}")
    assert "Järvspår" not in bulk.content.decode()


def test_a_types_default_visibility_changes_with_a_trace(world: worlds.World) -> None:
    routine = DocumentType.objects.get(code="RUT")
    data = {"name_sv": "Rutin", "name_en": "Routine", "is_governing": "on", "revision_months": "24",
            "default_regional": "on", "default_public": ""}  # fmt: skip
    editor = staff(Role.DOCUMENT_EDITOR, may="change_documenttype view_documenttype")[1]
    assert editor.post(f"/admin/documents/documenttype/{routine.pk}/change/", data).status_code == 403
    assert world.client("admin").post(f"/admin/documents/documenttype/{routine.pk}/change/", data).status_code == 302
    event = AuditEvent.objects.get(action="default_visibility_changed")
    assert (event.target_id, event.data["fields"]) == (
        "RUT",
        {"default_public": [True, False], "default_regional": [False, True]},
    )


# Short cuts -------------------------------------------------------------------------------------------------
def test_no_short_cut_leads_from_a_number_to_an_address(world: worlds.World) -> None:
    client = world.client("admin")
    assert {client.get(f"/admin/r/{n}/1/").status_code for n in range(1, 60)} == {404}
    page = client.get(f"/admin/documents/document/{world.documents['REG-2'].pk}/change/").content.decode()
    assert 'href="/dokument/REG-2/"' in page


# Two at once ------------------------------------------------------------------------------------------------
def test_the_page_shows_the_consequence_anew_where_somebody_was_first(world: worlds.World) -> None:
    document, client = world.documents["REG-2"], world.client("admin")
    address = f"/admin/documents/document/{document.pk}/synlighet/"
    shown = client.post(address, {"private": "on", "_preview": "1"}).context["stamp"]
    visibility_acts.change_visibility(document, by=worlds.EDITING, change=Visibility(municipal=True), reason="Först.")
    late = client.post(address, {"private": "on", "shown": shown, "_save": "1", "reason": "Sedan."})
    assert late.status_code == 200
    assert late.context["again"]
    document.refresh_from_db()
    assert Visibility.of(document) == Visibility(municipal=True)
