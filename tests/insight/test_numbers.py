"""The measures against numbers worked out by hand, and who sees which of them."""

import itertools
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stories
from fairdue.accounts.models import Ageing, BucketMove, CreditorStaff, Payment
from fairdue.agreements.models import Promise
from fairdue.contact.models import Attempt, Outcome
from fairdue.insight import charts
from fairdue.insight.queries import buckets, contacts, plans, promises, recovered, rolls, scope
from fairdue.insight.queries.scope import Filters
from fairdue.law.codes import Channel, Direction, Relation, Result
from fairdue.staff.models import Role
from stories import utc

pytestmark = pytest.mark.django_db
MARCH = {"since": date(2026, 3, 1), "until": date(2026, 3, 31), "currency": "CNY"}


@pytest.fixture
def risk():
    return stories.user(Role.RISK)


def aged(account, bucket, balance, past_due):
    Ageing.objects.create(
        account=account, as_of=date(2026, 3, 31), past_due=past_due, since=date(2026, 1, 1) if past_due else None,
        days_past_due=bucket * 30, delinquent_days=bucket * 30, bucket=bucket, balance=balance,
    )  # fmt: skip


def debt(owed_to, **fields):
    return stories.account(stories.person(), owed_to, **fields)


# ---- buckets


def test_totals_by_creditor_and_bucket(risk):
    """Given three open debts and one recalled; then each bucket holds its own and the recalled one is nowhere."""
    one, two = stories.creditor(), stories.creditor()
    aged(debt(one), 1, 300_00, 100_00)
    aged(debt(one), 1, 200_00, 50_00)
    aged(debt(two), 7, 900_00, 900_00)
    aged(debt(two, status="recalled"), 7, 5_000_00, 5_000_00)
    assert buckets.totals(Filters(risk, **MARCH)) == [
        buckets.Total(one.pk, 1, 2, 500_00, 150_00),
        buckets.Total(two.pk, 7, 1, 900_00, 900_00),
    ]
    rows = buckets.behind(Filters(risk, creditor=one.pk, **MARCH), bucket=1)
    assert [row.past_due for row in rows] == [100_00, 50_00]


def test_currencies_are_never_added_up(risk):
    aged(debt(stories.creditor()), 2, 100_00, 100_00)
    aged(debt(stories.creditor(currency="USD")), 2, 70_00, 70_00)
    assert [total.cents for total in buckets.totals(Filters(risk, **MARCH))] == [100_00]
    assert [total.cents for total in buckets.totals(Filters(risk, **MARCH | {"currency": "USD"}))] == [70_00]
    # 70 dollars at 7.10 are more than 100 yuan
    assert scope.currencies(risk) == ["USD", "CNY"]


# ---- roll rates


def move(account, on, bucket, cents, was=None):
    BucketMove.objects.create(account=account, on=on, was=was, bucket=bucket, cents=cents)


def test_roll_rate_by_hand(risk):
    """Given M1 with 100 + 300 + 600 yuan on 28 February; 300 roll to M2, 100 are cured; then 30 % went worse.

    A debt that entered M1 in March was not in the base of February.
    """
    owed_to = stories.creditor()
    rolled, cured, stayed, new = (debt(owed_to) for _ in range(4))
    move(rolled, date(2026, 2, 10), 1, 300_00)
    move(rolled, date(2026, 3, 12), 2, 310_00, was=1)
    move(cured, date(2026, 2, 3), 1, 100_00)
    move(cured, date(2026, 3, 20), 0, 0, was=1)
    move(stayed, date(2026, 2, 25), 1, 600_00)
    move(new, date(2026, 3, 2), 1, 999_00)
    (month,) = rolls.months(Filters(risk, **MARCH))
    assert (month.start, month.end) == (date(2026, 2, 28), date(2026, 3, 31))
    assert month.base(1) == 1_000_00
    assert month.rate(1) == Fraction(3, 10)
    assert month.rate(1, "better") == Fraction(1, 10)
    assert month.rate(1, "same") == Fraction(6, 10)
    assert month.rate(2) is None
    worse = rolls.behind(Filters(risk, **MARCH), start=month.start, end=month.end, bucket=1, way="worse")
    assert worse == [rolls.Rolled(rolled.pk, 1, 300_00, 2)]


def test_a_move_on_the_last_day_belongs_to_the_month(risk):
    account = debt(stories.creditor())
    move(account, date(2026, 2, 28), 3, 80_00)
    move(account, date(2026, 3, 31), 4, 80_00, was=3)
    (month,) = rolls.months(Filters(risk, **MARCH))
    assert month.rate(3) == 1


def test_several_months_and_an_unfinished_one(risk):
    """M1 in January, M2 in February, M3 on 5 March; asked on 10 March."""
    account = debt(stories.creditor())
    for on, bucket in ((date(2026, 1, 8), 1), (date(2026, 2, 8), 2), (date(2026, 3, 5), 3)):
        move(account, on, bucket, 100_00)
    filters = Filters(risk, since=date(2026, 1, 1), until=date(2026, 3, 10), currency="CNY")
    rates = [(month.end, month.rate(1), month.rate(2)) for month in rolls.months(filters)]
    assert rates == [(date(2026, 2, 28), 1, None), (date(2026, 3, 10), None, 1)]


def test_recalled_debts_roll_nowhere(risk):
    account = debt(stories.creditor(), status="recalled")
    move(account, date(2026, 2, 10), 1, 100_00)
    assert rolls.months(Filters(risk, **MARCH)) == []


def test_month_cuts():
    assert scope.month_cuts(date(2026, 1, 15), date(2026, 3, 10)) == [
        date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 10),
    ]  # fmt: skip


# ---- promises


def promise(case, cents, received, status, due=date(2026, 3, 10), **fields):
    return Promise.objects.create(
        case=case, person=case.person, cents=cents, received=received, status=status, due_on=due,
        made_on=due - timedelta(days=5), **{"currency": "CNY", **fields},
    )  # fmt: skip


def test_kept_by_count_and_by_amount(risk):
    """Two kept of four judged = 50 %; 100 + 200 + 40 + 0 of 100 + 200 + 100 + 600 = 34 %; overpaying adds nothing."""
    case = stories.case(stories.person(), stories.creditor())
    promise(case, 100_00, 100_00, "kept")
    promise(case, 200_00, 500_00, "kept")
    promise(case, 100_00, 40_00, "partly_kept")
    promise(case, 600_00, 0, "broken")
    promise(case, 900_00, 0, "open")
    promise(case, 900_00, 0, "withdrawn")
    promise(case, 900_00, 900_00, "kept", due=date(2026, 4, 1))
    promise(case, 900_00, 900_00, "kept", currency="USD")
    parts = promises.by_time(Filters(risk, **MARCH))
    whole = promises.total(parts, start=date(2026, 3, 1))
    assert [part.start for part in parts] == [date(2026, 3, 9)]  # the Monday
    assert (whole.kept, whole.partly, whole.broken) == (2, 1, 1)
    assert whole.by_count == Fraction(1, 2)
    assert whole.by_amount == Fraction(34, 100)
    assert promises.behind(Filters(risk, **MARCH), status="broken").count() == 1


def test_kept_by_creditor_bucket_and_who_took_them(risk):
    """Chen took a kept one of 100 and a broken one of 300 in M1 (50 %, 25 %); one of 200 in M3 is nobody's; one of 50
    with another creditor knows no bucket."""
    chen, one, two = stories.user(display_name="陈静"), stories.creditor(), stories.creditor()
    case, other = stories.case(stories.person(), one), stories.case(stories.person(), two)
    promise(case, 100_00, 100_00, "kept", taken_by=chen, bucket=1)
    promise(case, 300_00, 0, "broken", taken_by=chen, bucket=1)
    promise(case, 200_00, 200_00, "kept", bucket=3)
    promise(other, 50_00, 25_00, "partly_kept", taken_by=chen)
    filters = Filters(risk, **MARCH)

    def told(what):
        return [(part.key, part.judged, part.by_count, part.by_amount) for part in promises.by(filters, what)]

    assert told("bucket") == [
        (1, 2, Fraction(1, 2), Fraction(1, 4)), (3, 1, 1, 1), (None, 1, 0, Fraction(1, 2)),
    ]  # fmt: skip
    assert told("creditor") == [(one.pk, 3, Fraction(2, 3), Fraction(1, 2)), (two.pk, 1, 0, Fraction(1, 2))]
    assert told("collector") == [(chen.pk, 3, Fraction(1, 3), Fraction(125, 450)), (None, 1, 1, 1)]
    for what in promises.BY:
        for part in promises.by(filters, what):
            assert promises.behind(filters, part=(what, part.key)).count() == part.judged


judged = st.lists(
    st.tuples(st.sampled_from(["kept", "partly", "broken"]), st.integers(1, 10**9), st.integers(0, 10**9)), max_size=20
)


@given(judged)
def test_rates_of_promises_lie_between_none_and_all(made):
    counted = [sum(how == name for how, _cents, _came in made) for name in ("kept", "partly", "broken")]
    sums = sum(cents for _how, cents, _came in made), sum(min(cents, came) for _how, cents, came in made)
    part = promises.Part(*counted, *sums, key=None)
    for rate in (part.by_count, part.by_amount):
        assert (rate is None) == (not made)
        assert rate is None or 0 <= rate <= 1


# ---- calls


def call(case, at, result, *, relation=Relation.DEBTOR, **fields):
    return Attempt.objects.create(
        happened_at=utc(at), creditor=case.creditor, person=case.person, addressee=case.person,
        relation=relation, result=result, **{"channel": Channel.CALL, **fields},
    )  # fmt: skip


def test_contact_and_right_party_rate(risk):
    """Five calls: two reached the debtor, one a neighbour, one somebody unknown, one nobody."""
    case = stories.case(stories.person(), stories.creditor())
    call(case, "2026-03-02T10:00+08:00", Result.CONVERSATION)
    call(case, "2026-03-02T10:30+08:00", Result.CONVERSATION, relation=Relation.NEIGHBOUR)
    call(case, "2026-03-02T11:00+08:00", Result.WRONG_PERSON)
    call(case, "2026-03-03T10:00+08:00", Result.UNANSWERED)
    talked = call(case, "2026-03-03T10:05+08:00", Result.PENDING)
    first = Outcome.objects.create(attempt=talked, kind="no_answer", result=Result.UNANSWERED)
    Outcome.objects.create(attempt=talked, kind="promise", result=Result.CONVERSATION, supersedes=first)
    # not counted: not yet recorded, not carried out, theirs, a letter, after the period by the creditor's clock
    call(case, "2026-03-03T12:00+08:00", Result.PENDING)
    call(case, "2026-03-03T12:00+08:00", Result.CANCELLED)
    call(case, "2026-03-03T12:00+08:00", Result.CONVERSATION, direction=Direction.IN)
    call(case, "2026-03-03T12:00+08:00", Result.DELIVERED, channel=Channel.LETTER)
    call(case, "2026-04-01T00:30+08:00", Result.CONVERSATION)
    times = contacts.times(Filters(risk, **MARCH))
    assert (times.all.made, times.all.contacts, times.all.right) == (5, 4, 2)
    assert times.all.contact_rate == Fraction(4, 5)
    assert times.all.right_rate == Fraction(2, 5)
    assert [(d.at, d.made, d.right) for d in times.days] == [(date(2026, 3, 2), 3, 1), (date(2026, 3, 3), 2, 1)]
    assert [(h.at, h.made, h.contacts) for h in times.hours] == [(10, 4, 3), (11, 1, 1)]
    assert contacts.behind(Filters(risk, **MARCH), which="right", hour=10)[0:9][0] == (talked.pk, Result.CONVERSATION)
    assert contacts.behind(Filters(risk, **MARCH), which="missed").count() == 1


def test_the_hour_is_the_creditors(risk):
    """23:30 in Shanghai on 2 March is 10:30 in New York, where this creditor is."""
    case = stories.case(stories.person(), stories.creditor(zone="America/New_York"))
    call(case, "2026-03-02T23:30+08:00", Result.CONVERSATION)
    times = contacts.times(Filters(risk, **MARCH))
    assert [h.at for h in times.hours] == [10]
    axis = charts.contacts(times, lambda *_args, **_more: "", by="hour")
    assert axis["xAxis"]["data"] == [f"{hour:02d}:00" for hour in range(24)]
    assert [point["value"] for point in axis["series"][0]["data"]] == [int(hour == 10) for hour in range(24)]


def test_calls_are_those_of_the_currency(risk):
    """A call about an account is counted in its currency, one about no account in its creditor's."""
    dollars, yuan = stories.creditor(currency="USD"), stories.creditor()
    abroad, here = (stories.case(stories.person(), owed_to) for owed_to in (dollars, yuan))
    call(abroad, "2026-03-02T10:00+08:00", Result.CONVERSATION)
    call(here, "2026-03-02T11:00+08:00", Result.CONVERSATION)
    call(here, "2026-03-02T12:00+08:00", Result.CONVERSATION, account=debt(yuan, currency="USD"))
    for currency, made in (("CNY", 1), ("USD", 2)):
        filters = Filters(risk, **MARCH | {"currency": currency})
        assert contacts.times(filters).all.made == contacts.behind(filters).count() == made
        assert contacts.times(Filters(stories.user(Role.LEAD), **MARCH)).all.made == 0


# ---- recovered


def test_recovered_by_day_less_what_bounced_and_was_paid_back(risk):
    owed_to = stories.creditor()
    account = debt(owed_to)
    paid = Payment.objects.create(
        creditor=owed_to, reference="p1", account=account, cents=500_00, currency="CNY", happened_on=date(2026, 3, 2)
    )
    Payment.objects.create(
        creditor=owed_to, reference="p2", account=account, cents=50_00, currency="CNY", happened_on=date(2026, 3, 4)
    )
    Payment.objects.create(
        creditor=owed_to, reference="r1", account=account, cents=500_00, currency="CNY", happened_on=date(2026, 3, 4),
        kind="reversal", reverses=paid,
    )  # fmt: skip
    Payment.objects.create(
        creditor=owed_to, reference="b1", account=account, cents=20_00, currency="CNY", happened_on=date(2026, 3, 4),
        kind="refund",
    )  # fmt: skip
    days = recovered.by_day(Filters(risk, **MARCH))
    assert [(d.day, d.payments, d.net) for d in days] == [(date(2026, 3, 2), 1, 500_00), (date(2026, 3, 4), 1, -470_00)]
    assert recovered.behind(Filters(risk, **MARCH)).count() == 4
    assert [row.reference for row in recovered.behind(Filters(risk, **MARCH), kind="refund")] == ["b1"]


# ---- who sees what


@pytest.fixture
def two_houses():
    """Two teams and two creditors; a debt, a promise, a call and a payment in each of the three cases."""
    ours, theirs = stories.team(), stories.team()
    one, two = stories.creditor(), stories.creditor()
    for owner, owed_to in (
        (stories.user(team=ours), one), (stories.user(team=theirs), one), (stories.user(team=theirs), two),
    ):  # fmt: skip
        case = stories.case(stories.person(), owed_to, owner=owner)
        account = stories.account(case.person, owed_to)
        aged(account, 2, 100_00, 100_00)
        move(account, date(2026, 2, 10), 1, 100_00)
        move(account, date(2026, 3, 10), 2, 100_00)
        promise(case, 100_00, 100_00, "kept")
        call(case, "2026-03-02T10:00+08:00", Result.CONVERSATION)
        Payment.objects.create(
            creditor=owed_to, reference=f"p{account.pk}", account=account, cents=1_00, currency="CNY",
            happened_on=date(2026, 3, 2),
        )  # fmt: skip
    lead = stories.user(Role.LEAD, team=ours)
    creditor = stories.user(Role.CREDITOR)
    CreditorStaff.objects.create(user=creditor, creditor=one)
    risk = stories.user(Role.RISK)
    return {"risk": risk, "lead": lead, "creditor": creditor, "one": one, "two": two, "theirs": theirs}


def counts(filters):
    months = rolls.months(filters)
    return (
        sum(total.accounts for total in buckets.totals(filters)),
        sum(n for month in months for to in month.moved.values() for n, _cents in to.values()),
        sum(part.judged for part in promises.by_time(filters)),
        contacts.times(filters).all.made,
        sum(day.payments for day in recovered.by_day(filters)),
        buckets.behind(filters, bucket=2).count(),
        len(rolls.behind(filters, start=date(2026, 2, 28), end=date(2026, 3, 31), bucket=1, way="worse")),
        promises.behind(filters).count(),
        contacts.behind(filters).count(),
        recovered.behind(filters).count(),
    )


@pytest.mark.parametrize(("role", "seen"), [("risk", 3), ("lead", 1), ("creditor", 2)])
def test_every_measure_and_its_rows_show_the_same_cases(two_houses, role, seen):
    assert set(counts(Filters(two_houses[role], **MARCH))) == {seen}


def test_filters_narrow_and_never_widen(two_houses):
    lead, creditor, two = two_houses["lead"], two_houses["creditor"], two_houses["two"].pk
    assert set(counts(Filters(two_houses["risk"], creditor=two, **MARCH))) == {1}
    assert set(counts(Filters(two_houses["risk"], team=two_houses["theirs"].pk, **MARCH))) == {2}
    assert set(counts(Filters(creditor, creditor=two, **MARCH))) == {0}
    assert set(counts(Filters(lead, team=two_houses["theirs"].pk, **MARCH))) == {0}


def test_a_lead_without_a_team_sees_nothing_and_nothing_breaks(two_houses):
    assert set(counts(Filters(stories.user(Role.LEAD), **MARCH))) == {0}


def test_choices_of_the_filters(two_houses):
    assert list(scope.creditors(two_houses["creditor"])) == [two_houses["one"]]
    assert not scope.teams(two_houses["creditor"])
    assert list(scope.teams(two_houses["lead"])) == [two_houses["lead"].team]
    assert scope.teams(two_houses["risk"]).count() == 2
    assert scope.currencies(two_houses["lead"]) == ["CNY"]


# ---- plans


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=40))
def test_the_curve_falls_and_without_losses_of_sight_is_the_plain_share(lives):
    lives = [(max(months, 1) if broke else months, broke) for months, broke in lives]
    stands = [month.stands for month in plans.curve(lives)]
    assert all(0 <= later <= earlier <= 1 for earlier, later in itertools.pairwise([Fraction(1), *stands]))
    longest = max(months for months, _ in lives)
    seen = [(months if broke else longest, broke) for months, broke in lives]  # nobody leaves before the end
    for month in plans.curve(seen):
        gone = sum(broke and months <= month.month for months, broke in seen)
        assert month.stands == 1 - Fraction(gone, len(seen))


def planned(owed_to, starts_on, status="active", turned_on=None, **fields):
    loan = debt(owed_to, principal=100_00)
    return stories.plan(
        stories.case(loan.debtor, owed_to), loan, starts_on, status=status, turned_on=turned_on, **fields
    )


def test_how_long_plans_stand_and_how_soon_the_first_money_comes(risk):
    """Four plans of January: one broke in its first month, one in its third, one was completed in its second."""
    bank = stories.creditor()
    start = date(2026, 1, 10)
    planned(bank, start, "broken", date(2026, 2, 5))
    planned(bank, start, "broken", date(2026, 4, 1), burden=85)
    done = planned(bank, start, "completed", date(2026, 3, 1), burden=30, discount=20_00)
    kept = planned(bank, start, burden=40)
    for plan, days in ((done, 4), (kept, 15)):
        Payment.objects.create(
            creditor=bank, account=plan.account, reference=f"P{plan.pk}", cents=10_00, currency="CNY",
            happened_on=start + timedelta(days=days),
        )  # fmt: skip
    period = {"since": date(2026, 1, 1), "until": date(2026, 5, 1), "currency": "CNY"}
    found = plans.measure(Filters(risk, **period))
    assert [(p.month, p.watched, p.broken, p.stands) for p in found.curve] == [
        (1, 4, 1, Fraction(3, 4)),
        (2, 3, 0, Fraction(3, 4)),
        (3, 2, 1, Fraction(3, 8)),
        (4, 1, 0, Fraction(3, 8)),
    ]
    assert (found.started, found.broken, found.completed, found.first_days) == (4, 2, 1, 9)
    assert (found.relief, found.burden) == (Fraction(20, 400), Fraction(205, 4))
    assert (found.first_quarter, found.last_quarter, found.relief_cents, found.heavy) == (4, 15, 5_00, 1)
    assert [found.broken_within(n) for n in (1, 3, 6)] == [Fraction(1, 4), Fraction(5, 8), None]
    # As of the end of February only the first had broken.
    early = Filters(risk, **period | {"until": date(2026, 2, 28)})
    assert plans.measure(early).broken == 1
    assert plans.behind(early, status="broken").count() == 1
    assert plans.behind(early, status="completed").count() == plans.measure(early).completed
    assert plans.behind(early).count() == sum(
        plans.behind(early, status=one).count() for one in ("active", "broken", "completed", "replaced")
    )
    assert [p.status for p in plans.behind(Filters(risk, **period), status="completed")] == ["completed"]
    assert [p.offer.burden for p in plans.behind(Filters(risk, **period), heavy=True)] == [85]
    assert [p.discount for p in plans.behind(Filters(risk, **period), relief=True)] == [20_00]


def test_past_due_again_after_a_completed_plan(risk):
    """Asked on 31 December. Completed: 1 May (past due again after 60 days), 1 June (after 120), 1 July (never; the move
    two days before its end is not after it), 1 November (60 days old: too young to tell). Within 90 days: 1 of 3; within
    180 days: 2 of 3."""
    bank = stories.creditor()
    year = {"since": date(2026, 1, 1), "until": date(2026, 12, 31), "currency": "CNY"}
    may, june, july, november = (
        planned(bank, date(2026, 2, 1), "completed", date(2026, month, 1)) for month in (5, 6, 7, 11)
    )
    for plan, days in ((may, 60), (june, 120), (july, -2)):
        move(plan.account, plan.turned_on + timedelta(days=days), 1, 10_00, was=0)
    move(november.account, date(2026, 12, 1), 2, 10_00, was=1)  # was late before: not anew
    filters = Filters(risk, **year)
    assert plans.relapses(filters) == [plans.Relapse(90, 3, 1), plans.Relapse(180, 3, 2)]
    assert [one.share for one in plans.relapses(filters)] == [Fraction(1, 3), Fraction(2, 3)]
    assert list(plans.behind_relapses(filters, days=180, again=True)) == [june, may]
    assert list(plans.behind_relapses(filters, days=90, again=False)) == [july, june, may]
    # Asked on 30 July, only the first is 90 days old, and none 180.
    young = plans.relapses(Filters(risk, **year | {"until": date(2026, 7, 30)}))
    assert young == [plans.Relapse(90, 1, 1), plans.Relapse(180, 0, 0)]
    assert young[1].share is None


def test_it_counts_from_the_day_it_fell_past_due_not_the_night_that_saw_it(risk):
    """Completed on 1 March. One account's debt, loaded in April, is past due since February: not anew. Another's is past
    due since 20 May, day 80, and seen by a night of 20 June, day 111: within 90 days."""
    bank = stories.creditor()
    old, late = (planned(bank, date(2026, 2, 1), "completed", date(2026, 3, 1)) for _ in range(2))
    for plan, seen, was, since in (
        (old, date(2026, 4, 1), None, date(2026, 2, 10)), (late, date(2026, 6, 20), 0, date(2026, 5, 20))
    ):  # fmt: skip
        account = stories.account(plan.person, bank)
        move(account, seen, 2, 10_00, was=was)
        Ageing.objects.create(account=account, as_of=seen, past_due=10_00, since=since, days_past_due=(seen - since).days,
                              delinquent_days=1, bucket=2, balance=10_00)  # fmt: skip
    year = {"since": date(2026, 1, 1), "until": date(2026, 12, 31), "currency": "CNY"}
    filters = Filters(risk, **year)
    assert plans.relapses(filters)[0] == plans.Relapse(90, 2, 1)
    (again,) = plans.behind_relapses(filters, days=90, again=True)
    assert (again, again.fell_on) == (late, date(2026, 5, 20))


def test_another_account_with_the_same_creditor_counts_and_one_elsewhere_does_not(risk):
    bank, elsewhere = stories.creditor(), stories.creditor()
    done, other = (planned(bank, date(2026, 2, 1), "completed", date(2026, 3, 1)) for _ in range(2))
    move(stories.account(done.person, bank), date(2026, 4, 1), 1, 10_00, was=0)
    move(stories.account(other.person, elsewhere), date(2026, 4, 1), 1, 10_00, was=0)
    year = {"since": date(2026, 1, 1), "until": date(2026, 12, 31), "currency": "CNY"}
    assert plans.relapses(Filters(risk, **year))[0] == plans.Relapse(90, 2, 1)
