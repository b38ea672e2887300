"""An accounts file becomes people, debts, balances and cases; a later one renews them."""

from datetime import date
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from fairdue.accounts.models import Account, Balance, Book, Transfer
from fairdue.accounts.services import receive
from fairdue.cases.models import Case
from fairdue.intake import services
from fairdue.intake.loading import run
from fairdue.intake.models import Load
from fairdue.intake.reading import open_file
from fairdue.people import sealing
from fairdue.people.models import ContactPoint, Person, Relation
from intake.load.banks import Bank, ends, returned
from stories import creditor

ID = "11010519491231002X"  # the example of GB 11643-1999
OTHER_ID = "110105194912310038"


def moves(account: str = "A1") -> list[tuple[Book, Book, int]]:
    """(source, target, cents) in the order written."""
    return [
        (Book(source), Book(target), cents)
        for source, target, cents in Transfer.objects.filter(account__external_ref=account)
        .order_by("id")
        .values_list("source", "target", "cents")
    ]


def test_a_debt_arrives_with_its_debtor_and_all_that_is_owed(bank: Bank) -> None:
    load = bank.accounts({"interest": "12.34", "id": ID, "batch": "B7", "ends": "2027-01-05"})
    assert (load.status, ends(load)) == (Load.Status.DONE, (1, 0, 0, 0))
    account = Account.objects.select_related("debtor", "placement", "balance").get()
    assert (account.creditor, account.currency, account.status) == (bank.creditor, "CNY", "open")
    assert (account.balance.principal, account.balance.interest, account.balance.total) == (100_000, 1234, 101_234)
    assert moves() == [(Book.PLACED, Book.PRINCIPAL, 100_000), (Book.PLACED, Book.INTEREST, 1234)]
    assert (account.placement.reference, account.placement.placed_on) == ("B7", date(2026, 1, 5))
    debtor = account.debtor
    assert (debtor.name, debtor.birth_on, debtor.sex) == ("王小明", date(1949, 12, 31), 2)
    assert (sealing.unseal(debtor.id_sealed), debtor.id_masked) == (ID, "110***********002X")
    assert bytes(debtor.id_hash) == sealing.search_hash("id", ID)
    assert Case.objects.get().person == debtor


def test_a_phone_is_sealed_hashed_masked_and_knows_its_zones(bank: Bank) -> None:
    bank.accounts({"email": "wang@example.com", "address": "上海市浦东新区世纪大道1号"})
    phone, email, address = ContactPoint.objects.order_by("-kind")[0], *ContactPoint.objects.exclude(kind="phone")
    assert sealing.unseal(phone.sealed) == "+8613800138000"
    assert bytes(phone.hash) == sealing.search_hash("phone", "+8613800138000")
    assert (phone.masked, phone.country, phone.line, phone.zones) == ("+86138****8000", "CN", "mobile", "Asia/Shanghai")
    shown = {point.kind: (point.masked, point.zones) for point in (email, address)}
    assert shown["email"] == ("w***@example.com", "Asia/Shanghai")
    assert shown["address"][0].startswith("上海市") and "世纪大道1号" not in shown["address"][0]


def test_the_same_file_twice_changes_nothing(bank: Bank) -> None:
    rows = [{"account": f"A{n}", "friend": "李四", "tie": "friend", "friend phone": "13900139000"} for n in range(5)]
    bank.accounts(*rows)
    before = state()
    again = bank.accounts(*rows)
    assert ends(again) == (0, 0, 5, 0)
    assert state() == before


def state() -> dict[str, list[object]]:
    """Every row of every table a load writes, with the transaction that wrote it last."""
    tables = ("people_person", "people_contactpoint", "people_relation", "accounts_account", "accounts_transfer",
              "accounts_balance", "accounts_placement", "cases_case", "accounts_due", "accounts_payment",
              "contact_attempt", "contact_outcome", "agreements_promise", "cases_hold")  # fmt: skip
    with connection.cursor() as cursor:
        found: dict[str, list[object]] = {}
        for table in tables:
            cursor.execute(f"select xmin::text, t::text from {table} t order by 2")
            found[table] = cursor.fetchall()
    return found


def test_one_person_with_two_debts_is_one_person_and_one_case(bank: Bank) -> None:
    bank.accounts({"account": "A1", "id": ID}, {"account": "A2", "id": ID.lower(), "phone": "13900139000"})
    assert Person.objects.count() == Case.objects.count() == 1
    assert ContactPoint.objects.count() == 2


def test_two_creditors_meet_the_same_person_by_a_valid_document_only(bank: Bank) -> None:
    other = Bank(creditor("OTHER"))
    bank.accounts({"id": ID}, {"account": "A2", "customer": "C1"})
    mapping = bank.send("accounts", {}).mapping.replace("BANK", "OTHER")
    load = other.send("accounts", {"id": ID}, {"account": "A2", "customer": "C1"})
    Load.objects.filter(pk=load.pk).update(mapping=mapping)
    assert ends(services.run(load=load)) == (2, 0, 0, 0)
    assert Person.objects.filter(id_hash__isnull=False).count() == 1, "the same resident ID is the same person"
    assert Person.objects.filter(id_hash__isnull=True).count() == 2, "customer C1 of two banks may be two people"
    assert Case.objects.count() == 4


def test_a_document_learned_later_completes_the_person(bank: Bank) -> None:
    bank.accounts({"account": "A1", "customer": "C1"})
    load = bank.accounts({"account": "A1", "customer": "C1", "id": ID}, {"account": "A2", "id": ID})
    assert ends(load) == (1, 1, 0, 0)
    assert Person.objects.count() == 1, "the new debt under this document is the known person's"
    third = bank.accounts({"account": "A3", "id": ID})
    assert (ends(third), Person.objects.count()) == ((1, 0, 0, 0), 1)


def test_another_document_for_the_same_account_is_refused(bank: Bank) -> None:
    bank.accounts({"id": ID})
    load = bank.accounts({"id": OTHER_ID, "principal": "900.00"})
    assert ends(load) == (0, 0, 0, 1)
    assert "另一证件" in returned(load)[0]["error"]
    assert Balance.objects.get().principal == 100_000


def test_a_corrected_balance_is_a_correction(bank: Bank) -> None:
    bank.accounts({"interest": "10.00"})
    load = bank.accounts({"principal": "900.00", "interest": "15.00"})
    assert ends(load) == (0, 1, 0, 0)
    assert moves()[2:] == [(Book.PRINCIPAL, Book.CORRECTION, 10_000), (Book.CORRECTION, Book.INTEREST, 500)]
    assert (Balance.objects.get().principal, Balance.objects.get().interest) == (90_000, 1_500)


def test_a_corrected_address_does_not_undo_a_payment(bank: Bank) -> None:
    bank.accounts({})
    receive(
        creditor=bank.creditor, account=Account.objects.get(), reference="P1", cents=30_000, currency="CNY",
        happened_on=timezone.localdate(), now=timezone.now(),
    )  # fmt: skip
    load = bank.accounts({"address": "北京市朝阳区1号"})
    assert (ends(load), Balance.objects.get().principal) == ((0, 1, 0, 0), 70_000)
    stated = bank.accounts({"address": "北京市朝阳区1号", "principal": "700.00"})
    assert (ends(stated), len(moves())) == ((0, 1, 0, 0), 2), "the creditor's figure already knows the payment"


def test_what_was_verified_is_not_lost(bank: Bank) -> None:
    bank.accounts({"customer": "C1", "id": ID})
    ContactPoint.objects.update(status="verified", zones="Asia/Urumqi")
    load = bank.accounts({"customer": "C1", "id": "", "phone": "13900139000"})
    assert ends(load) == (0, 1, 0, 0)
    old, new = ContactPoint.objects.order_by("id")
    assert (old.status, old.zones, new.status) == ("verified", "Asia/Urumqi", "unverified")
    person = Person.objects.get()
    assert sealing.unseal(person.id_sealed) == ID, "a file without the document does not take it away"


def test_people_around_the_debtor_are_persons_of_their_own(bank: Bank) -> None:
    row = {"friend": "李四", "tie": "spouse", "friend phone": "13900139000"}
    bank.accounts(row)
    tie = Relation.objects.select_related("debtor", "person").get()
    assert (tie.debtor.name, tie.person.name, tie.kind) == ("王小明", "李四", 2)
    assert [point.masked for point in tie.person.contact_points.all()] == ["+86139****9000"]
    bank.accounts(row | {"principal": "999.00"})
    assert Relation.objects.count() == 1 and Person.objects.count() == 2


def test_weak_proof_sends_the_case_to_repair_and_papers_bring_it_back(bank: Bank) -> None:
    bank.creditor.proof_bar = 60
    bank.creditor.save()
    bank.accounts({"statement": "no"}, {"account": "A2", "customer": "C2", "statement": "yes"})
    scores = dict(Account.objects.values_list("external_ref", "proof_score"))
    assert scores == {"A1": 50, "A2": 70}  # contract 30, identity 20, statement 20
    assert dict(Case.objects.values_list("person__accounts__external_ref", "status")) == {"A1": "repair", "A2": "open"}
    bank.accounts({"statement": "yes"})
    assert set(Case.objects.values_list("status", flat=True)) == {"open"}


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"currency": "USD"}, "CNY"),
        ({"ends": "2025-12-31", "placed": "", "batch": "B1"}, "委案日期"),
        ({"account": "A" * 61}, "60"),
    ],
)
def test_what_only_the_database_knows_is_returned_too(bank: Bank, row: dict[str, str], error: str) -> None:
    bank.accounts({"batch": "B1"})
    load = bank.accounts(row)
    assert ends(load) == (0, 0, 0, 1)
    assert error in returned(load)[0]["error"]


def test_sums_add_up_on_the_load(bank: Bank) -> None:
    bank.accounts({"account": "A1"}, {"account": "A2", "customer": "C2"})
    load = bank.accounts(
        {"account": "A1"}, {"account": "A2", "customer": "C2", "principal": "1.00"}, {"account": "A3", "principal": "2.00"},
        {"account": "A4", "principal": "4.00", "phone": "not a phone"}, {"account": "A5", "principal": "much"},
    )  # fmt: skip
    assert ends(load) == (1, 1, 1, 2)
    (principal,) = [line for line in load.sums["money"] if line["field"] == "principal"]
    assert principal == {
        "field": "principal", "currency": "CNY", "read": 100_700, "loaded": 200, "updated": 100, "unchanged": 100_000,
        "rejected": 400,
    }  # fmt: skip
    assert load.sums["unreadable"] == {"principal": 1}
    assert load.sums["faults"] == {"phone": 1, "amount": 1}


def test_a_worker_that_used_temporary_tables_before_can_still_load(bank: Bank) -> None:
    with connection.cursor() as cursor:
        cursor.execute("create temporary table used_before as select 1 as n")

    load = bank.accounts({})

    assert (load.status, ends(load)) == (Load.Status.DONE, (1, 0, 0, 0))


def test_somebody_named_by_two_debts_of_a_known_debtor_is_one_person(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches of two rows; the one before names a single relative, so the planner expects one row and loops."""
    monkeypatch.setattr(run, "open_file", partial(open_file, batch_rows=2))
    own = {"customer": "C1", "name": "王小明"}
    friend = own | {"tie": "friend", "friend": "赵六", "friend phone": "13900139001"}
    bank.accounts(
        own | {"account": "A1"}, {"account": "B1", "customer": "C2"},
        friend | {"account": "A2", "friend": "李四", "friend phone": "13900139000"}, {"account": "B2", "customer": "C3"},
        friend | {"account": "A3"},
        friend | {"account": "A4"},
    )  # fmt: skip
    debtor = Account.objects.get(external_ref="A1").debtor
    around = Relation.objects.filter(debtor=debtor).order_by("person__name").values_list("person__name", flat=True)
    assert list(around) == ["李四", "赵六"]
