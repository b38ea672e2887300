"""The plans of a case, those in force and those before, each with how many instalments were kept."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Q
from django.utils import timezone

from fairdue.agreements import services as agreements
from fairdue.agreements.models import Instalment, Plan
from fairdue.agreements.papers import discharged
from fairdue.cases.models import Case


@dataclass(frozen=True)
class Agreed:
    """A plan; `kept` of its `of` instalments are paid, of a broken one by the day it broke."""

    plan: Plan
    kept: int
    of: int

    @property
    def live(self) -> bool:
        """Whether it is in force."""
        return self.plan.status in Plan.LIVE

    @property
    def discharged(self) -> bool:
        """Whether a letter of discharge may be given."""
        return discharged(self.plan)

    @property
    def since(self) -> datetime | date:
        """When it was agreed: the moment, or the day alone where we learned of it later."""
        plan = self.plan
        return plan.learned_at if timezone.localdate(plan.learned_at) == plan.starts_on else plan.starts_on


def standing_of(plan: Plan) -> Agreed:
    """One plan, whose instalments are at hand."""
    instalments = list(plan.instalments.all())
    return Agreed(plan, sum(i.paid >= i.cents for i in instalments), len(instalments))


def agreed_in(case: Case) -> list[Agreed]:
    """Every plan of the case, the oldest first. Two queries, two more where one broke."""
    plans = list(Plan.objects.filter(case=case).select_related("account", "accepted_with").order_by("pk"))
    counted = (
        Instalment.objects.filter(plan__in=plans)
        .order_by()
        .values_list("plan")
        .annotate(kept=Count("pk", filter=Q(paid__gte=F("cents"))), of=Count("pk"))
    )
    broke = agreements.kept_when_broken([plan for plan in plans if plan.status == Plan.Status.BROKEN])
    found = {plan: (broke.get(plan, kept), of) for plan, kept, of in counted}
    return [Agreed(plan, *found.get(plan.pk, (0, 0))) for plan in plans]
