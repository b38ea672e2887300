"""The gate beside a rule engine in common use and beside plain Python: the same rules, the same facts, equal verdicts.

Of the standard packs the rules that all three can say: those that compare ready facts with constants. Named times,
spans that begin or end, moments, words and who is bound are left out; the gate judges the same subset here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from fairdue.law import gate, packs
from fairdue.law.clock import LONG_AGO, minutes, zone_name
from fairdue.law.facts import Facts
from fairdue.law.made_up import made_up_facts
from fairdue.site.bench import Row, clock

AT: Final = minutes("2026-11-23T21:30", "Asia/Shanghai")
"""Evening in China, morning on the American east coast, night on the west coast."""
ALLOW, WARN, HOLD, DENY = range(4)
PHONE, TEXT, MAIL = "1, 2", "3, 7, 8", "4"
CN, US = "1", "2"

TABLE: Final[Sequence[tuple[int, str, Mapping[str, str]]]] = (
    (DENY, "cn.quiet-hours", {"country": CN, "latest": ">= 1320"}),
    (DENY, "cn.quiet-hours", {"country": CN, "earliest": "< 480"}),
    (DENY, "cn.three-conversations", {"country": CN, "channel": PHONE, "third_talk": "< 1"}),
    (DENY, "cn.card-plan-kept", {"country": CN, "debt": "1", "plan_kept": "1"}),
    (DENY, "us.quiet-hours", {"country": US, "latest": ">= 1260"}),
    (DENY, "us.quiet-hours", {"country": US, "earliest": "< 481"}),
    (DENY, "us.seven-calls", {"country": US, "channel": PHONE, "seventh_call": "< 7"}),
    (DENY, "us.seven-days-after-talking", {"country": US, "channel": PHONE, "last_talk": "< 7"}),
    (DENY, "us.medium", {"country": US, "opted_out": "1"}),
    (DENY, "us.ceased", {"country": US, "ceased": "1"}),
    (DENY, "us.dispute", {"country": US, "disputed": "1"}),
    (DENY, "house.gap-between-calls", {"channel": PHONE, "since_dial": "< 15"}),
    (DENY, "house.calls-a-day", {"channel": PHONE, "eighth_dial": "< 1"}),
    (DENY, "house.texts-a-day", {"channel": TEXT, "second_text": "< 1"}),
    (DENY, "house.emails-a-day", {"channel": MAIL, "last_mail": "< 1"}),
    (DENY, "house.opted-out", {"opted_out": "1"}),
    (DENY, "house.deceased", {"relation": "1", "alive": "0"}),
    (HOLD, "cn.card-objection", {"country": CN, "debt": "1", "disputed": "1"}),
    (HOLD, "house.ceased", {"ceased": "1"}),
    (HOLD, "house.disputed", {"disputed": "1"}),
    (HOLD, "house.on-hold", {"on_hold": "1"}),
    (HOLD, "house.plan-kept", {"plan_kept": "1"}),
    (WARN, "cn.six-dials", {"country": CN, "channel": PHONE, "sixth_failure": "< 1"}),
)
"""The strictest first: what it says, the rule it stands for, and its conditions on a row of ready facts."""


def plain(f: Mapping[str, int]) -> int:
    """The rules of TABLE as somebody would write them by hand, one contact at a time."""
    cn, phone = f["country"] == 1, f["channel"] in (1, 2)
    if f["latest"] >= (1320 if cn else 1260) or f["earliest"] < (480 if cn else 481):
        return DENY
    if phone and (f["since_dial"] < 15 or f["eighth_dial"] < 1):
        return DENY
    if cn and ((phone and f["third_talk"] < 1) or (f["debt"] == 1 and f["plan_kept"])):
        return DENY
    if not cn and (f["ceased"] or f["disputed"] or (phone and (f["seventh_call"] < 7 or f["last_talk"] < 7))):
        return DENY
    if f["opted_out"] or (f["relation"] == 1 and not f["alive"]):
        return DENY
    if (f["channel"] in (3, 7, 8) and f["second_text"] < 1) or (f["channel"] == 4 and f["last_mail"] < 1):
        return DENY
    if f["disputed"] or f["on_hold"] or f["ceased"] or f["plan_kept"]:
        return HOLD
    return WARN if cn and phone and f["sixth_failure"] < 1 else ALLOW


def measure(sample: int, many: int) -> list[Row]:
    """Decisions a second of each: the gate over `many`, the others over the first `sample` of them."""
    facts = made_up_facts(many, at=AT)
    chosen = subset()
    gate.judge(facts.take(slice(0, 1000)), chosen, cure=False, until=False)
    with clock() as seconds:
        verdicts = gate.judge(facts, chosen, cure=False, until=False)
    few = facts.take(slice(0, sample))
    expected = verdicts.decision[:sample].tolist()
    rules = f"{len({rule for _, rule, _ in TABLE})} comparable rules"
    rows = [
        Row(f"{rules}: this gate, hours and days worked out, rules named", f"{many:,}", f"{many / seconds():,.0f}/s")
    ]
    ready, raw = ready_rows(few), raw_rows(few)
    for name, decide, given in (
        (f"zen-engine {version('zen-engine')}, decision table in a batch, hours and days given", zen(), ready),
        ("plain Python, hours and days given", lambda rows: [plain(row) for row in rows], ready),
        ("plain Python, hours and days worked out", lambda rows: [plain(worked_out(row)) for row in rows], raw),
    ):
        with clock() as seconds:
            found = decide(given)
        same = sum(a == b for a, b in zip(found, expected, strict=True))
        figure = f"{sample / seconds():,.0f}/s, {same:,} verdicts equal"
        rows.append(Row(f"{rules}: {name}", f"{sample:,}", figure, "all equal", same == sample))
    return rows


def subset() -> tuple[packs.Pack, ...]:
    """The standard packs with the rules of TABLE alone."""
    wanted = {rule for _, rule, _ in TABLE}
    chosen = tuple(
        replace(pack, rules=tuple(rule for rule in pack.rules if rule.id in wanted)) for pack in packs.standard()
    )
    found = {rule.id for pack in chosen for rule in pack.rules}
    assert found == wanted, f"no such rule any more: {sorted(wanted - found)}"
    return chosen


BACK: Final = {
    "third_talk": ("effective_calls", 3), "seventh_call": ("calls", 7), "last_talk": ("conversations", 1),
    "eighth_dial": ("dials", 8), "second_text": ("sms", 2), "last_mail": ("emails", 1),
    "sixth_failure": ("failed_dials", 6),
}  # fmt: skip
"""Facts that say how many days back a contact lies: of which count, which one from the end."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def raw_rows(facts: Facts) -> list[dict[str, Any]]:
    """One dictionary a contact: the moments of past contacts as datetimes (None for none), zones, and what is plain."""

    def moment(minute: int) -> datetime | None:
        return EPOCH + timedelta(minutes=minute) if minute > LONG_AGO else None

    def moments(count: str, times: int) -> list[datetime | None]:
        return [moment(minute) for minute in facts.last(count, times).tolist()]

    def holds(span: str) -> list[int]:
        return [int(yes) for yes in facts.spans[span].holds(facts.instant)]

    named = {"country": "jurisdiction", "channel": "channel", "debt": "debt_type", "relation": "relation"}
    named |= {"alive": "debtor_alive", "opted_out": "opted_out"}
    columns: dict[str, list[Any]] = {
        "at": [moment(minute) for minute in facts.instant.tolist()],
        "zones": [tuple(ZoneInfo(zone_name(zone)) for zone in dict.fromkeys(row)) for row in facts.zones.tolist()],
        "last_dial": moments("dials", 1),
        **{name: np.asarray(facts.column(column)).tolist() for name, column in named.items()},
        **{name: moments(*back) for name, back in BACK.items()},
        **{span: holds(span) for span in ("ceased", "disputed", "on_hold", "plan_kept")},
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def worked_out(raw: Mapping[str, Any]) -> dict[str, int]:
    """Hours and days of one contact, strictest over its zones, as one writes it with the standard library."""
    walls = [raw["at"].astimezone(zone) for zone in raw["zones"]]
    minutes_ = [wall.hour * 60 + wall.minute for wall in walls]
    ready = {**raw, "latest": max(minutes_), "earliest": min(minutes_)}
    last = raw["last_dial"]
    ready["since_dial"] = 10**6 if last is None else (raw["at"] - last) // timedelta(minutes=1)
    for name in BACK:
        past = raw[name]
        ready[name] = 10**6 if past is None else min(
            (wall.date() - past.astimezone(zone).date()).days for wall, zone in zip(walls, raw["zones"], strict=True)
        )  # fmt: skip
    return ready


def ready_rows(facts: Facts) -> list[dict[str, int]]:
    """Whole numbers alone, with hours and days worked out beforehand."""
    wanted = dict.fromkeys(field for _, _, conditions in TABLE for field in conditions)
    return [{field: row[field] for field in wanted} for row in map(worked_out, raw_rows(facts))]


def zen() -> Callable[[Sequence[Mapping[str, int]]], list[int]]:
    """TABLE as a decision table of zen-engine, first hit, compiled when first used."""
    import zen as engine

    fields = list(dict.fromkeys(field for _, _, conditions in TABLE for field in conditions))
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": field, "name": field, "field": field} for field in fields],
        "outputs": [{"id": "says", "name": "says", "field": "says"}],
        "rules": [
            {"_id": str(n), **{field: conditions.get(field, "") for field in fields}, "says": str(says)}
            for n, (says, _, conditions) in enumerate((*TABLE, (ALLOW, "", {})))
        ],
    }
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode", "content": {}},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": content},
        {"id": "out", "name": "out", "type": "outputNode", "content": {}},
    ]
    edges = [
        {"id": f"{a}-{b}", "type": "edge", "sourceId": a, "targetId": b} for a, b in (("in", "table"), ("table", "out"))
    ]
    loader: Any = {"type": "static", "content": {"gate": {"nodes": nodes, "edges": edges}}}
    ready = engine.ZenEngine({"loader": loader})

    def decide(rows: Sequence[Mapping[str, int]]) -> list[int]:
        answers = ready.evaluate_batch([{"key": "gate", "context": row} for row in rows])
        return [int(answer["data"]["result"]["says"]) for answer in answers]

    decide([dict.fromkeys(fields, 0)])
    return decide
