"""Foreign keys and balances of the rows a load inserted, proved by sets before the commit."""

from typing import Final

from fairdue.intake.loading.session import Session

PARENTS: Final = (
    ("people_relation", "debtor_id", "people_person"),
    ("people_relation", "person_id", "people_person"),
    ("people_contactpoint", "person_id", "people_person"),
    ("accounts_placement", "creditor_id", "accounts_creditor"),
    ("accounts_account", "debtor_id", "people_person"),
    ("accounts_account", "creditor_id", "accounts_creditor"),
    ("accounts_account", "placement_id", "accounts_placement"),
    ("accounts_due", "account_id", "accounts_account"),
    ("accounts_payment", "account_id", "accounts_account"),
    ("accounts_payment", "creditor_id", "accounts_creditor"),
    ("accounts_payment", "reverses_id", "accounts_payment"),
    ("accounts_transfer", "account_id", "accounts_account"),
    ("cases_case", "person_id", "people_person"),
    ("cases_case", "creditor_id", "accounts_creditor"),
    ("contact_attempt", "creditor_id", "accounts_creditor"),
    ("contact_attempt", "person_id", "people_person"),
    ("contact_attempt", "addressee_id", "people_person"),
    ("contact_attempt", "account_id", "accounts_account"),
    ("contact_attempt", "contact_point_id", "people_contactpoint"),
)
"""(table, column, parent): every foreign key of a table into which loaders insert under Session.trusted()."""

_TABLES: Final = tuple(dict.fromkeys(table for table, _, _ in PARENTS))


def marks(session: Session) -> dict[str, int]:
    """The highest id of each table before the load."""
    tops = ", ".join(f"(select coalesce(max(id), 0) from {table})" for table in _TABLES)  # noqa: S608
    return dict(zip(_TABLES, session.rows(f"select {tops}")[0], strict=True))


def verify(session: Session, before: dict[str, int]) -> None:
    """Look up the parents of every row above `before`; compare balances of new accounts with their transfers."""
    for table, column, parent in PARENTS:
        if not session.rows(f"select exists (select from {table} where id > {before[table]})")[0][0]:  # noqa: S608
            continue
        lost = session.rows(
            f"select count(*) from {table} c where c.id > {before[table]} and c.{column} is not null"  # noqa: S608
            f" and not exists (select from {parent} p where p.id = c.{column})",
            step="verify",
        )[0][0]
        assert not lost, f"{lost} rows of {table} name no {parent}"
    new = f"account_id > {before['accounts_account']}"
    wrong = session.rows(
        f"""select count(*) from (
            select account_id, sum(case when target <= 5 then cents else 0 end)
                - sum(case when source <= 5 then cents else 0 end) as owed
            from accounts_transfer where {new} group by 1
        ) t full join (
            select account_id, principal + interest + penalty + fees + costs as owed from accounts_balance where {new}
        ) b using (account_id) where coalesce(b.owed, 0) <> coalesce(t.owed, 0)""",  # noqa: S608
        step="verify",
    )[0][0]
    assert not wrong, f"{wrong} balances differ from their transfers"
