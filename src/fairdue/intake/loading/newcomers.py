"""Debts, and people, that nobody knew before: written straight into their tables."""

from hashlib import sha256
from typing import Final

import polars as pl

from fairdue.accounts import proof
from fairdue.accounts.models import COMPONENTS, Book
from fairdue.intake.fields import BALANCES
from fairdue.intake.loading import columns
from fairdue.intake.loading.ends import Setting
from fairdue.intake.loading.session import Lines, Session

UNNAMED: Final = "—"
"""The name of somebody of whom only a phone is known."""

_BOOKS: Final = {component.name.lower(): int(component) for component in COMPONENTS}


def lines(
    good: pl.DataFrame, persons: pl.DataFrame, points: pl.DataFrame, contacts: pl.DataFrame, *, setting: Setting,
    session: Session,
) -> list[tuple[str, Lines]]:  # fmt: skip
    """(table, rows), in the order in which they go in.

    good: the batch's rows (accounts.py); persons: merge_key, row, person_id of those to be made; points and contacts
    of all rows (columns.py), of which only those of newcomers are taken here.
    """
    new = good.filter("new")
    fresh = good.filter("newcomer").select("row", "person_id", "merge_key")
    around = _around(contacts.join(fresh, on="row"), session)
    who = pl.concat(
        [
            fresh.select("row", "person_id", who=pl.lit(0, dtype=pl.Int8)),
            around.select("row", "person_id", "who"),
        ]
    )
    reached = points.join(who, on=["row", "who"]).sort("person_id", "kind", "hash", "rank")
    points_once = reached.unique(["person_id", "kind", "hash"], keep="first", maintain_order=True).select(
        "person_id", "kind", "sealed", "hash", "masked", "country", "zones", "line", "rank",
        source=pl.lit("reserved"), status=pl.lit("unverified"),
    )  # fmt: skip
    owing = new.filter(pl.any_horizontal(pl.col(BALANCES) > 0))
    frames = [
        ("people_person", _people(good, persons)),
        ("people_person", _others(around)),
        ("people_relation", around.select("debtor_id", "person_id", kind="relation").unique(maintain_order=True)),
        ("people_contactpoint", points_once),
        ("accounts_account", _accounts(new, setting)),
        ("accounts_transfer", _transfers(new, setting)),
        ("accounts_balance", owing.select("account_id", *BALANCES, unapplied=pl.lit(0))),
        ("cases_case", _cases(new.filter("newcomer"), setting)),
    ]  # fmt: skip
    return [(table, Lines.of(frame)) for table, frame in frames if len(frame)]


def _people(good: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    facts = good.drop("merge_key", "person_id").join(persons, on="row").sort("merge_key")
    return facts.with_columns(id_sealed=columns.sealed(facts["national_id"])).select(
        "merge_key", "name", "id_sealed", "id_hash", "birth_on", "sex", "income_month",
        id="person_id",
        id_kind=pl.col("id_kind").fill_null("none"),
        id_masked=columns.masked_id(pl.col("national_id")).fill_null(""),
        region=pl.col("region").fill_null(""),
        language=pl.col("language").fill_null("zh"),
        income_currency=columns.income_currency(),
        made_up=pl.lit(False),
    )  # fmt: skip


def _around(contacts: pl.DataFrame, session: Session) -> pl.DataFrame:
    """The contacts of newcomers as persons: row, who, debtor_id, person_id, merge_key, name, relation.

    Somebody around a debtor is known per debtor, by phone or else by name: sha256 over keyed hashes stays keyed.
    """
    keys = [related_key(debtor, key) for debtor, key in contacts.select("merge_key", "key").iter_rows()]
    contacts = contacts.rename({"person_id": "debtor_id"}).with_columns(pl.Series("merge_key", keys, dtype=pl.Binary))
    known = contacts.select("merge_key").unique().sort("merge_key")
    known = known.with_columns(person_id=session.ids("people_person", len(known)))
    return contacts.join(known, on="merge_key", how="left", maintain_order="left")


def related_key(debtor: bytes, key: bytes) -> bytes:
    """The merge key of somebody around a debtor; changes.py and contacts.py say the same in SQL."""
    return sha256(b"related" + debtor + key).digest()


def _others(around: pl.DataFrame) -> pl.DataFrame:
    return (
        around.sort("merge_key", "row", "who")
        .unique("merge_key", keep="first", maintain_order=True)
        .select(
            "merge_key",
            id="person_id",
            name=pl.col("name").fill_null(UNNAMED),
            **{name: pl.lit("") for name in ("id_masked", "region", "income_currency")},
            id_kind=pl.lit("none"),
            language=pl.lit("zh"),
            made_up=pl.lit(False),
        )
    )


def _accounts(new: pl.DataFrame, setting: Setting) -> pl.DataFrame:
    return new.select(
        "external_ref", "placement_id", "product", "currency", "opened_on", "credit_limit", "rate", "term_months",
        "last_paid_on", "limitation_on", "digest",
        id="account_id",
        debtor_id="person_id",
        creditor_id=pl.lit(setting.creditor.pk),
        status=pl.lit("open"),
        original_amount=pl.when(pl.col("original_amount") > 0).then("original_amount"),
        proof_score=_score(),
        **{f"has_{document}": pl.col(f"proof_{document}").fill_null(False) for document in proof.WEIGHTS},
    )  # fmt: skip


def _score() -> pl.Expr:
    """proof.score() as a column expression."""
    return pl.sum_horizontal(
        pl.col(f"proof_{document}").fill_null(False).cast(pl.Int16) * points
        for document, points in proof.WEIGHTS.items()
    )


def _transfers(new: pl.DataFrame, setting: Setting) -> pl.DataFrame:
    """The opening: PLACED → component, on the day of placing, as the file states it."""
    today = pl.lit(setting.today, dtype=pl.Date)
    return pl.concat(
        new.lazy()
        .filter(pl.col(name) > 0)
        .select(
            "account_id",
            source=pl.lit(int(Book.PLACED)),
            target=pl.lit(_BOOKS[name]),
            cents=name,
            happened_on=pl.min_horizontal(pl.col("placed_on").fill_null(today), today),
        )
        for name in BALANCES
    ).collect()


def _cases(new: pl.DataFrame, setting: Setting) -> pl.DataFrame:
    return (
        new.group_by("person_id")
        .agg(score=_score().min())
        .sort("person_id")
        .select(
            "person_id",
            creditor_id=pl.lit(setting.creditor.pk),
            status=pl.when(pl.col("score") < setting.creditor.proof_bar)
            .then(pl.lit("repair"))
            .otherwise(pl.lit("open")),
            reason_for_default=pl.lit(""),
        )
    )
