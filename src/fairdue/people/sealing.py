"""Personal data at rest: AES-256-GCM with a rotating key, and a keyed hash for exact search.

A sealed value is `key number (4 bytes of the key's fingerprint) + nonce (12) + ciphertext and tag`.
The search hash uses a key of its own, derived from the oldest seal key, so that rotation leaves searches working.
"""

import hashlib
import hmac
import os
from collections.abc import Iterable
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


def _fingerprint(key: bytes) -> bytes:
    return hashlib.sha256(b"fairdue seal" + key).digest()[:4]


@cache
def _ciphers(keys: tuple[bytes, ...]) -> dict[bytes, AESGCM]:
    return {_fingerprint(key): AESGCM(key) for key in keys}


@cache
def _search_key(oldest: bytes) -> bytes:
    return hmac.digest(oldest, b"fairdue exact search", "sha256")


def seal(text: str) -> bytes:
    """Encrypt with the newest key."""
    keys = tuple(settings.SEAL_KEYS)
    mark = _fingerprint(keys[0])
    nonce = os.urandom(12)
    return mark + nonce + _ciphers(keys)[mark].encrypt(nonce, text.encode(), None)


def unseal(sealed: bytes | memoryview) -> str:
    """Decrypt; KeyError when the key is gone, cryptography's InvalidTag when the value was tampered with."""
    raw = bytes(sealed)
    return _ciphers(tuple(settings.SEAL_KEYS))[raw[:4]].decrypt(raw[4:16], raw[16:], None).decode()


def sealed_with_newest(sealed: bytes | memoryview) -> bool:
    """Whether rotation has nothing to do for this value."""
    return bytes(sealed[:4]) == _fingerprint(settings.SEAL_KEYS[0])


def search_hash(kind: str, text: str) -> bytes:
    """Keyed hash of a normalised value (`kind`: phone, email, address, id, person)."""
    return hmac.digest(_search_key(settings.SEAL_KEYS[-1]), f"{kind}:{text}".encode(), "sha256")


def seal_many(texts: Iterable[str | None]) -> list[bytes | None]:
    """`seal` over a column; None stays None."""
    return [None if text is None else seal(text) for text in texts]


def search_hashes(kind: str, texts: Iterable[str | None]) -> list[bytes | None]:
    """`search_hash` over a column; None stays None."""
    key, prefix = _search_key(settings.SEAL_KEYS[-1]), f"{kind}:".encode()
    return [None if text is None else hmac.digest(key, prefix + text.encode(), "sha256") for text in texts]
