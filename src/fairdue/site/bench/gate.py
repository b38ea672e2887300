"""The gate: compute alone for one contact and for a million, beside others; then the door, with its reads and writes."""

from datetime import UTC, datetime, timedelta
from time import perf_counter

import numpy as np

from fairdue.site.bench import Row, clock, percentile, scratch, side_by_side

ONE_MS, DOOR_MS, MILLION_S = 1, 15, 1
FIRMS_MORNING = datetime(2026, 3, 2, 2, tzinfo=UTC)  # 10:00 in Shanghai


def measure(quick: bool) -> list[Row]:
    """Facts ready for all rows but the last, which asks the door over persons never asked before."""
    many = 20_000 if quick else 1_000_000
    beside = side_by_side.measure(2_000 if quick else 20_000, many)
    return [*_one(2_000), *_many(many), *beside, *_door(200 if quick else 1_500, quick)]


def _one(times: int) -> list[Row]:
    from fairdue.law import gate, packs
    from fairdue.law.made_up import made_up_facts

    facts, standard = made_up_facts(times), packs.standard()
    singles = [facts.take(np.array([row])) for row in range(times)]
    for single in singles[:100]:
        gate.judge(single, standard)
    took = []
    for single in singles:
        start = perf_counter()
        gate.judge(single, standard)
        took.append((perf_counter() - start) * 1000)
    p99 = percentile(took, 99)
    figure = f"p50 {percentile(took, 50):.2f} ms, p99 {p99:.2f} ms"
    return [
        Row(
            "gate, one contact, with its cure and end", f"{times:,} judged", figure, f"p99 ≤ {ONE_MS} ms", p99 <= ONE_MS
        )
    ]


def _many(n: int) -> list[Row]:
    from fairdue.law import gate, packs
    from fairdue.law.made_up import made_up_facts

    facts, standard = made_up_facts(n), packs.standard()
    gate.judge(facts.take(slice(0, 1000)), standard)
    with clock() as bare:
        verdicts = gate.judge(facts, standard, cure=False, until=False)
    with clock() as full:
        gate.judge(facts, standard)
    rules = len(verdicts.rules)
    return [
        Row(
            "gate, decisions",
            f"{n:,} contacts, {rules} rules",
            f"{bare():.2f} s",
            f"≤ {MILLION_S} s",
            bare() <= MILLION_S,
        ),
        Row("gate, decisions with cure and end", f"{n:,} contacts, {rules} rules", f"{full():.2f} s"),
    ]


def _door(times: int, quick: bool) -> list[Row]:
    accounts = 2_000 if quick else 100_000
    scratch()
    from django.db import connection

    from fairdue.cases.models import Case
    from fairdue.contact import services
    from fairdue.law.codes import Channel
    from fairdue.people.models import ContactPoint
    from fairdue.site.bench import portfolio
    from fairdue.staff.models import User

    portfolio.fill(accounts=accounts, attempts=accounts * 20)
    by = User.objects.filter(role="collector").first()
    points = ContactPoint.objects.filter(kind="phone", status="unverified").select_related("person")[: times * 3 : 3]
    cases = {case.person_id: case for case in Case.objects.filter(person__in=[p.person_id for p in points])}
    took, allowed = [], 0
    connection.ensure_connection()
    for n, point in enumerate(points):
        start = perf_counter()
        answer = services.ask(
            case=cases[point.person_id], contact_point=point, channel=Channel.CALL, by=by,
            now=FIRMS_MORNING + timedelta(seconds=n), key=f"bench {n}",
        )  # fmt: skip
        took.append((perf_counter() - start) * 1000)
        allowed += isinstance(answer, services.Allowed)
    took, p99 = took[50:], percentile(took[50:], 99)
    size = f"{len(took):,} asks ({allowed:,} allowed), {accounts:,} persons, {accounts * 20:,} attempts"
    figure = f"p50 {percentile(took, 50):.1f} ms, p99 {p99:.1f} ms"
    return [Row("door: lock, facts, judge, verdict, permit, journal", size, figure, f"≤ {DOOR_MS} ms", p99 <= DOOR_MS)]
