"""Unsent text on a device of a person's: the name it lies under, and the key that it is encrypted with."""

from __future__ import annotations

import base64

from core import crypto


def tag_of(user_id: int) -> str:
    """The person, as their device knows whose text it holds: no key of the database, and nothing that leads to them."""
    return crypto.keyed_hash(str(user_id), purpose="device.person")[:16]


def key_of(user_id: int) -> str:
    """32 bytes in base64, the same each time the person signs in. With another PORTAL_HASH_KEY it is another, and what
    lies on devices can be read no more.
    """
    return base64.b64encode(bytes.fromhex(crypto.keyed_hash(str(user_id), purpose="device.key"))).decode()
