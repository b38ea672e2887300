"""The facts a verdict saw, in words: `law/facts.py` names them for rules, this file for readers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from fairdue.desk import words, writing
from fairdue.law import codes
from fairdue.law.clock import NEVER
from fairdue.law.codes import Part
from fairdue.law.facts import COLUMNS

NAMES: Final[Mapping[str, Any]] = {
    "action": _("What is about to be done"),
    "channel": _("Channel"),
    "mode": _("Who or what speaks"),
    "dir": _("Direction"),
    "purpose": _("Purpose"),
    "endpoint": _("What the contact point is tied to"),
    "answers_incoming": _("Answers their own message"),
    "call_back_asked": _("They asked for this call"),
    "required_by_law": _("Demanded by law in this medium"),
    "sent_to_all_alike": _("Goes to everybody of the same name"),
    "jurisdiction": _("Whose rules bind"),
    "place": _("Part of the country with its own rules"),
    "actor_type": _("In what capacity we act"),
    "entity": _("Kind of lender"),
    "licensed": _("Licence held"),
    "relation": _("Tie to the debt"),
    "debtor_alive": _("The debtor lives"),
    "number_owner_is_addressee": _("The contact point is the addressee's own"),
    "point_works": _("The contact point works"),
    "number_source": _("How we came by the contact point"),
    "joint_debt_evidence": _("Proof that the debt is common"),
    "guarantee": _("Kind of guarantee"),
    "guarantee_claimed_in_time": _("Guarantor claimed against in time"),
    "guarantee_callable": _("The guarantee may be called"),
    "estate_accepted": _("The heir took the estate"),
    "debt_type": _("Kind of debt"),
    "debt_status": _("Whether anything is still owed"),
    "in_default_when_obtained": _("In default when we got it"),
    "limitation_expired": _("Limitation period over"),
    "contacted_in_limitation": _("In touch within the limitation period"),
    "relies_on_limitation": _("Says that the debt is too old"),
    "closed_book": _("Product no longer sold"),
    "overdue_since": _("Overdue since"),
    "default_ended_on": _("Default ended on"),
    "default_notice_on": _("Notice of default served on"),
    "transferred": _("Transferred to a purchaser"),
    "transfer_told": _("Told of the transfer in full"),
    "adviser_since": _("A debt adviser prepares a plan since"),
    "forbearance_considered": _("Easier terms considered"),
    "opted_out": _("Asked not to be reached this way"),
    "refused_all": _("Asked for no contact at all"),
    "home_unwelcome": _("Does not want to be reached at home"),
    "known_at_home": _("Known to be at home"),
    "works_from": _("Works from"),
    "works_until": _("Works until"),
    "nights_until": _("Works at night until"),
    "lacks_capacity": _("Mental capacity lacking or in doubt"),
    "learned_inconvenient": _("Said on the call that the moment is bad"),
    "employer_prohibits": _("The employer forbids contact at work"),
    "work_email_allowed": _("A work e-mail may be used"),
    "work_email_known": _("The address is known to be the employer's"),
    "prior_opt_out": _("Refused with the collector before us"),
    "electronic_opt_in": _("Chose this electronic medium"),
    "automatic_allowed": _("Consented to automatic calls and texts"),
    "automatic_revoked": _("That consent was revoked"),
    "attorney_known": _("The attorney can be reached"),
    "attorney_consented": _("The attorney agreed to direct contact"),
    "attorney_unresponsive": _("The attorney does not answer"),
    "location_asked_before": _("Asked for the debtor's whereabouts before"),
    "location_may_ask_again": _("May be asked for the whereabouts again"),
    "text_procedure_met": _("Texting procedure followed"),
    "content": _("Found in the content"),
    "content_doubts": _("Doubtful in the content"),
    "discloses_debt": _("The message tells of the debt"),
    "identifies_self": _("The message says who is speaking"),
    "opt_out_notice": _("The message says how to stop such messages"),
    "names_employer_unasked": _("The message names our firm unasked"),
    "public_view": _("Others can see the message"),
    "overshadows_dispute": _("The message hides the right to dispute"),
    "parts": _("What the letter holds"),
    "threatens_action": _("A step is threatened"),
    "anonymous": _("The caller stays anonymous"),
    "premium_number": _("Costly number to call back"),
    "identity_verified": _("Identity checked before any detail"),
    "institution_named": _("The institution was named"),
    "posing_as_creditor": _("Speaks as if it were the lender"),
    "fee_off_sheet": _("A fee not on the cost sheet is asked"),
    "loan_on_cost_sheet_rule": _("Loan made since the cost-sheet rule"),
    "recording": _("The contact is recorded"),
    "collectors": _("Collectors who visit"),
    "visit_announced": _("Visit announced"),
    "id_shown": _("Identification shown"),
    "entered_without_consent": _("Entered a private place without consent"),
    "private_device": _("A private phone or account is used"),
    "outsourcing_notice_sent": _("The debtor was told that an agency acts"),
    "agency_listed": _("The agency is on the creditor's list"),
    "sub_delegated": _("Passed on without the creditor's consent"),
    "assignment_notified": _("The debtor was told of the new creditor"),
    "proof_complete": _("Proof of every debt complete"),
    "prior_notice_given": _("Told before a report to a credit bureau"),
    "spoken_to": _("Spoken to by phone"),
    "letter_on": _("Letter sent on"),
    "alias_traceable": _("The assumed name leads to one employee"),
    # true for a time
    "off_hours_agreed": _("Contact in off hours agreed"),
    "extra_calls_agreed": _("More calls agreed"),
    "portal_session": _("Is using the borrower's page"),
    "out_of_reach": _("Cannot be reached by the tests of the law"),
    "ceased": _("Asked us to stop"),
    "disputed": _("A dispute is open"),
    "represented": _("An attorney acts in this debt"),
    "moratorium": _("A statutory pause runs"),
    "plan_kept": _("A plan is being kept"),
    "on_hold": _("Hardship or another hold"),
    # past contacts
    "calls": _("Counted calls about this debt"),
    "conversations": _("Conversations about this debt"),
    "effective_calls": _("Calls that became a conversation"),
    "notices": _("Recorded notices heard"),
    "failed_dials": _("Calls to this number that reached nobody"),
    "unanswered": _("Calls to this number that rang unanswered"),
    "dials": _("Calls of any result"),
    "sms": _("Text messages"),
    "emails": _("E-mails"),
    "letters": _("Letters"),
    "visits": _("Visits"),
    "contacts": _("Contacts and attempts"),
    "contacts_about_debt": _("Contacts and attempts about this debt"),
    "contacts_at_work": _("Contacts at work"),
    "contacts_made": _("Contacts made about this debt"),
    "calls_unasked": _("Calls they had not asked for"),
    "phone_tries": _("Calls and texts to personal numbers"),
    "phone_messages": _("Those of them that got through"),
    "work_tries": _("Calls and texts to numbers at work"),
    "work_messages": _("Those at work that got through"),
}
VALUES: Final[Mapping[str, Any]] = {
    "yes": _("yes"), "no": _("no"), "unknown": _("not known"), "none": _("none"), "contact": _("contact"),
    "human": _("a person"), "ai_voice": _("an AI voice"), "recorded": _("a recording"), "automated": _("a machine"),
    "out": _("ours"), "in": _("theirs"), "creditor": _("creditor"), "debt_collector": _("collection agency"),
    "debt_buyer": _("debt buyer"), "servicer": _("servicer"), "credit_card": _("credit card"),
    "consumer_loan": _("consumer loan"), "open": _("open"), "mobile": _("mobile phone"),
    "home_landline": _("landline at home"), "work_landline": _("landline at work"),
    "personal_email": _("personal e-mail"), "work_email": _("work e-mail"), "home_address": _("home address"),
    "reserved": _("left with the lender"), "device_address_book": _("from an address book"),
    "general": _("general"), "joint": _("joint and several"),
    "medical": _("medical debt"), "mortgage": _("mortgage"), "student_loan": _("student loan"),
    "microfinance_loan": _("microfinance loan"), "other": _("other"),
    "paid_or_settled": _("paid or settled"), "discharged_in_bankruptcy": _("discharged in bankruptcy"),
    "answer_same_call": _("answer on the same call"), "ask_convenient_time": _("ask for a convenient time"),
    "ask_to_continue_call": _("ask to go on with the call"), "discuss_debt": _("speak of the debt"),
    "post_publicly": _("post in public"), "evaluate_history": _("look at the history"),
    "check_message": _("check a message"), "check_document": _("check a document"), "check_domain": _("check an address"),
    "check_eligibility": _("check who may be served"), "check_rule_applies": _("check whether a rule applies"),
    "compute": _("work out an amount"), "furnish": _("report to a credit bureau"),
    "keep_negative_record": _("keep a negative record"), "transfer_debt": _("transfer the debt"), "sue": _("sue"),
    "threaten_to_sue": _("threaten to sue"), "file_proof_of_claim": _("file a claim in bankruptcy"),
    "request_payment": _("ask for payment"), "charge": _("charge"), "start_enforcement": _("start enforcement"),
    "use_assumed_name": _("use an assumed name"),
    "threat": _("threat"), "insult": _("insult"), "shame": _("shaming"), "threat_of_exposure": _("threat of exposure"),
    "impersonate_authority": _("posing as an authority"), "false_blacklist": _("false blacklist"),
    "induce_new_debt": _("urging to borrow anew"), "extra_collection_fee": _("extra collection fee"),
    "private_payment_channel": _("private payment channel"), "misleading_inducement": _("misleading inducement"),
    "commercial_bank": _("commercial bank"),
    "nbfc": _("non-bank finance company"),
    "payments_bank": _("payments bank"),
    "attempting_to_collect_debt": _("purpose: to collect a debt"),
    "information_used_for_that_purpose": _("information will be used for that"),
    "from_debt_collector": _("from a debt collector"),
    "name": _("name"),
    "balance": _("balance"),
    "reason": _("reason"),
    "rights_duties": _("rights and duties"),
    "pay_channel": _("way to pay"),
    "issuer_contact": _("contact of the issuer"),
    "objection_route": _("way to object"),
    "seal": _("seal"),
    "creditor_name": _("creditor's name"),
    "creditor_address": _("creditor's address"),
    "creditor_cpf_or_cnpj": _("creditor's tax number"),
    "business_name": _("business name"),
    "collection_in_business_name": _("business name that shows collecting"),
    "person_name": _("a person's name"),
    "request_to_reply": _("request to reply"),
    "phone_number": _("telephone number"),
    "greeting": _("greeting"),
    "date_time": _("date and time"),
    "reply_times": _("times to reply"),
    "other_representatives": _("other representatives"),
    "other_content": _("other content"),
    "third_person_disclosure": _("debt told to a third person"), "others_personal_data": _("data of others"),
    "missing_part": _("required part missing"),
}  # fmt: skip
_WORDED: Final[Mapping[str, tuple[Any, Mapping[Any, Any]]]] = {
    "channel": (codes.Channel, words.CHANNELS), "purpose": (codes.Purpose, words.PURPOSES),
    "relation": (codes.Relation, words.RELATIONS), "jurisdiction": (codes.Jurisdiction, words.JURISDICTIONS),
    "place": (codes.Place, words.PLACES),
}  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """One fact: its stored name, its words, its value in words; `usual`: it says nothing out of the ordinary."""

    name: str
    word: Any
    value: Any
    usual: bool


@dataclass(frozen=True)
class Seen:
    """What a verdict saw: the moment and zones it was judged in, facts, past contacts (word, moments)."""

    at: datetime
    zones: list[str]
    facts: list[Fact]
    past: list[tuple[Any, list[datetime]]]


def seen(stored: Any) -> Seen | None:
    """The stored facts in words; None when nothing was stored, or in a form no longer known."""
    try:
        facts = [_column(name, value) for name, value in stored["columns"].items()]
        facts += [_span(name, spans) for name, spans in stored["spans"].items()]
        past = [(NAMES.get(name, name), [_moment(t) for t in times]) for name, times in stored["past"].items() if times]
        return Seen(_moment(stored["instant"]), list(stored["zones"]), facts, past)
    except (KeyError, TypeError, AttributeError, ValueError):
        return None


def _column(name: str, value: Any) -> Fact:
    spec = COLUMNS[name]
    return Fact(name, NAMES.get(name, name), value_word(name, value), _usual(spec, value))


def value_word(name: str, value: Any) -> Any:
    """A fact's value in words, as it is stored or written in a rule pack."""
    if isinstance(value, list):
        return ", ".join(str(value_word(name, part)) for part in value) or VALUES["none"]
    text = "unknown" if value is None else str(value).lower()
    text = {"true": "yes", "false": "no"}.get(text, text)
    if name in _WORDED and text.upper() in _WORDED[name][0].__members__:
        kind, table = _WORDED[name]
        return table.get(kind[text.upper()], text.replace("_", " "))
    return VALUES.get(text, str(value).replace("_", " "))


def _usual(spec: Any, value: Any) -> bool:
    """Whether the value is the column's default: nothing was known that matters."""
    if spec.kind in ("day", "minute"):
        return value is None
    if spec.kind == "number":
        return bool(value == spec.default)
    if spec.names is Part:
        return len(value) == len(Part)
    if spec.kind == "bits":
        return not value
    if spec.kind == "truth":
        known = {"true": 1, "yes": 1, "false": 0, "no": 0}
        return known.get(str(value).lower(), -1) == int(spec.default)
    member = spec.names.__members__.get(str(value).upper())
    return (-1 if member is None else int(member)) == int(spec.default)


def _span(name: str, spans: list[Any]) -> Fact:
    parts = [f"{local(start)} – {local(end) if end < NEVER else ''}" for start, end in spans]
    return Fact(name, NAMES.get(name, name), "; ".join(parts) or VALUES["no"], not spans)


def local(minutes: int) -> str:
    """A UTC minute as the page writes moments."""
    return writing.moment(_moment(minutes))


def _moment(minutes: int) -> datetime:
    return datetime.fromtimestamp(minutes * 60, UTC)
