"""Secrets: from the environment in production, made once and kept in the home folder otherwise."""

import base64
import os
import secrets as random
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from fairdue.site.embedded import home

__all__ = ["get", "home", "seal_keys"]

WEAKEST = 40


def get(name: str, *, production: bool) -> str:
    """The secret `name`. In production it must be set, at least 40 characters and not repetitive."""
    value = os.environ.get(name, "")
    if production and (len(value) < WEAKEST or len(set(value)) < 12):
        raise ImproperlyConfigured(
            f"{name} is missing or weak: set at least {WEAKEST} random characters, "
            "for instance from `python -c 'import secrets; print(secrets.token_urlsafe(48))'`."
        )
    return value or _kept(name)


def seal_keys(*, production: bool) -> list[bytes]:
    """Keys (32 bytes each) that seal personal data, newest first: FAIRDUE_SEAL_KEYS, base64, comma-separated."""
    text = os.environ.get("FAIRDUE_SEAL_KEYS", "")
    if production and not text:
        raise ImproperlyConfigured("FAIRDUE_SEAL_KEYS is missing: personal data cannot be sealed without a key.")
    keys = []
    for number, part in enumerate((text or _kept("FAIRDUE_SEAL_KEYS")).split(","), 1):
        try:
            key = base64.urlsafe_b64decode(part.strip() + "=" * (-len(part.strip()) % 4))
        except ValueError as err:
            raise ImproperlyConfigured(f"FAIRDUE_SEAL_KEYS: key {number} is not base64: {err}") from err
        if len(key) != 32:
            raise ImproperlyConfigured(f"FAIRDUE_SEAL_KEYS: key {number} has {len(key)} bytes, 32 are needed.")
        keys.append(key)
    return keys


def _kept(name: str) -> str:
    path: Path = home() / "secrets" / name.lower()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        value = (
            base64.urlsafe_b64encode(random.token_bytes(32)).decode() if "SEAL" in name else random.token_urlsafe(48)
        )
        new = path.with_suffix(f".{os.getpid()}")
        new.touch(mode=0o600)
        new.write_text(value)
        with suppress(FileExistsError):  # the first of several processes wins; the others read its secret
            os.link(new, path)
        new.unlink()
    return path.read_text().strip()
