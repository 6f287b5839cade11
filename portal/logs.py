"""The logged facts, and their form: one JSON object a line in production, coloured lines in development.

Logs hold ids, verbs, states and durations. They never hold texts, names, addresses, search words or query
strings: `scrub` is the last step before a line is written and removes what slips through.
"""

import errno
import sys
import time
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

# SECURITY: an allow-list, so that a new key is dropped until somebody has thought about it.
ALLOWED = {
    "event", "level", "timestamp", "logger", "request_id", "user_id", "code", "request", "task", "job_id", "verb",
    "outcome", "count", "seconds", "error_code", "kind", "document_id", "version_id", "case_id", "party_id",
    "notice_id", "seal", "digest", "file", "app", "exception", "exc_info", "record", "lineno", "pathname",
}  # fmt: skip


def scrub(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop keys that are not allowed, and query strings (they hold search words)."""
    for key in [k for k in event if k not in ALLOWED and not k.startswith("_")]:
        del event[key]
    if "request" in event:
        event["request"] = str(event["request"]).split("?", 1)[0]
    return event


class _Exceptions:
    """Tracebacks without messages: an exception's text may quote a person's input."""

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        info = event.pop("exc_info", None)
        if info is True:
            info = sys.exc_info()
        if isinstance(info, BaseException):
            info = (type(info), info, info.__traceback__)
        if isinstance(info, tuple) and info[0]:
            frames = traceback.extract_tb(info[2])[-6:]
            # The name of a fault of the system: a full disk is told from a read-only one. Its text may hold a path.
            number = (info[1].errno or 0) if isinstance(info[1], OSError) else 0
            kind = " ".join(filter(None, (info[0].__name__, errno.errorcode.get(number))))
            event["exception"] = f"{kind} at " + " < ".join(
                f"{f.filename.rsplit('/', 2)[-2]}/{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in reversed(frames)
            )
        return event


def configure(*, as_json: bool, level: str) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    _Exceptions(),
                    scrub,
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    renderer,
                ],
                # Values logged with `extra=` stand in the line as well, if `scrub` lets them.
                "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder()],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": ["console"], "level": level, "propagate": False},
            # Its lines repeat what the request line says, with the query string.
            "django.request": {"level": "ERROR", "handlers": ["console"], "propagate": False},
            "django.server": {"level": "WARNING", "handlers": ["console"], "propagate": False},
            "procrastinate": {"level": "WARNING", "handlers": ["console"], "propagate": False},
        },
    }


def began(sender: object, request: Any, **_more: Any) -> None:
    request.began = time.monotonic()


def timed(sender: object, request: Any, log_kwargs: dict[str, Any], **_more: Any) -> None:
    """How long the answer to a request took, in the line that tells of it."""
    log_kwargs["seconds"] = round(time.monotonic() - getattr(request, "began", time.monotonic()), 3)
