"""The demo's past went through the door: verdicts that can be judged again, each at its own moment."""

from datetime import date

import pytest
from django.utils import timezone

import stories
from fairdue.contact.models import Attempt, Outcome, Verdict
from fairdue.contact.rulebook import services as rulebook
from fairdue.journal.models import Entry
from fairdue.law.codes import Decision
from fairdue.site import demo_past

NOW = stories.utc("2026-03-05T15:00+08:00")
pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    """24 Chinese borrowers over Tuesday, Wednesday and the running Thursday; one real account that stays untouched."""
    for name in demo_past._WHO["cn"]:
        stories.user(username=name)
    china, real = stories.creditor(jurisdiction="cn"), stories.creditor(code=demo_past.REAL)
    for n in range(25):
        who, lender = stories.person(), real if n == 24 else china
        stories.account(who, lender, dues={date(2026, 1, 1): 100_000})
        stories.case(who, lender)
        stories.phone(who, f"+86138001380{n:02}")
        stories.email(who, f"b{n}@example.com")
    return demo_past.made_up_days(now=NOW)


def test_every_contact_was_judged_at_its_moment_and_comes_out_the_same_again(made):
    verdicts = Verdict.objects.all()
    assert made == len(verdicts) >= 50
    assert max(verdict.at for verdict in verdicts) < NOW
    assert {timezone.localdate(verdict.at).isoformat() for verdict in verdicts} == {
        "2026-03-03", "2026-03-04", "2026-03-05",
    }  # fmt: skip
    assert not verdicts.filter(case__creditor__code=demo_past.REAL).exists()
    run = rulebook.replay(now=NOW)
    assert (run.judged, run.different) == (made, 0)


def test_it_holds_refusals_of_several_kinds_and_no_attempt_without_leave(made):
    spoke = {rule for verdict in Verdict.objects.filter(decision=Decision.DENY) for rule in verdict.rules}
    wanted = {"cn.quiet-hours", "cn.three-conversations", "house.gap-between-calls", "cn.no-threat"}
    assert wanted <= spoke
    attempts = Attempt.objects.all()
    assert len(attempts) == Verdict.objects.filter(decision__lt=Decision.HOLD).count()
    assert not attempts.filter(permit__spent_at=None).exists()
    assert {outcome.note for outcome in Outcome.objects.all()} == {"演示数据"}


def test_the_journal_says_first_that_it_is_made_up_and_when_it_was_written(made):
    first = Entry.objects.get(verb="demo.past")
    asked = Entry.objects.filter(verb__in=["contact.allowed", "contact.refused"])
    assert asked.count() == made
    assert all(entry.pk > first.pk and entry.at >= first.at for entry in asked)
