"""The promise calendar: what was promised for each day, what came of it, what may still be expected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final, Literal

import numpy as np
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Least
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from fairdue.accounts.models import Creditor
from fairdue.agreements.models import Notice, Promise
from fairdue.cases.queries import EVERYTHING, visible_to
from fairdue.desk.asking import Query
from fairdue.desk.pages.promising import Chance, said
from fairdue.desk.writing import chinese
from fairdue.law.codes import Channel
from fairdue.money.amount import minor_digits
from fairdue.planning.promise_strategy import Next, next_steps, next_text, strategy
from fairdue.staff.models import Role, Team, User
from fairdue.staff.queries import WORKERS, members

S = Promise.Status
SHOWN: Final = (S.KEPT, S.PARTLY, S.BROKEN, S.OPEN)
"""What the calendar shows, in the order of its bars; what was withdrawn is no promise any more."""
UNRATED: Final = 500_000
"""Chance of a promise that no night has seen yet."""
LEAD: Final = "lead"
LEAD_DAYS: Final = 14
"""A promise broken so lately may wait for the lead."""
STATUSES: Final = (
    ("", _("All")), (S.OPEN, _("Open")), (S.KEPT, _("Kept")), (S.PARTLY, _("Partly kept")), (S.BROKEN, _("Broken")),
    (LEAD, _("For the lead")),
)  # fmt: skip
View = Literal["week", "month"]


@dataclass(frozen=True)
class Asked:
    """What the address asks for. on: a day of the week or month shown; day: the one day whose rows are shown, or none."""

    view: View = "week"
    on: date = date.min
    day: date | None = None
    status: str = ""
    currency: str = ""
    team: int | None = None
    collector: int | None = None
    creditor: int | None = None

    @property
    def since(self) -> date:
        """The first day shown: a Monday."""
        first = self.on if self.view == "week" else self.on.replace(day=1)
        return first - timedelta(days=first.weekday())

    @property
    def until(self) -> date:
        """The last day shown: a Sunday."""
        if self.view == "week":
            return self.since + timedelta(days=6)
        last = (self.on.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return last + timedelta(days=6 - last.weekday())

    @property
    def first(self) -> date:
        """The first day that counts in the sums: of the week, or of the month."""
        return self.since if self.view == "week" else self.on.replace(day=1)

    @property
    def last(self) -> date:
        """The last day that counts in the sums."""
        if self.view == "week":
            return self.until
        return (self.on.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)

    def link(self, **changes: Any) -> str:
        """The address with some things changed; what is empty is left out."""
        told = replace(self, **changes)
        query = QueryDict(mutable=True)
        for name in ("view", "on", "day", "status", "currency", "team", "collector", "creditor"):
            if value := getattr(told, name):
                query[name] = value.isoformat() if isinstance(value, date) else str(value)
        return f"?{query.urlencode()}"


def asked_of(query: Query, today: date) -> Asked:
    """What the address asks for."""
    currency, day = query.text("currency"), query.day("day", _("Day"))
    return Asked(
        view="month" if query.choice("view", _("View"), ("week", "month")) == "month" else "week",
        on=query.day("on", _("Week or month")) or day or today,
        day=day,
        status=query.choice("status", _("Status"), [value for value, _word in STATUSES]),
        currency=currency if currency.isalpha() and len(currency) == 3 else "",
        team=query.whole("team", _("Team")),
        collector=query.whole("collector", _("Collector")),
        creditor=query.whole("creditor", _("Creditor")),
    )


@dataclass
class Sums:
    """Promises together, in one currency. counts: by status. cents: promised; received; expected: still to be hoped for."""

    counts: dict[str, int] = field(default_factory=dict)
    cents: int = 0
    received: int = 0
    expected: int = 0
    open_cents: int = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Take in one line of the grouped query."""
        self.counts[row["status"]] = self.counts.get(row["status"], 0) + row["n"]
        self.cents += row["promised"]
        self.received += row["came"]
        if row["status"] == S.OPEN:
            self.expected += row["hoped"]
            self.open_cents += row["promised"]

    @property
    def n(self) -> int:
        """How many promises."""
        return sum(self.counts.values())

    @property
    def judged(self) -> int:
        """How many of them are judged."""
        return self.n - self.counts.get(S.OPEN, 0)

    @property
    def kept_percent(self) -> int | None:
        """Share kept in full of those judged."""
        return 100 * self.counts.get(S.KEPT, 0) // self.judged if self.judged else None

    @property
    def parts(self) -> list[tuple[str, int, Any]]:
        """(status, how many, its word) of those there are."""
        words = dict(S.choices)
        return [(status, self.counts[status], words[status]) for status in SHOWN if self.counts.get(status)]

    @property
    def bar(self) -> list[tuple[str, int, int]]:
        """(status, start, length) of a bar a hundred long."""
        segments, start = [], 0
        for place, (status, n, _word) in enumerate(self.parts):
            end = 100 if place == len(self.parts) - 1 else start + max(1, 100 * n // self.n)
            segments.append((status, start, end - start))
            start = end
        return segments


@dataclass
class Day:
    """One day of the calendar. inside: of the month shown."""

    on: date
    inside: bool
    sums: Sums
    link: str
    today: bool
    chosen: bool

    @property
    def weekend(self) -> bool:
        """Saturday or Sunday."""
        return self.on.weekday() > 4


@dataclass(frozen=True)
class Row:
    """One promise in the list below."""

    promise: Promise
    chance: Chance | None
    warnings: list[Any]
    next: str
    other_person: bool


@dataclass(frozen=True)
class Page:
    """The whole page but its rows. weeks: rows of days; currencies: those there are; lead: promises for the lead."""

    asked: Asked
    weeks: list[list[Day]]
    sums: Sums
    currency: str
    currencies: list[str]
    lead: int
    notices: list[tuple[Any, int]]
    teams: list[Team]
    collectors: list[User]
    creditors: list[Creditor]
    today: date

    @property
    def before(self) -> date:
        """A day of the week or month before."""
        return self.asked.first - timedelta(days=1)

    @property
    def after(self) -> date:
        """A day of the week or month after."""
        return self.asked.last + timedelta(days=1)

    @property
    def statuses(self) -> list[tuple[str, Any, str, int]]:
        """(value, word, link, how many) of the choices of status."""
        counts: dict[str, int] = {"": self.sums.n, LEAD: self.lead}
        counts.update((status, self.sums.counts.get(status, 0)) for status in SHOWN)
        return [(value, word, self.asked.link(status=value, day=None), counts[value]) for value, word in STATUSES]


def page_of(*, user: User, asked: Asked, today: date) -> Page:
    """The calendar, in a fixed number of queries. Days outside the month are shown and left out of the sums."""
    shown = promises_of(user, asked).filter(due_on__gte=asked.since, due_on__lte=asked.until)
    grouped = list(
        shown.order_by()
        .values("due_on", "status", "currency")
        .annotate(
            n=Count("pk"),
            promised=Sum("cents"),
            came=Sum(Least(F("received"), F("cents"))),
            hoped=Sum((F("cents") - Least(F("received"), F("cents"))) * Coalesce(F("chance"), UNRATED) / 1_000_000),
        )
    )
    many: dict[str, int] = {}
    for row in grouped:
        many[row["currency"]] = many.get(row["currency"], 0) + row["n"]
    currencies = sorted(many, key=lambda code: (-many[code], code))
    currency = asked.currency if asked.currency in many else currencies[0] if currencies else asked.currency or "CNY"
    by_day: dict[date, Sums] = {}
    whole = Sums()
    for row in grouped:
        if row["currency"] == currency:
            by_day.setdefault(row["due_on"], Sums()).add(row)
            if asked.first <= row["due_on"] <= asked.last:
                whole.add(row)
    return Page(
        asked=asked, weeks=_weeks(asked, by_day, today), sums=whole, currency=currency, currencies=currencies,
        lead=len(for_the_lead(user, asked, today)), notices=_notices(user, today), today=today, **_choices(user),
    )  # fmt: skip


def promises_of(user: User, asked: Asked) -> QuerySet[Promise]:
    """The promises a user may see, by team, collector and creditor as asked."""
    found = Promise.objects.exclude(status=S.WITHDRAWN)
    if user.role not in EVERYTHING:
        found = found.filter(case__in=visible_to(user))
    if asked.team:
        found = found.filter(case__owner__team=asked.team)
    if asked.collector:
        found = found.filter(case__owner=asked.collector)
    if asked.creditor:
        found = found.filter(case__creditor=asked.creditor)
    return found


def rows_behind(*, user: User, asked: Asked, currency: str, today: date) -> QuerySet[Promise]:
    """The promises behind what is shown: of the chosen day or of the whole week or month, in the chosen status."""
    found = promises_of(user, asked)
    if asked.status == LEAD:
        found = found.filter(pk__in=for_the_lead(user, asked, today))
    else:
        since, until = (asked.day, asked.day) if asked.day else (asked.first, asked.last)
        found = found.filter(due_on__gte=since, due_on__lte=until, currency=currency)
        found = found.filter(status=asked.status) if asked.status else found
    return (
        found.annotate(times=_times())
        .select_related("case__person", "case__owner", "case__creditor", "person", "account", "taken_by")
        .order_by("due_on", "-cents", "pk")
    )


def rows_of(promises: Iterable[Promise]) -> list[Row]:
    """The promises in words; no queries."""
    made = list(promises)
    lang: Literal["zh", "en"] = "zh" if chinese() else "en"
    steps = _steps([(p.times or 0, p.bucket or 0, p.cents, p.currency) for p in made])  # type: ignore[attr-defined]
    return [
        Row(
            promise=p,
            chance=Chance(UNRATED if p.chance is None else p.chance) if p.status == S.OPEN else None,
            warnings=said(p.warnings, p.currency),
            next=next_text(step, p.times, lang) if p.status == S.BROKEN else "",  # type: ignore[attr-defined]
            other_person=p.person_id != p.case.person_id,
        )
        for p, step in zip(made, steps, strict=True)
    ]


def for_the_lead(user: User, asked: Asked, today: date) -> list[int]:
    """Promises broken lately after which the strategy lets the lead look first."""
    if not any(line.next == Next.LEAD for line in strategy().broken):
        return []
    # Near its day as well: the first night judges what a file brings of long ago.
    lately = promises_of(user, asked).filter(
        status=S.BROKEN,
        judged_on__gte=today - timedelta(days=LEAD_DAYS),
        due_on__gte=today - timedelta(days=2 * LEAD_DAYS),
    )
    later = Promise.objects.filter(case=OuterRef("case"), pk__gt=OuterRef("pk")).exclude(status=S.WITHDRAWN)
    facts = list(
        lately.annotate(times=_times(), newer=Subquery(later.values("pk")[:1]))
        .filter(newer=None)
        .values_list("pk", "times", "bucket", "cents", "currency")
    )
    steps = _steps([(times or 0, bucket or 0, cents, currency) for _pk, times, bucket, cents, currency in facts])
    return [row[0] for row, step in zip(facts, steps, strict=True) if step == Next.LEAD]


def _times() -> Subquery:
    """Promises of the case broken so far, this one included."""
    broken = Promise.objects.filter(case=OuterRef("case"), status=S.BROKEN, due_on__lte=OuterRef("due_on")).order_by()
    return Subquery(broken.values("case").annotate(n=Count("pk")).values("n"), output_field=IntegerField())


def _steps(facts: list[tuple[int, int, int, str]]) -> list[int]:
    if not facts:
        return []
    times, bucket, cents, currencies = zip(*facts, strict=True)
    minor = np.array([10 ** minor_digits(code) for code in currencies], np.int64)
    whole = np.array(cents, np.int64) // minor
    steps = next_steps(strategy(), times=np.array(times), bucket=np.array(bucket), cents=whole, minor=1)
    return [int(step) for step in steps]


def _weeks(asked: Asked, by_day: dict[date, Sums], today: date) -> list[list[Day]]:
    days = [asked.since + timedelta(days=n) for n in range((asked.until - asked.since).days + 1)]
    cells = [
        Day(
            on=day, inside=asked.first <= day <= asked.last, sums=by_day.get(day, Sums()), today=day == today,
            link=asked.link(day=None if day == asked.day else day, on=asked.on, status=""), chosen=day == asked.day,
        )
        for day in days
    ]  # fmt: skip
    return [cells[n : n + 7] for n in range(0, len(cells), 7)]


def _notices(user: User, today: date) -> list[tuple[Any, int]]:
    """What became of today's reminders and thanks, by status."""
    found = Notice.objects.filter(on=today)
    if user.role not in EVERYTHING:
        found = found.filter(case__in=visible_to(user))
    counts = dict(found.order_by().values_list("status").annotate(n=Count("pk")))
    return [(word, counts[value]) for value, word in Notice.Status.choices if counts.get(value)]


def _choices(user: User) -> dict[str, list[Any]]:
    """What may be filtered by: a collector has nobody to choose, a lead the own team, the others the whole house."""
    if user.role in EVERYTHING:
        workers = User.objects.filter(is_active=True, role__in=WORKERS).order_by("display_name", "username")
        return {
            "teams": list(Team.objects.order_by("name")), "collectors": list(workers),
            "creditors": list(Creditor.objects.order_by("code")),
        }  # fmt: skip
    mine = list(Creditor.objects.filter(Q(pk__in=visible_to(user).values("creditor"))).order_by("code"))
    team = list(members(user.team)) if user.role == Role.LEAD and user.team else []
    return {"teams": [], "collectors": team, "creditors": mine}


def from_page(promise: Promise) -> bool:
    """Whether the borrower promised on their own page."""
    return promise.channel == Channel.PORTAL
