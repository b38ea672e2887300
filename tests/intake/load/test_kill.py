"""SIGKILL at random moments of a load: whole or nothing, and run again it ends as if nothing had happened."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from fairdue.accounts.models import Account, Balance, Due, Payment, Transfer
from fairdue.contact.models import Attempt
from fairdue.intake import services
from fairdue.intake.models import Load
from fairdue.journal.queries import verify
from fairdue.people.models import ContactPoint, Person, Relation
from intake.load.banks import Bank, ends
from stories import creditor

KILLS = int(os.environ.get("FAIRDUE_KILLS", "70"))
ROWS = 60

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(900)]


class Zygote:
    """Runs loads in children of a process of its own, and kills them."""

    def __init__(self) -> None:
        url = urlsplit(os.environ["DATABASE_URL"])
        name = connection.settings_dict["NAME"]
        surroundings = os.environ | {
            "DATABASE_URL": urlunsplit(url._replace(path=f"/{name}")),
            "DJANGO_SETTINGS_MODULE": "fairdue.site.settings",
            "FAIRDUE_FILES": str(settings.MEDIA_ROOT),
        }
        command = [sys.executable, str(Path(__file__).with_name("zygote.py"))]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=surroundings, bufsize=1
        )

    def run(self, load: Load, *, kill_after: float | None = None) -> tuple[int, float]:
        """Run a load, killed after some seconds if it still runs then: (exit code, seconds it lived)."""
        assert self.process.stdin and self.process.stdout
        started = time.monotonic()
        self.process.stdin.write(f"{load.pk}\n")
        child = int(self.process.stdout.readline())
        if kill_after is not None:
            time.sleep(kill_after)
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        return int(self.process.stdout.readline()), time.monotonic() - started

    def close(self) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@pytest.fixture
def zygote() -> Iterator[Zygote]:
    started = Zygote()
    yield started
    started.close()


def files(code: str) -> dict[str, list[dict[str, Any]]]:
    """Files of a bank whose accounts and people are its own: `code` is in every number."""
    n = int(code[1:])
    return {
        "accounts": [
            {"account": f"{code}-{i}", "customer": f"C{i // 2}", "phone": f"13{n:04d}{i:05d}", "principal": f"{i + 1}.00",
             "friend": "李四" if i % 3 else "", "tie": "friend" if i % 3 else "", "friend phone": f"15{n:04d}{i:05d}" if i % 3 else ""}
            for i in range(ROWS)
        ],
        "dues": [{"account": f"{code}-{i}", "n": 1} for i in range(ROWS)],
        "payments": [
            {"account": f"{code}-{i % ROWS}", "reference": f"P{i}", "amount": "0.25", "paid": f"{time.strftime('%Y-%m-%d')}"}
            for i in range(2 * ROWS)
        ],
        "contacts": [{"account": f"{code}-{i}", "at": f"2026-02-03 10:{i % 60:02d}"} for i in range(ROWS)],
    }  # fmt: skip


def books(bank: Bank) -> dict[str, Any]:
    """What a bank's loads left behind, without the numbers of rows."""
    mine = {"account__creditor": bank.creditor}
    debtors = Account.objects.filter(creditor=bank.creditor).values("debtor")
    related = Relation.objects.filter(debtor__in=debtors)
    return {
        "accounts": sorted(Account.objects.filter(creditor=bank.creditor).values_list("proof_score", "status")),
        "persons": Person.objects.filter(pk__in=debtors).count(),
        "cases": bank.creditor.cases.count(),
        "around": related.count(),
        "points": ContactPoint.objects.filter(person__in=debtors).count(),
        "points around": ContactPoint.objects.filter(person__in=related.values("person")).count(),
        "balances": sorted(Balance.objects.filter(**mine).values_list("principal", "unapplied")),
        "transfers": sorted(Transfer.objects.filter(**mine).values_list("source", "target", "cents")),
        "dues": sorted(Due.objects.filter(**mine).values_list("n", "cents")),
        "payments": sorted(Payment.objects.filter(creditor=bank.creditor).values_list("reference", "cents")),
        "waiting": Payment.objects.filter(creditor=bank.creditor, applied_at=None).count(),
        "attempts": sorted(Attempt.objects.filter(creditor=bank.creditor).values_list("channel", "result")),
    }


def size(bank: Bank, kind: str) -> int:
    model = {"accounts": Account, "payments": Payment, "contacts": Attempt}.get(kind)
    if model is None:
        return Due.objects.filter(account__creditor=bank.creditor).count()
    return model.objects.filter(creditor=bank.creditor).count()


def send(bank: Bank, kind: str) -> Load:
    load = bank.send(kind, *files(bank.creditor.code)[kind])
    Load.objects.filter(pk=load.pk).update(mapping=load.mapping.replace("BANK", bank.creditor.code))
    return load


def test_a_killed_load_is_whole_or_nothing_and_can_be_run_again(zygote: Zygote) -> None:
    chance = random.Random(20261123)
    spared = Bank(creditor("B1000"))
    lives = {}
    for kind in files("B1000"):
        load = send(spared, kind)
        lives[kind] = zygote.run(load)[1]
    model = books(spared)
    assert model["waiting"] == 0
    seen: Counter[tuple[str, int]] = Counter()
    killed, n = 0, 1000
    while killed < KILLS:
        n += 1
        bank = Bank(creditor(f"B{n}"))
        for kind in files(bank.creditor.code):
            load = send(bank, kind)
            for _ in range(chance.randint(1, 3)):
                code, _ = zygote.run(load, kill_after=chance.uniform(0, 1.1 * lives[kind]))
                load.refresh_from_db()
                whole = 2 * ROWS if kind == "payments" else ROWS
                assert size(bank, kind) == (whole if load.status == Load.Status.DONE else 0), "half a load"
                killed += code == -signal.SIGKILL
                seen[load.status, code] += 1
            code, _ = zygote.run(load)
            load.refresh_from_db()
            assert (code, load.status) == (0, Load.Status.DONE)
            assert ends(load) == (2 * ROWS if kind == "payments" else ROWS, 0, 0, 0)
        assert books(bank) == model, "a load that was killed differs from one that was spared"
    assert {status for status, code in seen if code} > {Load.Status.UPLOADED}, (
        "the kills came too early to prove anything"
    )
    assert verify().intact
    assert services.interrupted() == []
