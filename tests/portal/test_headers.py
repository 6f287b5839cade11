"""What every answer tells the browser: nothing inline, nothing framed, nothing kept by others."""

from __future__ import annotations

import re

import pytest
from django.test import Client

ADDRESSES = ("/", "/dokument/", "/konto/login/", "/finns-inte/", "/admin/login/?next=/admin/", "/tillganglighet/")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_is_closed_to_foreign_code(client: Client, address: str) -> None:
    headers = client.get(address, follow=True).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ):
        assert part in policy, policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] in {"same-origin", "strict-origin-when-cross-origin", "no-referrer"}
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_has_code_or_style_of_its_own(client: Client, address: str) -> None:
    page = client.get(address, follow=True).content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S", page)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
    assert "javascript:" not in page


@pytest.mark.django_db
def test_health_says_nothing_of_the_inside(client: Client) -> None:
    assert client.get("/healthz").content.decode() in {"ok", '{"status": "ok"}'}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    # No worker runs beside the tests: the portal goes on without, and says so.
    assert ready.json() == {
        "status": "degraded",
        "parts": {
            "database": "ok", "static": "ok", "files": "ok", "worker": "no worker has said lately that it lives",
        },
    }  # fmt: skip
