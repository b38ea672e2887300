"""Child processes that never outlive the one who started them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C and ends its children in order


class Group:
    """Children started together and stopped together."""

    def __init__(self) -> None:
        self.children: list[subprocess.Popen[bytes]] = []

    def start(self, command: Sequence[str], **environment: str) -> subprocess.Popen[bytes]:
        """Start one more child with `environment` added to ours."""
        child = subprocess.Popen(  # noqa: S603 - commands are ours
            list(command), env={**os.environ, **environment}, preexec_fn=_die_with_parent, start_new_session=True
        )
        self.children.append(child)
        return child

    def stop(self, patience_s: float = 15) -> None:
        """Ask every child to end (SIGTERM to its session), then kill those that do not."""
        for child in reversed(self.children):
            _signal(child, signal.SIGTERM)
        end = time.monotonic() + patience_s
        for child in self.children:
            try:
                child.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGKILL)
                child.wait()

    def watch(self, beat: Callable[[], None] = lambda: None) -> int:
        """Wait until a child ends by itself; its exit code."""
        while True:
            for child in self.children:
                if (code := child.poll()) is not None:
                    return code
            beat()
            time.sleep(0.5)


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def web(*, host: str, port: int, workers: int) -> list[str]:
    """The command of the web server."""
    options = {
        "--interface": "wsgi",
        "--host": host,
        "--port": str(port),
        "--workers": str(workers),
        "--blocking-threads": "4",
        "--backpressure": "64",
        "--workers-kill-timeout": "5",
        "--log-level": "warning",
    }
    named = [part for option in options.items() for part in option]
    return [sys.executable, "-m", "granian", *named, "--no-access-log", "fairdue.site.wsgi:application"]


def worker(*, jobs: int) -> list[str]:
    """The command of one background worker."""
    return [str(Path(sys.executable).with_name("fairdue")), "worker", "--jobs", str(jobs)]
