"""Encryption of what must not lie readable in the database, and keyed hashes to find it again.

Keys live in the environment, never in the database: `PORTAL_ENCRYPTION_KEYS` is a list of Fernet keys (32
bytes, urlsafe base64), of which the first encrypts and all decrypt; `PORTAL_HASH_KEY` is one text of at least
32 characters. To rotate: put a new key first, `rotate` every stored token, then take the old key away.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

HASH_KEY_MIN_LENGTH = 32


class CannotDecrypt(Exception):
    """A stored text that none of the keys opens. The message never holds the text."""

    def __init__(self) -> None:
        super().__init__(
            "A stored text cannot be decrypted: the key that encrypted it is missing from "
            "PORTAL_ENCRYPTION_KEYS, or the stored text has been damaged. "
            "Put back the keys that were in use when it was saved."
        )


def encrypt(text: str) -> str:
    """A Fernet token of `text`, by the first key. The same text gives a new token each time."""
    return _fernet().encrypt(text.encode()).decode("ascii")


def decrypt(token: str) -> str:
    """The text of a token made by any of the keys. Raises CannotDecrypt where none fits or the token is no
    token."""
    try:
        return _fernet().decrypt(token.encode()).decode()
    except (InvalidToken, UnicodeError):
        raise CannotDecrypt from None


def rotate(token: str) -> str:
    """The same text encrypted by the first key; the token's time of making is kept. Raises CannotDecrypt."""
    try:
        return _fernet().rotate(token.encode()).decode("ascii")
    except (InvalidToken, UnicodeError):
        raise CannotDecrypt from None


def keyed_hash(value: str, *, purpose: str) -> str:
    """HMAC-SHA256 of `value` as 64 hex digits, to search or compare what is stored encrypted.

    `purpose` names the use ("provider.org_number"): the same value under two purposes gives hashes that
    cannot be matched with each other. The value is taken as it stands; bring it to one form first. Changing
    PORTAL_HASH_KEY makes all earlier hashes useless.
    """
    return hmac.new(_hash_key(_hash_secret(), purpose), value.encode(), hashlib.sha256).hexdigest()


def _fernet() -> MultiFernet:
    return _multi_fernet(tuple(settings.PORTAL_ENCRYPTION_KEYS))


@lru_cache(maxsize=8)
def _multi_fernet(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("PORTAL_ENCRYPTION_KEYS holds no key.")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except (ValueError, TypeError):
        # SECURITY: `from None`, and no key in the message: the error may end in a log.
        raise ImproperlyConfigured(
            "Each of PORTAL_ENCRYPTION_KEYS must be 32 bytes in urlsafe base64 (44 characters)."
        ) from None


def _hash_secret() -> str:
    secret: str = settings.PORTAL_HASH_KEY
    if len(secret) < HASH_KEY_MIN_LENGTH:
        raise ImproperlyConfigured(f"PORTAL_HASH_KEY must have at least {HASH_KEY_MIN_LENGTH} characters.")
    return secret


@lru_cache(maxsize=64)
def _hash_key(secret: str, purpose: str) -> bytes:
    if not purpose:
        raise ValueError("A keyed hash needs a purpose.")
    # SECURITY: the purpose goes into the key's derivation, not beside the value: nothing typed can cross
    # over.
    return HKDF(SHA256(), 32, salt=None, info=b"vardgivarwebben.keyed_hash\0" + purpose.encode()).derive(
        secret.encode()
    )
