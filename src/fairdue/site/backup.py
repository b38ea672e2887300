"""Backup and restore: the database as a dump, the files beside it as an archive. The keys stay elsewhere."""

import os
import subprocess
import tarfile
from pathlib import Path
from typing import Final

from fairdue.site import embedded

DUMP: Final = "fairdue.dump"
FILES: Final = "files.tar.gz"


class BackupError(RuntimeError):
    """It cannot be done; the message says why and what helps."""


def keep(folder: Path, *, url: str, files: Path) -> dict[str, int]:
    """Write DUMP (the database at `url`, one moment) and FILES into `folder`; bytes by name. BackupError when the folder
    holds a backup already: none is ever written over.

    Both are written beside their names and moved there when whole, so an interrupted backup can be made again.
    The database first: a file is kept before the row that names it, so none of the rows lacks its file.
    """
    dump, archive = folder / DUMP, folder / FILES
    if dump.exists() or archive.exists():
        raise BackupError(f"{folder} already holds a backup: name a new folder, or move that one away")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    half_dump, half_archive = dump.with_suffix(".half"), archive.with_suffix(".half")
    _run("pg_dump", "--format=custom", f"--file={half_dump}", url)
    with tarfile.open(half_archive, "w:gz") as tar:
        if files.is_dir():
            tar.add(files, arcname=".")
    half_dump.replace(dump)
    half_archive.replace(archive)
    return {DUMP: dump.stat().st_size, FILES: archive.stat().st_size}


def restore(folder: Path, *, url: str, files: Path) -> None:
    """Bring back what `keep` wrote into an empty database and an empty folder; BackupError when one is not empty."""
    import psycopg

    dump, archive = folder / DUMP, folder / FILES
    for needed in (dump, archive):
        if not needed.is_file():
            raise BackupError(f"{needed} is missing: name the folder that `fairdue backup` wrote")
    with psycopg.connect(url) as connection:
        tables = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
    if tables and tables[0]:
        raise BackupError(f"the database already holds {tables[0]} tables: restore into an empty one (createdb)")
    if files.is_dir() and any(files.iterdir()):
        raise BackupError(f"{files} is not empty: set FAIRDUE_FILES to a new folder")
    _run("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={url}", str(dump))
    files.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        tar.extractall(files, filter="data")


def _run(name: str, *arguments: str) -> None:
    command = [str(embedded.tool(name)), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})  # noqa: S603
    if done.returncode:
        raise BackupError(f"{name}: {done.stderr.strip() or 'failed'}")
