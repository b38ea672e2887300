"""Past contacts: what was tried, what was said, and the stops that bind us too."""

from datetime import date

import pytest
from django.utils.translation import override

from fairdue.agreements.models import Promise
from fairdue.cases.models import Hold
from fairdue.contact.models import Attempt, Outcome
from fairdue.intake import queries
from fairdue.people.models import ContactPoint
from intake.load.banks import Bank, ends, returned
from stories import utc


def test_a_past_call_is_an_attempt_with_its_result(bank: Bank) -> None:
    bank.accounts({})
    load = bank.load("contacts", {"note": "答应考虑", "reference": "C1"})
    assert ends(load) == (1, 0, 0, 0)
    attempt = Attempt.objects.select_related("contact_point", "person").get()
    assert attempt.happened_at == utc("2026-02-03T02:15"), "10:15 in Shanghai"
    assert (attempt.channel, attempt.result, attempt.direction, attempt.relation) == (1, 8, 1, 1)
    assert attempt.addressee == attempt.person
    assert (attempt.contact_point.masked, attempt.note) == ("+86138****8000", "答应考虑")


@pytest.mark.parametrize("reference", ["", "C1"])
def test_the_same_contact_twice_is_one(bank: Bank, reference: str) -> None:
    bank.accounts({})
    row = {"reference": reference, "said": "promise", "promised on": "2026-02-10", "promised": "100.00"}
    bank.load("contacts", row, row | {"at": "2026-02-04 09:00", "reference": reference and "C2", "said": ""})
    again = bank.load("contacts", row)
    assert (ends(again), Attempt.objects.count(), Promise.objects.count()) == ((0, 0, 1, 0), 2, 1)


@pytest.mark.parametrize("change", [{"result": "busy"}, {"note": "x"}, {"said": "refuses"}, {"at": "2026-02-03 10:16"}])
def test_a_contact_on_record_is_never_rewritten(bank: Bank, change: dict[str, str]) -> None:
    bank.accounts({})
    bank.load("contacts", {"reference": "C1"})
    load = bank.load("contacts", {"reference": "C1"} | change)
    assert ends(load) == (0, 0, 0, 1)
    assert "已经用于另一笔记录" in returned(load)[0]["error"]


def test_a_promise_in_the_record_is_a_promise_to_judge(bank: Bank) -> None:
    bank.accounts({})
    bank.load("contacts", {"said": "promise", "promised on": "2026-02-10", "promised": "100.00"})
    promise = Promise.objects.get()
    assert (promise.cents, promise.made_on, promise.due_on) == (10_000, date(2026, 2, 3), date(2026, 2, 10))
    assert Outcome.objects.get().kind == "promise"
    assert promise.attempt_id == Attempt.objects.get().pk


def test_a_promise_before_the_contact_comes_back(bank: Bank) -> None:
    bank.accounts({})
    load = bank.load("contacts", {"said": "promise", "promised on": "2026-02-02", "promised": "100.00"})
    assert ends(load) == (0, 0, 0, 1)


@pytest.mark.parametrize(
    ("said", "hold"),
    [
        ("stop_request", "ceased"),
        ("attorney", "attorney"),
        ("deceased", "deceased"),
        ("dispute", "dispute"),
        ("refuses", None),
    ],
)
def test_a_stop_told_to_somebody_else_stops_us(bank: Bank, said: str, hold: str | None) -> None:
    bank.accounts({})
    bank.load("contacts", {"said": said}, {"said": said, "at": "2026-02-05 10:00"})
    assert list(Hold.objects.values_list("kind", flat=True)) == ([hold] if hold else [])


def test_a_wrong_number_is_marked_so(bank: Bank) -> None:
    bank.accounts({})
    bank.load("contacts", {"said": "wrong_number", "result": "wrong_person"})
    assert ContactPoint.objects.get().status == "wrong_person"


def test_the_friend_who_answered_is_the_friend_on_file(bank: Bank) -> None:
    bank.accounts({"friend": "李四", "tie": "friend", "friend phone": "13900139000"})
    bank.load("contacts", {"whom": "friend", "phone": "13900139000"}, {"whom": "employer", "phone": "02155550000"})
    known, unknown = Attempt.objects.order_by("id").select_related("addressee", "person", "contact_point")
    assert (known.addressee.name, known.contact_point.masked) == ("李四", "+86139****9000")
    assert (unknown.addressee.name, unknown.contact_point) == ("—", None)
    assert unknown.addressee != unknown.person
    bank.load("contacts", {"whom": "employer", "phone": "02155550000", "at": "2026-02-09 10:00"})
    assert Attempt.objects.latest("id").addressee == unknown.addressee


def test_a_contact_about_an_unknown_account_comes_back(bank: Bank) -> None:
    load = bank.load("contacts", {})
    assert ends(load) == (0, 0, 0, 1)
    assert "没有这个账户" in returned(load)[0]["error"]


def test_the_page_tells_faults_in_its_own_language_and_the_file_keeps_its_own(bank: Bank) -> None:
    bank.accounts({})
    bank.load("contacts", {"reference": "C1"})
    load = bank.load("contacts", {"reference": "C1", "note": "x"})
    with override("en"):
        [(_row, [english])] = queries.returned(load)
    with override("zh-hans"):
        [(_row, [chinese])] = queries.returned(load)
    assert "this reference already stands for something else" in english
    assert "已经用于另一笔记录" in chinese
    assert returned(load)[0]["error"] == chinese
