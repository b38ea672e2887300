"""The borrower's own plan: what they wrote about their month, what fits, what is agreed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from fairdue.accounts.models import Account
from fairdue.agreements import services as agreements
from fairdue.agreements.models import Approval, Budget, Instalment, Offer, Plan
from fairdue.agreements.services import AgreementRefused
from fairdue.agreements.wording import SPENDING_WORDS
from fairdue.cases.models import Case
from fairdue.money.affordability import SPENDING
from fairdue.money.amount import AmountError, format_amount, parse_amount
from fairdue.money.plans import Proposal, Terms, Wish, propose
from fairdue.money.policy import plan_policy

FIRST_AFTER: Final = timedelta(days=14)


class UnclearError(ValueError):
    """A field that cannot be read; `zh` and `en` say how to write it."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


_PLAIN: Final[Mapping[str, tuple[str, str]]] = {
    "not_approved": (
        "这个方案要由我们的工作人员先看一下，会在这里答复您。",
        "Somebody of ours looks at this plan first and answers here.",
    ),
    "expired": ("该方案已过有效期，请重新选择。", "This plan stood only until its day; choose again."),
    "debt_changed": (
        "方案提出后欠款或日期有变，请重新选择。",
        "What is owed, or the day, changed since the plan was made; choose again.",
    ),
    "off_the_table": ("该方案已失效，请重新选择。", "That plan is off the table; choose again."),
    "code": ("确认码不正确或已失效，请重新获取。", "The code is wrong or no longer good; have a new one sent."),
    "allowance": ("这里暂时算不出方案，请联系我们。", "We cannot work out a plan here; please get in touch."),
}
"""Refusals that are written for staff, as the borrower reads them."""


def plain(refused: AgreementRefused) -> AgreementRefused | UnclearError:
    """A refusal in words for the borrower."""
    if words := _PLAIN.get(refused.code):
        return UnclearError(zh=words[0], en=words[1])
    return refused


@dataclass(frozen=True)
class Due:
    """One instalment that would be agreed: day and amount."""

    due_on: date
    cents: int


@dataclass(frozen=True)
class Shown:
    """The page. spending: (name, words, what stands in the field); best: at most three proposals that fit; offer: on the
    table; waits: somebody of ours answers first; live: the plan being kept, with what is next."""

    account: Account
    owed: int
    budget: Budget | None
    spare: int
    income: str
    household: str
    spending: list[tuple[str, Any, str]]
    other_debts: str
    best: list[Proposal]
    offer: Offer | None
    waits: bool
    live: Plan | None
    instalments: list[Instalment]
    next: Instalment | None
    first_on: date
    first_most: date

    @property
    def on_table(self) -> list[Due]:
        """The days and amounts of the offer."""
        return [Due(date.fromisoformat(due[0]), due[1]) for due in self.offer.dues] if self.offer else []

    @property
    def cure_days(self) -> int:
        """An instalment so many days late ends a plan."""
        return plan_policy().life.cure_days

    @property
    def bank_days(self) -> int:
        """It is not late before so many bank days after its day."""
        return plan_policy().life.bank_days

    @property
    def next_late(self) -> bool:
        """Whether the next instalment is late already."""
        return bool(self.next and self.live and self.live.late)

    @property
    def next_open(self) -> int:
        """What is still to be paid of the next instalment."""
        return self.next.cents - self.next.paid if self.next else 0


def shown(case: Case, account: Account, *, given: Mapping[str, Any], now: datetime) -> Shown:
    """What the page of one account shows; `given`: what was typed, kept on a mistake."""
    today = timezone.localdate(now)
    budget = budget_of(case)
    owed = agreements.owed_of(account)
    live = Plan.objects.filter(account=account, status__in=Plan.LIVE).first()
    instalments = list(live.instalments.order_by("n")) if live else []
    offer = Offer.objects.filter(account=account, status=Offer.Status.OPEN, expires_on__gte=today).first()

    def field(name: str, kept: int | None) -> str:
        if name in given:
            return str(given[name])
        return format_amount(kept, account.currency, grouped=False) if kept else ""

    kept = budget.spending if budget else {}
    return Shown(
        account=account, owed=owed.total, budget=budget, spare=agreements.spare_of(budget, account) if budget else 0,
        income=field("income", budget.income if budget else None),
        household=str(given.get("household") or (budget.household if budget else 1)),
        spending=[(name, SPENDING_WORDS[name], field(f"spend_{name}", kept.get(name))) for name in SPENDING],
        other_debts=field("other_debts", budget.other_debts if budget else None),
        best=proposals(account, budget, today) if budget and owed.total and not live else [],
        offer=offer, waits=offer is not None and _waits(offer), live=live, instalments=instalments,
        next=next((one for one in instalments if one.paid < one.cents), None),
        first_on=today + FIRST_AFTER, first_most=today + timedelta(days=plan_policy().offers.first_within_days),
    )  # fmt: skip


def budget_of(case: Case) -> Budget | None:
    """The latest of the case."""
    return Budget.objects.filter(case=case).order_by("-taken_at", "-pk").first()


def proposals(account: Account, budget: Budget, today: date) -> list[Proposal]:
    """At most three that fit and let nothing go."""
    wish = Wish(today, today + FIRST_AFTER, (), 0, 0, None, agreements.unit_of(account.currency))
    found = propose(
        agreements.owed_of(account), wish, free=agreements.spare_of(budget, account),
        limits=agreements.limits_of(account, budget), policy=plan_policy(),
    )  # fmt: skip
    return [one for one in found.best if not one.discount]


def budget_fields(data: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """What `take_budget` asks for. Raises UnclearError."""
    household = str(data.get("household", "")).strip()
    if not (household.isascii() and household.isdigit() and len(household) < 3 and int(household)):
        raise UnclearError(zh="请写家里有几口人，例如 3。", en="Write how many live in your household, such as 3.")
    return {
        "income": cents_of(data, "income", currency),
        "household": int(household),
        "spending": {name: cents for name in SPENDING if (cents := cents_of(data, f"spend_{name}", currency))},
        "other_debts": cents_of(data, "other_debts", currency),
        "willing": True,
    }


def own_terms(data: Mapping[str, Any], account: Account, today: date) -> Terms:
    """So much a month from a day on. Raises UnclearError."""
    level = cents_of(data, "amount", account.currency)
    try:
        first_on = date.fromisoformat(str(data.get("first_on", "")))
    except ValueError:
        raise UnclearError(zh="请选择第一次还款的日期。", en="Choose the day of the first payment.") from None
    if not level or first_on < today:
        raise UnclearError(
            zh="请写每月能还多少，以及今天或以后的首期日期。",
            en="Write how much you can pay a month, and a first day from today on.",
        )
    return Terms(
        made_on=today, first_on=first_on, days=(), every=0, pause=0, lumps=(), count=1, level=level, step=(100, 0),
        unit=agreements.unit_of(account.currency),
    )  # fmt: skip


def cents_of(data: Mapping[str, Any], name: str, currency: str) -> int:
    """Minor units of a field; empty is none. Raises UnclearError."""
    text = str(data.get(name, "") or "").strip()
    if not text:
        return 0
    cents = parse_amount(text, currency)
    if isinstance(cents, AmountError) or cents < 0:
        raise UnclearError(
            zh=f"“{text[:20]}”不是金额，请写数字，例如 1200 或 1200.50。",
            en=f"“{text[:20]}” is no amount; write figures, such as 1200 or 1200.50.",
        )
    return cents


def _waits(offer: Offer) -> bool:
    given = Approval.objects.filter(offer=offer, answer=Approval.Answer.GIVEN).exists()
    return bool(offer.reasons) or (bool(offer.needs) and not given)
