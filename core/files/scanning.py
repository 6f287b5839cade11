"""Asks a virus scanner about a file: ClamAV's clamd (INSTREAM), or any scanner behind ICAP (RESPMOD, RFC
3507).

The scanner is named by an address: `clamd://host:port`, `clamd-unix:///path/to/socket` or
`icap://host:port/service`. A scanner that cannot be asked, or answers something unknown, has not found the
file clean.
"""

from __future__ import annotations

import hashlib
import logging
import os
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

log = logging.getLogger(__name__)

CLAMD_PORT = 3310
ICAP_PORT = 1344
_CHUNK = 64 * 1024
_MAX_HEADER = 64 * 1024


class ScanStatus(StrEnum):
    CLEAN = "clean"
    INFECTED = "infected"
    UNAVAILABLE = "unavailable"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True)
class ScanResult:
    """The scanner's word. `signature` names what was found; `detail` says why a scanner could not be asked,
    for the log.

    `may_pass` is the decision: whether the file may be stored and shown.
    """

    status: ScanStatus
    signature: str = ""
    detail: str = ""
    may_pass: bool = False


class _Unavailable(Exception):
    pass


def configured_scan(path: str | os.PathLike[str]) -> ScanResult:
    """Scans with `settings.FILE_SCANNER_URL`; `settings.FILE_SCANNER_REQUIRED` closes the door when nobody
    can say.

    With a scanner required, only a file found clean may pass. Without, a file that could not be scanned
    passes and the log says so; an infected one never does.
    """
    return scan(path, url=settings.FILE_SCANNER_URL or "", required=settings.FILE_SCANNER_REQUIRED)


def scan(path: str | os.PathLike[str], *, url: str, timeout: float = 60.0, required: bool = True) -> ScanResult:
    """Asks the scanner at `url` about the file at `path`, within `timeout` seconds for everything.

    An empty `url` gives `not_configured`. Never raises for what the scanner or the network does; a file that
    cannot be opened raises `OSError`.
    """
    # SECURITY: whatever is not a plain "clean" passes only where the installation has said that scanning is
    # optional.
    lenient = not required
    if not url:
        return ScanResult(ScanStatus.NOT_CONFIGURED, may_pass=lenient)
    with open(path, "rb") as file:
        try:
            signature = _ask(url, file.fileno(), time.monotonic() + timeout)
        except (OSError, _Unavailable, ValueError) as problem:
            detail = f"{type(problem).__name__}: {problem}"[:200]
            log.error("file scanner could not be asked", extra={"detail": detail, "file_passes": lenient})
            return ScanResult(ScanStatus.UNAVAILABLE, detail=detail, may_pass=lenient)
    if signature:
        return ScanResult(ScanStatus.INFECTED, signature=signature)
    return ScanResult(ScanStatus.CLEAN, may_pass=True)


def _ask(url: str, file: int, deadline: float) -> str:
    """The name of what was found, or an empty string for a clean file."""
    address = urlsplit(url)
    if address.scheme == "clamd" and address.hostname:
        with _Line.tcp(address.hostname, address.port or CLAMD_PORT, deadline) as line:
            return _clamd(line, file)
    if address.scheme == "clamd-unix" and address.path:
        with _Line.unix(address.path, deadline) as line:
            return _clamd(line, file)
    if address.scheme == "icap" and address.hostname:
        with _Line.tcp(address.hostname, address.port or ICAP_PORT, deadline) as line:
            return _icap(line, address, file)
    raise _Unavailable("FILE_SCANNER_URL is no address of a scanner")


def _pieces(file: int) -> Iterator[bytes]:
    os.lseek(file, 0, os.SEEK_SET)
    while piece := os.read(file, _CHUNK):
        yield piece


class _Line:
    """A connection on which everything together has to be done before one deadline."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._socket = connection
        self._deadline = deadline
        self._buffer = b""

    @classmethod
    def tcp(cls, host: str, port: int, deadline: float) -> _Line:
        return cls(socket.create_connection((host, port), timeout=max(0.01, deadline - time.monotonic())), deadline)

    @classmethod
    def unix(cls, path: str, deadline: float) -> _Line:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line = cls(connection, deadline)
        try:
            line._arm()
            connection.connect(path)
        except BaseException:
            connection.close()
            raise
        return line

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _arm(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("deadline passed")
        self._socket.settimeout(left)

    def send(self, data: bytes) -> None:
        self._arm()
        self._socket.sendall(data)

    def _fill(self) -> bool:
        self._arm()
        data = self._socket.recv(_CHUNK)
        self._buffer += data
        return bool(data)

    def until(self, mark: bytes) -> bytes:
        """Everything up to and with `mark`."""
        while mark not in self._buffer:
            if len(self._buffer) > _MAX_HEADER:
                raise _Unavailable("answer too long")
            if not self._fill():
                raise _Unavailable("connection closed in the middle of an answer")
        found, self._buffer = self._buffer.split(mark, 1)
        return found + mark

    def exactly(self, size: int) -> Iterator[bytes]:
        """The next `size` bytes, in pieces."""
        while size:
            if not self._buffer and not self._fill():
                raise _Unavailable("connection closed in the middle of an answer")
            piece, self._buffer = self._buffer[:size], self._buffer[size:]
            size -= len(piece)
            yield piece


# --- clamd --------------------------------------------------------------------------------------------------


def _clamd(line: _Line, file: int) -> str:
    try:
        line.send(b"zINSTREAM\0")
        for piece in _pieces(file):
            line.send(struct.pack(">I", len(piece)) + piece)
        line.send(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        pass  # clamd hangs up on a stream over its limit, after it has said so
    answer = line.until(b"\0").rstrip(b"\0").decode("utf-8", "replace").strip()
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return ""
    if verdict.endswith(" FOUND"):
        return _name(verdict.removesuffix(" FOUND"))
    raise _Unavailable(f"clamd: {_name(answer)}")


def _name(text: str) -> str:
    return "".join(char for char in text if char.isprintable()).strip()[:100] or "unnamed"


# --- ICAP ---------------------------------------------------------------------------------------------------

# Different makers' names for the same thing.
_FOUND_HEADERS = ("x-infection-found", "x-virus-id", "x-violations-found", "x-virus-name", "x-blocked")


def _icap(line: _Line, address: SplitResult, file: int) -> str:
    """Shows the file to the scanner as a web server's answer, and reads what became of it."""
    size = os.fstat(file).st_size
    # A neutral name: the scanner's log is no place for what a document is called.
    request = b"GET http://portal.invalid/file HTTP/1.1\r\nHost: portal.invalid\r\n\r\n"
    response = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n" % size
    host = f"{address.hostname}:{address.port or ICAP_PORT}"
    service = (address.path or "/") + (f"?{address.query}" if address.query else "")
    header = (
        f"RESPMOD icap://{host}{service} ICAP/1.0\r\n"
        f"Host: {host}\r\n"
        "Allow: 204\r\n"
        "Connection: close\r\n"
        f"Encapsulated: req-hdr=0, res-hdr={len(request)}, res-body={len(request) + len(response)}\r\n\r\n"
    )
    sent = hashlib.sha256()
    whole = True
    try:
        line.send(header.encode("ascii") + request + response)
        for piece in _pieces(file):
            sent.update(piece)
            line.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        line.send(b"0\r\n\r\n")
    except (BrokenPipeError, ConnectionResetError):
        whole = False  # a scanner may say no before it has seen the end; it cannot say yes
    return _icap_verdict(line, sent.digest() if whole else None)


def _icap_verdict(line: _Line, sent: bytes | None) -> str:
    status, headers = _head(line, b"ICAP/")
    for header in _FOUND_HEADERS:
        # Some scanners send the header on clean files too, with nothing in it.
        if headers.get(header, "").strip().lower() not in ("", "0", "none", "false", "-"):
            return _found(headers[header])
    if status == 204 and sent is not None:
        return ""
    if status != 200 or sent is None:
        raise _Unavailable(f"ICAP answered {status}")
    return _returned_page(line, headers.get("encapsulated", ""), sent)


def _found(value: str) -> str:
    """`Type=0; Resolution=2; Threat=Eicar;` as X-Infection-Found has it, or a bare name."""
    for part in value.split(";"):
        key, equals, threat = part.strip().partition("=")
        if equals and key.lower() == "threat":
            return _name(threat)
    return _name(value)


def _returned_page(line: _Line, encapsulated: str, sent: bytes) -> str:
    """A scanner that sends 200 returns either the very file (clean) or something in its place (blocked)."""
    parts = [part.strip().partition("=")[0].lower() for part in encapsulated.split(",")]
    http_status = 200
    if "req-hdr" in parts:
        line.until(b"\r\n\r\n")
    if "res-hdr" in parts:
        http_status, _http_headers = _head(line, b"HTTP/")
    if "res-body" not in parts or http_status != 200:
        return "replaced by the scanner"
    returned = hashlib.sha256()
    while True:
        size_line = line.until(b"\r\n").split(b";")[0].strip()
        size = int(size_line, 16)
        if size < 0:
            raise _Unavailable("ICAP: chunk of negative size")
        if size == 0:
            break
        for piece in line.exactly(size):
            returned.update(piece)
        line.until(b"\r\n")
    return "" if returned.digest() == sent else "replaced by the scanner"


def _head(line: _Line, protocol: bytes) -> tuple[int, dict[str, str]]:
    first, *rest = line.until(b"\r\n\r\n").decode("latin-1").strip().split("\r\n")
    version, _, remainder = first.partition(" ")
    if not version.startswith(protocol.decode()) or not remainder[:3].isdigit():
        raise _Unavailable("scanner speaks another protocol")
    headers = {}
    for header in rest:
        name, _, value = header.partition(":")
        headers[name.strip().lower()] = value.strip()
    return int(remainder[:3]), headers
