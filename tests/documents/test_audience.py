"""The columns that visibility is asked by say what the rule says: at any moment, for anybody, whatever wrote the rows."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Assignment, Provider
from accounts.readers import PUBLIC, Reader
from accounts.roles import Kind, Role
from core import clock
from documents import ending, lifecycle
from documents.models import Document, Version, VisibilityGrant
from documents.predicate import KIND_TOKENS, PUBLIC_TOKEN, audience_sql, some_unit_token, unit_token, whole_token
from documents.visibility import acts as visibility_acts
from documents.visibility.preview import Visibility
from tests.documents.library import PORTAL, Cast, add

NOON = dt.datetime(2026, 11, 25, 11, 0, tzinfo=dt.UTC)
MOMENTS = [NOON + dt.timedelta(hours=12 * n) for n in range(-6, 7)]
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@st.composite
def stretches(draw: st.DrawFn) -> tuple[dt.datetime | None, dt.datetime | None]:
    first = draw(st.none() | st.sampled_from(MOMENTS))
    last = draw(st.none() | st.sampled_from(MOMENTS))
    if first and last and last <= first:
        first, last = last, (None if first == last else first)
    return first, last


@st.composite
def worlds(draw: st.DrawFn) -> dict:
    provider = st.sampled_from(["region", "bjorken", "kommun"])
    return {
        "flags": draw(st.tuples(*[st.booleans()] * 4)),
        "state": draw(st.sampled_from(["active", "active", "revoked", "archived"])),
        "owner": draw(provider),
        "versions": draw(
            st.lists(
                st.tuples(st.sampled_from(["draft", "published", "superseded", "withdrawn"]), stretches()),
                max_size=3,
                unique_by=lambda v: v[0] if v[0] in ("published", "draft") else id(v),
            )
        ),
        "grants": draw(
            st.lists(
                st.tuples(provider, st.booleans(), st.none() | st.integers(-2, 2)),
                max_size=3,
                unique_by=lambda g: g[:2],
            )
        ),
    }


# The rule in plain words (design, "Visibility"), asked of the same facts --------------------------------------
def may_see(
    world: dict, reader: Reader, units: dict[str, int], providers: dict[str, Provider], now: dt.datetime
) -> bool:
    if (
        reader.assignment_id
        and reader.roles & {Role.DOCUMENT_EDITOR}
        and reader.provider_id == providers[world["owner"]].pk
    ):
        return True
    if world["state"] == "archived" or not any(
        state in ("published", "superseded") and (not first or first <= now) and (not last or now < last)
        for state, (first, last) in world["versions"]
    ):
        return False
    public, regional, private, municipal = world["flags"]
    if public:
        return True
    if not reader.assignment_id:
        return False
    if {Kind.REGIONAL: regional, Kind.PRIVATE: private, Kind.MUNICIPAL: municipal}.get(reader.provider_kind):
        return True
    today = clock.swedish(now).date()
    for name, is_unit, days in world["grants"]:
        holds = days is None or (NOON.date() + dt.timedelta(days=days)) >= today
        here = reader.provider_id == providers[name].pk
        if holds and here and (not is_unit or reader.unit_id in (None, units[name])):
            return True
    return False


def readers(providers: dict[str, Provider], units: dict[str, int]) -> list[Reader]:
    found = [PUBLIC, Reader(kind="person", user_id=1)]
    for name in ("region", "bjorken", "kommun"):
        at = {"kind": "person", "user_id": 1, "assignment_id": 1, "provider_id": providers[name].pk}
        at |= {"provider_kind": providers[name].kind}
        for unit in (None, units[name], 10**6):
            found.append(Reader(**at, unit_id=unit, roles=frozenset({Role.READER})))
        found.append(Reader(**at, unit_id=units[name], roles=frozenset({Role.DOCUMENT_EDITOR})))
    return found


def put(world: dict, document: Document, providers: dict[str, Provider], units: dict[str, int]) -> None:
    """By SQL by hand and by the ORM's bulk calls, which ask nobody."""
    VisibilityGrant.objects.filter(document=document).delete()
    with connection.cursor() as cursor:
        # Published versions leave by a decision on retention alone.
        cursor.execute("SELECT set_config('portal.retention_decision', 'prov', true)")
        mine = "SELECT id FROM documents_version WHERE document_id = %s"
        cursor.execute(f"DELETE FROM documents_passage WHERE version_id IN ({mine})", [document.pk])
        cursor.execute(f"DELETE FROM documents_reading WHERE version_id IN ({mine})", [document.pk])
        cursor.execute("DELETE FROM documents_version WHERE document_id = %s", [document.pk])
        cursor.execute("SELECT set_config('portal.retention_decision', '', true)")
        flags = [*world["flags"], world["state"], providers[world["owner"]].pk, document.pk]
        cursor.execute(
            "UPDATE documents_document SET visible_public=%s, visible_regional=%s, visible_private=%s,"
            " visible_municipal=%s, state=%s, owner_id=%s, audience='{77}', shown='{[2000-01-01,2001-01-01)}' WHERE id=%s",
            flags,
        )
    Version.objects.bulk_create(
        Version(
            document=document, number=n, state=state, available_from=first, available_to=last,
            published_at=NOON if state in ("published", "superseded") else None,
        )
        for n, (state, (first, last)) in enumerate(world["versions"], 1)
    )  # fmt: skip
    VisibilityGrant.objects.bulk_create(
        VisibilityGrant(
            document=document, provider=providers[name], unit_id=units[name] if is_unit else None,
            until=None if days is None else NOON.date() + dt.timedelta(days=days),
        )
        for name, is_unit, days in world["grants"]
    )  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(world=worlds(), now=st.sampled_from(MOMENTS))
def test_the_columns_say_what_the_rule_says(cast: Cast, world: dict, now: dt.datetime):
    providers = {name: cast.providers[name] for name in ("region", "bjorken", "kommun")}
    units = {
        name: provider.units.order_by("pk").values_list("pk", flat=True)[0] for name, provider in providers.items()
    }
    document = cast.documents["closed"]
    put(world, document, providers, units)
    with clock.frozen(now):
        for reader in readers(providers, units):
            expected = may_see(world, reader, units, providers, now)
            assert Document.objects.visible_to(reader).filter(pk=document.pk).exists() is expected, (reader, now)
            versions = Version.objects.visible_to(reader).filter(document=document)
            works_on = Role.DOCUMENT_EDITOR in reader.roles and reader.provider_id == providers[world["owner"]].pk
            shown = {
                n for n, (state, (first, last)) in enumerate(world["versions"], 1)
                if works_on or (expected and state in ("published", "superseded")
                                and (not first or first <= now) and (not last or now < last))
            }  # fmt: skip
            assert set(versions.values_list("number", flat=True)) == shown
    call_command("check_visibility")


ACTS = ("publish", "withdraw", "open", "close", "name", "draft", "sql flag", "sql grant", "sql version", "sql column")


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(acts=st.lists(st.sampled_from(ACTS), min_size=1, max_size=8))
def test_after_anything_that_happens_the_columns_equal_a_full_recomputation(cast: Cast, acts: list[str]):
    document = cast.documents["closed"]
    named = Visibility(grants=((cast.bjorken.pk, None), (cast.kommun.pk, cast.asgarden.pk)))
    for act in acts:
        versions = document.versions
        if act == "draft" and not versions.unfinished().exists():
            lifecycle.add_version(document, by=PORTAL, body="Ny.", available_from=NOON)
        elif act == "publish" and (draft := versions.unfinished().first()):
            lifecycle.publish(draft, by=PORTAL)
        elif act == "withdraw" and (current := versions.filter(state="published").first()):
            ending.withdraw(current, by=PORTAL, reason="Prov.")
        elif act in ("open", "close", "name"):
            change = {"open": Visibility(public=True), "close": Visibility(), "name": named}[act]
            visibility_acts.change_visibility(document, by=PORTAL, change=change, reason="Prov.")
        elif act == "sql flag":
            Document.objects.filter(pk=document.pk).update(visible_private=True)
        elif act == "sql grant":
            VisibilityGrant.objects.filter(document=document).update(until=NOON.date())
        elif act == "sql version":
            versions.update(available_to=NOON + dt.timedelta(days=400))
        elif act == "sql column":
            Document.objects.update(audience=[0, 1, 2, 3], shown=None)
        call_command("check_visibility")


def test_a_difference_is_found_told_and_mended(cast: Cast):
    number = cast.documents["closed"].number
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger hears of it
        cursor.execute("UPDATE documents_document SET audience = '{0}' WHERE number = %s", [number])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert Document.objects.visible_to(PUBLIC).filter(number=number).exists()
    said = io.StringIO()
    with pytest.raises(CommandError, match=number):
        call_command("check_visibility", stdout=said)
    with pytest.raises(CommandError, match="mended"):
        call_command("check_visibility", "--mend")
    assert not Document.objects.visible_to(PUBLIC).filter(number=number).exists()
    call_command("check_visibility")


@pytest.mark.parametrize("ends", ["assignment", "person", "unit", "provider", "agreement"])
def test_what_ends_between_two_requests_closes_every_door_at_the_next(cast: Cast, ends: str):
    document = add(cast, "named", Visibility(grants=((cast.bjorken.pk, None),)))
    client = cast.client("stina")
    doors = (f"/dokument/{document.number}/", f"/dokument/{document.number}/v/1/")
    found = "/dokument/?q=dokument+named"
    assert [client.get(door).status_code for door in doors] == [200, 200]
    assert document.title in client.get(found).content.decode()
    assignment = Assignment.objects.select_related("user", "unit").get(pk=cast["stina"].assignment_id)
    yesterday = clock.today() - clock.ONE_DAY
    if ends == "assignment":
        type(assignment).objects.filter(pk=assignment.pk).update(valid_to=yesterday)
    elif ends == "person":
        type(assignment.user).objects.filter(pk=assignment.user_id).update(is_active=False)
    elif ends == "unit":
        type(assignment.unit).objects.filter(pk=assignment.unit_id).update(is_active=False)
    elif ends == "provider":
        Provider.objects.filter(pk=cast.bjorken.pk).update(is_active=False)
    else:
        cast.bjorken.agreements.update(valid_to=yesterday)
    assert [client.get(door).status_code for door in doors] == [404, 404]
    assert document.title not in client.get(found).content.decode()


def test_the_database_derives_by_the_numbers_that_readers_have(db) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'documents_audience_of'")
        (installed,) = cursor.fetchone()
    _head, body, _end = audience_sql().split("$$")
    assert installed == body
    assert {PUBLIC_TOKEN, *KIND_TOKENS.values()}.isdisjoint({whole_token(1), some_unit_token(1), unit_token(1)})
    assert len({f(key) for f in (whole_token, some_unit_token, unit_token) for key in range(1, 50)}) == 3 * 49
