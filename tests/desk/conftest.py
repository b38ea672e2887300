"""The morning of `scene`, the desk's clock set to it, and signed-in clients."""

import sys
from pathlib import Path

import pytest
from django.test import Client

sys.path.insert(0, str(Path(__file__).parent))
import scene as scenes

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def at(monkeypatch):
    """Set the desk's clock."""

    def set_clock(moment):
        monkeypatch.setattr("fairdue.desk.clock.now", lambda: moment)

    return set_clock


@pytest.fixture
def scene(db, at) -> scenes.Scene:
    at(scenes.MORNING)
    return scenes.set_up()


@pytest.fixture
def signed_in():
    """A client of a user, speaking English unless told otherwise."""

    def enter(user, language="en") -> Client:
        user.language = language
        user.save(update_fields=["language"])
        client = Client()
        client.force_login(user, backend=BACKEND)
        return client

    return enter


@pytest.fixture
def desk(scene, signed_in) -> Client:
    """The collector of the scene at her desk."""
    return signed_in(scene.collector)
