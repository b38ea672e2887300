"""Whom one may reach now, on which channel, until when, or why not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import timezone

from fairdue.cases.models import Case, Hold
from fairdue.contact.models import Attempt
from fairdue.contact.services import Choice, Reason, preview
from fairdue.contact.services.answers import Judged
from fairdue.desk import writing
from fairdue.law import codes
from fairdue.people.models import Consent, ContactPoint, Relation, Wish


@dataclass(frozen=True)
class Way:
    """One channel of a contact point: the gate's answer and what may be pressed."""

    choice: Choice
    why: str
    reasons: list[dict[str, Any]]
    until: datetime | None
    earliest: datetime | None
    callable: bool
    writable: bool


@dataclass(frozen=True)
class Point:
    """A contact point with its channels and the latest contact there."""

    row: ContactPoint
    ways: list[Way]
    last: Attempt | None
    there: str
    at: datetime

    @property
    def main(self) -> Way | None:
        """The channel shown first."""
        return self.ways[0] if self.ways else None


@dataclass(frozen=True)
class Party:
    """The debtor or somebody tied to the debt, with the contact points.

    wishes, permissions: those in force, and recorded; former: others exist.
    """

    id: int
    name: str
    relation: int
    debtor: bool
    points: list[Point]
    wishes: list[Wish]
    permissions: list[Consent]
    former: bool

    @property
    def open(self) -> bool:
        """Whether anybody may be reached here now."""
        return any(way.choice.allowed for point in self.points for way in point.ways)

    @property
    def next_way(self) -> "Way | None":
        """The way that opens first when none is open, one we can go before others; None when waiting does not help."""
        ways = [way for point in self.points for way in point.ways if way.earliest is not None]
        return min(ways, key=lambda way: (way.earliest, not (way.callable or way.writable)), default=None)


@dataclass(frozen=True)
class Reach:
    """The whole panel. `week`: calls of the last seven days to anybody of the case, newest first."""

    parties: list[Party]
    week: list[Attempt]

    @property
    def ways(self) -> list[Way]:
        """Every way, in the order of the page."""
        return [way for party in self.parties for point in party.points for way in point.ways]

    def others(self, point_id: int, channel: int) -> list[Way]:
        """The debtor's own other ways that are allowed now, for a refused call: no hint to turn to third persons."""
        return [
            way
            for way in self.ways
            if way.choice.allowed and (way.callable or way.writable) and way.choice.relation == codes.Relation.DEBTOR
            and (way.choice.contact_point_id, way.choice.channel) != (point_id, channel)
        ]  # fmt: skip


def said(texts: Mapping[str, Any]) -> Any:
    """The text in the language of the page."""
    return texts.get("zh" if writing.chinese() else "en", "")


def reason_rows(reasons: Iterable[Any]) -> list[dict[str, Any]]:
    """The door's reasons as the kit's `reasons` tag wants them."""
    return [
        {
            "rule": r.rule,
            "says": said(r.says),
            "cites": said(r.cites),
            "cure": said(r.cure),
            "level": r.level,
            "earliest": r.earliest,
        }
        for r in reasons
    ]


ON_HOLD: Final = "house.on-hold"
"""The rule that stops for any hold which has no rule of its own; which hold it is, the case knows."""
_OWN_RULE: Final = frozenset(
    {Hold.Kind.DISPUTE, Hold.Kind.CEASED, Hold.Kind.ATTORNEY, Hold.Kind.MORATORIUM, Hold.Kind.PLAN, Hold.Kind.DECEASED}
)


def reach_of(*, case: Case, now: datetime, attempts: Sequence[Attempt], holds: Sequence[Hold] = ()) -> Reach:
    """Persons × contact points × channels with the gate's answer. `attempts`: the latest, newest first; `holds`: those
    in force, which a stopped channel names."""
    relations = {
        row.person_id: row
        for row in Relation.objects.filter(debtor_id=case.person_id).select_related("person").order_by("kind")
    }
    ids = {case.person_id, *relations}
    points = {point.pk: point for point in ContactPoint.objects.filter(person_id__in=ids).select_related("person")}
    choices = preview(case=case, now=now, points=points.values())
    wishes = list(Wish.objects.filter(person_id__in=ids).order_by("-made_at"))
    permissions = list(Consent.objects.filter(person_id__in=ids).order_by("-given_at"))
    known = {made.person_id for made in wishes} | {made.person_id for made in permissions}
    today = timezone.localdate(now)
    parties = []
    for person_id in [case.person_id, *(pk for pk in relations if pk != case.person_id)]:
        debtor = person_id == case.person_id
        parties.append(
            Party(
                id=person_id,
                name=case.person.name if debtor else relations[person_id].person.name,
                relation=codes.Relation.DEBTOR if debtor else relations[person_id].kind,
                debtor=debtor,
                points=_points(choices, person_id, points, attempts, holds, now),
                wishes=[made for made in wishes if made.person_id == person_id and made.holds(today)],
                permissions=[
                    made for made in permissions if made.person_id == person_id and made.holds(today) and made.recorded
                ],
                former=person_id in known,
            )
        )
    week_ago = now - timedelta(days=7)
    calls = [a for a in attempts if a.channel == codes.Channel.CALL and a.direction == codes.Direction.OUT]
    return Reach(parties, [a for a in calls if a.happened_at > week_ago and a.result != codes.Result.CANCELLED])


def _points(
    choices: Sequence[Choice],
    person_id: int,
    points: Mapping[int, ContactPoint],
    attempts: Sequence[Attempt],
    holds: Sequence[Hold],
    now: datetime,
) -> list[Point]:
    rows: dict[int, list[Choice]] = {}
    for choice in choices:
        if choice.person_id == person_id:
            rows.setdefault(choice.contact_point_id, []).append(choice)
    found = []
    order = {"phone": 0, "email": 1, "address": 2}
    for pk, ways in sorted(rows.items(), key=lambda row: order[points[row[0]].kind] if row[0] in points else 3):
        if pk in points:
            last = next((a for a in attempts if a.contact_point_id == pk), None)
            found.append(
                Point(points[pk], [way_of(choice, holds) for choice in ways], last, _there(ways[0].zone, now), now)
            )
    return found


def deciding(choice: Judged) -> Reason | None:
    """The reason to name when there is room for one: of a refusal that waiting does not cure one that never clears,
    else the one that bars longest; of a yes with care the first."""
    if choice.decision < codes.Decision.HOLD:
        return choice.reasons[0] if choice.reasons else None
    if choice.earliest is None:
        return next((reason for reason in choice.reasons if reason.earliest is None), None)
    timed = [(reason.earliest, -n, reason) for n, reason in enumerate(choice.reasons) if reason.earliest is not None]
    return max(timed)[2] if timed else None


def way_of(choice: Choice, holds: Sequence[Hold]) -> Way:
    """One channel in the words of the page; a hold that stops it is named as everywhere on the page."""
    reason = deciding(choice) or (choice.reasons[0] if choice.reasons else None)
    why = said(reason.says) if reason else ""
    if reason and reason.rule == ON_HOLD:
        named = [hold for hold in holds if hold.kind not in _OWN_RULE]
        why = "; ".join([why, *(f"{hold.get_kind_display()} · {writing.hold_reason(hold.reason)}" for hold in named)])
    return Way(
        choice=choice,
        why=why,
        reasons=reason_rows(choice.reasons),
        until=choice.until,
        earliest=choice.earliest,
        callable=choice.we_can and choice.channel == codes.Channel.CALL,
        writable=choice.we_can and choice.channel == codes.Channel.EMAIL,
    )


def _there(zone: str, now: datetime) -> str:
    """The hour at the other end when it differs from the desk's, else nothing."""
    there = now.astimezone(ZoneInfo(zone))
    if there.utcoffset() == timezone.localtime(now).utcoffset():
        return ""
    return f"{there:%H:%M}"
