"""Transfers are append-only, and balances follow from them inside the database."""

from importlib import import_module

from django.db import migrations

guard = import_module("fairdue.journal.migrations.0002_chain").guard

# Rows are made first with zeros, then moved: a check on an upsert would see the movement alone, which may be negative.
BALANCES = """
create function fairdue_balances() returns trigger language plpgsql as $$
begin
    insert into accounts_balance (account_id, principal, interest, penalty, fees, costs, unapplied)
    select distinct account_id, 0, 0, 0, 0, 0, 0 from added order by account_id
    on conflict do nothing;
    perform 1 from accounts_balance where account_id in (select account_id from added)
        order by account_id for no key update;
    update accounts_balance b set
        principal = b.principal + moved.principal,
        interest = b.interest + moved.interest,
        penalty = b.penalty + moved.penalty,
        fees = b.fees + moved.fees,
        costs = b.costs + moved.costs,
        unapplied = b.unapplied + moved.unapplied
    from (
        select account_id,
            coalesce(sum(cents) filter (where target = 1), 0) - coalesce(sum(cents) filter (where source = 1), 0) as principal,
            coalesce(sum(cents) filter (where target = 2), 0) - coalesce(sum(cents) filter (where source = 2), 0) as interest,
            coalesce(sum(cents) filter (where target = 3), 0) - coalesce(sum(cents) filter (where source = 3), 0) as penalty,
            coalesce(sum(cents) filter (where target = 4), 0) - coalesce(sum(cents) filter (where source = 4), 0) as fees,
            coalesce(sum(cents) filter (where target = 5), 0) - coalesce(sum(cents) filter (where source = 5), 0) as costs,
            -- money not yet applied is owed to the debtor: it grows when it is the source
            coalesce(sum(cents) filter (where source = 6), 0) - coalesce(sum(cents) filter (where target = 6), 0) as unapplied
        from added group by account_id
    ) moved
    where b.account_id = moved.account_id;
    return null;
end $$;

create trigger fairdue_balances after insert on accounts_transfer
    referencing new table as added for each statement execute function fairdue_balances();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("journal", "0002_chain")]
    operations = [
        migrations.RunSQL(
            BALANCES,
            "drop trigger fairdue_balances on accounts_transfer; drop function fairdue_balances();",
        ),
        guard("accounts_transfer"),
    ]
