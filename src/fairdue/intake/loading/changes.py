"""What a batch of accounts says about debts and people already on record: by temporary tables and sets."""

from typing import Final

import polars as pl

from fairdue.accounts import proof
from fairdue.accounts.models import COMPONENTS, Book
from fairdue.intake.fields import BALANCES
from fairdue.intake.loading import columns
from fairdue.intake.loading.ends import Setting
from fairdue.intake.loading.session import Session

assert [int(book) for book in COMPONENTS] == [1, 2, 3, 4, 5]

_KEPT: Final = [
    "row", "account_id", "person_id", "new", "product", "currency", *BALANCES, "original_amount", "credit_limit",
    "opened_on", "rate", "term_months", "last_paid_on", "limitation_on", "name", "id_kind", "id_hash", "birth_on", "sex",
    "region", "language", "income_month", "placement_id", "placement_ends_on", "digest",
    *(f"proof_{document}" for document in proof.WEIGHTS),
]  # fmt: skip

# Persons first, in the order of their ids, before any account: as everybody locks who locks several.
_LOCK: Final = """
    select 1 from people_person where id = any(array(select distinct person_id from load_row)) order by id for no key update
"""
_RENEWED: Final = """
    update people_person d set name = n.name, birth_on = coalesce(d.birth_on, n.birth_on), sex = coalesce(d.sex, n.sex),
        region = coalesce(n.region, d.region), language = coalesce(n.language, d.language),
        income_month = coalesce(n.income_month, d.income_month),
        income_currency = case when n.income_month is null then d.income_currency else n.income_currency end,
        id_kind = case when d.id_hash is null and n.id_hash is not null then n.id_kind else d.id_kind end,
        id_sealed = case when d.id_hash is null then n.id_sealed else d.id_sealed end,
        id_masked = case when d.id_hash is null then coalesce(n.id_masked, '') else d.id_masked end,
        id_hash = coalesce(d.id_hash, n.id_hash)
    from (
        select distinct on (person_id) * from load_row order by person_id, (id_hash is not null) desc, row desc
    ) n
    where d.id = n.person_id and d.id = any(array(select distinct person_id from load_row)) and (
        d.name <> n.name or (d.birth_on is null and n.birth_on is not null) or (d.sex is null and n.sex is not null)
        or d.region <> coalesce(n.region, d.region) or d.language <> coalesce(n.language, d.language)
        or (n.income_month is not null and d.income_month is distinct from n.income_month)
        or (d.id_hash is null and n.id_hash is not null))
"""
_HAVE: Final = ", ".join(f"has_{d} = coalesce(s.proof_{d}, a.has_{d})" for d in proof.WEIGHTS)
_RESTATED: Final = """
    create temporary table if not exists load_restated (row bigint) on commit drop;
    truncate load_restated;
    insert into load_restated select s.row from load_row s
    cross join lateral (select digest from accounts_account where id = s.account_id offset 0) a
    where not s.new and substr(a.digest, 17) is distinct from substr(s.digest, 17);
    analyze load_restated
"""
_CHANGED: Final = f"""
    update accounts_account a set
        placement_id = coalesce(s.placement_id, a.placement_id), debtor_id = s.person_id, product = s.product,
        status = case when a.status = 'recalled' and s.placement_id is distinct from a.placement_id
            and coalesce(s.placement_ends_on, '{{today}}') >= '{{today}}' then 'open' else a.status end,
        opened_on = coalesce(s.opened_on, a.opened_on),
        original_amount = coalesce(nullif(s.original_amount, 0), a.original_amount),
        credit_limit = coalesce(s.credit_limit, a.credit_limit), rate = coalesce(s.rate::numeric, a.rate),
        term_months = coalesce(s.term_months, a.term_months),
        last_paid_on = greatest(s.last_paid_on, a.last_paid_on),
        limitation_on = coalesce(s.limitation_on, a.limitation_on), {_HAVE}, digest = s.digest
    from load_row s where a.id = s.account_id and not s.new
"""  # noqa: S608
_RESCORED: Final = f"""
    update accounts_account a set proof_score = {proof.score_sql()} from load_row s
    where a.id = s.account_id and not s.new and a.proof_score <> {proof.score_sql()}
"""  # noqa: S608
_CORRECTIONS: Final = """
    insert into accounts_transfer (account_id, source, target, cents, happened_on)
    select s.account_id, case when d.cents > 0 then {correction} else d.book end,
        case when d.cents > 0 then d.book else {correction} end, abs(d.cents), '{today}'
    from load_row s join load_restated using (row)
    left join accounts_balance b on b.account_id = s.account_id
    cross join lateral (values
        (1, s.principal - coalesce(b.principal, 0)), (2, s.interest - coalesce(b.interest, 0)),
        (3, s.penalty - coalesce(b.penalty, 0)), (4, s.fees - coalesce(b.fees, 0)), (5, s.costs - coalesce(b.costs, 0))
    ) d(book, cents)
    where d.cents <> 0 order by s.account_id
"""
_OWED_AGAIN: Final = """
    update accounts_account a set status = 'open' from load_row s join load_restated using (row), accounts_balance b
    where a.id = s.account_id and b.account_id = a.id and a.status = 'paid'
        and b.principal + b.interest + b.penalty + b.fees + b.costs > 0
"""
_CASES: Final = """
    insert into cases_case (person_id, creditor_id, status, reason_for_default)
    select distinct s.person_id, {creditor}, 'open', '' from load_row s
    where not exists (select from cases_case k where k.person_id = s.person_id and k.creditor_id = {creditor} offset 0)
    order by 1 on conflict do nothing
"""
# Somebody around a debtor is known per debtor, by phone or else by name (newcomers.related_key). Materialized, since a
# nested loop may read a subquery once for every row: the same person would be numbered anew each time.
_AROUND: Final = """
    create temporary table if not exists load_around (
        row bigint, who smallint, debtor_id bigint, merge_key bytea, name text, relation smallint,
        person_id bigint, fresh boolean
    ) on commit drop;
    truncate load_around;
    insert into load_around
    select c.row, c.who, s.person_id, sha256('related'::bytea || d.merge_key || c.key), c.name, c.relation, null, false
    from load_contact c join load_row s using (row)
    cross join lateral (select merge_key from people_person where id = s.person_id offset 0) d;
    analyze load_around;
    with k as materialized (
        select g.merge_key, coalesce(d.id, nextval('people_person_id_seq')) as person_id, d.id is null as fresh
        from (select distinct merge_key from load_around) g
        left join lateral (select id from people_person where merge_key = g.merge_key offset 0) d on true
    )
    update load_around c set person_id = k.person_id, fresh = k.fresh from k where k.merge_key = c.merge_key;
    analyze load_around
"""
_AROUND_MADE: Final = """
    insert into people_person (id, merge_key, name, id_kind, id_masked, region, language, income_currency, made_up)
    select distinct on (c.merge_key) c.person_id, c.merge_key, coalesce(c.name, '—'), 'none', '', '', 'zh', '', false
    from load_around c where c.fresh order by c.merge_key, c.row, c.who
"""
_RELATIONS: Final = """
    insert into people_relation (debtor_id, person_id, kind)
    select distinct c.debtor_id, c.person_id, c.relation from load_around c where c.debtor_id <> c.person_id
    on conflict do nothing
"""
# Verified and refused contact points stay as they are; the zones of the others follow the file.
_POINTS: Final = """
    insert into people_contactpoint as o (person_id, kind, sealed, hash, masked, country, zones, line, source, status, rank)
    select distinct on (u.person_id, n.kind, n.hash) u.person_id, n.kind, n.sealed, n.hash, n.masked, n.country, n.zones,
        n.line, 'reserved', 'unverified', n.rank
    from load_point n join (
        select row, 0::smallint as who, person_id from load_row union all select row, who, person_id from load_around
    ) u using (row, who)
    order by u.person_id, n.kind, n.hash, n.rank
    on conflict (person_id, kind, hash) do update set zones = excluded.zones
    where o.status = 'unverified' and o.zones <> excluded.zones
"""


def tables(good: pl.DataFrame, points: pl.DataFrame, contacts: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The temporary tables of the rows whose person is on record (or in the batch before); {} when there are none."""
    known = good.filter(~pl.col("newcomer"))
    if not len(known):
        return {}
    rows = known["row"].implode()
    return {
        "load_row": known.select(
            *_KEPT,
            id_sealed=columns.sealed(known["national_id"]),
            id_masked=columns.masked_id(pl.col("national_id")),
            income_currency=columns.income_currency(),
        ),
        "load_point": points.filter(pl.col("row").is_in(rows)),
        "load_contact": contacts.filter(pl.col("row").is_in(rows)),
    }


def apply(session: Session, *, setting: Setting) -> None:
    """Renew persons, change accounts, correct balances, add cases, contact points and people around."""
    words = {
        "creditor": str(setting.creditor.pk),
        "today": setting.today.isoformat(),
        "correction": str(int(Book.CORRECTION)),
    }

    def run(step: str, query: str) -> None:
        for word, value in words.items():
            query = query.replace("{" + word + "}", value)
        session.execute(query, step=step)

    run("persons on record", _LOCK)
    run("persons on record", _RENEWED)
    run("accounts on record", _RESTATED)
    run("accounts on record", _CHANGED)
    run("accounts on record", _RESCORED)
    run("corrections", _CORRECTIONS)
    run("corrections", _OWED_AGAIN)
    with session.trusted():
        run("cases", _CASES)
        run("related persons", _AROUND)
        run("related persons", _AROUND_MADE)
        run("related persons", _RELATIONS)
        run("contact points", _POINTS)
