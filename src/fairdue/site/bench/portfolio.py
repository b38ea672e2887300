"""A large made-up portfolio written straight into a scratch database by SQL, in seconds: for measuring, not for looking at.

    fill(accounts=1_000_000, attempts=20_000_000)

One case per person; half a year of monthly dues and a few payments an account, promises, holds, e-mail for a third, attempts spread
evenly over the last year. Everything follows from the row's number by a fixed scramble, so that two fills are the same.
"""

from datetime import date

from django.db import connection

from fairdue.accounts.columns import execute, rows

DAY = date(2026, 3, 2)
"""The day the portfolio is ready for: placed, paid and contacted up to the evening before."""

_COLLECTORS_PER_TEAM = 10


# Scramble: the n-th row's k-th number, 0 … 2^31-1, the same in every fill.
_SCRAMBLE = """
    create or replace function scramble(n bigint, k int) returns bigint immutable parallel safe language sql as
    $$ select ((n * 2654435761 + k::bigint * 40503 * 2246822519) # ((n * 2654435761) >> 15)) & 2147483647 $$
"""

_TABLES = {
    "accounts_creditor": """
        insert into accounts_creditor (code, name_zh, name_en, jurisdiction, zone, currency, we_act_as, grace_days, proof_bar, mapping)
        select 'B' || i, '测算机构' || i, 'Bench ' || i, 'cn', 'Asia/Shanghai', 'CNY', 2, 3, 60, '' from generate_series(1, 4) i
    """,
    "accounts_placement": """
        insert into accounts_placement (creditor_id, reference, placed_on, ends_on)
        select id, 'P1', %(day)s::date - 60, %(day)s::date + 90 from accounts_creditor
    """,
    "people_person": """
        insert into people_person (merge_key, name, id_kind, id_masked, region, language, income_currency, income_month, made_up)
        select decode(md5('p' || i), 'hex'), '测算' || i, 'none', '', 'CN-31', 'zh', 'CNY',
            case when scramble(i, 1) %% 10 < 3 then 300000 + scramble(i, 2) %% 2000000 end, true
        from generate_series(1, %(accounts)s) i
    """,
    "people_contactpoint": """
        insert into people_contactpoint (person_id, kind, sealed, hash, masked, country, zones, line, source, status, rank)
        select id, 'phone', decode(md5('s' || id), 'hex'), decode(md5('h' || id), 'hex'), '138****' || id %% 10000, 'CN',
            'Asia/Shanghai', 'mobile', 'reserved', case when scramble(id, 3) %% 20 = 0 then 'invalid' else 'unverified' end, 1
        from people_person
        union all
        select id, 'email', decode(md5('es' || id), 'hex'), decode(md5('e' || id), 'hex'), 'a***@example.com', 'CN',
            'Asia/Shanghai', '', 'reserved', 'unverified', 1 from people_person where id %% 3 = 0
    """,
    "accounts_account": """
        insert into accounts_account (creditor_id, external_ref, placement_id, debtor_id, product, currency, status, opened_on,
            original_amount, limitation_on, has_contract, has_identity, has_chain, has_statement, has_payments, proof_score)
        select c.id, 'A' || p.id, l.id, p.id, case p.id %% 2 when 0 then 'online_loan' else 'credit_card' end, 'CNY', 'open',
            %(day)s::date - 700, 1000000, %(day)s::date + (scramble(p.id, 4) %% 1200)::int, true, true, true, true, true,
            case when scramble(p.id, 5) %% 33 = 0 then 40 else 80 end
        from people_person p join accounts_creditor c on c.id = 1 + p.id %% 4 join accounts_placement l on l.creditor_id = c.id
    """,
    "accounts_due": """
        insert into accounts_due (account_id, n, due_on, principal, interest, fees, cents)
        select a.id, n, %(day)s::date - (scramble(a.id, 6) %% 30)::int - 30 * (6 - n) + 5, 20000, 1500, 0, 21500
        from accounts_account a cross join generate_series(1, 6) n
    """,
    "accounts_transfer": """
        insert into accounts_transfer (account_id, source, target, cents, happened_on, learned_at)
        select id, 20, 1, 100000 + scramble(id, 7) %% 900000, %(day)s::date - 60,
            %(day)s::date - 60 from accounts_account
        union all select id, 20, 2, 1000 + scramble(id, 8) %% 30000, %(day)s::date - 60,
            %(day)s::date - 60 from accounts_account
    """,
    "accounts_balance": """
        insert into accounts_balance (account_id, principal, interest, penalty, fees, costs, unapplied)
        select account_id, sum(cents) filter (where target = 1), sum(cents) filter (where target = 2), 0, 0, 0, 0
        from accounts_transfer group by account_id
    """,
    # Two payments an account: one before the placing, one lately; a fiftieth of the late ones came in yesterday, unapplied.
    "accounts_payment": """
        insert into accounts_payment (creditor_id, reference, account_id, kind, cents, currency, method, payer, happened_on,
            learned_at, applied_at)
        select creditor_id, 'H' || id, id, 'payment', 10000 + 21500 * (scramble(id, 9) %% 4), 'CNY', 'bank', '',
            %(day)s::date - 90, %(day)s::date - 90, %(day)s::date - 59 from accounts_account
        union all
        select creditor_id, 'N' || id, id, 'payment', 5000 + scramble(id, 10) %% 40000, 'CNY', 'bank', '',
            %(day)s::date - 1, %(day)s::date - 1, null from accounts_account where scramble(id, 11) %% 50 = 0
    """,
    "cases_case": """
        insert into cases_case (person_id, creditor_id, status, reason_for_default)
        select debtor_id, creditor_id, case when proof_score < 60 then 'repair' else 'open' end, '' from accounts_account
    """,
    "agreements_promise": """
        insert into agreements_promise (case_id, account_id, person_id, cents, currency, made_on, due_on, status, received)
        select k.id, a.id, k.person_id, 20000, 'CNY', %(day)s::date - 6, %(day)s::date - 3 + (scramble(k.id, 12) %% 6)::int,
            'open', 0
        from cases_case k join accounts_account a on a.debtor_id = k.person_id where scramble(k.id, 13) %% 20 = 0
    """,
    "cases_hold": """
        insert into cases_hold (person_id, kind, reason, starts_at, lift_reason)
        select id, case scramble(id, 15) %% 2 when 0 then 'dispute' else 'hardship' end, 'bench', %(day)s::date - 10, ''
        from people_person where scramble(id, 14) %% 50 = 0
    """,
    "contact_attempt": """
        insert into contact_attempt (happened_at, learned_at, creditor_id, person_id, addressee_id, account_id,
            contact_point_id, channel, mode, direction, relation, purpose, result, agent, note)
        select %(day)s::timestamptz - make_interval(mins => 400 + (scramble(i, 16) %% 525600)::int), %(day)s::date - 1,
            1 + p %% 4, p, p, p, p, 1, 1, 1, 1, 1, (array[1, 1, 1, 1, 2, 3, 8, 8])[1 + scramble(i, 17) %% 8], '', ''
        from (select i, 1 + scramble(i, 18) %% %(accounts)s as p from generate_series(1, %(attempts)s) i) x
    """,
}  # fmt: skip


def fill(*, accounts: int, attempts: int, collectors: int = 50) -> None:
    """Fill an empty, migrated scratch database. Triggers rest meanwhile (superuser), indexes are built at the end."""
    known = {"day": DAY, "accounts": accounts, "attempts": attempts}
    connection.ensure_connection()
    execute("set session_replication_role = replica")
    execute("set maintenance_work_mem = '512MB'")
    execute("set work_mem = '256MB'")
    execute(_SCRAMBLE)
    staff(collectors)
    for table, statement in _TABLES.items():
        again = _without_indexes(table)
        execute(statement, known)
        for definition in again:
            execute(definition)
    execute("set session_replication_role = origin")
    execute("vacuum analyze")


def _without_indexes(table: str) -> list[str]:
    """Drop the table's indexes and unique constraints, the primary key apart; the statements that make them again."""
    unique = rows(
        """select conname, pg_get_constraintdef(oid) from pg_constraint
        where conrelid = %s::text::regclass and contype = 'u'""",
        [table],
    )
    for name, _ in unique:
        execute(f'alter table {table} drop constraint "{name}"')
    plain = rows(
        """select indexname, indexdef from pg_indexes i where tablename = %s
        and not exists (select from pg_constraint where conname = i.indexname)""",
        [table],
    )
    for name, _ in plain:
        execute(f'drop index "{name}"')
    added = [f'alter table {table} add constraint "{name}" {definition}' for name, definition in unique]
    return added + [definition for _, definition in plain]


def staff(collectors: int) -> None:
    """Teams of ten with a lead each; every collector speaks Chinese and takes every bucket."""
    from fairdue.staff.models import Role, Team, User

    for first in range(0, collectors, _COLLECTORS_PER_TEAM):
        team = Team.objects.create(name=f"bench team {first // _COLLECTORS_PER_TEAM + 1}")
        User.objects.create(username=f"bench-lead-{first}", role=Role.LEAD, team=team)
        for n in range(first, min(first + _COLLECTORS_PER_TEAM, collectors)):
            User.objects.create(username=f"bench-{n}", role=Role.COLLECTOR, team=team, speaks=["zh"])
