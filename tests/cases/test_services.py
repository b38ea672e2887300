"""Cases are opened for debts, change hands one owner at a time, and leave the lists when there is nothing to do."""

from datetime import date, timedelta

import pytest

from fairdue.cases import services
from fairdue.cases.models import Case, Note, Ownership, WorkItem
from fairdue.cases.services import drop_items, hand_over, note, open_cases, own
from fairdue.journal.models import Entry
from stories import account, case, creditor, person, user, utc

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 3)
NOW = utc("2026-03-03T10:00+08:00")


class TestOpen:
    def test_two_accounts_at_one_creditor_are_one_case_at_two_are_two(self):
        debtor, one, other = person(), creditor(), creditor()
        for lender in (one, one, other):
            account(debtor, lender)
        assert open_cases().opened == 2
        assert open_cases().opened == 0

    def test_only_the_creditor_s_or_the_person_s_when_asked(self):
        debtor, one, other = person(), creditor(), creditor()
        account(debtor, one), account(debtor, other)
        assert open_cases(creditor=one).opened == 1
        assert open_cases(persons=[debtor.pk + 1]).opened == 0
        assert open_cases(persons=[debtor.pk]).opened == 1

    def test_proof_below_the_bar_goes_to_repair_and_comes_back(self):
        debt = account(person(), creditor(proof_bar=60), proof_score=59)
        open_cases()
        one = Case.objects.get()
        assert one.status == "repair"
        debt.proof_score = 60
        debt.save()
        assert open_cases().repaired == 1
        one.refresh_from_db()
        assert one.status == "open"

    @pytest.mark.parametrize("status", ["paid", "recalled", "closed"])
    def test_without_an_open_account_a_case_is_closed_and_opens_again(self, status):
        debt = account(person(), creditor())
        open_cases()
        debt.status = status
        debt.save()
        assert open_cases().closed == 1
        debt.status = "open"
        debt.save()
        assert open_cases().reopened == 1


class TestOwn:
    def test_a_case_has_one_owner_at_a_time(self):
        one, first, second = case(person(), creditor()), user(), user()
        own(case_ids=[one.pk], to=first, by=None, reason="new", now=NOW)
        own(case_ids=[one.pk], to=second, by=None, reason="moved", now=NOW + timedelta(days=1))
        periods = Ownership.objects.filter(case=one).order_by("during")
        assert [(p.user, p.during.lower, p.during.upper) for p in periods] == [
            (first, NOW, NOW + timedelta(days=1)),
            (second, NOW + timedelta(days=1), None),
        ]
        one.refresh_from_db()
        assert one.owner == second

    def test_given_to_the_same_owner_nothing_moves(self):
        one, first = case(person(), creditor()), user()
        assert own(case_ids=[one.pk], to=first, by=None, reason="new", now=NOW) == 1
        assert own(case_ids=[one.pk], to=first, by=None, reason="new", now=NOW + timedelta(days=1)) == 0

    def test_twice_in_one_instant_leaves_the_last(self):
        one, first, second = case(person(), creditor()), user(), user()
        own(case_ids=[one.pk], to=first, by=None, reason="new", now=NOW)
        own(case_ids=[one.pk], to=second, by=None, reason="wrong click", now=NOW)
        assert Ownership.objects.get().user == second

    def test_given_to_nobody_the_period_ends(self):
        one = case(person(), creditor())
        own(case_ids=[one.pk], to=user(), by=None, reason="new", now=NOW)
        own(case_ids=[one.pk], to=None, by=None, reason="left the firm", now=NOW + timedelta(days=1))
        one.refresh_from_db()
        assert (one.owner, Ownership.objects.get().during.upper) == (None, NOW + timedelta(days=1))

    def test_many_to_many_in_a_fixed_number_of_queries(self, django_assert_num_queries):
        lender, owners = creditor(), [user(), user()]
        pairs = [(case(person(), lender).pk, owners[n % 2].pk) for n in range(20)]
        with django_assert_num_queries(9):
            assert hand_over(pairs=pairs, by=None, reason="night", now=NOW) == 20
        assert Entry.objects.get(verb="cases.given").data["cases"] == sorted(pk for pk, _ in pairs)


def test_unfinished_items_are_dropped_with_the_reason_finished_ones_stay():
    one, lender = user(), creditor()
    made = [
        WorkItem.objects.create(
            on=DAY, case=case(person(), lender), user=one, rank=1, score=1, action="call", status=status,
            window_start=NOW, window_end=NOW + timedelta(hours=1),
        )
        for status in ("open", "leased", "done")
    ]  # fmt: skip
    assert drop_items(case_ids=[item.case_id for item in made], why="paid", now=NOW) == 2
    for item in made:
        item.refresh_from_db()
    assert [(item.status, item.done_how) for item in made] == [("dropped", "paid"), ("dropped", "paid"), ("done", "")]


@pytest.mark.parametrize("text", ["", "   ", "x" * 4_001])
def test_an_empty_or_endless_note_is_refused(text):
    with pytest.raises(ValueError, match="characters"):
        note(case=case(person(), creditor()), by=user(), text=text)
    assert not Note.objects.exists()


def test_a_note_is_kept_and_journalled_without_its_words():
    one = case(person(), creditor())
    note(case=one, by=user(), text="  She asked for a letter.  ")
    assert one.notes.get().text == "She asked for a letter."
    assert "letter" not in Entry.objects.get(verb="case.noted").detail
    assert services.NOTE_CHARS_MAX == 4_000
