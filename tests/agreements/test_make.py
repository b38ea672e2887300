"""A promise is recorded once, about money that is owed, by somebody who owes it."""

from datetime import date, timedelta

import pytest

from fairdue.agreements import services
from fairdue.agreements.models import Promise
from fairdue.agreements.services import PromiseRefused, make, withdraw
from fairdue.law.codes import Relation
from fairdue.people import models as people
from stories import account, case, creditor, person, user

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)


@pytest.fixture
def work():
    debtor, lender = person(), creditor()
    loan = account(debtor, lender, principal=50_000)
    return case(debtor, lender), loan


def promise(work, **other):
    facts = {"cents": 10_000, "due_on": TODAY + timedelta(days=5), "made_on": TODAY, "by": None, "attempt_id": None}
    return make(case=work[0], account=work[1], **(facts | other))


def test_the_same_attempt_makes_one_promise(work):
    assert promise(work, attempt_id=7).pk == promise(work, attempt_id=7).pk
    assert Promise.objects.count() == 1


def test_a_new_promise_about_the_same_money_replaces_the_open_one(work):
    first, second = promise(work), promise(work, cents=20_000)
    first.refresh_from_db()
    assert (first.status, second.status) == ("withdrawn", "open")


def test_a_promise_about_the_whole_case_replaces_those_about_its_accounts(work):
    first = promise(work)
    make(case=work[0], account=None, cents=10_000, due_on=TODAY, made_on=TODAY, by=user())
    first.refresh_from_db()
    assert first.status == "withdrawn"


@pytest.mark.parametrize(
    ("facts", "code", "words"),
    [
        ({"cents": 0}, "not_positive", "above zero"),
        ({"cents": 50_001}, "more_than_owed", "500.00"),
        ({"due_on": TODAY - timedelta(days=1)}, "past", "passed"),
        ({"due_on": TODAY + timedelta(days=61)}, "too_far", "60 days"),
    ],
)
def test_what_cannot_stand_is_refused_in_both_languages(work, facts, code, words):
    with pytest.raises(PromiseRefused, match=words) as refused:
        promise(work, **facts)
    assert refused.value.code == code
    assert refused.value.zh != refused.value.en
    assert not Promise.objects.exists()


def test_an_account_of_another_case_is_refused(work):
    with pytest.raises(PromiseRefused) as refused:
        promise((work[0], account(person(), work[0].creditor)))
    assert refused.value.code == "account"


@pytest.mark.parametrize(
    ("kind", "may"), [(Relation.GUARANTOR, True), (Relation.SPOUSE, False), (Relation.SIBLING, False)]
)
def test_only_those_who_owe_can_promise(work, kind, may):
    other = person("李四")
    people.Relation.objects.create(debtor=work[0].person, person=other, kind=kind)
    if may:
        assert promise(work, person=other).person == other
        return
    with pytest.raises(PromiseRefused) as refused:
        promise(work, person=other)
    assert refused.value.code == "not_liable"


def test_a_withdrawn_promise_is_not_judged(work):
    made = promise(work)
    assert withdraw(promise=made, by=user(), reason="agreed a plan")
    assert services.judge(as_of=TODAY + timedelta(days=30)).broken == 0
    assert not withdraw(promise=made, by=user(), reason="again")
