"""Payments per second through flows.payment.receive, and through the bulk way."""

from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from time import perf_counter

from fairdue.site.bench import Row, clock, percentile, scratch

BUDGET = 300
CORES = 2
"""Of the machine that the budget is for."""
NAME = "bench_payments"
WARM_UP = 20
"""First payments of a process are not counted: modules are loaded and statements planned in them."""


def measure(quick: bool) -> list[Row]:
    """Single payments by one and by two processes, each on accounts of its own, then loaded ones in bulk.

    The budget is for two cores: one process alone leaves each idle while it waits for the other.
    Every account has been aged by a night, as have those that payments come in for, and what the filling wrote has
    reached the disk: the first process would pay for both.
    """
    scratch(NAME)
    from fairdue.accounts import services as ledger
    from fairdue.accounts.columns import execute
    from fairdue.flows import payment
    from fairdue.site.bench import portfolio

    accounts, each = (2_000, 200) if quick else (50_000, 4_000)
    portfolio.fill(accounts=accounts, attempts=accounts)
    now = datetime.combine(portfolio.DAY, datetime.min.time(), UTC) + timedelta(hours=3)
    payment.apply_loaded(now=now)
    ledger.age_all(as_of=now.date())
    execute("vacuum analyze")
    execute("checkpoint")
    rows = []
    for processes in (1, CORES):
        jobs = [(1 + n * each * 2 + (processes - 1) * each, each, f"P{processes}", now) for n in range(processes)]
        with get_context("spawn").Pool(processes) as pool:
            took = [second for part in pool.starmap(pay, jobs) for second in part]
        rate = processes * len(took) / sum(took)
        p50, p99 = (percentile(took, share) * 1000 for share in (50, 99))
        what = f"payment in, applied, judged, aged; {processes} at a time"
        figure = f"{rate:,.0f}/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms"
        budget = (f"≥ {BUDGET}/s", rate >= BUDGET) if processes == CORES else ()
        rows.append(Row(what, f"{len(took):,}", figure, *budget))
    rows.append(_bulk(now))
    return rows


def pay(first: int, count: int, name: str, now: datetime) -> list[float]:
    """Receive one payment for each of `count` accounts from id `first`; seconds of each."""
    scratch(NAME, fresh=False)
    from fairdue.accounts.models import Account
    from fairdue.flows import payment

    accounts = list(Account.objects.select_related("creditor").filter(pk__gte=first, pk__lt=first + count))
    seconds = []
    for n, account in enumerate(accounts):
        start = perf_counter()
        payment.receive(
            creditor=account.creditor, account=account, reference=f"{name}-{account.pk}", cents=12_345, currency="CNY",
            happened_on=now.date(), now=now,
        )  # fmt: skip
        if n >= WARM_UP:
            seconds.append(perf_counter() - start)
    return seconds


def _bulk(now: datetime) -> Row:
    from fairdue.accounts.columns import execute
    from fairdue.flows import payment

    added = execute(
        """insert into accounts_payment
            (creditor_id, reference, account_id, kind, cents, currency, method, payer, happened_on)
        select creditor_id, 'L' || id, id, 'payment', 2345, 'CNY', '', '', %s from accounts_account""",
        [now.date()],
    )
    execute("analyze accounts_payment")  # as a load does
    with clock() as seconds:
        payment.apply_loaded(now=now + timedelta(minutes=1))
    return Row("a loaded file applied, judged, aged", f"{added:,}", f"{added / seconds():,.0f}/s")
