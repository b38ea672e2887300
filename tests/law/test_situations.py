"""Situations of our own, country by country: boundaries, other persons, channels, documents, dates.

Each line is (what is about to be done, what is known, what comes out), beside the usual call of a creditor, in the US of
a collector, to the debtor at ten in the morning.
"""

import json

import pytest

from fairdue.law.cases import judge_cases

ZONES = {
    "us": "America/New_York", "cn": "Asia/Shanghai", "gb": "Europe/London", "au": "Australia/Sydney",
    "in": "Asia/Kolkata", "eu": "Europe/Paris", "sg": "Asia/Singapore", "br": "America/Sao_Paulo",
}  # fmt: skip
LENDER, AGENCY, BUYER = (
    {"id": i, "type": t} for i, t in (("B1", "creditor"), ("C1", "debt_collector"), ("P1", "debt_buyer"))
)


def judge(pack, when, given, debt="other"):
    known = {"actor": AGENCY if pack == "us" else LENDER, "debts": [{"id": "D1", "type": debt}], **given}
    usual = {"at": "2026-06-04T10:00", "tz": ZONES[pack], "action": "contact", "channel": "call", "to": "debtor"}
    case = {"id": "S", "pack": pack, "given": known, "when": usual | when}
    return next(judge_cases([json.dumps(case)]))


def ours(at, result="conversation", n=[0], **more):  # noqa: B006 -- numbers the events of the file
    n[0] += 1
    return {
        "id": f"E{n[0]}", "at": at, "type": "contact", "channel": "call", "dir": "out", "by": "B1", "to": "debtor",
        "debts": ["D1"], "result": result, **more,
    }  # fmt: skip


def theirs(kind, at, **more):
    return {"id": f"{kind}-{at}", "at": at, "type": kind, "by": "debtor", **more}


def says(words):
    return ours("2026-06-12T10:00", "delivered", dir="in", by="debtor", to="B1", channel="sms", words=words)


MON_TUE_WED = [ours(f"2026-06-0{day}T10:00") for day in (1, 2, 3)]
TRIED = [ours(f"2026-06-0{day}T10:00", "unanswered") for day in (1, 2, 3)]
TEN_IN_JUNE = [ours(f"2026-06-{day:02}T10:00") for day in (1, 2, 4, 8, 9, 11, 15, 16, 18, 22)]
MORNINGS = {"designations": [{"kind": "times", "made_on": "2026-05-01", "from": "08:00", "to": "14:00"}]}

AUSTRALIA = [
    ({"at": "2026-06-05T20:59"}, {}, "allow"),
    ({"at": "2026-06-05T21:05"}, {}, "deny"),
    ({"at": "2026-06-06T09:00"}, {}, "allow"),
    ({"at": "2026-06-05T08:00", "channel": "visit", "endpoint": "home_address"}, {}, "deny"),
    ({"at": "2026-06-05T17:30", "endpoint": "work_landline"}, {}, "deny"),
    ({"at": "2026-06-05T17:30", "endpoint": "work_landline"}, {"facts": {"working_hours": None}}, "deny"),
    (
        {"at": "2026-06-05T18:30", "endpoint": "work_landline"},
        {"facts": {"working_hours": ["14:00", "22:00"]}},
        "allow",
    ),
    ({"at": "2026-04-25T10:00", "channel": "visit"}, {}, "deny"),
    ({"at": "2026-12-25T10:00", "channel": "email"}, {}, "allow"),
    ({}, MORNINGS, "deny"),
    ({}, {"events": MON_TUE_WED}, "deny"),
    ({"channel": "visit"}, {"events": MON_TUE_WED}, "allow"),
    ({"at": "2026-06-08T10:00"}, {"events": MON_TUE_WED}, "allow"),
    ({"at": "2026-06-30T10:00"}, {"events": TEN_IN_JUNE}, "deny"),
    ({"at": "2026-07-01T10:00"}, {"events": TEN_IN_JUNE}, "allow"),
    ({"at": "2026-06-04T10:02"}, {"events": [ours("2026-06-04T10:00", "unanswered")]}, "hold"),
]

SPACE = {"place": "gb-ew", "moratorium": {"kind": "breathing_space", "start": "2026-05-05", "debts": ["D1"]}}
CRISIS = {
    "place": "gb-ew",
    "moratorium": {"kind": "mental_health_crisis", "start": "2026-05-05", "treatment_ended": "2026-06-01"},
}
APPLICATION = {"action": "check_eligibility", "what": "breathing_space"}
BRITAIN = [
    ({"at": "2026-06-05T09:00"}, MORNINGS, "deny"),
    ({"at": "2026-06-05T09:00"}, {"facts": {"works_nights_until": "06:00"}}, "hold"),
    ({"at": "2026-06-05T18:00"}, {"facts": {"works_nights_until": "06:00"}}, "allow"),
    ({"channel": "letter", "message": {"categories": ["misleading_inducement"]}}, {}, "deny"),
    ({"channel": "letter", "recipients": "all_sharing_name_and_birth_date_or_address"}, {}, "deny"),
    ({"action": "check_message", "check": "callback_number", "message": {"callback_number": "standard"}}, {}, "valid"),
    ({"action": "check_message", "check": "content", "message": {"categories": ["shame"]}}, {}, "invalid"),
    ({"action": "check_message", "check": "content", "message": {"categories": []}}, {}, "valid"),
    ({"channel": "social", "message": {"visible_to": "public_or_contacts"}}, {}, "deny"),
    ({"at": "2026-07-03T10:00"}, SPACE, "deny"),
    ({"at": "2026-07-04T10:00"}, SPACE, "allow"),
    ({"action": "start_enforcement"}, SPACE, "deny"),
    ({"action": "charge", "at": "2026-07-04T10:00"}, SPACE, "allow"),
    (
        {"channel": "email", "in_reply_to": "query-2026-06-03T10:00"},
        SPACE | {"events": [theirs("query", "2026-06-03T10:00")]},
        "allow",
    ),
    ({"at": "2026-07-01T10:00"}, CRISIS, "deny"),
    ({"at": "2026-07-02T10:00"}, CRISIS, "allow"),
    (APPLICATION, {"place": "gb-ew", "facts": {"previous_breathing_space_start": "2026-01-10"}}, "invalid"),
    (APPLICATION, {"place": "gb-ew", "facts": {"previous_breathing_space_start": "2025-06-04"}}, "valid"),
    (APPLICATION, {"place": "gb-sct"}, "invalid"),
    ({}, {"events": [theirs("dispute", "2026-06-01T10:00", status="received", valid_grounds=False)]}, "allow"),
]

INDIA = [
    ({"at": "2026-06-01T08:00"}, {}, "allow"),
    ({"at": "2026-06-01T19:00"}, {}, "allow"),
    ({"at": "2026-06-01T19:01"}, {}, "deny"),
    ({"at": "2022-08-12T20:00"}, {}, "deny"),
    ({"at": "2026-06-01T20:00"}, {"actor": LENDER | {"entity": "nbfc"}}, "deny"),
    ({"at": "2026-06-01T20:00"}, {"actor": LENDER | {"entity": "payments_bank"}}, "allow"),
    ({"to": "friend"}, {}, "deny"),
    ({"to": "friend", "purpose": "relay"}, {}, "hold"),
    ({"message": {"anonymous": True}}, {}, "deny"),
    ({"action": "post_publicly"}, {}, "deny"),
]

ELEMENTS = [
    "transfer_and_date",
    "purchaser_identity_and_contact",
    "servicer_identity_and_contact",
    "authorisation_evidence",
    "contact_reference_point_prominent",
    "amounts_due",
    "applicable_law_statement",
    "competent_authority_for_complaints",
]
SOLD = {
    "transferred_on": "2026-05-01", "transfer_communication": "sent", "transfer_communication_on": "2026-05-10",
    "transfer_communication_medium": "durable", "transfer_communication_contents": ELEMENTS,
}  # fmt: skip
NOTICE = {"action": "check_document", "document": "transfer_communication"}
EUROPE = [
    ({}, {"actor": BUYER, "facts": SOLD}, "allow"),
    ({}, {"actor": BUYER, "facts": {"transferred_on": "2026-05-01", "transfer_communication": "none"}}, "deny"),
    ({}, {"actor": BUYER, "facts": {"transferred_on": "2026-05-01"}}, "hold"),
    ({}, {"actor": BUYER, "facts": SOLD | {"transfer_communication_on": "2026-07-10"}}, "deny"),
    ({}, {"actor": BUYER, "facts": SOLD | {"transfer_communication_medium": "other"}}, "deny"),
    (NOTICE, {"facts": SOLD}, "valid"),
    (NOTICE, {"facts": SOLD | {"transfer_communication_contents": ELEMENTS[1:]}}, "invalid"),
    ({"at": "2023-12-29T10:00", "message": {"categories": ["threat"]}}, {}, "allow"),
    ({"to": "neighbour", "message": {"discloses_debt": True}}, {}, "deny"),
]

VOICEMAIL = {"action": "check_message", "check": "limited_content", "channel": "voicemail"}
NEEDED = ["business_name", "person_name", "request_to_reply", "phone_number"]
FIRST_WORDS = ["attempting_to_collect_debt", "information_used_for_that_purpose"]
DISCLOSURE = {"action": "check_message", "check": "collector_disclosure"}
VALIDATION = {"action": "check_document", "document": "validation_notice"}
BY_MAIL = {"action": "check_document", "document": "creditor_email_notice"}
SENT = {"id": "V", "at": "2026-06-01T12:00", "type": "validation_notice_sent", "printed_end": "2026-07-08"}
NO_LETTERS = theirs("opt_out", "2026-06-01T10:00", scope="channel", channels=["letter"])
STATEMENT = {"channel": "letter", "document": "periodic_statement_1026_41"}
SERVICER = {"collector_is_mortgage_servicer": True}


def dispute(at, **more):
    return {"events": [SENT, theirs("dispute", at, form="written", status="received", debts=["D1"], **more)]}


UNITED_STATES = [
    (VOICEMAIL | {"message": {"includes": NEEDED}}, {}, "valid"),
    (VOICEMAIL | {"message": {"includes": NEEDED[1:]}}, {}, "invalid"),
    (VOICEMAIL | {"message": {"includes": [*NEEDED, "other_content"]}}, {}, "invalid"),
    (DISCLOSURE | {"doc": {"initial": True}, "message": {"includes": FIRST_WORDS}}, {}, "valid"),
    (DISCLOSURE | {"doc": {"initial": True}, "message": {"includes": FIRST_WORDS[:1]}}, {}, "invalid"),
    (DISCLOSURE | {"doc": {"first_written_after_oral_initial": True}, "message": {"includes": []}}, {}, "invalid"),
    (VALIDATION | {"doc": {"account_number_basis": "judgment_date", "amount_basis": "charge_off_date"}}, {}, "invalid"),
    (VALIDATION | {"doc": {"addressee": "named_person"}}, {"facts": {"debtor_alive": False}}, "valid"),
    (BY_MAIL | {"doc": {"opt_out_method": "postal_mail_only"}}, {}, "invalid"),
    (BY_MAIL | {"doc": {"sent_on": "2026-10-01", "opt_out_date": "2026-11-04"}}, {}, "invalid"),
    ({"action": "check_domain", "domain_kind": "commercial_entity_branded"}, {}, "invalid"),
    ({"action": "use_assumed_name"}, {"facts": {"one_alias_per_employee": True, "alias_shared": True}}, "deny"),
    ({"action": "use_assumed_name"}, {}, "hold"),
    ({"at": "2026-07-15T10:00"}, dispute("2026-07-10T12:00"), "allow"),
    ({"at": "2026-07-09T10:00"}, dispute("2026-07-08T12:00"), "deny"),
    ({"at": "2026-06-30T10:00", "channel": "letter", "message": {"overshadows_dispute_right": True}},
     {"events": [SENT]}, "deny"),
    ({"at": "2026-07-10T10:00", "channel": "letter", "message": {"overshadows_dispute_right": True}},
     {"events": [SENT]}, "allow"),
    (STATEMENT, {"events": [NO_LETTERS], "facts": SERVICER}, "allow"),
    (STATEMENT, {"events": [NO_LETTERS], "facts": SERVICER | {"electronic_statement_consent": True}}, "deny"),
    ({"channel": "email"}, {"facts": {"opted_out_with_prior_collector": True}}, "hold"),
    ({"at": "2026-06-04T22:00"}, {"actor": LENDER}, "allow"),
    ({"at": "2026-06-04T22:00"}, {"actor": BUYER}, "deny"),
    ({}, {"actor": LENDER, "debts": [{"id": "D1", "type": "other", "status": "discharged_in_bankruptcy"}]}, "deny"),
    ({"mode": "ai_voice", "endpoint": "mobile"}, {"actor": LENDER}, "deny"),
    ({"mode": "ai_voice", "endpoint": "home_landline"}, {"actor": LENDER}, "allow"),
    ({"channel": "sms", "at": "2026-06-29T10:00"}, {"actor": LENDER, "events": [says("please unsubscribe")]}, "allow"),
    ({"channel": "sms", "at": "2026-06-30T10:00"}, {"actor": LENDER, "events": [says("please unsubscribe")]}, "deny"),
    ({"channel": "sms", "at": "2026-06-30T10:00"}, {"actor": LENDER, "events": [says("I will pay")]}, "allow"),
    ({"action": "file_proof_of_claim"}, {}, "allow"),
]  # fmt: skip

ASKED_BACK = theirs("callback_request", "2026-06-03T12:00")
AT_WORK = [ours(f"2026-06-0{day}T10:00", endpoint="work_landline") for day in (1, 2)]
OVERLAYS = [
    ({"at": "2026-06-05T10:00"}, {"place": "us-dc", "events": TRIED}, "deny"),
    ({"at": "2026-06-08T10:00"}, {"place": "us-dc", "events": TRIED}, "allow"),
    ({"at": "2026-06-05T10:00"}, {"place": "us-dc", "events": [*TRIED, ASKED_BACK]}, "allow"),
    ({"at": "2026-06-05T10:00", "channel": "sms"}, {"place": "us-dc", "events": TRIED}, "allow"),
    ({"at": "2026-06-05T10:00", "channel": "sms"}, {"place": "us-ma", "events": MON_TUE_WED[1:]}, "deny"),
    ({"at": "2026-06-05T10:00", "channel": "email"}, {"place": "us-ma", "events": MON_TUE_WED}, "allow"),
    ({"at": "2026-06-05T10:00"}, {"place": "us-ma", "events": TRIED[1:]}, "hold"),
    ({"at": "2026-06-25T10:00", "endpoint": "work_landline"}, {"place": "us-ma", "events": AT_WORK}, "deny"),
    ({"at": "2026-07-01T10:00", "endpoint": "work_landline"}, {"place": "us-ma", "events": AT_WORK}, "allow"),
    ({"at": "2026-06-05T10:00", "endpoint": "work_landline"}, {"place": "us-ma", "events": MON_TUE_WED}, "allow"),
    ({"at": "2026-09-01T10:00", "channel": "email"}, {"place": "us-nyc"}, "deny"),
    (
        {"at": "2026-09-01T10:00", "channel": "sms"},
        {"place": "us-nyc", "facts": {"text_consent_on": "2026-08-01"}},
        "allow",
    ),
]

FAILED_SIX_TIMES = [ours(f"2026-03-10T{hour:02}:00", "unanswered", number="N1") for hour in range(9, 15)]
GONE = {"facts": {"debtor_reachable": False}}
PASS_ON = {"to": "emergency_contact", "purpose": "relay"}
CHINA = [
    ({"at": "2026-03-10T21:59:59"}, {}, "allow"),
    ({"at": "2026-03-10T22:00:00", "channel": "email"}, {}, "deny"),
    ({"at": "2026-03-11T08:00:00"}, {}, "allow"),
    ({"at": "2026-03-10T16:00", "number": "N1"}, {"events": FAILED_SIX_TIMES}, "warn"),
    ({"at": "2026-03-10T16:00", "number": "N2"}, {"events": FAILED_SIX_TIMES}, "allow"),
    (PASS_ON, GONE, "allow"),
    (PASS_ON, {"facts": {"debtor_alive": False}}, "allow"),
    (PASS_ON | {"purpose": "collect"}, GONE, "deny"),
    (PASS_ON | {"channel": "sms"}, GONE | {"events": [
        {"id": "O", "at": "2026-02-20T12:00", "type": "opt_out", "by": "emergency_contact", "scope": "channel",
         "channels": ["call"]}]}, "deny"),
    ({"action": "discuss_debt", "to": "neighbour"}, {}, "deny"),
    ({"action": "check_message", "check": "content", "message": {"categories": ["false_blacklist"]}}, {}, "invalid"),
    ({"action": "keep_negative_record"}, {"events": [theirs("paid_in_full", "2021-06-03T10:00", debts=["D1"])]}, "deny"),
    ({"action": "keep_negative_record"}, {"events": [theirs("paid_in_full", "2021-06-04T10:00", debts=["D1"])]}, "allow"),
    ({"action": "charge", "at": "2026-08-02T10:00"},
     {"debts": [{"id": "D1", "type": "consumer_loan", "made_on": "2026-08-01"}],
      "facts": {"fee_claimed": True, "fee_on_cost_sheet": False}}, "hold"),
]  # fmt: skip

REST = [
    ("sg", {}, {"actor": AGENCY | {"licensed": False}}, "deny"),
    ("sg", {"to": "neighbour", "message": {"discloses_debt": True}}, {}, "deny"),
    ("br", {"channel": "letter", "message": {"includes": ["creditor_name"]}}, {}, "deny"),
    ("br", {"channel": "letter"}, {}, "allow"),
    ("br", {"action": "keep_negative_record"}, {"debts": [{"id": "D1", "type": "other", "overdue_since": "2021-06-04"}]}, "allow"),
]  # fmt: skip

TABLES = {
    "au": AUSTRALIA, "gb": BRITAIN, "in": INDIA, "eu": EUROPE, "us": [*UNITED_STATES, *OVERLAYS], "cn": CHINA,
}  # fmt: skip
LINES = [(pack, *line) for pack, lines in TABLES.items() for line in lines] + REST


@pytest.mark.parametrize(("pack", "when", "given", "decision"), LINES)
def test_what_comes_out(pack, when, given, decision):
    given = {"actor": LENDER, **given} if given.get("place", "").startswith("us-") else given
    assert judge(pack, when, given)["decision"] == decision


@pytest.mark.parametrize(
    ("pack", "rule", "at", "given", "reason"),
    [
        ("gb", "UK-BS-EXTENT", "2026-06-04T10:00", {"place": "gb-ew"}, "none"),
        ("gb", "UK-BS-EXTENT", "2021-05-03T10:00", {"place": "gb-ew"}, "not_in_force"),
        ("gb", "UK-DUTY-EFFECTIVE", "2023-07-30T10:00", {}, "not_in_force"),
        ("gb", "UK-DUTY-EFFECTIVE", "2023-07-31T10:00", {}, "none"),
        ("gb", "UK-BS-ONCE", "2021-05-03T10:00", {}, "not_in_force"),
        ("us", "US-REGF-100-RETENTION", "2026-06-04T10:00", {}, "none"),
        ("us", "US-TCPA-REVOKE", "2025-04-10T10:00", {}, "not_in_force"),
        ("us", "US-TCPA-REVOKE", "2025-04-11T10:00", {}, "none"),
        ("us", "US-NYC-FREQ", "2026-08-31T10:00", {"place": "us-nyc"}, "not_in_force"),
        ("us", "US-REGF-14B-FREQ", "2026-08-31T10:00", {"actor": LENDER}, "not_covered"),
        ("in", "IN-RBI-RECOVERY", "2026-06-04T10:00", {"actor": LENDER | {"entity": "payments_bank"}}, "not_covered"),
        ("eu", "EU-2021-2167-10", "2023-12-29T10:00", {}, "not_in_force"),
    ],
)
def test_whether_a_rule_applies(pack, rule, at, given, reason):
    found = judge(pack, {"action": "check_rule_applies", "rule": rule, "at": at}, given)
    assert (found["decision"], found["reason"]) == ("allow", reason)


def first(at, **more):
    return {"id": f"I-{at}", "at": at, "type": "initial_communication", **more}


AGAIN = [
    {"id": "V1", "at": "2026-06-01T12:00", "type": "validation_notice_sent"},
    {"id": "R", "at": "2026-06-10T10:00", "type": "returned_undeliverable"},
    {"id": "V2", "at": "2026-06-15T12:00", "type": "validation_notice_sent", "subsequent": True},
]


@pytest.mark.parametrize(
    ("pack", "what", "given", "values"),
    [
        ("us", "validation_period_end", {"events": AGAIN},
         {"based_on": "2026-06-15", "assumed_receipt": "2026-06-23", "validation_period_end": "2026-07-23"}),
        ("us", "validation_period_end", {"events": [SENT]}, {"validation_period_end": "2026-07-08"}),
        ("us", "validation_notice_required", {"events": [first("2026-06-01T10:00", validation_information=False)]},
         {"validation_notice_required": True}),
        ("us", "validation_notice_required", {"events": [first("2026-06-01T10:00", validation_information=True)]},
         {"validation_notice_required": False}),
        ("us", "validation_notice_required", {"facts": {"debtor_alive": False, "validation_provided_before": False}},
         {"validation_notice_required": True}),
        ("us", "is_initial_communication", {"events": [theirs("proof_of_claim_filed", "2026-06-01T10:00")]},
         {"is_initial_communication": False}),
        ("us", "is_initial_communication", {"events": [ours("2026-06-01T10:00", "voicemail_limited_content")]},
         {"is_initial_communication": False}),
        ("us", "is_initial_communication", {"events": [ours("2026-06-01T10:00")]}, {"is_initial_communication": True}),
        ("gb", "moratorium_last_day", CRISIS, {"last_day": "2026-07-01"}),
        ("au", "earliest_action_date", {"facts": {"default_notice_served_on": "2026-06-01"}}, {"earliest_date": "2026-07-01"}),
        ("eu", "duties", {"facts": SOLD}, {"items": []}),
    ],
)  # fmt: skip
def test_what_follows_from_a_record(pack, what, given, values):
    found = judge(pack, {"action": "compute", "what": what, "at": "2026-07-07T10:00"}, given)["values"]
    assert {name: found.get(name) for name in values} == values


def test_calls_for_three_debts_are_counted_apart_and_together():
    debts = [{"id": name, "type": "medical"} for name in ("D1", "D2", "D3")]
    events = [ours(f"2026-06-0{day}T1{n}:00", "unanswered", by="C1", debts=[debt["id"]])
              for day in (1, 2, 3) for n, debt in enumerate(debts)]  # fmt: skip
    found = judge("us", {"action": "compute", "what": "counted_calls"}, {"debts": debts, "events": events})["values"]
    assert found["counted_calls"] == {"D1": 3, "D2": 3, "D3": 3}
    assert (found["counted_calls_total"], found["window_first_day"]) == (9, "2026-05-29")


def test_a_year_beyond_the_calendar_is_an_error_that_says_so():
    late = {"id": "V", "at": "2040-06-01T12:00", "type": "validation_notice_sent"}
    found = judge(
        "us", {"action": "compute", "what": "validation_period_end", "at": "2040-06-01T12:00"}, {"events": [late]}
    )
    assert "the calendar us is known until 2035-12-31" in found["error"]
