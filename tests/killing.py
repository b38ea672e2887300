"""A process of its own that dies by SIGKILL at the n-th statement it sends to the database."""

import os
import signal
import time
from collections.abc import Callable

from django.db import connection


def killed_at(statement: int, work: Callable[[], object], *, after: bool) -> bool:
    """Do `work` in a child that is killed before (or right after) its n-th statement; False when it ended before."""
    connection.close()  # a child must not share the parent's session
    child = os.fork()
    if child == 0:
        _work_until(statement, work, after)
    _, status = os.waitpid(child, 0)
    _wait_until_gone()
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _work_until(statement: int, work: Callable[[], object], after: bool) -> None:
    """In the child: never returns."""
    seen = 0

    def count(execute, sql, params, many, context):
        nonlocal seen
        seen += 1
        if seen == statement and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = execute(sql, params, many, context)
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    try:
        with connection.execute_wrapper(count):
            work()
    finally:
        os._exit(0)


def _wait_until_gone() -> None:
    """The server notices a dead client only when it next speaks to it: until then its locks stand."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
                " and backend_type = 'client backend'"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.01)
    raise AssertionError("the killed process's session does not end")
