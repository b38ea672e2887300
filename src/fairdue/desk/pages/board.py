"""What a lead sees: how the team's day stands, and the cases behind each line. A fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from fairdue.accounts.models import Account
from fairdue.agreements.models import Promise
from fairdue.cases.models import Case, WorkItem
from fairdue.cases.queries import visible_to
from fairdue.contact.models import Attempt
from fairdue.desk.pages.worklist import REFUSED, Owed, Row, owed_by_case, promises_of, row_of
from fairdue.planning.weights import Weights, load_weights
from fairdue.staff.models import Role, User
from fairdue.staff.queries import members

SOON: Final = timedelta(minutes=60)
CLOSES: Final = Coalesce("later_end", "window_end")
"""When an item may no longer be worked on its day."""
"""A window that closes within this time is slipping."""
WAITING: Final = (WorkItem.Status.OPEN, WorkItem.Status.LEASED)


@dataclass
class Line:
    """One collector's day. minutes: of the whole list; left_minutes: of what is still to do.

    done: with an outcome; refused: off the list because the gate did not let it through, which is no work done.
    missed: items whose window has closed undone; closing: those it closes for within the hour. promised and received:
    minor units of the promises due today, by currency.
    """

    user: User
    planned: int = 0
    done: int = 0
    refused: int = 0
    missed: int = 0
    closing: int = 0
    minutes: int = 0
    left_minutes: int = 0
    cases: int = 0
    promises: int = 0
    promises_kept: int = 0
    promised: dict[str, int] = field(default_factory=dict)
    received: dict[str, int] = field(default_factory=dict)
    last: datetime | None = None

    @property
    def left(self) -> int:
        """Items still to do."""
        return self.planned - self.done - self.refused

    @property
    def slipping(self) -> int:
        """Items that were missed or will be within the hour."""
        return self.missed + self.closing

    @property
    def load(self) -> int:
        """Minutes planned as per cent of the working day."""
        return 100 * self.minutes // self.user.minutes_a_day if self.user.minutes_a_day else 0

    @property
    def overloaded(self) -> bool:
        """More planned than the day holds."""
        return self.minutes > self.user.minutes_a_day

    @property
    def money(self) -> list[tuple[str, int, int]]:
        """(currency, received, promised) of today's promises."""
        return [(currency, self.received.get(currency, 0), cents) for currency, cents in sorted(self.promised.items())]


@dataclass(frozen=True)
class Board:
    """The team's day: a line for each member, by name; `unowned` overdue cases nobody has."""

    lines: list[Line]
    unowned: int
    whole: Line


def board(*, lead: User, now: datetime) -> Board:
    """The board of the lead's team. Six queries, whatever the size of the team."""
    assert lead.team is not None, "a board needs a team"
    today = timezone.localdate(now)
    lines = {user.pk: Line(user) for user in members(lead.team)}
    for line in lines.values():
        line.user.team = lead.team
    _items(lines, today, now)
    _promises(lines, today)
    _activity(lines, today)
    for row in _open_cases().filter(owner__in=lines).values("owner").annotate(n=Count("pk")):
        lines[row["owner"]].cases = row["n"]
    return Board([line for line in lines.values() if _works(line)], _nobodys().count(), _sum(lead, lines.values()))


def _works(line: Line) -> bool:
    """Leads show up only when they have work of their own."""
    return line.user.role != Role.LEAD or bool(line.planned or line.cases)


def _open_cases() -> QuerySet[Case]:
    return Case.objects.filter(status=Case.Status.OPEN)


def minutes_of(action: str) -> int:
    """Minutes an action takes, as the night reckons; 0 for one it does not know."""
    return _weights().whole.get(f"minutes.{action}", 0)


@cache
def _weights() -> Weights:
    return load_weights()


def _nobodys() -> QuerySet[Case]:
    """Open cases without an owner on which something is past due."""
    late = Account.objects.filter(
        debtor=OuterRef("person"), creditor=OuterRef("creditor"), status=Account.Status.OPEN, ageing__past_due__gt=0
    )
    return _open_cases().filter(Exists(late), owner=None)


def _items(lines: dict[int, Line], today: date, now: datetime) -> None:
    waiting = Q(status__in=WAITING)
    counted = (
        WorkItem.objects.filter(on=today, user__in=lines)
        .exclude(status=WorkItem.Status.DROPPED)
        .annotate(closes=CLOSES)
        .values("user", "action")
        .annotate(
            n=Count("pk"),
            off=Count("pk", filter=Q(status=WorkItem.Status.DONE)),
            refused=Count("pk", filter=Q(status=WorkItem.Status.DONE, done_how=REFUSED)),
            missed=Count("pk", filter=waiting & Q(closes__lte=now)),
            closing=Count("pk", filter=waiting & Q(closes__gt=now, closes__lte=now + SOON)),
            last=Max("done_at"),
        )
    )
    for row in counted:
        line, each = lines[row["user"]], minutes_of(row["action"])
        line.planned += row["n"]
        line.done += row["off"] - row["refused"]
        line.refused += row["refused"]
        line.missed += row["missed"]
        line.closing += row["closing"]
        line.minutes += each * row["n"]
        line.left_minutes += each * (row["n"] - row["off"])
        line.last = _later(line.last, row["last"])


def _promises(lines: dict[int, Line], today: date) -> None:
    due = (
        Promise.objects.filter(due_on=today, case__owner__in=lines)
        .exclude(status=Promise.Status.WITHDRAWN)
        .values("case__owner", "currency")
        .annotate(
            n=Count("pk"),
            kept=Count("pk", filter=Q(status=Promise.Status.KEPT)),
            cents=Sum("cents"),
            came=Sum("received"),
        )
    )
    for row in due:
        line = lines[row["case__owner"]]
        line.promises += row["n"]
        line.promises_kept += row["kept"]
        line.promised[row["currency"]] = row["cents"]
        line.received[row["currency"]] = row["came"]


def _activity(lines: dict[int, Line], today: date) -> None:
    begin = timezone.make_aware(datetime.combine(today, datetime.min.time()))
    seen = Attempt.objects.filter(by__in=lines, happened_at__gte=begin).values("by").annotate(last=Max("happened_at"))
    for row in seen:
        lines[row["by"]].last = _later(lines[row["by"]].last, row["last"])


def _later(a: datetime | None, b: datetime | None) -> datetime | None:
    return max((moment for moment in (a, b) if moment is not None), default=None)


def _sum(lead: User, lines: Any) -> Line:
    whole = Line(lead)
    for line in lines:
        for name in (
            "planned",
            "done",
            "refused",
            "missed",
            "closing",
            "minutes",
            "left_minutes",
            "cases",
            "promises",
            "promises_kept",
        ):
            setattr(whole, name, getattr(whole, name) + getattr(line, name))
        for own, more in ((whole.promised, line.promised), (whole.received, line.received)):
            for currency, cents in more.items():
                own[currency] = own.get(currency, 0) + cents
    return whole


# ---- the cases behind a line


@dataclass(frozen=True)
class Held:
    """One case in a list that can be handed on: what it owes, and today's item if there is one."""

    case: Case
    owed: Owed
    row: Row | None


KINDS: Final = ("today", "slipping", "all")


def held_by(user: User, *, kind: str, now: datetime) -> QuerySet[Any]:
    """What to list of one collector: today's unfinished items (`today`), those slipping, or every open case (`all`)."""
    if kind == "all":
        return _by_debt(_open_cases().filter(owner=user))
    items = WorkItem.objects.filter(on=timezone.localdate(now), user=user, status__in=WAITING)
    if kind == "slipping":
        items = items.annotate(closes=CLOSES).filter(closes__lte=now + SOON)
    return items.select_related("case__person", "case__creditor").order_by(
        "closes" if kind == "slipping" else "rank", "pk"
    )


def unowned(lead: User) -> QuerySet[Case]:
    """Overdue cases nobody has, the largest past-due amount first."""
    return _by_debt(_nobodys().filter(pk__in=visible_to(lead).filter(owner=None).values("pk")))


def _by_debt(cases: QuerySet[Case]) -> QuerySet[Case]:
    owed = Account.objects.filter(
        debtor=OuterRef("person"), creditor=OuterRef("creditor"), status=Account.Status.OPEN
    ).order_by()
    total = owed.values("debtor").annotate(sum=Sum("ageing__past_due")).values("sum")
    found = cases.select_related("person", "creditor").annotate(debt=Coalesce(Subquery(total), 0))
    return found.order_by("-debt", "pk")


def held(things: Sequence[WorkItem | Case], *, now: datetime) -> list[Held]:
    """Items or cases of one page with what they owe and what is planned today. Three queries."""
    cases = [thing.case if isinstance(thing, WorkItem) else thing for thing in things]
    items = {thing.case_id: thing for thing in things if isinstance(thing, WorkItem)}
    missing = [case.pk for case in cases if case.pk not in items]
    if missing:
        found = WorkItem.objects.filter(on=timezone.localdate(now), case__in=missing)
        items |= {item.case_id: item for item in found.exclude(status=WorkItem.Status.DROPPED)}
    owed, made = owed_by_case(cases), promises_of(list(items))
    listed = []
    for case in cases:
        item, owes = items.get(case.pk), owed.get(case.pk, Owed())
        listed.append(Held(case, owes, row_of(item, owes, made.get(case.pk, []), now=now) if item else None))
    return listed
