"""The walk of one contact, from the button to what its outcome sets off."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

import stories
from contact.conftest import NOON, Scene
from fairdue.accounts import services as ledger
from fairdue.agreements.models import Plan, Promise
from fairdue.cases.models import Hold, WorkItem
from fairdue.contact import services as door
from fairdue.contact.models import Attempt, Message, Outcome, Permit, Verdict
from fairdue.contact.writing import TemplateError
from fairdue.flows import contact as flow
from fairdue.journal.models import Entry
from fairdue.law import codes
from fairdue.people import services as people
from fairdue.people.models import Consent, Relation, Wish

K = Outcome.Kind


@pytest.fixture
def scene(db):
    found = Scene()
    ledger.age(as_of=NOON.date(), accounts=list(found.debtor.accounts.values_list("pk", flat=True)))
    return found


@pytest.fixture
def called(scene):
    """A call that was dialled."""
    line = flow.call(case=scene.case, contact_point=scene.phone, by=scene.by, now=NOON, key="call")
    return Attempt.objects.get(pk=line.attempt_id)


def record(scene, attempt, kind, **fields):
    return flow.record(attempt=attempt, kind=kind, by=scene.by, now=NOON + timedelta(minutes=3), **fields)


def item(scene):
    return WorkItem.objects.create(
        on=NOON.date(), case=scene.case, user=scene.by, rank=1, score=1, action="call", status="leased",
        leased_by=scene.by, window_start=NOON - timedelta(hours=4), window_end=NOON + timedelta(hours=10),
    )  # fmt: skip


# ---- the button


def test_a_call_gives_the_number_and_spends_the_permit(scene):
    line = flow.call(case=scene.case, contact_point=scene.phone, by=scene.by, now=NOON, key="call")

    assert (line.allowed, line.number) == (True, "+8613800138000")
    assert Permit.objects.get().spent_at == NOON
    assert Entry.objects.filter(verb="contact_point.revealed").count() == 1


def test_a_call_at_night_is_refused_with_article_and_first_minute(scene):
    answer = flow.call(
        case=scene.case, contact_point=scene.phone, by=scene.by, now=NOON + timedelta(hours=11), key="call"
    )

    assert isinstance(answer, door.Refused)
    assert answer.earliest == NOON + timedelta(hours=20)
    assert answer.reasons[0].cites["zh"].startswith("GB/T 45251-2025")
    assert not Entry.objects.filter(verb="contact_point.revealed").exists()


def test_pressing_twice_is_one_call(scene):
    lines = [flow.call(case=scene.case, contact_point=scene.phone, by=scene.by, now=NOON, key="call") for _ in range(2)]

    assert lines[0].attempt_id == lines[1].attempt_id
    assert lines[1].number == "+8613800138000"
    assert Attempt.objects.count() == 1


def test_a_key_of_a_call_that_is_over_gives_no_number(scene, called):
    record(scene, called, K.NO_ANSWER)

    with pytest.raises(door.PermitError):
        flow.call(case=scene.case, contact_point=scene.phone, by=scene.by, now=NOON, key="call")


def test_a_case_of_another_team_cannot_be_called(scene):
    with pytest.raises(PermissionDenied):
        flow.call(case=scene.case, contact_point=scene.phone, by=stories.user(), now=NOON, key="x")
    assert not Verdict.objects.exists()


# ---- outcomes


def test_a_promise_is_made_and_the_item_done(scene, called):
    work = item(scene)

    record(scene, called, K.PROMISE, promised=flow.Promised(50_000, date(2026, 11, 30)), item=work)

    promise = Promise.objects.get()
    assert (promise.cents, promise.due_on, promise.made_on) == (50_000, date(2026, 11, 30), date(2026, 11, 23))
    assert promise.attempt_id == called.pk
    work.refresh_from_db()
    assert (work.status, work.done_how) == ("done", "promise")
    scene.phone.refresh_from_db()
    assert scene.phone.status == "verified"


def test_a_promise_without_an_amount_records_nothing(scene, called):
    with pytest.raises(door.OutcomeError, match="amount"):
        record(scene, called, K.PROMISE)
    assert not Outcome.objects.exists()


def test_a_promise_of_more_than_is_owed_records_nothing(scene, called):
    from fairdue.agreements.services import PromiseRefused

    with pytest.raises(PromiseRefused):
        record(scene, called, K.PROMISE, promised=flow.Promised(10**9, date(2026, 11, 30)))
    assert not Outcome.objects.exists()


@pytest.mark.parametrize(
    ("kind", "hold"),
    [(K.HARDSHIP, "hardship"), (K.DISPUTE, "dispute"), (K.CEASE, "ceased"), (K.PAID_ALREADY, "policy")],
)
def test_a_stop_silences_every_case_at_once(scene, called, kind, hold):
    other = stories.creditor()
    stories.account(scene.debtor, other)
    elsewhere = stories.case(scene.debtor, other, owner=scene.by)
    letter = scene.write(case=elsewhere)
    work = item(scene)

    record(scene, called, kind, reason="金额不对", item=work)

    assert list(Hold.objects.values_list("kind", "reason")) == [(hold, "金额不对")]
    assert Message.objects.get(pk=letter.message_id).status == "revoked"
    later = NOON + timedelta(hours=2)
    for case in (scene.case, elsewhere):
        assert not scene.ask(case=case, now=later).allowed
    work.refresh_from_db()
    assert work.status == "done"


def test_says_it_is_paid_pauses_three_days_to_look(scene, called):
    record(scene, called, K.PAID_ALREADY)

    assert Hold.objects.get().ends_on == date(2026, 11, 26)


def test_a_plan_is_on_record_only_where_one_was_agreed_on_this_call(scene, called):
    with pytest.raises(door.OutcomeError, match="No plan was agreed on this call"):
        record(scene, called, K.PLAN)
    assert not Outcome.objects.exists()
    earlier = stories.plan(scene.case, scene.debtor.accounts.first(), NOON.date())
    with pytest.raises(door.OutcomeError):
        record(scene, called, K.PLAN)
    Plan.objects.filter(pk=earlier.pk).update(attempt_id=called.pk)
    assert record(scene, called, K.PLAN).kind == "plan"


def test_a_stop_is_absorbing(scene, called):
    """A later outcome, or a correction, never overwrites 'do not call'; only lifting it does, by one who may."""
    first = record(scene, called, K.CEASE)
    record(scene, called, K.NO_ANSWER, corrects=first)
    later = NOON + timedelta(hours=2)
    assert not scene.ask(now=later).allowed

    hold = Hold.objects.get()
    with pytest.raises(flow.holds.HoldError):
        flow.lift_hold(hold=hold, by=scene.by, now=later, reason="x")
    flow.lift_hold(hold=hold, by=stories.user("compliance"), now=later, reason="误记")

    assert scene.ask(now=later).allowed


def test_a_friend_who_refuses_is_left_alone_for_good_and_the_debtor_is_not_on_hold(scene):
    for hours in (26, 25, 24.5):
        scene.past(hours, codes.Result.UNANSWERED)
    friend = stories.person("赵友")
    Relation.objects.create(debtor=scene.debtor, person=friend, kind=codes.Relation.FRIEND)
    theirs = stories.phone(friend, "+8613900139000")
    line = flow.call(case=scene.case, contact_point=theirs, by=scene.by, now=NOON, key="call")

    record(scene, Attempt.objects.get(pk=line.attempt_id), K.CEASE)

    assert Wish.objects.get().person == friend
    assert not Hold.objects.exists()
    answer = scene.ask(contact_point=theirs, now=NOON + timedelta(days=3))
    assert "cn.third-person-refused" in [reason.rule for reason in answer.reasons]


@pytest.mark.parametrize("kind", [K.PROMISE, K.REFUSES, K.HARDSHIP, K.DISPUTE, K.PAID_ALREADY])
def test_nothing_about_the_debt_comes_of_a_call_to_who_owes_nothing(scene, kind):
    mother = stories.person("李梅")
    call = scene.past(0.1, codes.Result.PENDING, addressee=mother, relation=codes.Relation.PARENT_OF_ADULT)

    with pytest.raises(door.OutcomeError, match="owes nothing"):
        record(scene, call, kind, reason="x", promised=flow.Promised(100, date(2026, 11, 30)))
    assert not (Outcome.objects.exists() or Hold.objects.exists())


@pytest.mark.parametrize(("kind", "status"), [(K.WRONG_NUMBER, "wrong_person"), (K.NOT_IN_SERVICE, "invalid")])
def test_a_bad_number_is_marked_and_a_correction_unmarks_it(scene, called, kind, status):
    first = record(scene, called, kind)
    scene.phone.refresh_from_db()
    assert scene.phone.status == status

    record(scene, called, K.NO_ANSWER, corrects=first)
    scene.phone.refresh_from_db()
    assert scene.phone.status == "unverified"


def test_a_wrong_number_is_not_called_again(scene, called):
    record(scene, called, K.WRONG_NUMBER)

    answer = scene.ask(now=NOON + timedelta(hours=1))

    assert "house.wrong-number" in [reason.rule for reason in answer.reasons]


def test_a_call_back_comes_again_and_their_own_request_lifts_the_gap(scene, called):
    work = item(scene)
    again = NOON + timedelta(minutes=10)

    record(scene, called, K.CALL_BACK, next_at=again, item=work)

    work.refresh_from_db()
    assert (work.status, work.due_again_at) == ("open", again)
    assert Consent.objects.get().on_date == date(2026, 11, 23)
    assert scene.ask(now=again).allowed, "within the gap of 15 minutes, but at their request"


def test_a_call_back_at_night_still_needs_a_consent_of_its_own(scene, called):
    at_night = NOON + timedelta(hours=10, minutes=30)
    with pytest.raises(door.OutcomeError, match="2026-11-24 08:00"):
        record(scene, called, K.CALL_BACK, next_at=at_night)
    assert not Outcome.objects.exists()

    people.allow(person=scene.debtor, kind=Consent.Kind.OFF_HOURS, by=scene.by, now=NOON, channel=codes.Channel.CALL)
    record(scene, called, K.CALL_BACK, next_at=at_night)
    assert scene.ask(now=at_night).allowed


def test_a_call_back_without_a_time_records_nothing(scene, called):
    with pytest.raises(door.OutcomeError):
        record(scene, called, K.CALL_BACK)
    assert not Outcome.objects.exists()


def test_after_abuse_the_collector_rests(scene, called):
    record(scene, called, K.ABUSIVE)

    now = Entry.objects.get(verb="contact.abusive").at
    assert flow.cooling_down(user=scene.by, now=now + timedelta(minutes=5)) == now + timedelta(minutes=15)
    assert flow.cooling_down(user=scene.by, now=now + timedelta(minutes=16)) is None
    assert flow.cooling_down(user=stories.user(), now=now) is None


def test_a_corrected_promise_is_withdrawn_and_made_anew(scene, called):
    first = record(scene, called, K.PROMISE, promised=flow.Promised(50_000, date(2026, 11, 30)))
    second = record(scene, called, K.PROMISE, promised=flow.Promised(5_000, date(2026, 11, 30)), corrects=first)
    record(scene, called, K.REFUSES, corrects=second)

    assert sorted(Promise.objects.values_list("cents", "status")) == [(5_000, "withdrawn"), (50_000, "withdrawn")]


def test_their_call_has_the_same_consequences(scene):
    flow.took_call(case=scene.case, contact_point=scene.phone, by=scene.by, now=NOON, kind=K.DISPUTE, note="不是我的")

    assert Hold.objects.get().reason == "不是我的"
    assert Attempt.objects.get().direction == codes.Direction.IN


# ---- writing


def test_leave_to_call_is_taken_back_when_they_call_first_or_name_the_hour_as_unwelcome(scene):
    """Allowed at 12:00, not yet dialled; at 12:01 they call, or say "not at noon": the number is not handed over."""
    later = NOON + timedelta(minutes=1)
    called_first, written = scene.ask(), scene.write()
    flow.took_call(case=scene.case, contact_point=scene.phone, by=scene.by, now=later, kind=K.REFUSES)
    with pytest.raises(door.PermitError, match="revoked"):
        door.hand_over(permit=called_first.permit, by=scene.by, now=later)
    assert Message.objects.get(permit=written.permit).status == "queued"

    scene.now = NOON + timedelta(hours=2)
    allowed = scene.ask()
    flow.note_times(
        person=scene.debtor, kind=Wish.Kind.UNWELCOME, start=12 * 60, end=18 * 60, days=127, words="上班",
        by=scene.by, now=scene.now,
    )  # fmt: skip
    with pytest.raises(door.PermitError, match="revoked"):
        door.hand_over(permit=allowed.permit, by=scene.by, now=scene.now)


def test_a_reminder_says_who_writes_what_is_owed_and_how_to_stop(scene):
    answer = flow.write(
        case=scene.case, contact_point=scene.mail, template="reminder", by=scene.by, now=NOON, key="reminder 1"
    )

    assert answer.allowed
    message = Message.objects.get()
    assert "1,000.00" in message.body
    assert "退订" in message.body
    assert scene.lender.name_zh in message.body
    assert "{" not in message.subject + message.body


def test_only_what_is_past_due_is_called_due(scene):
    """Given $238.30 past due of $7,630.59; then the letter says so, as the screen writes it."""
    lender = stories.creditor(jurisdiction="us", currency="USD")
    dues = {date(2026, 10, 1): 23_830, date(2027, 10, 1): 739_229}
    account = stories.account(scene.debtor, lender, principal=763_059, dues=dues)
    ledger.age(as_of=NOON.date(), accounts=[account.pk])
    case = stories.case(scene.debtor, lender, owner=scene.by)

    english = flow.preview_text(case=case, contact_point=scene.mail, template="reminder", language="en").body
    chinese = flow.preview_text(case=case, contact_point=scene.mail, template="reminder", language="zh").body

    assert "has $238.30 past due, out of $7,630.59 owed in all" in " ".join(english.split())
    assert "逾期应还 $238.30（全部未还共 $7,630.59）" in chinese


def test_in_english_for_who_reads_english(scene):
    scene.mail.person.language = "en"
    flow.write(case=scene.case, contact_point=scene.mail, template="reminder", by=None, now=NOON, key="reminder 1")

    assert "attempt to collect a debt" in Message.objects.get().body


def test_a_blank_value_is_an_error_not_a_blank_letter(scene):
    with pytest.raises(TemplateError, match="due_on"):
        flow.write(case=scene.case, contact_point=scene.mail, template="promise_reminder", by=None, now=NOON, key="r")
    assert not Message.objects.exists()


def test_the_same_key_writes_once(scene):
    for _ in range(9):
        flow.write(case=scene.case, contact_point=scene.mail, template="reminder", by=None, now=NOON, key="reminder 1")

    assert Message.objects.count() == 1


def test_an_opt_out_takes_back_what_was_queued(scene):
    scene.write()

    flow.opt_out(person=scene.debtor, by=scene.by, now=NOON, channel=codes.Channel.EMAIL, words="退订")

    assert Message.objects.get().status == "revoked"
    assert not scene.write(now=NOON + timedelta(days=2)).allowed
    assert scene.ask(now=NOON + timedelta(days=2)).allowed, "the phone was not refused"
