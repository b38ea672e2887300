"""*Next* under load: 1, 10 and 50 collectors pressing at once on the portfolio of the night bench."""

from datetime import datetime, timedelta
from random import Random
from threading import Barrier, Thread
from time import perf_counter, sleep

from fairdue.site.bench import Row, percentile, scratch

MS_BUDGET = 150
PRESSES = 20


def measure(quick: bool) -> list[Row]:
    """Press Next and finish, 20 times each; run `night` first."""
    scratch("bench_night", fresh=False)
    from fairdue.accounts.columns import execute, rows
    from fairdue.accounts.models import Account
    from fairdue.cases.models import Run, WorkItem

    run = Run.objects.filter(status="done").order_by("-on").first()
    if run is None:
        raise SystemExit("there is no planned day in the scratch database: measure night first")
    people = [pk for (pk,) in rows('select distinct user_id from cases_workitem where "on" = %s order by 1', [run.on])]
    at = WorkItem.objects.filter(on=run.on).latest("window_start").window_start + timedelta(minutes=1)
    size = f"{Account.objects.count():,} accounts"
    found = []
    for collectors in (1, 10, 50):
        execute(
            """update cases_workitem set status = 'open', leased_by_id = null, leased_until = null where "on" = %s""",
            [run.on],
        )
        seconds = _press(people[:collectors], at)
        p99 = percentile(seconds, 99) * 1000
        found.append(
            Row(
                f"Next, {collectors} at once", size,
                f"p50 {percentile(seconds, 50) * 1000:.1f} ms, p99 {p99:.1f} ms, {len(seconds):,} presses",
                f"p99 ≤ {MS_BUDGET} ms", p99 <= MS_BUDGET,
            )
        )  # fmt: skip
    return found


def _press(users: list[int], at: datetime) -> list[float]:
    """All press at the same moment, then again within a second each: far quicker than people work. Seconds of each."""
    from django.db import connection

    from fairdue.cases.worklist import finish, next_item
    from fairdue.staff.models import User

    seconds: list[float] = []
    barrier = Barrier(len(users))

    def work(pk: int) -> None:
        try:
            user = User.objects.get(pk=pk)
            barrier.wait()
            pauses = Random(pk)  # noqa: S311
            for n in range(PRESSES):
                sleep(pauses.random() if n else 0)
                start = perf_counter()
                item = next_item(user=user, now=at, day=at.date())
                seconds.append(perf_counter() - start)
                if item is not None:
                    finish(item=item, by=user, how="no_answer", now=at)
        finally:
            connection.close()

    threads = [Thread(target=work, args=(pk,)) for pk in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds
