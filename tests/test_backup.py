"""The backup of docs/operations.md, tried: dump, restore, and the chain and the balances are what they were."""

import os
import subprocess
from datetime import date
from pathlib import Path

import pytest
from django.db import connection

import stories
from fairdue.accounts.models import Balance
from fairdue.journal import queries, services
from fairdue.site import backup
from fairdue.site.embedded import tool


@pytest.mark.django_db(transaction=True)
def test_a_restored_dump_verifies(tmp_path: Path):
    stories.account(
        stories.person(), stories.creditor(), principal=70_000, interest=1_500, dues={date(2026, 1, 3): 70_000}
    )
    services.write("account.placed", cents=71_500)
    head = queries.verify().head
    settings = connection.settings_dict
    environment = {**os.environ, "PGHOST": settings["HOST"], "PGUSER": settings["USER"]}
    url = f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}"
    copy, files, kept = f"{settings['NAME']}_restored", tmp_path / "files", tmp_path / "kept"
    files.mkdir()
    (files / "letter.pdf").write_bytes(b"%PDF-1.7")

    def run(*command: str | Path) -> str:
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"{command[0]}: {done.stderr}"
        return done.stdout

    backup.keep(kept, url=url, files=files)
    before = (kept / backup.DUMP).read_bytes()
    with pytest.raises(backup.BackupError, match="already holds a backup"):
        backup.keep(kept, url=url, files=files)
    assert (kept / backup.DUMP).read_bytes() == before
    assert {path.name for path in kept.iterdir()} == {backup.DUMP, backup.FILES}
    with pytest.raises(backup.BackupError, match="already holds"):
        backup.restore(kept, url=url, files=tmp_path / "new")
    run(tool("psql"), "-qc", f'drop database if exists "{copy}"', "postgres")
    run(tool("psql"), "-qc", f'create database "{copy}"', "postgres")
    there = f"postgresql://{settings['USER']}@/{copy}?host={settings['HOST']}"
    with pytest.raises(backup.BackupError, match="is not empty"):
        backup.restore(kept, url=there, files=files)
    backup.restore(kept, url=there, files=tmp_path / "new")
    try:
        restored = run(tool("psql"), "-Atc", "select principal, interest from accounts_balance", copy)
        verdict = subprocess.run(
            [os.path.join(os.path.dirname(os.sys.executable), "fairdue"), "journal", "verify"], capture_output=True, text=True, check=False,
            env={**os.environ, "DATABASE_URL": there},
        )  # fmt: skip
    finally:
        run(tool("psql"), "-qc", f'drop database "{copy}"', "postgres")

    assert (tmp_path / "new" / "letter.pdf").read_bytes() == b"%PDF-1.7"
    assert restored.strip() == "70000|1500"
    assert Balance.objects.get().total == 71_500
    assert verdict.returncode == 0, verdict.stderr
    assert "intact" in verdict.stdout
    assert head in verdict.stdout
