"""The record: which past contacts count, who agreed to what, who is out of reach, who said no."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairdue.law import clock, gate, packs, record
from fairdue.law.codes import (
    Channel,
    Decision,
    Direction,
    Endpoint,
    Mode,
    Place,
    Purpose,
    Relation,
    Result,
    Scope,
    StopKind,
)  # fmt: skip
from fairdue.law.facts import COUNTS, LONG_AGO, NEVER, FactError
from fairdue.law.record import (
    Consents,
    Contacts,
    EventDebts,
    Events,
    Links,
    OptOuts,
    Record,
    Reserved,
    Sessions,
    Stops,
    UnwelcomeTimes,
    WrongNumbers,
)  # fmt: skip

SHANGHAI = clock.zone_sets([["Asia/Shanghai"]])
NEW_YORK = clock.zone_sets([["America/New_York"]])
ANN, BOB, AGENCY, OTHER_AGENCY, CARD, LOAN, MOBILE = 11, 12, 901, 902, 81, 82, 501


def cn(text):
    return clock.minutes(text, "Asia/Shanghai")


def us(text):
    return clock.minutes(text, "America/New_York")


def contact(at, *, zones=SHANGHAI, person=ANN, debtor=ANN, channel=Channel.CALL, debts=(CARD,), country=1, **fields):
    """One intended contact, as a rule a call by the agency about the card."""
    columns = {
        "jurisdiction": country, "relation": Relation.DEBTOR if person == debtor else Relation.EMERGENCY_CONTACT,
        "purpose": Purpose.COLLECT if person == debtor else Purpose.RELAY, "debtor_alive": 1, "actor_type": 2,
        "debt_type": 1,
    } | fields.pop("columns", {})  # fmt: skip
    return Contacts.of(
        instant=at, person=[person], debtor=debtor, channel=channel, zones=zones, actor=AGENCY,
        number=fields.pop("number", MOBILE), debts=Links.of(row=[0] * len(debts), debt=list(debts)), columns=columns,
        **fields,
    )  # fmt: skip


def calls(*rows, zone=cn, person=ANN, debt=CARD):
    """A record of our calls: (when, result) or (when, result, further fields)."""
    table = defaultdict(list)
    for when, result, *more in rows:
        fields = {
            "at": zone(when), "person": person, "channel": Channel.CALL, "dir": Direction.OUT, "result": result,
            "actor": AGENCY, "number": MOBILE, "mode": Mode.HUMAN, "purpose": Purpose.COLLECT, "reply_to": -1,
        } | (more[0] if more else {})  # fmt: skip
        for name, value in fields.items():
            table[name].append(value)
    debts = EventDebts.of(event=range(len(rows)), debt=[debt] * len(rows))
    return Record(events=Events.of(**table), event_debts=debts)


def with_(past, **tables):
    return Record(**{**past.__dict__, **tables})


def held(contacts, past, name):
    """The instants kept under a count, newest first."""
    return [at for at in record.facts(contacts, past).past[name][0].tolist() if at > LONG_AGO]


def verdict(contacts, past, country="cn"):
    return gate.judge(record.facts(contacts, past), packs.of_jurisdiction(country))


# ---- which calls count


def test_busy_and_not_in_service_are_no_calls_dropped_and_voicemail_are():
    past = calls(
        ("2026-04-01T10:00", Result.BUSY), ("2026-04-01T11:00", Result.NOT_IN_SERVICE),
        ("2026-04-01T12:00", Result.DROPPED), ("2026-04-01T13:00", Result.VOICEMAIL_REACHED),
        ("2026-04-01T14:00", Result.UNANSWERED), ("2026-04-01T15:00", Result.CANCELLED), zone=us,
    )  # fmt: skip
    kept = held(contact(us("2026-04-01T18:00"), zones=NEW_YORK, country=2), past, "calls")
    assert kept == [us("2026-04-01T14:00"), us("2026-04-01T13:00"), us("2026-04-01T12:00")]


def test_a_call_still_running_counts_so_that_two_collectors_cannot_both_be_the_last():
    past = calls(
        ("2026-03-10T09:00", Result.CONVERSATION), ("2026-03-10T10:00", Result.CONVERSATION),
        ("2026-03-10T11:00", Result.PENDING),
    )  # fmt: skip
    assert verdict(contact(cn("2026-03-10T11:00")), past).decision[0] == Decision.DENY


def test_a_running_call_counts_as_the_most_it_may_become():
    """A conversation for Regulation F, an unanswered call for the next five minutes, a notice heard, a sign of life."""
    running = [("2026-04-01T10:00", Result.PENDING)]
    now = contact(us("2026-04-01T10:03"), zones=NEW_YORK, country=2)
    for count in ("conversations", "calls", "unanswered"):
        assert held(now, calls(*running, zone=us), count) == [us("2026-04-01T10:00")], count
    notices = calls(*[(f"2026-03-10T{hour:02}:00", Result.PENDING, {"mode": Mode.RECORDED}) for hour in (9, 10, 11)])
    fourth = contact(cn("2026-03-10T12:00"), columns={"mode": Mode.RECORDED})
    assert verdict(fourth, notices).decision[0] == Decision.DENY
    failed = [(f"2026-03-09T{hour:02}:00", Result.UNANSWERED) for hour in (9, 10, 11)]
    asked = contact(cn("2026-03-10T12:00"), person=BOB, debtor=ANN)
    assert verdict(asked, calls(*failed)).decision[0] == Decision.ALLOW
    assert verdict(asked, calls(*failed, ("2026-03-10T11:59", Result.PENDING))).decision[0] == Decision.DENY


def test_what_lies_ahead_does_not_count():
    past = calls(("2026-04-02T10:00", Result.UNANSWERED), zone=us)
    assert held(contact(us("2026-04-01T18:00"), zones=NEW_YORK, country=2), past, "calls") == []


def test_calls_are_counted_per_actor_person_and_debt():
    past = calls(
        ("2026-04-01T10:00", Result.UNANSWERED),
        ("2026-04-01T11:00", Result.UNANSWERED, {"actor": OTHER_AGENCY}),
        ("2026-04-01T12:00", Result.UNANSWERED, {"person": BOB}),
        zone=us,
    )
    now = us("2026-04-01T18:00")
    assert held(contact(now, zones=NEW_YORK), past, "calls") == [us("2026-04-01T10:00")]
    assert held(contact(now, zones=NEW_YORK, debts=(LOAN,)), past, "calls") == []


def test_of_several_debts_the_fullest_decides_and_no_debt_means_all():
    past = calls(*[(f"2026-04-0{day}T10:00", Result.UNANSWERED) for day in range(1, 8)], zone=us)
    now = us("2026-04-07T15:00")
    assert verdict(contact(now, zones=NEW_YORK, country=2, debts=(LOAN, CARD)), past, "us").decision[0] == Decision.DENY
    assert verdict(contact(now, zones=NEW_YORK, country=2, debts=()), past, "us").decision[0] == Decision.DENY
    assert verdict(contact(now, zones=NEW_YORK, country=2, debts=(LOAN,)), past, "us").decision[0] == Decision.ALLOW


def test_a_number_learned_to_be_wrong_leaves_the_count():
    past = calls(*[(f"2026-04-0{day}T10:00", Result.UNANSWERED, {"number": 502}) for day in range(1, 8)], zone=us)
    now = us("2026-04-07T15:00")
    wrong = WrongNumbers.of(person=[ANN], number=502, learned=us("2026-04-07T12:00"))
    planned = contact(now, zones=NEW_YORK, country=2)
    assert verdict(planned, past, "us").decision[0] == Decision.DENY
    assert verdict(planned, with_(past, wrong_numbers=wrong), "us").decision[0] == Decision.ALLOW


def test_their_own_call_opens_the_seven_days_but_is_no_call_of_ours():
    past = calls(("2026-08-13T11:00", Result.CONVERSATION, {"dir": Direction.IN}), zone=us)
    planned = contact(us("2026-08-19T10:00"), zones=NEW_YORK, country=2)
    found = verdict(planned, past, "us")
    assert held(planned, past, "calls") == []
    assert found.decision[0] == Decision.DENY
    assert found.earliest[0] == us("2026-08-20T08:01")


def test_the_count_resets_at_the_borrowers_midnight_not_at_ours():
    """Three talks on Monday in Shanghai; at 00:01 in London it is still the same Shanghai morning."""
    past = calls(*[(f"2026-03-09T{hour:02}:00", Result.CONVERSATION) for hour in ("09", "11", "14")])
    london_after_midnight = clock.minutes("2026-03-09T15:30", "Asia/Shanghai")
    assert verdict(contact(london_after_midnight), past).decision[0] == Decision.DENY
    assert verdict(contact(cn("2026-03-10T08:00")), past).decision[0] == Decision.ALLOW


def test_ai_voice_counts_with_people_a_recorded_notice_has_its_own_count():
    past = calls(
        ("2026-03-10T09:00", Result.CONVERSATION, {"mode": Mode.AI_VOICE}),
        ("2026-03-10T10:00", Result.CONVERSATION),
        ("2026-03-10T11:00", Result.NOTICE_PLAYED, {"mode": Mode.RECORDED}),
    )
    planned = contact(cn("2026-03-10T12:00"))
    assert len(held(planned, past, "effective_calls")) == 2
    assert len(held(planned, past, "notices")) == 1


# ---- consent


def seven_calls():
    return calls(*[(f"2026-06-0{day}T10:00", Result.UNANSWERED) for day in range(1, 8)], zone=us)


def consent(given, **fields):
    return Consents.of(given=[us(given)], person=ANN, extra=1, debt=CARD, **fields)


@pytest.mark.parametrize(
    ("terms", "counted"),
    [
        ({"revoked": us("2026-06-06T09:00")}, [7, 6, 3, 2, 1]),
        ({}, [3, 2, 1]),
        ({"day": clock.day_number(clock.date(2026, 6, 5))}, [7, 6, 4, 3, 2, 1]),
        ({"valid": 0}, [7, 6, 5, 4, 3, 2, 1]),
    ],
)
def test_calls_covered_by_consent_are_not_counted(terms, counted):
    past = with_(seven_calls(), consents=consent("2026-06-04T09:00", **terms))
    kept = held(contact(us("2026-06-07T12:00"), zones=NEW_YORK, country=2), past, "calls")
    assert kept == [us(f"2026-06-0{day}T10:00") for day in counted]


def test_consent_ends_with_the_seventh_day():
    past = with_(seven_calls(), consents=consent("2026-06-07T12:00"))
    for at, allowed in (("2026-06-07T15:00", True), ("2026-06-13T20:00", True), ("2026-06-06T20:00", False)):
        found = verdict(contact(us(at), zones=NEW_YORK, country=2), past, "us")
        assert found.lawful[0] == (allowed or at < "2026-06-07T10:00"), at
    facts = record.facts(contact(us("2026-06-07T15:00"), zones=NEW_YORK, country=2), past)
    assert facts.spans["extra_calls_agreed"].end[0, 0] == us("2026-06-14T00:00")


def test_consent_ends_with_the_next_conversation_which_itself_was_covered():
    past = with_(
        calls(("2026-04-03T10:00", Result.CONVERSATION), ("2026-04-06T10:00", Result.CONVERSATION), zone=us),
        consents=consent("2026-04-03T10:05"),
    )
    planned = contact(us("2026-04-08T10:00"), zones=NEW_YORK, country=2)
    assert held(planned, past, "calls") == [us("2026-04-03T10:00")]
    assert verdict(planned, past, "us").earliest[0] == us("2026-04-13T08:01")


def test_consent_to_one_debt_does_not_cover_a_call_about_two():
    past = with_(seven_calls(), consents=consent("2026-06-07T11:00"))
    now = us("2026-06-07T12:00")
    assert verdict(contact(now, zones=NEW_YORK, country=2), past, "us").decision[0] == Decision.ALLOW
    both = contact(now, zones=NEW_YORK, country=2, debts=(CARD, LOAN))
    assert verdict(both, past, "us").decision[0] == Decision.DENY


def test_off_hours_consent_covers_its_channel_its_day_and_nothing_else():
    bits = 1 << Channel.SMS
    day = clock.day_number(clock.date(2026, 3, 10))
    past = Record(consents=Consents.of(given=[cn("2026-03-01T10:00")], person=ANN, extra=0, channels=bits, day=day))
    late = cn("2026-03-10T22:40")
    assert verdict(contact(late, channel=Channel.SMS), past).decision[0] == Decision.ALLOW
    assert verdict(contact(late), past).decision[0] == Decision.DENY
    assert verdict(contact(cn("2026-03-11T22:40"), channel=Channel.SMS), past).decision[0] == Decision.DENY


# ---- lost contact


def to_friend(at):
    return contact(cn(at), person=BOB, debtor=ANN, number=0)


def test_three_failed_calls_open_the_contact_person_from_the_next_day():
    past = calls(*[(f"2026-03-10T{hour:02}:00", Result.UNANSWERED) for hour in ("09", "12", "17")])
    today = verdict(to_friend("2026-03-10T18:00"), past)
    assert today.decision[0] == Decision.DENY
    assert today.earliest[0] == cn("2026-03-11T08:00")
    assert verdict(to_friend("2026-03-11T09:00"), past).decision[0] == Decision.ALLOW


def test_failed_calls_on_three_days_running_open_at_once():
    past = calls(*[(f"2026-03-{day}T10:00", Result.VOICEMAIL_REACHED) for day in ("10", "11", "12")])
    assert verdict(to_friend("2026-03-11T11:00"), past).decision[0] == Decision.DENY
    assert verdict(to_friend("2026-03-12T10:01"), past).decision[0] == Decision.ALLOW


def test_a_gap_between_the_days_does_not_count():
    past = calls(*[(f"2026-03-{day}T10:00", Result.UNANSWERED) for day in ("10", "11", "13")])
    assert verdict(to_friend("2026-03-13T11:00"), past).decision[0] == Decision.DENY


@pytest.mark.parametrize("success", [{"result": Result.CONVERSATION}, {"dir": Direction.IN, "channel": Channel.SMS}])
def test_reaching_the_debtor_closes_the_contact_person_again(success):
    past = calls(
        *[(f"2026-03-10T{hour:02}:00", Result.UNANSWERED) for hour in ("09", "12", "17")],
        ("2026-03-11T08:30", Result.DELIVERED, success),
    )
    assert verdict(to_friend("2026-03-11T09:00"), past).decision[0] == Decision.DENY


def test_only_failed_calls_to_a_number_the_debtor_left_prove_that_he_is_lost():
    three = [(f"2026-03-09T{hour:02}:00", Result.UNANSWERED) for hour in (9, 10, 11)]
    asked = contact(cn("2026-03-10T12:00"), person=BOB, debtor=ANN)
    left = Reserved.of(person=[ANN], number=MOBILE)
    assert verdict(asked, with_(calls(*three), reserved=left)).decision[0] == Decision.ALLOW
    elsewhere = calls(*[(when, result, {"number": 777}) for when, result in three])
    assert verdict(asked, with_(elsewhere, reserved=left)).decision[0] == Decision.DENY
    wrong = WrongNumbers.of(person=[ANN], number=MOBILE, learned=cn("2026-03-09T18:00"))
    assert verdict(asked, with_(calls(*three), wrong_numbers=wrong)).decision[0] == Decision.DENY


def test_the_days_of_lost_contact_are_those_of_shanghai_wherever_the_debtor_lives():
    """Three calls on 9 March in Shanghai; by New York's clock two fell on the 8th and the next day is later."""
    three = calls(*[(f"2026-03-09T{hour:02}:00", Result.UNANSWERED) for hour in (9, 11, 13)])
    first = cn("2026-03-10T00:00")
    found = record.facts(contact(first, person=BOB, debtor=ANN, zones=NEW_YORK), three).spans["out_of_reach"]
    assert found.start[0, 0] == first


def test_an_invalid_number_is_enough_a_second_valid_one_is_not():
    lost = Record(reserved=Reserved.of(person=[ANN], number=[MOBILE], invalid_since=[0]))
    spare = Record(reserved=Reserved.of(person=[ANN, ANN], number=[MOBILE, 502], invalid_since=[0, NEVER]))
    assert verdict(to_friend("2026-03-10T09:00"), lost).decision[0] == Decision.ALLOW
    assert verdict(to_friend("2026-03-10T09:00"), spare).decision[0] == Decision.DENY


# ---- wishes and stops


@pytest.mark.parametrize(
    ("refusal", "barred"),
    [
        ({"scope": Scope.ALL}, {"call", "sms", "email", "voicemail"}),
        ({"scope": Scope.CHANNEL, "channels": 1 << Channel.CALL}, {"call", "voicemail"}),
        ({"scope": Scope.NUMBER, "number": MOBILE, "channels": 1 << Channel.SMS}, {"sms"}),
        ({"scope": Scope.NUMBER, "number": 999}, set()),
        ({"scope": Scope.ADDRESS, "address": 7}, {"email"}),
        ({"scope": Scope.ALL, "lifted": us("2026-11-09T10:00")}, set()),
    ],
)
def test_an_opt_out_binds_as_far_as_it_reaches(refusal, barred):
    past = Record(opt_outs=OptOuts.of(at=[us("2026-11-01T10:00")], person=ANN, **refusal))
    now = us("2026-11-10T10:00")
    found = {
        name
        for name in ("call", "sms", "email", "voicemail")
        if not verdict(
            contact(now, zones=NEW_YORK, country=2, channel=Channel[name.upper()], address=7 if name == "email" else 0),
            past,
            "us",
        ).lawful[0]
    }
    assert found == barred


def test_a_third_person_who_refuses_one_way_has_refused_altogether():
    three = calls(*[(f"2026-03-09T{hour:02}:00", Result.UNANSWERED) for hour in (9, 10, 11)])
    refusal = OptOuts.of(at=[cn("2026-03-09T10:00")], person=BOB, scope=Scope.CHANNEL, channels=1 << Channel.CALL)
    written = contact(cn("2026-03-10T12:00"), person=BOB, debtor=ANN, channel=Channel.SMS)
    assert verdict(written, three).decision[0] == Decision.ALLOW
    assert verdict(written, with_(three, opt_outs=refusal)).decision[0] == Decision.DENY


def test_an_opt_out_of_tomorrow_does_not_bind_today():
    past = Record(opt_outs=OptOuts.of(at=[us("2026-11-11T10:00")], person=ANN, scope=Scope.ALL))
    assert verdict(contact(us("2026-11-10T10:00"), zones=NEW_YORK, country=2), past, "us").lawful[0]


def test_one_answer_to_their_message_and_no_second():
    friday = UnwelcomeTimes.of(person=[ANN], days=1 << 4)
    theirs = {"dir": Direction.IN, "channel": Channel.EMAIL}
    ours = {"channel": Channel.EMAIL, "reply_to": 0}
    asked = with_(calls(("2026-11-06T20:30", Result.DELIVERED, theirs), zone=us), unwelcome=friday)
    answered = with_(
        calls(("2026-11-06T20:30", Result.DELIVERED, theirs), ("2026-11-06T20:31", Result.DELIVERED, ours), zone=us),
        unwelcome=friday,
    )
    reply = contact(us("2026-11-06T20:45"), zones=NEW_YORK, country=2, channel=Channel.EMAIL, reply_to=0)
    by_text = contact(us("2026-11-06T20:45"), zones=NEW_YORK, country=2, channel=Channel.SMS, reply_to=0)
    assert verdict(reply, asked, "us").decision[0] == Decision.ALLOW
    assert verdict(by_text, asked, "us").decision[0] == Decision.DENY
    assert verdict(reply, answered, "us").decision[0] == Decision.DENY


def test_a_portal_may_show_what_it_likes_while_they_use_it():
    past = Record(
        unwelcome=UnwelcomeTimes.of(person=[ANN], days=1 << 4),
        sessions=Sessions.of(person=[ANN], start=us("2026-11-06T10:00"), end=us("2026-11-06T10:20")),
    )
    shown = contact(us("2026-11-06T10:10"), zones=NEW_YORK, country=2, channel=Channel.PORTAL)
    found = verdict(shown, past, "us")
    assert found.decision[0] == Decision.ALLOW
    assert found.until[0] == us("2026-11-06T10:20")


@pytest.mark.parametrize(
    ("kind", "decision"),
    [
        (StopKind.CEASE, Decision.DENY), (StopKind.DISPUTE, Decision.DENY), (StopKind.ATTORNEY, Decision.HOLD),
        (StopKind.HARDSHIP, Decision.HOLD), (StopKind.OTHER, Decision.HOLD), (StopKind.MORATORIUM, Decision.DENY),
    ],
)  # fmt: skip
def test_a_stop_stops(kind, decision):
    past = Record(stops=Stops.of(start=[us("2026-11-01T10:00")], person=ANN, kind=kind))
    facts = record.facts(contact(us("2026-11-10T10:00"), zones=NEW_YORK, country=2), past)
    assert gate.judge(facts, packs.standard()).decision[0] == decision


def test_that_an_attorney_acts_denies_once_legal_signed_the_rule_off():
    past = Record(stops=Stops.of(start=[us("2026-11-01T10:00")], person=ANN, kind=StopKind.ATTORNEY))
    facts = record.facts(contact(us("2026-11-10T10:00"), zones=NEW_YORK, country=2), past)
    assert gate.judge(facts, packs.standard(frozenset({"us.attorney"}))).decision[0] == Decision.DENY


def test_a_stop_on_one_debt_leaves_the_other_free_and_one_with_an_end_ends():
    end = us("2026-11-12T00:00")
    past = Record(stops=Stops.of(start=[us("2026-11-01T10:00")], person=ANN, kind=StopKind.DISPUTE, debt=CARD, end=end))
    now = us("2026-11-10T10:00")
    assert verdict(contact(now, zones=NEW_YORK, country=2, debts=(LOAN,)), past, "us").decision[0] == Decision.ALLOW
    found = verdict(contact(now, zones=NEW_YORK, country=2), past, "us")
    assert (found.decision[0], found.earliest[0]) == (Decision.DENY, us("2026-11-12T08:01"))


def test_a_missing_column_is_told_by_name():
    with pytest.raises(FactError, match="Events needs the column result"):
        Events.of(at=[1], person=[1], channel=[1], dir=[1])
    with pytest.raises(FactError, match="Events has no column colour"):
        Events.of(at=[1], person=[1], channel=[1], dir=[1], result=[1], colour=[1])
    with pytest.raises(FactError, match=r"Stops.person has 2 rows, 3 are needed"):
        Stops.of(start=[1, 2, 3], person=[1, 2], kind=1)


# ---- columns against a loop


@st.composite
def histories(draw):
    events = draw(
        st.lists(
            st.tuples(
                st.integers(0, 3000), st.integers(1, 3), st.integers(1, 2), st.integers(1, 3), st.integers(0, 2),
                st.sampled_from([Channel.CALL, Channel.SMS, Channel.EMAIL]), st.sampled_from(list(Direction)),
                st.sampled_from(list(Result)), st.sampled_from(list(Mode)),
            ),
            max_size=25,
        )
    )  # fmt: skip
    planned = draw(
        st.lists(
            st.tuples(st.integers(0, 3000), st.integers(1, 3), st.integers(1, 2), st.integers(1, 3), st.integers(0, 2)),
            min_size=1,
            max_size=6,
        )
    )
    return events, planned


@settings(max_examples=150, deadline=None)
@given(histories())
def test_columns_count_what_a_plain_loop_counts(history):
    events, planned = history
    names = ("at", "person", "actor", "debt", "number", "channel", "dir", "result", "mode")
    table = {name: [event[i] for event in events] for i, name in enumerate(names)}
    debts = table.pop("debt")
    past = Record(
        events=Events.of(**table) if events else Events.of(),
        event_debts=EventDebts.of(event=range(len(events)), debt=debts) if events else EventDebts.of(),
    )
    at, person, actor, debt, number = (np.array(column) for column in zip(*planned, strict=True))
    contacts = Contacts.of(
        instant=at, person=person, actor=actor, number=number, channel=1, zones=SHANGHAI,
        debts=Links.of(row=range(len(planned)), debt=debt),
    )  # fmt: skip
    found = record.facts(contacts, past).past
    for row, one in enumerate(planned):
        for name in ("calls", "conversations", "effective_calls", "failed_dials", "dials", "sms"):
            expected = sorted((e[0] for e in events if e[0] <= one[0] and counts(name, e, one)), reverse=True)
            kept = [t for t in found[name][row].tolist() if t > LONG_AGO]
            assert kept == expected[: COUNTS[name][0]], name


def counts(name, event, planned):
    _, person, actor, debt, number, channel, direction, result, mode = event
    _, its_person, its_actor, its_debt, its_number = planned
    ours = direction == Direction.OUT and result != Result.CANCELLED
    call, out = channel == Channel.CALL, direction == Direction.OUT
    no_call = (Result.BUSY, Result.NOT_IN_SERVICE, Result.CANCELLED)
    failed = (Result.UNANSWERED, Result.BUSY, Result.NOT_IN_SERVICE, Result.VOICEMAIL_REACHED)
    same = person == its_person
    spoke = result in (Result.CONVERSATION, Result.PENDING)
    return {
        "calls": out and call and result not in no_call and same and actor == its_actor and debt == its_debt,
        "conversations": call and spoke and same and debt == its_debt,
        "effective_calls": out and call and same and mode in (1, 2) and spoke,
        "failed_dials": out and call and result in failed and number == its_number and number > 0,
        "dials": ours and call and same,
        "sms": ours and channel == Channel.SMS and same,
    }[name]


def test_large_identifiers_do_not_overflow():
    big = 1 << 40
    past = Record(
        events=Events.of(at=[100, 200_000_000], person=[big, big], channel=1, dir=1, result=1, actor=big),
        event_debts=EventDebts.of(event=[0, 1], debt=[big, big]),
    )
    contacts = Contacts.of(
        instant=300_000_000, person=[big], actor=big, channel=1, zones=SHANGHAI, debts=Links.of(row=[0], debt=[big])
    )
    assert record.facts(contacts, past).past["calls"][0, :2].tolist() == [200_000_000, 100]


# ---- counts that only some places ask for


def test_a_count_of_one_state_is_kept_only_where_somebody_lives_there():
    calls_made = calls(("2026-06-01T10:00", Result.UNANSWERED), zone=us)
    here = contact(us("2026-06-05T10:00"), zones=NEW_YORK, country=2, columns={"place": Place.US_DC})
    elsewhere = contact(us("2026-06-05T10:00"), zones=NEW_YORK, country=2, columns={"place": Place.NONE})
    assert held(here, calls_made, "calls_unasked") == [us("2026-06-01T10:00")]
    assert "calls_unasked" not in record.facts(elsewhere, calls_made).past


def test_a_call_they_asked_for_is_left_out_and_busy_lines_are_not():
    past = calls(
        ("2026-06-01T10:00", Result.UNANSWERED),
        ("2026-06-02T10:00", Result.CONVERSATION),
        ("2026-06-03T10:00", Result.BUSY),
        zone=us,
    )
    past = with_(past, events=Events.of(**{**past.events.__dict__, "asked_for": [0, 1, 0]}))
    here = contact(us("2026-06-05T10:00"), zones=NEW_YORK, country=2, columns={"place": Place.US_DC})
    assert held(here, past, "calls_unasked") == [us("2026-06-03T10:00"), us("2026-06-01T10:00")]


def test_massachusetts_keeps_work_and_personal_numbers_apart():
    past = calls(("2026-06-01T10:00", Result.CONVERSATION), ("2026-06-02T10:00", Result.UNANSWERED), zone=us)
    work = with_(past, events=Events.of(**{**past.events.__dict__, "endpoint": [Endpoint.WORK_LANDLINE, 0]}))
    here = contact(us("2026-06-05T10:00"), zones=NEW_YORK, country=2, columns={"place": Place.US_MA})
    assert held(here, work, "work_messages") == [us("2026-06-01T10:00")]
    assert held(here, work, "phone_messages") == []
    assert held(here, work, "phone_tries") == [us("2026-06-02T10:00")]


def test_any_refusal_of_a_third_person_in_china_stops_every_channel():
    refused = Record(opt_outs=OptOuts.of(at=[cn("2026-03-01T10:00")], person=BOB, scope=Scope.CHANNEL, channels=2))
    asked = contact(cn("2026-03-10T10:00"), person=BOB, channel=Channel.SMS)
    own = contact(cn("2026-03-10T10:00"), person=BOB, debtor=BOB, channel=Channel.SMS)
    assert record.facts(asked, refused).columns["refused_all"].tolist() == [1]
    assert record.facts(own, refused).columns["refused_all"].tolist() == [0]
