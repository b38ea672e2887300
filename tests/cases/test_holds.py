"""Holds: placed by those who work, lifted by those who may, kept for ever."""

from datetime import UTC, date, datetime, timedelta

import pytest

import stories
from fairdue.cases import holds
from fairdue.cases.models import Hold
from fairdue.journal.models import Entry
from fairdue.staff.models import Role

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def place(person, **fields):
    given = {"kind": Hold.Kind.DISPUTE, "reason": "金额不对", "by": stories.user(), "now": NOON}
    return holds.place(person=person, **{**given, **fields})


def test_the_same_hold_is_one_hold():
    wang = stories.person()

    assert place(wang) == place(wang, now=NOON + timedelta(hours=1))
    assert place(wang, kind=Hold.Kind.HARDSHIP) != place(wang)
    assert Entry.objects.filter(verb="hold.placed").count() == 2


def test_one_learned_of_late_begins_when_it_began():
    hold = place(stories.person(), starts_at=NOON - timedelta(days=2))

    assert (hold.starts_at, hold.learned_at) == (NOON - timedelta(days=2), NOON)


@pytest.mark.parametrize("bad", [{"reason": "  "}, {"ends_on": date(2026, 11, 22)}])
def test_what_makes_no_sense_is_refused(bad):
    with pytest.raises(holds.HoldError):
        place(stories.person(), **bad)


def test_an_account_of_somebody_else_is_refused():
    loan = stories.account(stories.person(), stories.creditor())

    with pytest.raises(holds.HoldError, match="another person"):
        place(stories.person(), account=loan)


@pytest.mark.parametrize("role", Role)
def test_only_some_roles_may_lift(role):
    hold = place(stories.person())
    may = role in {Role.LEAD, Role.LEGAL, Role.COMPLAINTS, Role.COMPLIANCE}

    if may:
        assert holds.lift(hold=hold, by=stories.user(role), now=NOON, reason="已解决").lifted_at == NOON
    else:
        with pytest.raises(holds.HoldError):
            holds.lift(hold=hold, by=stories.user(role), now=NOON, reason="已解决")
    hold.refresh_from_db()
    assert (hold.lifted_at is not None) == may


def test_lifting_says_why_and_happens_once():
    hold, lead = place(stories.person()), stories.user("lead")
    with pytest.raises(holds.HoldError):
        holds.lift(hold=hold, by=lead, now=NOON, reason="")

    holds.lift(hold=hold, by=lead, now=NOON, reason="已解决")
    holds.lift(hold=hold, by=stories.user("legal"), now=NOON + timedelta(days=1), reason="再次")

    hold.refresh_from_db()
    assert (hold.lifted_by, hold.lift_reason) == (lead, "已解决")
    assert Entry.objects.filter(verb="hold.lifted").count() == 1


def test_after_lifting_the_same_hold_can_be_placed_anew():
    wang = stories.person()
    first = place(wang)
    holds.lift(hold=first, by=stories.user("lead"), now=NOON, reason="已解决")

    assert place(wang, now=NOON + timedelta(days=1)) != first
