"""Whose debt a bank line is for."""

from dataclasses import replace

import pytest

from fairdue.money.matching import Candidate, Line, certain, match, names, tokens

WANG = Candidate(1, "A-1001", "王小明", "CNY", owed=90_000, due=(30_000,), promised=((100, 12_000),))
WANG_CARD = Candidate(2, "C-77", "王小明", "CNY", owed=50_000, due=(20_000,))
LI = Candidate(3, "A-1002", "李雷", "CNY", owed=0)
ALL = [WANG, WANG_CARD, LI]


def line(cents=12_345, *, payer="", text="", day=100, **more):
    return Line(cents, "CNY", day, payer, text, **more)


@pytest.mark.parametrize(
    ("said", "for_it"),
    [
        (line(text="还款A-1001，谢谢"), 1),
        (line(text="ａ－１００１ 还款", payer="张三"), 1),  # full width, and somebody else pays
        (line(text="loan no. a-1001."), 1),
        (line(30_000, payer="王小明"), 1),  # exactly what is past due
        (line(12_000, payer="王小明", day=102), 1),  # promised
        (line(12_000, payer="王小明", day=110), None),  # a week after the promise: only the name fits
        (line(20_000, payer="王小明"), 2),
        (line(90_000, payer="王小明"), 1),  # all that is owed
        (line(12_345, payer="王小明"), None),
        (line(30_000), None),  # an amount alone says nothing
        (line(text="A-1001 C-77"), None),  # two debts named
        (line(text="A-1002"), None),  # nothing is owed there any more: paid twice?
        (line(text="A-10011"), None),
        (
            line(30_000, payer="张三", text="代王小明还款"),
            None,
        ),  # a name in the text is a hint, even with the amount due
    ],
)
def test_it_is_booked_only_without_doubt(said, for_it):
    assert certain(match(said, ALL)) == for_it


def test_money_paid_before_a_debt_began_is_not_for_it():
    later = replace(WANG, opened=101)
    assert match(line(text="A-1001"), [later, WANG_CARD]) == []
    assert certain(match(line(text="A-1001", day=101), [later, WANG_CARD])) == 1


def test_the_queue_sees_why():
    best, second = match(line(20_000, payer="王小明"), ALL)
    assert (best.account, best.why) == (2, ("name", "due"))
    assert (second.account, second.why) == (1, ("name",))


def test_another_currency_is_never_a_match():
    assert match(Line(1, "USD", 100, text="A-1001"), ALL) == []


def test_a_payer_known_from_before_is_a_hint_not_a_proof():
    known = Candidate(4, "A-9", "赵六", "CNY", owed=10_000, due=(5_000,), payers=("6222…01",))
    found = match(line(5_000, payer_account="6222…01"), [known])
    assert found[0].why == ("due", "payer_before")
    assert certain(found) is None


def test_a_name_in_the_text_and_a_payer_on_record_are_hints():
    mother = replace(WANG, kin=("李 桂英",))
    (best,) = match(line(30_000, payer="李  桂英", text="代王小明还款"), [mother])
    assert (best.why, best.score) == (("named", "due", "kin"), 100)
    (best,) = match(line(payer="王小明", text="王小明 还款"), [WANG])
    assert best.why == ("name",)  # not told twice


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("for my daughter Rebecca Quillan", "Rebecca Quillan"),
        ("PMT J. O'Neil-Smith 2026", "J. O'Neil-Smith"),
        ("代王小明还款", "王小明"),
        ("１２３", None),
    ],
)
def test_names_are_found_in_a_text(text, found):
    assert found in names(text) if found else not names(text)


def test_a_long_text_gives_few_names():
    assert len(names("some words that go on " * 200)) <= 80
    assert not names("这是一段很长的附言里面没有任何人的姓名只有说明而已")


def test_short_words_are_no_numbers():
    assert tokens("No 12 A1 还款 2026") == {"2026"}
