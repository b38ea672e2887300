"""What a household can spare, written down."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from fairdue.agreements.models import Budget
from fairdue.agreements.services.refusing import AgreementRefused
from fairdue.cases.models import Case
from fairdue.journal import services as journal
from fairdue.money import affordability
from fairdue.money.policy import plan_policy
from fairdue.staff.models import User


@transaction.atomic
def take_budget(
    *,
    case: Case,
    income: int,
    household: int,
    spending: Mapping[str, int],
    other_debts: int,
    willing: bool,
    by: User | None,
    now: datetime,
) -> Budget:
    """Keep a budget (minor units a month of the creditor's currency); the latest of a case counts, all are kept.

    Raises AgreementRefused: a number that cannot be, or a currency for which the policy has no least allowance. The
    same numbers given twice in a row are one budget.
    """
    policy, currency = plan_policy(), case.creditor.currency
    if not 1 <= household <= policy.household_most:
        raise AgreementRefused(
            "household",
            zh=f"家庭人数应为 1 至 {policy.household_most}。",
            en=f"A household has 1 to {policy.household_most} persons.",
        )
    allowance = policy.allowance(case.person.region, household, currency)
    if allowance is None:
        raise AgreementRefused(
            "allowance",
            zh=f"公司政策中没有 {currency} 的最低生活保留额，请主管先安排补充。",
            en=f"The firm's policy names no least allowance in {currency}; ask your lead to have one added first.",
        )
    budget = affordability.Budget(income, household, dict(spending), other_debts)
    try:
        spare = affordability.left_over(budget, allowance=allowance)
    except ValueError as error:
        raise AgreementRefused("amount", zh="收支金额不能为负。", en=f"An amount cannot be: {error}.") from error
    facts = {
        "income": income, "household": household, "spending": dict(spending), "other_debts": other_debts,
        "willing": willing, "allowance": allowance, "free": spare.free, "currency": currency,
    }  # fmt: skip
    last = Budget.objects.filter(case=case).order_by("-taken_at", "-pk").first()
    if last and last.taken_by_id == (by.pk if by else None) and all(getattr(last, k) == v for k, v in facts.items()):
        return last
    kept = Budget.objects.create(case=case, taken_by=by, taken_at=now, **facts)
    journal.write("budget.taken", by=by, subject="case", subject_id=case.pk, person_id=case.person_id, budget=kept.pk)
    return kept
