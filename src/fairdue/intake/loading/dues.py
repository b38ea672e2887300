"""Loading bills and instalments: known by account and number; a corrected one is updated in place."""

from typing import Final

import polars as pl

from fairdue.intake.loading.ends import Ended, Prepared, Setting
from fairdue.intake.loading.faults import Fault
from fairdue.intake.loading.fitting import misfits
from fairdue.intake.loading.session import Session

_PLAN: Final = """
    create temporary table if not exists load_plan (
        row bigint, account_id bigint, due_id bigint, same boolean, fault text, known text
    ) on commit drop;
    truncate load_plan;
    insert into load_plan
    select s.row, a.id, d.id,
        (d.due_on, d.principal, d.interest, d.fees) = (s.due_on, s.principal, s.interest, s.fees),
        case when a.id is null then 'account_unknown' when a.currency <> s.currency then 'currency_clash' end,
        a.currency
    from load_row s
    left join lateral (
        select id, currency from accounts_account where creditor_id = {creditor} and external_ref = s.account_ref offset 0
    ) a on true
    left join lateral (select * from accounts_due where account_id = a.id and n = s.n offset 0) d on true;
    analyze load_plan
"""
_LOCK: Final = """
    select 1 from accounts_account where id in (select account_id from load_plan where fault is null and same is not true)
    order by id for key share
"""
_NEW: Final = """
    insert into accounts_due (account_id, n, due_on, principal, interest, fees, cents)
    select p.account_id, s.n, s.due_on, s.principal, s.interest, s.fees, s.cents
    from load_row s join load_plan p using (row) where p.fault is null and p.due_id is null order by p.account_id, s.n
"""
_CHANGED: Final = """
    update accounts_due d set due_on = s.due_on, principal = s.principal, interest = s.interest, fees = s.fees,
        cents = s.cents
    from load_row s join load_plan p using (row) where d.id = p.due_id and p.fault is null and not p.same
"""


class Dues:
    """Loader of files of bills and instalments."""

    def __init__(self, setting: Setting) -> None:
        self._creditor = str(setting.creditor.pk)

    def prepare(self, good: pl.DataFrame, session: Session) -> Prepared:
        """Nothing personal in a bill: the columns go as they are."""
        ended = Ended(faults=misfits(good, "dues"))
        rows = good.filter(~pl.col("row").is_in([fault.row for fault in ended.faults])).select(
            "row", "account_ref", "n", "due_on", "currency",
            *(pl.col(name).fill_null(0) for name in ("principal", "interest", "fees")), "cents",
        )  # fmt: skip
        return Prepared({"load_row": rows} if len(rows) else {}, ended)

    def apply(self, prepared: Prepared, session: Session) -> Ended:
        """Write the batch's dues; their accounts are held against deletion, as a foreign key would."""
        ended = prepared.ended
        if not prepared.tables:
            return ended
        session.fill("load_row", prepared.tables["load_row"])
        session.execute(_PLAN.replace("{creditor}", self._creditor), step="plan")
        session.execute(_LOCK, step="plan")
        with session.trusted():
            session.execute(_NEW, step="dues")
        session.execute(_CHANGED, step="dues")
        for row, fault, found, known in session.rows(
            """select p.row, p.fault, case p.fault when 'currency_clash' then s.currency else s.account_ref end,
                coalesce(p.known, '') from load_plan p join load_row s using (row) where p.fault is not null"""
        ):
            ended.faults.append(Fault(row, fault, found, known))
        for row, same in session.rows("select row, same from load_plan where fault is null and due_id is not null"):
            (ended.unchanged if same else ended.updated).append(row)
        return ended

    def finish(self, session: Session) -> None:
        """Nothing: ageing is the night's."""
