"""*Next* under load on the portfolio of the night bench: the lease alone, then the whole page by a real web server."""

import re
import socket
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from threading import Barrier, Thread
from time import perf_counter, sleep

from fairdue.site.bench import Row, percentile, scratch

MS_BUDGET = 150
PRESSES = 20
PAGES = 6
PAUSE_S = 20
"""Nobody reads a case quicker than this on average; half of it is the mean pause between two pages here."""


def measure(quick: bool) -> list[Row]:
    """Press Next and finish, 20 times each; then 50 browsers that open one case after another. Run `night` first."""
    scratch("bench_night", fresh=False)
    from fairdue.accounts.columns import execute, rows
    from fairdue.accounts.models import Account
    from fairdue.cases.models import WorkItem

    last = WorkItem.objects.order_by("-on").first()
    if last is None:
        raise SystemExit("there is no planned day in the scratch database: measure night first")
    people = [pk for (pk,) in rows('select distinct user_id from cases_workitem where "on" = %s order by 1', [last.on])]
    at = WorkItem.objects.filter(on=last.on).latest("window_start").window_start + timedelta(minutes=1)
    size = f"{Account.objects.count():,} accounts"
    found = []
    for collectors in (1, 10, 50):
        execute(
            """update cases_workitem set status = 'open', leased_by_id = null, leased_until = null where "on" = %s""",
            [last.on],
        )
        seconds = _press(people[:collectors], at, last.on)
        p99 = percentile(seconds, 99) * 1000
        found.append(
            Row(
                f"Next, {collectors} at once", size,
                f"p50 {percentile(seconds, 50) * 1000:.1f} ms, p99 {p99:.1f} ms, {len(seconds):,} presses",
                f"p99 ≤ {MS_BUDGET} ms", p99 <= MS_BUDGET,
            )
        )  # fmt: skip
    return [*found, _pages(people[:50], last.on, size)]


def _press(users: list[int], at: datetime, day: date) -> list[float]:
    """All press at the same moment, then again within a second each: far quicker than people work. Seconds of each."""
    from django.db import connection

    from fairdue.cases.worklist import finish, next_item
    from fairdue.staff.models import User

    seconds: list[float] = []
    barrier = Barrier(len(users))

    def work(pk: int) -> None:
        try:
            user = User.objects.get(pk=pk)
            next_item(user=user, now=at, day=day)  # a web server's session has planned its statements long ago
            barrier.wait()
            pauses = Random(pk)  # noqa: S311
            for n in range(PRESSES):
                sleep(pauses.random() if n else 0)
                start = perf_counter()
                item = next_item(user=user, now=at, day=day)
                seconds.append(perf_counter() - start)
                if item is not None:
                    finish(item=item, by=user, how="no_answer", now=at)
        finally:
            connection.close()

    _all(work, users)
    return seconds


def _all(work: Callable[[int], None], users: list[int]) -> None:
    threads = [Thread(target=work, args=(pk,)) for pk in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _pages(users: list[int], day: date, size: str) -> Row:
    """Next and the case page it opens, through the web server with two processes, by as many browsers as `users`."""
    import httpx
    from django.conf import settings
    from django.utils import timezone

    from fairdue.accounts.columns import execute
    from fairdue.site import processes

    execute(
        """update cases_workitem set "on" = %s, status = 'open', leased_by_id = null, leased_until = null,
            window_start = now() - interval '1 hour', window_end = now() + interval '1 hour' where "on" = %s""",
        [timezone.localdate(), day],
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    group, seconds = processes.Group(), []
    group.start(processes.web(host="127.0.0.1", port=port, workers=2), FAIRDUE_PLAIN_STATIC="1")

    def work(pk: int) -> None:
        pauses = Random(pk)  # noqa: S311
        cookie = {settings.SESSION_COOKIE_NAME: _signed_in(pk)}
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", cookies=cookie, follow_redirects=True, timeout=60
        ) as browser:
            found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get("/today/").text)
            assert found, "not signed in"
            for _ in range(PAGES):
                sleep(pauses.random() * PAUSE_S)
                start = perf_counter()
                page = browser.post("/next/", data={"csrfmiddlewaretoken": found[1]})
                seconds.append(perf_counter() - start)
                assert "/case/" in str(page.url), f"{page.status_code} {page.url}"
                _put_away(pk)

    try:
        _answers(port)
        _all(work, users)
    finally:
        group.stop()
    assert len(seconds) == PAGES * len(users), "a browser gave up"
    p99 = percentile(seconds, 99) * 1000
    return Row(
        f"Next with the case page over HTTP, {len(users)} collectors, a case every {PAUSE_S // 2} s each", size,
        f"p50 {percentile(seconds, 50) * 1000:.0f} ms, p99 {p99:.0f} ms, {len(seconds):,} pages",
        f"p99 ≤ {MS_BUDGET} ms", p99 <= MS_BUDGET,
    )  # fmt: skip


def _signed_in(pk: int) -> str:
    """The key of a session of this user."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import connection

    from fairdue.staff.models import User

    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(pk), "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = User.objects.get(pk=pk).get_session_auth_hash()
    session.create()
    connection.close()
    return str(session.session_key)


def _put_away(pk: int) -> None:
    from django.db import connection

    from fairdue.accounts.columns import execute

    execute("update cases_workitem set status = 'done' where leased_by_id = %s and status = 'leased'", [pk])
    connection.close()


def _answers(port: int) -> None:
    """Wait for the web server."""
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.1)
    raise SystemExit("the web server did not start")
