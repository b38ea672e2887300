"""Every hold in force that one may see: why, by whom, since when, until when, what is due."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import DateField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from fairdue.cases.holds import REVIEW_AFTER, review_due
from fairdue.cases.models import Case, Hold
from fairdue.cases.queries import visible_to
from fairdue.desk.asking import Query
from fairdue.staff.models import Team, User

SOON: Final = timedelta(days=7)
DUE: Final = {
    "ending": _("ending within 7 days"),
    "review": _("review due"),
    "open": _("without an end"),
}


@dataclass(frozen=True)
class Filters:
    """What to show: kind and team ("" / None = all), and what is due (a key of DUE)."""

    kind: str = ""
    team: int | None = None
    due: str = ""

    @property
    def query(self) -> str:
        """The filter as the query part of an address."""
        return urlencode({name: value for name, value in self.__dict__.items() if value not in (None, "")})

    def without(self, **changes: Any) -> str:
        """The query with something else in place."""
        return Filters(**{**self.__dict__, **changes}).query


@dataclass(frozen=True)
class Line:
    """A hold with the visible cases it stops, and what is due."""

    hold: Hold
    cases: list[Case]
    review_on: date | None
    review_due: bool
    ends_soon: bool


def filters(query: Query) -> Filters:
    """Read the filters of an address."""
    return Filters(
        kind=query.choice("kind", _("Reason"), Hold.Kind.values),
        team=query.whole("team", _("Team")),
        due=query.choice("due", _("What is due"), DUE),
    )


def in_force(user: User, *, today: date) -> QuerySet[Hold]:
    """Holds in force on the persons of the cases `user` may see; one about an account only with that account's case."""
    theirs = visible_to(user).filter(person=OuterRef("person"))
    whole, one = Exists(theirs), Exists(theirs.filter(creditor=OuterRef("account__creditor")))
    holds = Hold.objects.filter(Q(account=None) & whole | Q(account__isnull=False) & one, lifted_at=None)
    return holds.filter(Q(ends_on=None) | Q(ends_on__gte=today))


def found(user: User, chosen: Filters, *, today: date) -> QuerySet[Hold]:
    """The holds of a filter: those that end or fall due first come first."""
    holds = in_force(user, today=today)
    if chosen.kind:
        holds = holds.filter(kind=chosen.kind)
    if chosen.team is not None:
        holds = holds.filter(Exists(visible_to(user).filter(person=OuterRef("person"), owner__team=chosen.team)))
    holds = _due(holds, chosen.due, today)
    since = Cast("starts_at", DateField())
    return holds.annotate(
        next_on=Coalesce("ends_on", "review_on", since + REVIEW_AFTER, output_field=DateField())
    ).order_by("next_on", "pk")


def _due(holds: QuerySet[Hold], due: str, today: date) -> QuerySet[Hold]:
    if due == "ending":
        return holds.filter(ends_on__lte=today + SOON)
    if due == "open":
        return holds.filter(ends_on=None)
    if due == "review":
        old = Q(review_on=None, ends_on=None, starts_at__date__lte=today - REVIEW_AFTER)
        return holds.filter(Q(review_on__lte=today) | old)
    return holds


def counts(user: User, *, today: date) -> tuple[list[tuple[str, Any, int]], int]:
    """(key, words, n) for each sort of what is due, and how many holds are in force."""
    holds = in_force(user, today=today)
    return [(key, word, _due(holds, key, today).count()) for key, word in DUE.items()], holds.count()


def lines(holds: list[Hold], user: User, *, today: date) -> list[Line]:
    """The holds of a page with their cases, in two queries."""
    by_person: dict[int, list[Case]] = {}
    persons = {hold.person_id for hold in holds}
    cases = visible_to(user).filter(person__in=persons).select_related("creditor", "owner__team").order_by("pk")
    for case in cases.distinct():
        by_person.setdefault(case.person_id, []).append(case)
    return [_line(hold, by_person.get(hold.person_id, []), today) for hold in holds]


def _line(hold: Hold, cases: list[Case], today: date) -> Line:
    account = hold.account
    mine = [case for case in cases if account is None or case.creditor_id == account.creditor_id]
    due = review_due(hold)
    return Line(
        hold=hold, cases=mine, review_on=due, review_due=due is not None and due <= today,
        ends_soon=hold.ends_on is not None and hold.ends_on <= today + SOON,
    )  # fmt: skip


def teams(user: User) -> list[tuple[int, str]]:
    """The teams whose cases `user` may see."""
    return list(Team.objects.filter(members__cases__in=visible_to(user)).distinct().values_list("pk", "name"))
