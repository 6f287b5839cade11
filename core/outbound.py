"""The one door to other hosts: an address that stands in a document is asked whether it is still there.

Off unless the operator opens it (`PORTAL_OUTBOUND`). SECURITY: an address in a text is a stranger's. Only http and
https at their usual ports, and only public addresses: the name is resolved first, each of its addresses must be public,
and the connection goes to the one that was looked at, so that a name cannot mean another host a moment later. Each
redirection is looked at in the same way. Nothing of the portal is sent, and little is read.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

SECONDS = 10.0
REDIRECTIONS = 4
_PORTS = {"http": 80, "https": 443}
_HEADERS = {"User-Agent": "Vardgivarwebben-link-check", "Accept": "*/*", "Connection": "close"}
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotAllowed(Exception):
    """The address leads where the door does not go: another scheme or port, or a host that is not public."""


@dataclass(frozen=True)
class Answer:
    """The status of the last answer; 0 where the host is not to be found or gave none, `why` says so in a word."""

    status: int
    why: str = ""

    @property
    def is_gone(self) -> bool:
        """Nothing is there any more. One that refuses strangers, is busy or is slow may well be there."""
        return self.status in (404, 410) or self.why == "no_host"


def is_public(address: Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_global and not address.is_multicast


def ask(url: str, *, may_connect: Callable[[Address], bool] = is_public, ports: dict[str, int] | None = None) -> Answer:
    """Asks for the head of what is at an address. Raises NotAllowed before anything is sent. `may_connect` and `ports`
    are for tests, whose server is on the machine itself."""
    for _n in range(REDIRECTIONS + 1):
        try:
            status, onwards = _one(url, may_connect, ports or _PORTS)
        except _NoHost:
            return Answer(0, "no_host")
        except (OSError, http.client.HTTPException, ValueError):
            return Answer(0, "no_answer")
        if not onwards:
            return Answer(status)
        url = urljoin(url, onwards)
    return Answer(0, "redirected")


class _NoHost(Exception):
    pass


def _one(url: str, may_connect: Callable[[Address], bool], ports: dict[str, int]) -> tuple[int, str]:
    parts = urlsplit(url)
    if parts.scheme not in ports or not parts.hostname or parts.username is not None:
        raise NotAllowed(url)
    port = parts.port or ports[parts.scheme]
    if port != ports[parts.scheme]:
        raise NotAllowed(url)
    host = parts.hostname
    connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    connection.sock = _connected(_resolved(host, port, may_connect), port, host if parts.scheme == "https" else "")
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("HEAD", target, headers=_HEADERS)
        response = connection.getresponse()
        if response.status in (405, 501):  # it knows no HEAD: it is there
            return 200, ""
        return response.status, response.headers.get("Location", "") if 300 <= response.status < 400 else ""
    finally:
        connection.close()


def _resolved(host: str, port: int, may_connect: Callable[[Address], bool]) -> Address:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise _NoHost from error
    addresses = [ipaddress.ip_address(str(where[0]).partition("%")[0]) for *_kind, where in found]
    # SECURITY: all of them, since which one is taken is not ours to say.
    if not addresses or not all(map(may_connect, addresses)):
        raise NotAllowed(host)
    return addresses[0]


def _connected(address: Address, port: int, host: str) -> socket.socket:
    """A connection to just this address; `host`: whose certificate is asked for, of https."""
    plain = socket.create_connection((str(address), port), timeout=SECONDS)
    if not host:
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise
