"""How near a cap somebody is, and which rules let a contact pass."""

from fairdue.law import gate, limits, packs
from fairdue.law.clock import minutes, zone_sets
from fairdue.law.codes import ActorType, Channel, DebtType, Jurisdiction, Purpose, Relation
from fairdue.law.examples import facts_of
from fairdue.law.facts import Facts

CN = packs.of_jurisdiction("cn")
HOUSE = tuple(pack for pack in packs.standard() if pack.id == "house")


def called(**past):
    """A call at 15:00 after these contacts of the same day."""
    return asked("call", CN[0], **past)


def asked(channel, pack, **past):
    """A contact at 15:00 after contacts at these hours of the day, by count."""
    times = {name: [f"2026-03-10T{hour:02d}:00" for hour in hours] for name, hours in past.items()}
    return facts_of({"at": "2026-03-10T15:00", "channel": channel, "past": times}, pack)


def told(facts, rules=CN):
    return [(one.rule.id, one.left) for one in limits.near(facts, rules)]


def test_one_call_left_then_none():
    assert told(called(effective_calls=[9])) == []
    assert told(called(effective_calls=[9, 11])) == [("cn.three-conversations", 1)]
    assert told(called(effective_calls=[9, 11, 14])) == [("cn.three-conversations", 0)]


def test_a_cap_of_one_is_named_only_when_reached():
    assert told(asked("email", HOUSE[0], emails=[9]), HOUSE) == [("house.emails-a-day", 0)]
    assert told(asked("email", HOUSE[0]), HOUSE) == []


def test_another_channel_is_not_near_the_cap_of_calls():
    assert told(asked("letter", CN[0], effective_calls=[9, 11])) == []


def test_counts_that_are_not_known_are_near_nothing():
    unknown = Facts.of(
        instant=[minutes("2026-03-10T15:00", "Asia/Shanghai")], zones=zone_sets([["Asia/Shanghai"]]),
        jurisdiction=Jurisdiction.CN, channel=Channel.CALL, relation=Relation.DEBTOR, purpose=Purpose.COLLECT,
        actor_type=ActorType.DEBT_COLLECTOR, debt_type=DebtType.CREDIT_CARD,
    )  # fmt: skip
    assert limits.near(unknown, CN) == []
    assert limits.near(unknown.take(slice(0, 0)), CN) == []


def test_what_passed_and_what_spoke_are_all_that_concerned_it():
    verdicts = gate.judge(called(effective_calls=[9, 11, 14]), packs.standard())
    spoke, passed = {r.id for r in verdicts.rules_of(0)}, {r.id for r in gate.passed(verdicts)}
    assert "cn.three-conversations" in spoke
    assert {"cn.quiet-hours", "cn.six-dials", "house.calls-a-day", "gate.unknown"} <= passed
    assert not spoke & passed
    assert not {name for name in passed if name.startswith("us.")}
    assert "cn.quiet-hours-2024" not in passed  # no longer in force
    assert "house.emails-a-day" not in passed  # another channel
