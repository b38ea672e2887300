"""The pieces a load is made of."""

import re
from pathlib import Path

import polars as pl
import pytest
from django.apps import apps

from fairdue.accounts import proof
from fairdue.accounts.models import Account, Balance, Payment, Placement
from fairdue.contact.models import Attempt
from fairdue.intake.fields import FIELDS
from fairdue.intake.loading import columns, contacts, fitting, verifying
from fairdue.intake.loading.ends import Ended
from fairdue.intake.loading.faults import FAULTS, Fault
from fairdue.intake.loading.session import Session
from fairdue.intake.problems import CODES
from fairdue.people import sealing
from fairdue.people.models import ContactPoint, Person
from intake.load.banks import Bank, ends


def test_a_column_is_hashed_and_sealed_like_its_values() -> None:
    values = ["+8613800138000", None, "王小明", ""]
    assert columns.hashed("phone", pl.Series(values)).to_list() == [
        None if value is None else sealing.search_hash("phone", value) for value in values
    ]
    sealed = columns.sealed(pl.Series(values)).to_list()
    assert [None if value is None else sealing.unseal(value) for value in sealed] == values
    assert len({value[4:16] for value in sealed if value}) == 3, "every value has a nonce of its own"


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (columns.masked_phone, "+8613800138000", "+86138****8000"),
        (columns.masked_phone, "+12125550", "+12****50"),
        (columns.masked_email, "wang@example.com", "w***@example.com"),
        (columns.masked_address, "上海市浦东新区世纪大道1号", "上海市浦东新****"),
        (columns.masked_id, "11010519491231002X", "110***********002X"),
        (columns.masked_id, "E1234567", "****67"),
    ],
)
def test_masks(mask: object, value: str, shown: str) -> None:
    assert pl.DataFrame({"v": [value]}).select(mask(pl.col("v"))).item() == shown  # type: ignore[operator]


def test_a_place_has_its_zones_and_an_unknown_place_all_of_the_country() -> None:
    regions = pl.Series(["CN-31", "CN-65", None, "US-TN"])
    assert columns.zones_of_place(regions, country="CN").to_list() == [
        "Asia/Shanghai", "Asia/Shanghai,Asia/Urumqi", "Asia/Shanghai,Asia/Urumqi", "America/Chicago,America/New_York",
    ]  # fmt: skip


def test_what_the_database_cannot_hold_is_what_the_models_say() -> None:
    kept = {
        "external_ref": Account, "placement_ref": (Placement, "reference"), "name": Person, "region": Person,
        "method": Payment, "payer": Payment, "agent": Attempt, "note": Attempt,
    }  # fmt: skip
    for limits in fitting.LENGTHS.values():
        for field, limit in limits.items():
            if field.endswith("_zones"):
                model, name = ContactPoint, "zones"
            elif field.startswith("contact"):
                model, name = Person, "name"
            elif field == "reference":
                model, name = Payment, "reference"
            else:
                model, name = kept[field] if isinstance(kept[field], tuple) else (kept[field], field)
            assert model._meta.get_field(name).max_length == limit, field


def test_every_long_text_of_a_file_is_looked_at() -> None:
    """A canonical text longer than its column must stand in LENGTHS, else the load would fail at the database."""
    tables = {"payments": Payment, "contacts": Attempt}
    for kind, model in tables.items():
        for name, spec in FIELDS[kind].items():  # type: ignore[index]
            known = {field.name: field for field in model._meta.get_fields() if hasattr(field, "max_length")}
            if spec.type == "text" and name in known and (known[name].max_length or 10**9) < spec.chars_max:
                assert name in fitting.LENGTHS[kind]  # type: ignore[index]


def test_every_foreign_key_of_a_trusted_table_is_verified() -> None:
    listed = {(table, column) for table, column, _ in verifying.PARENTS}
    for table in verifying._TABLES:
        model = next(model for model in apps.get_models() if model._meta.db_table == table)
        for field in model._meta.concrete_fields:
            if field.remote_field and field.column not in {
                "owner_id",
                "verdict_id",
                "by_id",
                "payment_id",
                "waiver_id",
            }:
                assert (table, field.column) in listed or field.column == "reverses_id"


def test_the_codes_of_faults_are_nobody_elses() -> None:
    assert not FAULTS.keys() & CODES.keys()


def test_every_outcome_a_file_can_name_is_known() -> None:
    said = set(FIELDS["contacts"]["outcome"].codes) - {"none"}
    assert said == contacts.KINDS.keys() | contacts.HOLDS.keys()


def test_a_row_ends_once() -> None:
    ended = Ended(updated=[3], unchanged=[4], faults=[Fault(5, "account_unknown")])
    assert ended.ends_of(pl.Series([2, 3, 4, 5])).to_list() == ["loaded", "updated", "unchanged", "rejected"]
    with pytest.raises(AssertionError):
        Ended(updated=[3], unchanged=[3]).ends_of(pl.Series([3]))


def test_the_score_weighs_the_documents() -> None:
    none = dict.fromkeys(proof.WEIGHTS, False)
    assert proof.score(**none) == 0
    assert proof.score(**none | {"contract": True, "identity": True}) == 50
    assert proof.score(**dict.fromkeys(proof.WEIGHTS, True)) == 100
    assert proof.missing(none | {"chain": True}) == ["contract", "identity", "statement", "payments"]


def test_the_score_in_sql_is_the_same(bank: Bank) -> None:
    bank.accounts({"statement": "no"}, {"account": "A2"})
    for account in Account.objects.extra(select={"sql": proof.score_sql("has_")}):
        has = {name: getattr(account, f"has_{name}") for name in proof.WEIGHTS}
        assert account.sql == account.proof_score == proof.score(**has)


def test_without_the_privilege_every_trigger_fires_and_the_books_are_the_same(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = Session.__init__

    def humble(self: Session) -> None:
        began(self)
        self._may_trust = False

    monkeypatch.setattr(Session, "__init__", humble)
    row = {"interest": "5.00", "friend": "李四", "tie": "friend", "friend phone": "13900139000"}
    assert ends(bank.accounts(row, {"account": "A2"})) == (2, 0, 0, 0)
    assert list(Balance.objects.order_by("account").values_list("principal", "interest")) == [
        (100_000, 500), (100_000, 0),
    ]  # fmt: skip
    assert ends(bank.accounts(row | {"principal": "1.00"}, {"account": "A2"})) == (0, 1, 1, 0)
    assert (
        ends(bank.load("dues", {}))
        == ends(bank.load("contacts", {}))
        == ends(bank.load("payments", {}))
        == (1, 0, 0, 0)
    )


def test_every_fault_of_the_database_is_in_the_guide() -> None:
    text = (Path(__file__).parents[3] / "docs/intake.md").read_text("utf-8")
    section = text.split("What only the database can know")[1].split("Speed:")[0]
    assert set(re.findall(r"`(\w+)`(?=[^|]*\|[^|]+\|$)", section, flags=re.M)) >= FAULTS.keys()
