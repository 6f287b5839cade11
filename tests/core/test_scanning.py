"""A file passes the scanner only on its plain word, whatever else the scanner or the network does.

No scanner is at hand here: the peers below are small servers that speak the two protocols over real sockets, and judge
by what they received.
"""

from __future__ import annotations

import contextlib
import hashlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.files.scanning import ScanStatus, configured_scan, scan

# The test string of the anti-malware industry, in two halves so that this file itself is not taken for one.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@contextlib.contextmanager
def served(listener: socket.socket, talk: Callable[[socket.socket], None]) -> Iterator[None]:
    """Answers one connection at a time with `talk` until the block is left."""
    listener.listen()
    stop = threading.Event()

    def serve() -> None:
        while True:
            connection, _ = listener.accept()
            with connection:
                if stop.is_set():
                    return
                with contextlib.suppress(OSError, EOFError):
                    talk(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        with socket.socket(listener.family) as knock:
            knock.connect(listener.getsockname())
        thread.join(10)
        listener.close()


@contextlib.contextmanager
def tcp(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    with served(listener, talk):
        yield listener.getsockname()[1]


def receive(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def until(connection: socket.socket, mark: bytes) -> bytes:
    data = b""
    while not data.endswith(mark):
        data += receive(connection, 1)
    return data


def clamd(limit: int = 10_000_000) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        assert until(connection, b"\0") == b"zINSTREAM\0"
        data = b""
        while size := struct.unpack(">I", receive(connection, 4))[0]:
            data += receive(connection, size)
            if len(data) > limit:
                connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        connection.sendall(b"stream: Eicar-Signature FOUND\0" if EICAR in data else b"stream: OK\0")

    return talk


def icap_request(connection: socket.socket) -> tuple[str, bytes, bytes]:
    """The request line, the encapsulated headers, and the file as it came."""
    head = until(connection, b"\r\n\r\n").decode()
    lines = head.split("\r\n")
    encapsulated = next(line for line in lines if line.lower().startswith("encapsulated:"))
    offset = int(encapsulated.rpartition("res-body=")[2])
    headers = receive(connection, offset)
    body = b""
    while size := int(until(connection, b"\r\n"), 16):
        body += receive(connection, size)
        assert receive(connection, 2) == b"\r\n"
    assert receive(connection, 2) == b"\r\n"
    return lines[0], headers, body


HTTP_OK = b"HTTP/1.1 200 OK\r\n\r\n"


def returned(body: bytes, http: bytes = HTTP_OK, extra: bytes = b"") -> bytes:
    head = b"ICAP/1.0 200 OK\r\n%sEncapsulated: res-hdr=0, res-body=%d\r\n\r\n" % (extra, len(http))
    return head + http + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def icap(connection: socket.socket) -> None:
    line, headers, body = icap_request(connection)
    assert line.startswith("RESPMOD icap://127.0.0.1:")
    assert line.endswith("/avscan ICAP/1.0")
    assert headers.endswith(b"Content-Length: %d\r\n\r\n" % len(body))
    if EICAR in body:
        found = b"X-Infection-Found: Type=0; Resolution=2; Threat=EICAR Test;\r\n"
        connection.sendall(returned(b"blocked", b"HTTP/1.1 403 Forbidden\r\n\r\n", found))
    else:
        connection.sendall(b"ICAP/1.0 204 No modifications\r\nX-Infection-Found: \r\n\r\n")


@pytest.fixture
def clean(tmp_path) -> Path:
    path = tmp_path / "clean"
    path.write_bytes(hashlib.sha256(b"x").digest() * 10_000)  # several pieces
    return path


@pytest.fixture
def infected(tmp_path) -> Path:
    path = tmp_path / "infected"
    path.write_bytes(b"x" * 70_000 + EICAR)
    return path


def test_clamd_tells_clean_from_infected_over_tcp(clean, infected):
    with tcp(clamd()) as port:
        found = scan(clean, url=f"clamd://127.0.0.1:{port}")
        assert (found.status, found.may_pass) == (ScanStatus.CLEAN, True)
        found = scan(infected, url=f"clamd://127.0.0.1:{port}", required=False)
        assert (found.status, found.signature, found.may_pass) == (
            ScanStatus.INFECTED,
            "Eicar-Signature",
            False,
        )


def test_clamd_is_asked_over_a_unix_socket(clean, infected, tmp_path_factory):
    path = tmp_path_factory.mktemp("s") / "c"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    with served(listener, clamd()):
        assert scan(clean, url=f"clamd-unix://{path}").status == ScanStatus.CLEAN
        assert scan(infected, url=f"clamd-unix://{path}").status == ScanStatus.INFECTED


def test_a_file_over_clamds_own_limit_is_not_taken_for_clean(clean):
    with tcp(clamd(limit=70_000)) as port:
        found = scan(clean, url=f"clamd://127.0.0.1:{port}")
    assert (found.status, found.may_pass) == (ScanStatus.UNAVAILABLE, False)


def test_icap_tells_clean_from_infected(clean, infected):
    with tcp(icap) as port:
        assert scan(clean, url=f"icap://127.0.0.1:{port}/avscan").status == ScanStatus.CLEAN
        found = scan(infected, url=f"icap://127.0.0.1:{port}/avscan")
    assert (found.status, found.signature, found.may_pass) == (ScanStatus.INFECTED, "EICAR Test", False)


def test_an_icap_server_that_returns_the_file_itself_found_it_clean(clean):
    with tcp(lambda connection: connection.sendall(returned(icap_request(connection)[2]))) as port:
        assert scan(clean, url=f"icap://127.0.0.1:{port}/x").status == ScanStatus.CLEAN


@pytest.mark.parametrize("answer", [returned(b"blocked by policy"), returned(b"", b"HTTP/1.1 403 Forbidden\r\n\r\n")])
def test_an_icap_server_that_puts_something_in_the_files_place_found_something(clean, answer):
    def talk(connection):
        icap_request(connection)
        connection.sendall(answer)

    with tcp(talk) as port:
        assert scan(clean, url=f"icap://127.0.0.1:{port}/x").status == ScanStatus.INFECTED


def test_a_scanner_that_says_clean_before_it_has_seen_the_whole_file_is_not_believed(tmp_path):
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(60_000_000)

    def hasty(connection):
        until(connection, b"\r\n\r\n")
        connection.sendall(b"ICAP/1.0 204 No modifications\r\n\r\n")
        # Closing with unread bytes resets the connection while the other side still sends.

    with tcp(hasty) as port:
        assert scan(large, url=f"icap://127.0.0.1:{port}/x").status == ScanStatus.UNAVAILABLE


@pytest.mark.parametrize("scheme", ["clamd", "icap"])
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"ICAP/1.0 500 Server error\r\n\r\n",
        b"ICAP/1.0 404 Service not found\r\n\r\n",
        b"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=19\r\n\r\n" + HTTP_OK + b"ff\r\nshort",
        b"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=19\r\n\r\n" + HTTP_OK + b"zz\r\n",
        b"stream: lstat() failed: No such file. ERROR\0",
        b"OKAY\0",
        b"x" * 200_000,
    ],
)
def test_an_answer_that_is_no_verdict_closes_the_door(clean, scheme, answer):
    def talk(connection):
        if scheme == "icap":
            icap_request(connection)
        else:
            until(connection, b"\0")
            while size := struct.unpack(">I", receive(connection, 4))[0]:
                receive(connection, size)
        connection.sendall(answer)

    with tcp(talk) as port:
        found = scan(clean, url=f"{scheme}://127.0.0.1:{port}/x")
    assert (found.status, found.may_pass) == (ScanStatus.UNAVAILABLE, False)
    assert found.detail


def test_a_scanner_that_never_answers_is_left_after_the_time_given(clean):
    release = threading.Event()

    def silent(connection):
        release.wait(20)

    with tcp(silent) as port:
        found = scan(clean, url=f"clamd://127.0.0.1:{port}", timeout=0.3)
        release.set()
    assert found.status == ScanStatus.UNAVAILABLE
    assert "Timeout" in found.detail


def test_a_scanner_that_is_not_there_closes_the_door_only_where_one_is_required(clean, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for url in (
        f"clamd://127.0.0.1:{port}",
        f"icap://127.0.0.1:{port}/x",
        f"clamd-unix://{tmp_path}/none",
        "clamd://127.0.0.1:99999",
        "http://127.0.0.1/",
        "clamd",
    ):
        strict, lenient = scan(clean, url=url), scan(clean, url=url, required=False)
        assert (strict.status, strict.may_pass) == (ScanStatus.UNAVAILABLE, False)
        assert (lenient.status, lenient.may_pass) == (ScanStatus.UNAVAILABLE, True)


def test_without_a_scanner_the_installations_own_rule_decides(clean, settings):
    settings.FILE_SCANNER_URL = ""
    settings.FILE_SCANNER_REQUIRED = False
    assert configured_scan(clean).status == ScanStatus.NOT_CONFIGURED
    assert configured_scan(clean).may_pass is True
    settings.FILE_SCANNER_REQUIRED = True
    assert configured_scan(clean).status == ScanStatus.NOT_CONFIGURED
    assert configured_scan(clean).may_pass is False


def test_the_configured_scanner_is_the_one_that_is_asked(infected, settings):
    with tcp(clamd()) as port:
        settings.FILE_SCANNER_URL = f"clamd://127.0.0.1:{port}"
        settings.FILE_SCANNER_REQUIRED = False
        found = configured_scan(infected)
    assert (found.status, found.may_pass) == (ScanStatus.INFECTED, False)


def test_what_a_scanner_calls_its_find_is_shortened_and_made_printable(clean):
    def talk(connection):
        until(connection, b"\0")
        while size := struct.unpack(">I", receive(connection, 4))[0]:
            receive(connection, size)
        connection.sendall(b"stream: " + b"\x1b[31m" + b"A" * 500 + b" FOUND\0")

    with tcp(talk) as port:
        found = scan(clean, url=f"clamd://127.0.0.1:{port}")
    assert found.status == ScanStatus.INFECTED
    assert found.signature.isprintable()
    assert len(found.signature) <= 100
