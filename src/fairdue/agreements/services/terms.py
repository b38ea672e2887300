"""What law and policy allow for one account: limits with their sources, what is owed, what is left over for it."""

from datetime import date
from typing import Any, Final

from django.db.models import Sum

from fairdue.accounts.columns import rows
from fairdue.accounts.models import Account
from fairdue.agreements.models import Budget, Offer, Plan
from fairdue.law.calc.figures import figure
from fairdue.money.amount import money_text, parse_amount
from fairdue.money.plans import Limits, Owed, Reason, Terms, Texts, add_months
from fairdue.money.policy import Policy, plan_policy

POLICY_SOURCE: Final[Texts] = {"zh": "公司政策", "en": "Firm policy"}
_OWED: Final = """
    select coalesce(b.principal, 0), coalesce(b.interest, 0), coalesce(b.penalty, 0), coalesce(b.fees, 0),
        coalesce(b.costs, 0), coalesce(g.bucket, 0), coalesce(g.past_due, 0)
    from accounts_account a left join accounts_balance b on b.account_id = a.id
    left join accounts_ageing g on g.account_id = a.id where a.id = %s
"""


def owed_of(account: Account) -> Owed:
    """What is owed on the account now, by component."""
    return Owed(*rows(_OWED, [account.pk])[0][:5])


def spare_of(budget: Budget, account: Account) -> int:
    """What is left over for this account: plans on the person's other accounts come first."""
    others = Plan.objects.filter(person_id=account.debtor_id, status__in=Plan.LIVE, currency=budget.currency)
    kept = others.exclude(account=account).aggregate(cents=Sum("offer__monthly"))["cents"] or 0
    return max(budget.free - kept, 0)


def limits_of(account: Account, budget: Budget, *, policy: Policy | None = None) -> Limits:
    """The bounds of a plan on this account, each with where it is written."""
    policy = policy or plan_policy()
    *parts, bucket, past_due = rows(_OWED, [account.pk])[0]
    owed = Owed(*parts)
    card = account.product == Account.Product.CREDIT_CARD and account.creditor.jurisdiction == "cn"
    like = Account.Product.CREDIT_CARD if card else Account.Product.ONLINE_LOAN
    months, source = policy.offers.most_months[like], POLICY_SOURCE
    if card and months >= (most := int(figure("procedure", "card-instalment-plan").values["most_months"])):
        months, source = most, figure("procedure", "card-instalment-plan").cites
    least = parse_amount(policy.offers.least_instalment, account.currency)
    assert isinstance(least, int), "the policy's least instalment is no amount of this currency"
    return Limits(
        months=months,
        share_percent=policy.offers.most_share_percent,
        least=least,
        relief=owed.interest + owed.penalty + owed.fees,
        discount=owed.total * policy.settlement.discount_percent(bucket) // 100,
        parts=policy.settlement.parts_most,
        days=policy.settlement.within_days,
        sources=dict.fromkeys(("share", "least", "discount", "parts"), POLICY_SOURCE) | {"months": source},
        bounds={
            "plan": _relief_says(owed, account.currency),
            "settlement": _discount_says(owed, bucket, account.currency, policy),
        },
        barred=tuple(_card_conditions(budget, spare_of(budget, account), past_due)) if card else (),
    )


def _relief_says(owed: Owed, currency: str) -> Texts:
    """How far one may let go in a plan, in words."""
    cents = owed.interest + owed.penalty + owed.fees
    if not cents:
        return {
            "zh": "分期还款只能减免利息和费用，而本账户没有利息和费用",
            "en": "a plan lets go interest and fees alone, and none are owed",
        }
    return {
        "zh": f"分期还款只能减免利息和费用，最多 {money_text(cents, currency, 'zh')}",
        "en": f"a plan lets go interest and fees alone, at most {money_text(cents, currency, 'en')}",
    }


def _discount_says(owed: Owed, bucket: int, currency: str, policy: Policy) -> Texts:
    """How far one may let go in a settlement, in words."""
    percents = policy.settlement.most_discount_percent
    first = next((n for n, percent in enumerate(percents) if percent), None)
    if first is None:
        return {"zh": "减免结清不可减免任何金额", "en": "nothing may be let go in a settlement"}
    here, percent = min(max(bucket, 0), len(percents) - 1), policy.settlement.discount_percent(bucket)
    if not percent:
        return {
            "zh": f"本账户处于 M{here}，不可减免；自 M{first} 起最多可减免欠款的 {percents[first]}%",
            "en": f"nothing may be let go at M{here}; from M{first} on up to {percents[first]} % of what is owed",
        }
    cents = owed.total * percent // 100
    zh = f"M{here} 最多可减免欠款的 {percent}%，即 {money_text(cents, currency, 'zh')}"
    en = f"up to {percent} % of what is owed may be let go at M{here}, {money_text(cents, currency, 'en')}"
    if first:
        zh, en = f"{zh}；M{first} 之前不可减免", f"{en}; nothing before M{first}"
    return {"zh": zh, "en": en}


def _card_conditions(budget: Budget, free: int, past_due: int) -> list[Reason]:
    """Personalised instalments of a card: the debt exceeds the ability to pay, and the holder is willing to."""
    cites = figure("procedure", "card-instalment-plan").cites
    found = []
    if free >= past_due > 0:
        zh = "一个月的可支配余额足以还清逾期款，不符合“超出还款能力”的条件"
        en = "what is left over in a month pays what is past due, so it does not exceed the ability to pay"
        found.append(Reason("ability", {"zh": zh, "en": en}, cites))
    if not budget.willing:
        zh, en = "本人未表示愿意还款", "the holder has not said that they want to pay"
        found.append(Reason("willing", {"zh": zh, "en": en}, cites))
    return found


def unit_of(currency: str) -> int:
    """Instalments are whole multiples of so many minor units."""
    cents = parse_amount(plan_policy().offers.unit, currency)
    return cents if isinstance(cents, int) and cents > 0 else 1


def replans(account: Account, *, on: date) -> int:
    """Plans of the account that broke or were replaced within the policy's months."""
    since = add_months(on, -plan_policy().life.replans_months)
    return Plan.objects.filter(
        account=account, status__in=[Plan.Status.BROKEN, Plan.Status.REPLACED], turned_on__gte=since
    ).count()


def terms_json(terms: Terms) -> dict[str, Any]:
    """Terms as they are kept with an offer."""
    return {
        "made_on": terms.made_on.isoformat(), "first_on": terms.first_on.isoformat(), "count": terms.count,
        "level": terms.level, "days": list(terms.days), "every": terms.every, "pause": terms.pause,
        "step": list(terms.step), "lumps": [[day.isoformat(), cents] for day, cents in terms.lumps], "unit": terms.unit,
    }  # fmt: skip


def terms_of(offer: Offer) -> Terms:
    """The terms of an offer."""
    kept = offer.terms
    return Terms(
        made_on=date.fromisoformat(kept["made_on"]), first_on=date.fromisoformat(kept["first_on"]),
        count=kept["count"], level=kept["level"], days=tuple(kept["days"]), every=kept["every"], pause=kept["pause"],
        step=(kept["step"][0], kept["step"][1]), unit=kept["unit"],
        lumps=tuple((date.fromisoformat(day), cents) for day, cents in kept["lumps"]),
    )  # fmt: skip
