"""What a pack holds: data sets, each one query over all its rows, read in pieces.

Masking happens in the query: what a masked pack does not show never leaves the database.
"""

# ruff: noqa: S608 - queries are put together from constants of this file and of scope.py; values are parameters

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntEnum
from typing import Any, Final

from django.db import connection

from fairdue.evidence.scope import Scope
from fairdue.law import codes
from fairdue.people import sealing

PIECE: Final = 2_000
"""Rows fetched at a time."""

LOOKED: Final = (
    "case.opened", "contact_point.revealed", "person.id_revealed", "lookup.outside", "verdict.seen",
    "evidence.asked", "evidence.made", "evidence.taken", "evidence.opened", "hardship.words_seen", "care.seen",
)  # fmt: skip
"""Verbs of the journal that say somebody looked at a person's data."""

WITHHELD: Final = "(withheld)"


@dataclass(frozen=True)
class Column:
    """One column: its name, its SQL, what a masked pack shows instead (masked), its code table (code), and whether it
    is free text (text) or sealed in the full pack (sealed)."""

    name: str
    sql: str
    masked: str = ""
    code: type[IntEnum] | None = None
    text: bool = False
    sealed: bool = False


@dataclass(frozen=True)
class Dataset:
    """One data set. `source`: from what, given a scope; `order`: by what. `why_empty`: said where it can hold nothing."""

    name: str
    columns: Sequence[Column]
    source: Callable[[Scope], str] | None
    order: str = ""
    why_empty: Mapping[str, str] | None = None

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]


def rows(dataset: Dataset, scope: Scope, *, full: bool) -> Iterator[list[Any]]:
    """The rows in order, plain values (text, numbers, lists, None). Call inside a transaction."""
    if dataset.source is None:
        return
    shown = [column.sql if full or not column.masked else column.masked for column in dataset.columns]
    query = f"select {', '.join(shown)} from {dataset.source(scope)} order by {dataset.order}"
    plain = [_reader(column, full) for column in dataset.columns]
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, scope.terms)
        while piece := cursor.fetchmany(PIECE):
            for row in piece:
                yield [read(value) for read, value in zip(plain, row, strict=True)]


def _reader(column: Column, full: bool) -> Callable[[Any], Any]:
    if column.sealed and full:
        return lambda value: None if value is None else sealing.unseal(value)
    if column.code is not None:
        names = {member.value: member.name.lower() for member in column.code}
        return lambda value: None if value is None else names.get(value, str(value))
    return _plain


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, memoryview | bytes):
        return bytes(value).hex()
    return value


# ---- the columns that come again


def _name(name: str, sql: str) -> Column:
    return Column(name, sql, masked=f"case when {sql} = '' then '' else left({sql}, 1) || '**' end")


def _text(name: str, sql: str) -> Column:
    return Column(name, sql, masked=f"case when coalesce({sql}, '') = '' then '' else '{WITHHELD}' end", text=True)


def _by(alias: str = "u") -> Column:
    return Column("by", f"{alias}.username")


_CHANNEL = "channel"

CONTACTS: Final = Dataset(
    "contacts",
    (
        Column("id", "a.id"), Column("happened_at", "a.happened_at"), Column("learned_at", "a.learned_at"),
        Column("creditor", "c.code"), Column("debtor_id", "a.person_id"), _name("debtor", "p.name"),
        Column("addressee_id", "a.addressee_id"), _name("addressee", "q.name"),
        Column("relation", "a.relation", code=codes.Relation), Column("account", "x.external_ref"),
        Column("contact_point", "cp.sealed", masked="cp.masked", sealed=True),
        Column(_CHANNEL, "a.channel", code=codes.Channel), Column("mode", "a.mode", code=codes.Mode),
        Column("direction", "a.direction", code=codes.Direction), Column("purpose", "a.purpose", code=codes.Purpose),
        Column("result", "coalesce(o.result, a.result)", code=codes.Result), Column("outcome", "o.kind"),
        Column("verdict_id", "a.verdict_id"), Column("permit_spent_at", "t.spent_at"),
        Column("permit_revoked_at", "t.revoked_at"), Column("permit_revoked_why", "t.revoked_why"), _by(),
        Column("agent", "a.agent"), _text("note", "a.note"), Column("reference", "a.reference"),
    ),
    lambda s: f"""contact_attempt a join accounts_creditor c on c.id = a.creditor_id
        join people_person p on p.id = a.person_id join people_person q on q.id = a.addressee_id
        left join accounts_account x on x.id = a.account_id left join people_contactpoint cp on cp.id = a.contact_point_id
        left join contact_permit t on t.attempt_id = a.id left join staff_user u on u.id = a.by_id
        left join lateral (select k.result, k.kind from contact_outcome k where k.attempt_id = a.id
            and not exists (select from contact_outcome n where n.supersedes_id = k.id) order by k.id desc limit 1) o on true
        where {s.where(person="a.person_id", creditor="a.creditor_id", at="a.happened_at")}""",
    "a.happened_at, a.id",
)  # fmt: skip
OUTCOMES: Final = Dataset(
    "outcomes",
    (
        Column("id", "o.id"), Column("contact_id", "o.attempt_id"), Column("kind", "o.kind"),
        Column("result", "o.result", code=codes.Result), Column("at", "o.at"), Column("next_at", "o.next_at"), _by(),
        Column("supersedes", "o.supersedes_id"), _text("note", "o.note"),
    ),
    lambda s: f"""contact_outcome o join contact_attempt a on a.id = o.attempt_id left join staff_user u on u.id = o.by_id
        where {s.where(person="a.person_id", creditor="a.creditor_id", at="a.happened_at")}""",
    "o.id",
)  # fmt: skip
VERDICTS: Final = Dataset(
    "verdicts",
    (
        Column("id", "v.id"), Column("at", "v.at"), Column("stage", "v.stage"), Column("debtor_id", "v.person_id"),
        Column("addressee_id", "v.addressee_id"), Column("case_id", "v.case_id"),
        Column(_CHANNEL, "v.channel", code=codes.Channel), Column("purpose", "v.purpose", code=codes.Purpose),
        Column("relation", "v.relation", code=codes.Relation), Column("decision", "v.decision", code=codes.Decision),
        Column("rules", "v.rules::text"), Column("earliest", "v.earliest"), Column("lawful_until", "v.lawful_until"),
        _by(), Column("packs", "v.packs::text"), Column("facts", "v.facts::text"),
    ),
    lambda s: f"""contact_verdict v left join cases_case k on k.id = v.case_id left join staff_user u on u.id = v.by_id
        where {s.where(person="v.person_id", creditor="k.creditor_id", at="v.at")}""",
    "v.at, v.id",
)  # fmt: skip
MESSAGES: Final = Dataset(
    "messages",
    (
        Column("id", "m.id"), Column("contact_id", "t.attempt_id"), Column("template", "m.template"),
        Column("language", "m.language"), Column("status", "m.status"), Column("queued_at", "m.queued_at"),
        Column("sent_at", "m.sent_at"), Column("tries", "m.tries"), Column("error", "m.error"),
        Column("body_sha256", "encode(sha256(convert_to(m.body, 'UTF8')), 'hex')"), _text("subject", "m.subject"),
        _text("body", "m.body"),
    ),
    lambda s: f"""contact_message m join contact_permit t on t.id = m.permit_id join contact_attempt a on a.id = t.attempt_id
        where {s.where(person="a.person_id", creditor="a.creditor_id", at="a.happened_at")}""",
    "m.id",
)  # fmt: skip
PAYMENTS: Final = Dataset(
    "payments",
    (
        Column("id", "y.id"), Column("happened_on", "y.happened_on"), Column("learned_at", "y.learned_at"),
        Column("creditor", "c.code"), Column("account", "x.external_ref"), Column("debtor_id", "x.debtor_id"),
        Column("kind", "y.kind"), Column("cents", "y.cents"), Column("currency", "y.currency"),
        Column("method", "y.method"), _name("payer", "y.payer"), Column("reference", "y.reference"),
        Column("reverses", "y.reverses_id"), Column("applied_at", "y.applied_at"),
    ),
    lambda s: f"""accounts_payment y join accounts_account x on x.id = y.account_id
        join accounts_creditor c on c.id = y.creditor_id
        where {s.where(person="x.debtor_id", creditor="y.creditor_id", on="y.happened_on")}""",
    "y.happened_on, y.id",
)  # fmt: skip
PROMISES: Final = Dataset(
    "promises",
    (
        Column("id", "r.id"), Column("made_on", "r.made_on"), Column("due_on", "r.due_on"), Column("case_id", "r.case_id"),
        Column("debtor_id", "k.person_id"), Column("account", "x.external_ref"), Column("cents", "r.cents"),
        Column("currency", "r.currency"), Column("status", "r.status"), Column("received", "r.received"),
        Column("judged_on", "r.judged_on"), Column("contact_id", "r.attempt_id"), _by(),
    ),
    lambda s: f"""agreements_promise r join cases_case k on k.id = r.case_id
        left join accounts_account x on x.id = r.account_id left join staff_user u on u.id = r.taken_by_id
        where {s.where(person="k.person_id", creditor="k.creditor_id", on="r.made_on")}""",
    "r.made_on, r.id",
)  # fmt: skip
HOLDS: Final = Dataset(
    "holds",
    (
        Column("id", "h.id"), Column("debtor_id", "h.person_id"), Column("account", "x.external_ref"),
        Column("kind", "h.kind"), Column("starts_at", "h.starts_at"), Column("ends_on", "h.ends_on"),
        Column("learned_at", "h.learned_at"), Column("placed_by", "u.username"), Column("lifted_at", "h.lifted_at"),
        Column("lifted_by", "w.username"), _text("reason", "h.reason"), _text("lift_reason", "h.lift_reason"),
    ),
    lambda s: f"""cases_hold h left join accounts_account x on x.id = h.account_id
        left join staff_user u on u.id = h.placed_by_id left join staff_user w on w.id = h.lifted_by_id
        where {s.where(person="h.person_id", at="h.starts_at", ends="least(h.lifted_at, (h.ends_on + 1)::timestamptz)")}""",
    "h.starts_at, h.id",
)  # fmt: skip
WISHES: Final = Dataset(
    "wishes",
    (
        Column("id", "w.id"), Column("person_id", "w.person_id"), Column("kind", "w.kind"),
        Column(_CHANNEL, "w.channel", code=codes.Channel),
        Column("contact_point", "cp.sealed", masked="cp.masked", sealed=True), Column("days", "w.days"),
        Column("start", 'w."start"'), Column("end", 'w."end"'), Column("until_on", "w.until_on"),
        Column("made_at", "w.made_at"), Column("learned_at", "w.learned_at"), Column("withdrawn_at", "w.withdrawn_at"),
        _text("words", "w.words"),
    ),
    lambda s: f"""people_wish w left join people_contactpoint cp on cp.id = w.contact_point_id
        where w.person_id in ({s.people}) and {_lasting(s, "w.made_at", "w.withdrawn_at")}""",
    "w.made_at, w.id",
)  # fmt: skip
CONSENTS: Final = Dataset(
    "consents",
    (
        Column("id", "w.id"), Column("person_id", "w.person_id"), Column("kind", "w.kind"),
        Column(_CHANNEL, "w.channel", code=codes.Channel),
        Column("contact_point", "cp.sealed", masked="cp.masked", sealed=True), Column("on_date", "w.on_date"),
        Column("recorded", "w.recorded"), Column("given_at", "w.given_at"), Column("learned_at", "w.learned_at"),
        Column("revoked_at", "w.revoked_at"), _text("words", "w.words"),
    ),
    lambda s: f"""people_consent w left join people_contactpoint cp on cp.id = w.contact_point_id
        where w.person_id in ({s.people}) and {_lasting(s, "w.given_at", "w.revoked_at")}""",
    "w.given_at, w.id",
)  # fmt: skip
EXPLAINED: Final = Dataset(
    "explained",
    (
        Column("id", "e.id"), Column("at", "e.at"), Column("case_id", "e.case_id"), Column("person_id", "e.person_id"),
        Column("how", "e.how"), Column("came", "e.came"), Column("statement", "e.statement"),
        Column("version", "e.version"), Column("hash", "e.hash"), Column("language", "e.language"),
        Column("message_id", "e.message_id"), _by(),
        Column("text_sha256", "encode(sha256(convert_to(e.text, 'UTF8')), 'hex')"), _text("text", "e.text"),
    ),
    lambda s: f"""contact_explanation e join cases_case k on k.id = e.case_id left join staff_user u on u.id = e.by_id
        where {s.where(person="k.person_id", creditor="k.creditor_id", at="e.at")}""",
    "e.at, e.id",
)  # fmt: skip
NOTES: Final = Dataset(
    "notes",
    (Column("id", "n.id"), Column("at", "n.at"), Column("case_id", "n.case_id"), _by(), _text("text", "n.text")),
    lambda s: (
        f"""cases_note n join cases_case k on k.id = n.case_id left join staff_user u on u.id = n.by_id
        where {s.where(person="k.person_id", creditor="k.creditor_id", at="n.at")}"""
    ),
    "n.at, n.id",
)
PERSONS: Final = Dataset(
    "persons",
    (
        Column("id", "p.id"), _name("name", "p.name"), Column("id_kind", "p.id_kind"),
        Column("id_number", "p.id_sealed", masked="p.id_masked", sealed=True), Column("language", "p.language"),
        Column("made_up", "p.made_up"),
    ),
    lambda s: f"people_person p where p.id in ({s.people})",
    "p.id",
)  # fmt: skip
CONTACT_POINTS: Final = Dataset(
    "contact_points",
    (
        Column("id", "cp.id"), Column("person_id", "cp.person_id"), Column("kind", "cp.kind"),
        Column("value", "cp.sealed", masked="cp.masked", sealed=True), Column("status", "cp.status"),
        Column("source", "cp.source"), Column("zones", "cp.zones"), Column("learned_at", "cp.learned_at"),
        Column("verified_at", "cp.verified_at"),
    ),
    lambda s: f"people_contactpoint cp where cp.person_id in ({s.people})",
    "cp.person_id, cp.id",
)  # fmt: skip
ACCOUNTS: Final = Dataset(
    "accounts",
    (
        Column("id", "x.id"), Column("creditor", "c.code"), Column("reference", "x.external_ref"),
        Column("debtor_id", "x.debtor_id"), Column("product", "x.product"), Column("currency", "x.currency"),
        Column("status", "x.status"), Column("opened_on", "x.opened_on"), Column("placement", "l.reference"),
        Column("placed_on", "l.placed_on"), Column("principal", "b.principal"), Column("interest", "b.interest"),
        Column("penalty", "b.penalty"), Column("fees", "b.fees"), Column("costs", "b.costs"),
    ),
    lambda s: f"""accounts_account x join accounts_creditor c on c.id = x.creditor_id
        left join accounts_placement l on l.id = x.placement_id left join accounts_balance b on b.account_id = x.id
        where x.debtor_id in ({s.debtors}) {"and x.creditor_id = %(creditor)s" if s.creditor_id else ""}""",
    "x.id",
)  # fmt: skip
LOOKS: Final = Dataset(
    "looks",
    (
        Column("entry", "e.id"), Column("at", "e.at"), Column("by", "e.actor"), Column("what", "e.verb"),
        Column("subject", "e.subject"), Column("subject_id", "e.subject_id"), Column("person_id", "e.person_id"),
    ),
    lambda s: f"""journal_entry e where e.verb in ({", ".join(f"'{verb}'" for verb in LOOKED)}) and (
        (e.person_id in ({s.people})) or (e.person_id is null and e.verb like 'evidence.%%'))
        and {_within(s, "e.at")}""",
    "e.id",
)  # fmt: skip
RECORDINGS: Final = Dataset(
    "recordings",
    (Column("contact_id", ""), Column("file", ""), Column("sha256", ""), Column("seconds", "")),
    None,
    why_empty={
        "zh": "没有录音：电话由人工用自己的话机拨打，系统没有接入电话线路，也没有保存任何录音。",
        "en": "There are none: calls are dialled by hand on a telephone of its own; no line runs through this system and no "
        "recording is kept in it.",
    },
)
ALL: Final = (
    PERSONS, CONTACT_POINTS, ACCOUNTS, CONTACTS, OUTCOMES, VERDICTS, MESSAGES, PAYMENTS, PROMISES, HOLDS, WISHES, CONSENTS,
    EXPLAINED, NOTES, LOOKS, RECORDINGS,
)  # fmt: skip
"""In the order of the pack."""


def _within(scope: Scope, at: str) -> str:
    parts = [f"{at} >= %(since)s"] if scope.since else []
    parts += [f"{at} < %(until)s"] if scope.until else []
    return " and ".join(parts) or "true"


def _lasting(scope: Scope, begins: str, ends: str) -> str:
    parts = [f"{begins} < %(until)s"] if scope.until else []
    parts += [f"({ends} is null or {ends} >= %(since)s)"] if scope.since else []
    return " and ".join(parts) or "true"
