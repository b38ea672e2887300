"""A night's interest for every account, and a file of payments learned late on accounts that are charged."""

from datetime import UTC, datetime, timedelta

from fairdue.site.bench import Row, clock, scratch

NAME = "bench_charges"
_TERMS = """
    insert into accounts_terms (account_id, rate, penalty, late_fee, late_fee_after, since, day_count, compounding, penalty_on,
        fraction, cap, cap_rate)
    select id, 180000, 90000, 1000, 3, %(day)s::date - 60, 1, 0, 0, 0, 'cn_licensed', 240000 from accounts_account
"""
_STATES = """
    insert into accounts_accrual (account_id, upto, interest_carry, penalty_carry, cap_carry, bearing, room, stale)
    select id, %(day)s::date - 61, 0, 0, 0, 0, 0, false from accounts_account
"""
_PAYMENTS = """
    insert into accounts_payment (creditor_id, reference, account_id, kind, cents, currency, method, payer, happened_on)
    select creditor_id, 'L' || id, id, 'payment', 2345, 'CNY', '', '', %(day)s::date - 1 from accounts_account
"""


def measure(quick: bool) -> list[Row]:
    """Two months of nights caught up with in one, then one night, then a file of payments of the day before."""
    scratch(NAME)
    from fairdue.accounts import queries
    from fairdue.accounts import services as ledger
    from fairdue.accounts.columns import execute
    from fairdue.flows import payment
    from fairdue.site.bench import portfolio

    accounts = 5_000 if quick else 200_000
    portfolio.fill(accounts=accounts, attempts=accounts)
    day = {"day": portfolio.DAY}
    now = datetime.combine(portfolio.DAY, datetime.min.time(), UTC) + timedelta(hours=3)
    payment.apply_loaded(now=now)
    execute(_TERMS, day)
    execute(_STATES, day)
    execute("analyze")
    rows = []
    for nights, upto in ((5, portfolio.DAY - timedelta(days=56)), (1, portfolio.DAY - timedelta(days=55))):
        with clock() as seconds:
            done = ledger.accrue(upto=upto)
        rows.append(Row(f"interest and fees, nights in one go: {nights}", f"{done.accounts:,}", f"{seconds():.1f} s"))
    ledger.accrue(upto=portfolio.DAY - timedelta(days=1))
    added = execute(_PAYMENTS, day)
    with clock() as seconds:
        payment.apply_loaded(now=now)
    figure = f"{added / seconds():,.0f}/s, {seconds():.1f} s"
    rows.append(Row("a file of payments learned a day late, charges told anew", f"{added:,}", figure))
    with clock() as seconds:
        found = queries.verify()
    rows.append(
        Row("the ledger replayed: fairdue ledger verify", f"{found.transfers:,} transfers", f"{seconds():.1f} s")
    )
    assert found.intact, found.broken
    return rows
