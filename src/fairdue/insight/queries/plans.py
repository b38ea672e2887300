"""Plans that began in the period: how long they stand, how soon the first money comes, what they ask and let go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from statistics import median
from typing import Any, Final

from django.db.models import Case as DbCase
from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery, When

from fairdue.accounts.models import BucketMove, Payment
from fairdue.agreements.models import Plan
from fairdue.insight.queries.scope import Filters, cases
from fairdue.money.plans import months_between
from fairdue.money.policy import plan_policy

MONTHS_MOST: Final = 36
AGAIN_WITHIN: Final = (90, 180)
"""Days after a completed plan within which falling past due anew is told."""


@dataclass(frozen=True)
class Standing:
    """One month of the survival curve: plans that had come so far, of them broken in that month, and the share of all
    plans that still stands at its end. A plan completed, replaced or still young is watched until then and no longer."""

    month: int
    watched: int
    broken: int
    stands: Fraction


@dataclass(frozen=True)
class Plans:
    """The measure. first_days: median days from the agreement to the first money, of those that paid; first_quarter,
    last_quarter: within so many days the quickest quarter, and three quarters, had paid (nearest rank). relief: let go
    of owed; relief_cents: let go a plan, half up; burden: mean share of what was left over, in per cent; heavy: plans
    that asked more of it than the policy of today allows."""

    curve: list[Standing]
    started: int
    broken: int
    completed: int
    paid_first: int
    first_days: int | None
    first_quarter: int | None
    last_quarter: int | None
    relief: Fraction | None
    relief_cents: int | None
    burden: Fraction | None
    heavy: int

    @property
    def broken_share(self) -> Fraction | None:
        """Broken of all that began."""
        return Fraction(self.broken, self.started) if self.started else None

    def broken_within(self, months: int) -> Fraction | None:
        """Re-default: the share that has broken when so many months are over, by the curve; None when no plan that
        could tell is so old."""
        return 1 - self.curve[months - 1].stands if len(self.curve) >= months else None


def measure(filters: Filters) -> Plans:
    """Plans begun in the period, as they stand on its last day."""
    first = Payment.objects.filter(
        account=OuterRef("account"), kind=Payment.Kind.PAYMENT, happened_on__gte=OuterRef("starts_on"),
        happened_on__lte=filters.until, reversed_by=None,
    )  # fmt: skip
    earliest = first.order_by().values("account").annotate(on=Min("happened_on")).values("on")
    rows = list(
        behind(filters).order_by("pk").annotate(first_on=Subquery(earliest))
        .values_list("starts_on", "status", "turned_on", "total", "discount", "offer__burden", "first_on")
    )  # fmt: skip
    lives = [_life(starts_on, status, turned_on, filters.until) for starts_on, status, turned_on, *_rest in rows]
    waits = sorted((row[6] - row[0]).days for row in rows if row[6] is not None)
    owed, let_go = sum(row[3] + row[4] for row in rows), sum(row[4] for row in rows)
    return Plans(
        curve=curve(lives),
        started=len(rows),
        broken=sum(broke for _months, broke in lives),
        completed=sum(
            row[1] == Plan.Status.COMPLETED and row[2] is not None and row[2] <= filters.until for row in rows
        ),
        paid_first=len(waits),
        first_days=int(median(waits)) if waits else None,
        first_quarter=_rank(waits, 1),
        last_quarter=_rank(waits, 3),
        relief=Fraction(let_go, owed) if owed else None,
        relief_cents=(2 * let_go + len(rows)) // (2 * len(rows)) if rows else None,
        burden=Fraction(sum(row[5] for row in rows), len(rows)) if rows else None,
        heavy=sum(row[5] > plan_policy().offers.most_share_percent for row in rows),
    )


@dataclass(frozen=True)
class Relapse:
    """Of the plans completed at least `days` before the period's end: `seen` so many, of whose borrowers `again` fell
    past due anew within these days."""

    days: int
    seen: int
    again: int

    @property
    def share(self) -> Fraction | None:
        """Past due again of completed; None when no plan was completed so long ago."""
        return Fraction(self.again, self.seen) if self.seen else None


def relapses(filters: Filters) -> list[Relapse]:
    """Re-default after completion, for each of AGAIN_WITHIN. One query."""
    found = _completed(filters).values_list("turned_on", "fell_on")
    lives = [((filters.until - turned).days, (fell - turned).days if fell else None) for turned, fell in found]
    return [
        Relapse(days, sum(age >= days for age, _fell in lives),
                sum(age >= days and fell is not None and fell <= days for age, fell in lives))
        for days in AGAIN_WITHIN
    ]  # fmt: skip


def behind_relapses(filters: Filters, *, days: int, again: bool) -> QuerySet[Plan]:
    """The plans behind a re-default: those completed so long ago, or of them those whose borrower is past due again."""
    found = _completed(filters).filter(turned_on__lte=filters.until - timedelta(days=days))
    if again:
        found = found.filter(fell_on__lte=F("turned_on") + timedelta(days=days))
    found = found.select_related("case__creditor", "account").annotate(burden=F("offer__burden"))
    ordered: QuerySet[Plan] = found.order_by("-turned_on", "-pk")
    return ordered


def _completed(filters: Filters) -> QuerySet[Any]:
    """Plans completed in the period, with `fell_on`: the first day after it on which an account of the same borrower with
    the same creditor came past due from being current.

    A night may see it later than it was, and an account that comes new may have been past due before: what is past due
    since then still says since when; of what was paid meanwhile the night's own day is all that is known.
    """
    since = F("account__ageing__since")
    fell = BucketMove.objects.filter(
        Q(was=None) | Q(was=0), account__debtor=OuterRef("person"), account__creditor=OuterRef("case__creditor"),
        on__gt=OuterRef("turned_on"), on__lte=filters.until, bucket__gte=1,
    ).annotate(
        fell=DbCase(When(account__ageing__since__lte=F("on"), then=since), default=F("on"))
    ).filter(fell__gt=OuterRef("turned_on"))  # fmt: skip
    return Plan.objects.filter(
        status=Plan.Status.COMPLETED, currency=filters.currency, turned_on__gte=filters.since,
        turned_on__lte=filters.until, case__in=cases(filters),
    ).annotate(fell_on=Subquery(fell.order_by("fell").values("fell")[:1]))  # fmt: skip


def _rank(waits: Sequence[int], quarters: int) -> int | None:
    """The smallest value that so many quarters of the sorted values do not exceed."""
    return waits[-(-len(waits) * quarters // 4) - 1] if waits else None


def _life(starts_on: date, status: str, turned_on: date | None, until: date) -> tuple[int, bool]:
    """(months watched, whether it broke in the last of them), as of `until`."""
    ended = turned_on if turned_on is not None and turned_on <= until else None
    broke = ended is not None and status == Plan.Status.BROKEN
    return max(months_between(starts_on, ended or until), 1 if broke else 0), broke


def curve(lives: Sequence[tuple[int, bool]]) -> list[Standing]:
    """The share that stands by month since the agreement, by the product of the months' shares (Kaplan and Meier)."""
    stands, found = Fraction(1), []
    for month in range(1, min(max((months for months, _ in lives), default=0), MONTHS_MOST) + 1):
        watched = sum(months >= month for months, _ in lives)
        broken = sum(broke and months == month for months, broke in lives)
        stands *= 1 - Fraction(broken, watched)
        found.append(Standing(month, watched, broken, stands))
    return found


def behind(filters: Filters, *, status: str = "", heavy: bool = False, relief: bool = False) -> QuerySet[Plan]:
    """The plans behind a figure, the latest first; `heavy`: beyond the policy; `relief`: something is let go.

    One that was broken, completed or replaced after the period counts as it stood on the period's last day.
    """
    found = Plan.objects.filter(
        currency=filters.currency, starts_on__gte=filters.since, starts_on__lte=filters.until, case__in=cases(filters)
    )
    ended = Q(turned_on__lte=filters.until)
    if status in Plan.LIVE:
        found = found.filter(Q(status=status) | ~ended & ~Q(status__in=Plan.LIVE))
    elif status:
        found = found.filter(ended, status=status)
    if heavy:
        found = found.filter(offer__burden__gt=plan_policy().offers.most_share_percent)
    if relief:
        found = found.filter(discount__gt=0)
    return (
        found.select_related("case__creditor", "account")
        .annotate(burden=F("offer__burden"))
        .order_by("-starts_on", "-pk")
    )
