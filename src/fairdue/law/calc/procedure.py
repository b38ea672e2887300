"""Which procedure is open, and whether an objection, a plan or two collections have effect (tables/procedure.yaml).

small_claims(6_000_000, average_wage=12_000_000)             # "mandatory"
is_objection(written=True, content="admits_debt_cannot_pay_now")  # False
plan_allowed(60)                                             # True: a card plan runs five years at most
days_between_enough(30)                                      # True
"""

from decimal import Decimal
from fractions import Fraction

from fairdue.law.calc.amounts import share
from fairdue.law.calc.figures import figure

OBJECTIONS = (*figure("procedure", "payment-order-objection").values["no_objection"], "disputes_debt")
"""What a debtor may write; only the last one is an objection."""


def small_claims(claim: int, *, average_wage: int, debtor_missing: bool = False) -> str:
    """mandatory, by_agreement or not_available. claim, average_wage (province, last year, employed persons): cents."""
    values = figure("procedure", "small-claims").values
    if debtor_missing or claim > _part(average_wage, values["agreed_share"]):
        return "not_available"
    return "mandatory" if claim <= _part(average_wage, values["mandatory_share"]) else "by_agreement"


def _part(amount: int, text: str) -> Fraction:
    return share(amount, Decimal(text))


def is_objection(*, written: bool, content: str) -> bool:
    """Whether an answer to a payment order is an objection that ends it: written, and against the debt itself."""
    return written and content not in figure("procedure", "payment-order-objection").values["no_objection"]


def plan_allowed(months: int) -> bool:
    """Whether a personalised instalment plan of a credit card may run so many months."""
    return months <= int(figure("procedure", "card-instalment-plan").values["most_months"])


def days_between_enough(days: int) -> bool:
    """Whether two collections lie far enough apart to be effective ones."""
    return days >= int(figure("procedure", "effective-collection").values["least_days"])
