"""What the tests of a directory stand on is made once in each process, in a transaction that no test ends.

A directory's `conftest.py` says by the fixture `ensemble` which function makes it. Tests that ask for `cast` get a copy
of what it made, and run in a savepoint of that transaction. Any other test begins with the database empty: whatever
stands there is rolled back first. A transactional test makes its own, since it commits.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from core import clock
from tests.cast import Cast

Build = Callable[[], Cast]

# The database's own now() stands still in a transaction: an old stage is made anew.
LONGEST = dt.timedelta(minutes=2)


class Stage:
    """One ensemble at a time, on this process's connection."""

    def __init__(self) -> None:
        self._build: Build | None = None
        self._made: Cast | None = None
        self._since = clock.now()
        self._transaction: transaction.Atomic | None = None

    def show(self, build: Build | None) -> None:
        """From now on what `build` makes stands in the database, or nothing."""
        if self._transaction and (build is not self._build or self._is_old()):
            self._clear()
        if build and not self._transaction:
            self._transaction = transaction.atomic()
            # A savepoint of a test may be durable: Django's own mark of a transaction that a test is in.
            self._transaction._from_testcase = True  # type: ignore[attr-defined]
            self._transaction.__enter__()
            self._build, self._since = build, clock.now()
            self._made = build()
            # Left over by making it: callbacks that would run if it were committed.
            connection.run_on_commit.clear()

    def copy_of(self, build: Build) -> Cast | None:
        """What stands there, for one test to do as it likes with; None where it is not this."""
        return copy.deepcopy(self._made) if self._transaction and build is self._build else None

    def _is_old(self) -> bool:
        now = clock.now()
        return now - self._since > LONGEST or clock.swedish(now).date() != clock.swedish(self._since).date()

    def _clear(self) -> None:
        assert self._transaction
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)
        self._transaction = self._build = self._made = None


STAGE = Stage()


def commits(item: Any) -> bool:
    """Whether a test (an item or a request) commits what it does."""
    node = getattr(item, "node", item)
    marker = node.get_closest_marker("django_db")
    asked = {"transactional_db", "live_server"} & set(item.fixturenames)
    return bool(asked or (marker and (marker.kwargs.get("transaction") or marker.args[:1] == (True,))))


def stands_on_it(item: Any) -> bool:
    return "cast" in item.fixturenames and not commits(item)


def order(items: list[pytest.Item]) -> None:
    """Tests that stand on the same follow one another; the order is else as it was."""
    items.sort(key=lambda item: (commits(item), str(item.path.parent) if stands_on_it(item) else ""))
