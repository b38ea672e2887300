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
    dump, copy = tmp_path / "fairdue.dump", f"{settings['NAME']}_restored"

    def run(*command: str | Path) -> str:
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"{command[0]}: {done.stderr}"
        return done.stdout

    run(tool("pg_dump"), "--format=custom", f"--file={dump}", settings["NAME"])
    run(tool("psql"), "-qc", f'drop database if exists "{copy}"', "postgres")
    run(tool("psql"), "-qc", f'create database "{copy}"', "postgres")
    run(tool("pg_restore"), "--no-owner", f"--dbname={copy}", str(dump))
    try:
        restored = run(tool("psql"), "-Atc", "select principal, interest from accounts_balance", copy)
        verdict = subprocess.run(
            [os.path.join(os.path.dirname(os.sys.executable), "fairdue"), "journal", "verify"], capture_output=True, text=True, check=False,
            env={**os.environ, "DATABASE_URL": f"postgresql://{settings['USER']}@/{copy}?host={settings['HOST']}"},
        )  # fmt: skip
    finally:
        run(tool("psql"), "-qc", f'drop database "{copy}"', "postgres")

    assert restored.strip() == "70000|1500"
    assert Balance.objects.get().total == 71_500
    assert verdict.returncode == 0, verdict.stderr
    assert "intact" in verdict.stdout
    assert head in verdict.stdout
