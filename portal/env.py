"""Settings read from the environment, with every mistake told at once.

Imports nothing of Django, so that it can run before the settings exist. Use:

    env = Env(os.environ)
    SECRET_KEY = env.str("PORTAL_SECRET_KEY", secret=True, min_length=50)
    DATABASES = {"default": env.url_database("DATABASE_URL")}
    ...
    env.check()

A reader that meets a missing or bad variable notes it, gives back a stand-in and goes on; `check()` then
raises one `SettingsError` with a line for each. Every variable can instead stand in a file named by
`<NAME>_FILE` (the way of Docker and Kubernetes secrets); one trailing newline is stripped. An empty variable
counts as not set.
"""

from __future__ import annotations

import builtins
import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

PREFIX: Final = "PORTAL_"
POSTGRESQL_ENGINE: Final = "django.db.backends.postgresql"

_TRUE = frozenset({"1", "true", "yes", "on", "ja"})
_FALSE = frozenset({"0", "false", "no", "off", "nej"})
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DATABASE_EXAMPLE = "postgresql://user:password@db.example:5432/portal?sslmode=verify-full"
# A name that sounds like this holds a secret whether or not the caller said so.
_SECRET_NAME = re.compile(r"KEY|SECRET|PASSW|TOKEN|CREDENTIAL|DSN|URL", re.IGNORECASE)
# Variables that Kubernetes sets by itself for a service that happens to be called "portal".
_SERVICE_LINK = re.compile(r"PORTAL_(?:.+_)?(?:SERVICE_(?:HOST|PORT\w*)|PORT(?:_[0-9]+_(?:TCP|UDP)\w*)?)")


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Final[Any] = _Required()


class SettingsError(Exception):
    """The environment does not hold usable settings. `problems` has one line for each variable concerned."""

    def __init__(self, problems: Sequence[builtins.str] | builtins.str) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"Settings in the environment that must be mended ({len(self.problems)}):\n{lines}")


class _Unusable(Exception):
    """A value that a parser refuses; its text says why and never repeats the value."""


class Env:
    """Reads typed settings from `environ` (a mapping like `os.environ`); see the module's text for the
    use."""

    def __init__(self, environ: Mapping[builtins.str, builtins.str]) -> None:
        self._environ = environ
        self._known: set[builtins.str] = set()
        self._problems: dict[builtins.str, builtins.str] = {}

    # -- readers -----------------------------------------------------------------------------------

    def str(
        self,
        name: builtins.str,
        default: Any = REQUIRED,
        *,
        secret: builtins.bool = False,
        min_length: builtins.int = 0,
        check: Callable[[builtins.str], builtins.str | None] | None = None,
        expected: builtins.str = "",
        example: builtins.str = "",
    ) -> builtins.str:
        """Text as it stands. `check(value)` gives None, or what is wrong with it (without repeating a
        secret)."""

        def parse(raw: builtins.str) -> builtins.str:
            if len(raw) < min_length:
                raise _Unusable(f"has {len(raw)} characters")
            _apply(check, raw)
            return raw

        wanted = expected or (f"text of at least {min_length} characters" if min_length else "text")
        return self._read(name, default, parse, wanted, example or "some-text", stand_in="", secret=secret)

    def bool(self, name: builtins.str, default: Any = REQUIRED) -> builtins.bool:
        """True for 1, true, yes, on, ja; False for 0, false, no, off, nej; in any case of letters."""

        def parse(raw: builtins.str) -> builtins.bool:
            word = raw.strip().lower()
            if word not in _TRUE | _FALSE:
                raise _Unusable("is neither yes nor no")
            return word in _TRUE

        return self._read(name, default, parse, "1 or 0 (or true/false, yes/no, on/off)", "1", stand_in=False)

    def int(
        self,
        name: builtins.str,
        default: Any = REQUIRED,
        *,
        minimum: builtins.int | None = None,
        maximum: builtins.int | None = None,
        expected: builtins.str = "",
    ) -> builtins.int:
        """A whole number, within the limits (inclusive) where given."""

        def parse(raw: builtins.str) -> builtins.int:
            if not _INTEGER.fullmatch(raw.strip()):
                raise _Unusable("is not a whole number")
            number = int(raw)
            if minimum is not None and number < minimum:
                raise _Unusable("is too small")
            if maximum is not None and number > maximum:
                raise _Unusable("is too large")
            return number

        wanted = "a whole number"
        if minimum is not None and maximum is not None:
            wanted += f" from {minimum} to {maximum}"
        elif minimum is not None:
            wanted += f", {minimum} or more"
        elif maximum is not None:
            wanted += f", {maximum} or less"
        example = minimum if minimum is not None else maximum if maximum is not None else 10
        return self._read(name, default, parse, expected or wanted, builtins.str(example), stand_in=0)

    def list(
        self,
        name: builtins.str,
        default: Any = REQUIRED,
        *,
        secret: builtins.bool = False,
        check: Callable[[builtins.str], builtins.str | None] | None = None,
        expected: builtins.str = "",
        example: builtins.str = "",
    ) -> builtins.list[builtins.str]:
        """Items divided by commas or line breaks, trimmed, empty ones left out; `check` sees each."""

        def parse(raw: builtins.str) -> builtins.list[builtins.str]:
            items = [item.strip() for item in re.split(r"[,\n]", raw) if item.strip()]
            if not items:
                raise _Unusable("holds no item")
            for position, item in enumerate(items, 1):
                _apply(check, item, prefix=f"item {position} ")
            return items

        wanted = expected or "one or more items divided by commas"
        return self._read(name, default, parse, wanted, example or "one,two", stand_in=[], secret=secret)

    def choice(self, name: builtins.str, choices: Iterable[builtins.str], default: Any = REQUIRED) -> builtins.str:
        """One of `choices`, written exactly so."""
        allowed = builtins.list(choices)

        def parse(raw: builtins.str) -> builtins.str:
            word = raw.strip()
            if word not in allowed:
                near = difflib.get_close_matches(word.lower(), allowed, n=1)
                raise _Unusable("is not one of the choices" + (f", did you mean {near[0]}?" if near else ""))
            return word

        return self._read(name, default, parse, "one of " + ", ".join(allowed), allowed[0], stand_in=allowed[0])

    def url_database(self, name: builtins.str, default: Any = REQUIRED) -> dict[builtins.str, Any]:
        """An entry of Django's DATABASES from a libpq URL,
        `postgresql://user:password@host:port/name?option=value`.

        A socket's directory stands percent-encoded as host (`postgresql://%2Frun%2Fpostgresql/portal`) or as
        `?host=/run/postgresql`; several hosts are divided by commas. `host`, `port`, `user`, `password` and
        `dbname` among the options win over the parts before them; the rest (`sslmode`, `connect_timeout`, …)
        go to OPTIONS. A default may be a URL or a ready dict. The value counts as a secret.
        """
        wanted = "the address of a PostgreSQL database (percent-encode special signs in the password)"
        stand_in = {"ENGINE": POSTGRESQL_ENGINE, "NAME": "missing", "OPTIONS": {}}
        value = self._read(name, default, parse_database_url, wanted, _DATABASE_EXAMPLE, stand_in=stand_in, secret=True)
        return parse_database_url(value) if isinstance(value, builtins.str) else value

    # -- the end -----------------------------------------------------------------------------------

    def known(self, *names: builtins.str) -> None:
        """Says that `names` are read elsewhere, so that they are not taken for misspellings."""
        self._known.update(names)

    def check(self, *, knows_all: builtins.bool = True) -> None:
        """To be called when all is read. `knows_all`: no other reader knows of more variables.

        Raises SettingsError if any variable was missing or bad, or if a PORTAL_* variable that nobody read
        has a name close to one that was: a misspelt setting would otherwise be silently without effect.
        """
        problems = [*self._problems.values(), *(self._misspelt() if knows_all else ())]
        if problems:
            raise SettingsError(problems)

    def _misspelt(self) -> Iterable[builtins.str]:
        by_stem = {name.removeprefix(PREFIX): name for name in sorted(self._known)}
        for name in sorted(self._environ):
            upper = name.upper()
            if not upper.startswith(PREFIX) or _SERVICE_LINK.fullmatch(upper):
                continue
            suffix = "_FILE" if upper.endswith("_FILE") else ""
            if name in self._known or (suffix and name.removesuffix(suffix) in self._known):
                continue
            stem = upper.removesuffix(suffix).removeprefix(PREFIX)
            near = difflib.get_close_matches(stem, by_stem, n=1, cutoff=0.8)
            if near:
                yield f"{name}: no such setting, did you mean {by_stem[near[0]]}{suffix}?"

    # -- within ------------------------------------------------------------------------------------

    def _read(
        self,
        name: builtins.str,
        default: Any,
        parse: Callable[[builtins.str], Any],
        expected: builtins.str,
        example: builtins.str,
        *,
        stand_in: Any,
        secret: builtins.bool = False,
    ) -> Any:
        self._known.add(name)
        hint = f"Expected {expected}, for example {name}={example}"
        try:
            raw = self._raw(name)
            if raw is None:
                if default is REQUIRED:
                    raise _Unusable("is missing")
                return builtins.list(default) if isinstance(default, builtins.list) else default
        except _Unusable as problem:
            self._problems[name] = f"{name}: {problem}. {hint}"
            return stand_in
        try:
            return parse(raw)
        except _Unusable as problem:
            # SECURITY: a bad value is shown only where neither the caller nor the name makes it a secret, and
            # never where it came from a file: who mounts a file has a reason to keep it out of logs.
            open_value = not secret and not _SECRET_NAME.search(name) and self._environ.get(name)
            shown = f" ({_short(raw)})" if open_value else ""
            self._problems[name] = f"{name}: {problem}{shown}. {hint}"
            return stand_in

    def _raw(self, name: builtins.str) -> builtins.str | None:
        direct, path = self._environ.get(name) or None, self._environ.get(f"{name}_FILE") or None
        if path is None:
            return direct
        if direct is not None:
            raise _Unusable(f"is set both by itself and by {name}_FILE; keep one of them")
        try:
            text = Path(path).read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            # `from None`: the codec's error carries the bytes of what may be a secret.
            raise _Unusable(f"cannot be read from the file {path} ({name}_FILE): it is not UTF-8 text") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a usable path"
            raise _Unusable(f"cannot be read from the file {path} ({name}_FILE): {reason}") from None
        return text.removesuffix("\n").removesuffix("\r") or None if text.endswith("\n") else text or None


def _apply(
    check: Callable[[builtins.str], builtins.str | None] | None,
    value: builtins.str,
    prefix: builtins.str = "",
) -> None:
    if check and (wrong := check(value)):
        raise _Unusable(prefix + wrong)


def _short(raw: builtins.str) -> builtins.str:
    return repr(raw if len(raw) <= 40 else raw[:40] + "…")


def parse_database_url(url: builtins.str) -> dict[builtins.str, Any]:
    """The dict that `Env.url_database` gives. Raises an error whose text never repeats any part of `url`."""
    url = url.strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _Unusable("is not a readable address") from None
    if parts.scheme not in {"postgresql", "postgres"}:
        raise _Unusable("does not start with postgresql://")
    if not url[len(parts.scheme) :].startswith("://") or parts.fragment or "#" in url:
        raise _Unusable("is not a readable address; write # as %23 and / in a password as %2F")
    if _BAD_ESCAPE.search(url):
        raise _Unusable("has a % that is no percent-encoding; write it as %25")

    login, _, place = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    hosts, ports = _hosts(place)
    try:
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise _Unusable("has options that are not of the form ?name=value&name=value") from None
    options = dict(pairs)
    if len(options) < len(pairs):
        raise _Unusable("gives the same option twice")
    result: dict[builtins.str, Any] = {
        "ENGINE": POSTGRESQL_ENGINE,
        "NAME": options.pop("dbname", unquote(parts.path.removeprefix("/"))),
        "USER": options.pop("user", unquote(user)),
        "PASSWORD": options.pop("password", unquote(password)),
        "HOST": options.pop("host", hosts),
        "PORT": options.pop("port", ports),
        "OPTIONS": options,
    }
    if not result["NAME"]:
        raise _Unusable("names no database after the host")
    if any(
        port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536) for port in result["PORT"].split(",")
    ):
        raise _Unusable("has a port that is not a number from 1 to 65535")
    return result


def _hosts(place: builtins.str) -> tuple[builtins.str, builtins.str]:
    """Hosts and ports of a URL, each divided by commas as libpq wants them.

    Split by hand: `urlsplit().hostname` lowers the letters, and a socket's directory may have capitals.
    """
    hosts, ports = [], []
    for one in place.split(","):
        if one.startswith("["):
            host, closed, rest = one[1:].partition("]")
            if not closed or (rest and not rest.startswith(":")):
                raise _Unusable("has an IPv6 host that is not of the form [::1]:5432")
            port = rest[1:]
        else:
            host, _, port = one.partition(":")
        hosts.append(unquote(host))
        ports.append(port)
    return ",".join(hosts), ",".join(ports) if any(ports) else ""
