"""What every test has. The private PostgreSQL is started by fairdue.site.testing."""

from collections.abc import Iterator

import pytest
from django.test.utils import override_settings
from django.utils import translation


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Services speak English in tests unless a test says otherwise; pages follow the user."""
    with translation.override("en"):
        yield
