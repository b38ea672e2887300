"""The live wall: what the gate stopped in the last hours, and who has nearly been contacted enough."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Max
from django.utils import timezone

from fairdue.cases.models import Case
from fairdue.cases.queries import visible_to
from fairdue.contact.facts import Row, gather
from fairdue.contact.models import Attempt, Verdict
from fairdue.desk.pages import rulebook
from fairdue.desk.pages.search import mask_name
from fairdue.law import codes, limits
from fairdue.staff.models import Role, User

SPANS: Final = (15, 60, 240, 1440)
"""Minutes back that may be chosen."""
SHOWN: Final = 12
"""Refusals and persons shown; a wall is read from afar."""
LOOKED_AT: Final = 400
"""Persons × ways whose caps are worked out: those contacted most today."""


@dataclass(frozen=True)
class Close:
    """A person near a cap: the rule, what is left, and where it stands."""

    name: str
    case: Case
    channel: int
    near: limits.Near
    last: datetime

    @property
    def used(self) -> int:
        """How many contacts of the cap are used up."""
        return self.near.times - self.near.left


@dataclass(frozen=True)
class Wall:
    """Everything on the wall at one moment. minutes: how far back; whole: nothing was left out for want of room; everything: every
    case is counted, not only those of a lead's team and those nobody has."""

    now: datetime
    minutes: int
    stopped: list[Verdict]
    counts: list[tuple[int, int]]
    rules: list[tuple[str, int]]
    close: list[Close]
    reached: int
    nearly: int
    whole: bool
    everything: bool

    @property
    def refused(self) -> int:
        """Contacts stopped in the span."""
        return sum(n for code, n in self.counts if code >= codes.Decision.HOLD)

    @property
    def asked(self) -> int:
        """Contacts asked for in the span."""
        return sum(n for _code, n in self.counts)


def wall(*, user: User, minutes: int, now: datetime) -> Wall:
    """The wall for `user`: the control desks see every case, a lead the team's. A fixed number of queries."""
    verdicts = Verdict.objects.filter(at__gt=now - timedelta(minutes=minutes), at__lte=now)
    if user.role == Role.LEAD:
        verdicts = verdicts.filter(case__in=visible_to(user).values("pk"))
    counts = list(verdicts.order_by("decision").values_list("decision").annotate(n=Count("pk")))
    refused = verdicts.filter(decision__gte=codes.Decision.HOLD)
    stopped = (
        refused.select_related("person", "case__creditor", "contact_point", "by")
        .defer("facts", "packs").order_by("-at", "-pk")
    )  # fmt: skip
    rules: dict[str, int] = {}
    for told in refused.values_list("rules", flat=True)[:5000]:
        for name in told[:1]:  # the strictest first, so never a duty
            rules[name] = rules.get(name, 0) + 1
    close, whole = near_limits(user=user, now=now)
    return Wall(
        now=now, minutes=minutes, stopped=list(stopped[:SHOWN]), counts=counts,
        rules=sorted(rules.items(), key=lambda one: (-one[1], one[0]))[:5], close=close[:SHOWN],
        reached=sum(1 for one in close if not one.near.left), nearly=sum(1 for one in close if one.near.left),
        whole=whole and len(close) <= SHOWN, everything=user.role != Role.LEAD,
    )  # fmt: skip


def near_limits(*, user: User, now: datetime) -> tuple[list[Close], bool]:
    """Who was contacted today and has reached a cap or has one contact left, the reached first; whether everybody
    contacted today was looked at."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today = Attempt.objects.filter(
        happened_at__gte=midnight, happened_at__lte=now, direction=codes.Direction.OUT, contact_point__isnull=False
    ).exclude(result=codes.Result.CANCELLED)
    ways = list(
        today.values("person", "creditor", "contact_point", "channel")
        .annotate(n=Count("pk"), last=Max("happened_at"))
        .order_by("-n", "-last")[: LOOKED_AT + 1]
    )
    whole, ways = len(ways) <= LOOKED_AT, ways[:LOOKED_AT]
    cases = _cases(user, {way["person"] for way in ways})
    ways = [way for way in ways if (way["person"], way["creditor"]) in cases]
    if not ways:
        return [], whole
    rows = [Row(w["person"], w["creditor"], w["contact_point"], w["channel"]) for w in ways]
    found: dict[tuple[int, str], Close] = {}
    for one in limits.near(gather(rows, at=now).facts, rulebook.loaded()):
        way = ways[one.row]
        case = cases[way["person"], way["creditor"]]
        close = Close(mask_name(case.person.name), case, way["channel"], one, way["last"])
        known = found.get((case.person_id, one.rule.id))
        if known is None or one.left < known.near.left:
            found[case.person_id, one.rule.id] = close
    # A person is shown once: by the cap that is nearest, the law's before the firm's own.
    per_person: dict[int, Close] = {}
    for close in sorted(
        found.values(), key=lambda c: (c.near.left, c.near.rule.law["level"] == "policy", c.near.rule.id)
    ):
        per_person.setdefault(close.case.person_id, close)
    return sorted(per_person.values(), key=lambda c: (c.near.left, -c.last.timestamp())), whole


def _cases(user: User, persons: set[int]) -> dict[tuple[int, int], Case]:
    """The visible cases of these persons, by person and creditor."""
    cases = visible_to(user).filter(person__in=persons).select_related("person", "creditor", "owner")
    return {(case.person_id, case.creditor_id): case for case in cases}
