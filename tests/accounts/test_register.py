"""The region's agreement managers keep the register; two of them let in a provider's first administrator."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from allauth.mfa.utils import is_mfa_enabled
from django.core import mail
from django.test import Client

from accounts.granting import guarding
from accounts.invitations.jobs import email_invitation
from accounts.models import (
    Agreement,
    Assignment,
    AuditEvent,
    CareUnit,
    FirstAdministrator,
    Invitation,
    LostSecondStep,
    Notice,
    Provider,
)
from accounts.register import agreements, firsts, listing, lost_steps
from accounts.register.reminding import remind
from accounts.roles import Kind, Role
from core import clock
from core.refused import Moved, NotAllowed, Refused, WrongState
from tests import cast

pytestmark = pytest.mark.django_db
PAGE = "/konto/avtal/"
NEW = {"given_name": "Petra", "family_name": "Ny", "password": "snö över fjället", "terms": "on"}


@pytest.fixture
def ingrid() -> Assignment:
    return cast.assign(cast.person(given_name="Ingrid"), cast.region(), Role.READER, Role.AGREEMENT_MANAGER)


@pytest.fixture
def tomas() -> Assignment:
    return cast.assign(cast.person(given_name="Tomas"), cast.region(), Role.READER, Role.AGREEMENT_MANAGER)


@pytest.fixture
def bjorken() -> Provider:
    long_since = clock.now() - dt.timedelta(days=400)
    return cast.private(
        "Hälsocentralen Björken", registered_email="chef@bjorken.example", registered_email_at=long_since,
        email="brevlada@bjorken.example",
    )  # fmt: skip


def client_of(assignment: Assignment) -> Client:
    return cast.sign_in(Client(), assignment.user)


def reader(assignment: Assignment):
    return cast.reader(Assignment.objects.get(pk=assignment.pk))


def address(provider: Provider) -> str:
    return f"{PAGE}{provider.key}/"


def act(by: Assignment, provider: Provider, verb: str, **more: Any):
    return client_of(by).post(address(provider), {"act": verb, **more}, follow=True)


FACTS = {
    "name": "Tallens vård AB", "kind": Kind.PRIVATE, "org_number": cast.ORG_NUMBERS[0],
    "registered_email": "chef@tallen.example", "email": "", "phone": "", "hsa_id": "", "expected_people": 12,
}  # fmt: skip


def agreed(**more: Any) -> dict[str, Any]:
    return {"principal": cast.region().pk, "valid_from": cast.day(-1), "valid_to": cast.day(400), **more}


def test_from_a_new_provider_to_its_administrators_first_page(ingrid, tomas):
    """The region's two, and whoever reads the registered address: nobody else has done anything."""
    page = client_of(ingrid).post(f"{PAGE}ny/", {**FACTS, **agreed()}, follow=True)
    made = Provider.objects.get(name="Tallens vård AB")
    assert "Utse den första administratören" in page.content.decode()
    assert "Väntar på en annan avtalsförvaltare" in act(ingrid, made, "name").content.decode()
    assert Notice.objects.get(kind="first_administrator_waits").user == tomas.user
    first = FirstAdministrator.objects.get()
    assert not Invitation.objects.exists()
    assert act(ingrid, made, "confirm", shown=first.email, looked=1).status_code == 409
    assert "Adressen är ny" in act(tomas, made, "confirm", shown=first.email).content.decode()
    act(tomas, made, "confirm", shown=first.email, looked=1)
    invitation = Invitation.objects.get()
    email_invitation(invitation_id=invitation.pk, sending=0)
    assert mail.outbox[0].to == ["chef@tallen.example"]
    browser = Client()
    browser.get(f"/konto/inbjudan/?nyckel={invitation.token}")
    browser.post("/konto/inbjudan/", NEW)
    assert browser.get("/konto/var-verksamhet/").status_code == 200
    admin = Assignment.objects.get(provider=made)
    assert admin.counting_roles == {Role.READER, Role.PROVIDER_ADMIN}
    assert "chef@tallen.example" in client_of(ingrid).get(address(made)).content.decode()


def test_a_practice_of_one_gets_all_its_roles_by_accepting(ingrid, tomas, bjorken):
    roles = [Role.REPORTER, Role.CASE_HANDLER, Role.DOCUMENT_EDITOR]
    act(ingrid, bjorken, "name", roles=roles)
    act(tomas, bjorken, "confirm", shown=bjorken.registered_email)
    browser = Client()
    browser.get(f"/konto/inbjudan/?nyckel={Invitation.objects.get().token}")
    browser.post("/konto/inbjudan/", NEW)
    made = Assignment.objects.get(provider=bjorken)
    assert made.counting_roles == {Role.READER, Role.PROVIDER_ADMIN, *roles}
    assert made.suspended_at is None


def test_the_function_mailbox_is_told(ingrid, tomas, bjorken):
    first = firsts.name(bjorken, roles=[], title="", by=reader(ingrid))
    firsts.confirm(first, shown=first.email, looked_at_address=False, by=reader(tomas))
    assert Notice.objects.get(kind="first_administrator_invited").mailbox == bjorken.email


def test_a_provider_with_an_administrator_gets_none_from_the_region(ingrid, tomas, bjorken):
    first = firsts.name(bjorken, roles=[], title="", by=reader(ingrid))
    admin = cast.assign(None, bjorken, Role.PROVIDER_ADMIN)
    with pytest.raises(WrongState):
        firsts.confirm(first, shown=first.email, looked_at_address=True, by=reader(tomas))
    firsts.withdraw(first, by=reader(tomas))
    assert act(ingrid, bjorken, "name").status_code == 409
    # One that has lost its last is let in again.
    Assignment.objects.filter(pk=admin.pk).update(is_active=False)
    assert act(ingrid, bjorken, "name").status_code == 200


def test_the_address_is_the_one_that_was_seen(ingrid, tomas, bjorken):
    first = firsts.name(bjorken, roles=[], title="", by=reader(ingrid))
    facts = {**{n: getattr(bjorken, n) for n in agreements.FACTS}, "registered_email": "annan@bjorken.example"}
    agreements.change_provider(bjorken, facts, by=reader(ingrid))
    for shown in (first.email, "annan@bjorken.example", ""):
        with pytest.raises(Moved):
            firsts.confirm(first, shown=shown, looked_at_address=True, by=reader(tomas))
    firsts.withdraw(first, by=reader(ingrid))
    second = firsts.name(bjorken, roles=[], title="", by=reader(ingrid))
    assert second.email == "annan@bjorken.example"
    with pytest.raises(WrongState):
        firsts.confirm(second, shown=second.email, looked_at_address=False, by=reader(tomas))
    firsts.confirm(second, shown=second.email, looked_at_address=True, by=reader(tomas))


# Who × which half.
OUTSIDERS = ("system_admin", "superuser", "region_admin", "provider_admin", "coordinator", "waits", "ended")


@pytest.fixture
def outsiders(bjorken) -> dict[str, Assignment]:
    region = cast.region()
    both = cast.superuser()
    waits = cast.assign(None, region, Role.AGREEMENT_MANAGER)
    guarding.doubt_person(waits.user, why=guarding.Why.ADDRESS, voucher=guarding.Voucher(cast.reader(waits), None))
    return {
        "system_admin": cast.assign(None, region, Role.SYSTEM_ADMIN, Role.AGREEMENT_MANAGER),
        "superuser": cast.assign(both, region, Role.AGREEMENT_MANAGER),
        "region_admin": cast.assign(None, region, Role.PROVIDER_ADMIN),
        "provider_admin": cast.assign(None, cast.private("Ugglan"), Role.PROVIDER_ADMIN),
        "coordinator": cast.assign(None, region, Role.SAFETY_COORDINATOR),
        "waits": waits,
        "ended": cast.assign(None, region, Role.AGREEMENT_MANAGER, valid_to=cast.day(-1)),
    }


@pytest.mark.parametrize("who", OUTSIDERS)
def test_nobody_else_does_either_half(ingrid, bjorken, outsiders, who):
    by = outsiders[who]
    assert client_of(by).get(PAGE).status_code == 404
    assert client_of(by).get(address(bjorken)).status_code == 404
    assert client_of(by).post(f"{PAGE}ny/", {**FACTS, **agreed()}).status_code == 404
    with pytest.raises(NotAllowed):
        firsts.name(bjorken, roles=[], title="", by=reader(by))
    first = firsts.name(bjorken, roles=[], title="", by=reader(ingrid))
    with pytest.raises(NotAllowed):
        firsts.confirm(first, shown=first.email, looked_at_address=True, by=reader(by))
    for verb, arguments in (
        (agreements.change_provider, (bjorken, {"name": "x"})),
        (agreements.make_provider, ({"name": "x"}, None)),
        (agreements.add_agreement, (bjorken, {})),
        (agreements.add_unit, (bjorken, {"name": "x"})),
    ):
        with pytest.raises(NotAllowed):
            verb(*arguments, by=reader(by))
    assert not Invitation.objects.exists()


def test_roles_that_reach_across_are_not_named_so(ingrid, bjorken):
    for role in (Role.SYSTEM_ADMIN, Role.SAFETY_COORDINATOR, Role.UNIT_MANAGER, Role.MEDICALLY_RESPONSIBLE_NURSE):
        with pytest.raises(NotAllowed):
            firsts.name(bjorken, roles=[role], title="", by=reader(ingrid))
        assert act(ingrid, bjorken, "name", roles=[role]).status_code == 422


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"name": ""}, "Skriv namnet"),
        ({"org_number": "123"}, "siffror"),
        ({"registered_email": "chef"}, "giltig e-postadress"),
        ({"valid_to": "2020-01-01", "valid_from": "2020-01-02"}, "före den första"),
        ({"principal": ""}, "Välj huvudman"),
        ({"kind": "regional"}, "giltigt alternativ"),
        ({"expected_people": "-1"}, "0"),
        ({"hsa_id": "x"}, "HSA"),
        ({"valid_from": "20260-01-01"}, "datum"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_makes_nothing(ingrid, sent, words):
    answer = client_of(ingrid).post(f"{PAGE}ny/", {**FACTS, **agreed(), **sent})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Tallens" in answer.content.decode() or not sent.get("name", "x")
    assert not Provider.objects.filter(name="Tallens vård AB").exists()


def test_neither_name_nor_number_stands_twice_and_a_sole_traders_is_not_shown(ingrid):
    there = client_of(ingrid)
    there.post(f"{PAGE}ny/", {**FACTS, **agreed(), "org_number": cast.SOLE_TRADER})
    made = Provider.objects.get(name="Tallens vård AB")
    assert made.org_number is None
    digits = cast.SOLE_TRADER.replace("-", "")
    page = there.get(address(made)).content.decode()
    assert digits not in page
    assert cast.SOLE_TRADER not in page
    again = there.post(f"{PAGE}ny/", {**FACTS, **agreed(), "name": "Annat", "org_number": cast.SOLE_TRADER})
    assert "finns redan" in again.content.decode()
    assert "namn" in there.post(f"{PAGE}ny/", {**FACTS, **agreed()}).content.decode().lower()
    assert Provider.objects.filter(kind=Kind.PRIVATE).count() == 1


def test_a_change_of_kind_is_refused_where_something_contradicts_it(ingrid, bjorken):
    def become(provider: Provider, kind: str) -> Provider:
        facts = {n: getattr(provider, n) for n in agreements.FACTS}
        return agreements.change_provider(provider, {**facts, "kind": kind}, by=reader(ingrid))

    kommun = cast.municipality()
    mas = cast.assign(None, kommun, Role.MEDICALLY_RESPONSIBLE_NURSE)
    with pytest.raises(agreements.Faulty, match="roll"):
        become(kommun, Kind.OTHER)
    Assignment.objects.filter(pk=mas.pk).update(is_active=False)
    with pytest.raises(agreements.Faulty, match="avtal"):
        become(bjorken, Kind.OTHER)
    for there, kind in ((cast.region(), Kind.MUNICIPAL), (kommun, Kind.REGIONAL)):
        with pytest.raises(Refused):
            become(there, kind)
    Agreement.objects.update(valid_to=cast.day(-1))
    events = AuditEvent.objects.count()
    assert become(bjorken, Kind.OTHER).kind == Kind.OTHER
    assert AuditEvent.objects.count() == events + 1


def test_an_agreement_is_prolonged_as_it_was_shown(ingrid, bjorken):
    agreement = bjorken.agreements.get()
    Agreement.objects.update(valid_to=cast.day(38))
    page = client_of(ingrid).get(PAGE).content.decode()
    assert "Om 38 dagar" in page
    stale = act(ingrid, bjorken, "last_day", agreement=agreement.pk, shown="", last_day=cast.day(500))
    assert "under tiden" in stale.content.decode()
    shown = cast.day(38).isoformat()
    act(ingrid, bjorken, "last_day", agreement=agreement.pk, shown=shown, last_day=cast.day(500))
    agreement.refresh_from_db()
    assert agreement.valid_to == cast.day(500)
    past = act(ingrid, bjorken, "last_day", agreement=agreement.pk, shown=cast.day(500), last_day=cast.day(-1))
    assert "före i dag" in past.content.decode()
    odd = act(ingrid, bjorken, "last_day", agreement=agreement.pk, shown=cast.day(500), last_day="i morgon")
    assert "datum" in odd.content.decode()
    other = cast.private("Ugglan").agreements.get()
    assert act(ingrid, bjorken, "last_day", agreement=other.pk, shown="", last_day="").status_code == 404


def test_units_are_added_closed_and_opened(ingrid, bjorken):
    act(ingrid, bjorken, "unit", name="Norra mottagningen", place="Norrstrand")
    unit = CareUnit.objects.get(provider=bjorken)
    nurse = cast.assign(None, None, Role.READER, at=unit)
    assert "redan" in act(ingrid, bjorken, "unit", name="Norra mottagningen").content.decode()
    act(ingrid, bjorken, "close_unit", unit=unit.pk)
    assert not Assignment.objects.current().filter(pk=nurse.pk).exists()
    act(ingrid, bjorken, "open_unit", unit=unit.pk)
    assert Assignment.objects.current().filter(pk=nurse.pk).exists()
    assert act(ingrid, bjorken, "close_unit", unit=cast.unit(cast.region(), "X").pk).status_code == 404


def test_the_register_says_who_lacks_what_and_who_has_left(ingrid, bjorken):
    cast.assign(None, bjorken, Role.PROVIDER_ADMIN, Role.DOCUMENT_EDITOR)
    left = cast.private("Tallen", agreed=False)
    found = {row.provider.name: row for row in listing.register({}).rows}
    assert bjorken.name in found
    assert left.name not in found
    assert found[bjorken.name].lacks == ("Ingen handläggare", "Ingen fastställare", "Villkoren inte godkända")
    assert [row.provider for row in listing.register({"vy": "lamnat"}).rows] == [left]
    lacking = {row.provider.name for row in listing.register({"vy": "saknas"}).rows}
    assert lacking == {"Region Fjällmark", bjorken.name}
    assert [row.provider for row in listing.register({"q": "björken", "slag": "private"}).rows] == [bjorken]
    assert listing.register({"part": "Granådals kommun"}).rows == []


def test_coverage_counts_people_against_expected(ingrid, bjorken):
    Provider.objects.filter(pk=bjorken.pk).update(expected_people=4)
    used = cast.assign(None, bjorken, Role.READER)
    cast.assign(used.user, None, Role.READER, at=cast.unit(bjorken))  # the same person, at a unit too
    cast.assign(None, bjorken, Role.READER, last_used_on=cast.day(-40))
    cast.assign(None, bjorken, Role.READER, valid_to=cast.day(-1))
    Assignment.objects.filter(pk=used.pk).update(last_used_on=cast.day(-3))
    private = next(row for row in listing.coverage() if row.label == "privat vårdgivare")
    told = (private.people, private.expected, private.share, private.in_30, private.in_90, private.units)
    assert told == (2, 4, 50, 1, 2, 1)
    assert listing.coverage()[-1].people == private.people + 1


def test_the_register_costs_the_same_however_long_it_is(ingrid, django_assert_max_num_queries):
    there = client_of(ingrid)
    there.get(PAGE)
    for n in range(35):
        cast.assign(None, cast.private(f"Vård {n}"), Role.READER)
    with django_assert_max_num_queries(32):
        first = there.get(PAGE).context["register"]
    rest = there.get(PAGE + first.next_url).context["register"]
    assert len(first.rows) + len(rest.rows) == 36


def told(kind: str) -> set[str]:
    return {n.user.given_name for n in Notice.objects.filter(kind=kind).select_related("user") if n.user}


def test_an_ending_agreement_is_told_of_sixty_thirty_and_seven_days_before(ingrid, bjorken):
    admin = cast.assign(cast.person(given_name="Petra"), bjorken, Role.PROVIDER_ADMIN)
    agreement = bjorken.agreements.get()
    Agreement.objects.update(valid_to=cast.day(61))
    assert remind() == 0
    for left, expected in ((60, 1), (59, 0), (30, 1), (12, 0), (7, 1), (1, 0), (0, 0)):
        Agreement.objects.update(valid_to=cast.day(60))
        with clock.frozen(clock.now() + dt.timedelta(days=60 - left)):
            assert remind() == expected, left
    assert told("agreement_ends") == {"Ingrid", "Petra"}
    assert Notice.objects.filter(kind="agreement_ends").count() == 6
    page = client_of(admin).get("/konto/var-verksamhet/").content.decode()
    assert "avtalet upphör" in page
    assert "60 dagar före" in page
    assert agreement.pk


def test_a_prolonged_agreement_is_told_of_anew_and_one_that_is_followed_is_not(ingrid, bjorken):
    Agreement.objects.update(valid_to=cast.day(5))
    assert remind() == 1
    assert remind() == 0
    Agreement.objects.update(valid_to=cast.day(6))
    assert remind() == 1
    cast.agree(bjorken, first=cast.day(7), last=cast.day(400))
    Agreement.objects.filter(valid_to=cast.day(6)).update(valid_to=cast.day(5))
    assert remind() == 0


def named_and_confirmed(bjorken: Provider, ingrid: Assignment, tomas: Assignment) -> Client:
    """A browser that has opened the first administrator's link."""
    first = firsts.name(bjorken, roles=[], title="", by=reader(ingrid))
    firsts.confirm(first, shown=first.email, looked_at_address=True, by=reader(tomas))
    browser = Client()
    browser.get(f"/konto/inbjudan/?nyckel={Invitation.objects.latest('pk').token}")
    return browser


def test_a_link_to_a_wrong_address_works_no_longer_when_the_address_is_put_right(ingrid, tomas, bjorken):
    browser = named_and_confirmed(bjorken, ingrid, tomas)
    agreements.change_provider(bjorken, {"registered_email": "ratt@bjorken.example"}, by=reader(ingrid))
    assert "gäller inte längre" in browser.post("/konto/inbjudan/", NEW).content.decode()
    assert not Assignment.objects.filter(provider=bjorken).exists()
    assert firsts.why_not_named(Provider.objects.get(pk=bjorken.pk)) == ""


def test_where_somebody_administers_by_now_the_late_one_waits_for_their_yes(ingrid, tomas, bjorken):
    browser = named_and_confirmed(bjorken, ingrid, tomas)
    admin = cast.assign(cast.person(given_name="Pia"), bjorken, Role.PROVIDER_ADMIN)
    browser.post("/konto/inbjudan/", NEW)
    late = Assignment.objects.exclude(pk=admin.pk).get(provider=bjorken)
    assert late.suspended_roles == [Role.PROVIDER_ADMIN]
    assert told("role_suspended") == {"Pia"}


@pytest.fixture
def petra(bjorken) -> Assignment:
    """Björken's only administrator, with a second step."""
    made = cast.assign(cast.person(given_name="Petra"), bjorken, Role.READER, Role.PROVIDER_ADMIN)
    cast.with_two_step(made.user)
    return made


def test_two_agreement_managers_help_a_lone_administrator_who_has_lost_the_second_step(ingrid, tomas, bjorken, petra):
    Provider.objects.filter(pk=bjorken.pk).update(email="brevlada@bjorken.example")
    elsewhere = cast.assign(petra.user, cast.private("Ugglan"), Role.CASE_HANDLER)
    there, page = client_of(ingrid), f"{PAGE}{bjorken.key}/"
    assert "Tappad telefon" in there.get(page).content.decode()
    assert there.post(page, {"act": "vouch", "reason": " "}).status_code == 422
    there.post(page, {"act": "vouch", "reason": "Ringde växeln"})
    lost = LostSecondStep.objects.get()
    assert told("lost_step_waits") == {"Tomas"}
    assert is_mfa_enabled(petra.user)
    assert there.post(page, {"act": "confirm_lost", "lost": lost.pk}).status_code == 409
    assert "Ringde växeln" in client_of(tomas).get(page).content.decode()
    client_of(tomas).post(page, {"act": "confirm_lost", "lost": lost.pk})
    assert not is_mfa_enabled(petra.user)
    assert Assignment.objects.get(pk=petra.pk).suspended_roles == []
    assert Assignment.objects.get(pk=elsewhere.pk).suspended_roles == [Role.CASE_HANDLER]
    notices = Notice.objects.filter(kind="second_step_removed")
    assert {n.user.given_name if n.user else n.mailbox for n in notices} == {"Petra", "brevlada@bjorken.example"}
    assert AuditEvent.objects.get(action="removed_two_step").reason == "Ringde växeln"
    assert client_of(tomas).post(page, {"act": "confirm_lost", "lost": lost.pk}).status_code == 409


def test_nobody_else_and_nobody_with_a_colleague_is_helped_so(ingrid, tomas, bjorken, petra):
    handler = cast.assign(None, bjorken, Role.CASE_HANDLER)
    for by in (petra, handler, cast.assign(None, cast.region(), Role.PROVIDER_ADMIN)):
        with pytest.raises(NotAllowed):
            lost_steps.vouch(bjorken, reason="x", by=reader(by))
    lost = lost_steps.vouch(bjorken, reason="Ringde", by=reader(ingrid))
    with pytest.raises(WrongState):
        lost_steps.vouch(bjorken, reason="Ringde", by=reader(tomas))
    colleague = cast.assign(None, bjorken, Role.PROVIDER_ADMIN)
    with pytest.raises(WrongState):
        lost_steps.confirm(lost, by=reader(tomas))
    colleague.delete()
    petra.user.is_staff = True
    petra.user.save()
    with pytest.raises(WrongState):
        lost_steps.confirm(lost, by=reader(tomas))
    lost_steps.withdraw(lost, by=reader(ingrid))
    assert lost_steps.waiting(bjorken) is None
    assert is_mfa_enabled(petra.user)
    assert "Tappad telefon" not in client_of(ingrid).get(f"{PAGE}{bjorken.key}/").content.decode()
