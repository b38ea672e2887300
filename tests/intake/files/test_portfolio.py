"""The made-up portfolio is believable, adds up, repeats itself by seed, and goes through intake without a fault."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from fairdue.intake import mapping
from fairdue.intake.checking import Checker
from fairdue.intake.fields import Kind
from fairdue.intake.portfolio import FILES, Made, generate
from fairdue.intake.portfolio.debts import add_months
from fairdue.intake.reading import open_file
from fairdue.money.ageing import Dues, age

AS_OF = date(2026, 3, 2)
Checked = dict[str, dict[Kind, pl.DataFrame]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return generate(tmp_path_factory.mktemp("made"), accounts=2_000, seed=7, as_of=AS_OF)


@pytest.fixture(scope="module")
def checked(made: Made) -> Checked:
    found: Checked = {}
    for creditor, files in made.files.items():
        book = mapping.load(made.mappings[creditor])
        for kind, path in files.items():
            reading, checker = open_file(path), Checker(book.mappings[kind], as_of=AS_OF)
            results = [checker.check(batch) for batch in reading.batches()]
            assert [error.text() for result in results for error in result.errors] == []
            assert reading.problems == []
            assert checker.totals.rows_good == made.rows[creditor][kind]
            found.setdefault(creditor, {})[kind] = pl.concat(result.good for result in results)
    return found


def test_every_row_of_both_creditors_passes_intake(made: Made, checked: Checked) -> None:
    assert made.rows["cn-lender"]["accounts"] == 1_400
    assert made.rows["us-issuer"]["accounts"] == 600
    assert made.files["cn-lender"]["accounts"].read_bytes().decode("gb18030").startswith("借据号,")
    total = sum(rows["contacts"] for rows in made.rows.values())
    assert 5 * 2_000 < total < 8 * 2_000
    assert {kind for frames in checked.values() for kind in frames} == set(FILES)


def test_unpaid_dues_are_the_balances_of_a_loan(checked: Checked) -> None:
    accounts, dues, payments = (checked["cn-lender"][kind] for kind in ("accounts", "dues", "payments"))
    signed = payments.with_columns(
        cents=pl.when(pl.col("kind") == "reversal").then(-pl.col("cents")).otherwise(pl.col("cents"))
    )
    owed = dues.group_by("account_ref").agg(pl.col("cents").sum().alias("due"))
    paid = signed.group_by("account_ref").agg(pl.col("cents").sum().alias("paid"))
    frame = (
        accounts.select("external_ref", balance=pl.col("principal") + pl.col("interest"))
        .join(owed, left_on="external_ref", right_on="account_ref", how="left")
        .join(paid, left_on="external_ref", right_on="account_ref", how="left")
        .with_columns(pl.col("paid").fill_null(0))
    )
    assert frame.filter(pl.col("balance") != pl.col("due") - pl.col("paid")).height == 0


def test_ageing_finds_every_bucket(checked: Checked) -> None:
    for frames in checked.values():
        refs = frames["accounts"]["external_ref"]
        place = {ref: n for n, ref in enumerate(refs)}
        paid = np.zeros(len(refs), dtype=np.int64)
        for ref, cents, kind in frames["payments"].select("account_ref", "cents", "kind").iter_rows():
            paid[place[ref]] += -cents if kind == "reversal" else cents
        dues = frames["dues"]
        aged = age(
            Dues(
                account=dues["account_ref"].replace_strict(place, return_dtype=pl.Int32).to_numpy(),
                due_on=dues["due_on"].cast(pl.Int32).to_numpy(),
                cents=dues["cents"].to_numpy(),
            ),
            paid,
            as_of=(AS_OF - date(1970, 1, 1)).days,
        )
        assert set(aged.bucket.tolist()) == set(range(8))
        current = float((aged.days_past_due == 0).mean())
        assert 0.05 < current < 0.25


def test_persons_have_several_accounts_families_and_zones(checked: Checked) -> None:
    lender, issuer = checked["cn-lender"]["accounts"], checked["us-issuer"]["accounts"]
    assert lender["person_ref"].n_unique() < len(lender)
    shared = set(lender["contact1_phone"].drop_nulls()) & set(lender["phone"])
    assert len(shared) > 100, "debtors who are each other's contacts"
    assert issuer["region"].n_unique() >= 15
    zones = {zone for zones in issuer["phone_zones"].drop_nulls() for zone in zones.split(",")}
    assert len(zones) >= 7
    assert (lender["id_kind"] == "cn_resident_id").all()


def test_no_number_belongs_to_a_subscriber(checked: Checked) -> None:
    assert checked["cn-lender"]["accounts"]["phone"].str.contains(r"^\+86(1349|1740[0-5])").all()
    assert checked["us-issuer"]["accounts"]["phone"].str.contains(r"^\+1\d{3}555").all()
    assert not checked["us-issuer"]["accounts"]["phone"].str.ends_with("5551212").any()


def test_promises_are_kept_by_some_and_broken_by_others(checked: Checked) -> None:
    contacts, payments = checked["cn-lender"]["contacts"], checked["cn-lender"]["payments"]
    promises = contacts.filter(pl.col("outcome") == "promise").select("account_ref", "promise_on", "promise_cents")
    met = promises.join(payments, left_on=["account_ref", "promise_on"], right_on=["account_ref", "happened_on"])
    assert 20 < met.height < promises.height / 2
    assert (met["cents"] < met["promise_cents"]).any()
    assert (met["cents"] >= met["promise_cents"]).any()
    said = set(contacts["outcome"])
    assert {"hardship", "dispute", "wrong_number", "abusive", "refuses", "call_back", "claims_paid"} <= said


def test_past_contacts_fell_within_the_persons_day(checked: Checked) -> None:
    local = checked["cn-lender"]["contacts"]["happened_at"].dt.convert_time_zone("Asia/Shanghai").dt.hour()
    assert (local.min(), local.max()) == (9, 19)


def test_history_ends_before_the_firms_morning(checked: Checked) -> None:
    morning = datetime(2026, 3, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
    for frames in checked.values():
        latest = frames["contacts"]["happened_at"].max()
        assert isinstance(latest, datetime)
        assert morning - timedelta(days=2) < latest < morning


def test_no_call_within_seven_days_of_a_talk_and_no_third_call_in_seven(checked: Checked) -> None:
    """Calls fall between 9:00 and 19:30 there, so that seven calendar days are at least six days and a half."""
    accounts, contacts = (checked["us-issuer"][kind] for kind in ("accounts", "contacts"))
    calls = (
        contacts.filter(pl.col("channel") == "call")
        .join(accounts.select("external_ref", "person_ref"), left_on="account_ref", right_on="external_ref")
        .sort("person_ref", "happened_at")
        .with_columns(
            after=(pl.col("happened_at").shift(-1) - pl.col("happened_at")).over("person_ref"),
            third=(pl.col("happened_at").shift(-2) - pl.col("happened_at")).over("person_ref"),
        )
    )
    talks = calls.filter(pl.col("result") == "conversation")
    assert talks.height > 300
    assert talks["after"].min() >= timedelta(days=6, hours=12)
    assert calls["third"].min() >= timedelta(days=6, hours=12)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    first, again, other = (
        generate(tmp_path / str(n), accounts=60, seed=seed, as_of=AS_OF) for n, seed in enumerate((1, 1, 2))
    )
    for creditor, files in first.files.items():
        for kind, path in files.items():
            assert path.read_bytes() == again.files[creditor][kind].read_bytes()
            assert path.read_bytes() != other.files[creditor][kind].read_bytes()


def test_parquet_and_csv_say_the_same(tmp_path: Path) -> None:
    text = generate(tmp_path / "csv", accounts=40, seed=5, as_of=AS_OF, kinds=("dues",))
    columns = generate(tmp_path / "parquet", accounts=40, seed=5, as_of=AS_OF, kinds=("dues",), format="parquet")
    for creditor in text.files:
        one, two = (
            pl.concat(batch.frame for batch in open_file(each.files[creditor]["dues"]).batches())
            for each in (text, columns)
        )
        assert one.equals(two)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [("2026-01-31", 1, "2026-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2026-03-15", -3, "2025-12-15")],
)
def test_the_same_day_of_another_month(day: str, months: int, then: str) -> None:
    found = add_months(np.array([np.datetime64(day)]).astype(np.int64), np.array([months]))
    assert str(found.astype("datetime64[D]")[0]) == then
