"""What is read out to a borrower: chosen by what is so now, whole sentences, no blanks, no sums of nothing."""

import re
from datetime import timedelta

import pytest
import scene as scenes

import stories
from fairdue.accounts.models import Ageing
from fairdue.agreements.models import Instalment, Plan, Promise
from fairdue.cases.models import WorkItem
from fairdue.desk.pages import case as pages
from fairdue.desk.pages.worklist import Owed, owed_by_case

AGO = timedelta(days=1)
NOTHING_SAID = re.compile(r"…|[¥$]0(?:\.00)?(?!\d)|\b0 (?:天|days?)|\{|  |None")


def promised(case, status, due_on=scenes.DAY, **fields):
    Promise.objects.create(
        case=case, person=case.person, cents=406_000, currency="CNY", due_on=due_on, status=status,
        made_on=due_on - timedelta(days=3), **fields,
    )  # fmt: skip


def paid_up(case):
    Ageing.objects.filter(account__debtor=case.person).update(past_due=0, days_past_due=0, bucket=0)


def planned(case):
    plan = stories.plan(case, case.person.accounts.get(), scenes.DAY)
    Instalment.objects.create(
        plan=plan, n=1, due_on=scenes.DAY + timedelta(days=9), cents=20_000, principal=20_000, interest=0, fees=0
    )
    paid_up(case)


def planned_late(case):
    planned(case)
    Plan.objects.update(status="at_risk", late=20_000, late_since=scenes.DAY - AGO)
    Instalment.objects.update(due_on=scenes.DAY - 4 * AGO)
    Ageing.objects.filter(account__debtor=case.person).update(past_due=20_000, days_past_due=4, bucket=1)


SITUATIONS = {
    "newly_overdue": ("remind", []),
    "long_overdue": ("call", [lambda c: Ageing.objects.filter(account__debtor=c.person).update(bucket=3)]),
    "call_back": ("call_back", [paid_up]),
    "promise_due": ("promise_follow_up", [lambda c: promised(c, "open", scenes.DAY - AGO)]),
    "promise_broken": ("follow_up", [lambda c: promised(c, "broken", scenes.DAY - AGO)]),
    "promise_kept": ("promise_follow_up", [lambda c: promised(c, "kept", received=406_000), paid_up]),
    "plan_late": ("call", [planned_late]),
    "plan_kept": ("promise_follow_up", [planned]),
    "nothing_due": ("promise_follow_up", [lambda c: promised(c, "broken", scenes.DAY - 90 * AGO), paid_up]),
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_situation_is_spoken_in_whole_sentences(scene, situation, language):
    case, (action, happened) = scene.cases[1], SITUATIONS[situation]
    type(case.person).objects.filter(pk=case.person_id).update(birth_on="1990-01-01")
    case.person.refresh_from_db()
    for event in happened:
        event(case)
    WorkItem.objects.filter(case=case).update(action=action)
    talk = pages.page_of(case=case, user=scene.collector, now=scenes.MORNING, language=language).talk
    assert talk.title == pages.scripts.opening(situation).title["en"]
    spoken = [text for text, _stage in talk.lines] + [text for answer in talk.answers for text in answer["lines"]]
    assert len(talk.lines) > 1
    assert not [text for text in spoken if NOTHING_SAID.search(text)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_of_an_account_that_no_night_has_aged_no_sum_is_read_out(scene, language):
    case = scene.cases[1]
    Ageing.objects.filter(account__debtor=case.person).delete()
    owed = owed_by_case([case]).get(case.pk, Owed())
    talk = pages.talk_of(
        case=case, owed=owed, promises=[], row=None, user=scene.collector, today=scenes.DAY, language=language
    )
    assert talk.title == "Nothing is due now"
    assert not [text for text, _stage in talk.lines if NOTHING_SAID.search(text)]
