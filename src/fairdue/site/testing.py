"""A pytest plugin: starts the tests' private PostgreSQL before Django reads its settings."""

import os

from fairdue.site import embedded

os.environ.setdefault("FAIRDUE_PLAIN_STATIC", "1")
embedded.ensure_database_url(folder=embedded.home() / "test-pg")
