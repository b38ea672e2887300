"""The canonical columns of each kind of file: the contract between checking and loading."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, get_args

import polars as pl

from fairdue.law.codes import Channel, Direction, Mode, Relation, Result

Kind = Literal["accounts", "dues", "payments", "bank", "contacts"]
KINDS: tuple[Kind, ...] = get_args(Kind)

FieldType = Literal[
    "text", "code", "date", "datetime", "money", "int", "rate", "bool", "sex",
    "phone", "national_id", "email", "region", "currency",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One canonical column. `required`: every row must have it. `derived`: made by checking, not mapped."""

    name: str
    type: FieldType
    required: bool = False
    codes: tuple[str, ...] = ()
    default: str | None = None
    derived: bool = False
    chars_max: int = 200
    says: str = ""
    written: tuple[tuple[str, str], ...] = ()  # (as others write it, in lower case; our code), where no codes are given


def _names(table: type[IntEnum]) -> tuple[str, ...]:
    return tuple(member.name.lower() for member in table)


PRODUCTS = ("online_loan", "credit_card")
ID_KINDS = ("cn_resident_id", "cn_uscc", "passport", "other", "none")
LANGUAGES = ("zh", "en")
DAY_COUNTS = ("act/365", "act/360", "30/360")
COMPOUNDINGS = ("none", "daily", "monthly")
PENALTY_ON = ("overdue_principal", "overdue_principal_and_interest")
COST_CAPS = ("cn_licensed", "cn_private")
PAYMENT_KINDS = ("payment", "reversal")
BANK_KINDS = ("credit", "return", "debit", "pending")
BANK_WRITTEN: tuple[tuple[str, str], ...] = tuple(
    (word, code)
    for code, words in (
        ("credit", "c cr crdt cred in incoming deposit + 贷 贷方 收 收入 来账 转入 存入"),
        ("debit", "d dr db dbit deb out outgoing withdrawal - − – 借 借方 付 支 支出 付出 往账 转出 支取"),
        ("return", "rc returned 退汇"),
    )
    for word in words.split()
)
"""How banks write the direction of a line: (their word in lower case, our kind). RC is SWIFT's reversal of a credit."""
OUTCOMES = (
    "none", "promise", "refuses", "hardship", "dispute", "claims_paid", "call_back", "wrong_number", "third_party",
    "abusive", "stop_request", "deceased", "attorney",
)  # fmt: skip
CHANNELS, MODES, DIRECTIONS, RELATIONS, RESULTS = map(_names, (Channel, Mode, Direction, Relation, Result))

MINOR_DIGITS: dict[str, int] = {
    code: digits
    for digits, codes in (
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"),
        (2, "AED ARS AUD BDT BRL CAD CHF CNY COP CZK DKK EGP EUR GBP GHS HKD HUF IDR ILS INR KES KZT LKR MAD MOP MXN "
            "MYR NGN NOK NZD PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TRY TWD TZS UAH USD UZS ZAR"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
    )
    for code in codes.split()
}  # fmt: skip
"""ISO 4217 code → digits of the minor unit, for the currencies of consumer lending."""
CURRENCIES = tuple(sorted(MINOR_DIGITS))

BALANCES = ("principal", "interest", "penalty", "fees", "costs")

_ACCOUNTS = (
    Field("creditor_ref", "text", required=True, chars_max=64, says="creditor; usually the mapping's constant"),
    Field("external_ref", "text", required=True, chars_max=64, says="account or loan number at the creditor; key"),
    Field("product", "code", required=True, codes=PRODUCTS),
    Field("currency", "currency", required=True, says="ISO 4217"),
    Field("principal", "money", required=True, says="unpaid principal now"),
    Field("interest", "money", default="0", says="unpaid interest now"),
    Field("penalty", "money", default="0", says="unpaid default or penalty interest now"),
    Field("fees", "money", default="0", says="unpaid fees now"),
    Field("costs", "money", default="0", says="unpaid costs of recovery now"),
    Field("original_amount", "money", says="amount lent"),
    Field("credit_limit", "money", says="card limit"),
    Field("opened_on", "date"),
    Field("rate", "rate", says="percent a year, decimal text"),
    Field("charges_from", "date", says="we charge interest and fees from this day on; null: the creditor does"),
    Field("penalty_rate", "rate", says="percent a year while late, beside the rate; only with charges_from"),
    Field("late_fee", "money", says="for each due missed; only with charges_from"),
    Field("day_count", "code", codes=DAY_COUNTS, says="only with charges_from"),
    Field(
        "compounding", "code", codes=COMPOUNDINGS, says="whether unpaid interest bears interest; only with charges_from"
    ),
    Field("penalty_on", "code", codes=PENALTY_ON, says="what penalty interest runs on; only with charges_from"),
    Field("late_fee_after", "int", says="days after the due before the late fee; only with charges_from"),
    Field("cost_cap", "code", codes=COST_CAPS, says="ceiling on total cost; only with charges_from"),
    Field("term_months", "int"),
    Field("last_paid_on", "date"),
    Field("limitation_on", "date", says="day the limitation period ends, as the creditor states it"),
    Field("person_ref", "text", chars_max=64, says="debtor's number at the creditor; null: the loader matches by ID"),
    Field("name", "text", required=True),
    Field("id_kind", "code", codes=ID_KINDS, says="guessed from the number when not mapped"),
    Field("national_id", "national_id", chars_max=64),
    Field("birth_on", "date", says="taken from a resident ID when not mapped"),
    Field("sex", "sex", says="1 male, 2 female"),
    Field("region", "region", says="ISO 3166-2 or country: CN-31, US-NY, TW"),
    Field("language", "code", codes=LANGUAGES),
    Field("income_month", "money"),
    Field("phone", "phone", says="E.164"),
    Field("phone_zones", "text", derived=True, says="possible IANA zones, comma list"),
    Field("phone2", "phone"),
    Field("phone2_zones", "text", derived=True),
    Field("email", "email", chars_max=254),
    Field("address", "text", chars_max=500),
    *(
        spec
        for n in (1, 2, 3)
        for spec in (
            Field(f"contact{n}_name", "text"),
            Field(f"contact{n}_relation", "code", codes=RELATIONS),
            Field(f"contact{n}_phone", "phone"),
            Field(f"contact{n}_zones", "text", derived=True),
        )
    ),
    Field("placement_ref", "text", chars_max=64),
    Field("placed_on", "date"),
    Field("placement_ends_on", "date"),
    Field("proof_contract", "bool"),
    Field("proof_identity", "bool"),
    Field("proof_chain", "bool"),
    Field("proof_statement", "bool"),
    Field("proof_payments", "bool"),
)

_DUES = (
    Field("account_ref", "text", required=True, chars_max=64, says="external_ref of the account; key with n"),
    Field("n", "int", required=True, says="number of the bill or instalment"),
    Field("due_on", "date", required=True),
    Field("currency", "currency"),
    Field("principal", "money", default="0"),
    Field("interest", "money", default="0"),
    Field("fees", "money", default="0"),
    Field("cents", "money", derived=True, says="principal + interest + fees, > 0"),
)

_PAYMENTS = (
    Field("account_ref", "text", required=True, chars_max=64),
    Field("reference", "text", required=True, chars_max=100, says="the payment's own number; key"),
    Field("happened_on", "date", required=True),
    Field("learned_on", "date", says="day the creditor learned of it; happened_on when not mapped"),
    Field("cents", "money", required=True, says="> 0, minor units; a reversal too"),
    Field("currency", "currency", required=True),
    Field("method", "text", chars_max=40),
    Field("kind", "code", codes=PAYMENT_KINDS, default="payment"),
    Field("reverses", "text", chars_max=100, says="reference of the payment a reversal undoes"),
    Field("payer", "text"),
)

_BANK = (
    Field("reference", "text", required=True, chars_max=76, says="the bank's own number of the line; key"),
    Field("happened_on", "date", required=True, says="day of booking"),
    Field("cents", "money", required=True, says="> 0"),
    Field("currency", "currency", required=True),
    Field(
        "kind",
        "code",
        codes=BANK_KINDS,
        default="credit",
        says="return: money that had come in went back",
        written=BANK_WRITTEN,
    ),
    Field("payer", "text", says="name of the other side"),
    Field("payer_account", "text", chars_max=60, says="account of the other side"),
    Field("text", "text", chars_max=500, says="what the payer wrote"),
    Field("about", "text", chars_max=80, says="the payer's reference; of a return: that of what went back"),
    Field("method", "text", chars_max=20),
)

_CONTACTS = (
    Field("account_ref", "text", required=True, chars_max=64),
    Field("happened_at", "datetime", required=True, says="UTC"),
    Field("channel", "code", required=True, codes=CHANNELS),
    Field("mode", "code", codes=MODES, default="human"),
    Field("direction", "code", codes=DIRECTIONS, default="out"),
    Field("relation", "code", codes=RELATIONS, default="debtor"),
    Field("result", "code", required=True, codes=RESULTS),
    Field("phone", "phone"),
    Field("note", "text", chars_max=2_000),
    Field("agent", "text", chars_max=64),
    Field("reference", "text", chars_max=100, says="the attempt's own number; key when given"),
    Field("outcome", "code", codes=OUTCOMES, default="none", says="what was said, if anybody spoke"),
    Field("promise_on", "date", says="day promised, for outcome promise"),
    Field("promise_cents", "money", says="amount promised, minor units of `currency`"),
    Field("currency", "currency"),
)

FIELDS: dict[Kind, dict[str, Field]] = {
    "accounts": {spec.name: spec for spec in _ACCOUNTS},
    "dues": {spec.name: spec for spec in _DUES},
    "payments": {spec.name: spec for spec in _PAYMENTS},
    "bank": {spec.name: spec for spec in _BANK},
    "contacts": {spec.name: spec for spec in _CONTACTS},
}
"""Kind → canonical name → field, in the order of the canonical columns."""

KEYS: dict[Kind, tuple[str, ...]] = {
    "accounts": ("external_ref",),
    "dues": ("account_ref", "n"),
    "payments": ("reference",),
    "bank": ("reference",),
    "contacts": ("account_ref", "happened_at", "channel", "phone", "reference"),
}
"""What may not occur twice in one file."""

_TYPES: dict[FieldType, pl.DataType | type[pl.DataType]] = {
    "date": pl.Date,
    "datetime": pl.Datetime("us", "UTC"),
    "money": pl.Int64,
    "int": pl.Int32,
    "bool": pl.Boolean,
    "sex": pl.Int8,
}


def schema(kind: Kind) -> dict[str, pl.DataType | type[pl.DataType]]:
    """Column → Polars type of a checked frame: `row`, then the canonical columns; whatever is not listed is String."""
    return {"row": pl.Int64} | {name: _TYPES.get(spec.type, pl.String) for name, spec in FIELDS[kind].items()}
