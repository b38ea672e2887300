"""Questions about time, procedure, numbers and data: the fields of a case to the functions of the topic, and back."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from fairdue.law.calc import calendar, classification, deadlines, identifiers, limitation, procedure, retention
from fairdue.law.calc.amounts import money
from fairdue.law.calc.figures import CalcError, figure
from fairdue.law.calc.form import Fields

Values = dict[str, Any]
_PRODUCTS: Final = ("credit_card", "other")
_OUTCOMES: Final = ("received", "sent", "returned_addressee_unknown")
_ACT: Final = frozenset(
    ("on", "kind", "channel", "sent_to", "outcome", "amount", "cause", "asked_back", "new_due", "by")
)
UNKNOWN: Final = "calendar_unknown"


def _acts(fields: Fields, kinds: tuple[str, ...]) -> Iterator[tuple[limitation.Act, Fields]]:
    """The acts of a limitation case with the fields that only the case needs."""
    for row in fields.rows("acts", _ACT):
        row.choice("channel", ("sms", "letter", "email", "call", "visit"), None)
        row.choice("cause", ("force_majeure", "other"), None)
        if row.money("amount", None) == 0:
            raise CalcError(row.where + "amount", "nothing was paid or asked for", "write what it was, or leave out")
        sent_to = row.choice("sent_to", ("reserved_number", "other_address"), None)
        act = limitation.Act(
            row.day("on"), row.choice("kind", kinds), row.choice("outcome", _OUTCOMES, None),
            reserved=sent_to == "reserved_number", agreed_address=sent_to != "other_address",
            new_due=row.day("new_due", None),
        )  # fmt: skip
        if act.new_due and act.new_due < act.on:
            raise CalcError(row.where + "new_due", f"before the act of {act.on}", "write the new due day")
        yield act, row


def period_end(fields: Fields) -> Values:
    """Until when a claim, a guarantee or a request for execution is safe from a defence."""
    claim, due = fields.choice("claim", limitation.CLAIMS), fields.days("due")
    card = fields.choice("product", _PRODUCTS, "other") == "credit_card"
    one = fields.choice("schedule", ("bullet", "instalments"), "bullet") == "bullet"
    if len(set(due)) > 1 and (one or claim == "execution_of_notarised_instrument"):
        mend = "write the one asked for" if not one else "write one day, or schedule: instalments"
        raise CalcError("due", f"{len(due)} days where one is meant", mend)
    acts = [act for act, _ in _acts(fields, limitation.ACTS)]
    suits = fields.days("suit_dates", least=0)
    period = limitation.last_day(claim, due, acts, card=card)
    values: Values = {
        "last_day": period.last_day.isoformat(),
        "last_day_rest_day_rule": _or_unknown(period.rest_day_rule),
        "weekday": calendar.weekday(period.last_day),
    }
    if period.start:
        values["start_day"] = period.start.isoformat()
    if period.long_stop:
        values["long_stop"] = True
    if suits:
        names = {True: "in_time", False: "defence_available"}
        values["suits"] = {day.isoformat(): names[period.in_time(day)] for day in suits}
    return values


def _or_unknown(day: date | None) -> str:
    return UNKNOWN if day is None else day.isoformat()


_EFFECTS: Final = tuple(kind for kind in limitation.ACTS if kind not in ("assignment_notice", limitation.SUSPENSION))


def limitation_effect(fields: Fields) -> Values:
    """What acts, payments and clauses do to limitation."""
    card = fields.choice("product", _PRODUCTS, "other") == "credit_card"
    expired, whole = fields.day("expired_on", None), fields.money("claim_amount", None)
    joint = fields.texts("joint_debtors")
    clause = fields.choice("clause", ("limitation_excluded_in_advance",), None)
    read = list(_acts(fields, _EFFECTS))
    if not read and clause is None and expired is None:
        raise CalcError("acts", "nothing to judge", "add acts, a clause or expired_on")
    for _, row in read:
        row.choice("by", joint, None)
    values: Values = {} if clause is None else {"clause_valid": False}
    if any(act.kind == "part_payment" or row.flag("asked_back", False) for act, row in read):
        values["refund_due"] = False  # owed before expiry, and after it what was paid stays paid
    effect = limitation.effect([act for act, _ in read], expired_on=expired, card=card)
    if effect.defence is not None:
        values["defence"] = effect.defence
    if read:
        values["interrupted"] = effect.interrupted
    if effect.interrupted:
        values |= {"restart": "procedure_end"} if effect.from_procedure else {}
        values |= {"interrupted_for": money(whole)} if whole is not None else {}
    if joint:
        values["interrupted_debtors"] = list(joint) if effect.interrupted else []
    if effect.last_day:
        values["last_day"] = effect.last_day.isoformat()
    return values


def deadline(fields: Fields) -> Values:
    """The last day of a period counted in days."""
    kind, start = fields.choice("kind", deadlines.KINDS), fields.day("start_day")
    complexity = fields.choice("complexity", deadlines.complexities(kind) or deadlines.COMPLEXITIES, None)
    if complexity and not deadlines.complexities(kind):
        raise CalcError("complexity", f"does not belong to {kind}", "leave it out, it is for complaints")
    found = deadlines.deadline(kind, start, complexity=complexity or "simple")
    if found.last_day is None:
        why = f"the period ends on {found.plain_date} or, after a rest day, later: that year's calendar is not known"
        raise CalcError("start_day", why, "ask again when the year's holiday notice is in tables/calendar.yaml")
    plain = {"plain_date": found.plain_date.isoformat(), "days": found.days}
    return {"last_day": found.last_day.isoformat(), **plain}


def small_claims(fields: Fields) -> Values:
    """Whether the small-claims procedure is open."""
    wage, claim = fields.money("average_wage"), fields.money("claim")
    if wage == 0:
        raise CalcError("average_wage", "a wage of nothing", "write the province's average wage of last year")
    missing = fields.flag("debtor_missing", False)
    return {"result": procedure.small_claims(claim, average_wage=wage, debtor_missing=missing)}


def payment_order_objection(fields: Fields) -> Values:
    """Whether an answer to a payment order is an objection."""
    written = fields.choice("form", ("written", "oral")) == "written"
    content = fields.choice("content", procedure.OBJECTIONS)
    return {"valid_objection": procedure.is_objection(written=written, content=content)}


def instalment_plan_term(fields: Fields) -> Values:
    """Whether a card plan may run so long; for other products no limit is known."""
    fields.choice("product", ("credit_card",))
    return {"allowed": procedure.plan_allowed(fields.whole("months", least=1, most=10_000))}


def effective_collection_pair(fields: Fields) -> Values:
    """Whether two collections are two effective ones in the sense of malicious overdraft."""
    first, second, proven = fields.day("first"), fields.day("second"), fields.flag("receipt_proven", None)
    days = (second - first).days
    if days < 0:
        raise CalcError("second", f"before the first, {first}", "write the later collection as second")
    apart = procedure.days_between_enough(days)
    if apart and proven is None:
        raise CalcError("receipt_proven", "missing", "write true or false: it turns on it")
    return {"effective": apart and bool(proven), "days_between": days}


def identifier(fields: Fields) -> Values:
    """Whether a number has the right form and check digit."""
    return {"result": identifiers.check(fields.choice("kind", identifiers.KINDS), fields.text("value"))}


def working_day(fields: Fields) -> Values:
    """Whether a day is worked."""
    day = fields.day("date")
    names = {True: "working_day", False: "off", None: UNKNOWN}
    return {"result": names[calendar.is_working(day)], "weekday": calendar.weekday(day)}


def ageing_bucket(fields: Fields) -> Values:
    """The bucket of the industry's convention."""
    return {"bucket": classification.ageing_bucket(fields.whole("days_past_due", most=100_000))}


def risk_class_floor(fields: Fields) -> Values:
    """The best risk class still open."""
    return {"at_least": classification.risk_class_floor(fields.whole("days_past_due", most=100_000))}


def keep_until(fields: Fields) -> Values:
    """The last day of the least period of keeping."""
    until = retention.keep_until(fields.choice("record", retention.RECORDS), fields.day("made_on"))
    return {"keep_at_least_until": until.isoformat()}


def data_request(fields: Fields) -> Values:
    """What a former borrower's request for data obliges to."""
    request = fields.choice("request", ("copy_own_data", "delete"))
    fields.choice("loan", ("closed",), "closed")
    ended = fields.day("relationship_ended_on", None)
    if request == "copy_own_data":
        return {"must_provide": True, "refusal_needs_reasons": True, "fixed_days": "none"}
    if ended is None:
        raise CalcError("relationship_ended_on", "missing", "write the day the relationship ended")
    after = retention.deletion_after(ended).isoformat()
    return {
        "must_delete": False, "block_use_except_storage": True, "earliest_delete_after": after,
        "refusal_needs_reasons": True,
    }  # fmt: skip


def data_crime_threshold(fields: Fields) -> Values:
    """Whether so many items of personal data reach the start of the crime."""
    kind, items = fields.choice("data_type", retention.DATA_TYPES), fields.whole("items")
    return {"reached": items >= retention.crime_start(kind, in_service=fields.flag("obtained_in_service", False))}


def agency_contract_end(fields: Fields) -> Values:
    """What an agency does with data when its contract ends."""
    figure("retention", "agency-contract-end").check(fields.day("ended_on"), "ended_on")
    return {"agency_may_keep_data": False, "must_return_or_delete": True}
