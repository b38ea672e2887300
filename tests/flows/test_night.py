"""A night plans a day: who is on whose list, why, when it is lawful, and who is on none."""

from datetime import date, timedelta

import pytest

from fairdue.accounts.columns import rows
from fairdue.accounts.models import Ageing, Payment, Placement
from fairdue.agreements.services import make
from fairdue.cases import worklist
from fairdue.cases.models import Case, Hold, Ownership, Run, WorkItem
from fairdue.flows import night, payment
from fairdue.journal import queries as journal
from fairdue.law.codes import Channel
from fairdue.people.models import Person, Wish
from fairdue.planning.allocation import Placement as Place
from fairdue.planning.promise_strategy import Next
from fairdue.planning.scores import Reason
from stories import account, case, creditor, email, person, phone, team, user, utc

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 3)  # a Tuesday
NOW = utc("2026-03-02T18:30")  # half past two in the morning of DAY in Shanghai


@pytest.fixture
def lender():
    return creditor()


@pytest.fixture
def collectors():
    here = team()
    return [user(team=here, speaks=["zh"]) for _ in range(3)]


def late(lender, *, days=40, cents=50_000, reachable=True, owner=None, **fields):
    """A debtor whose due of `cents` is `days` past due on DAY."""
    debtor = person()
    if reachable:
        phone(debtor, f"+86138{debtor.pk:08d}")
    account(debtor, lender, principal=200_000, dues={DAY - timedelta(days=days): cents}, **fields)
    return case(debtor, lender, owner=owner)


def plan(**other):
    return night.run(DAY, **({"now": NOW} | other))


def items():
    return {item.case_id: item for item in WorkItem.objects.filter(on=DAY)}


def test_every_late_case_is_on_one_list_with_a_reason_and_a_lawful_window(lender, collectors):
    cases = [late(lender) for _ in range(6)]
    run = plan()
    listed = items()
    assert (run.status, run.summary["items"]) == ("done", 6)
    assert listed.keys() == {one.pk for one in cases}
    for item in listed.values():
        assert utc("2026-03-03T08:00+08:00") <= item.window_start < item.window_end <= utc("2026-03-03T22:00+08:00")
        assert item.reasons
        assert item.user in collectors


def test_loads_are_alike(lender, collectors):
    for _ in range(30):
        late(lender)
    plan()
    loads = [WorkItem.objects.filter(on=DAY, user=one).count() for one in collectors]
    assert max(loads) - min(loads) <= 1


def test_the_steps_are_recorded_with_counts_and_seconds(lender, collectors):
    late(lender)
    told = []
    run = plan(progress=lambda step, counts, seconds: told.append(step))
    steps = list(run.steps.all())
    assert [step.name for step in steps] == told == list(night.STEPS)
    assert all(step.status == "done" and step.seconds >= 0 for step in steps)
    assert {step.name: step.counts for step in steps}["age"]["accounts"] == 1


def test_a_case_without_owner_gets_one_and_keeps_him(lender, collectors):
    one = late(lender)
    plan()
    one.refresh_from_db()
    first = one.owner
    assert first == items()[one.pk].user
    assert Ownership.objects.get(case=one).user == first
    night.run(DAY + timedelta(days=7), now=NOW + timedelta(days=7))
    one.refresh_from_db()
    assert one.owner == first
    assert Ownership.objects.filter(case=one).count() == 1


def test_an_absent_owner_s_case_goes_to_a_colleague(lender, collectors):
    away = user(team=collectors[0].team, away_until=DAY)
    one = late(lender, owner=away)
    plan()
    one.refresh_from_db()
    assert one.owner in collectors
    assert items()[one.pk].user == one.owner


def test_nobody_gets_a_case_in_a_language_he_does_not_speak(lender):
    speaker, _ = user(speaks=["en"]), user(speaks=["zh"])
    one = late(lender)
    one.person.language = "en"
    one.person.save()
    plan()
    assert items()[one.pk].user == speaker


@pytest.mark.parametrize(
    ("reason", "facts"),
    [
        ("repair", {"proof_score": 20}),
        ("recalled", {"status": "recalled"}),
        ("paid", {"status": "paid"}),
        ("rest", {"days": 0}),
        ("no_contact", {"reachable": False}),
    ],
)
def test_who_is_left_out_and_why(lender, collectors, reason, facts):
    late(lender, **facts)
    run = plan()
    assert (run.summary["items"], run.summary["left_out"][reason]) == (0, 1)


def test_a_held_case_is_left_out(lender, collectors):
    one = late(lender)
    Hold.objects.create(person=one.person, kind="dispute", reason="not mine", starts_at=NOW)
    assert plan().summary["left_out"]["held"] == 1


def test_a_hold_that_ended_yesterday_holds_no_longer(lender, collectors):
    one = late(lender)
    Hold.objects.create(person=one.person, kind="policy", reason="wait", starts_at=NOW, ends_on=DAY - timedelta(days=1))
    assert plan().summary["items"] == 1


def test_a_disputed_account_silences_its_case_as_the_gate_would(lender, collectors):
    one = late(lender)
    other = account(one.person, lender, principal=90_000, dues={DAY - timedelta(days=5): 40_000})
    Hold.objects.create(person=one.person, account=other, kind="dispute", reason="this one", starts_at=NOW)
    assert plan().summary["left_out"]["no_window"] == 1


def test_a_placement_that_ended_goes_back(lender, collectors):
    ended = Placement.objects.create(
        creditor=lender, reference="P", placed_on=date(2026, 1, 5), ends_on=DAY - timedelta(days=1)
    )
    late(lender, placement=ended)
    run = plan()
    assert run.summary["left_out"]["recalled"] == 1
    assert run.steps.get(name="apply").counts["recalled"] == 1


def test_whoever_may_not_be_reached_today_is_on_no_list(lender, collectors):
    one = late(lender)
    Wish.objects.create(person=one.person, kind="opt_out", made_at=NOW - timedelta(days=3))
    run = plan()
    assert (run.summary["items"], run.summary["left_out"]["no_window"]) == (0, 1)


def test_a_narrow_window_is_kept(lender, collectors):
    """No calls before four in the afternoon, the debtor said."""
    one = late(lender)
    Wish.objects.create(person=one.person, kind="unwelcome_time", start=0, end=16 * 60, made_at=NOW - timedelta(days=9))
    plan()
    assert items()[one.pk].window_start == utc("2026-03-03T16:00+08:00")


def test_a_window_open_in_the_running_minute_is_open_now(lender, collectors):
    """The night ends at 10:00:20; the law judges whole minutes, and 10:00 is lawful: nobody waits until 10:01."""
    one = late(lender)
    now = utc("2026-03-03T10:00:20+08:00")
    plan(now=now)
    item = items()[one.pk]
    assert item.window_start == utc("2026-03-03T10:00+08:00")
    assert worklist.next_item(user=item.user, now=now) is not None


def test_a_window_never_opens_before_the_lawful_minute(lender, collectors):
    """At 07:59:40 nobody may call; the window opens at 08:00 and not in the minute before."""
    one = late(lender)
    now = utc("2026-03-03T07:59:40+08:00")
    plan(now=now)
    item = items()[one.pk]
    assert item.window_start == utc("2026-03-03T08:00+08:00")
    assert worklist.next_item(user=item.user, now=now) is None


def test_by_mail_where_the_phone_is_barred(lender, collectors):
    one = late(lender)
    box = email(one.person)
    Wish.objects.create(person=one.person, kind="opt_out", channel=1, made_at=NOW - timedelta(days=3))
    plan()
    item = items()[one.pk]
    assert (item.channel, item.contact_point, item.action) == (Channel.EMAIL, box, "remind")


def test_the_american_night_is_a_hole_between_two_windows(collectors):
    """In Chicago 2 March ends at 21:00 (11:00 in Shanghai), the next day is open after 8:00 (22:00 in Shanghai)."""
    bank = creditor(jurisdiction="us", zone="America/Chicago", currency="USD")
    one = late(bank, reachable=False)
    Person.objects.filter(pk=one.person_id).update(region="US-TX")
    number = phone(one.person, "+13125550143", zones="America/Chicago", country="US")
    plan()
    item = items()[one.pk]
    assert (item.channel, item.contact_point, item.zone) == (Channel.CALL, number, "America/Chicago")
    assert (item.window_start, item.window_end) == (NOW, utc("2026-03-03T11:00+08:00"))
    assert (item.later_start, item.later_end) == (utc("2026-03-03T22:01+08:00"), utc("2026-03-04T00:00+08:00"))
    for hour, given in (("10:59", True), ("11:00", False), ("21:59", False), ("22:01", True)):
        found = worklist.next_item(user=item.user, now=utc(f"2026-03-03T{hour}+08:00"))
        assert bool(found) == given, hour
        if found:
            worklist.release(item=found, by=item.user, now=utc(f"2026-03-03T{hour}+08:00"))


def test_a_promise_due_today_says_so_with_its_amount(lender, collectors):
    one = late(lender)
    make(case=one, account=None, cents=20_000, due_on=DAY, made_on=DAY - timedelta(days=2), by=None)
    plan()
    item = items()[one.pk]
    assert item.action == "promise_follow_up"
    assert [Reason.PROMISE_DUE_TODAY, [20_000, 0]] in item.reasons


def test_a_broken_promise_is_taken_up_from_the_day_it_was_found_broken(lender, collectors):
    """Due on 17 February, before the Spring Festival: banks open on the 24th, so the last day for money is the 26th."""
    one = late(lender, days=60)
    make(case=one, account=None, cents=20_000, due_on=date(2026, 2, 17), made_on=date(2026, 2, 10), by=None)
    before = night.run(date(2026, 2, 27), now=NOW - timedelta(days=4))
    assert before.steps.get(name="promises").counts["broken"] == 0
    night.run(date(2026, 2, 28), now=NOW - timedelta(days=3))
    item = WorkItem.objects.get(on=date(2026, 2, 28))
    assert [code for code, _numbers in item.reasons][:2] == [Reason.PROMISE_BROKEN, Reason.NEXT_AFTER_BROKEN]
    assert item.reasons[0][1] == [20_000, 1]
    assert item.reasons[1][1] == [Next.MESSAGE, 1]


def test_a_payment_loaded_in_the_evening_takes_the_case_off(lender, collectors):
    one = late(lender)
    loan = one.person.accounts.get()
    Payment.objects.create(
        creditor=lender,
        account=loan,
        reference="E1",
        cents=50_000,
        currency="CNY",
        happened_on=DAY - timedelta(days=1),
        learned_at=NOW,
    )
    run = plan()
    assert run.summary["items"] == 0
    assert Ageing.objects.get(account=loan).past_due == 0


def test_a_finished_night_is_left_alone(lender, collectors):
    late(lender)
    first = plan()
    late(lender)
    again = plan()
    assert (again.pk, again.finished_at, len(items())) == (first.pk, first.finished_at, 1)


def test_forced_it_plans_again_and_work_done_is_not_lost(lender, collectors):
    cases = [late(lender) for _ in range(4)]
    plan()
    at = utc("2026-03-03T10:00+08:00")
    done = next(item for one in collectors if (item := worklist.next_item(user=one, now=at)))
    worklist.finish(item=done, by=done.user, how="promise", now=at)
    late(lender)
    run = plan(force=True, now=at)
    listed = items()
    assert (len(listed), listed[done.case_id].status, run.summary["items"]) == (len(cases) + 1, "done", 4)


def test_a_second_night_at_the_same_time_is_refused(lender, collectors):
    import psycopg
    from django.db import connection

    from fairdue.flows.night import log

    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("select pg_advisory_lock(%s)", [log._LOCK])
        with pytest.raises(night.AlreadyRunning) as refused:
            plan()
        other.execute("select pg_advisory_unlock(%s)", [log._LOCK])
    assert "正在运行" in refused.value.zh
    assert not Run.objects.exists()
    assert plan().status == "done"


def test_a_night_before_one_that_ran_is_refused(lender, collectors):
    plan()
    with pytest.raises(night.TooLate, match="2026-03-03"):
        night.run(DAY - timedelta(days=1), now=NOW)


def test_a_night_beyond_tomorrow_is_refused(lender, collectors):
    """The day after NOW's may be planned, the one after that not: no ageing and no charge runs ahead."""
    tomorrow = night.last_day(NOW)
    with pytest.raises(night.TooEarly, match=str(tomorrow)):
        night.run(tomorrow + timedelta(days=1), now=NOW)
    assert not Run.objects.exists()
    assert night.run(tomorrow, now=NOW).status == "done"


def test_a_failed_step_is_noted_and_the_next_try_goes_on_there(lender, collectors, monkeypatch):
    late(lender)
    broken = monkeypatch.context()
    with broken as patch:
        patch.setattr("fairdue.flows.night.plan.ask_gate", lambda *a, **k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            plan()
    run = Run.objects.get()
    assert (run.status, run.steps.get(name="gate").error) == ("failed", "ZeroDivisionError: division by zero")
    finished = {step.name: step.started_at for step in run.steps.filter(status="done")}
    assert plan().status == "done"
    kept = {step.name: step.started_at for step in run.steps.filter(name__in=["apply", "promises", "age"])}
    assert {name: finished[name] for name in kept} == kept


def test_what_is_paid_or_held_while_the_night_thinks_is_not_listed(lender, collectors, monkeypatch):
    paid, held, left = late(lender), late(lender), late(lender)
    share_out = night.plan.share_out

    def meanwhile(*args, **named):
        loan = paid.person.accounts.get()
        payment.receive(
            creditor=lender, account=loan, reference="N1", cents=50_000, currency="CNY", happened_on=DAY, now=NOW
        )
        Hold.objects.create(person=held.person, kind="hardship", reason="ill", starts_at=NOW)
        return share_out(*args, **named)

    monkeypatch.setattr(night.plan, "share_out", meanwhile)
    plan()
    assert items().keys() == {left.pk}


def test_without_collectors_everything_is_left_out(lender):
    late(lender)
    run = plan()
    assert run.summary["items"] == 0
    assert sum(run.summary["left_out"].values()) == 1


def test_an_empty_house_has_a_quiet_night():
    assert plan().summary["items"] == 0


def test_a_case_is_opened_for_a_debt_without_one(lender, collectors):
    one = late(lender)
    Case.objects.all().delete()
    plan()
    assert Case.objects.get(person=one.person).work_items.count() == 1


def test_the_queries_do_not_grow_with_the_cases(lender, collectors, django_assert_max_num_queries):
    for _ in range(40):
        late(lender)
    with django_assert_max_num_queries(161):
        plan()
    for _ in range(40):
        late(lender)
    with django_assert_max_num_queries(161):
        night.run(DAY + timedelta(days=1), now=NOW + timedelta(days=1))


@pytest.mark.django_db(transaction=True)
def test_the_journal_stands_and_tells_of_the_night(lender, collectors):
    late(lender)
    plan()
    assert journal.verify().intact
    told = {verb for (verb,) in rows("select distinct verb from journal_entry")}
    assert {"night.began", "night.done", "cases.given"} <= told
    assert Place.NO_WINDOW.name.lower() == "no_window"
