"""The form of a law case: which fields exist, and how their values are read. A mistake raises CaseError naming it.

The form is described in docs/rules.md; it is shared with others, so names here are theirs.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import IntEnum
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fairdue.law.codes import Action, ActorType, Channel, Direction, Jurisdiction, Relation, Result, Scope

Block = Mapping[str, Any]
E = TypeVar("E", bound=IntEnum)


class CaseError(ValueError):
    """A case that cannot be read: which field, what was found, what is wanted."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "case": _names("id pack group rule_ids citation why source_class confidence gate given when expect calc in note"),
    "given": _names("place facts actor debtor debts numbers events designations consents moratorium"),
    "given.actor": _names("id type entity licensed"),
    "given.debtor": _names("zones"),
    "given.debtor.zones[]": _names("source tz"),
    "given.debts[]": _names(
        "id type account_at_acquisition in_default_when_obtained status limitation_expired made_on overdue_since"
        " closed_book"
    ),
    "given.numbers[]": _names("id owner source status"),
    "given.events[]": _names(
        "id at type channel dir by to number address endpoint mode purpose in_reply_to debts result talked_about"
        " topic_started_by intended_debts learned_inconvenient categories solicited words scope channels"
        " after_notice_period content form status valid_grounds same_grounds new_information until fact"
        " validation_information printed_end subsequent"
    ),
    "given.designations[]": _names("kind made_on withdrawn_on source days from to until place only_channels reason"),
    "given.consents[]": _names("kind given_at revoked_at debts channels on_date direct recorded words"),
    "given.moratorium": _names("kind start treatment_ended debts"),
    "given.facts": _names(
        "debtor_alive debtor_reachable prior_notice_given represented_on attorney_contact_known"
        " attorney_consented_direct attorney_unresponsive employer_prohibits_contact debtor_known_at_home"
        " address_known_employer_provided address_used_by_debtor address_consented_directly"
        " address_from_qualified_prior_collector address_by_creditor_notice address_used_by_prior_collector"
        " opted_out_with_prior_collector opted_out debtor_last_text_on text_consent_on reassigned_check"
        " reassigned_check_on accepts_notices_by prior_location_contacts asked_to_be_contacted_again"
        " earlier_answer_believed_wrong validation_provided_before collector_is_mortgage_servicer"
        " electronic_statement_consent one_alias_per_employee alias_shared consumer_financial_product spoke_by_phone"
        " letter_sent_on letter_returned first_collection_activity_on last_collection_activity_on recording_made_on"
        " callee_identity_verified institution_identified recording collectors_present id_shown entered_private_place"
        " consent_to_enter device creditor_consented_private_device claimed_identity fee_claimed fee_on_cost_sheet"
        " joint_debt_evidence guarantee_type guarantee_period_end claimed_within_period debtor_assets_executed"
        " guarantee_exception_met estate outsourcing_notice_sent agency_on_public_list sub_delegated"
        " creditor_consented_sub_delegation assignment_notice_delivered instalment_plan works_nights_until"
        " visit_notice_given suspected_no_mental_capacity creditor_contact_in_limitation_period"
        " debtor_relies_on_limitation default_notice_served_on previous_breathing_space_start working_hours"
        " hardship_notice_on transferred_on transfer_communication transfer_communication_on"
        " transfer_communication_medium transfer_communication_contents forbearance_considered"
    ),
    "when": _names(
        "at tz debts to number address channel endpoint mode dir in_reply_to purpose queued_at received_at read_at"
        " document required_by_law recipients domain domain_kind record rule doc message action check what"
    ),
    "when.message": _names(
        "text opt_out_notice opt_out_text opt_out_method opt_out_asks discloses_debt identifies_self names_employer"
        " employer_expressly_requested overshadows_dispute_right visible_to callback_number threatens_action anonymous"
        " categories includes"
    ),
    "when.doc": _names(
        "form initial first_written_after_oral_initial account_number_basis amount_basis prior_collector_basis"
        " transaction_date_basis creditor_name_shown itemization substantially_similar_to_form_b1"
        " optional_facility_name addressed_to addressee sent_on opt_out_date opt_out_method"
    ),
}


_TYPES: Final[Mapping[str, str]] = {
    name: kind
    for kind, names in {
        "true or false": "licensed in_default_when_obtained limitation_expired closed_book learned_inconvenient solicited"
        " after_notice_period valid_grounds same_grounds validation_information subsequent direct recorded"
        " debtor_alive debtor_reachable prior_notice_given attorney_contact_known attorney_consented_direct"
        " attorney_unresponsive employer_prohibits_contact debtor_known_at_home address_known_employer_provided"
        " address_used_by_debtor address_consented_directly address_from_qualified_prior_collector"
        " address_by_creditor_notice address_used_by_prior_collector opted_out_with_prior_collector opted_out"
        " asked_to_be_contacted_again earlier_answer_believed_wrong validation_provided_before"
        " collector_is_mortgage_servicer electronic_statement_consent one_alias_per_employee alias_shared"
        " consumer_financial_product spoke_by_phone letter_returned callee_identity_verified institution_identified"
        " recording id_shown entered_private_place consent_to_enter creditor_consented_private_device fee_claimed"
        " fee_on_cost_sheet claimed_within_period debtor_assets_executed guarantee_exception_met"
        " outsourcing_notice_sent agency_on_public_list sub_delegated creditor_consented_sub_delegation"
        " assignment_notice_delivered visit_notice_given suspected_no_mental_capacity"
        " creditor_contact_in_limitation_period debtor_relies_on_limitation forbearance_considered required_by_law"
        " opt_out_notice discloses_debt identifies_self names_employer employer_expressly_requested"
        " overshadows_dispute_right threatens_action anonymous initial first_written_after_oral_initial"
        " substantially_similar_to_form_b1",
        "a whole number": "prior_location_contacts collectors_present",
        "a date": "made_on overdue_since printed_end withdrawn_on on_date start treatment_ended debtor_last_text_on"
        " text_consent_on reassigned_check_on first_collection_activity_on last_collection_activity_on recording_made_on"
        " guarantee_period_end default_notice_served_on previous_breathing_space_start hardship_notice_on transferred_on"
        " transfer_communication_on sent_on opt_out_date",
        "a date and time": "at given_at revoked_at queued_at received_at read_at",
        "a list": "debts numbers events designations consents zones talked_about intended_debts channels days only_channels"
        " represented_on accepts_notices_by working_hours transfer_communication_contents includes categories"
        " opt_out_asks",
        "a block": "actor debtor moratorium facts message doc topic_started_by",
    }.items()
    for name in names.split()
}
"""What kind of value a field has, by its name; null = not known."""


def _codes(names: type[IntEnum]) -> str:
    return "one of " + ", ".join(name.lower() for name in names.__members__)


REQUIRED: Final[Mapping[str, Mapping[str, str]]] = {
    "case": {
        "pack": _codes(Jurisdiction),
        "given": "a block of what is known",
        "when": "a block of what is about to be done",
    },
    "when": {
        "action": _codes(Action),
        "at": "a local date and time such as 2026-03-02T21:59",
        "tz": "an IANA zone such as Asia/Shanghai",
    },
    "given.actor": {"type": _codes(ActorType)},
    "given.debts[]": {"id": "a name of the debt, such as D1"},
    "given.numbers[]": {"id": "a name of the number, such as N1"},
    "given.debtor.zones[]": {"tz": "an IANA zone such as America/New_York"},
    "given.events[]": {
        "id": "a name of the event, such as E1",
        "at": "a local date and time such as 2026-03-02T21:59",
        "type": "contact, opt_out, dispute or another type of the form",
    },
    "given.designations[]": {"kind": "one of times, place, medium", "made_on": "a date such as 2026-03-02"},
    "given.consents[]": {
        "kind": "one of additional_calls, off_hours",
        "given_at": "a local date and time such as 2026-03-02T21:59",
    },
    "given.moratorium": {
        "kind": "one of breathing_space, mental_health_crisis",
        "start": "a date such as 2026-03-02",
    },
}
"""Fields without which a case cannot be judged, by where they stand, and what is to be written."""
_OF_TYPE: Final[Mapping[tuple[str, str, str], Mapping[str, str]]] = {
    ("given.events[]", "type", "contact"): {
        "channel": _codes(Channel),
        "dir": _codes(Direction),
        "by": "an actor's id or a relation",
        "to": "an actor's id or a relation",
        "result": _codes(Result),
    },
    ("given.events[]", "type", "opt_out"): {"scope": _codes(Scope)},
    ("when", "action", "contact"): {"channel": _codes(Channel)},
}


def missing(case: Block) -> str:
    """What a case lacks, told by field and what to write; "" when every required field is there."""
    return "; ".join(f"{field} is missing; write {wanted}" for field, wanted in _missing("case", case))


def _missing(path: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, list):
        return [found for part in value for found in _missing(f"{path}[]", part)]
    if not isinstance(value, dict):
        return []
    needed = dict(REQUIRED.get(path, {}))
    for (where, name, of), more in _OF_TYPE.items():
        if where == path and value.get(name) == of:
            needed |= more
    found = [(name if path == "case" else f"{path}.{name}", needed[name]) for name in needed if name not in value]
    for name, part in value.items():
        if name in FIELDS.get(path, ()):
            found += _missing(name if path == "case" else f"{path}.{name}", part)
    return found


def check_fields(case: Block) -> None:
    """Raise CaseError naming every field that the form does not know, or the first whose value is of another kind."""
    unknown = _unknown("case", case)
    if unknown:
        raise CaseError(f"unknown field {', '.join(unknown)}; see the form of a case in docs/rules.md")
    for part in ("given", "when"):
        _check_kinds(part, case.get(part, {}))


def _check_kinds(path: str, value: Any) -> None:
    if isinstance(value, list):
        for part in value:
            if f"{path}[]" in FIELDS and not isinstance(part, dict):
                raise CaseError(f"{path} holds {part!r}; write blocks of fields")
            _check_kinds(path, part)
    elif isinstance(value, dict):
        for name, part in value.items():
            wanted = _TYPES.get(name)
            if wanted is not None and part is not None and not _is_a(wanted, part):
                raise CaseError(f"{path}.{name} is {part!r}; write {wanted}")
            _check_kinds(f"{path}.{name}", part)


def _is_a(wanted: str, value: Any) -> bool:
    if wanted == "true or false":
        return isinstance(value, bool)
    if wanted == "a whole number":
        return isinstance(value, int) and not isinstance(value, bool)
    if wanted == "a list":
        return isinstance(value, list)
    if wanted == "a block":
        return isinstance(value, dict)
    try:
        return bool(date.fromisoformat(value) if wanted == "a date" else datetime.fromisoformat(value))
    except (TypeError, ValueError):
        return False


def _unknown(path: str, value: Any) -> list[str]:
    if isinstance(value, list):
        return [name for part in value for name in _unknown(f"{path}[]", part)]
    allowed = FIELDS.get(path)
    if allowed is None or not isinstance(value, dict):
        return []
    found = []
    for name, part in value.items():
        inner = name if path == "case" else f"{path}.{name}"
        if name not in allowed:
            found.append(inner)
        elif inner not in ("expect", "in"):
            found += _unknown(inner, part)
    return found


def member(names: type[E], value: Any, field: str) -> E:
    """The member of a code table with this written name."""
    try:
        return names[str(value).upper().replace("-", "_")]
    except KeyError:
        known = ", ".join(name.lower() for name in names.__members__)
        raise CaseError(f"{field} is {value!r}; write one of {known}") from None


def relation(person: str, field: str) -> Relation:
    """The relation of a person written as `sibling` or `other_third_party:T1`."""
    return member(Relation, person.split(":")[0], field)


def moment(value: Any, field: str) -> datetime:
    """A local date and time without offset."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise CaseError(f"{field} is {value!r}; write a local date and time such as 2026-03-02T21:59") from None
    if found.tzinfo is not None:
        raise CaseError(f"{field} is {value!r}; leave out the offset, when.tz names the zone")
    return found


def day(value: Any, field: str) -> date:
    """A date."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise CaseError(f"{field} is {value!r}; write a date such as 2026-03-02") from None


def minute_of_day(value: Any, field: str) -> int:
    """Minutes since midnight of `HH:MM`."""
    try:
        hour, minute = str(value).split(":")
        return int(hour) * 60 + int(minute)
    except ValueError:
        raise CaseError(f"{field} is {value!r}; write a time such as 09:30") from None


def zone(value: Any, field: str) -> str:
    """An IANA zone that exists."""
    try:
        return ZoneInfo(str(value)).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CaseError(f"{field} is {value!r}; write an IANA zone such as America/New_York") from None
