"""A pytest plugin: starts the tests' private PostgreSQL before Django reads its settings."""

import os
import warnings

from fairdue.site import embedded

os.environ.setdefault("FAIRDUE_PLAIN_STATIC", "1")
with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    embedded.ensure_database_url(folder=embedded.home() / "test-pg")
