"""Append-only tables and the hash chain, kept by the database itself."""

from django.db import migrations

CHAIN = r"""
create function fairdue_refuse() returns trigger language plpgsql as $$
begin
    if tg_op = 'TRUNCATE' and current_database() like 'test\_%' then
        return null;  -- the test runner empties its own databases
    end if;
    raise exception 'fairdue: % is append-only; a correction is a new row', tg_table_name
        using errcode = 'restrict_violation';
end $$;

create function fairdue_journal_body(n bigint, e journal_entry) returns text immutable language sql as $$
    select concat_ws(chr(31), n::text, e.id::text, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        coalesce(e.actor_id::text, ''), e.actor, e.verb, e.subject, coalesce(e.subject_id::text, ''),
        coalesce(e.person_id::text, ''), encode(sha256(convert_to(e.detail, 'UTF8')), 'hex'))
$$;

create function fairdue_journal_link() returns trigger language plpgsql as $$
declare
    head journal_head%rowtype;
    digest bytea;
begin
    insert into journal_head (id, seq, hash) values (1, 0, sha256('fairdue')) on conflict do nothing;
    select * into head from journal_head where id = 1 for no key update;
    digest := sha256(head.hash || convert_to(fairdue_journal_body(head.seq + 1, new), 'UTF8'));
    insert into journal_link (seq, entry_id, before, hash) values (head.seq + 1, new.id, head.hash, digest);
    update journal_head set seq = head.seq + 1, hash = digest where id = 1;
    return null;
end $$;

insert into journal_head (id, seq, hash) values (1, 0, sha256('fairdue')) on conflict do nothing;

create constraint trigger fairdue_link after insert on journal_entry
    deferrable initially deferred for each row execute function fairdue_journal_link();
"""


def guard(table: str) -> migrations.RunSQL:
    """Refuse update, delete and truncate on `table`."""
    return migrations.RunSQL(
        f"""
        create trigger fairdue_keep before update or delete on {table}
            for each row execute function fairdue_refuse();
        create trigger fairdue_keep_all before truncate on {table}
            for each statement execute function fairdue_refuse();
        """,
        f"drop trigger fairdue_keep on {table}; drop trigger fairdue_keep_all on {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [
        migrations.RunSQL(
            CHAIN,
            """
            drop trigger fairdue_link on journal_entry;
            drop function fairdue_journal_link();
            drop function fairdue_journal_body(bigint, journal_entry);
            drop function fairdue_refuse();
            """,
        ),
        guard("journal_entry"),
        guard("journal_link"),
        guard("journal_seal"),
    ]
