"""Random days of asking, calling and recording never exceed the caps, as counted by somebody else."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contact.conftest import Scene
from fairdue.contact import services as door
from fairdue.contact.models import Attempt, Outcome
from fairdue.law import codes

pytestmark = pytest.mark.django_db

SHANGHAI = timedelta(hours=8)
K = Outcome.Kind
NO_TALK = {K.NO_ANSWER, K.BUSY, K.CANCELLED}

steps = st.lists(
    st.tuples(
        st.integers(1, 300),  # minutes since the step before
        st.sampled_from(["call", "call", "call", "leave open", "ask and drop", "they call"]),
        st.sampled_from([K.NO_ANSWER, K.BUSY, K.REFUSES, K.REFUSES, K.CALL_BACK, K.CANCELLED]),
        st.booleans(),  # corrected to no answer
    ),
    min_size=5,
    max_size=30,
)


def walk(scene, steps):
    """Carry the steps out; what a bystander saw: (local time, whether somebody may have been talked to) per dial."""
    seen = []
    for minutes, what, kind, corrected in steps:
        scene.now += timedelta(minutes=minutes)
        if what == "they call":
            door.record_inbound(
                case=scene.case, contact_point=scene.phone, channel=codes.Channel.CALL, by=scene.by, now=scene.now,
                kind=kind,
            )  # fmt: skip
            continue
        answer = scene.ask()
        if not answer.allowed or what == "ask and drop":
            continue
        door.hand_over(permit=answer.permit, by=scene.by, now=scene.now)
        talked = True
        if what == "call":
            attempt = Attempt.objects.get(pk=answer.attempt_id)
            first = door.record_outcome(attempt=attempt, kind=kind, by=scene.by, now=scene.now)
            if corrected:
                door.record_outcome(attempt=attempt, kind=K.NO_ANSWER, by=scene.by, now=scene.now, supersedes=first)
            talked = not corrected and kind not in NO_TALK
            if kind == K.CANCELLED and not corrected:
                continue
        seen.append((scene.now + SHANGHAI, talked))
    return seen


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_never_more_than_the_standard_and_the_firm_allow(db, steps):
    seen = walk(Scene(), steps)

    talks = Counter(at.date() for at, talked in seen if talked)
    dials = Counter(at.date() for at, _ in seen)
    assert all(count <= 3 for count in talks.values())
    assert all(count <= 8 for count in dials.values())
    assert all(8 <= at.hour < 22 for at, _ in seen)
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(seen)]
    assert all(gap >= timedelta(minutes=15) for gap in gaps)


def test_the_cap_is_reached(scene):
    """The property would hold of a door that never opens; this one opens three times and then no more."""
    seen = walk(scene, [(20, "call", K.REFUSES, False)] * 6)

    assert [talked for _, talked in seen] == [True] * 3
