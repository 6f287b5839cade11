"""The database goes away and comes back: every answer is quick and in words, nothing is lost, and it ends by itself."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpResponse
from django.test import RequestFactory
from psycopg import errors
from psycopg_pool import PoolTimeout

from accounts.forms import opened_as
from portal import outage
from tools.server import Portal, Visitor

BROWSERLESS = "Chefläkaren har läst rutinen."


@pytest.fixture(scope="module")
def portal():
    with Portal.started("outage", demo=False, worker=False) as running:
        yield running


@pytest.fixture(autouse=True)
def _closed_again():
    yield
    outage.breaker._until = 0.0


def because(kind: type[Exception], cause: Exception) -> Exception:
    try:
        raise kind("x") from cause
    except kind as fault:
        return fault


@pytest.mark.parametrize(
    ("fault", "away"),
    [
        (because(OperationalError, PoolTimeout("no connection in time")), True),
        (because(OperationalError, psycopg.OperationalError("connection refused")), True),
        (because(OperationalError, errors.AdminShutdown("shutting down")), True),
        (because(OperationalError, errors.CannotConnectNow("starting up")), True),
        (because(OperationalError, errors.TooManyConnections("full")), True),
        (because(InterfaceError, psycopg.InterfaceError("the connection is closed")), True),
        (because(OperationalError, errors.ProgramLimitExceeded("too long")), False),
        (because(OperationalError, errors.DeadlockDetected("deadlock")), False),
        (because(OperationalError, errors.QueryCanceled("too slow")), False),
        (because(DataError, errors.DataException("out of range")), False),
        (ValueError("another"), False),
        (None, False),
    ],
)
def test_only_a_database_that_is_away_is_an_outage(fault, away):
    assert outage.is_outage(fault) is away


def send(path: str, **data) -> HttpResponse:
    return outage.answer(RequestFactory().post(path, data))


def mine() -> str:
    return opened_as._signed(opened_as.OpenedAs(7, 7))


def test_what_was_typed_is_in_the_page_to_be_sent_again():
    page = send("/avvikelser/ny/", opened_as=mine(), csrfmiddlewaretoken="t", description='En rad & "en till"')
    assert (page.status_code, page["Retry-After"]) == (503, str(outage.RETRY_AFTER))
    html = page.content.decode()
    assert 'name="description" value="En rad &amp; &quot;en till&quot;"' in html
    assert 'action="/avvikelser/ny/"' in html


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/avvikelser/ny/", {"description": "inte vår"}),
        ("/konto/login/", {"opened_as": "mine", "login": "inte vår"}),
        ("/x/", {"opened_as": "mine", "password1": "inte vår"}),
        ("/x/", {"opened_as": "7.7:wrong", "text": "inte vår"}),
    ],
)
def test_no_secret_and_nothing_of_others_is_in_the_page(path, data):
    if data.get("opened_as") == "mine":
        data = {**data, "opened_as": mine()}
    html = send(path, **data).content.decode()
    assert "inte vår" not in html
    assert "<form" not in html


def test_while_it_is_away_nobody_waits_in_a_queue():
    asked = []
    middleware = outage.OutageMiddleware(lambda request: asked.append(request.path) or HttpResponse())
    outage.breaker.trip()
    assert middleware(RequestFactory().get("/")).status_code == 503
    assert middleware(RequestFactory().get("/healthz")).status_code == 200
    assert middleware(RequestFactory().get("/readyz")).status_code == 200
    outage.breaker._until = time.monotonic() - 0.001
    assert middleware(RequestFactory().get("/")).status_code == 200
    assert asked == ["/healthz", "/readyz", "/"]


def ask(portal: Portal, path: str) -> tuple[int, float, str]:
    started = time.monotonic()
    status, _url, body = Visitor(portal).get(path)
    return status, time.monotonic() - started, body


def worker_lives(portal: Portal) -> bool:
    return portal.run("health", "--worker").returncode == 0


def test_a_worker_outlives_a_restart_of_its_database_and_is_known_to_live_or_not(portal):
    assert not worker_lives(portal)
    portal.start_worker()
    until(lambda: worker_lives(portal), 30)
    portal.kill_database()
    assert not worker_lives(portal)
    assert portal.run("health").returncode == 1
    portal.cluster.start()
    with psycopg.connect(portal.cluster.url, autocommit=True) as admin:
        admin.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    until(lambda: worker_lives(portal), 60)
    assert portal.run("health").returncode == 0
    # Does its work too, and not only says so.
    portal.manage("shell", "-c", "from accounts.forms.jobs import purge_drafts; purge_drafts.defer(timestamp=0)")
    waits = "SELECT 1 FROM procrastinate_jobs WHERE task_name = 'accounts.purge_drafts' AND status IN ('todo', 'doing')"
    with psycopg.connect(portal.cluster.url, autocommit=True) as admin:
        until(lambda: not admin.execute(waits).fetchone(), 30)
    portal.kill_worker()


def until(true: Callable[[], bool], seconds: float) -> None:
    last = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < last
        time.sleep(0.2)


def test_a_real_server_answers_through_a_restart_of_its_database(portal):
    assert ask(portal, "/dokument/")[0] == 200
    # Every connection of every process is broken behind its back: the pool hands out none of them.
    with psycopg.connect(portal.cluster.url, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    assert [ask(portal, "/dokument/")[0] for _ in range(12)] == [200] * 12

    portal.kill_database()
    with ThreadPoolExecutor(16) as crowd:
        answers = list(crowd.map(lambda _: ask(portal, "/dokument/"), range(48)))
    assert {status for status, _seconds, _body in answers} == {503}
    assert max(seconds for _status, seconds, _body in answers) < 8
    assert "hämtar andan" in answers[0][2]
    status, seconds, _body = ask(portal, "/healthz")
    assert (status, seconds < 1) == (200, True)
    status, _seconds, body = ask(portal, "/readyz")
    told = json.loads(body)
    assert (status, told["status"], told["parts"]["database"]) == (503, "down", "unavailable")
    assert told["parts"]["files"] == "ok"

    portal.cluster.start()
    back = time.monotonic() + 15
    while ask(portal, "/dokument/")[0] != 200:
        assert time.monotonic() < back, "it did not come back by itself"
        time.sleep(0.2)
    with ThreadPoolExecutor(8) as crowd:
        assert set(crowd.map(lambda _: ask(portal, "/dokument/")[0], range(24))) == {200}
    assert ask(portal, "/readyz")[0] == 200
    log = (portal.directory / "web.log").read_text()
    assert not re.search(r"host=|password", log)
