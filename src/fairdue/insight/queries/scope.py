"""What a measure may look at: the asking user's cases, narrowed by creditor, team, currency and period."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from fairdue.accounts.models import Account, Creditor
from fairdue.cases.models import Case
from fairdue.cases.queries import EVERYTHING, visible_to
from fairdue.flows.night.plan import HOUSE_RATES
from fairdue.staff.models import Role, Team, User

MOST_DAYS: Final = 366 * 2
"""The longest period one may ask for."""


@dataclass(frozen=True)
class Filters:
    """Who asks, and for what. `since` and `until` are both included; creditor and team are ids."""

    user: User
    since: date
    until: date
    currency: str
    creditor: int | None = None
    team: int | None = None

    @property
    def whole_house(self) -> bool:
        """Whether nothing but creditor and currency narrows the view, so that no case need be looked up."""
        return self.user.role in EVERYTHING and self.team is None


def cases(filters: Filters) -> QuerySet[Case]:
    """The cases the measures of these filters may count."""
    found = visible_to(filters.user)
    if filters.creditor is not None:
        found = found.filter(creditor_id=filters.creditor)
    if filters.team is not None:
        found = found.filter(owner__team_id=filters.team)
    return found


def accounts(filters: Filters, *, left_too: bool = False) -> QuerySet[Account]:
    """The accounts the measures may count: open and paid ones; with `left_too` also those recalled or closed."""
    found = Account.objects.filter(currency=filters.currency)
    if not left_too:
        found = found.filter(status__in=(Account.Status.OPEN, Account.Status.PAID))
    if filters.creditor is not None:
        found = found.filter(creditor_id=filters.creditor)
    if not filters.whole_house:
        theirs = cases(filters).filter(person=OuterRef("debtor"), creditor=OuterRef("creditor"))
        found = found.filter(Exists(theirs))
    return found


def creditors(user: User) -> QuerySet[Creditor]:
    """The creditors `user` may choose from."""
    found = Creditor.objects.order_by("code")
    return found.filter(staff__user=user) if user.role == Role.CREDITOR else found


def teams(user: User) -> QuerySet[Team]:
    """The teams `user` may choose from: a lead has his own, a creditor is not told how we are organised."""
    found = Team.objects.order_by("name")
    if user.role in EVERYTHING:
        return found
    return found.filter(members=user) if user.role == Role.LEAD else found.none()


def currencies(user: User) -> list[str]:
    """The currencies of the accounts `user` may see, first the one in which most is past due (in house currency)."""
    blank = Filters(user=user, since=date.min, until=date.max, currency="")
    found = Account.objects.all()
    if not blank.whole_house:
        found = found.filter(Exists(cases(blank).filter(person=OuterRef("debtor"), creditor=OuterRef("creditor"))))
    counted = found.values("currency").annotate(n=Count("pk"), late=Sum("ageing__past_due")).order_by()
    weighed = [
        (-(row["late"] or 0) * HOUSE_RATES.get(row["currency"], 100), -row["n"], row["currency"]) for row in counted
    ]
    return [currency for _late, _n, currency in sorted(weighed)]


def month_cuts(since: date, until: date) -> list[date]:
    """The days between which months are compared: the last day before `since`'s month, month ends, and `until`."""
    cuts = [since.replace(day=1) - timedelta(days=1)]
    while cuts[-1] < until:
        next_first = (cuts[-1] + timedelta(days=32)).replace(day=1)
        cuts.append(min(next_first - timedelta(days=1), until))
    return cuts


def as_sql(query: QuerySet[Any], *fields: str) -> tuple[str, tuple[Any, ...]]:
    """A queryset's `fields` as text and parameters, to stand inside a larger statement."""
    try:
        sql, params = query.values(*fields).query.sql_with_params()
    except EmptyResultSet:
        return f"select {', '.join(['null::bigint'] * len(fields))} where false", ()
    return sql, tuple(params)


def rows(statement: str, params: list[Any]) -> list[tuple[Any, ...]]:
    """Run a reading statement; its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


class Listed:
    """Rows of a statement for a paginator: counted once, read a page at a time."""

    def __init__(self, statement: str, params: list[Any]) -> None:
        self.statement, self.params = statement, params

    def count(self) -> int:
        """How many rows there are."""
        ((n,),) = rows(f"select count(*) from ({self.statement}) counted", self.params)  # noqa: S608
        return int(n)

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> list[tuple[Any, ...]]:
        start, stop = part.start or 0, part.stop
        assert stop is not None, "a page has an end"
        return rows(f"{self.statement} limit %s offset %s", [*self.params, stop - start, start])
