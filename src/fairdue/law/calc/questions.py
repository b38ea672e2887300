"""Calculations asked as JSON lines, by anyone: one question a line, one answer a line (docs/calculations.md).

How to call:

    for answer in answer_lines(open("cases.jsonl")): ...     # {"id", "values"} or {"id", "error"}
    answer("court_fee", {"kind": "acceptance_ordinary", "claim": "100000.00"})      # {"fee": "2300.00"}

A line that cannot be answered gives an error that names the field and how to mend it; the others go on.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from fairdue.law.calc import questions_law as law
from fairdue.law.calc import questions_money as money
from fairdue.law.calc.figures import CalcError
from fairdue.law.calc.form import Fields, shown

_CASE: Final = frozenset(
    (
        "id", "pack", "group", "rule_ids", "citation", "why", "source_class", "confidence", "gate", "calc", "in",
        "expect", "note", "given", "when",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """A calculation: the fields it knows, and the function that answers."""

    fields: frozenset[str]
    answer: Callable[[Fields], dict[str, Any]]


def _question(fields: str, function: Callable[[Fields], dict[str, Any]]) -> Question:
    return Question(frozenset(fields.split()), function)


QUESTIONS: Final[dict[str, Question]] = {
    "court_fee": _question("kind claim appealed", money.court_fee),
    "allocate_within": _question("buckets payment agreed_order product days_past_due stage", money.allocate_within),
    "allocate_across": _question("debts as_of designated payment", money.allocate_across),
    "overdraft_principal": _question("buckets payment", money.overdraft_principal),
    "interest_cap": _question("lender contract_date lpr_1y agreed_rate overdue_rate penalty_rate", money.interest_cap),
    "charge_reduction": _question("lender product annual_total_charges debtor_objects", money.charge_reduction),
    "real_principal": _question("lender principal_on_paper deducted_in_advance", money.real_principal),
    "delay_interest": _question("unpaid_judgment_money days", money.delay_interest),
    "new_loan_permitted": _question("lender contract_date annual_total_cost", money.new_loan_permitted),
    "period_end": _question("claim product schedule due acts suit_dates", law.period_end),
    "limitation_effect": _question("product expired_on claim_amount joint_debtors clause acts", law.limitation_effect),
    "deadline": _question("kind start_day complexity", law.deadline),
    "small_claims": _question("average_wage claim debtor_missing", law.small_claims),
    "payment_order_objection": _question("form content", law.payment_order_objection),
    "instalment_plan_term": _question("product months", law.instalment_plan_term),
    "effective_collection_pair": _question("first second receipt_proven", law.effective_collection_pair),
    "identifier": _question("kind value", law.identifier),
    "working_day": _question("date", law.working_day),
    "ageing_bucket": _question("days_past_due", law.ageing_bucket),
    "risk_class_floor": _question("days_past_due", law.risk_class_floor),
    "keep_until": _question("record made_on", law.keep_until),
    "data_request": _question("request loan relationship_ended_on", law.data_request),
    "data_crime_threshold": _question("data_type items obtained_in_service", law.data_crime_threshold),
    "agency_contract_end": _question("ended_on", law.agency_contract_end),
}


def answer(calc: str, given: Any) -> dict[str, Any]:
    """The values of one calculation. Raises CalcError; its fields lie inside `in`."""
    question = QUESTIONS[calc]
    return question.answer(Fields(given, "", known=question.fields))


def answer_lines(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One answer per line of questions; empty lines are passed over."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _answer_line(line, number)


def _answer_line(line: str, number: int) -> dict[str, Any]:
    try:
        case = json.loads(line)
    except (ValueError, RecursionError) as error:
        return {"id": None, "error": f"line {number}: not JSON: {error}; write one object a line"}
    if not isinstance(case, dict) or not isinstance(case.get("id"), str):
        return {"id": None, "error": f"line {number}: no id; a case is an object with an id, a text"}
    try:
        return {"id": case["id"], "values": answer_case(case)}
    except CalcError as error:
        return {"id": case["id"], "error": f"line {number}: {error}"}


def answer_case(case: dict[str, Any]) -> dict[str, Any]:
    """The values of a whole case. Raises CalcError naming the field from the case on."""
    for name in case:
        if name not in _CASE:
            raise CalcError(name[:40], "unknown field", f"known here: {', '.join(sorted(_CASE))}")
    if case.get("pack", "cn") != "cn":
        raise CalcError("pack", f"{shown(case['pack'])} has no calculations", "only cn has; leave the line out")
    if "calc" not in case and "when" in case:
        raise CalcError("calc", "missing; this is a situation", "ask `fairdue gate judge`")
    calc = case.get("calc")
    if not isinstance(calc, str) or calc not in QUESTIONS:
        why = "missing" if calc is None else f"{shown(calc)} is not known"
        raise CalcError("calc", why, f"write one of: {', '.join(QUESTIONS)}")
    if "in" not in case:
        raise CalcError("in", "missing", f"write an object with: {', '.join(sorted(QUESTIONS[calc].fields))}")
    try:
        return answer(calc, case["in"])
    except CalcError as error:
        field = f"in.{error.field}" if error.field else "in"
        raise CalcError(field, error.why, error.mend) from None
