"""The verbs around a load: from the command line, looked at first, queued, refused, run again."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from fairdue.accounts.models import Account, Creditor
from fairdue.intake import services, tasks
from fairdue.intake.models import Load
from fairdue.intake.problems import FileRefused
from fairdue.intake.services import queueing, running
from fairdue.journal.models import Entry
from fairdue.site.cli import checked_file
from intake.load.banks import MAPPING, Bank, ends, table
from stories import user


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bank.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "accounts.csv").write_bytes(table("accounts", {}, {"account": "A2", "principal": "x"}))
    return tmp_path


def test_a_file_on_disk_is_loaded_and_its_creditor_made(db: None, folder: Path) -> None:
    told: list[Any] = []
    load = services.load_file(
        path=folder / "accounts.csv", creditor_code="BANK", kind="accounts", mapping_path=folder / "bank.yaml",
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert (load.status, ends(load), told[-1][0]) == ("done", (1, 0, 0, 1), 2)
    made = Creditor.objects.get(code="BANK")
    assert (made.name_zh, made.currency, made.zone) == ("海滨银行", "CNY", "Asia/Shanghai")
    again = services.load_file(path=folder / "accounts.csv", creditor_code="BANK", kind="accounts")
    assert ends(again) == (0, 0, 1, 1), "the creditor's own mapping serves from now on"


def test_checking_a_file_loads_nothing(db: None, folder: Path) -> None:
    report = services.check_file(
        path=folder / "accounts.csv", creditor_code="BANK", kind="accounts", mapping_path=folder / "bank.yaml"
    )
    assert (report["problem"], report["read"], report["good"], report["rejected"]) == ("", 2, 1, 1)
    assert report["sample"][0]["principal"] == "100000"
    assert report["errors"] == ['row 3: column "principal" holds "x": this is not an amount. Write 1234.55.']
    assert not Account.objects.exists() and not Load.objects.exists()


def test_accounts_not_on_record_are_named_before_loading(bank: Bank) -> None:
    """Given one account known and one in another currency; then looking at a file of payments says what loading does."""
    bank.accounts({}, {"account": "A2", "currency": "USD"})
    rows = [{"account": "A1"}, {"account": "A9", "reference": "P2"}, {"account": "A2", "reference": "P3"}]
    load = bank.send("payments", *rows)
    mapping = services.parsed_mapping(load)
    shown = services.preview(path=Path(load.path), name=load.name, mapping=mapping, creditor=bank.creditor)
    assert [row["account_ref"] for row in shown.rows] == ["A1"]
    assert [(error.row, error.code) for error in shown.errors] == [(3, "account_unknown"), (4, "currency_clash")]
    Creditor.objects.filter(pk=bank.creditor.pk).update(mapping=MAPPING)
    report = services.check_file(path=Path(load.path), creditor_code=bank.creditor.code, kind="payments")
    assert (report["read"], report["good"], report["rejected"]) == (3, 1, 2)
    assert report["sums"] == [{"field": "cents", "currency": "CNY", "read": 15_000, "good": 5_000, "rejected": 10_000}]
    services.run(load=load)
    load.refresh_from_db()
    assert (load.loaded, load.rejected) == (1, 2)


def test_checking_without_any_mapping_says_what_to_do(db: None, folder: Path) -> None:
    report = services.check_file(path=folder / "accounts.csv", creditor_code="BANK", kind="accounts")
    assert report["problem"].startswith("-c: there is no creditor with the code BANK. There are: –; add one")


def test_a_check_is_told_in_lines_for_people(db: None, folder: Path) -> None:
    report = services.check_file(
        path=folder / "accounts.csv", creditor_code="BANK", kind="accounts", mapping_path=folder / "bank.yaml"
    )
    told = checked_file(report)
    assert told["rows"] == "2 read, 1 good, 1 rejected"
    assert told["row 3"] == 'column "principal" holds "x": this is not an amount. Write 1234.55.'
    assert "problem" not in told
    assert not any(mark in str(line) for line in told.values() for mark in "[{")


@pytest.mark.parametrize(
    ("uploaded", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\三月.csv", "三月.csv"),
        ("a\x00b\u202ecsv.exe", "abcsv.exe"),
        ("", "file"),
        ("é" * 300, "é" * 120),
    ],
)
def test_an_uploaded_name_is_shown_without_harm(uploaded: str, kept: str) -> None:
    assert services.clean_name(uploaded) == kept


def test_a_kept_file_is_nobody_elses(bank: Bank) -> None:
    load = bank.send("accounts", {})
    path = Path(load.path)
    assert path.stat().st_mode & 0o077 == 0 and path.parent.stat().st_mode & 0o077 == 0
    assert "accounts" not in path.name


def test_confirmed_twice_it_waits_once(bank: Bank) -> None:
    load = bank.send("accounts", {})
    for _ in range(2):
        services.confirm(load=load, by=None)
    jobs = ProcrastinateJob.objects.filter(task_name="intake.load")
    assert [job.args for job in jobs] == [{"load_id": load.pk}]
    tasks.load_later(load.pk)
    assert Load.objects.get().status == "done"


def test_keeping_a_mapping_leaves_the_other_kinds_alone(bank: Bank) -> None:
    bank.creditor.mapping = MAPPING
    bank.creditor.save()
    columns = "{account_ref: account, n: n, due_on: due, principal: principal}"
    mine = f"creditor: {{ref: BANK}}\ndefaults: {{currency: CNY}}\ndues: {{columns: {columns}}}"
    load = services.accept(
        creditor=bank.creditor, kind="dues", file=io.BytesIO(table("dues", {})), name="d.csv", mapping=mine
    )
    services.confirm(load=load, by=None, keep_mapping=True)
    from fairdue.intake import mapping

    kept = mapping.parse(Creditor.objects.get(pk=bank.creditor.pk).mapping)
    assert set(kept.mappings) == {"accounts", "dues", "payments", "contacts"}
    assert "interest" not in kept.mappings["dues"].fields and kept.mappings["dues"].currency == "CNY"


def test_a_mapping_of_another_creditor_is_refused(bank: Bank) -> None:
    load = bank.send("accounts", {})
    Load.objects.update(mapping=load.mapping.replace("BANK", "OTHER"))
    with pytest.raises(FileRefused):
        services.confirm(load=load, by=None)
    done = services.run(load=load)
    assert (done.status, done.loaded) == ("failed", 0)
    assert "BANK" in done.problem and done.problems[0]["zh"]


def test_a_file_that_is_no_table_fails_whole(bank: Bank) -> None:
    load = services.accept(
        creditor=bank.creditor, kind="accounts", file=io.BytesIO(b"\xd0\xcf\x11\xe0old"), name="x.xls", mapping=MAPPING
    )
    done = services.run(load=load)
    assert done.status == "failed" and "xlsx" in done.problem
    assert Entry.objects.filter(verb="load.failed", subject_id=load.pk).count() == 1


def test_an_error_of_ours_leaves_nothing_behind(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """The balances are made to differ from the transfers: the proof before the commit stops the load."""
    from fairdue.intake.loading import newcomers

    wrong = newcomers._transfers
    monkeypatch.setattr(newcomers, "_transfers", lambda new, setting: wrong(new, setting).head(0))
    with pytest.raises(AssertionError):
        bank.accounts({})
    assert not Account.objects.exists()
    load = Load.objects.get()
    assert (load.status, load.loaded, "内部错误" in load.problems[0]["zh"]) == ("failed", 0, True)
    monkeypatch.undo()
    assert ends(services.run(load=load)) == (1, 0, 0, 0), "the same load can be run again"


def test_a_done_load_is_not_run_again(bank: Bank) -> None:
    load = bank.accounts({})
    Path(load.path).unlink()
    assert services.run(load=load).status == "done"


@pytest.mark.django_db(transaction=True)
def test_one_load_per_creditor_and_kind_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from stories import creditor

    bank = Bank(creditor("BANK"))
    load = bank.send("accounts", {})
    monkeypatch.setattr(running, "LOCK_SECONDS", 0.1)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s, %s)", [queueing.LOCKS, bank.creditor.pk * 10 + 1])
        with pytest.raises(services.Busy):
            services.run(load=load)
        Load.objects.update(status="loading")
        assert services.interrupted() == [], "somebody runs it"
        cursor.execute("select pg_advisory_unlock_all()")
    other.close()
    assert services.interrupted() == [load], "nobody does"
    Load.objects.update(started_at=timezone.now() - 2 * tasks.LEFT_ALONE)
    tasks.resume(0)
    assert Load.objects.get().status == "queued"
    tasks.load_later(load.pk)
    assert Load.objects.get().loaded == 1


@pytest.mark.django_db(transaction=True)
def test_everybody_sees_how_far_a_load_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from stories import creditor

    bank = Bank(creditor("BANK"))
    seen: list[tuple[str, int]] = []
    load = bank.send("accounts", {}, {"account": "A2"})

    def look(done: int, total: int | None) -> None:
        with_others = Load.objects.using("default").get()  # inside the load's transaction: committed by the side door
        seen.append((with_others.status, with_others.rows_read))

    services.run(load=load, progress=look)
    assert seen[0] == ("loading", 2)


def test_a_document_that_comes_in_frees_the_case(bank: Bank) -> None:
    bank.accounts({"statement": "no"})
    account = Account.objects.get()
    clerk = user("compliance")
    services.add_document(account=account, document="statement", by=clerk)
    account.refresh_from_db()
    assert (account.proof_score, account.creditor.cases.get().status) == (70, "open")
    services.add_document(account=account, document="statement", by=clerk)
    assert Entry.objects.filter(verb="proof.added").count() == 1
