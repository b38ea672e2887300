"""Loading accounts with their people: one batch at a time, by sets.

A person is met again by the keyed hash of a valid resident ID or credit code, else by the creditor's own number for
them. Facts are added and renewed, never blanked; a document on record is never replaced. An account whose row changed
is updated; when the stated balance changed, the difference to the balance now is a correction (Book.CORRECTION).
`Account.digest` holds two keyed hashes of 16 bytes: of the row's facts, and of its balances.
"""

from typing import Final

import polars as pl

from fairdue.accounts import proof
from fairdue.accounts.models import COMPONENTS, Book
from fairdue.intake.fields import BALANCES, FIELDS
from fairdue.intake.loading import columns, people_sql
from fairdue.intake.loading.ends import Ended, Prepared, Setting
from fairdue.intake.loading.faults import Fault
from fairdue.intake.loading.fitting import misfits
from fairdue.intake.loading.session import Session
from fairdue.law.codes import Relation
from fairdue.people import sealing

STRONG: Final = ("cn_resident_id", "cn_uscc")
"""Documents whose number is checked and belongs to one person everywhere."""

_FACTS: Final = [name for name in FIELDS["accounts"] if name not in BALANCES]
_KEPT: Final = [
    "row", "external_ref", "product", "currency", *BALANCES, "original_amount", "credit_limit", "opened_on", "rate",
    "term_months", "last_paid_on", "limitation_on", "name", "id_kind", "birth_on", "sex", "region", "language",
    "income_month", "placement_ref", "placed_on", "placement_ends_on",
    "proof_contract", "proof_identity", "proof_chain", "proof_statement", "proof_payments",
]  # fmt: skip
_CONTACTS: Final = (1, 2, 3)

_PLAN: Final = """
    create temporary table if not exists load_plan (
        row bigint, account_id bigint, person_id bigint, fresh boolean, restated boolean, fault text, known text
    ) on commit drop;
    truncate load_plan;
    insert into load_plan
    select s.row, coalesce(a.id, nextval('accounts_account_id_seq')), a.debtor_id, a.id is null,
        a.id is not null and substr(a.digest, 17) is distinct from substr(s.digest, 17),
        case when a.currency <> s.currency then 'currency_clash'
            when s.strong and d.id_hash is not null and d.id_hash <> s.id_hash then 'another_debtor'
            when s.placement_ends_on < l.placed_on then 'placement_over' end,
        case when a.currency <> s.currency then a.currency
            when s.strong and d.id_hash is not null and d.id_hash <> s.id_hash then d.id_masked
            when s.placement_ends_on < l.placed_on then l.placed_on::text end
    from load_row s
    left join accounts_account a on a.creditor_id = {creditor} and a.external_ref = s.external_ref
    left join people_person d on d.id = a.debtor_id
    left join accounts_placement l on l.creditor_id = {creditor} and l.reference = s.placement_ref;
    analyze load_plan
"""
_PLACEMENTS: Final = """
    insert into accounts_placement as l (creditor_id, reference, placed_on, ends_on)
    select {creditor}, s.placement_ref, min(coalesce(s.placed_on, least(s.placement_ends_on, '{today}'::date), '{today}')),
        max(s.placement_ends_on)
    from load_row s join load_plan p using (row)
    where s.placement_ref is not null and p.fault is null group by s.placement_ref
    on conflict (creditor_id, reference) do update set ends_on = excluded.ends_on
    where excluded.ends_on >= l.placed_on and excluded.ends_on is distinct from l.ends_on
"""
_PROOF: Final = ", ".join(f"coalesce(s.proof_{document}, false)" for document in proof.WEIGHTS)
_PROVED: Final = ", ".join(f"has_{document}" for document in proof.WEIGHTS)
_SCORE: Final = "(" + " + ".join(f"coalesce(s.proof_{d}, false)::int * {w}" for d, w in proof.WEIGHTS.items()) + ")"
_NEW: Final = f"""
    insert into accounts_account (id, creditor_id, external_ref, placement_id, debtor_id, product, currency, status,
        opened_on, original_amount, credit_limit, rate, term_months, last_paid_on, limitation_on,
        {_PROVED}, proof_score, digest)
    select p.account_id, {{creditor}}, s.external_ref, l.id, p.person_id, s.product, s.currency, 'open',
        s.opened_on, nullif(s.original_amount, 0), s.credit_limit, s.rate::numeric, s.term_months, s.last_paid_on,
        s.limitation_on, {_PROOF}, {_SCORE}, s.digest
    from load_row s join load_plan p using (row)
    left join accounts_placement l on l.creditor_id = {{creditor}} and l.reference = s.placement_ref
    where p.fresh and p.fault is null order by p.account_id
"""  # noqa: S608
_HAVE: Final = ", ".join(f"has_{d} = coalesce(s.proof_{d}, a.has_{d})" for d in proof.WEIGHTS)
_CHANGED: Final = f"""
    update accounts_account a set
        placement_id = coalesce(l.id, a.placement_id), debtor_id = p.person_id, product = s.product,
        status = case when a.status = 'recalled' and l.id is distinct from a.placement_id
            and coalesce(l.ends_on, '{{today}}') >= '{{today}}' then 'open' else a.status end,
        opened_on = coalesce(s.opened_on, a.opened_on),
        original_amount = coalesce(nullif(s.original_amount, 0), a.original_amount),
        credit_limit = coalesce(s.credit_limit, a.credit_limit), rate = coalesce(s.rate::numeric, a.rate),
        term_months = coalesce(s.term_months, a.term_months),
        last_paid_on = greatest(s.last_paid_on, a.last_paid_on),
        limitation_on = coalesce(s.limitation_on, a.limitation_on), {_HAVE}, digest = s.digest
    from load_row s join load_plan p using (row)
    left join accounts_placement l on l.creditor_id = {{creditor}} and l.reference = s.placement_ref
    where a.id = p.account_id and not p.fresh and p.fault is null
"""  # noqa: S608
_RESCORED: Final = f"""
    update accounts_account a set proof_score = {proof.score_sql()} from load_plan p
    where a.id = p.account_id and not p.fresh and p.fault is null and a.proof_score <> {proof.score_sql()}
"""  # noqa: S608
_OPENING: Final = """
    insert into accounts_transfer (account_id, source, target, cents, happened_on)
    select p.account_id, {placed_book}, b.book, b.cents, least(coalesce(s.placed_on, '{today}'), '{today}')
    from load_row s join load_plan p using (row)
    cross join lateral (values (1, s.principal), (2, s.interest), (3, s.penalty), (4, s.fees), (5, s.costs)) b(book, cents)
    where p.fresh and p.fault is null and b.cents > 0
"""
_BALANCES: Final = """
    insert into accounts_balance (account_id, principal, interest, penalty, fees, costs, unapplied)
    select p.account_id, s.principal, s.interest, s.penalty, s.fees, s.costs, 0
    from load_row s join load_plan p using (row)
    where p.fresh and p.fault is null
        and (s.principal > 0 or s.interest > 0 or s.penalty > 0 or s.fees > 0 or s.costs > 0)
"""
_CORRECTIONS: Final = """
    insert into accounts_transfer (account_id, source, target, cents, happened_on)
    select p.account_id, case when d.cents > 0 then {correction_book} else d.book end,
        case when d.cents > 0 then d.book else {correction_book} end, abs(d.cents), '{today}'
    from load_row s join load_plan p using (row)
    left join accounts_balance b on b.account_id = p.account_id
    cross join lateral (values
        (1, s.principal - coalesce(b.principal, 0)), (2, s.interest - coalesce(b.interest, 0)),
        (3, s.penalty - coalesce(b.penalty, 0)), (4, s.fees - coalesce(b.fees, 0)), (5, s.costs - coalesce(b.costs, 0))
    ) d(book, cents)
    where p.restated and p.fault is null and d.cents <> 0 order by p.account_id
"""
_OWED_AGAIN: Final = """
    update accounts_account a set status = 'open' from load_plan p, accounts_balance b
    where a.id = p.account_id and b.account_id = a.id and p.restated and p.fault is null and a.status = 'paid'
        and b.principal + b.interest + b.penalty + b.fees + b.costs > 0
"""
_CASES: Final = """
    insert into cases_case (person_id, creditor_id, status, reason_for_default)
    select a.debtor_id, {creditor}, case when min(a.proof_score) < {bar} then 'repair' else 'open' end, ''
    from load_plan p join accounts_account a on a.id = p.account_id where p.fresh and p.fault is null group by 1
    on conflict do nothing
"""
assert [int(book) for book in COMPONENTS] == [1, 2, 3, 4, 5]


class Accounts:
    """Loader of accounts files."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._words = {
            "creditor": str(setting.creditor.pk),
            "today": setting.today.isoformat(),
            "bar": str(setting.creditor.proof_bar),
            "placed_book": str(int(Book.PLACED)),
            "correction_book": str(int(Book.CORRECTION)),
        }

    def prepare(self, good: pl.DataFrame, session: Session) -> Prepared:
        """Leave out rows that cannot be kept and rows that say nothing new; seal and hash the rest."""
        ended = Ended(faults=[*misfits(good, "accounts"), *self._others(good)])
        ended.faults = list({fault.row: fault for fault in ended.faults}.values())
        good = good.filter(~pl.col("row").is_in([fault.row for fault in ended.faults]))
        good = good.with_columns(_digests(good)).with_columns(pl.col(BALANCES).fill_null(0))
        known = self._known(good, session)
        ended.unchanged = good.filter(known)["row"].to_list()
        changed = good.filter(~known)
        return Prepared(self._tables(changed) if len(changed) else {}, ended)

    def apply(self, prepared: Prepared, session: Session) -> Ended:
        """Write persons, contact points, relations, placements, accounts, balances and cases of one batch."""
        if not prepared.tables:
            return prepared.ended
        for table, frame in prepared.tables.items():
            session.fill(table, frame)
        self._run(session, "plan", _PLAN)
        people_sql.settle(session)
        self._run(session, "placements", _PLACEMENTS)
        with session.trusted():
            self._run(session, "accounts", _NEW)
            self._run(session, "transfers", _OPENING)
            if not session.triggers_fire:
                self._run(session, "balances", _BALANCES)
            self._run(session, "cases", _CASES)
            people_sql.reach(session)
        self._run(session, "changes", _CHANGED)
        self._run(session, "changes", _RESCORED)
        self._run(session, "corrections", _CORRECTIONS)
        self._run(session, "corrections", _OWED_AGAIN)
        return _ended(prepared.ended, session)

    def finish(self, session: Session) -> None:
        """Nothing: the cases' states are settled by cases.services.open_cases (run.py)."""

    def _run(self, session: Session, step: str, query: str) -> int:
        for word, value in self._words.items():
            query = query.replace("{" + word + "}", value)
        return session.execute(query, step=step)

    def _others(self, good: pl.DataFrame) -> list[Fault]:
        strange = good.filter(pl.col("creditor_ref") != self.setting.creditor.code).select("row", "creditor_ref")
        code = self.setting.creditor.code
        return [Fault(row, "other_creditor", ref, f"≠ {code}") for row, ref in strange.iter_rows()]

    def _known(self, good: pl.DataFrame, session: Session) -> pl.Series:
        """True where the account is on record with the very same row."""
        there = session.rows(
            "select external_ref, digest from accounts_account where creditor_id = %(creditor)s"
            " and external_ref = any(%(refs)s) and digest is not null",
            {"creditor": self.setting.creditor.pk, "refs": good["external_ref"].to_list()},
            step="look-up",
        )
        was = pl.DataFrame(
            there, schema={"external_ref": pl.String, "was": pl.Binary}, orient="row"
        )
        joined = good.select("external_ref", "digest").join(was, on="external_ref", how="left", maintain_order="left")
        return (joined["digest"] == joined["was"]).fill_null(False)

    def _tables(self, good: pl.DataFrame) -> dict[str, pl.DataFrame]:
        strong = pl.col("id_kind").is_in(STRONG) & pl.col("national_id").is_not_null()
        id_hash = columns.hashed("id", good["national_id"])
        weak = _weak_keys(good, self.setting.creditor.code)
        rows = good.select(
            *_KEPT,
            "digest",
            strong=strong.fill_null(False),
            id_hash=id_hash,
            id_sealed=columns.sealed(good["national_id"]),
            id_masked=columns.masked_id(pl.col("national_id")),
            weak_key=weak,
            income_currency=pl.when(pl.col("income_month").is_not_null()).then("currency").otherwise(pl.lit("")),
        ).with_columns(merge_key=pl.when("strong").then("id_hash").otherwise("weak_key"))
        points = self._points(good)
        return {"load_row": rows.drop("weak_key"), "load_point": points, "load_contact": _contacts(good, points)}

    def _points(self, good: pl.DataFrame) -> pl.DataFrame:
        """Every way to reach somebody: row, who (0 the debtor, 1 to 3 a contact), and the columns of a contact point."""
        country = self.setting.country
        good = good.with_columns(place=columns.zones_of_place(good["region"], country=country))
        phones = [(0, "phone", "phone_zones", 1), (0, "phone2", "phone2_zones", 2)]
        phones += [(n, f"contact{n}_phone", f"contact{n}_zones", 1) for n in _CONTACTS]
        wanted = [("phone", *phone) for phone in phones]
        wanted += [("email", 0, "email", "place", 1), ("address", 0, "address", "place", 1)]
        frame = pl.concat(
            good.lazy()
            .filter(pl.col(column).is_not_null())
            .select(
                "row", pl.lit(who, dtype=pl.Int8).alias("who"), pl.lit(kind).alias("kind"), text=column,
                zones=pl.col(zones).fill_null(""), rank=pl.lit(rank, dtype=pl.Int8),
            )
            for kind, who, column, zones, rank in wanted
        ).collect()  # fmt: skip
        text = pl.col("text")
        of_phone, of_email = pl.col("kind") == "phone", pl.col("kind") == "email"
        parts = [
            part.with_columns(columns.hashed(str(kind), part["text"]).alias("hash"))
            for (kind,), part in frame.group_by("kind", maintain_order=True)
        ]
        frame = pl.concat(parts) if parts else frame.with_columns(pl.lit(None, dtype=pl.Binary).alias("hash"))
        return frame.with_columns(
            sealed=columns.sealed(frame["text"]),
            masked=pl.when(of_phone).then(columns.masked_phone(text)).when(of_email).then(columns.masked_email(text))
            .otherwise(columns.masked_address(text)),
            country=pl.when(of_phone).then(columns.country_of_phone(text, country=country)).otherwise(pl.lit(country or "")),
            line=pl.when(of_phone).then(columns.line_of_phone(text)).otherwise(pl.lit("")),
        ).drop("text")  # fmt: skip


def _digests(good: pl.DataFrame) -> pl.Series:
    """Two keyed hashes of 16 bytes: of the facts, of the balances."""
    facts, balances = (
        sealing.search_hashes("row", good.select(_joined(names)).to_series().to_list()) for names in (_FACTS, BALANCES)
    )
    both = [a[:16] + b[:16] for a, b in zip(facts, balances, strict=True) if a and b]
    return pl.Series("digest", both, dtype=pl.Binary)


def _joined(names: list[str] | tuple[str, ...]) -> pl.Expr:
    return pl.concat_str((pl.col(name).cast(pl.String).fill_null("\x00") for name in names), separator="\x1f")


def _weak_keys(good: pl.DataFrame, creditor: str) -> pl.Series:
    """Keyed hashes by the creditor's own number for the person, else an unchecked document, else the account."""
    texts = good.select(
        pl.concat_str(
            pl.lit(creditor),
            pl.coalesce(
                pl.lit("person:") + pl.col("person_ref"),
                pl.lit("document:") + pl.col("id_kind") + ":" + pl.col("national_id"),
                pl.lit("account:") + pl.col("external_ref"),
            ),
            separator="\x1f",
        )
    ).to_series()
    return columns.hashed("person", texts)


def _contacts(good: pl.DataFrame, points: pl.DataFrame) -> pl.DataFrame:
    """People named as contacts: row, who, name, relation, and `key`, the hash of their phone or else of their name."""
    codes = {member.name.lower(): int(member) for member in Relation}
    frame = pl.concat(
        good.lazy()
        .filter(pl.col(f"contact{n}_name").is_not_null() | pl.col(f"contact{n}_phone").is_not_null())
        .select(
            "row",
            pl.lit(n, dtype=pl.Int8).alias("who"),
            name=pl.col(f"contact{n}_name"),
            relation=pl.col(f"contact{n}_relation")
            .replace_strict(codes, default=None, return_dtype=pl.Int16)
            .fill_null(int(Relation.UNKNOWN)),
        )
        for n in _CONTACTS
    ).collect()
    phone = points.filter(pl.col("who") > 0).select("row", "who", phone="hash")
    frame = frame.join(phone, on=["row", "who"], how="left", maintain_order="left")
    named = columns.hashed("contact", frame["name"])
    return frame.select("row", "who", "name", "relation", key=pl.coalesce("phone", named))


def _ended(ended: Ended, session: Session) -> Ended:
    """Read back which rows were refused and which changed an account on record."""
    for row, fault, known, found in session.rows(
        """select p.row, p.fault, p.known, case p.fault when 'currency_clash' then s.currency
            when 'another_debtor' then s.id_masked when 'placement_over' then s.placement_ends_on::text end
        from load_plan p join load_row s using (row) where p.fault is not null"""
    ):
        ended.faults.append(Fault(row, fault, found or "", known or ""))
    ended.updated = [row for (row,) in session.rows("select row from load_plan where fault is null and not fresh")]
    return ended
