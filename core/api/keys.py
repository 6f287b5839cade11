"""Keys of programs: shown once, kept as a digest."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from django.utils.crypto import constant_time_compare

from core.crypto import keyed_hash

_KEY = re.compile(r"vgw_([a-z0-9]{10})_([A-Za-z0-9_-]{43})")
_NAME_SIGNS = "abcdefghijkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class NewKey:
    """A key just made. `text` is shown once; `name` finds its row, and `digest` is all that is kept of the secret."""

    name: str
    digest: str
    text: str


def make() -> NewKey:
    """A key of 256 random bits."""
    name, secret = "".join(secrets.choice(_NAME_SIGNS) for _n in range(10)), secrets.token_urlsafe(32)
    return NewKey(name, _digest(secret), f"vgw_{name}_{secret}")


def parts(text: str) -> tuple[str, str] | None:
    """The name and the secret of a key as it is sent; None for anything else."""
    found = _KEY.fullmatch(text)
    return (found[1], found[2]) if found else None


def fits(secret: str, digest: str) -> bool:
    """Whether it is the secret of this digest. SECURITY: takes as long for any secret."""
    return constant_time_compare(_digest(secret), digest)


def _digest(secret: str) -> str:
    return keyed_hash(secret, purpose="api.key")
