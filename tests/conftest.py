"""What every test stands on. The cast is in tests/cast.py; the database server in tools/cluster.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import translation

from accounts import clock


@pytest.fixture(autouse=True)
def _swedish_to_begin_with() -> None:
    """A request in English leaves its language in the thread: the next test of the process does not inherit it."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _no_jobs_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Procrastinate's tables are outside Django's `flush`: a transactional test clears its jobs itself."""
    yield
    if request.node.get_closest_marker("django_db") and request.node.get_closest_marker("django_db").kwargs.get(
        "transaction"
    ):
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_events CASCADE")


@pytest.fixture
def frozen():
    """`with frozen(moment):` sets the portal's clock."""
    return clock.frozen
