"""The last working days of the demo and its morning: contacts that went through the real door at their own moments, and refusals.

Every one was asked of the gate, with the record and the rules of its moment; nothing is written past the door. The
journal keeps the hour at which its entries were truly written and says before them that the contacts are made up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import timezone

from fairdue.site.demo_wishes import REAL

DAYS: Final = 2
"""Working days (Monday to Friday) before today; today itself comes on top, as far as it has gone."""
JUST_NOW: Final = timedelta(minutes=10)
"""What happened later than this ago would still be running."""
MADE_UP: Final = {"cn": "演示数据", "us": "demo data"}
_WHO: Final = {"cn": ("collector", "collector2", "collector3", "collector4"), "us": ("maria", "james")}
_THREAT: Final = {"cn": "再不还款就让警察抓你坐牢。", "us": "Pay today or we will have you arrested."}


@dataclass(frozen=True)
class Step:
    """One contact of a case on one day: hour by the borrower's clock, how, and what came of it if it was allowed."""

    hour: int
    minute: int
    how: str
    outcome: str = ""


_CN: Final = (
    (Step(9, 5, "call", "no_answer"), Step(11, 20, "call", "busy"), Step(15, 40, "call", "no_answer")),
    (Step(10, 15, "call", "refuses"),),
    (Step(10, 30, "call", "no_answer"), Step(10, 38, "call"), Step(16, 10, "call", "refuses")),
    (Step(9, 50, "call", "refuses"), Step(13, 25, "call", "refuses"), Step(16, 45, "call", "refuses"), Step(18, 30, "call")),
    (Step(11, 45, "call", "no_answer"), Step(22, 40, "call")),
    (Step(14, 5, "call", "voicemail"), Step(14, 50, "third")),
    (Step(15, 15, "call", "no_answer"), Step(17, 35, "threat")),
    tuple(Step(9 + n, 10, "call", "no_answer") for n in range(7)),
)  # fmt: skip
"""What happens to the n-th case of a day, over and over."""
_US: Final = (
    (Step(10, 10, "call", "no_answer"), Step(15, 30, "call", "no_answer")),
    (Step(7, 45, "call"), Step(11, 5, "call", "refuses")),
    (Step(9, 40, "call", "voicemail"), Step(21, 20, "call")),
    (Step(13, 15, "call", "refuses"), Step(16, 0, "call")),
    (Step(14, 20, "threat"),),
)


def made_up_days(*, now: datetime) -> int:
    """Ask for some contacts of each of the last working days and of today, oldest first; how many verdicts that made."""
    from fairdue.contact.models import Verdict
    from fairdue.journal import services as journal

    before = Verdict.objects.count()
    journal.write("demo.past", days=DAYS, note="the contacts that follow are made up; each was asked of the gate")
    for number, (at, case, step) in enumerate(sorted(_plan(now), key=lambda one: (one[0], one[1].pk))):
        _act(case, step, at=at, key=f"demo-past:{number}")
    return Verdict.objects.count() - before


def _plan(now: datetime) -> Iterator[tuple[datetime, Any, Step]]:
    days = _working_days(timezone.localdate(now))
    for country, steps in (("cn", _CN), ("us", _US)):
        given = timezone.make_aware(datetime.combine(days[0], time(6)))
        for n, case in enumerate(_cases(country, many=len(steps) * len(days), given=given)):
            moments = ((_moment(days[n // len(steps)], step, case), step) for step in steps[n % len(steps)])
            yield from ((at, case, step) for at, step in moments if at < now - JUST_NOW)


def _working_days(today: date) -> list[date]:
    back = (today - timedelta(days=n) for n in range(1, 2 * DAYS + 5))
    return [*sorted([day for day in back if day.weekday() < 5][:DAYS]), today]


def _cases(country: str, *, many: int, given: datetime) -> list[Any]:
    """Open cases of made-up borrowers whom nothing protects, handed to the collectors that worked them."""
    from fairdue.cases import services as cases
    from fairdue.cases.models import Case
    from fairdue.staff.models import User

    people = list(User.objects.filter(username__in=_WHO[country]).order_by("username"))
    found = Case.objects.filter(creditor__jurisdiction=country, status=Case.Status.OPEN, owner=None)
    free = found.exclude(creditor__code=REAL).exclude(person__holds__lifted_at=None, person__holds__isnull=False)
    chosen = list(free.distinct().order_by("pk").values_list("pk", flat=True)[:many])
    for n, user in enumerate(people):
        ids = chosen[n :: len(people)]
        cases.own(case_ids=ids, to=user, by=None, reason=MADE_UP[country], now=given)
    return list(Case.objects.filter(pk__in=chosen).select_related("person", "creditor", "owner").order_by("pk"))


def _moment(day: date, step: Step, case: Any) -> datetime:
    zones = case.person.contact_points.filter(kind="phone").values_list("zones", flat=True).first() or ""
    clock = ZoneInfo(zones.split(",")[0]) if zones else timezone.get_default_timezone()
    return datetime.combine(day, time(step.hour, step.minute), clock)


def _act(case: Any, step: Step, *, at: datetime, key: str) -> None:
    from fairdue.contact.models import Attempt, Outcome
    from fairdue.contact.writing import OWN_WORDS
    from fairdue.flows import contact as flow

    point = _point(case, step)
    if point is None:
        return
    if step.how == "threat":
        text = _THREAT[case.creditor.jurisdiction]
        flow.write(case=case, contact_point=point, template=OWN_WORDS, by=case.owner, now=at, key=key,
                   values={"subject": MADE_UP[case.creditor.jurisdiction]}, text=text)  # fmt: skip
        return
    answer = flow.call(case=case, contact_point=point, by=case.owner, now=at, key=key)
    if isinstance(answer, flow.OnTheLine) and step.outcome:
        attempt = Attempt.objects.get(pk=answer.attempt_id)
        ended = at + timedelta(minutes=1 if step.outcome != "refuses" else 6)
        flow.record(attempt=attempt, kind=Outcome.Kind(step.outcome), by=case.owner, now=ended,
                    note=MADE_UP[case.creditor.jurisdiction])  # fmt: skip


def _point(case: Any, step: Step) -> Any:
    from fairdue.people.models import ContactPoint, Relation

    points = ContactPoint.objects.select_related("person").order_by("pk")
    if step.how == "third":
        others = Relation.objects.filter(debtor=case.person)
        return points.filter(person__in=others.values("person"), kind="phone").first()
    return points.filter(person=case.person, kind="email" if step.how == "threat" else "phone").first()
