"""The database is away: answered at once, in words, with nothing typed lost, and over by itself when it is back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.db import Error, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.forms import opened_as

log = logging.getLogger(__name__)

# Seconds a browser or a robot is asked to wait before it tries again.
RETRY_AFTER = 5
# After a connection could not be had, nobody waits for one this long: one request a second finds out if it is back.
CLOSED_SECONDS = 1.0
# The server's words when it goes away, is starting, or has no room (SQLSTATE classes 08, 57P and 53).
_AWAY = ("08", "57P0", "533")
# Asked by machines that must hear of the fault itself.
_PROBES = ("/healthz", "/readyz")


def is_outage(fault: BaseException | None) -> bool:
    """Whether a fault means that there is no database to speak to, and not that it refused what was asked."""
    if not isinstance(fault, Error):
        return False
    state = getattr(fault.__cause__, "sqlstate", None)
    if state:
        return str(state).startswith(_AWAY)
    # Without a state it was never the server that answered: no connection, none in time, or one that broke off.
    return isinstance(fault, InterfaceError) or type(fault.__cause__).__name__ in ("OperationalError", "PoolTimeout")


class _Breaker:
    """Remembers that the database was away a moment ago, so that visitors do not wait for it one by one."""

    def __init__(self) -> None:
        self._until = 0.0

    def trip(self) -> None:
        self._until = time.monotonic() + CLOSED_SECONDS

    @property
    def is_open(self) -> bool:
        return time.monotonic() < self._until


breaker = _Breaker()


class OutageMiddleware:
    """Outermost of what needs the database: while it is away, nothing is tried that would hang."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if breaker.is_open and request.path not in _PROBES:
            return answer(request)
        return self.get_response(request)


def failed(request: HttpRequest, fault: BaseException | None) -> HttpResponse | None:
    """The answer to a request that an outage stopped; None where the fault is another."""
    if not is_outage(fault):
        return None
    breaker.trip()
    log.error("the database is away", extra={"error_code": type(getattr(fault, "__cause__", None)).__name__})
    return answer(request)


def answer(request: HttpRequest) -> HttpResponse:
    """503 with Retry-After. Text that was typed in a form of ours is in the page, to be sent again with one press."""
    response = render(None, "503.html", {"typed": _typed(request), "path": request.get_full_path()}, status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    return response


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    try:
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
    except Exception:  # whatever is wrong with what was sent, the answer is the same
        return []
    # SECURITY: as where a protection has run out: only what our own form carried, and never passwords or codes. The
    # form's own token goes along and is checked as ever when it is sent again.
    ours = opened_as.read(request.POST.get(opened_as.FIELD, "")) is not None
    secret = request.path.startswith(opened_as.PERSONAL) or any("password" in name for name, _value in fields)
    return fields if ours and not secret and not request.FILES else []
