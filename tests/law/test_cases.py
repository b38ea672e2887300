"""Cases from outside. `cases.jsonl` is taken from the law cases shared by the field, each line with its citation."""

import json
from pathlib import Path

import pytest

from fairdue.law.cases import judge_cases

CASES = [json.loads(line) for line in (Path(__file__).parent / "cases.jsonl").read_text("utf-8").splitlines()]


def judge(case):
    return next(judge_cases([json.dumps(case)]))


SETS = ("items", "missing", "excluded_calls")


def alike(key, want, got):
    return sorted(want) == sorted(got) if key in SETS else want == got


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_shared_cases_come_out_as_expected(case):
    result, expect = judge(case), case["expect"]
    if expect["decision"] != "compute":
        assert result["decision"] in expect.get("accept", [expect["decision"]])
    if "reason" in expect:
        assert result["reason"] == expect["reason"]
    if result["decision"] in ("deny", "hold", "warn"):
        assert any(name == asked or name.startswith((asked + ".", asked + "-"))
                   for name in result["rule_ids"] for asked in case["rule_ids"])  # fmt: skip
    for key, value in expect.get("values", {}).items():
        assert alike(key, value, result["values"][key])
    for key, value in expect.get("also", {}).items():
        assert alike(key, value, result["values"].get(key, value))


def case(pack="us", *, at="2026-04-07T15:00", events=(), given=None, **when):
    """A call to the debtor, by a debt collector, with a record."""
    return {
        "id": "T",
        "pack": pack,
        "given": {
            "actor": {"id": "C1", "type": "debt_collector"},
            "debts": [{"id": "D1", "type": "credit_card"}],
            "events": list(events),
            **(given or {}),
        },
        "when": {
            "at": at,
            "tz": "America/New_York" if pack == "us" else "Asia/Shanghai",
            "action": "contact",
            "channel": "call",
            "to": "debtor",
            **when,
        },
    }


def call(number, at, result="unanswered", **more):
    return {
        "id": f"E{number}", "type": "contact", "at": at, "channel": "call", "dir": "out", "by": "C1", "to": "debtor",
        "number": "N1", "debts": ["D1"], "result": result, **more,
    }  # fmt: skip


def week(result="unanswered", **more):
    return [call(day, f"2026-04-0{day}T10:00", result, **more) for day in range(1, 8)]


def test_the_eighth_call_in_seven_days_is_refused_and_the_next_free_date_told():
    result = judge(case(events=week()))
    assert (result["decision"], result["rule_ids"]) == ("deny", ["US-REGF-14B-FREQ"])
    assert result["values"] == {"counted_calls": {"D1": 8}, "next_free_date": "2026-04-08"}


@pytest.mark.parametrize(
    ("result", "counted"), [("busy", 0), ("not_in_service", 0), ("dropped", 7), ("voicemail_left", 7)]
)
def test_busy_does_not_count_dropped_does(result, counted):
    found = judge(case(events=week(result), action="compute", what="counted_calls"))
    assert found["values"]["counted_calls"] == {"D1": counted}


@pytest.mark.parametrize(("day", "decision"), [("2026-04-07", "allow"), ("2026-04-06", "deny")])
def test_a_consent_for_one_day_covers_only_that_day(day, decision):
    consent = {"kind": "additional_calls", "given_at": "2026-04-06T18:00", "debts": ["D1"], "on_date": day}
    talk = call(8, "2026-04-06T17:00", "conversation")
    assert judge(case(events=[*week()[:6], talk], given={"consents": [consent]}))["decision"] == decision


def test_a_consent_not_given_to_us_covers_nothing():
    consent = {"kind": "additional_calls", "given_at": "2026-04-07T11:00", "debts": ["D1"], "direct": False}
    assert judge(case(events=week(), given={"consents": [consent]}))["decision"] == "deny"


@pytest.mark.parametrize(("minute", "decision"), [("10:04", "hold"), ("10:05", "allow")])
def test_five_minutes_between_unanswered_calls_to_one_number(minute, decision):
    found = judge(case(at=f"2026-04-01T{minute}", events=[call(1, "2026-04-01T10:00")], number="N1"))
    assert found["decision"] == decision


def test_student_loans_of_one_account_are_one_debt():
    loans = [{"id": f"S{i}", "type": "student_loan", "account_at_acquisition": "A"} for i in (1, 2)]
    events = [call(i, f"2026-04-0{i}T10:00", debts=["S1", "S2"]) for i in range(1, 8)]
    found = judge(case(events=events, given={"debts": loans}, debts=["S1", "S2"]))
    assert found["values"]["counted_calls"] == {"group:A": 8}


@pytest.mark.parametrize(
    ("given", "at", "reason"),
    [
        ({"actor": {"id": "B1", "type": "creditor"}}, "2026-04-07T15:00", "not_covered"),
        (
            {"debts": [{"id": "D1", "type": "mortgage", "in_default_when_obtained": False}]},
            "2026-04-07T15:00",
            "not_covered",
        ),
        ({}, "2021-11-29T15:00", "not_in_force"),
        ({}, "2026-04-07T15:00", "none"),
    ],
)
def test_why_nothing_was_refused(given, at, reason):
    found = judge(case(at=at, given=given))
    assert (found["decision"], found["reason"]) == ("allow", reason)


def test_a_wish_holds_until_it_is_withdrawn_and_wraps_past_midnight():
    wish = {"kind": "times", "made_on": "2026-04-01", "days": ["Mon"], "from": "20:00", "to": "10:00"}
    monday, tuesday, next_week = "2026-04-06T20:30", "2026-04-07T09:30", "2026-04-14T09:30"
    for at, given, decision in (
        (monday, wish, "deny"),
        (tuesday, wish, "deny"),
        ("2026-04-07T10:00", wish, "allow"),
        (next_week, {**wish, "until": "2026-04-07"}, "allow"),
        (tuesday, {**wish, "withdrawn_on": "2026-04-07"}, "allow"),
        ("2026-03-31T09:30", wish, "allow"),
    ):
        found = judge(case(at=at, given={"designations": [given]}))
        assert found["decision"] == decision, (at, given)


def test_only_by_email_means_by_nothing_else():
    wish = {"kind": "medium", "made_on": "2026-04-01", "only_channels": ["email"]}
    assert judge(case(given={"designations": [wish]}))["decision"] == "deny"
    assert judge(case(given={"designations": [wish]}, channel="email"))["decision"] == "allow"


def test_history_with_insult_is_held_and_with_eight_calls_refused():
    insult = call(1, "2026-04-07T10:00", "conversation", categories=["insult"])
    assert judge(case(events=[insult], action="evaluate_history"))["rule_ids"] == ["US-REGF-14A-CUMULATIVE"]
    eight = judge(case(events=[*week(), call(8, "2026-04-07T11:00")], action="evaluate_history"))
    assert (eight["decision"], eight["rule_ids"]) == ("deny", ["US-REGF-14B-FREQ"])
    assert judge(case(events=week(), action="evaluate_history"))["decision"] == "allow"


def test_unsolicited_messages_twice_a_day_on_top_of_seven_calls_are_held():
    texts = [
        {**call(20 + i, f"2026-04-07T1{i}:00", "delivered"), "channel": "sms", "solicited": False} for i in range(2)
    ]
    assert judge(case(events=[*week(), *texts], action="evaluate_history"))["decision"] == "hold"
    assert judge(case(events=[*week()[:6], *texts], action="evaluate_history"))["decision"] == "allow"


@pytest.mark.parametrize("reachable", [True, False, None])
def test_an_unknown_fact_holds(reachable):
    found = judge(case("cn", given={"facts": {"debtor_reachable": reachable}}, to="emergency_contact", purpose="relay"))
    assert found["decision"] == {True: "deny", False: "allow", None: "hold"}[reachable]


def test_a_situation_without_a_rule_is_held_and_says_so():
    for asked in (
        case("cn", action="sue"),
        case("br", action="evaluate_history"),
        case("in", action="check_document", document="collection_document"),
        case("sg", action="compute", what="retain_until"),
        case("us", action="check_rule_applies", rule="US-MARS-1"),
        case("us", action="check_domain", domain="mail.example"),
    ):
        found = judge(asked)
        assert (found["decision"], found["reason"]) == ("hold", "no_rule_yet")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: c["when"].update(colour="red"), "unknown field when.colour"),
        (lambda c: c["given"].update(mood=1, hair=2), "unknown field given.mood, given.hair"),
        (lambda c: c["given"]["debts"][0].update(size=1), "unknown field given.debts[].size"),
        (lambda c: c["when"].update(channel="fax"), "when.channel is 'fax'; write one of call"),
        (lambda c: c["when"].update(at="yesterday"), "when.at is 'yesterday'"),
        (lambda c: c["when"].update(at="2026-04-07T15:00+02:00"), "leave out the offset"),
        (lambda c: c["when"].update(tz="Mars/Olympus"), "when.tz is 'Mars/Olympus'"),
        (lambda c: c["when"].update(debts=["D9"]), "when.debts names D9"),
        (lambda c: c["given"].update(events=[{"id": "E1"}]), "given.events[].at is missing; write a local date"),
        (lambda c: c["when"].pop("action"), "when.action is missing; write one of contact, answer_same_call"),
        (
            lambda c: c["given"].update(events=[{"id": "E1", "at": "2026-01-02T10:00", "type": "contact"}]),
            "given.events[].channel is missing; write one of call, voicemail",
        ),
        (lambda c: c["when"].pop("at"), "when.at is missing; write a local date and time"),
        (lambda c: c.pop("pack"), "pack is missing; write one of cn, us"),
        (lambda c: c["given"]["debts"][0].pop("id"), "given.debts[].id is missing"),
        (lambda c: c.update(pack="mars"), "pack is 'mars'"),
        (lambda c: c["given"].update(facts={"recording": "perhaps"}), "given.facts.recording is 'perhaps'; write true"),
        (lambda c: c["given"].update(facts={"letter_sent_on": "soon"}), "letter_sent_on is 'soon'; write a date"),
        (lambda c: c["given"]["debts"].append("D2"), "given.debts holds 'D2'; write blocks of fields"),
        (lambda c: c["given"].update(events={}), "given.events is {}; write a list"),
        (lambda c: c["given"].update(actor=3), "given.actor is 3; write a block"),
        (lambda c: c["given"].update(facts={"collectors_present": "two"}), "write a whole number"),
    ],
)
def test_a_case_that_cannot_be_read_says_why_and_the_others_go_on(change, told):
    broken = case()
    change(broken)
    results = list(judge_cases([json.dumps(broken), "", "{", json.dumps(case())]))
    assert told in results[0]["error"]
    assert results[0]["error"].startswith("line 1: ")
    assert "line 3: not JSON" in results[1]["error"]
    assert results[2]["decision"] == "allow"
