"""Addresses that a document had elsewhere, in the one form in which they are kept and compared."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

LONGEST = 500


def kept_form(address: str) -> str:
    """An address as it is kept and compared: its path and query, without the host and whatever its capitals. Empty for
    one that names no place of its own."""
    parts = urlsplit(address.strip())
    path = unquote(parts.path).rstrip("/").casefold()
    path = path if path.startswith("/") else f"/{path}"
    found = f"{path}?{unquote(parts.query).casefold()}" if parts.query else path
    return found if 1 < len(found) <= LONGEST else ""
