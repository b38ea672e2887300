"""When a rule that spoke clears: told of those that barred, not of those that only warned."""

from datetime import timedelta

import pytest

from contact.conftest import Scene
from fairdue.contact.models import Verdict
from fairdue.desk.pages import verdicts
from fairdue.law import codes

pytestmark = pytest.mark.django_db


def clears(verdict):
    return {ground.id: ground.clears for ground in verdicts.grounds(verdict, verdicts.replay(verdict))}


def test_a_warning_has_no_moment_from_which_it_lets_through():
    scene = Scene()
    for hour in range(6):
        scene.past(hour + 0.5, codes.Result.UNANSWERED)
    scene.ask()
    verdict = Verdict.objects.get()
    assert verdict.decision == codes.Decision.WARN
    assert clears(verdict)["cn.six-dials"] is None


def test_a_refusal_tells_when_it_ends():
    scene = Scene()
    scene.past(0.1, codes.Result.UNANSWERED)
    scene.ask()
    verdict = Verdict.objects.get()
    assert verdict.decision == codes.Decision.DENY
    assert clears(verdict)["house.gap-between-calls"] == scene.now + timedelta(minutes=9)
