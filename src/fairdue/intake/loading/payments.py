"""Loading payments: known by creditor and reference, once.

What is on record is never changed: a correction is a reversal and a new payment. Rows are inserted not yet applied;
services.run has the ledger apply them once they are committed.
"""

import re
from typing import Final

import polars as pl

from fairdue.intake.loading.ends import Ended, Prepared, Setting
from fairdue.intake.loading.faults import Fault
from fairdue.intake.loading.fitting import misfits
from fairdue.intake.loading.session import Session
from fairdue.money.amount import format_amount

# `o` is the payment on record under the row's own reference.
_PLAN: Final = """
    create temporary table if not exists load_plan (
        row bigint, account_id bigint, on_record bigint, reverses_id bigint, fault text, found text, known text
    ) on commit drop;
    truncate load_plan;
    insert into load_plan
    select s.row, a.id, o.id, null, f.fault,
        case f.fault when 'account_unknown' then s.account_ref when 'currency_clash' then s.currency
            when 'before_opening' then s.happened_on::text else s.reference end,
        case f.fault when 'currency_clash' then a.currency when 'before_opening' then a.opened_on::text
            when 'reference_reused' then concat_ws(' ', b.external_ref, o.kind, o.happened_on, o.cents || '¤' || o.currency) end
    from load_row s
    left join lateral (
        select id, currency, opened_on from accounts_account
        where creditor_id = {creditor} and external_ref = s.account_ref offset 0
    ) a on true
    left join lateral (
        select * from accounts_payment where creditor_id = {creditor} and reference = s.reference offset 0
    ) o on true
    left join lateral (select external_ref from accounts_account where id = o.account_id offset 0) b on true
    left join lateral (select reference from accounts_payment where id = o.reverses_id offset 0) r on true
    cross join lateral (select case
        when a.id is null then 'account_unknown'
        when a.currency <> s.currency then 'currency_clash'
        when (o.account_id, o.kind, o.cents, o.happened_on) <> (a.id, s.kind, s.cents, s.happened_on)
            or r.reference <> s.reverses then 'reference_reused'
        when o.id is null and s.kind = 'payment' and s.happened_on < a.opened_on then 'before_opening' end as fault) f;
    analyze load_plan
"""
_LOCK: Final = """
    select 1 from accounts_account where id in (select account_id from load_plan where fault is null and on_record is null)
    order by id for key share
"""
_COLUMNS: Final = (
    "creditor_id, reference, account_id, kind, reverses_id, cents, currency, method, payer, happened_on, learned_at"
)
_NEW: Final = f"""
    insert into accounts_payment ({_COLUMNS})
    select {{creditor}}, s.reference, p.account_id, s.kind, p.reverses_id, s.cents, s.currency, s.method, s.payer,
        s.happened_on, least(now(), s.learned_on::timestamp at time zone {{zone}})
    from load_row s join load_plan p using (row)
    where p.fault is null and p.on_record is null and s.kind = {{kind}} order by p.account_id, s.row
"""  # noqa: S608
# A reversal is looked up after the payments of its batch are in; `n` counts rows that reverse the same payment.
_REVERSALS: Final = """
    with found as (
        select s.row, r.id, r.kind, r.account_id, r.cents, r.currency, b.reference as by, s.cents as stated,
            p.account_id as stated_account, row_number() over (partition by r.id order by s.row) as n,
            first_value(s.reference) over (partition by r.id order by s.row) as first_by
        from load_row s join load_plan p using (row)
        left join accounts_payment r on r.creditor_id = {creditor} and r.reference = s.reverses
        left join accounts_payment b on b.reverses_id = r.id
        where s.kind = 'reversal' and p.fault is null and p.on_record is null
    )
    update load_plan p set reverses_id = f.id, found = s.reverses,
        fault = case when f.id is null or f.kind <> 'payment' then 'reverses_unknown'
            when f.account_id <> f.stated_account or f.cents <> f.stated then 'reverses_other'
            when f.by is not null or f.n > 1 then 'reversed_already' end,
        known = case when f.account_id <> f.stated_account or f.cents <> f.stated then f.cents || '¤' || f.currency
            else coalesce(f.by, f.first_by) end
    from found f join load_row s using (row) where p.row = f.row
"""

_AMOUNT: Final = re.compile(r"(\d+)¤([A-Z]{3})")


def _in_words(amount: re.Match[str]) -> str:
    return f"{amount[2]} {format_amount(int(amount[1]), amount[2])}"


class Payments:
    """Loader of files of payments and reversals.."""

    def __init__(self, setting: Setting) -> None:
        self._creditor = str(setting.creditor.pk)
        self._zone = setting.creditor.zone.replace("'", "")

    def prepare(self, good: pl.DataFrame, session: Session) -> Prepared:
        """The columns the database takes; method and payer empty rather than null."""
        ended = Ended(faults=misfits(good, "payments"))
        rows = good.filter(~pl.col("row").is_in([fault.row for fault in ended.faults])).select(
            "row", "account_ref", "reference", "happened_on", "learned_on", "cents", "currency", "kind", "reverses",
            pl.col("method").fill_null(""), pl.col("payer").fill_null(""),
        )  # fmt: skip
        return Prepared({"load_row": rows} if len(rows) else {}, ended)

    def apply(self, prepared: Prepared, session: Session) -> Ended:
        """Write the batch's payments, then its reversals. Accounts are held against deletion."""
        ended = prepared.ended
        if not prepared.tables:
            return ended
        session.fill("load_row", prepared.tables["load_row"])
        self._run(session, "plan", _PLAN)
        self._run(session, "plan", _LOCK)
        with session.trusted():
            self._run(session, "payments", _NEW, kind="payment")
            self._run(session, "reversals", _REVERSALS)
            self._run(session, "reversals", _NEW, kind="reversal")
        for row, fault, found, known in session.rows(
            "select row, fault, coalesce(found, ''), coalesce(known, '') from load_plan where fault is not null"
        ):
            ended.faults.append(Fault(row, fault, found, _AMOUNT.sub(_in_words, known)))
        ended.unchanged = [
            row for (row,) in session.rows("select row from load_plan where fault is null and on_record is not null")
        ]
        return ended

    def finish(self, session: Session) -> None:
        """Nothing more inside the load's transaction."""

    def _run(self, session: Session, step: str, query: str, *, kind: str = "") -> int:
        words = {"creditor": self._creditor, "zone": f"'{self._zone}'", "kind": f"'{kind}'"}
        for word, value in words.items():
            query = query.replace("{" + word + "}", value)
        return session.execute(query, step=step)
