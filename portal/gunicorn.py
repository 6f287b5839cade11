"""gunicorn's settings, for `make run` and the container alike."""

import gc
import os
import re

from portal.env import Env


def _place(text: str) -> str | None:
    """The fault of the place to listen at, or None."""
    if text.startswith("unix:/"):
        return None
    found = re.fullmatch(r"(?:\[[0-9a-fA-F:]+\]|[\w.-]*):(\d{1,5})", text)
    return None if found and 0 < int(found[1]) < 65536 else "is no place to listen at"


_env = Env(os.environ)
bind = _env.str(
    "PORTAL_BIND",
    default="127.0.0.1:8000",
    check=_place,
    expected="an address and a port from 1 to 65535, or unix: and a path",
    example="127.0.0.1:8000",
)
worker_class = "gthread"
workers = _env.int("WEB_CONCURRENCY", default=2, minimum=1, maximum=256)
_env.check(knows_all=False)
threads = 4
timeout = 60
# As long as may be; what is longer than an address should be is told in words (portal/middleware.py).
limit_request_line = 8190
graceful_timeout = 15
max_requests, max_requests_jitter = 50_000, 5_000
# A read-only root file system has no place for a control socket.
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - memory, not a shared file
# Whom the proxy's headers are believed from; the portal's own count of proxies is PORTAL_TRUSTED_PROXIES.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
# Addresses and query strings are not logged here: django-structlog writes one line for each request, with ids.
accesslog = None
errorlog = "-"
loglevel = "warning"


# The portal is loaded once, before the processes part from one another, so that they share what does not change: the
# search's dictionaries are two fifths of a process.
preload_app = True


def when_ready(_server: object) -> None:
    """Slow or shared things are loaded before the first request, and not in somebody's first search."""
    from django.db import connections  # noqa: PLC0415 (Django is set up by now)
    from django.urls import get_resolver  # noqa: PLC0415

    from documents.search.vocabulary import warm_up  # noqa: PLC0415

    warm_up()
    get_resolver()._populate()  # type: ignore[no-untyped-call]
    # SECURITY: no connection goes along into the processes. Two that speak over one would read each other's answers.
    for connection in connections.all(initialized_only=True):
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
    gc.collect()
    # Nobody's any more to look through for what can be thrown away: it stays as it is, and in shared memory.
    gc.freeze()
    # A page makes some tens of thousands of objects and keeps few.
    gc.set_threshold(20_000, 20, 50)
