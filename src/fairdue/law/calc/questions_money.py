"""Questions about money: the fields of a case to the functions of fees, allocation and interest, and back."""

from collections.abc import Callable
from typing import Any, Final

from fairdue.law.calc import allocation, fees, interest
from fairdue.law.calc.amounts import money, rate_text
from fairdue.law.calc.figures import CalcError
from fairdue.law.calc.form import Fields

Values = dict[str, Any]

_ON_CLAIM: Final[dict[str, Callable[[int], int]]] = {
    "acceptance_ordinary": fees.acceptance,
    "acceptance_summary": fees.summary,
    "acceptance_summary_and_mediated": fees.summary,
    "payment_order": fees.payment_order,
    "payment_order_top_up_to_summary_suit": fees.top_up_to_summary,
    "execution": fees.execution,
}
_FEES: Final = (*_ON_CLAIM, "appeal", "preservation", "judicial_confirmation")


def court_fee(fields: Fields) -> Values:
    """The fee of one step; an appeal that names no amount is against the whole claim."""
    kind = fields.choice("kind", _FEES)
    claim, appealed = fields.money("claim", None), fields.money("appealed", None)
    if appealed is not None:
        if kind != "appeal":
            raise CalcError("appealed", f"does not belong to {kind}", "leave it out, or write kind: appeal")
        if claim is not None and appealed > claim:
            raise CalcError("appealed", "more than the claim", "write the part of the claim that is appealed")
    if kind == "judicial_confirmation":
        return {"fee": money(fees.judicial_confirmation())}
    if kind == "preservation":
        return {"fee": money(fees.preservation(claim))}
    if kind == "appeal":
        return {"fee": money(fees.appeal(fields.money("claim") if appealed is None else appealed))}
    if kind == "execution" and claim is None:
        least, most = fees.execution_without_amount()
        mend = f"write the amount; without one the court sets {money(least)} to {money(most)}"
        raise CalcError("claim", "missing", mend)
    return {"fee": money(_ON_CLAIM[kind](fields.money("claim")))}


def allocate_within(fields: Fields) -> Values:
    """A payment over the parts of one debt."""
    owed, paid = fields.amounts("buckets", allocation.BUCKETS), fields.money("payment")
    agreed = fields.texts("agreed_order", allocation.AGREEABLE)
    card = fields.choice("product", ("credit_card", "other"), "other") == "credit_card"
    executed = fields.choice("stage", ("normal", "execution"), "normal") == "execution"
    late = fields.whole("days_past_due", None, most=100_000)
    if "interest_and_fees" in owed and "interest" in owed:
        mend = "write either interest_and_fees, or interest with the fees among costs"
        raise CalcError("buckets", "interest is given twice", mend)
    if card and not executed and late is None:
        raise CalcError("days_past_due", "missing", "a card's order turns on it: write days past due, e.g. 45")
    days = late if card else None
    split = allocation.within(owed, paid, card_days_past_due=days, in_execution=executed, agreed=agreed)
    values = {"paid": _texts(split.paid), "left": _texts(split.left), "surplus": money(split.surplus)}
    return {**values, "open": list(split.open)} if split.open else values


_DEBT: Final = frozenset(("id", "due", "amount", "security", "rate"))


def allocate_across(fields: Fields) -> Values:
    """A payment over several debts to one creditor."""
    debts = []
    for row in fields.rows("debts", _DEBT, least=1):
        security = row.choice("security", ("none", "mortgage_full"), "none")
        rate = row.rate("rate", None, example="0.10")
        secured = security == "mortgage_full"
        debts.append(allocation.Debt(row.text("id"), row.day("due"), row.money("amount"), secured, rate))
    names = [debt.id for debt in debts]
    if len(set(names)) < len(names):
        raise CalcError("debts", "two debts have the same id", "give each its own")
    designated, as_of, paid = fields.choice("designated", names, None), fields.day("as_of"), fields.money("payment")
    split = allocation.across(debts, paid, as_of=as_of, designated=designated)
    return {"paid": _texts(split.paid), "left": _texts(split.left), "surplus": money(split.surplus)}


def overdraft_principal(fields: Fields) -> Values:
    """Principal that counts in a malicious overdraft after a payment."""
    owed, paid = fields.amounts("buckets", ("principal", "interest_and_fees")), fields.money("payment")
    if "principal" not in owed:
        raise CalcError("buckets.principal", "missing", "write the principal, e.g. “52000.00”")
    left = allocation.overdraft_principal(owed["principal"], paid)
    return {"principal_left": money(left), "reaches_50000": left >= allocation.overdraft_start("large")}


_LENDERS: Final = (interest.PRIVATE, *interest.BOUND_ELSEWHERE)


def interest_cap(fields: Fields) -> Values:
    """The cap of private lending, and what of the agreed rates stands."""
    lender, made = fields.choice("lender", _LENDERS), fields.day("contract_date")
    lpr = fields.rate("lpr_1y", None)
    agreed, overdue = fields.rate("agreed_rate", None), fields.rate("overdue_rate", None)
    penalty = fields.rate("penalty_rate", None)
    if not interest.private_lending_cap_applies(lender):
        return {"private_lending_cap_applies": False}
    cap = interest.private_cap(made, lpr)
    asked = interest.private_claim(agreed=agreed, overdue=overdue, penalty=penalty)
    stands = {"cap": rate_text(cap), "enforceable_rate": rate_text(min(cap, asked))}
    return {**stands, "private_lending_cap_applies": True}


def charge_reduction(fields: Fields) -> Values:
    """To what a court cuts the yearly charges of a licensed lender."""
    fields.choice("lender", interest.BOUND_ELSEWHERE)
    fields.choice("product", ("credit_card", "other"), "other")
    charges, objects = fields.rate("annual_total_charges"), fields.flag("debtor_objects")
    return {"reduce_to_at_most": rate_text(interest.after_reduction(charges, debtor_objects=objects))}


def real_principal(fields: Fields) -> Values:
    """Principal without what was taken off in advance; the same for every lender."""
    fields.choice("lender", _LENDERS, interest.PRIVATE)
    on_paper, deducted = fields.money("principal_on_paper"), fields.money("deducted_in_advance", 0)
    return {"principal": money(interest.real_principal(on_paper, deducted))}


def delay_interest(fields: Fields) -> Values:
    """Extra delay interest in execution."""
    unpaid, days = fields.money("unpaid_judgment_money"), fields.whole("days", most=100_000)
    return {"extra": money(interest.delay_interest(unpaid, days))}


def new_loan_permitted(fields: Fields) -> Values:
    """Whether a new loan may cost so much a year."""
    lender = fields.choice("lender", ("micro_loan_company", "bank_via_platform"))
    made, cost = fields.day("contract_date"), fields.rate("annual_total_cost")
    return {"permitted": interest.new_loan_permitted(lender, made, cost)}


def _texts(amounts: Any) -> dict[str, str]:
    return {name: money(cents) for name, cents in amounts.items()}
