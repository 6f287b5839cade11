"""What every test stands on. The cast is in tests/cast.py, made once for many tests by tests/stage.py; the database
server is in tools/cluster.py.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from core import clock
from tests import cast as people
from tests import stage


def pytest_collection_finish() -> None:
    """What is loaded by now stays for the whole run: not to be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    stage.order(items)


@pytest.fixture
def ensemble() -> stage.Build:
    """What makes the `cast` of a directory's tests; each may have its own."""
    return _ensemble


def _ensemble() -> people.Cast:
    return people.make(people.Cast)


@pytest.fixture
def _stage(
    request: pytest.FixtureRequest, ensemble: stage.Build, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock():
        stage.STAGE.show(ensemble if stage.stands_on_it(request) else None)


@pytest.fixture
def _django_db_helper(_stage: None, _django_db_helper: None) -> None:
    """pytest-django's own, which begins the test's transaction: after the stage has begun its."""


@pytest.fixture
def cast(ensemble: stage.Build, db: None) -> people.Cast:
    return stage.STAGE.copy_of(ensemble) or ensemble()


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
