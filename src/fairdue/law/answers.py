"""What a case asks beside "may this be done?": is a message or document in order, what follows from the record.

`answer(reading)` gives the result of such a case, or None where the gate decides.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from fairdue.law import checks
from fairdue.law.case_facts import Reading
from fairdue.law.case_form import CaseError, day, moment
from fairdue.law.checks import Checks
from fairdue.law.clock import day_number
from fairdue.law.codes import Action, Channel

Result = dict[str, Any]
_NOT_SPOKEN: Final = (
    "unanswered",
    "busy",
    "not_in_service",
    "dropped",
    "voicemail_reached",
    "voicemail_limited_content",
)
_FIRST: Final = ("initial_communication", "contact", "proof_of_claim_filed")


def no_rule_yet() -> Result:
    """Nobody has written a rule for this situation."""
    return {"decision": "hold", "rule_ids": [], "reason": "no_rule_yet", "values": {}}


def answer(reading: Reading) -> Result | None:
    """The result of a check or a computation; None where the act is for the gate to judge."""
    work = _WORK.get(reading.action)
    return None if work is None else work(reading)


# ---- checks of messages, documents, domains, eligibility


def _check_message(reading: Reading) -> Result | None:
    check = reading.when.get("check")
    return None if check == "content" else _checked(reading, {"message": str(check)})


def _check_document(reading: Reading) -> Result:
    return _checked(reading, {"document": str(reading.when.get("document"))})


def _check_domain(reading: Reading) -> Result:
    known = "domain_kind" in reading.when
    return _checked(reading, {"domain": "any"}) if known else no_rule_yet()


def _check_eligibility(reading: Reading) -> Result:
    if reading.pack != "gb" or reading.when.get("what") != "breathing_space":
        return no_rule_yet()
    if reading.given.get("place") == "gb-sct":  # SI 2020/1311 is made for England and Wales
        return {"decision": "invalid", "rule_ids": ["UK-BS-EXTENT"], "reason": "not_covered", "values": {}}
    return _checked(reading, {"compute": "breathing_space"})


def _checked(reading: Reading, of: dict[str, str]) -> Result:
    packs = checks.of_jurisdiction(reading.pack)
    if not any(checks.about(packs, of)):
        return no_rule_yet()
    outside = _outside(reading, packs)
    if outside:
        return {"decision": "allow", "rule_ids": [], "reason": outside, "values": {}}
    found = checks.look(packs, of, _known(reading), at=reading.at.date())
    names = list(dict.fromkeys(found.names))
    return {
        "decision": "valid" if found.valid else "invalid", "rule_ids": names, "reason": "none", "values": found.values,
    }  # fmt: skip


def _outside(reading: Reading, packs: tuple[Checks, ...]) -> str:
    """`not_covered` or `not_in_force` where the checks of the country do not bind; empty where they do."""
    today = day_number(reading.at.date())
    debts = reading.all_debts.values()
    performing = bool(debts) and not any(debt.get("in_default_when_obtained", True) for debt in debts)
    for pack in packs:
        if pack.covers and (reading.actor_type.name.lower() not in pack.covers or performing):
            return "not_covered"
        if pack.since is not None and today < pack.since:
            return "not_in_force"
    return ""


def _known(reading: Reading) -> dict[str, Any]:
    """The flat mapping that a check reads: facts, message, document, and what the record says."""
    first = [e for e in reading.known_events if e["type"] == "initial_communication"]
    paid = any(e["type"] == "paid_in_full" for e in reading.known_events)
    known: dict[str, Any] = {
        "debtor_alive": True,
        "validation_provided_before": True,
        "includes": [],
        **reading.facts_given,
        "transferred": reading.is_transferred(),
        "information_requested": any(e["type"] == "information_request" for e in reading.known_events),
        "consumer_financial_product_denied": reading.facts_given.get("consumer_financial_product") is False,
        "validation_information_given": paid or any(e.get("validation_information") for e in first),
        **{name: reading.when[name] for name in ("channel", "record", "domain_kind") if name in reading.when},
        **reading.when.get("doc", {}),
        **reading.when.get("message", {}),
    }
    if first:
        known["initial_communication"] = min(moment(e["at"], "at").date() for e in first)
    return known


def check_applies(reading: Reading, name: str) -> Result:
    """Whether a check called by this public name binds this actor and these debts at this time."""
    packs = checks.of_jurisdiction(reading.pack)
    named = [check for pack in packs for check in pack.checks if name in check.names]
    if not named:
        return no_rule_yet()
    today = reading.at.date()
    reason = _outside(reading, packs) or (
        "none" if any(check.is_in_force(today) for check in named) else "not_in_force"
    )
    return {"decision": "allow", "rule_ids": [name] if reason == "none" else [], "reason": reason, "values": {}}


# ---- computations


def _compute(reading: Reading) -> Result | None:
    what = str(reading.when.get("what"))
    if what == "counted_calls":
        return None
    work = _COMPUTED.get(what)
    packs = checks.of_jurisdiction(reading.pack)
    if work is None:
        if not any(checks.about(packs, {"compute": what})):
            return no_rule_yet()
        values = checks.look(packs, {"compute": what}, _known(reading), at=reading.at.date()).values
        return _computed({"items": [], **values} if what == "duties" else values)
    if not packs or (reading.pack, what) not in _HERE:
        return no_rule_yet()
    if what == "latest_honor_date" and not checks.is_in_force(packs, "revocation", reading.at.date()):
        return {"decision": "compute", "rule_ids": [], "reason": "not_in_force", "values": {}}
    return _computed(work(reading))


def _computed(values: dict[str, Any]) -> Result:
    told = {name: value for name, value in values.items() if value is not None}
    return {"decision": "compute", "rule_ids": [], "reason": "none", "values": told}


def _duplicative(reading: Reading) -> dict[str, Any]:
    disputes = [e for e in reading.known_events if e["type"] in ("dispute", "original_creditor_request")]
    if not disputes:
        raise CaseError("given.events holds no dispute to be compared")
    return {"duplicative": reading.duplicates(max(disputes, key=lambda e: str(e["at"])))}


def _is_initial(reading: Reading) -> dict[str, Any]:
    """Whether the latest event is the first communication; proofs of claim and pleadings never are: 1006.34(b)(2)."""
    if reading.when.get("doc", {}).get("form") == "formal_pleading":
        return {"is_initial_communication": False}
    events = sorted((e for e in reading.known_events if e["type"] in _FIRST), key=lambda e: str(e["at"]))
    spoken = [e for e in events if e["type"] != "proof_of_claim_filed" and e.get("result") not in _NOT_SPOKEN]
    return {"is_initial_communication": not events or (bool(spoken) and events[-1] is spoken[0])}


def _notice_required(reading: Reading) -> dict[str, Any]:
    """A notice is due after an initial communication that did not hold it, unless the debt was paid before."""
    known = _known(reading)
    events = {str(e["type"]) for e in reading.known_events}
    dead = reading.facts_given.get("debtor_alive") is False
    begun = "initial_communication" in events or dead or "validation_provided_before" in reading.facts_given
    given = known["validation_information_given"] or "validation_notice_sent" in events
    told_before = bool(reading.facts_given.get("validation_provided_before", False))
    return {"validation_notice_required": begun and not given and not told_before}


def _honour(reading: Reading) -> dict[str, Any]:
    last = reading.last_day_to_honour()
    return {"latest_honor_date": None if last is None else last.isoformat()}


def _last_day(reading: Reading) -> dict[str, Any]:
    if not reading.given.get("moratorium"):
        raise CaseError("given.moratorium is missing")
    last: date | None = reading.last_day_of_pause()
    return {"last_day": None if last is None else last.isoformat()}


def _retain(reading: Reading) -> dict[str, Any]:
    """Whether a record has to be kept on the day of the case."""
    packs = checks.of_jurisdiction(reading.pack)
    known, at = _known(reading), reading.at.date()
    until = checks.look(packs, {"compute": "retain_until"}, known, at=at).values.get("retain_until")
    must = bool(checks.look(packs, {"compute": "must_retain"}, known, at=at).values.get("must_retain", False))
    return {"must_retain": must and (until is None or at <= day(until, "retain_until"))}


_COMPUTED: Final[dict[str, Callable[[Reading], dict[str, Any]]]] = {
    "validation_period_end": lambda reading: dict(reading.validation_period()),
    "dispute_is_duplicative": _duplicative,
    "is_initial_communication": _is_initial,
    "validation_notice_required": _notice_required,
    "latest_honor_date": _honour,
    "moratorium_last_day": _last_day,
    "must_retain": _retain,
}
_HERE: Final = {("gb", "moratorium_last_day"), *(("us", what) for what in _COMPUTED if what != "moratorium_last_day")}
"""Computations of the record by country; the numbers they use stand in the country's checks.yaml."""


_WORK: Final[dict[Action, Callable[[Reading], Result | None]]] = {
    Action.CHECK_MESSAGE: _check_message,
    Action.CHECK_DOCUMENT: _check_document,
    Action.CHECK_DOMAIN: _check_domain,
    Action.CHECK_ELIGIBILITY: _check_eligibility,
    Action.COMPUTE: _compute,
}


def usual_channel(reading: Reading) -> int:
    """The channel of a text that is judged by its words alone: its own, or a letter."""
    return reading.channel if reading.channel >= 0 else int(Channel.LETTER)
