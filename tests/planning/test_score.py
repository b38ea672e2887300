"""Scoring: what is proposed, why, and what it is worth."""

from dataclasses import fields, replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairdue.planning.columns import NO_DAY
from fairdue.planning.scores import Action, Cases, Reason, load_weights, reason_text, score

TODAY = 20_000
WEIGHTS = load_weights()
DTYPES = {
    "balance": "i8", "past_due": "i8", "days_past_due": "i4", "bucket": "i1", "days_to_next_bucket": "i4",
    "paid_90": "i8", "last_payment_on": "i4", "monthly_income": "i8", "promises_kept": "i2", "promises_broken": "i2",
    "promise_due_on": "i4", "promise_cents": "i8", "promise_ppm": "i4", "broken_on": "i4", "broken_cents": "i8", "calls_made": "i2",
    "calls_answered": "i2", "last_contact_on": "i4", "last_reached_on": "i4", "callback_on": "i4",
    "limitation_on": "i4", "placement_ends_on": "i4", "proof_percent": "i1",
    "has_phone": "?", "has_message": "?", "has_address": "?",
}  # fmt: skip
ORDINARY = {
    "balance": 5_000_00, "past_due": 1_000_00, "days_past_due": 45, "bucket": 2, "days_to_next_bucket": 16,
    "paid_90": 0, "last_payment_on": NO_DAY, "monthly_income": -1, "promises_kept": 0, "promises_broken": 0,
    "promise_due_on": NO_DAY, "promise_cents": 0, "promise_ppm": -1, "broken_on": NO_DAY, "broken_cents": 0, "calls_made": 0,
    "calls_answered": 0, "last_contact_on": TODAY - 3, "last_reached_on": NO_DAY, "callback_on": NO_DAY,
    "limitation_on": NO_DAY, "placement_ends_on": NO_DAY, "proof_percent": -1,
    "has_phone": True, "has_message": True, "has_address": True,
}  # fmt: skip


def cases(*differences):
    """Columns of ordinary cases (45 days past due, contacted three days ago), each with its differences."""
    rows = [ORDINARY | d for d in differences]
    return Cases(**{name: np.array([row[name] for row in rows], dtype=kind) for name, kind in DTYPES.items()})


def scored(**difference):
    return score(cases(difference), WEIGHTS, today=TODAY)


def yuan(cents):
    return f"¥{cents // 100}.{cents % 100:02}"


def words(result, lang="en", i=0):
    pairs = zip(result.reason[i], result.numbers[i], strict=True)
    return [reason_text(int(code), numbers, lang, money=yuan) for code, numbers in pairs if code]


STORIES = [
    ("contacted three days ago, cadence four", {}, "REST", "Contacted 3 days ago; next follow-up in 1 day"),
    ("nothing due", {"past_due": 0, "bucket": 0, "days_past_due": 0}, "REST", "Nothing is due now"),
    (
        "cadence has come",
        {"last_contact_on": TODAY - 4},
        "CALL",
        "Last contact 4 days ago; this bucket is followed up every 4 days",
    ),
    ("never contacted", {"last_contact_on": NO_DAY}, "CALL", "45 days past due and never contacted"),
    (
        "newly overdue",
        {"days_past_due": 1, "bucket": 1, "last_contact_on": TODAY - 20},
        "REMIND",
        "Newly overdue: 1 day, ¥1000.00 past due",
    ),
    (
        "newly overdue and reminded already",
        {"days_past_due": 2, "bucket": 1, "last_contact_on": TODAY - 1},
        "REST",
        "Contacted 1 day ago; next follow-up in 2 days",
    ),
    ("rolls tomorrow", {"days_to_next_bucket": 1}, "CALL", "Rolls to M3 in 1 day"),
    (
        "rolls tomorrow, spoken to yesterday",
        {"days_to_next_bucket": 1, "last_contact_on": TODAY - 1},
        "REST",
        "Contacted",
    ),
    (
        "promise due today",
        {"promise_due_on": TODAY, "promise_cents": 300_00, "last_contact_on": TODAY - 1},
        "PROMISE_FOLLOW_UP",
        "Promise of ¥300.00 fell due today",
    ),
    (
        "promise due tomorrow",
        {"promise_due_on": TODAY + 1, "promise_cents": 300_00},
        "REMIND",
        "Promise of ¥300.00 falls due in 1 day",
    ),
    (
        "promise running",
        {"promise_due_on": TODAY + 9, "promise_cents": 300_00, "last_contact_on": TODAY - 60},
        "REST",
        "Promise of ¥300.00 runs for 9 days: left in peace",
    ),
    (
        "first promise broken: a message",
        {"broken_on": TODAY - 2, "broken_cents": 300_00, "promises_broken": 1},
        "REMIND",
        "Promise of ¥300.00 broken 2 days ago",
    ),
    (
        "first promise broken, long overdue: a call",
        {"broken_on": TODAY - 2, "broken_cents": 300_00, "promises_broken": 1, "bucket": 3, "days_past_due": 70},
        "CALL",
        "Promise of ¥300.00 broken 2 days ago",
    ),
    (
        "promises broken again: a plan",
        {"broken_on": TODAY - 2, "broken_cents": 300_00, "promises_broken": 2},
        "FOLLOW_UP",
        "Promise of ¥300.00 broken 2 days ago",
    ),
    (
        "broken and spoken to since",
        {"broken_on": TODAY - 3, "last_contact_on": TODAY - 2},
        "REST",
        "Contacted 2 days ago",
    ),
    (
        "callback though a promise runs",
        {"callback_on": TODAY, "promise_due_on": TODAY + 9},
        "CALL_BACK",
        "The borrower asked to be called today",
    ),
    ("limitation near", {"limitation_on": TODAY + 30}, "LETTER", "Limitation period ends in 30 days"),
    (
        "limitation near, no address",
        {"limitation_on": TODAY + 30, "has_address": False},
        "CALL",
        "Limitation period ends in",
    ),
    ("limitation long over", {"limitation_on": TODAY - 1}, "REST", "Contacted 3 days ago"),
    ("placement ends", {"placement_ends_on": TODAY + 5}, "CALL", "Placement ends in 5 days"),
    (
        "no way to reach",
        {"has_phone": False, "has_message": False, "has_address": False},
        "REPAIR",
        "No usable contact point: mend the file first",
    ),
    (
        "gaps in the proof",
        {"proof_percent": 40},
        "REPAIR",
        "Proof of debt 40% complete, below 60%: mend the file first",
    ),
    ("proof not judged", {"proof_percent": -1, "last_contact_on": TODAY - 9}, "CALL", "Last contact 9 days ago"),
    ("no phone", {"has_phone": False, "last_contact_on": TODAY - 9}, "REMIND", "Last contact 9 days ago"),
    (
        "no phone, no message",
        {"has_phone": False, "has_message": False, "last_contact_on": TODAY - 9},
        "LETTER",
        "Last contact 9 days ago",
    ),
    (
        "never picks up",
        {"calls_made": 6, "last_contact_on": TODAY - 9},
        "LETTER",
        "Last contact 9 days ago",
    ),
    (
        "long overdue",
        {"days_past_due": 200, "bucket": 7, "days_to_next_bucket": NO_DAY, "last_contact_on": TODAY - 14},
        "FOLLOW_UP",
        "Last contact 14 days ago; this bucket is followed up every 14 days",
    ),
]


@pytest.mark.parametrize(
    ("difference", "action", "first_reason"), [s[1:] for s in STORIES], ids=[s[0] for s in STORIES]
)
def test_the_first_line_that_fits_decides_and_says_so(difference, action, first_reason):
    result = scored(**difference)
    assert Action(result.action[0]).name == action
    assert words(result)[0].startswith(first_reason)
    assert (result.priority[0] == 0) == (action == "REST")
    assert (result.minutes[0] == 0) == (action == "REST")


def test_a_newly_overdue_account_is_reminded_on_its_first_day_even_if_called_last_month():
    result = scored(days_past_due=1, bucket=1, last_contact_on=TODAY - 30)
    assert result.action[0] == Action.REMIND
    assert result.next_on[0] == TODAY


def test_rest_names_the_day_of_the_next_step():
    assert scored().next_on[0] == TODAY + 1  # three of four days have passed
    assert scored(promise_due_on=TODAY + 9).next_on[0] == TODAY + 8  # the reminder
    assert scored(past_due=0).next_on[0] == NO_DAY


def test_the_value_of_an_ordinary_case_by_hand():
    # 60 % of 1,000.00 may be at hand (income unknown, M2); chance 30 % × 80 % (never paid) × 85 % (never reached)
    result = scored(last_contact_on=TODAY - 4)
    assert result.chance_ppm[0] == 204_000
    assert result.expected[0] == 122_40
    assert result.priority[0] == 134_64  # 10 % more: the day of its cadence has come
    assert "Expected ¥122.40: payment of the ¥600.00 that could be paid at once is 20.4 % likely" in words(result)


def test_income_bounds_what_can_be_hoped_for():
    poor, rich = scored(monthly_income=1_000_00), scored(monthly_income=1_000_000_00)
    assert poor.expected[0] == 200_00 * 204_000 // 1_000_000  # a fifth of the income
    assert rich.expected[0] == 1_000_00 * 204_000 // 1_000_000  # never more than is past due


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"promises_broken": 3}, {"promises_kept": 3}),
        ({"calls_made": 9}, {"calls_made": 9, "calls_answered": 9}),
        ({"last_payment_on": TODAY - 100}, {"last_payment_on": TODAY - 5}),
        ({"last_reached_on": TODAY - 100}, {"last_reached_on": TODAY - 5}),
        ({"bucket": 3}, {"bucket": 2}),
    ],
)
def test_a_better_history_is_a_better_chance(worse, better):
    assert scored(**worse).chance_ppm[0] < scored(**better).chance_ppm[0]


def test_no_history_leaves_the_chance_alone_and_nobody_is_written_off():
    assert scored(last_payment_on=TODAY - 150, last_reached_on=TODAY - 60).chance_ppm[0] == 300_000
    worst = scored(bucket=7, promises_broken=50, calls_made=50)
    assert worst.chance_ppm[0] == 10_000


def test_a_debt_of_a_few_cents_still_counts_for_something():
    assert scored(past_due=3, last_contact_on=NO_DAY).priority[0] == WEIGHTS.whole["value.least_cents"]


def test_huge_amounts_stay_exact():
    big = 10**13
    result = scored(past_due=big, balance=big, monthly_income=10**13, bucket=0, last_contact_on=NO_DAY)
    assert result.expected[0] == big * 20 // 100 * int(result.chance_ppm[0]) // 10**6


def test_every_reason_reads_well_in_both_languages():
    for code in Reason:
        if code is Reason.NONE:
            assert reason_text(code, [0, 0], "zh", money=yuan) == ""
            continue
        zh, en = (reason_text(code, [2, 5], lang, money=yuan) for lang in ("zh", "en"))
        assert any("一" <= letter <= "鿿" for letter in zh)
        assert en.isascii() or "¥" in en
        assert "{" not in zh + en
        assert "1 days" not in reason_text(code, [1, 1], "en", money=yuan)


def test_reasons_in_chinese():
    result = scored(promise_due_on=TODAY, promise_cents=300_00, promises_kept=2, promises_broken=1)
    assert words(result, "zh") == [
        "承诺还款 ¥300.00，今天到期",
        "预计可回收 ¥134.64：眼下还得起 ¥600.00，还上的可能性 22.4%",  # 600.00 × 30 % × 110 % × 80 % × 85 %
        "承诺履行 2 次，未履行 1 次",
    ]


def test_more_than_is_past_due_is_expected_only_where_more_was_promised():
    due = {"past_due": 85_54, "balance": 2_000_00, "promise_due_on": TODAY, "promise_cents": 340_00}
    promised = scored(**due)
    assert promised.expected[0] > 85_54 * int(promised.chance_ppm[0]) // 10**6
    assert any("payment of the ¥340.00 promised is" in text for text in words(promised))
    less = scored(**due | {"promise_cents": 50_00, "monthly_income": 9_000_00})
    assert less.expected[0] <= 85_54
    assert any("payment of the ¥85.54 that could be paid at once is" in text for text in words(less))


def test_one_case_alone_scores_as_among_others():
    every = [story[1] for story in STORIES]
    together = score(cases(*every), WEIGHTS, today=TODAY)
    for i, difference in enumerate(every):
        alone = scored(**difference)
        for field in fields(alone):
            assert (getattr(alone, field.name)[0] == getattr(together, field.name)[i]).all()


def test_no_cases_is_fine():
    nothing = replace(cases({}), **{f.name: getattr(cases({}), f.name)[:0] for f in fields(Cases)})
    assert len(score(nothing, WEIGHTS, today=TODAY).expected) == 0


around = st.sampled_from([NO_DAY, TODAY - 400, TODAY - 5, TODAY - 1, TODAY, TODAY + 1, TODAY + 2, TODAY + 50])
counts = st.integers(0, 9)
any_case = st.fixed_dictionaries(
    {
        "past_due": st.sampled_from([0, 1, 1_000_00]), "days_past_due": st.sampled_from([0, 1, 3, 4, 45, 300]),
        "bucket": st.integers(0, 7), "days_to_next_bucket": st.sampled_from([1, 3, 9, NO_DAY]),
        "paid_90": st.sampled_from([0, 500_00]), "last_payment_on": around,
        "monthly_income": st.sampled_from([-1, 0, 9_000_00]),
        "promises_kept": counts, "promises_broken": counts, "promise_due_on": around, "promise_cents": st.just(50_00),
        "broken_on": around, "calls_made": counts, "last_contact_on": around, "last_reached_on": around,
        "callback_on": around, "limitation_on": around, "placement_ends_on": around,
        "proof_percent": st.sampled_from([-1, 0, 60, 100]),
        "has_phone": st.booleans(), "has_message": st.booleans(), "has_address": st.booleans(),
    }
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(any_case, min_size=1, max_size=8))
def test_whatever_the_case_the_proposal_can_be_done_and_has_a_reason(differences):
    result = score(cases(*differences), WEIGHTS, today=TODAY)
    for i, case in enumerate(differences):
        action = Action(result.action[i])
        texts = words(result, "en", i) + words(result, "zh", i)
        assert result.reason[i, 0] != Reason.NONE
        assert not any("1000000" in text for text in texts), texts
        assert not any("-" in text.replace("follow-up", "") for text in texts), texts
        if action in (Action.CALL, Action.FOLLOW_UP, Action.CALL_BACK, Action.PROMISE_FOLLOW_UP):
            assert case["has_phone"]
        if action is Action.LETTER:
            assert case["has_address"]
        if action is Action.REST:
            assert result.next_on[i] > TODAY or result.next_on[i] == NO_DAY
        else:
            assert result.priority[i] >= WEIGHTS.whole["value.least_cents"]
        assert 0 <= result.expected[i] <= max(case["past_due"], case["promise_cents"])


def test_partial_of_a_money_writer_serves():
    write = partial(lambda cents, currency: f"{currency} {cents}", currency="CNY")
    assert reason_text(Reason.PAID_RECENTLY, [5, 2], "en", money=write) == "Paid CNY 5 in 90 days, last 2 days ago"


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (1, "Broken once: a friendly message first"),
        (2, "Broken twice: offer a plan by their budget, no further promise"),
        (5, "Broken 5 times: the lead looks at it before anything else"),
    ],
)
def test_what_follows_a_broken_promise_is_said(broken, said):
    result = scored(broken_on=TODAY - 1, broken_cents=300_00, promises_broken=broken)
    assert words(result)[1] == said
    assert words(result, "zh")[1].startswith(f"第 {broken} 次未履行：")


def test_a_promise_is_expected_by_its_own_chance():
    """Given a promise of 900.00 with a chance of 40 %; then 360.00 are expected of it, whatever else is known."""
    result = scored(promise_due_on=TODAY, promise_cents=900_00, promise_ppm=400_000, last_payment_on=TODAY - 1)
    assert (int(result.expected[0]), int(result.chance_ppm[0])) == (360_00, 400_000)
    assert "Expected ¥360.00: payment of the ¥900.00 promised is 40.0 % likely" in words(result)
