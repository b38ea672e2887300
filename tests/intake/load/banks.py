"""A bank that sends files: `bank.accounts(...)` loads a CSV of the rows given, under one mapping for all kinds."""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fairdue.accounts.models import Creditor
from fairdue.intake import services
from fairdue.intake.models import Load

MAPPING = """
creditor: {ref: BANK, name: 海滨银行, country: CN, currency: CNY}
defaults: {country: CN, currency: CNY, dates: [YYYY-MM-DD, "YYYY-MM-DD HH:mm"], zone: Asia/Shanghai}
accounts:
  columns:
    external_ref: account
    product: {value: online_loan}
    currency: currency
    principal: principal
    interest: interest
    person_ref: customer
    name: name
    national_id: id
    phone: phone
    email: email
    address: address
    contact1_name: friend
    contact1_relation: tie
    contact1_phone: friend phone
    placement_ref: batch
    placed_on: placed
    placement_ends_on: ends
    opened_on: opened
    proof_contract: {value: "yes"}
    proof_identity: {value: "yes"}
    proof_statement: statement
dues:
  columns: {account_ref: account, n: n, due_on: due, principal: principal, interest: interest, currency: currency}
payments:
  columns:
    account_ref: account
    reference: reference
    happened_on: paid
    cents: amount
    currency: currency
    kind: kind
    reverses: reverses
contacts:
  columns:
    account_ref: account
    happened_at: at
    channel: channel
    result: result
    relation: whom
    phone: phone
    note: note
    reference: reference
    outcome: said
    promise_on: promised on
    promise_cents: promised
"""

ROW: dict[str, dict[str, str]] = {
    "accounts": {
        "account": "A1", "currency": "CNY", "principal": "1000.00", "interest": "0", "customer": "", "name": "王小明",
        "id": "", "phone": "13800138000", "email": "", "address": "", "friend": "", "tie": "", "friend phone": "",
        "batch": "", "placed": "2026-01-05", "ends": "", "opened": "", "statement": "yes",
    },
    "dues": {"account": "A1", "n": "1", "due": "2026-02-01", "principal": "100.00", "interest": "5.00", "currency": ""},
    "payments": {
        "account": "A1", "reference": "P1", "paid": "2026-02-03", "amount": "50.00", "currency": "CNY", "kind": "",
        "reverses": "",
    },
    "contacts": {
        "account": "A1", "at": "2026-02-03 10:15", "channel": "call", "result": "conversation", "whom": "",
        "phone": "13800138000", "note": "", "reference": "", "said": "", "promised on": "", "promised": "",
    },
}  # fmt: skip
"""A whole row of each kind; a test says only what differs."""


def table(kind: str, *rows: dict[str, Any]) -> bytes:
    """A CSV file of `rows` over the whole row of the kind."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(ROW[kind]))
    writer.writeheader()
    writer.writerows(ROW[kind] | {k: str(v) for k, v in row.items()} for row in rows)
    return text.getvalue().encode()


@dataclass
class Bank:
    creditor: Creditor
    by: Any = None
    loads: list[Load] = field(default_factory=list)

    def send(self, kind: str, *rows: dict[str, Any]) -> Load:
        """Accept a file of these rows, load nothing."""
        file = io.BytesIO(table(kind, *rows))
        return services.accept(
            creditor=self.creditor, kind=kind, file=file, name=f"{kind}.csv", mapping=MAPPING, by=self.by
        )

    def load(self, kind: str, *rows: dict[str, Any]) -> Load:
        """Accept and load a file of these rows."""
        return services.run(load=self.send(kind, *rows))

    def accounts(self, *rows: dict[str, Any]) -> Load:
        return self.load("accounts", *rows)


def ends(load: Load) -> tuple[int, int, int, int]:
    """(loaded, updated, unchanged, rejected)."""
    return load.loaded, load.updated, load.unchanged, load.rejected


def returned(load: Load) -> list[dict[str, str]]:
    """The rows of the returned file."""
    raw = Path(load.rejected_path).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf"), "Excel needs the mark to read Chinese"
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
