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
    return seal_bytes(text.encode())


def seal_bytes(content: bytes) -> bytes:
    """Encrypt with the newest key."""
    keys = tuple(settings.SEAL_KEYS)
    mark = _fingerprint(keys[0])
    nonce = os.urandom(12)
    return mark + nonce + _ciphers(keys)[mark].encrypt(nonce, content, None)


def unseal(sealed: bytes | memoryview) -> str:
    """Decrypt; KeyError when the key is gone, cryptography's InvalidTag when the value was tampered with."""
    return unseal_bytes(sealed).decode()


def unseal_bytes(sealed: bytes | memoryview) -> bytes:
    """Decrypt; errors as `unseal`."""
    raw = bytes(sealed)
    return _ciphers(tuple(settings.SEAL_KEYS))[raw[:4]].decrypt(raw[4:16], raw[16:], None)


def sealed_with_newest(sealed: bytes | memoryview) -> bool:
    """Whether rotation has nothing to do for this value."""
    return bytes(sealed[:4]) == _fingerprint(settings.SEAL_KEYS[0])


def search_hash(kind: str, text: str) -> bytes:
    """Keyed hash of a normalised value (`kind`: phone, email, address, id, person)."""
    return hmac.digest(_search_key(settings.SEAL_KEYS[-1]), f"{kind}:{text}".encode(), "sha256")


def seal_many(texts: Iterable[str | None]) -> list[bytes | None]:
    """`seal` over a column; None stays None."""
    column = list(texts)
    keys = tuple(settings.SEAL_KEYS)
    mark = _fingerprint(keys[0])
    encrypt, nonces = _ciphers(keys)[mark].encrypt, os.urandom(12 * len(column))
    return [
        None if text is None else mark + nonces[at : at + 12] + encrypt(nonces[at : at + 12], text.encode(), None)
        for at, text in zip(range(0, 12 * len(column), 12), column, strict=True)
    ]


def search_hashes(kind: str, texts: Iterable[str | None]) -> list[bytes | None]:
    """`search_hash` over a column; None stays None."""
    inner, outer = _pads(_search_key(settings.SEAL_KEYS[-1]))
    started = inner.copy()
    started.update(f"{kind}:".encode())
    return [None if text is None else _finished(started, outer, text.encode()) for text in texts]


def _pads(key: bytes) -> "tuple[hashlib._Hash, hashlib._Hash]":
    """The two states of HMAC-SHA-256 (RFC 2104) after the key: copying them costs half of setting up each HMAC anew."""
    block = key.ljust(64, b"\0")
    return hashlib.sha256(bytes(b ^ 0x36 for b in block)), hashlib.sha256(bytes(b ^ 0x5C for b in block))


def _finished(started: "hashlib._Hash", outer: "hashlib._Hash", text: bytes) -> bytes:
    inside, outside = started.copy(), outer.copy()
    inside.update(text)
    outside.update(inside.digest())
    return outside.digest()
