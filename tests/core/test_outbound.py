"""The one door out: public addresses only, looked at before anything is sent, each redirection too."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from core import outbound


class Site(BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_HEAD(self) -> None:
        Site.asked.append(self.path)
        status = {"/there": 200, "/gone": 404, "/busy": 503, "/no-head": 405, "/loop": 302, "/on": 301, "/in": 302}
        self.send_response(status.get(self.path, 410))
        onwards = {"/loop": "/loop", "/on": "/there", "/in": "http://10.0.0.7/there"}.get(self.path)
        if onwards:
            self.send_header("Location", onwards)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[int]:
    Site.asked = []
    server = HTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def on_this_machine(address: outbound.Address) -> bool:
    return address.is_loopback


def ask(port: int, path: str) -> outbound.Answer:
    return outbound.ask(f"http://localhost:{port}{path}", may_connect=on_this_machine, ports={"http": port})


@pytest.mark.parametrize(
    ("path", "status", "is_gone"),
    [
        ("/there", 200, False),
        ("/gone", 404, True),
        ("/busy", 503, False),
        ("/no-head", 200, False),
        ("/on", 200, False),
    ],
)
def test_what_an_address_answers(site: int, path: str, status: int, is_gone: bool):
    answer = ask(site, path)
    assert (answer.status, answer.is_gone) == (status, is_gone)


def test_round_and_round_is_no_answer(site: int):
    assert ask(site, "/loop") == outbound.Answer(0, "redirected")
    assert len(Site.asked) == outbound.REDIRECTIONS + 1


def test_a_redirection_leads_no_further_than_an_address(site: int):
    with pytest.raises(outbound.NotAllowed):
        ask(site, "/in")
    assert Site.asked == ["/in"]


def test_nothing_is_sent_to_what_is_not_public(site: int):
    for url in (
        f"http://127.0.0.1:{site}/there", f"http://localhost:{site}/there", "http://[::1]/", "http://10.1.2.3/",
        "http://169.254.169.254/latest/meta-data/", "http://[::ffff:10.0.0.1]/", "http://0.0.0.0/", "http://2130706433/",
    ):  # fmt: skip
        with pytest.raises(outbound.NotAllowed):
            outbound.ask(url, ports={"http": site} if str(site) in url else None)
    assert Site.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/a",
        "file:///etc/passwd",
        "http://example.org:22/",
        "http://a:b@example.org/",
        "gopher://x",
        "http:///a",
    ],
)
def test_other_schemes_ports_and_names_are_refused(url: str):
    with pytest.raises(outbound.NotAllowed):
        outbound.ask(url)


def test_a_host_that_is_not_to_be_found_is_gone():
    assert outbound.ask("http://finns-inte.invalid/").is_gone


def test_which_addresses_are_public():
    for text, is_public in (("93.184.216.34", True), ("192.168.1.1", False), ("224.0.0.1", False), ("::1", False),
                            ("2606:4700::1111", True), ("fd00::1", False), ("100.64.0.1", False)):  # fmt: skip
        assert outbound.is_public(ipaddress.ip_address(text)) == is_public
