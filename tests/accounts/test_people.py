"""A provider's administrator and a unit's manager decide over their own people: who may do what is a matrix."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.utils import is_mfa_enabled
from django.test import Client
from django.utils import translation

from accounts.granting import guarding, held, reach_of
from accounts.invitations import inviting
from accounts.models import Assignment, AuditEvent, Notice, Provider
from accounts.people import changing, leaving, listing, second_step
from accounts.roles import Role
from core.refused import Moved, NotAllowed, Refused, WrongState
from tests import cast

pytestmark = pytest.mark.django_db
PAGE = "/konto/var-verksamhet/"


@pytest.fixture
def bjorken() -> Provider:
    return cast.private("Hälsocentralen Björken")


@pytest.fixture
def petra(bjorken) -> Assignment:
    """The provider's only administrator."""
    return cast.assign(cast.person(given_name="Petra"), bjorken, Role.READER, Role.PROVIDER_ADMIN)


@pytest.fixture
def pia(bjorken) -> Assignment:
    """Another administrator."""
    return cast.assign(cast.person(given_name="Pia"), bjorken, Role.READER, Role.PROVIDER_ADMIN)


@pytest.fixture
def jonas(bjorken) -> Assignment:
    return cast.assign(cast.person(given_name="Jonas"), bjorken, Role.READER, Role.CASE_HANDLER)


@pytest.fixture
def norra(bjorken):
    return cast.unit(bjorken, "Norra")


@pytest.fixture
def eva(bjorken, norra) -> Assignment:
    """The manager of one of the units."""
    return cast.assign(cast.person(given_name="Eva"), bjorken, Role.READER, Role.UNIT_MANAGER, at=norra)


@pytest.fixture
def nora(norra) -> Assignment:
    """A nurse at that unit."""
    return cast.assign(cast.person(given_name="Nora"), None, Role.READER, at=norra)


def client_of(assignment: Assignment) -> Client:
    return cast.sign_in(Client(), assignment.user)


def now(assignment: Assignment) -> Assignment:
    return Assignment.objects.get(pk=assignment.pk)


def address(of: Assignment) -> str:
    return f"{PAGE}person/{of.key}/"


def reader(assignment: Assignment):
    return cast.reader(now(assignment))


def send(by: Assignment, of: Assignment, act: str, shown: str | None = None, **more: Any):
    sent = {"act": act, "shown": held.mark(now(of)) if shown is None else shown, **more}
    if act == "end":
        left = leaving.left_by(now(of), by=cast.reader(now(by)))
        sent = {"left": leaving.mark(left), **{one.key: "-" for one in left}, **sent}
    return client_of(by).post(address(of), sent, follow=True)


def give(by: Assignment, to: Assignment, *roles: str, shown: str | None = None):
    stands = now(to)
    return send(by, to, "change", shown, roles=roles, unit=stands.unit_id or "", title=stands.title)


def test_a_colleague_gets_a_role_keeps_the_others_and_is_told(petra, jonas):
    page = client_of(petra).get(PAGE, {"q": "jonas"}).content.decode()
    assert address(jonas) in page
    assert address(petra) not in page
    assert held.mark(jonas) in client_of(petra).get(address(jonas)).content.decode()
    give(petra, jonas, Role.READER, Role.CASE_HANDLER, Role.APPROVER)
    assert set(now(jonas).roles) == {Role.READER, Role.CASE_HANDLER, Role.APPROVER}
    assert now(jonas).suspended_at is None
    assert Notice.objects.get(kind="roles_changed").user == jonas.user
    event = AuditEvent.objects.get(action="roles_changed")
    assert (event.actor, event.target_id) == (petra.user, str(jonas.pk))
    told = client_of(petra).get(address(jonas)).content.decode()
    assert petra.user.get_full_name() in told
    assert "fastställare" in told


def test_nobody_raises_themselves(petra, eva):
    for role in (Role.DOCUMENT_EDITOR, Role.APPROVER):
        refused = give(petra, petra, Role.READER, Role.PROVIDER_ADMIN, role)
        assert "Be en kollega" in refused.content.decode()
        assert role not in now(petra).roles
    # The unit's manager has a role that they do not give, so their own assignment is not theirs to change.
    assert "En administratör hos er gör det" in give(eva, eva, Role.READER, Role.REPORTER).content.decode()
    assert now(eva).roles == eva.roles


def test_an_administrator_does_not_widen_their_own_assignment(petra, pia):
    Assignment.objects.filter(pk=petra.pk).update(valid_to=cast.day(3))
    for act, more in (("end", {"when": "day", "day": cast.day(9)}), ("reopen", {})):
        assert "Be en kollega" in send(petra, petra, act, **more).content.decode()
    assert now(petra).valid_to == cast.day(3)


PORTAL_WIDE = [Role.SYSTEM_ADMIN, Role.SAFETY_COORDINATOR, Role.FOLLOW_UP, Role.AGREEMENT_MANAGER]


@pytest.mark.parametrize("role", [*PORTAL_WIDE, Role.PUBLICATION_STEWARD, Role.MEDICALLY_RESPONSIBLE_NURSE])
def test_what_the_provider_has_not_is_not_given(petra, jonas, role):
    """A role that is not offered is a fault of the form, and nothing changes."""
    assert give(petra, jonas, Role.READER, role).status_code == 422
    assert set(now(jonas).roles) == {Role.READER, Role.CASE_HANDLER}


@pytest.mark.parametrize("role", PORTAL_WIDE)
def test_the_regions_administrator_gives_no_role_that_reaches_across(role):
    region = cast.region()
    admin = cast.assign(None, region, Role.PROVIDER_ADMIN)
    nurse = cast.assign(None, region, Role.READER)
    coordinator = cast.assign(None, region, Role.READER, role)
    assert give(admin, nurse, Role.READER, role).status_code == 422
    assert now(nurse).roles == [Role.READER]
    # Whoever has one keeps it when the rest changes.
    give(admin, coordinator, Role.READER, Role.REPORTER)
    assert set(now(coordinator).roles) == {Role.READER, Role.REPORTER, role}


# Who × whom: what a change, an end and a pause of theirs becomes. "gone": the page does not exist for them.
MATRIX = {
    ("petra", "nora"): "done", ("petra", "jonas"): "done", ("petra", "eva"): "done", ("petra", "ugo"): "gone",
    ("eva", "nora"): "done", ("eva", "handler"): "refused", ("eva", "jonas"): "gone", ("eva", "stina"): "gone",
    ("eva", "petra"): "gone", ("eva", "ugo"): "gone",
    ("jonas", "nora"): "gone", ("nora", "nora"): "gone", ("ulla", "nora"): "gone", ("ulla", "ugo"): "done",
    ("staff", "nora"): "gone", ("at_unit", "nora"): "gone", ("waits", "nora"): "gone", ("gone", "nora"): "gone",
}  # fmt: skip


@pytest.fixture
def everybody(petra, pia, jonas, eva, nora, norra, bjorken) -> dict[str, Assignment]:
    """Besides the above: people of the other unit and of another provider; one of the staff with every permission; an
    administrator at a unit only, one whose role waits, one whose assignment has ended."""
    ugglan = cast.private("Ugglan")
    waits = cast.assign(None, bjorken, Role.READER, Role.PROVIDER_ADMIN)
    guarding.doubt_person(
        waits.user, why=guarding.Why.ADDRESS, voucher=guarding.voucher(cast.reader(cast.assign(None, cast.region())))
    )
    return {
        "petra": petra, "jonas": jonas, "eva": eva, "nora": nora,
        "handler": cast.assign(None, None, Role.READER, Role.CASE_HANDLER, at=norra),
        "stina": cast.assign(None, None, Role.READER, at=cast.unit(bjorken, "Södra")),
        "ugo": cast.assign(None, ugglan, Role.READER), "ulla": cast.assign(None, ugglan, Role.PROVIDER_ADMIN),
        "staff": cast.assign(cast.superuser(), bjorken, Role.READER),
        "at_unit": cast.assign(None, None, Role.PROVIDER_ADMIN, at=norra),
        "waits": waits, "gone": cast.assign(None, bjorken, Role.PROVIDER_ADMIN, valid_to=cast.day(-1)),
    }  # fmt: skip


ACTS: dict[str, tuple[dict[str, Any], Callable[[Assignment], bool]]] = {
    "change": ({"roles": [Role.READER, Role.REPORTER], "title": "ny"}, lambda a: Role.REPORTER in a.roles),
    "end": ({"when": "now"}, lambda a: not a.is_active),
    "pause": ({"until": ""}, lambda a: a.is_paused),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(("who", "whom"), MATRIX)
def test_who_may_do_it_to_whom(everybody, who, whom, act):
    by, of = everybody[who], everybody[whom]
    more, is_done = ACTS[act]
    unit = {"unit": of.unit_id or ""} if act == "change" else {}
    answer = send(by, of, act, **more, **unit)
    expected = MATRIX[who, whom]
    assert answer.status_code == {"done": 200, "gone": 404, "refused": 409}[expected]
    assert is_done(now(of)) == (expected == "done")
    verb = {"change": {"unit": of.unit, "title": "x", "roles": []}, "end": {"last_day": None}, "pause": {"until": None}}
    if expected != "done":
        with pytest.raises(Refused):
            getattr(changing, act)(now(of), by=reader(by), shown=held.mark(now(of)), **verb[act])


def test_djangos_permissions_open_nothing_here(bjorken, jonas):
    """A superuser who is no administrator of the provider finds no page."""
    staff = cast.assign(cast.superuser(), bjorken, Role.READER, Role.SYSTEM_ADMIN)
    assert reach_of(cast.reader(staff, door="admin")) is None
    assert client_of(staff).get(PAGE).status_code == 404


def test_a_units_manager_sees_the_own_unit_alone(eva, nora, jonas, petra):
    page = client_of(eva).get(PAGE).content.decode()
    assert address(nora) in page
    assert address(jonas) not in page
    assert {row.pk for row in listing.people(reach_of(reader(eva)), {}).rows} == {eva.pk, nora.pk}


def test_a_units_manager_moves_nobody_to_another_unit(eva, nora, bjorken):
    other = cast.unit(bjorken, "Södra")
    send(eva, nora, "change", unit=other.pk, roles=[Role.READER])
    send(eva, nora, "change", unit="", roles=[Role.READER])
    assert now(nora).unit_id == nora.unit_id
    for unit in (other, None):
        with pytest.raises(NotAllowed):
            changing.change(nora, unit=unit, title="", roles=[Role.READER], by=reader(eva), shown=held.mark(now(nora)))


def test_nobody_is_moved_to_another_providers_unit(petra, jonas):
    elsewhere = cast.unit(cast.private("Ugglan"), "Mottagningen")
    assert send(petra, jonas, "change", unit=elsewhere.pk, roles=[Role.READER]).status_code == 422
    with pytest.raises(Refused):
        changing.change(jonas, unit=elsewhere, title="", roles=[Role.READER], by=reader(petra), shown=held.mark(jonas))
    assert now(jonas).unit is None


def test_the_last_administrator_stays_until_another_is_named(petra, jonas, bjorken):
    for act, more in (
        ("end", {"when": "now"}), ("end", {"when": "day", "day": cast.day(30)}), ("pause", {"until": ""}),
        ("change", {"roles": [Role.READER], "unit": "", "title": ""}),
    ):  # fmt: skip
        refused = send(petra, petra, act, **more)
        assert "sista administratören" in refused.content.decode(), act
    assert now(petra).holds_today
    assert Role.PROVIDER_ADMIN in now(petra).roles
    # Another who has a last day does not do for after it.
    soon = cast.assign(None, bjorken, Role.PROVIDER_ADMIN, valid_to=cast.day(10))
    assert "sista administratören" in send(petra, petra, "end", when="now").content.decode()
    assert "sista administratören" in send(petra, petra, "end", when="day", day=cast.day(10)).content.decode()
    assert send(petra, petra, "end", when="day", day=cast.day(9)).status_code == 200
    Assignment.objects.filter(pk=soon.pk).update(valid_to=None)
    send(petra, petra, "end", when="now")
    assert not now(petra).is_active


def test_access_ends_at_the_next_request(petra, jonas):
    there = client_of(jonas)
    assert there.get("/avvikelser/").status_code == 200
    send(petra, jonas, "pause", until=cast.day(5))
    assert there.get("/avvikelser/").status_code == 404
    send(petra, jonas, "resume")
    assert there.get("/avvikelser/").status_code == 200
    send(petra, jonas, "end", when="now")
    assert there.get("/avvikelser/").status_code == 404
    send(petra, jonas, "reopen")
    assert there.get("/avvikelser/").status_code == 200
    told = client_of(petra).get(address(jonas)).content.decode()
    assert told.count('<time datetime="') == 4


def test_a_pause_ends_by_itself_after_its_last_day(petra, jonas):
    current = Assignment.objects.current().filter(pk=jonas.pk)
    Assignment.objects.filter(pk=jonas.pk).update(is_paused=True, paused_to=cast.day(0))
    assert not current.exists()
    assert not now(jonas).holds_today
    Assignment.objects.filter(pk=jonas.pk).update(paused_to=cast.day(-1))
    assert current.exists()
    assert now(jonas).holds_today


def test_of_two_administrators_the_second_is_told_what_changed(petra, pia, jonas):
    shown = held.mark(jonas)
    give(petra, jonas, Role.APPROVER)
    told = give(pia, jonas, Role.DOCUMENT_EDITOR, shown=shown)
    assert "Någon har ändrat det här under tiden" in told.content.decode()
    assert now(jonas).roles == [Role.APPROVER]
    with pytest.raises(Moved):
        changing.pause(jonas, until=None, by=reader(pia), shown=shown)


def test_a_role_taken_away_while_a_form_was_open_stops_it(petra, pia, jonas):
    by = reader(petra)
    Assignment.objects.filter(pk=petra.pk).update(roles=[Role.READER])
    with pytest.raises(NotAllowed):
        changing.end(jonas, last_day=None, by=by, shown=held.mark(jonas))


def test_a_role_that_nobody_else_has_goes_on_in_the_same_act(petra, pia, jonas, nora):
    page = client_of(petra).get(address(jonas)).content.decode()
    assert "Ingen annan är avvikelsehandläggare" in page
    assert (
        "Välj vem som tar över" in send(petra, jonas, "end", when="now", **{"role-case_handler": ""}).content.decode()
    )
    assert now(jonas).is_active
    send(petra, jonas, "end", when="now", **{"role-case_handler": nora.key})
    assert not now(jonas).is_active
    assert Role.CASE_HANDLER in now(nora).counting_roles
    assert Notice.objects.filter(kind="roles_changed", user=nora.user).exists()


def test_what_is_left_is_handed_over_as_it_was_shown(petra, pia, jonas):
    """Somebody else became a handler meanwhile: nothing is left any more."""
    left = leaving.mark(leaving.left_by(jonas, by=reader(petra)))
    cast.assign(None, jonas.provider, Role.CASE_HANDLER)
    shown, heirs = held.mark(jonas), {"role-case_handler": "-"}
    with pytest.raises(Moved):
        changing.end(jonas, last_day=None, by=reader(petra), shown=shown, left=left, heirs=heirs)
    changing.end(jonas, last_day=None, by=reader(petra), shown=shown, left="")
    assert not now(jonas).is_active


def test_nobody_takes_a_role_over_that_is_not_there_to_choose(petra, jonas):
    stranger = cast.assign(None, cast.private("Ugglan"), Role.READER)
    left = leaving.mark(leaving.left_by(jonas, by=reader(petra)))
    for heir in (str(stranger.key), str(petra.key), "x", ""):
        with pytest.raises(Refused):
            changing.end(
                jonas, last_day=None, by=reader(petra), shown=held.mark(jonas), left=left,
                heirs={"role-case_handler": heir},
            )  # fmt: skip
    assert now(jonas).is_active


@pytest.mark.parametrize(
    ("act", "more", "words"),
    [
        ("end", {"when": "day", "day": ""}, "Skriv den sista dagen"),
        ("end", {"when": "day", "day": "2020-01-01"}, "före i dag"),
        ("end", {"when": "day", "day": "i morgon"}, "datum"),
        ("end", {}, "Välj när"),
        ("pause", {"until": "2020-01-01"}, "före i dag"),
        ("change", {"roles": [], "unit": "", "title": ""}, "någon roll kvar"),
        ("change", {"roles": ["x"], "unit": "", "title": ""}, "giltigt"),
        ("change", {"roles": [Role.UNIT_MANAGER], "unit": "", "title": ""}, "Välj den"),
        ("resume", {}, "inte pausat"),
        ("reopen", {}, "ingen sista dag"),
        ("dansa", {}, "Välj vad"),
    ],
)
def test_bad_input_is_told_and_changes_nothing(petra, pia, jonas, act, more, words):
    before = held.mark(jonas)
    answer = send(petra, jonas, act, **more)
    assert answer.status_code in (409, 422)
    assert words in answer.content.decode()
    assert held.mark(now(jonas)) == before


def test_a_second_assignment_at_a_place_is_refused_in_words(petra, norra, bjorken):
    nurse = cast.person()
    whole = cast.assign(nurse, bjorken, Role.READER)
    cast.assign(nurse, None, Role.READER, at=norra)
    assert "redan ett uppdrag" in send(petra, whole, "change", roles=[Role.READER], unit=norra.pk).content.decode()
    assert client_of(petra).get(address(whole)).content.decode().count('<a href="/konto/var-verksamhet/person/') == 1


def test_the_list_is_narrowed_and_says_how_many(petra, jonas, nora, norra, bjorken):
    cast.assign(None, bjorken, Role.READER, valid_to=cast.day(5))
    ended = cast.assign(None, bjorken, Role.READER, valid_to=cast.day(-1))
    Assignment.objects.filter(pk=jonas.pk).update(is_paused=True)
    reach = reach_of(reader(petra))
    with translation.override("sv"):
        people = listing.people(reach, {})
    assert {t.value: t.count for t in people.tabs} == {
        "alla": 4, "slutar": 1, "pausade": 1, "oanvanda": 3, "slutade": 1,
    }  # fmt: skip
    assert [row.pk for row in listing.people(reach, {"vy": "slutade"}).rows] == [ended.pk]
    for asked, expected in (
        ({"enhet": "Norra"}, nora), ({"roll": Role.CASE_HANDLER}, jonas), ({"q": "jonas"}, jonas),
        ({"enhet": "-", "roll": Role.PROVIDER_ADMIN}, petra), ({"roll": "x", "q": nora.user.email}, nora),
    ):  # fmt: skip
        assert [row.pk for row in listing.people(reach, asked).rows] == [expected.pk]
    assert "ensam administratör" in people.lacks[-1]


def test_each_unit_in_numbers(petra, nora, norra, eva):
    Assignment.objects.filter(pk=nora.pk).update(last_used_on=cast.day(-40))
    inviting.invite([inviting.Wish("a@bjorken.example", norra, (Role.READER,))], by=reader(petra))
    with translation.override("sv"):
        told = [(c.place, c.people, c.in_30, c.in_90, c.unanswered) for c in listing.coverage(reach_of(reader(petra)))]
    assert told == [("Hela verksamheten", 1, 0, 0, 0), ("Norra", 2, 0, 1, 1)]
    assert [c.place for c in listing.coverage(reach_of(reader(eva)))] == ["Norra"]


def test_the_list_goes_on_page_by_page_at_a_constant_cost(petra, bjorken, django_assert_max_num_queries):
    people = [cast.assign(None, bjorken, Role.READER) for _ in range(32)]
    Assignment.objects.filter(pk=people[4].pk).update(last_used_on=cast.day(0))
    client = client_of(petra)
    client.get(PAGE)
    with django_assert_max_num_queries(30):
        first = client.get(PAGE)
    rows = first.context["people"].rows
    assert {rows[0].pk, rows[1].pk} == {people[4].pk, petra.pk}
    rest = client.get(PAGE + first.context["people"].next_url).context["people"]
    assert len(rows) + len(rest.rows) == 33
    assert not {r.pk for r in rows} & {r.pk for r in rest.rows}
    assert client.get(PAGE + rest.previous_url).context["people"].rows == rows


def test_the_last_day_of_use_is_kept_and_no_history_of_it(petra, jonas):
    events = Assignment.pgh_event_models["update"].objects.filter(pgh_obj=jonas, pgh_label="update")
    client_of(jonas).get("/")
    assert now(jonas).last_used_on == cast.day(0)
    assert not events.exists()
    give(petra, jonas, Role.READER)
    assert events.count() == 1


def test_a_unit_manager_without_a_unit_decides_over_nobody(bjorken):
    whole = cast.assign(None, bjorken, Role.READER, Role.UNIT_MANAGER)
    assert reach_of(cast.reader(whole)) is None
    assert client_of(whole).get(PAGE).status_code == 404


def test_the_person_is_told_of_a_last_day(petra, jonas):
    send(petra, jonas, "end", when="day", day=cast.day(12))
    assert now(jonas).valid_to == cast.day(12)
    assert Notice.objects.get(kind="assignment_ends").user == jonas.user
    past = cast.day(0) - dt.timedelta(days=1)
    with pytest.raises(WrongState):
        changing.end(now(jonas), last_day=past, by=reader(petra), shown=held.mark(now(jonas)))


def test_a_lost_second_step_is_vouched_for_told_and_logged(petra, jonas):
    cast.with_two_step(jonas.user)
    elsewhere = cast.assign(jonas.user, cast.private("Ugglan"), Role.READER, Role.CASE_HANDLER)
    there = client_of(petra)
    assert "Tappad telefon" in there.get(address(jonas)).content.decode()
    assert there.post(address(jonas), {"act": "vouch", "reason": " "}).status_code == 422
    there.post(address(jonas), {"act": "vouch", "reason": "Visade legitimation hos mig."})
    assert not is_mfa_enabled(jonas.user)
    assert now(jonas).suspended_at is None
    # At another provider nobody has vouched.
    assert now(elsewhere).suspended_roles == [Role.CASE_HANDLER]
    assert Notice.objects.get(kind="second_step_removed").user == jonas.user
    event = AuditEvent.objects.get(action="removed_two_step")
    assert (event.actor, event.reason) == (petra.user, "Visade legitimation hos mig.")
    assert "Tappad telefon" not in there.get(address(jonas)).content.decode()


def test_nobody_vouches_for_themselves_for_the_staff_or_beyond_their_reach(petra, pia, jonas, eva, nora, bjorken):
    staff = cast.assign(cast.person(is_staff=True), bjorken, Role.READER)
    for whom in (petra, staff, jonas, nora):
        cast.with_two_step(whom.user)
    for by, whom in ((petra, petra), (petra, staff), (eva, jonas), (jonas, nora), (nora, nora)):
        with pytest.raises(Refused):
            second_step.remove(now(whom), reason="känner", by=reader(by))
        assert is_mfa_enabled(whom.user)
    second_step.remove(now(nora), reason="känner", by=reader(eva))
    second_step.remove(now(petra), reason="känner", by=reader(pia))
    assert not is_mfa_enabled(nora.user)
    assert not is_mfa_enabled(petra.user)
    with pytest.raises(WrongState):
        second_step.remove(now(nora), reason="känner", by=reader(eva))


def test_with_steps_demanded_a_new_one_is_set_up_before_anything_else(petra, pia, settings):
    settings.PORTAL_TWO_STEP_REQUIRED = True
    cast.with_two_step(pia.user)
    there = client_of(pia)
    assert there.get(PAGE).status_code == 200
    second_step.remove(now(pia), reason="känner", by=reader(petra))
    assert there.get(PAGE)["Location"] == "/konto/2fa/totp/activate/"
