"""Providers, units and agreements: what the database refuses, and what a provider's access hangs on."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.models import Agreement, CareUnit, Provider
from accounts.roles import Kind
from core import clock
from tests import cast

pytestmark = pytest.mark.django_db
STOCKHOLM = clock.STOCKHOLM
DIGITS = cast.SOLE_TRADER.replace("-", "")


def refused(make) -> str:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        make()
    return str(error.value)


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> dt.datetime:
    return dt.datetime(year, month, day, hour, minute, tzinfo=STOCKHOLM)


def test_the_database_knows_four_kinds_and_no_fifth():
    for kind in Kind.values:
        Provider.objects.create(name=f"Vård {kind}", kind=kind)
    assert "provider_kind_known" in refused(lambda: Provider.objects.create(name="Femte", kind="church"))


def test_there_is_one_region():
    cast.region()
    assert "provider_one_region" in refused(lambda: Provider.objects.create(name="Region Söder", kind=Kind.REGIONAL))


def test_many_municipalities_may_be_there():
    cast.municipality("Granådals kommun")
    cast.municipality("Fjällnäs kommun")


def test_an_organisation_number_is_ten_digits_in_the_database():
    assert "provider_org_number_ten_digits" in refused(
        lambda: Provider.objects.create(name="Fel", kind=Kind.OTHER, org_number="123456-789")
    )


def test_a_unit_has_a_name_of_its_own_at_its_provider_only():
    provider = cast.private()
    cast.unit(provider, "Björken")
    cast.unit(cast.region(), "Björken")
    assert "unit_name_once" in refused(lambda: cast.unit(provider, "Björken"))


# Agreements -------------------------------------------------------------------------------------------------
FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 6, 30)


@pytest.mark.parametrize(
    ("first", "last", "overlaps"),
    [
        (dt.date(2026, 6, 30), dt.date(2026, 12, 31), True),  # the same last and first day
        (dt.date(2026, 7, 1), dt.date(2026, 12, 31), False),
        (dt.date(2025, 1, 1), dt.date(2025, 12, 31), False),
        (dt.date(2025, 1, 1), dt.date(2026, 1, 1), True),
        (dt.date(2025, 1, 1), None, True),
        (dt.date(2026, 7, 1), None, False),
        (dt.date(2026, 3, 1), dt.date(2026, 3, 1), True),
    ],
)
def test_agreements_of_the_same_parties_never_cover_the_same_day(first, last, overlaps):
    provider = cast.private(agreed=False)
    cast.agree(provider, first=FIRST, last=LAST)
    if overlaps:
        assert "agreement_no_overlap" in refused(lambda: cast.agree(provider, first=first, last=last))
    else:
        cast.agree(provider, first=first, last=last)


def test_agreements_with_another_principal_or_of_another_provider_may_overlap():
    one, two = cast.private("Björken AB", agreed=False), cast.private("Granen AB", agreed=False)
    cast.agree(one, first=FIRST)
    cast.agree(two, first=FIRST)
    cast.agree(one, first=FIRST, principal=cast.municipality())


def test_an_agreement_has_two_parties_and_its_days_in_order():
    provider = cast.private(agreed=False)
    assert "agreement_two_parties" in refused(lambda: cast.agree(provider, principal=provider))
    assert refused(lambda: cast.agree(provider, first=LAST, last=FIRST))


def test_the_administration_says_that_agreements_overlap(client):
    provider = cast.private(agreed=False)
    cast.agree(provider, first=FIRST, last=LAST)
    cast.sign_in(client, cast.superuser(language="en"))
    response = client.post(
        reverse("admin:accounts_agreement_add"),
        {"provider": provider.pk, "principal": cast.region().pk, "valid_from": "2026-06-30", "valid_to": ""},
    )
    assert response.status_code == 200
    assert "Another agreement between the same parties covers some of these days." in response.content.decode()
    assert Agreement.objects.count() == 1


def test_the_providers_page_says_that_two_new_agreements_overlap(client):
    cast.sign_in(client, cast.superuser(language="en"))
    region = cast.region()
    response = client.post(
        reverse("admin:accounts_provider_add"),
        {
            "name": "Granens vård AB",
            "kind": "private",
            "is_active": "on",
            "units-TOTAL_FORMS": "0",
            "units-INITIAL_FORMS": "0",
            "agreements-TOTAL_FORMS": "2",
            "agreements-INITIAL_FORMS": "0",
            "agreements-0-principal": region.pk,
            "agreements-0-valid_from": "2026-01-01",
            "agreements-1-principal": region.pk,
            "agreements-1-valid_from": "2026-05-01",
        },
    )
    assert "Another agreement between the same parties covers some of these days." in response.content.decode()
    assert not Provider.objects.filter(name="Granens vård AB").exists()


@pytest.mark.parametrize(
    ("moment", "has_access"),
    [
        (at(2025, 12, 31, 23, 59), False),
        (at(2026, 1, 1, 0, 0), True),
        (at(2026, 6, 30, 0, 0), True),
        (at(2026, 6, 30, 23, 59), True),  # 21.59 UTC: the last day is the whole Swedish day
        (at(2026, 7, 1, 0, 0), False),  # 22.00 UTC on 30 June
    ],
)
def test_an_agreement_holds_through_its_whole_last_swedish_day(frozen, moment, has_access):
    provider = cast.private(agreed=False)
    cast.agree(provider, first=FIRST, last=LAST)
    with frozen(moment):
        assert Provider.objects.with_access().filter(pk=provider.pk).exists() is has_access


def test_only_private_providers_need_an_agreement():
    with_access = {
        cast.region(),
        cast.municipality(),
        Provider.objects.create(name="Apoteket", kind=Kind.OTHER),
    }
    cast.private("Utan avtal AB", agreed=False)
    with_access.add(cast.private("Med avtal AB"))
    assert set(Provider.objects.with_access()) == with_access


def test_a_provider_or_its_principal_made_inactive_has_no_access():
    resting = cast.private("Vilar AB")
    resting.is_active = False
    resting.save()
    by_municipality = cast.private("Kommunens AB", agreed=False)
    principal = cast.municipality()
    cast.agree(by_municipality, principal=principal)
    assert by_municipality in Provider.objects.with_access()
    Provider.objects.filter(pk=principal.pk).update(is_active=False)
    assert not Provider.objects.with_access().filter(pk__in=[resting.pk, by_municipality.pk]).exists()


# Sole traders -----------------------------------------------------------------------------------------------
def posted(**fields):
    none = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0"}
    forms = {f"{prefix}-{key}": value for prefix in ("units", "agreements") for key, value in none.items()}
    return {"name": "Distriktssköterska Öberg", "kind": "private", "is_active": "on", **forms, **fields}


@pytest.mark.parametrize("written", [cast.SOLE_TRADER, DIGITS, f"19{DIGITS}"])
def test_a_sole_traders_number_is_taken_encrypted_and_never_shown(client, written):
    cast.sign_in(client, cast.superuser())
    response = client.post(reverse("admin:accounts_provider_add"), posted(number=written), follow=True)
    provider = Provider.objects.get(name="Distriktssköterska Öberg")
    assert (provider.org_number, provider.org_number_personal) == (None, DIGITS)

    pages = [
        response,
        client.get(reverse("admin:accounts_provider_changelist")),
        client.get(reverse("admin:accounts_provider_change", args=[provider.pk])),
        client.get(reverse("admin:accounts_provider_history", args=[provider.pk])),
        client.get(reverse("admin:accounts_auditevent_changelist")),
    ]
    for page in pages:
        assert page.status_code == 200
        html = page.content.decode()
        assert DIGITS not in html
        assert cast.SOLE_TRADER not in html
    with connection.cursor() as cursor:
        for table in (
            "accounts_provider",
            "accounts_providerevent",
            "accounts_auditevent",
            "django_admin_log",
        ):
            cursor.execute(f"SELECT coalesce(string_agg(row.*::text, ' '), '') FROM {table} row")
            assert DIGITS not in cursor.fetchone()[0]


@pytest.mark.parametrize("fault", [{"name": ""}, {"number": "640823-3235"}, {"hsa_id": "fel"}])
def test_a_form_with_a_fault_does_not_send_a_sole_traders_number_back(client, fault):
    cast.sign_in(client, cast.superuser(language="en"))
    response = client.post(reverse("admin:accounts_provider_add"), posted(**{"number": cast.SOLE_TRADER, **fault}))
    html = response.content.decode()
    assert response.status_code == 200
    assert "640823" not in html
    assert "Write the number again" in html
    assert not Provider.objects.exists()


def test_a_sole_traders_number_stays_when_the_rest_is_changed_and_goes_when_asked(client):
    cast.sign_in(client, cast.superuser())
    client.post(reverse("admin:accounts_provider_add"), posted(number=cast.SOLE_TRADER))
    provider = Provider.objects.get()
    page = reverse("admin:accounts_provider_change", args=[provider.pk])
    assert client.post(page, posted(number="", phone="0630-123 45")).status_code == 302
    provider.refresh_from_db()
    assert (provider.phone, provider.org_number_personal) == ("0630-123 45", DIGITS)
    assert client.post(page, posted(number="", forget_number="on")).status_code == 302
    provider.refresh_from_db()
    assert (provider.org_number_personal, provider.org_number_hash) == (None, None)


def test_an_organisations_number_is_taken_with_a_hyphen_shown_and_can_be_emptied(client):
    cast.sign_in(client, cast.superuser())
    number = cast.ORG_NUMBERS[0]
    client.post(reverse("admin:accounts_provider_add"), posted(number=f"{number[:6]}-{number[6:]}"))
    provider = Provider.objects.get()
    assert provider.org_number == number
    listed = client.get(reverse("admin:accounts_provider_changelist")).content.decode()
    assert f"{number[:6]}-{number[6:]}" in listed
    client.post(reverse("admin:accounts_provider_change", args=[provider.pk]), posted(number=""))
    provider.refresh_from_db()
    assert (provider.org_number, provider.org_number_hash) == (None, None)


@pytest.mark.parametrize("number", [cast.SOLE_TRADER, cast.ORG_NUMBERS[1]])
def test_the_same_number_twice_is_told_in_words(client, number):
    cast.sign_in(client, cast.superuser(language="en"))
    client.post(reverse("admin:accounts_provider_add"), posted(number=number))
    response = client.post(reverse("admin:accounts_provider_add"), posted(number=number, name="En till"))
    assert "Another provider has this organisation number." in response.content.decode()
    assert Provider.objects.count() == 1


def test_a_number_that_is_none_is_refused_in_words(client):
    cast.sign_in(client, cast.superuser(language="en"))
    response = client.post(reverse("admin:accounts_provider_add"), posted(number="1234567890"))
    assert "The last digit does not fit the others" in response.content.decode()
    assert not Provider.objects.exists()


def test_the_list_tells_who_has_access_today_and_until_when(client):
    cast.sign_in(client, cast.superuser(language="en"))
    cast.private("Tillsvidare AB")
    until = cast.private("Tidsbunden AB", agreed=False)
    cast.agree(until, last=cast.day(10))
    cast.private("Utan avtal AB", agreed=False)
    page = reverse("admin:accounts_provider_changelist")
    html = client.get(page).content.decode()
    assert "until further notice" in html
    assert "no agreement today" in html
    assert "needs none" in html
    assert "Utan avtal AB" in client.get(page, {"access": "no"}).content.decode()
    assert "Utan avtal AB" not in client.get(page, {"access": "yes", "kind": "private"}).content.decode()


def test_a_units_provider_is_never_changed(client):
    cast.sign_in(client, cast.superuser())
    unit = cast.unit(cast.private())
    other = cast.private("Granen AB")
    client.post(
        reverse("admin:accounts_careunit_change", args=[unit.pk]),
        {"provider": other.pk, "name": "Granen", "is_active": "on"},
    )
    unit = CareUnit.objects.get(pk=unit.pk)
    assert (unit.name, unit.provider.name) == ("Granen", "Björkens vård AB")
