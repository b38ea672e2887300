"""The statement explains every cent; the ledger agrees with itself."""

import io
import re
from datetime import date

import pypdf
import pytest
from django.db import connection
from django.utils import translation

from fairdue.accounts.models import Balance, ChargeStop
from fairdue.accounts.queries import statement_of, verify
from fairdue.accounts.services import accrue, receive, refund, reverse, set_terms, stop_charges, take_back, write_off
from fairdue.accounts.statement import as_pdf, page_of
from fairdue.staff.models import Authority
from stories import account, creditor, person, user, utc

pytestmark = pytest.mark.django_db
NOW = utc("2026-12-31T00:00")
PLACED = date(2026, 1, 1)


def debt(**terms):
    loan = account(person(), creditor(), principal=100_000, interest=5_000, placed_on=PLACED)
    if terms:
        set_terms(account=loan, since=PLACED, **terms)
    return loan


def pay(loan, reference, cents, on):
    return receive(creditor=loan.creditor, account=loan, reference=reference, cents=cents, currency="CNY",
                   happened_on=on, now=NOW)  # fmt: skip


def short(loan, **how):
    return [(line.kind, line.on.isoformat(), line.total, line.balance) for line in statement_of(loan, **how).told.lines]


def test_placed_charged_paid_from_the_first_day():
    loan = debt(rate=120_000, day_count=1)
    accrue(upto=date(2026, 2, 10))
    pay(loan, "B1", 26_366, date(2026, 2, 11))
    assert short(loan) == [
        ("placed", "2026-01-01", 105_000, 105_000),
        ("interest", "2026-01-31", 1_033, 106_033),
        ("interest", "2026-02-10", 333, 106_366),
        ("payment", "2026-02-11", -26_366, 80_000),
    ]
    line = statement_of(loan).told.lines[1]
    assert (line.nights, line.base, line.parts) == (31, 100_000, (0, 1_033, 0, 0, 0))


def test_what_came_before_the_placing_says_nothing_of_what_was_owed_then():
    """100 paid in December, placed with 1,050 on 1 January: only then is known what is owed."""
    loan = debt()
    early = {"now": NOW, "happened_on": date(2025, 12, 15), "learned_at": utc("2025-12-15T04:00")}
    receive(creditor=loan.creditor, account=loan, reference="P", cents=10_000, currency="CNY", **early)
    page = page_of(loan, today=PLACED)
    assert [(row.kind, row.early) for row in page.rows] == [("before", True), ("placed", False)]
    pages = pypdf.PdfReader(io.BytesIO(as_pdf(page, made_at=NOW))).pages
    text = "".join(sheet.extract_text() for sheet in pages)
    assert "1,050.00" in text
    assert not re.search(r"(?<![\d,])0\.00", text)


def test_a_line_says_the_order_of_application_and_what_was_left_over():
    loan = debt()
    pay(loan, "B1", 110_000, PLACED)
    line = statement_of(loan).told.lines[-1]
    assert (line.reference, line.order, line.cents, line.unapplied) == ("B1", "cn_general", 110_000, 5_000)


def test_learned_late_the_statement_tells_the_story_as_it_was():
    loan = debt(rate=120_000, day_count=1)
    accrue(upto=date(2026, 1, 30))
    pay(loan, "B1", 55_000, PLACED)
    assert short(loan)[1:] == [("payment", "2026-01-01", -55_000, 50_000), ("interest", "2026-01-30", 500, 50_500)]
    told = statement_of(loan, every=True)
    assert told.restated == 32  # thirty nights, and the payment's two parts
    assert told.told.closing == statement_of(loan).told.closing
    assert any(line.kind == "restated" for line in told.told.lines)


def test_within_a_day_the_lines_stand_as_they_were_booked():
    """Given three payments of a day and one taken back; then no balance is one that never was."""
    loan, day = debt(), date(2026, 2, 1)
    pay(loan, "Z", 6_000, day)
    much = pay(loan, "M", 120_000, day)
    reverse(payment=much, reference="R", happened_on=day, now=NOW)
    pay(loan, "A", 9_000, day)
    lines = statement_of(loan).told.lines[1:]
    assert [(line.reference, line.parts[:2], line.unapplied, line.balance) for line in lines] == [
        ("Z", (-1_000, -5_000), 0, 99_000),
        ("M", (-99_000, 0), 21_000, 0),
        ("R", (99_000, 0), -21_000, 99_000),
        ("A", (-9_000, 0), 0, 90_000),
    ]


@pytest.mark.parametrize("terms", [{}, {"rate": 120_000, "day_count": 1}])
def test_money_kept_apart_that_meets_new_debt_never_takes_the_balance_below_zero(terms):
    """Given too much paid on one day and an earlier payment that bounces later; then what was kept apart covers it."""
    loan = debt(**terms)
    early = pay(loan, "B1", 50_000, date(2026, 1, 5))
    pay(loan, "B2", 80_000, date(2026, 1, 10))
    reverse(payment=early, reference="R1", happened_on=date(2026, 2, 1), now=NOW)
    lines = statement_of(loan).told.lines
    assert all(min(line.after) >= 0 for line in lines)


def test_a_day_told_anew_stands_in_the_order_in_which_it_was_told():
    """Given two payments of a day, interest charged since, and one before them learned late; then the splits of the
    ledger and the order of the lines agree."""
    loan, day = debt(rate=120_000, day_count=1), date(2026, 2, 1)
    pay(loan, "Z", 4_000, day)
    pay(loan, "A", 4_000, day)
    accrue(upto=date(2026, 2, 10))
    pay(loan, "B", 1_000, date(2026, 1, 20))
    pay(loan, "0", 500, day)
    assert all(min(line.after) >= 0 for line in statement_of(loan).told.lines)
    lines = [line for line in statement_of(loan).told.lines if line.on == day and line.kind == "payment"]
    assert [line.reference for line in lines] == ["0", "A", "Z"]
    assert all(line.after[1] == 0 or line.parts[0] == 0 for line in lines)  # principal once no interest is left


def test_a_ceiling_is_told():
    loan = debt(rate=240_000, penalty=120_000, cap="cn_licensed", day_count=1)
    accrue(upto=date(2026, 3, 1))
    told = statement_of(loan)
    assert [line.total for line in told.cuts] == [1_033, 933, 34]
    assert told.cut == 2_000


def test_whatever_happens_the_lines_add_up_and_the_ledger_is_intact():
    loan, lead = debt(rate=240_000, penalty=50_000), user("lead")
    Authority.objects.create(user=lead, kind="waive", currency="CNY", limit_cents=10**9)
    accrue(upto=date(2026, 2, 10))
    paid = pay(loan, "B1", 30_000, date(2026, 1, 20))
    reverse(payment=paid, reference="R1", happened_on=date(2026, 2, 1), now=NOW)
    waiver = write_off(account=loan, cents=2_000, reason="goodwill", by=lead, now=NOW, on=date(2026, 2, 5))
    accrue(upto=date(2026, 3, 10))
    take_back(waiver=waiver, by=lead, reason="mistake", now=NOW, on=date(2026, 3, 11))
    pay(loan, "B2", 400_000, date(2026, 3, 12))
    refund(account=loan, reference="F1", cents=1_000, happened_on=date(2026, 3, 13), now=NOW)
    for every in (False, True):
        told = statement_of(loan, every=every)
        assert told.adds_up
        assert told.told.closing == (0, 0, 0, 0, 0)
    assert all(min(line.after) >= 0 for line in statement_of(loan).told.lines)
    assert {line.kind for line in statement_of(loan).told.lines} == {
        "placed", "interest", "penalty", "payment", "reversal", "waived", "waiver_undone", "refund",
    }  # fmt: skip
    assert verify().intact


def test_verify_names_an_account_whose_balance_was_set_by_hand():
    loan, _other = debt(), debt()
    with connection.cursor() as cursor:
        cursor.execute("update accounts_balance set fees = 1 where account_id = %s", [loan.pk])
    found = verify()
    assert (found.intact, found.broken) == (False, {"balances": [loan.pk]})
    assert Balance.objects.count() == 2


def notes(page, kind):
    return [row.note for row in page.rows if row.kind == kind]


def test_a_line_says_at_which_rates_its_nights_ran():
    """Given 18 % a year and a cap at 6 % from 21 January; then January says 20 nights at 18 % and 11 at 6 %."""
    loan = debt(rate=180_000, penalty=90_000, day_count=1)
    stop_charges(account=loan, starts_on=date(2026, 1, 21), reason="scheme", what=ChargeStop.What.CAP, rate=60_000)
    accrue(upto=date(2026, 2, 10))
    with translation.override("en"):
        page = page_of(loan, today=date(2026, 2, 10))
    january, february = notes(page, "interest")
    assert january.startswith("20 nights at 18 % a year, 11 nights at 6 % a year to 31 Jan 2026, principal ¥1,000.00")
    assert february.startswith("10 nights at 6 % a year to 10 Feb 2026")
    assert page.stops == ["Interest at 6 % a year at most, nothing for lateness, from 21 Jan 2026 on."]
    told = "".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(as_pdf(page, made_at=NOW))).pages)
    assert "6 %" in told


def test_a_stop_is_told_with_its_days_and_a_night_without_charge_has_no_rate():
    loan = debt(rate=180_000, day_count=1)
    stop_charges(account=loan, starts_on=date(2026, 1, 11), ends_on=date(2026, 1, 30), reason="file 7")
    accrue(upto=date(2026, 1, 31))
    with translation.override("zh-hans"):
        page = page_of(loan, today=date(2026, 1, 31))
    assert notes(page, "interest") == [
        "10 晚按年利率 18 %, 20 晚按年利率 0 %, 1 晚按年利率 18 %，计至 2026-01-31，期初本金 ¥1,000.00"
    ]
    assert page.stops == ["停止计收全部利息和费用：2026-01-11 至 2026-01-30。"]


def test_penalty_interest_names_what_it_ran_on_and_not_the_principal():
    loan = account(person(), creditor(), principal=100_000, placed_on=PLACED, dues={date(2026, 1, 11): 20_000})
    set_terms(account=loan, since=PLACED, rate=0, penalty=90_000, day_count=1)
    accrue(upto=date(2026, 1, 31))
    with translation.override("en"):
        (note,) = notes(page_of(loan, today=date(2026, 1, 31)), "penalty")
    assert "on overdue principal" in note
    assert "1,000.00" not in note


def test_charged_since_no_day_before_the_placing():
    loan = account(person(), creditor(), principal=100_000, placed_on=date(2026, 1, 10))
    set_terms(account=loan, since=date(2025, 12, 1), rate=180_000, day_count=1)
    with translation.override("en"):
        terms = page_of(loan, today=date(2026, 1, 31)).terms
    assert terms[-1] == "Charged each night from 10 Jan 2026."
