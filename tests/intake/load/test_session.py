"""The one transaction of a load, shared by two threads."""

import pytest

from fairdue.intake.loading.session import Session

pytestmark = pytest.mark.django_db


def role(session: Session) -> str:
    return session.rows("show session_replication_role")[0][0]


def test_who_leaves_first_does_not_switch_the_triggers_on_under_the_other():
    """Given one thread writing a batch; when the other makes a placement meanwhile; then the first still writes alone."""
    session = Session()
    writing, placing = session.trusted(), session.trusted()
    with writing:
        with placing:
            pass
        assert role(session) == "replica"
    assert role(session) == "origin"
    with session.trusted():
        assert role(session) == "replica"
