"""What every test has. The private PostgreSQL is started by fairdue.site.testing."""

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.db import connection
from django.test.utils import override_settings
from django.utils import translation

# How long an example takes says how busy the machine is: times are measured by the bench, never asserted.
hypothesis.settings.register_profile("fairdue", deadline=None)
hypothesis.settings.load_profile("fairdue")


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A thread of the live server may outlast its browser: its session is ended, so that the database can be dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Services speak English in tests unless a test says otherwise; pages follow the user."""
    with translation.override("en"):
        yield
