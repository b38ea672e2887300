"""Loading accounts with their people, one batch at a time.

A person is met again by the keyed hash of a valid resident ID or credit code, else by the creditor's own number for
them. Facts are added and renewed, never blanked; a document on record is never replaced. An account whose row changed
is updated; when the stated balance changed, the difference to the balance now is a correction (Book.CORRECTION).
`Account.digest` holds two keyed hashes of 16 bytes: of the row's facts, and of its balances.

Debts and people nobody knew go straight into their tables (newcomers.py); what touches rows on record goes by way of
temporary tables and sets (changes.py).
"""

from datetime import date
from typing import Final, NamedTuple

import polars as pl

from fairdue.intake.fields import BALANCES, FIELDS
from fairdue.intake.loading import changes, columns, newcomers, terms
from fairdue.intake.loading.ends import Ended, Prepared, Setting
from fairdue.intake.loading.faults import Fault
from fairdue.intake.loading.fitting import misfits
from fairdue.intake.loading.session import Session
from fairdue.people import sealing

STRONG: Final = ("cn_resident_id", "cn_uscc")
"""Documents whose number is checked and belongs to one person everywhere."""

_FACTS: Final = [name for name in FIELDS["accounts"] if name not in BALANCES]

# `lateral … offset 0`, here and in every look-up of the loaders: a batch asks for a few rows of a large table, so by the
# index, always; the planner would rather read the whole table again for every batch.
_ACCOUNTS: Final = """
    select r.ref, a.id, a.debtor_id, a.digest, a.currency, d.id_hash, d.id_masked
    from unnest(%(refs)s::text[]) r(ref)
    cross join lateral (
        select id, debtor_id, digest, currency from accounts_account
        where creditor_id = %(creditor)s and external_ref = r.ref offset 0
    ) a
    cross join lateral (select id_hash, id_masked from people_person where id = a.debtor_id offset 0) d
"""
# First those met by the same key, then those whose document was learned later.
_PERSONS: Final = """
    select k.key, coalesce(keyed.id, listed.id) from unnest(%(keys)s::bytea[]) k(key)
    left join lateral (select id from people_person where merge_key = k.key offset 0) keyed on true
    left join lateral (
        select min(id) as id from people_person
        where id_hash = k.key and id_kind in ('cn_resident_id', 'cn_uscc') and keyed.id is null offset 0
    ) listed on true
    where coalesce(keyed.id, listed.id) is not null
"""
_PLACEMENTS: Final = """
    insert into accounts_placement as l (creditor_id, reference, placed_on, ends_on)
    select %(creditor)s, * from unnest(%(refs)s::text[], %(starts)s::date[], %(ends)s::date[])
    on conflict (creditor_id, reference) do update set ends_on = excluded.ends_on
    where excluded.ends_on >= l.placed_on and excluded.ends_on is distinct from l.ends_on
    returning id
"""


class _Placement(NamedTuple):
    id: int
    placed_on: date
    ends_on: date | None


class Accounts:
    """Loader of accounts files."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        # Persons of the batch that is in the hands of the database while the next is prepared.
        self._in_flight = pl.DataFrame(schema={"merge_key": pl.Binary, "person_id": pl.Int64})
        self._placements: dict[str, _Placement] = {}

    def prepare(self, good: pl.DataFrame, session: Session) -> Prepared:
        """Set aside what cannot be kept and what says nothing new; find or number everybody; write the rows down."""
        ended = Ended()
        self._refuse([*misfits(good, "accounts"), *terms.faults(good), *self._others(good)], ended)
        good = good.filter(~pl.col("row").is_in([fault.row for fault in ended.faults]))
        good = _keyed(good.with_columns(pl.col(BALANCES).fill_null(0)), self.setting.creditor.code)
        with session.turn():  # once a batch: the database is busy with the batch before
            good = self._on_record(good, session)
            persons_there = self._persons(good.filter("says_new"), session)
            self._placed(good.filter("says_new"), session)
            session.stock("people_person", 2 * len(good))
            session.stock("accounts_account", len(good))
        ended.unchanged = good.filter(~pl.col("says_new"))["row"].to_list()
        good = good.filter("says_new")
        self._refuse([*_clashes(good), *self._over(good)], ended)
        good = good.filter(~pl.col("row").is_in([fault.row for fault in ended.faults]))
        if not len(good):
            return Prepared({}, ended)
        ended.updated = good.filter(pl.col("account_id").is_not_null())["row"].to_list()
        placements = {ref: placement.id for ref, placement in self._placements.items()}
        good = good.with_columns(
            placement_id=pl.col("placement_ref").replace_strict(placements, default=None, return_dtype=pl.Int64)
        )
        good, persons = self._met(good, persons_there, session)
        points = columns.points(good, country=self.setting.country)
        contacts = columns.contacts(good, points)
        lines = newcomers.lines(good, persons, points, contacts, setting=self.setting, session=session)
        tables = changes.tables(good, points, contacts)
        charged = terms.table(good)
        return Prepared(tables if charged is None else tables | {"load_terms": charged}, ended, lines)

    def apply(self, prepared: Prepared, session: Session) -> Ended:
        """Write one batch: newcomers by COPY, the rest by sets."""
        with session.trusted():
            for table, lines in prepared.lines:
                if table != "accounts_balance" or not session.triggers_fire:
                    session.copy(table, lines)
        tables = dict(prepared.tables)
        charged = tables.pop("load_terms", None)
        if tables:
            for table, frame in tables.items():
                session.fill(table, frame)
            changes.apply(session, setting=self.setting)
        if charged is not None:
            terms.apply(session, charged)
        return prepared.ended

    def finish(self, session: Session) -> None:
        """Nothing: the cases' states are settled by cases.services.open_cases (services.run)."""

    def _refuse(self, faults: list[Fault], ended: Ended) -> None:
        ended.faults += {fault.row: fault for fault in reversed(faults)}.values()

    def _others(self, good: pl.DataFrame) -> list[Fault]:
        code = self.setting.creditor.code
        strange = good.filter(pl.col("creditor_ref") != code).select("row", "creditor_ref")
        return [Fault(row, "other_creditor", ref, f"≠ {code}") for row, ref in strange.iter_rows()]

    def _on_record(self, good: pl.DataFrame, session: Session) -> pl.DataFrame:
        """The rows with what is on record of their accounts: account_id, debtor_id, was, kept_in, debtor_hash, debtor_id_shown."""
        found = session.rows(
            _ACCOUNTS,
            {"creditor": self.setting.creditor.pk, "refs": good["external_ref"].to_list()},
            step="look-up",
        )
        there = pl.DataFrame(
            found,
            schema={
                "external_ref": pl.String, "account_id": pl.Int64, "debtor_id": pl.Int64, "was": pl.Binary,
                "kept_in": pl.String, "debtor_hash": pl.Binary, "debtor_shown": pl.String,
            },
            orient="row",
        )  # fmt: skip
        good = good.join(there, on="external_ref", how="left", maintain_order="left")
        return good.with_columns(says_new=~good["digest"].eq_missing(good["was"]))

    def _persons(self, good: pl.DataFrame, session: Session) -> pl.DataFrame:
        """merge_key → there: the persons on record."""
        found = session.rows(_PERSONS, {"keys": good["merge_key"].unique().to_list()}, step="look-up")
        return pl.DataFrame(found, schema={"merge_key": pl.Binary, "there": pl.Int64}, orient="row")

    def _placed(self, good: pl.DataFrame, session: Session) -> None:
        """Make the placements the rows name, prolong those that last longer, and know them all."""
        today = pl.lit(self.setting.today, dtype=pl.Date)
        wanted = (
            good.filter(pl.col("placement_ref").is_not_null())
            .with_columns(start=pl.coalesce("placed_on", pl.min_horizontal("placement_ends_on", today)))
            .group_by("placement_ref")
            .agg(pl.col("start").min(), pl.col("placement_ends_on").max())
            .sort("placement_ref")
        )
        news = [line for line in wanted.iter_rows() if not self._knows(*line)]
        if not news:
            return
        refs, starts, ends = map(list, zip(*news, strict=True))
        creditor = self.setting.creditor.pk
        with session.trusted():
            session.rows(
                _PLACEMENTS, {"creditor": creditor, "refs": refs, "starts": starts, "ends": ends}, step="placements"
            )
        for ref, *known in session.rows(
            "select reference, id, placed_on, ends_on from accounts_placement"
            " where creditor_id = %(creditor)s and reference = any(%(refs)s)",
            {"creditor": creditor, "refs": refs},
        ):
            self._placements[ref] = _Placement(*known)

    def _knows(self, ref: str, start: date, ends: date | None) -> bool:
        there = self._placements.get(ref)
        return there is not None and (ends is None or ends == there.ends_on or ends < there.placed_on)

    def _over(self, good: pl.DataFrame) -> list[Fault]:
        """Rows whose placement would end before it began."""
        began = {ref: placement.placed_on for ref, placement in self._placements.items()}
        late = good.with_columns(
            began=pl.col("placement_ref").replace_strict(began, default=None, return_dtype=pl.Date)
        ).filter(pl.col("placement_ends_on") < pl.col("began"))
        return [
            Fault(row, "placement_over", str(ends), str(start))
            for row, ends, start in late.select("row", "placement_ends_on", "began").iter_rows()
        ]

    def _met(self, good: pl.DataFrame, there: pl.DataFrame, session: Session) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The rows with person_id, newcomer (the person) and new (the account); and the persons that must be made.

        The debtor on record stays, unless the row's document is already somebody else's: then the debt is theirs. A
        document that belongs to nobody yet goes to the debtor on record.
        """
        keys = good.group_by("merge_key").agg(pl.col("row").min(), debtor=pl.col("debtor_id").min()).sort("merge_key")
        keys = (
            keys.join(there, on="merge_key", how="left", maintain_order="left")
            .join(self._in_flight, on="merge_key", how="left", maintain_order="left")
            .with_columns(there=pl.coalesce("there", "person_id", "debtor"))
        )
        newcomer = keys["there"].is_null()
        fresh = keys.filter(newcomer).drop("there")
        fresh = fresh.with_columns(there=session.ids("people_person", len(fresh)))
        keys = pl.concat([keys.filter(~newcomer).select("merge_key", "there"), fresh.select("merge_key", "there")])
        self._in_flight = keys.rename({"there": "person_id"})
        good = good.join(keys, on="merge_key", how="left", maintain_order="left")
        good = good.with_columns(
            person_id=pl.when(pl.col("debtor_id").is_null() | pl.col("strong")).then("there").otherwise("debtor_id"),
            newcomer=pl.col("merge_key").is_in(fresh["merge_key"].implode()),
            new=pl.col("account_id").is_null(),
        )
        made = good.filter("new")["row"]
        ids = pl.DataFrame({"row": made, "id": session.ids("accounts_account", len(made))})
        good = good.join(ids, on="row", how="left", maintain_order="left").with_columns(
            account_id=pl.coalesce("account_id", "id")
        )
        return good.drop("there", "id"), fresh.select("merge_key", "row", person_id="there")


def _keyed(good: pl.DataFrame, creditor: str) -> pl.DataFrame:
    """The rows with their digest, the hash of the document, and the key by which the person is met again."""
    strong = pl.col("id_kind").is_in(STRONG) & pl.col("national_id").is_not_null()
    weak = pl.concat_str(
        pl.lit(creditor),
        pl.coalesce(
            pl.lit("person:") + pl.col("person_ref"),
            pl.lit("document:") + pl.col("id_kind") + ":" + pl.col("national_id"),
            pl.lit("account:") + pl.col("external_ref"),
        ),
        separator="\x1f",
    )
    good = good.with_columns(strong=strong.fill_null(False), weak=weak).with_columns(
        weak=pl.when(~pl.col("strong")).then("weak")
    )
    return good.with_columns(
        _digests(good),
        columns.hashed("id", good["national_id"]).alias("id_hash"),
        columns.hashed("person", good["weak"]),
    ).with_columns(merge_key=pl.when("strong").then("id_hash").otherwise("weak"))


def _digests(good: pl.DataFrame) -> pl.Series:
    """Two keyed hashes of 16 bytes: of the facts, of the balances."""
    facts, balances = (
        sealing.search_hashes("row", good.select(_joined(names)).to_series().to_list()) for names in (_FACTS, BALANCES)
    )
    both = [a[:16] + b[:16] for a, b in zip(facts, balances, strict=True) if a and b]
    return pl.Series("digest", both, dtype=pl.Binary)


def _joined(names: list[str] | tuple[str, ...]) -> pl.Expr:
    return pl.concat_str((pl.col(name).cast(pl.String).fill_null("\x00") for name in names), separator="\x1f")


def _clashes(good: pl.DataFrame) -> list[Fault]:
    """Rows that contradict what their account is."""
    kept_in = good.filter(pl.col("kept_in") != pl.col("currency")).select("row", "currency", "kept_in")
    other = good.filter(pl.col("strong") & (pl.col("debtor_hash") != pl.col("id_hash"))).select(
        "row", columns.masked_id(pl.col("national_id")), "debtor_shown"
    )
    return [
        *(Fault(row, "currency_clash", currency, known) for row, currency, known in kept_in.iter_rows()),
        *(Fault(row, "another_debtor", shown, known) for row, shown, known in other.iter_rows()),
    ]
