"""Limitation and its kin: until when a claim or a request for execution is safe from a defence (tables/limitation.yaml).

How to call:

    last_day("contract_debt", [date(2023, 5, 20)])                              # Period: last_day 2026-05-20
    last_day("contract_debt", due, [Act(date(2024, 3, 1), "part_payment")])     # restarted by the payment
    effect([Act(date(2025, 2, 1), "signed_repayment_plan", new_due=…)], expired_on=date(2024, 1, 15))

Both last days are told: the plain one, and the one after a rest day (Civil Code Art. 203), None while that year's
calendar is not known. Where they differ an act in time by either counts; without a calendar the plain day decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from fairdue.law.calc.calendar import after_rest, months_later
from fairdue.law.calc.figures import CalcError, figure

CLAIMS: Final = ("contract_debt", "guarantee_period", "execution_of_judgment", "execution_of_notarised_instrument")
DEMANDS: Final = ("demand", "assignment_notice")
PROMISES: Final = ("signed_repayment_plan", "promise_to_pay")
PROCEDURES: Final = ("payment_order_application",)
SUSPENSION: Final = "suspension_cause_ended"
PROCEDURE_ENDED: Final = "procedure_ended"
ACTS: Final = (*DEMANDS, *PROMISES, *PROCEDURES, PROCEDURE_ENDED, "part_payment", SUSPENSION)


@dataclass(frozen=True, slots=True)
class Act:
    """Something that may restart or lengthen a period.

    kind: one of ACTS; outcome: received, sent or returned_addressee_unknown, needed for demands and notices;
    reserved: a message to the reserved number; agreed_address: the address was agreed for service; new_due: the day a
    plan or promise sets.
    """

    on: date
    kind: str
    outcome: str | None = None
    reserved: bool = False
    agreed_address: bool = True
    new_due: date | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """start: the day from which it is counted (not counted itself), None where a suspension set the end; last_day;
    rest_day_rule: the last day when rest days move it, None = calendar unknown; long_stop: the outer end set it."""

    start: date | None
    last_day: date
    rest_day_rule: date | None
    long_stop: bool = False

    @property
    def usual_end(self) -> date:
        """The last day by the usual view: after a rest, or the plain one while the calendar is unknown."""
        return self.rest_day_rule or self.last_day

    def in_time(self, day: date) -> bool:
        """Whether a suit or request on that day meets no defence."""
        return day <= self.usual_end


def interrupts(act: Act, *, card: bool = False) -> bool:
    """Whether an act restarts a running period (Civil Code Art. 195).

    A demand counts when it arrived, or came back from the address agreed for service; what was only sent counts for a
    card issuer's message to the reserved number. An assignment counts when its notice arrived. The debtor's payment,
    plan or promise and an application to the court count as such. Raises CalcError when the outcome is not told.
    """
    if act.kind == SUSPENSION:
        return False
    if act.kind not in DEMANDS:
        return True
    if act.outcome is None:
        mend = "add received, sent or returned_addressee_unknown: a demand counts when it reached the debtor or should have"
        raise CalcError("acts[].outcome", f"missing for the {act.kind} of {act.on}", mend)
    if act.kind == "assignment_notice" or act.outcome == "received":
        return act.outcome == "received"
    if act.outcome == "sent":
        return card and act.reserved
    return act.agreed_address


def last_day(claim: str, due: Sequence[date], acts: Sequence[Act] = (), *, card: bool = False) -> Period:
    """The end of a period.

    claim: one of CLAIMS; due: unpaid due dates of the debt, the last one starts the period; acts in any order; card:
    the claim of a card issuer. Raises BeyondTable when the period ended before the rule was known, CalcError when a
    procedure still runs or a demand that matters tells no outcome.
    """
    rule = figure("limitation", "limitation." + claim.replace("_", "-"))
    start = max(due)
    end = _ending(start, months_later(start, rule.values["months"]))
    if claim != "guarantee_period":  # it never stops, restarts or grows
        end = _after_acts(end, rule.values["months"], acts, card=card)
    stop = rule.values.get("long_stop_months")
    if stop and end.last_day > (outer := months_later(start, stop)):
        end = _ending(end.start, outer, long_stop=True)
    if claim in ("contract_debt", "guarantee_period"):  # for execution earlier texts were not read, the same is used
        rule.check(end.last_day, "due")
    return end


def _ending(start: date | None, end: date, *, long_stop: bool = False) -> Period:
    return Period(start, end, after_rest(end), long_stop)


def _after_acts(period: Period, months: int, acts: Sequence[Act], *, card: bool) -> Period:
    """The period after acts in the order of their days; an act after the end comes too late."""
    cause_ends = [act.on for act in acts if act.kind == SUSPENSION]
    in_court: Act | None = None  # a procedure that has not ended keeps the claim safe
    for act in sorted(acts, key=lambda act: act.on):
        if act.kind == SUSPENSION:
            grown = months_later(act.on, figure("limitation", "limitation.suspension").values["months"])
            if grown > period.last_day:
                period = _ending(None, grown)
            continue
        stands_still = in_court is not None or any(act.on <= ended for ended in cause_ends)
        if not (period.in_time(act.on) or stands_still) or not interrupts(act, card=card):
            continue
        in_court = act if act.kind in PROCEDURES else None if act.kind == PROCEDURE_ENDED else in_court
        again = months_later(act.new_due or act.on, months)
        if again > period.last_day:
            period = _ending(act.new_due or act.on, again)
    if in_court is not None:
        why = f"the procedure begun on {in_court.on} has not ended, and the period restarts when it does"
        raise CalcError("acts", why, f"add an act {PROCEDURE_ENDED} with its day")
    return period


@dataclass(frozen=True, slots=True)
class Effect:
    """What acts did to a claim.

    interrupted: the running period was restarted; defence: after the acts the debtor may refuse because of expiry,
    None when no expiry was told; from_procedure: the new period starts at the end of the court's procedure; last_day:
    of the period as restarted, None where nothing restarted or the procedure still runs.
    """

    interrupted: bool
    defence: bool | None
    from_procedure: bool
    last_day: date | None


def effect(acts: Sequence[Act], *, expired_on: date | None = None, card: bool = False) -> Effect:
    """The effect of acts on a limitation period of a contract debt that ends on `expired_on` (None: still running).

    An act up to that day restarts the period. After expiry only a promise or a signed plan ends the defence; a demand does
    nothing, and a payment stays paid without being a promise for the rest.
    """
    months = figure("limitation", "limitation.contract-debt").values["months"]
    end, interrupted, procedure, defence = expired_on, False, False, None if expired_on is None else True
    last: date | None = None
    for act in sorted(acts, key=lambda act: act.on):
        in_time = end is None or act.on <= end
        if act.kind in PROMISES or (in_time and interrupts(act, card=card)):
            interrupted |= in_time
            defence = None if defence is None else False
            procedure = act.kind in PROCEDURES
            last = None if procedure else months_later(act.new_due or act.on, months)
            end = last if expired_on is not None else None
    return Effect(interrupted, defence, procedure, last)
