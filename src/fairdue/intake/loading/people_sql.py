"""Persons of a batch of accounts: found or made, their contact points, the people around them."""

from typing import Final

from fairdue.intake.loading.session import Session

# One person per merge key. `keyed` finds those met by the same key, `listed` those whose document was learned later,
# `debtor` those whose document or number this very file brings.
_KEYS: Final = """
    create temporary table if not exists load_person (
        merge_key bytea, row bigint, person_id bigint, fresh boolean
    ) on commit drop;
    truncate load_person;
    insert into load_person
    select k.merge_key, k.row, coalesce(keyed.id, listed.id, k.debtor, nextval('people_person_id_seq')),
        coalesce(keyed.id, listed.id, k.debtor) is null
    from (
        select s.merge_key, min(s.row) as row, bool_or(s.strong) as strong, min(p.person_id) as debtor
        from load_row s join load_plan p using (row) where p.fault is null group by s.merge_key
    ) k
    left join people_person keyed on keyed.merge_key = k.merge_key
    left join lateral (
        select id from people_person d
        where k.strong and keyed.id is null and d.id_hash = k.merge_key and d.id_kind in ('cn_resident_id', 'cn_uscc')
        order by id limit 1
    ) listed on true;
    analyze load_person
"""
# The debtor on record stays, unless the row's document is already somebody else's: then the debt is theirs.
_DEBTORS: Final = """
    update load_plan p set person_id = case
            when p.person_id is null then k.person_id
            when s.strong and not k.fresh and k.person_id <> p.person_id then k.person_id
            else p.person_id end
    from load_row s join load_person k using (merge_key) where s.row = p.row and p.fault is null;
    analyze load_plan
"""
_LOCK: Final = """
    select 1 from people_person where id in (select person_id from load_plan where fault is null)
    order by id for no key update
"""
_MADE: Final = """
    insert into people_person (id, merge_key, name, id_kind, id_sealed, id_hash, id_masked, birth_on, sex, region,
        language, income_month, income_currency, made_up)
    select k.person_id, k.merge_key, s.name, coalesce(s.id_kind, 'none'), s.id_sealed, s.id_hash,
        coalesce(s.id_masked, ''), s.birth_on, s.sex, coalesce(s.region, ''), coalesce(s.language, 'zh'),
        s.income_month, s.income_currency, false
    from load_person k join load_row s using (row)
    where k.fresh and exists (select from load_plan p where p.person_id = k.person_id) order by k.merge_key
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
        select distinct on (p.person_id) p.person_id, s.* from load_plan p join load_row s using (row)
        where p.fault is null order by p.person_id, (s.id_hash is not null) desc, s.row desc
    ) n
    where d.id = n.person_id and (
        d.name <> n.name or (d.birth_on is null and n.birth_on is not null) or (d.sex is null and n.sex is not null)
        or d.region <> coalesce(n.region, d.region) or d.language <> coalesce(n.language, d.language)
        or (n.income_month is not null and d.income_month is distinct from n.income_month)
        or (d.id_hash is null and n.id_hash is not null))
"""
# A related person is known per debtor by phone, else by name: sha256 over keyed hashes stays a keyed hash.
_AROUND: Final = """
    create temporary table if not exists load_around (
        row bigint, who smallint, debtor_id bigint, merge_key bytea, name text, relation smallint,
        person_id bigint, fresh boolean
    ) on commit drop;
    truncate load_around;
    insert into load_around
    select c.row, c.who, p.person_id, sha256('related'::bytea || d.merge_key || c.key), c.name, c.relation, null, false
    from load_contact c join load_plan p using (row) join people_person d on d.id = p.person_id where p.fault is null;
    analyze load_around;
    update load_around c set person_id = k.person_id, fresh = k.fresh from (
        select g.merge_key, coalesce(d.id, nextval('people_person_id_seq')) as person_id, d.id is null as fresh
        from (select distinct merge_key from load_around) g left join people_person d using (merge_key)
    ) k where k.merge_key = c.merge_key;
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
        select row, 0::smallint as who, person_id from load_plan where fault is null
        union all select row, who, person_id from load_around
    ) u using (row, who)
    order by u.person_id, n.kind, n.hash, n.rank
    on conflict (person_id, kind, hash) do update set zones = excluded.zones
    where o.status = 'unverified' and o.zones <> excluded.zones
"""


def settle(session: Session) -> None:
    """Give every row of load_plan its debtor: found, renewed, or made. Locks those found, before any account."""
    session.execute(_KEYS, step="persons")
    session.execute(_DEBTORS, step="persons")
    session.execute(_LOCK, step="persons")
    session.execute(_RENEWED, step="persons")
    with session.trusted():
        session.execute(_MADE, step="persons")


def reach(session: Session) -> None:
    """Contact points of the debtors, and the people around them with theirs. Inside trusted()."""
    session.execute(_AROUND, step="related persons")
    session.execute(_AROUND_MADE, step="related persons")
    session.execute(_RELATIONS, step="relations")
    session.execute(_POINTS, step="contact points")
