"""Next: the right item, for one collector only, as long as the lease lasts."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from fairdue.cases.models import Ownership, WorkItem
from fairdue.cases.worklist import LEASE, NotYours, finish, next_item, reassign, release, skip, take, today
from fairdue.journal.models import Entry
from stories import case, creditor, person, team, user, utc

DAY = date(2026, 3, 3)
NOW = utc("2026-03-03T10:00+08:00")


@pytest.fixture
def me(db):
    return user(team=team())


def items(owner, count=3, **fields):
    lender = creditor()
    return [item(owner, lender, rank, **fields) for rank in range(1, count + 1)]


def item(owner, lender, rank, **fields):
    window = {"window_start": NOW - timedelta(hours=2), "window_end": NOW + timedelta(hours=10)}
    return WorkItem.objects.create(
        on=DAY,
        case=case(person(), lender, owner=owner),
        user=owner,
        rank=rank,
        score=100 - rank,
        action="call",
        **(window | fields),
    )


class TestNext:
    def test_the_best_ranked_first(self, me):
        first, *_ = items(me)
        got = next_item(user=me, now=NOW)
        assert (got, got.status, got.leased_until) == (first, "leased", NOW + LEASE)

    def test_pressed_again_gives_the_same_item_and_a_fresh_lease(self, me):
        items(me)
        first = next_item(user=me, now=NOW)
        again = next_item(user=me, now=NOW + timedelta(minutes=5))
        assert (again, again.leased_until) == (first, NOW + timedelta(minutes=20))

    def test_when_done_the_next_one_comes(self, me):
        first, second, _ = items(me)
        finish(item=next_item(user=me, now=NOW), by=me, how="no_answer", now=NOW)
        first.refresh_from_db()
        assert (first.status, first.done_how, next_item(user=me, now=NOW)) == ("done", "no_answer", second)

    def test_outside_its_window_an_item_waits(self, me):
        first, second, third = items(me)
        WorkItem.objects.filter(pk=first.pk).update(window_start=NOW + timedelta(minutes=1))
        WorkItem.objects.filter(pk=second.pk).update(window_end=NOW)
        assert next_item(user=me, now=NOW) == third

    def test_nothing_to_do_gives_none(self, me):
        assert next_item(user=me, now=NOW) is None

    def test_another_day_s_items_are_not_today_s(self, me):
        items(me)
        assert next_item(user=me, now=NOW + timedelta(days=1)) is None

    def test_a_call_back_comes_when_it_is_due_and_then_before_all_others(self, me):
        first, second, _ = items(me)
        again = NOW + timedelta(minutes=30)
        finish(item=next_item(user=me, now=NOW), by=me, how="call_back", now=NOW, again_at=again)
        assert next_item(user=me, now=NOW) == second
        finish(item=second, by=me, how="no_answer", now=NOW)
        assert next_item(user=me, now=again) == first

    def test_a_call_back_another_day_is_done_for_today(self, me):
        items(me, 1)
        got = finish(
            item=next_item(user=me, now=NOW), by=me, how="call_back", now=NOW, again_at=NOW + timedelta(days=1)
        )
        assert got.status == "done"

    def test_an_expired_lease_is_given_again(self, me):
        first, *_ = items(me)
        WorkItem.objects.filter(pk=first.pk).update(status="leased", leased_by=user(), leased_until=NOW)
        assert next_item(user=me, now=NOW) == first

    def test_it_takes_a_lock_and_one_query(self, me, django_assert_num_queries):
        first, *_ = items(me, 20)
        with django_assert_num_queries(4):  # savepoint and release among them
            got = next_item(user=me, now=NOW)
            assert (got, got.case_id, got.reasons) == (first, first.case_id, first.reasons)


class TestHands:
    def test_a_colleague_cannot_take_or_finish_it(self, me):
        first, *_ = items(me)
        next_item(user=me, now=NOW)
        for act in (
            lambda: take(item=first, user=user(), now=NOW),
            lambda: finish(item=first, by=user(), how="x", now=NOW),
        ):
            with pytest.raises(NotYours, match="colleague") as refused:
                act()
        assert "同事" in refused.value.zh

    def test_finishing_twice_changes_nothing(self, me):
        items(me, 1)
        got = finish(item=next_item(user=me, now=NOW), by=me, how="promise", now=NOW)
        assert finish(item=got, by=me, how="promise", now=NOW + timedelta(hours=1)).done_how == "promise"

    def test_an_item_dropped_while_in_work_counts_as_done(self, me):
        from fairdue.cases.services import drop_items

        items(me, 1)
        got = next_item(user=me, now=NOW)
        assert drop_items(case_ids=[got.case_id], why="hold:hardship", now=NOW) == 1
        assert finish(item=got, by=me, how="hardship", now=NOW).status == "done"

    def test_released_it_is_where_it_was(self, me):
        first, *_ = items(me)
        release(item=next_item(user=me, now=NOW), by=me, now=NOW)
        assert next_item(user=user(), now=NOW) is None
        assert next_item(user=me, now=NOW) == first

    def test_skipped_it_comes_last_and_the_reason_is_kept(self, me):
        first, second, third = items(me)
        skip(item=next_item(user=me, now=NOW), by=me, why="waiting for papers", now=NOW)
        assert list(today(user=me, day=DAY)) == [second, third, first]
        assert Entry.objects.get(verb="item.skipped").data["why"] == "waiting for papers"

    def test_a_skip_needs_a_reason(self, me):
        items(me, 1)
        with pytest.raises(ValueError, match="why"):
            skip(item=next_item(user=me, now=NOW), by=me, why=" ", now=NOW)


class TestReassign:
    @pytest.fixture
    def desk(self, me):
        lead = user("lead", team=me.team)
        return me, user(team=me.team), lead

    def move(self, cases, to, by):
        return reassign(case_ids=cases, to=to, by=by, reason="ill today", now=NOW)

    def test_ten_cases_move_with_their_items(self, desk):
        me, colleague, lead = desk
        moved = [one.case_id for one in items(me, 10)]
        assert self.move(moved, colleague, lead) == 10
        assert set(today(user=colleague, day=DAY).values_list("case", flat=True)) == set(moved)
        assert not today(user=me, day=DAY).exists()
        assert Ownership.objects.filter(user=colleague, during__endswith=None).count() == 10

    def test_what_is_in_work_or_done_stays(self, desk):
        me, colleague, lead = desk
        first, second, third = items(me)
        finish(item=next_item(user=me, now=NOW), by=me, how="promise", now=NOW)
        next_item(user=me, now=NOW)
        self.move([one.case_id for one in (first, second, third)], colleague, lead)
        assert list(today(user=colleague, day=DAY)) == [third]

    def test_moving_back_closes_one_period_and_opens_another(self, desk):
        me, colleague, lead = desk
        one = items(me, 1)[0].case
        self.move([one.pk], colleague, lead)
        reassign(case_ids=[one.pk], to=me, by=lead, reason="back", now=NOW + timedelta(hours=1))
        periods = Ownership.objects.filter(case=one).order_by("during")
        assert [(p.user, p.during.upper) for p in periods] == [(colleague, NOW + timedelta(hours=1)), (me, None)]

    def test_to_another_team_or_from_one_is_refused(self, desk):
        me, colleague, lead = desk
        mine, theirs = items(me, 1)[0].case_id, items(user(team=team()), 1)[0].case_id
        for cases, to, by in (
            ([mine], user(team=team()), lead),
            ([mine, theirs], colleague, lead),
            ([mine], colleague, me),
        ):
            with pytest.raises(NotYours):
                self.move(cases, to, by)
        assert not Ownership.objects.exists()

    def test_the_number_of_queries_does_not_grow(self, desk, django_assert_max_num_queries):
        me, colleague, lead = desk
        moved = [one.case_id for one in items(me, 30)]
        with django_assert_max_num_queries(15):
            self.move(moved, colleague, lead)


def at_once(*acts):
    """Run all acts in threads of their own, started together; what went wrong in one is raised here."""
    barrier, wrong = Barrier(len(acts)), []

    def run(act):
        try:
            barrier.wait()
            act()
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[0]


@pytest.mark.django_db(transaction=True)
def test_fifty_collectors_never_share_a_case_while_the_lead_moves_cases_about():
    here = team()
    people, lead = [user(team=here) for _ in range(50)], user("lead", team=here)
    cases = [one.case_id for each in people for one in items(each, 3)]
    got = []

    def work(one):
        for _ in range(4):
            found = next_item(user=one, now=NOW)
            if found is not None:
                got.append(found.case_id)
                finish(item=found, by=one, how="no_answer", now=NOW)

    def shuffle():
        for n in range(12):
            reassign(case_ids=cases[n::12], to=people[n], by=lead, reason="fair load", now=NOW + timedelta(seconds=n))

    at_once(shuffle, *(lambda one=one: work(one) for one in people))
    assert len(got) == len(set(got))
    assert WorkItem.objects.filter(status="done").count() == len(got) > 50


@pytest.mark.django_db(transaction=True)
def test_one_list_open_in_fifty_windows_is_worked_once():
    me = user()
    items(me, 60)

    def press():
        for _ in range(3):
            if found := next_item(user=me, now=NOW):
                finish(item=found, by=me, how="no_answer", now=NOW)

    at_once(*[press] * 50)
    done = WorkItem.objects.filter(status="done").count()
    assert 3 <= done <= 60
    assert not WorkItem.objects.filter(status="leased").exists()


@pytest.mark.django_db(transaction=True)
def test_pressed_eight_times_at_once_one_collector_has_one_case_in_hand():
    me, got = user(), []
    items(me, 8)
    at_once(*[lambda: got.append(next_item(user=me, now=NOW).pk)] * 8)
    assert len(got) == 8
    assert len(set(got)) == 1
    assert WorkItem.objects.filter(status="leased").count() == 1
