"""Production refuses what would be unsafe, and says how to mend it."""

import base64
import logging
import os
import subprocess
import sys

import pytest

GOOD = {
    "FAIRDUE_PRODUCTION": "1",
    "FAIRDUE_SECRET_KEY": "k3J-vV0q_8sJ2mZxY7tB4nW9cLr5pQ1uE6hA-dFgHiKo",
    "FAIRDUE_SEAL_KEYS": base64.urlsafe_b64encode(bytes(range(32))).decode(),
    "DATABASE_URL": "postgresql:///nowhere",
}


def load(tmp_path, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FAIRDUE_")}
    environment |= GOOD | {"FAIRDUE_HOME": str(tmp_path)} | changes
    return subprocess.run(
        [sys.executable, "-c", "from fairdue.site import settings as s; print(s.SESSION_COOKIE_SECURE, s.DEBUG)"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_good_secrets_and_secure_cookies(tmp_path):
    assert load(tmp_path).stdout.strip() == "True False"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"FAIRDUE_SECRET_KEY": ""}, "FAIRDUE_SECRET_KEY is missing or weak"),
        ({"FAIRDUE_SECRET_KEY": "short"}, "FAIRDUE_SECRET_KEY is missing or weak"),
        ({"FAIRDUE_SECRET_KEY": "ab" * 30}, "FAIRDUE_SECRET_KEY is missing or weak"),
        ({"FAIRDUE_SEAL_KEYS": ""}, "FAIRDUE_SEAL_KEYS is missing"),
        ({"FAIRDUE_SEAL_KEYS": "AAAA"}, "key 1 has 3 bytes, 32 are needed"),
        ({"FAIRDUE_DEBUG": "1"}, "FAIRDUE_DEBUG must be off"),
        ({"FAIRDUE_SECURE_COOKIES": "0"}, "FAIRDUE_SECURE_COOKIES must stay on"),
        ({"FAIRDUE_PAYING": "sandbox"}, "books money that nobody paid"),
        ({"FAIRDUE_PAYING": "cash"}, "write sandbox, stripe, or nothing"),
        ({"FAIRDUE_PAYING": "stripe", "FAIRDUE_STRIPE_KEY": "sk"}, "needs FAIRDUE_STRIPE_KEY"),
    ],
)
def test_production_refuses(tmp_path, changes, says):
    done = load(tmp_path, **changes)
    assert done.returncode != 0
    assert says in done.stderr


def test_development_makes_its_secrets_once_and_keeps_them_private(tmp_path):
    first = load(tmp_path, FAIRDUE_PRODUCTION="0", FAIRDUE_SECRET_KEY="", FAIRDUE_SEAL_KEYS="")
    kept = {p.name: p.read_text() for p in (tmp_path / "secrets").iterdir()}
    load(tmp_path, FAIRDUE_PRODUCTION="0", FAIRDUE_SECRET_KEY="", FAIRDUE_SEAL_KEYS="")

    assert first.returncode == 0, first.stderr
    assert set(kept) == {"fairdue_secret_key", "fairdue_seal_keys"}
    assert {p.name: p.read_text() for p in (tmp_path / "secrets").iterdir()} == kept
    assert all(p.stat().st_mode & 0o077 == 0 for p in (tmp_path / "secrets").iterdir())


def test_a_refusal_is_one_line_of_the_log(caplog):
    for status, traced in ((403, False), (404, False), (500, True)):
        record = logging.LogRecord(
            "django.request", logging.WARNING, "", 1, "x", None, (ValueError, ValueError(), None)
        )
        record.status_code = status
        logging.getLogger("django.request").handle(record)
        assert bool(record.exc_info) == traced
