"""Loading lines of bank statements: kept as incoming money, known by creditor and reference, once.

Which debt a line is for is found afterwards (flows.incoming.match_new). Debits and lines not booked yet are left alone.
"""

from typing import Final

import polars as pl

from fairdue.intake.loading.ends import Ended, Prepared, Setting
from fairdue.intake.loading.faults import Fault
from fairdue.intake.loading.fitting import misfits
from fairdue.intake.loading.session import Session

_TEXTS: Final = ("payer", "payer_account", "text", "about", "method")
_PLAN: Final = """
    create temporary table if not exists load_plan (row bigint, known boolean, fault text, was text) on commit drop;
    truncate load_plan;
    insert into load_plan
    select s.row, coalesce(i.id, p.id) is not null or s.kind in ('debit', 'pending'),
        case when (i.kind, i.cents, i.currency, i.happened_on) <> (s.kind, s.cents, s.currency, s.happened_on)
            or i.id is null and (p.cents, p.currency) <> (s.cents, s.currency) then 'reference_reused' end,
        concat_ws(' ', coalesce(i.kind, p.kind), coalesce(i.happened_on, p.happened_on), coalesce(i.cents, p.cents),
            coalesce(i.currency, p.currency))
    from load_row s
    left join lateral (
        select * from accounts_incoming where creditor_id = {creditor} and reference = s.reference offset 0
    ) i on true
    left join lateral (
        select * from accounts_payment where creditor_id = {creditor} and reference = s.reference offset 0
    ) p on true;
    analyze load_plan
"""
_NEW: Final = f"""
    insert into accounts_incoming (creditor_id, reference, origin, kind, cents, currency, happened_on, status, candidates,
        note, learned_at, {", ".join(_TEXTS)})
    select {{creditor}}, s.reference, 'bank', s.kind, s.cents, s.currency, s.happened_on, 'new', '[]', '', now(),
        {", ".join(f"s.{name}" for name in _TEXTS)}
    from load_row s join load_plan p using (row) where p.fault is null and not p.known order by s.row
"""  # noqa: S608


class Bank:
    """Loader of bank statements."""

    def __init__(self, setting: Setting) -> None:
        self._creditor = str(setting.creditor.pk)

    def prepare(self, good: pl.DataFrame, session: Session) -> Prepared:
        """The columns the database takes; texts empty rather than null."""
        ended = Ended(faults=misfits(good, "bank"))
        rows = good.filter(~pl.col("row").is_in([fault.row for fault in ended.faults])).select(
            "row",
            "reference",
            "happened_on",
            "cents",
            "currency",
            "kind",
            *(pl.col(name).fill_null("") for name in _TEXTS),
        )
        return Prepared({"load_row": rows} if len(rows) else {}, ended)

    def apply(self, prepared: Prepared, session: Session) -> Ended:
        """Write the batch's new lines."""
        ended = prepared.ended
        if not prepared.tables:
            return ended
        session.fill("load_row", prepared.tables["load_row"])
        session.execute(_PLAN.replace("{creditor}", self._creditor), step="plan")
        session.execute(_NEW.replace("{creditor}", self._creditor), step="bank")
        for row, fault, found, was in session.rows(
            "select p.row, p.fault, s.reference, p.was from load_plan p join load_row s using (row) where p.fault is not null"
        ):
            ended.faults.append(Fault(row, fault, found, was))
        ended.unchanged = [row for (row,) in session.rows("select row from load_plan where fault is null and known")]
        return ended

    def finish(self, session: Session) -> None:
        """Nothing more inside the load's transaction."""
