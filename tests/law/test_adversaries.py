"""Collectors who try everything, and an independent checker that finds nothing unlawful in what was let through."""

from dataclasses import replace

from fairdue.law import packs
from law import adversaries


def test_of_twenty_thousand_tries_nothing_unlawful_is_let_through():
    found = adversaries.simulate(tries=20_000, seed=20261128)
    assert found.tries == 20_000
    assert found.unlawful == []
    assert found.allowed > 2_000
    assert len(found.by_channel) == 9  # every channel but social, which others can see


MISSED = {
    "cn.quiet-hours": "CN-HRS-01",
    "cn.three-conversations": "CN-FRQ-01",
    "cn.three-notices": "CN-FRQ-03",
    "cn.no-demand-to-others": "CN-3P-01",
    "cn.contact-person-when-lost": "CN-3P-02",
    "cn.third-person-refused": "CN-3P-04",
    "us.quiet-hours": "US-REGF-6B1-TIME",
    "us.seven-calls": "US-REGF-14B-FREQ an eighth call",
    "us.seven-days-after-talking": "US-REGF-14B-FREQ within seven days",
    "us.third-party": "US-REGF-6D-THIRDPARTY",
    "house.gap-between-calls": "house: fifteen minutes",
    "house.texts-a-day": "house: two texts",
    "house.unwelcome-times": "house: unwelcome times",
    "house.opted-out": "house: opted out",
    "house.on-hold": "house: on hold",
    "house.deceased": "house: the dead",
}
"""What the checker says when one of these rules is left out of the gate."""


def test_the_checker_sees_it_when_rules_are_missing(monkeypatch):
    without = tuple(
        replace(pack, rules=tuple(rule for rule in pack.rules if rule.id not in MISSED))
        for pack in packs.standard(adversaries.SIGNED_OFF)
    )
    monkeypatch.setattr(packs, "standard", lambda _signed_off: without)
    found = adversaries.simulate(tries=20_000, seed=7, households=200)
    seen = {broken for _, _, rules in found.unlawful for broken in rules}
    assert [rule for rule, says in MISSED.items() if not any(broken.startswith(says) for broken in seen)] == []
