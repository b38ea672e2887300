"""The plan desk and the approvals: what is being kept, what is due this week, what waits for a word."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from fairdue.agreements import services as agreements
from fairdue.agreements.models import Approval, Instalment, Offer, Plan
from fairdue.cases.queries import visible_to
from fairdue.desk.pages.offered import Offered
from fairdue.staff.models import User

WEEK: Final = timedelta(days=7)
STATES: Final = ("week", "at_risk", "active", "broken", "completed", "replaced")
"""What the desk can be asked for; `week`: an instalment falls due within seven days."""


def plans_of(user: User, *, state: str, now: datetime) -> QuerySet[Plan]:
    """The plans a user may see in a state, what hurries first, each with its next open instalment."""
    today = timezone.localdate(now)
    open_ones = Instalment.objects.filter(plan=OuterRef("pk"), paid__lt=F("cents")).order_by("due_on", "n")
    found = (
        Plan.objects.filter(case__in=visible_to(user))
        .select_related("case__person", "case__owner", "account")
        .annotate(
            next_on=Subquery(open_ones.values("due_on")[:1]),
            next_cents=Subquery(open_ones.annotate(open=F("cents") - F("paid")).values("open")[:1]),
        )
    )
    if state == "week":
        return found.filter(status__in=Plan.LIVE, next_on__lte=today + WEEK).order_by("next_on", "pk")
    order = ("late_since", "next_on") if state in Plan.LIVE else ("-turned_on",)
    return found.filter(status=state).order_by(*order, "pk")


def counts(user: User, *, now: datetime) -> dict[str, int]:
    """How many plans are in each of STATES. Two queries."""
    seen = Plan.objects.filter(case__in=visible_to(user))
    by_state = dict(seen.order_by().values_list("status").annotate(n=Count("pk")))
    week = plans_of(user, state="week", now=now).order_by().count()
    return {state: week if state == "week" else by_state.get(state, 0) for state in STATES}


def proposed(user: User, *, today: date) -> QuerySet[Offer]:
    """What borrowers proposed on their own page and somebody of ours must answer, the oldest first."""
    found = Offer.objects.filter(
        Q(reasons__gt=[]) | Q(needs__len__gt=0), made_by=None, status=Offer.Status.OPEN, expires_on__gte=today,
        case__in=visible_to(user),
    )  # fmt: skip
    return found.select_related("case__person", "case__owner", "account").order_by("made_at", "pk")


@dataclass(frozen=True)
class Waiting:
    """An approval with whether this user may give it."""

    approval: Approval
    mine: bool

    @property
    def offered(self) -> Offered:
        """The offer, as it is shown."""
        return Offered(self.approval.offer)


def approvals_of(user: User) -> list[Waiting]:
    """What waits for a word in cases the user may see, the oldest first."""
    found = (
        Approval.objects.filter(answer=Approval.Answer.WAITING, offer__case__in=visible_to(user))
        .select_related("offer__case__person", "offer__account", "offer__budget", "offer__made_by", "asked_by")
        .order_by("asked_at", "pk")
    )
    return [
        Waiting(a, user.pk not in {a.asked_by_id, a.offer.made_by_id} and agreements.reaches(a.offer, user))
        for a in found
    ]


def decided_lately(user: User, *, today: date) -> QuerySet[Approval]:
    """Decisions of the last week."""
    lately = Q(decided_at__date__gte=today - WEEK)
    found = Approval.objects.filter(lately, offer__case__in=visible_to(user)).exclude(answer=Approval.Answer.WAITING)
    return found.select_related("offer__case__person", "asked_by", "decided_by").order_by("-decided_at")[:20]
