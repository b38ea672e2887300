"""A borrower who cannot pay at once: a loan, a budget, a collector and a lead with authority."""

from dataclasses import dataclass
from datetime import date, timedelta

import stories
from fairdue.accounts.models import Account
from fairdue.accounts.services import age
from fairdue.agreements import services as agreements
from fairdue.agreements.models import Budget, Offer
from fairdue.cases.models import Case
from fairdue.contact.models import Attempt
from fairdue.flows import payment, plans
from fairdue.law import codes
from fairdue.money.plans import Terms
from fairdue.staff.models import Authority, User

DAY = date(2026, 3, 3)
NOW = stories.utc("2026-03-03T10:00+08:00")
FIRST = date(2026, 3, 25)


@dataclass
class Scene:
    """12,000.00 owed on one account, 4,000.00 of it past due since `late` days; 4,200.00 a month left over of 8,000.00."""

    collector: User
    lead: User
    case: Case
    loan: Account
    budget: Budget


def authority(user: User, **limits: int) -> None:
    for kind, cents in limits.items():
        Authority.objects.create(user=user, kind=kind, currency="CNY", limit_cents=cents)


def set_up(*, product: str = "online_loan", late: int = 40, income: int = 800_000) -> Scene:
    team = stories.team()
    collector, lead = stories.user(team=team), stories.user("lead", team=team)
    authority(collector, plan=2_000_000)
    authority(lead, plan=5_000_000, settle=500_000, waive=200_000)
    debtor, lender = stories.person(region="CN-51"), stories.creditor()
    stories.phone(debtor)
    loan = stories.account(
        debtor, lender, principal=1_100_000, interest=100_000, product=product,
        dues={DAY - timedelta(days=late): 400_000, DAY + timedelta(days=20): 400_000, DAY + timedelta(days=50): 400_000},
    )  # fmt: skip
    age(as_of=DAY, accounts=[loan.pk])
    case = stories.case(debtor, lender, owner=collector)
    budget = agreements.take_budget(
        case=case, income=income, household=2, spending={"housing": 200_000, "food": 150_000}, other_debts=30_000,
        willing=True, by=collector, now=NOW,
    )  # fmt: skip
    return Scene(collector, lead, case, loan, budget)


def offer(scene: Scene, *, count: int = 6, kind: str = "equal", discount: int = 0, now=NOW, **other) -> Offer:
    facts = {"made_on": DAY, "first_on": FIRST, "count": count, "unit": 100} | other.pop("terms", {})
    given = {"by": scene.collector, "budget": scene.budget} | other
    return agreements.offer(
        case=scene.case, account=scene.loan, terms=Terms(**facts), kind=kind, discount=discount, now=now, **given
    )


def call(scene: Scene, now=NOW, by: User | None = None) -> Attempt:
    """A conversation with the debtor that is still in hand."""
    return Attempt.objects.create(
        happened_at=now, creditor=scene.case.creditor, person=scene.case.person, addressee=scene.case.person,
        channel=codes.Channel.CALL, result=codes.Result.CONVERSATION, by=by or scene.collector,
    )  # fmt: skip


def agreed(scene: Scene, **facts):
    """An accepted plan: 2,000.00 on the 25th of six months."""
    return plans.agree(offer=offer(scene, **facts), by=scene.collector, now=NOW, attempt=call(scene))


def pay(scene: Scene, cents: int, on: date, reference: str):
    now = stories.utc(f"{on.isoformat()}T12:00+08:00")
    return payment.receive(
        creditor=scene.loan.creditor, account=scene.loan, reference=reference, cents=cents, currency="CNY",
        happened_on=on, now=now,
    )  # fmt: skip
