"""The audit log: sealed in order, proved whole, and any change to it found."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pghistory
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, ProgrammingError, connection, connections, transaction

from accounts import audit
from accounts.audit import seals
from accounts.models import AuditEvent, AuditSeal, Retirement
from accounts.readers import Reader
from core import clock
from tests import cast

# A seal is made outside a transaction, so each test here commits.
pytestmark = pytest.mark.django_db(transaction=True)
SYSTEM = Reader(kind="system", door="command")
GOLDEN = "d311b9167fca175acaa1d5cc9240779321ee67056a21eead709f52e5e0642df3"
LONG_AGO = clock.now() - timedelta(days=6 * 365)
FIVE_YEARS_AGO = clock.now() - timedelta(days=5 * 365 + 3)


def write(count: int, action: str = "case_opened") -> list[AuditEvent]:
    return [audit.record(action, by=SYSTEM, target_type="case", target_id=n) for n in range(count)]


def sealed(count: int) -> AuditSeal:
    """As many new events, and the one seal over them."""
    write(count)
    [seal] = audit.seal()
    return seal


def sql(statement: str, *parameters: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def by_force(statement: str, *parameters: object, table: str = "accounts_auditevent") -> None:
    """What only the owner of the database can do: past the triggers."""
    with transaction.atomic():
        sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        sql(statement, *parameters)
        sql(f"ALTER TABLE {table} ENABLE TRIGGER ALL")


def retire(before: datetime, decision: str = "HSN 2026/123", table: str = "accounts_auditevent", column: str = "at"):
    return sql("SELECT portal_retire(%s, %s, %s, %s)", table, column, before, decision)[0][0]


@contextmanager
def elsewhere() -> Iterator[None]:
    """Another connection in an open transaction that has written to the log."""
    wrote, done = threading.Event(), threading.Event()

    def work() -> None:
        try:
            with transaction.atomic():
                write(1, "slow")
                wrote.set()
                done.wait(30)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert wrote.wait(30)
        yield
    finally:
        done.set()
        thread.join()


def roll_back_some(count: int) -> None:
    """Ids that are taken and never used."""
    with transaction.atomic():
        write(count)
        transaction.set_rollback(True)


def test_an_empty_log_is_whole_and_gives_no_seal() -> None:
    assert audit.seal() == []
    assert audit.verify() == audit.Verdict()
    assert audit.verify().whole


def test_seals_follow_on_each_other_and_all_is_as_it_was_sealed() -> None:
    one, two = sealed(3), sealed(2)
    write(1)
    assert (two.first, two.previous_digest) == (one.last + 1, one.digest)
    assert (one.count, two.count) == (3, 2)
    verdict = audit.verify()
    assert (verdict.seals, verdict.events, verdict.unsealed, verdict.newest) == (2, 5, 1, two.digest)
    assert verdict.whole


def test_a_seal_of_today_is_proven_by_every_later_version() -> None:
    """The form of a seal, written out: a change of it would make every seal there is say that the log was changed. Where
    it must change, what was sealed before is proven in the form that it was sealed in."""
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    link = seals._Link("0" * 64, 7, 8, at)
    link.add((7, at, "case_opened", 3, "Anna", None, 2, "case", "AVV", "", "portal", {"b": 1, "a": "å"}, "r"))
    link.add((8, at, "signed_in", None, "portalen", None, None, "", "", "skäl", "job", {}, ""))
    assert (link.count, link.digest) == (2, GOLDEN)
    assert seals._FIELDS == (
        "pk", "at", "action", "actor_id", "actor_label", "assignment_id", "provider_id", "target_type", "target_id",
        "reason", "door", "data", "request_id",
    )  # fmt: skip


def test_nothing_new_gives_no_seal() -> None:
    sealed(1)
    assert audit.seal() == []


def test_much_at_once_is_sealed_in_batches_that_follow_on_each_other(monkeypatch) -> None:
    monkeypatch.setattr(seals, "BATCH", 4)
    write(10)
    assert [seal.count for seal in audit.seal()] == [4, 4, 2]
    assert audit.verify().events == 10
    assert audit.verify().whole


def test_ids_that_were_never_used_leave_no_gap() -> None:
    one = sealed(2)
    roll_back_some(3)
    two = sealed(2)
    assert two.first == one.last + 1
    assert two.count == 2
    assert audit.verify().whole


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts_auditevent SET actor_label = 'annan' WHERE id = %s",
        "UPDATE accounts_auditevent SET data = '{\"x\": 1}' WHERE id = %s",
        "UPDATE accounts_auditevent SET at = at + interval '1 second' WHERE id = %s",
        "UPDATE accounts_auditevent SET id = id + 1000000 WHERE id = %s",
        "DELETE FROM accounts_auditevent WHERE id = %s",
    ],
)
def test_a_changed_or_removed_event_breaks_its_seal(change) -> None:
    sealed(2)
    two = sealed(3)
    sealed(2)
    by_force(change, two.last - 1)
    verdict = audit.verify()
    assert verdict.broken == two
    assert verdict.seals == 1
    assert not verdict.whole


def test_an_event_put_in_afterwards_breaks_the_seal_that_it_was_put_under() -> None:
    one = sealed(2)
    roll_back_some(1)
    two = sealed(2)
    new = write(1)[0]
    by_force("UPDATE accounts_auditevent SET id = %s WHERE id = %s", one.last + 1, new.pk)
    assert audit.verify().broken == two


def test_an_event_put_in_before_the_first_seal_is_told() -> None:
    one = sealed(1)
    new = write(1)[0]
    by_force("UPDATE accounts_auditevent SET id = %s WHERE id = %s", one.first - 1, new.pk)
    verdict = audit.verify()
    assert (verdict.strays, verdict.broken, verdict.whole) == (1, None, False)


def test_a_seal_taken_out_from_between_breaks_the_chain() -> None:
    sealed(1)
    two = sealed(1)
    three = sealed(1)
    by_force("DELETE FROM accounts_auditseal WHERE id = %s", two.pk, table="accounts_auditseal")
    assert audit.verify().broken == three


def test_a_removed_event_whose_seal_is_made_to_fit_breaks_the_next() -> None:
    one = sealed(2)
    two = sealed(1)
    by_force("DELETE FROM accounts_auditevent WHERE id = %s", one.last)
    link = seals._Link(one.previous_digest, one.first, one.last, one.first_at)
    for row in seals._rows(pk__lte=one.last):
        link.add(row)
    by_force(
        "UPDATE accounts_auditseal SET digest = %s, count = 1 WHERE id = %s",
        link.digest,
        one.pk,
        table="accounts_auditseal",
    )
    assert audit.verify().broken == two


def test_while_another_is_writing_nobody_waits_long_and_nothing_is_lost() -> None:
    write(2)
    with elsewhere():
        assert audit.seal() == []
        write(2)
        assert audit.seal() == []
    assert [seal.count for seal in audit.seal()] == [5]
    assert audit.verify().whole


@pytest.mark.parametrize("model", [AuditEvent, AuditSeal])
def test_a_row_does_not_change(model) -> None:
    sealed(1)
    row = model.objects.get()
    with pytest.raises(DatabaseError, match="append-only"):
        model.objects.filter(pk=row.pk).update(id=row.pk + 1)
    with pytest.raises(DatabaseError, match="append-only"):
        row.delete()
    assert model.objects.get() == row


def test_what_leaves_by_decision_is_noted_and_the_chain_still_proves_the_rest(frozen) -> None:
    with frozen(LONG_AGO):
        first = sealed(3)
        sealed(2)
    sealed(2)
    assert retire(FIVE_YEARS_AGO) == 5
    noted = Retirement.objects.get()
    assert (noted.table_name, noted.count, noted.decision) == ("accounts_auditevent", 5, "HSN 2026/123")
    assert noted.before == FIVE_YEARS_AGO
    verdict = audit.verify()
    assert (verdict.seals, verdict.retired, verdict.events) == (3, 2, 2)
    assert verdict.whole
    sealed(1)
    by_force("DELETE FROM accounts_auditevent WHERE id = %s", AuditEvent.objects.latest("pk").pk)
    assert audit.verify().broken == AuditSeal.objects.latest("pk")
    assert first.digest == AuditSeal.objects.order_by("pk")[0].digest


def test_a_seal_whose_events_left_in_part_is_accepted_for_a_decision_only(frozen) -> None:
    with frozen(LONG_AGO):
        write(2)
    seal = sealed(2)
    by_force("DELETE FROM accounts_auditevent WHERE at < %s", FIVE_YEARS_AGO)
    assert audit.verify().broken == seal
    assert retire(FIVE_YEARS_AGO) == 0
    assert audit.verify().whole


def test_an_old_event_changed_and_not_gone_is_found_in_spite_of_a_decision(frozen) -> None:
    with frozen(LONG_AGO):
        seal = sealed(2)
    retire(LONG_AGO - timedelta(days=1))
    by_force("DELETE FROM accounts_auditevent WHERE id = %s", seal.last)
    assert audit.verify().broken == seal


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"before": clock.now() - timedelta(days=4 * 365)}, "at least five years"),
        ({"before": LONG_AGO, "decision": "  "}, "id of a decision"),
        ({"before": LONG_AGO, "table": "accounts_auditseal", "column": "sealed_at"}, "kept for good"),
        ({"before": LONG_AGO, "table": "accounts_retirement"}, "kept for good"),
    ],
)
def test_retirement_that_the_rules_do_not_allow_is_refused(arguments, why) -> None:
    with pytest.raises(DatabaseError, match=why):
        retire(**arguments)
    assert not Retirement.objects.exists()


def test_the_app_can_seal_and_cannot_retire_or_say_that_something_was_retired() -> None:
    role = f"app_{connection.settings_dict['NAME']}"
    sql(f"CREATE ROLE {role}")
    try:
        call_command("grant_app_role", role, stdout=io.StringIO())
        sql(f"SET ROLE {role}")
        write(2)
        assert [seal.count for seal in audit.seal()] == [2]
        assert audit.verify().whole
        for forbidden in (
            "SELECT portal_retire('accounts_auditevent', 'at', timestamptz '2016-01-01', 'X')",
            "INSERT INTO accounts_retirement (table_name, decision) VALUES ('accounts_auditevent', 'X')",
            "TRUNCATE accounts_auditevent",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"):
                sql(forbidden)
    finally:
        sql("RESET ROLE")
        sql(f"DROP OWNED BY {role}")
        sql(f"DROP ROLE {role}")


class TestTheCommand:
    def run(self, **options: str) -> str:
        said = io.StringIO()
        call_command("verify_audit", stdout=said, **options)
        return said.getvalue()

    def test_says_that_the_log_is_whole_and_gives_the_newest_digest(self) -> None:
        assert "Newest digest: none" in self.run()
        seal = sealed(3)
        write(1)
        said = self.run()
        assert "1 seals, 3 events as they were sealed, 1 not yet sealed" in said
        assert f"Whole. Newest digest: {seal.digest}" in said

    def test_a_digest_noted_earlier_is_still_in_the_chain(self) -> None:
        early = sealed(1)
        sealed(1)
        assert "Whole" in self.run(digest=f" {early.digest.upper()} ")

    def test_seals_cut_off_at_the_end_show_against_a_digest_noted_elsewhere(self) -> None:
        sealed(1)
        cut = sealed(1)
        by_force("DELETE FROM accounts_auditseal WHERE id = %s", cut.pk, table="accounts_auditseal")
        assert "Whole" in self.run()
        with pytest.raises(CommandError, match="made anew, cut short"):
            self.run(digest=cut.digest)

    def test_fails_for_a_monitor_when_something_was_changed(self) -> None:
        seal = sealed(2)
        by_force("UPDATE accounts_auditevent SET reason = 'x' WHERE id = %s", seal.first)
        with pytest.raises(CommandError, match=rf"NOT WHOLE\. Seal {seal.pk} "):
            self.run()

    def test_fails_for_strays(self) -> None:
        one = sealed(1)
        by_force("UPDATE accounts_auditevent SET id = %s WHERE id = %s", one.first - 1, write(1)[0].pk)
        with pytest.raises(CommandError, match="1 events from before the first seal"):
            self.run()


HISTORIES = [model for model in apps.get_models() if issubclass(model, pghistory.models.Event)]


def test_every_history_of_rights_is_append_only():
    assert {m.__name__ for m in HISTORIES} >= {
        "UserRightsEvent", "ProviderEvent", "AssignmentEvent", "VisibilityGrantEvent"
    }  # fmt: skip
    with connection.cursor() as cursor:
        for model in HISTORIES:
            cursor.execute(
                "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE '%%append_only'",
                [model._meta.db_table],
            )
            assert cursor.fetchone() == (1,), model


@pytest.mark.parametrize("right", ["is_superuser", "is_staff", "is_active"])
def test_a_right_given_by_any_door_leaves_a_trace_that_stays(right):
    person = cast.person()
    history = apps.get_model("accounts", "UserRightsEvent").objects.filter(pgh_obj_id=person.pk)
    assert history.count() == 1
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_user SET {right} = NOT {right} WHERE id = %s", [person.pk])
        cursor.execute("UPDATE accounts_user SET last_login = now() WHERE id = %s", [person.pk])
    before, after = history.order_by("pk")
    assert getattr(after, right) is not getattr(before, right)
    for change in (lambda: history.update(**{right: False}), history.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
