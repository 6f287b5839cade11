"""Every form of the administration, inlines included, is filled in and saved as an administrator would."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client

from accounts.models import Agreement, Assignment, CareUnit, Provider, User
from accounts.roles import Role
from deviations.models import LegalReference, Plan
from documents.models import Document, DocumentType, MissingDocument, ProgrammeArea, Source, Synonym
from tests import cast as people
from tests.access import world as worlds

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 25)


def fields_of(page) -> dict:
    """What a browser would send back: the values of the main form and of every inline."""
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data: dict[str, object] = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            widget = bound.field.widget
            if value is None or value is False or value in ("", []):
                continue
            if isinstance(value, models.QuerySet) or (isinstance(value, list) and value and hasattr(value[0], "pk")):
                value = [item.pk for item in value]
            shown = widget.format_value(value) if hasattr(widget, "format_value") else value
            data[bound.html_name] = "on" if value is True else shown if shown is not None else value
    return data


def save(client: Client, address: str, **changes) -> None:
    page = client.get(address)
    assert page.status_code == 200
    data = {**fields_of(page), **changes}
    answer = client.post(address, {k: v for k, v in data.items() if v is not None})
    assert answer.status_code == 302, [
        answer.context["adminform"].form.errors,
        *[f.formset.errors + list(f.formset.non_form_errors()) for f in answer.context["inline_admin_formsets"]],
    ]


CHANGEABLE = [
    *(User, Provider, CareUnit, Agreement, Assignment),
    *(Document, DocumentType, ProgrammeArea, MissingDocument, Source, Synonym),
    *(LegalReference, Plan),
]


@pytest.mark.parametrize("model", CHANGEABLE, ids=lambda m: m.__name__)
def test_every_thing_of_every_model_is_opened_and_saved_as_it_is(world: worlds.World, model) -> None:
    MissingDocument.objects.create(what="Rutin för älgbett")
    Source.objects.create(code="centuri", name="Centuri", owner=world.region, ready_mapping="centuri")
    client = world.client("admin")
    things = list(model._default_manager.order_by("pk")[:12])
    assert things
    for thing in things:
        changes = {"answer": "Den finns nu."} if model is MissingDocument else {}
        save(client, f"/admin/{model._meta.label_lower.replace('.', '/')}/{thing.pk}/change/", **changes)


def test_what_can_be_changed_is_tried_here_and_the_rest_only_shows(world: worlds.World) -> None:
    request = world.client("admin").get("/admin/").wsgi_request
    changeable = {m for m, page in admin.site._registry.items() if page.has_change_permission(request)}
    assert changeable == set(CHANGEABLE)


def test_agreements_of_other_parties_are_in_nobodys_way(world: worlds.World) -> None:
    """Made, prolonged and ended, by its own page and by its provider's, where others' agreements cover the same days."""
    client = world.client("admin")
    lynx = Provider.objects.create(name="Lodjurets vård AB", kind="private")
    new = {"provider": lynx.pk, "principal": world.region.pk, "valid_from": "2026-01-01", "valid_to": "2026-12-31"}
    save(client, "/admin/accounts/agreement/add/", **new)
    made = Agreement.objects.get(provider=lynx)
    for last in ("2027-12-31", "2026-11-30", ""):
        save(client, f"/admin/accounts/agreement/{made.pk}/change/", valid_to=last or None)
        made.refresh_from_db()
        assert (made.valid_to.isoformat() if made.valid_to else "") == last
    page = f"/admin/accounts/provider/{lynx.pk}/change/"
    save(client, page, **{"agreements-0-valid_to": "2026-12-31"})
    save(client, page, **{
        "agreements-TOTAL_FORMS": 2, "agreements-1-principal": world.kommun.pk, "agreements-1-valid_from": "2026-06-01",
        "agreements-1-provider": lynx.pk,
    })  # fmt: skip
    assert lynx.agreements.count() == 2


def test_an_agreement_of_the_same_parties_that_overlaps_is_refused_in_words(world: worlds.World) -> None:
    client = world.client("admin")
    data = {"provider": world.ugglan.pk, "principal": world.region.pk, "valid_from": "2026-01-01"}
    answer = client.post("/admin/accounts/agreement/add/", data)
    assert answer.status_code == 200
    assert "mellan samma parter" in answer.content.decode()
    assert world.ugglan.agreements.count() == 1


def test_new_people_providers_and_units_are_made(world: worlds.World) -> None:
    client = world.client("admin")
    save(client, "/admin/accounts/provider/add/", name="Ekorrens vård AB", kind="private", is_active="on", **{
        "units-TOTAL_FORMS": 1, "units-0-name": "Mottagningen", "units-0-is_active": "on",
        "agreements-TOTAL_FORMS": 1, "agreements-0-principal": world.region.pk, "agreements-0-valid_from": "2026-01-01",
    })  # fmt: skip
    made = Provider.objects.get(name="Ekorrens vård AB")
    assert (made.units.count(), made.agreements.count()) == (1, 1)
    save(client, "/admin/accounts/careunit/add/", provider=made.pk, name="Filialen", is_active="on")
    save(client, "/admin/accounts/user/add/", email="ny@vard.example", given_name="Ny", family_name="Person",
         is_active="on", send_link=None, **{
             "assignments-TOTAL_FORMS": 1, "assignments-0-provider": made.pk, "assignments-0-roles": [Role.READER],
             "assignments-0-is_active": "on",
         })  # fmt: skip
    assert Assignment.objects.get(user__email="ny@vard.example").provider == made
    save(client, "/admin/accounts/assignment/add/", user=people.person().pk, provider=made.pk, roles=[Role.READER],
         is_active="on")  # fmt: skip
    save(client, "/admin/documents/documenttype/add/", code="NYT", name_sv="Ny typ", name_en="New", revision_months=12)
    save(client, "/admin/documents/programmearea/add/", code="nytt", name_sv="Nytt", name_en="New")
