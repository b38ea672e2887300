"""What codes and fields are called on the pages of intake."""

from django.utils.translation import gettext_lazy as _

DOCUMENTS = {
    "contract": _("Contract"),
    "identity": _("Identity"),
    "chain": _("Chain of title"),
    "statement": _("Statement"),
    "payments": _("Payment history"),
}

COUNTRIES = {
    "CN": _("Mainland China"),
    "US": _("United States"),
    "GB": _("United Kingdom"),
    "IN": _("India"),
    "HK": _("Hong Kong"),
    "TW": _("Taiwan"),
}

MONEY = {
    "principal": _("Principal"),
    "interest": _("Interest"),
    "penalty": _("Penalty interest"),
    "fees": _("Fees"),
    "costs": _("Costs"),
    "original_amount": _("Amount lent"),
    "credit_limit": _("Credit limit"),
    "income_month": _("Monthly income"),
    "late_fee": _("Late fee"),
    "cents": _("Amount"),
    "promise_cents": _("Amount promised"),
}

BANK_KINDS = {
    "credit": _("came in"),
    "debit": _("went out, left alone"),
    "return": _("went back"),
    "pending": _("not booked yet, left alone"),
}

STEPS = {
    "reading": _("Opening the file"),
    "rows": _("Checking and loading rows"),
    "finishing": _("Checking that everything adds up"),
    "cases": _("Settling the cases"),
}

JOURNAL = {
    "creditor.added": _("Creditor added"),
    "load.accepted": _("File came in"),
    "load.confirmed": _("Loading asked for"),
    "load.finished": _("Loading finished"),
    "load.failed": _("Failed; nothing loaded"),
    "load.returned": _("Rejected rows taken as a file"),
    "load.discarded": _("Discarded"),
}

FIELDS = {
    "row": _("Row"), "creditor_ref": _("Creditor"), "external_ref": _("Account"), "account_ref": _("Account"),
    "product": _("Product"), "currency": _("Currency"), "opened_on": _("Opened"), "rate": _("Rate, % a year"),
    "charges_from": _("Charged from"), "penalty_rate": _("Penalty rate, % a year"), "day_count": _("Day count"),
    "compounding": _("Interest on interest"), "penalty_on": _("Penalty runs on"), "late_fee_after": _("Late fee after, days"),
    "late_fee": _("Late fee"), "cost_cap": _("Ceiling on cost"), "term_months": _("Term, months"),
    "last_paid_on": _("Last paid"), "limitation_on": _("Limitation"), "person_ref": _("Customer number"),
    "name": _("Name"), "id_kind": _("Kind of document"), "national_id": _("Document number"),
    "birth_on": _("Born"), "sex": _("Sex"), "region": _("Region"),
    "language": _("Language"), "phone": _("Phone"), "phone_zones": _("Possible time zones"), "phone2": _("Phone 2"),
    "phone2_zones": _("Possible time zones"), "email": _("E-mail"), "address": _("Address"),
    "placement_ref": _("Placement"), "placed_on": _("Placed"), "placement_ends_on": _("Placement ends"),
    "n": _("Number"), "due_on": _("Due"), "reference": _("Reference"), "happened_on": _("Happened"),
    "learned_on": _("Learned of"), "method": _("Method"), "kind": _("Kind"), "reverses": _("Reverses"),
    "payer": _("Payer"), "payer_account": _("Payer's account"), "text": _("Text"),
    "about": _("Payer's reference"), "happened_at": _("Happened"), "channel": _("Channel"), "mode": _("Who spoke"),
    "direction": _("Direction"), "relation": _("Relation"), "result": _("Result"), "note": _("Note"),
    "agent": _("Agent"), "outcome": _("What was said"), "promise_on": _("Promised day"),
    "contact1_name": _("Contact 1"), "contact1_relation": _("Contact 1 is"), "contact1_phone": _("Contact 1 phone"),
    "contact1_zones": _("Possible time zones"), "contact2_name": _("Contact 2"), "contact2_relation": _("Contact 2 is"),
    "contact2_phone": _("Contact 2 phone"), "contact2_zones": _("Possible time zones"), "contact3_name": _("Contact 3"),
    "contact3_relation": _("Contact 3 is"), "contact3_phone": _("Contact 3 phone"),
    "contact3_zones": _("Possible time zones"), "proof_contract": _("Contract"), "proof_identity": _("Identity"),
    "proof_chain": _("Chain of title"), "proof_statement": _("Statement"), "proof_payments": _("Payment history"),
    **MONEY,
}  # fmt: skip
"""Canonical field → header of the preview."""
