"""A provider's rules for its cases: who changes them, and what they change."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from accounts.roles import Role
from core import refused
from deviations.closing import gates
from deviations.models import CaseRules
from deviations.rules import changing
from tests.cast import assign, person
from tests.deviations.investigating import hidden

ADDRESS = "/avvikelser/regler/"


@pytest.fixture
def admin(cast):
    cast.users["ada"] = person(email="ada@region.example", given_name="Ada", family_name="Frost")
    assign(cast.ada, cast.region, Role.PROVIDER_ADMIN)
    return cast.client("ada")


def send(client, **facts):
    html = client.get(ADDRESS).content.decode()
    told = {"deeper_from": 4, "analysis_from": 8, "yellow_days": 30, "red_days": 60, "asked": ["causes", "patient"]}
    told |= {"token": hidden(html, "token"), "shown": hidden(html, "shown")}
    return client.post(ADDRESS, told | facts)


def test_an_administrator_sets_the_providers_own_rules(cast, admin):
    officer = assign(person(), cast.region, Role.LEX_MARIA_OFFICER)
    assert send(admin, officer=str(officer.key), red_days=45).status_code == 302
    rules = CaseRules.objects.get()
    assert (rules.provider, rules.officer, rules.red_days) == (cast.region, officer, 45)
    assert set(rules.gates_off) == {"owners", "lex_maria", "feedback"}
    assert AuditEvent.objects.filter(action="case_rules_changed").count() == 1
    assert gates.rules_of(cast.bjorken).gates_off == []
    for name in ("maria", "lena", "per_ake", "rut", "lars"):
        assert cast.client(name).get(ADDRESS).status_code == 404


@pytest.mark.parametrize(
    "facts",
    [
        {"deeper_from": 9, "analysis_from": 8}, {"yellow_days": 61}, {"red_days": 0}, {"analysis_from": 17},
        {"asked": ["no-such"]}, {"officer": "no-such"},
    ],
)  # fmt: skip
def test_rules_that_cannot_stand_are_refused(cast, admin, facts):
    assert send(admin, **facts).status_code == 422
    assert not CaseRules.objects.exists()


def test_nobody_becomes_the_officer_by_being_named(cast, admin):
    other = assign(person(), cast.bjorken, Role.LEX_MARIA_OFFICER)
    assert send(admin, officer=str(other.key)).status_code == 422
    rules = gates.rules_of(cast.region)
    with pytest.raises(refused.NotAllowed):
        changing.change(cast.region, {"officer": other}, by=cast["ada"], shown=changing.mark(rules))


def test_two_administrators_see_each_others_change(cast, admin):
    shown = changing.mark(gates.rules_of(cast.region))
    changing.change(cast.region, {"red_days": 50}, by=cast["ada"], shown=shown)
    with pytest.raises(refused.Moved):
        changing.change(cast.region, {"red_days": 40}, by=cast["ada"], shown=shown)
