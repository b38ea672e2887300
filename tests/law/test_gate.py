"""The gate: unknown facts hold, the strictest wins, exceptions lift, words and citations come along.

Several tests are bugs seen in rival systems: see each docstring.
"""

import json

import numpy as np
import pytest

from fairdue.law import gate, packs
from fairdue.law.clock import minutes, zone_sets
from fairdue.law.codes import Channel, Decision, Jurisdiction, Known, Purpose, Relation
from fairdue.law.examples import facts_of
from fairdue.law.facts import COLUMNS, COUNTS, LONG_AGO, NEVER, SPANS, FactError, Facts, Spans
from fairdue.law.gate import Reason
from fairdue.law.made_up import made_up_facts

NOON = minutes("2026-03-10T12:00", "Asia/Shanghai")
SHANGHAI = zone_sets([["Asia/Shanghai"]])


def facts(*, at=NOON, zones=SHANGHAI, **more):
    """A call at noon to a living debtor in mainland China about whom nothing is on record."""
    usual = {
        "jurisdiction": 1, "channel": Channel.CALL, "relation": Relation.DEBTOR, "purpose": Purpose.COLLECT,
        "actor_type": 1, "debt_type": 1,
    }  # fmt: skip
    return Facts.blank(instant=[at], zones=zones, **(usual | more))


def judge(**more):
    return gate.judge(facts(**more), packs.standard())


def past(**times):
    found = {}
    for name, at in times.items():
        ordered = sorted((minutes(t, "Asia/Shanghai") for t in at), reverse=True)
        found[name] = np.array([(ordered + [LONG_AGO] * 8)[: COUNTS[name][0]]])
    return found


def test_an_ordinary_call_at_noon_is_allowed_until_ten_in_the_evening():
    verdicts = judge()
    assert verdicts.decision[0] == Decision.ALLOW
    assert verdicts.earliest[0] == NOON
    assert verdicts.until[0] == minutes("2026-03-10T22:00", "Asia/Shanghai")


# ---- unknown is never permission


@pytest.mark.parametrize("name", ["jurisdiction", "channel", "purpose", "relation", "debtor_alive", "opted_out"])
def test_a_fact_that_decides_and_is_unknown_holds(name):
    verdicts = judge(**{name: Known.UNKNOWN})
    assert verdicts.decision[0] == Decision.HOLD
    assert verdicts.earliest[0] == NEVER


@pytest.mark.parametrize("name", SPANS)
def test_a_span_that_was_not_asked_for_never_gives_more_than_one_that_is_known(name):
    known = facts(channel=Channel.SMS, at=minutes("2026-03-10T23:00", "Asia/Shanghai"), relation=Relation.FRIEND)
    spans = {other: span for other, span in known.spans.items() if other != name}
    unknown = Facts(known.instant, known.zones, known.columns, spans, known.past, known.wishes)
    told, asked = gate.judge(known, packs.standard()), gate.judge(unknown, packs.standard())
    assert asked.decision[0] >= min(told.decision[0], Decision.HOLD)
    assert asked.decision[0] >= Decision.HOLD


def test_a_stop_nobody_looked_up_holds_and_the_missing_fact_is_named():
    known = facts()
    spans = {name: span for name, span in known.spans.items() if name != "disputed"}
    verdicts = gate.judge(
        Facts(known.instant, known.zones, known.columns, spans, known.past, known.wishes), packs.standard()
    )
    assert verdicts.decision[0] == Decision.HOLD
    words = gate.explain(verdicts, lang="en")
    assert any("whether a dispute is open" in reason["says"] for reason in words["reasons"])
    assert words["reasons"][0]["unknown"] == ["disputed"]


def test_a_count_nobody_looked_up_holds():
    known = facts()
    counts = {name: times for name, times in known.past.items() if name != "effective_calls"}
    verdicts = gate.judge(
        Facts(known.instant, known.zones, known.columns, known.spans, counts, known.wishes), packs.standard()
    )
    assert verdicts.decision[0] == Decision.HOLD


def test_wishes_nobody_looked_up_hold():
    known = facts()
    verdicts = gate.judge(
        Facts(known.instant, known.zones, known.columns, known.spans, known.past, None), packs.standard()
    )
    assert verdicts.decision[0] == Decision.HOLD


def test_an_unknown_time_zone_holds_and_never_becomes_a_default():
    """A rival reads an unknown zone as the server's."""
    verdicts = judge(zones=zone_sets([[]]), jurisdiction=2, actor_type=2)
    assert verdicts.decision[0] == Decision.HOLD
    assert "time zone" in gate.explain(verdicts, lang="en")["headline"].lower()


def test_an_unknown_exception_holds_instead_of_refusing_or_letting_pass():
    spouse = {"relation": Relation.SPOUSE}
    assert judge(**spouse, joint_debt_evidence=1).decision[0] == Decision.ALLOW
    assert judge(**spouse, joint_debt_evidence=Known.UNKNOWN).decision[0] == Decision.HOLD
    assert judge(**spouse, joint_debt_evidence=0).decision[0] == Decision.DENY


# ---- the strictest wins


def test_a_hold_does_not_hide_behind_a_warning_nor_a_refusal_behind_a_hold():
    six = past(failed_dials=[f"2026-03-10T0{h}:00" for h in range(1, 7)])
    now = Spans.since([NOON - 60])
    assert judge(past=six).decision[0] == Decision.WARN
    assert judge(past=six, spans={"on_hold": now}).decision[0] == Decision.HOLD
    assert judge(past=six, spans={"on_hold": now}, debtor_alive=0).decision[0] == Decision.DENY
    names = [rule.id for rule in judge(past=six, spans={"on_hold": now}, debtor_alive=0).rules_of(0)]
    assert names[:3] == ["house.deceased", "house.on-hold", "cn.six-dials"]


def test_two_calls_two_minutes_apart_are_refused_by_the_gap_whatever_the_cap():
    """A rival allows two routes to dial the same person within two minutes."""
    verdicts = judge(past=past(dials=["2026-03-10T11:58"]))
    assert verdicts.rules_of(0)[0].id == "house.gap-between-calls"
    assert verdicts.earliest[0] == minutes("2026-03-10T12:13", "Asia/Shanghai")


def test_a_refused_contact_carries_its_earliest_lawful_moment_and_is_lawful_then():
    """A rival picks a blocked case again at every tick."""
    made = made_up_facts(2_000, seed=9)
    verdicts = gate.judge(made, packs.standard())
    rows = np.flatnonzero(~verdicts.lawful & (verdicts.earliest < NEVER))
    assert len(rows) > 20
    again = gate.judge(made.take(rows).at(verdicts.earliest[rows]), packs.standard())
    before = gate.judge(made.take(rows).at(verdicts.earliest[rows] - 1), packs.standard())
    assert again.lawful.all()
    assert not before.lawful.any()


def test_an_opt_out_binds_every_purpose_but_its_own_confirmation():
    """A rival ignores the opt-out of a channel on its campaign path."""
    for purpose in Purpose:
        lawful = judge(channel=Channel.SMS, opted_out=1, purpose=purpose).lawful[0]
        assert lawful == (purpose == Purpose.OPT_OUT_CONFIRMATION), purpose


def test_an_open_dispute_bars_collection_and_not_an_answer():
    """A rival sets the flag and goes on calling."""
    open_dispute = {"disputed": Spans.since([NOON - 60])}
    assert judge(spans=open_dispute, debt_type=2).decision[0] == Decision.HOLD
    assert judge(spans=open_dispute, debt_type=2, purpose=Purpose.ANSWER_QUERY).decision[0] == Decision.ALLOW


def test_paid_means_silent():
    assert judge(debt_status=2).decision[0] == Decision.DENY


def test_every_country_we_know_has_a_pack():
    """Silence of the packs means that a contact is free; a country without one would be free altogether."""
    assert {pack.jurisdiction for pack in packs.standard()} == {*Jurisdiction, None}


def test_where_only_a_floor_is_loaded_the_house_warns_and_keeps_its_own_hours():
    singapore = {"jurisdiction": 7, "zones": zone_sets([["Asia/Singapore"]])}
    assert judge(**singapore).decision[0] == Decision.WARN
    assert judge(**singapore, at=minutes("2026-03-10T22:00", "Asia/Singapore")).decision[0] == Decision.DENY


def test_their_own_call_is_always_answered():
    night = minutes("2026-03-10T23:30", "Asia/Shanghai")
    assert judge(dir=2, at=night).decision[0] == Decision.ALLOW


# ---- dates


@pytest.mark.parametrize(
    ("day", "decision", "name"),
    [
        ("2018-03-01", Decision.WARN, "cn.hours-before-2024"),
        ("2024-05-14", Decision.WARN, "cn.hours-before-2024"),
        ("2024-05-15", Decision.DENY, "cn.quiet-hours-2024"),
        ("2025-02-27", Decision.DENY, "cn.quiet-hours-2024"),
        ("2025-02-28", Decision.DENY, "cn.quiet-hours"),
    ],
)
def test_the_rule_of_the_day_decides(day, decision, name):
    verdicts = judge(at=minutes(f"{day}T22:30", "Asia/Shanghai"))
    assert verdicts.decision[0] == decision
    spoke = [rule.id for rule in verdicts.rules_of(0) if rule.kind.name == "quiet_hours"]
    assert spoke == ([name] if name else [])


def test_why_nothing_was_refused_is_told():
    call = {"jurisdiction": 2, "zones": zone_sets([["America/New_York"]])}
    noon = minutes("2026-03-10T12:00", "America/New_York")
    us = packs.of_jurisdiction("us")
    reasons = [
        gate.judge(facts(**call, at=noon, actor_type=1), us).reason[0],
        gate.judge(facts(**call, at=noon, actor_type=2), us).reason[0],
        gate.judge(facts(**call, at=minutes("2021-11-29T12:00", "America/New_York"), actor_type=2), us).reason[0],
    ]
    assert reasons == [Reason.NOT_COVERED, Reason.NONE, Reason.NOT_IN_FORCE]


# ---- words


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_refusal_at_night_cites_the_article_and_the_first_lawful_minute(lang):
    words = gate.explain(judge(at=minutes("2026-03-10T22:30", "Asia/Shanghai")), lang=lang)
    reason = words["reasons"][0]
    assert (words["decision"], words["earliest"], words["zone"]) == ("deny", "2026-03-11T08:00", "Asia/Shanghai")
    assert (reason["rule"], reason["names"][0]) == ("cn.quiet-hours", "CN-HRS-01")
    assert reason["cites"].startswith("GB/T 45251-2025")
    assert ("贷后催收风控指引" in reason["cites"]) == (lang == "zh")
    assert reason["earliest"] == "2026-03-11T08:00"
    assert "08:00" in words["headline"]
    assert reason["cure"]


def test_each_reason_has_its_own_moment_and_the_whole_the_latest():
    words = gate.explain(
        judge(
            at=minutes("2026-03-10T22:30", "Asia/Shanghai"),
            past=past(effective_calls=["2026-03-10T09:00", "2026-03-10T10:00", "2026-03-10T11:00"]),
        ),
        lang="en",
    )
    moments = {reason["rule"]: reason["earliest"] for reason in words["reasons"]}
    assert moments == {"cn.quiet-hours": "2026-03-11T08:00", "cn.three-conversations": "2026-03-11T00:00"}
    assert words["earliest"] == "2026-03-11T08:00"


def test_what_must_be_said_comes_along():
    duties = gate.explain(judge(), lang="zh")["duties"]
    assert [duty["what"] for duty in duties] == [["institution", "identity_check"]]
    assert duties[0]["cites"].startswith("中国银行业协会《金融机构个人消费类贷款催收工作指引（试行）》")


def test_every_rule_has_words_in_both_languages():
    for pack in packs.everything():
        for rule in pack.rules:
            assert any("\u4e00" <= char <= "\u9fff" for char in rule.say["zh"]), rule.id
            assert not any("\u4e00" <= char <= "\u9fff" for char in rule.say["en"] + rule.cites["en"]), rule.id


# ---- storing


def test_a_verdict_is_plain_json_with_the_facts_and_the_hash_of_the_rules():
    stored = json.loads(json.dumps(judge(at=minutes("2026-03-10T22:30", "Asia/Shanghai")).as_json(0)))
    assert stored["decision"] == "deny"
    assert stored["rules"][0] == {
        "id": "cn.quiet-hours",
        "names": ["CN-HRS-01", "CN-HRS-02", "CN-HRS-03"],
        "says": "deny",
    }
    assert {pack["id"]: pack["hash"] for pack in stored["packs"]}["cn"] == packs.of_jurisdiction("cn")[0].hash
    assert stored["facts"]["columns"]["channel"] == "call"
    assert gate.rejudge(stored, packs.standard()).as_json(0) == stored


def test_a_verdict_of_a_pack_worded_otherwise_is_judged_again_by_the_same_rules():
    """A citation may be put into more languages: the hash tells of it, the judgement stays."""
    stored = judge(at=minutes("2026-03-10T22:30", "Asia/Shanghai")).as_json(0)
    older = {**stored, "packs": [{**pack, "hash": "0" * 64} for pack in stored["packs"]]}
    assert gate.rejudge(older, packs.standard()).as_json(0) == stored
    assert "cites" not in json.dumps(stored)


def test_what_would_have_changed_it_is_a_change_of_the_stored_facts():
    stored = judge(relation=Relation.SPOUSE, joint_debt_evidence=0).as_json(0)
    stored["facts"]["columns"]["joint_debt_evidence"] = True
    assert gate.rejudge(stored, packs.standard()).decision[0] == Decision.ALLOW


# ---- columns


def test_a_column_that_does_not_exist_or_does_not_fit_is_named():
    with pytest.raises(FactError, match="no column is called colour"):
        facts(colour=1)
    with pytest.raises(FactError, match="column channel has"):
        Facts.blank(instant=[1, 2, 3], zones=SHANGHAI, channel=[1, 2])
    with pytest.raises(FactError, match="no span is called asleep"):
        facts(spans={"asleep": Spans.none(1)})
    with pytest.raises(FactError, match="count dials has 2 rows, 1 are needed"):
        facts(past={"dials": np.full((2, 8), LONG_AGO)})


def test_defaults_are_values_of_their_tables():
    for name, column in COLUMNS.items():
        if column.kind == "code" and column.default != Known.UNKNOWN:
            assert column.default in list(column.names), name


def test_no_contact_at_all_is_no_error():
    nobody = made_up_facts(1).take(slice(0, 0))
    assert len(gate.judge(nobody, packs.standard())) == 0
    assert not len(gate.windows(nobody, packs.standard(), start=0, end=10).any)


def test_a_day_that_is_not_known_is_named():
    enforce = judge(action=22, jurisdiction=4, zones=zone_sets([["Australia/Sydney"]]))
    signed = gate.judge(enforce.facts, packs.standard(frozenset({"au.default-notice"})))
    [reason] = gate.explain(signed, lang="en")["reasons"]
    assert (reason["decision"], reason["unknown"]) == ("hold", ["default_notice_on"])
    assert reason["says"].endswith("(not known: when the notice of default was served)")


def test_a_headline_names_what_waiting_does_not_cure_before_the_hour():
    """Given a friend who refused all contact, at 22:30; then the headline names the refusal."""
    example = {"at": "2026-03-02T22:30", "channel": "call", "refused_all": True, "relation": "friend"}
    verdicts = gate.judge(facts_of(example, packs.of_jurisdiction("cn")[0]), packs.standard())
    told = gate.explain(verdicts, lang="en")
    assert "waiting does not help" in told["headline"]
    assert "22:00" not in told["headline"]
