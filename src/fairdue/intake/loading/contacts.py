"""Loading past contacts: attempts with their final result, what was said, and the stops that follow from it.

An attempt is known by the creditor's reference, or, where the file has none, by a keyed hash of what makes it one:
account, moment, channel, phone, direction. Attempts are never changed, so a row that says something else is refused.
A request to stop, a lawyer, a death or a dispute in somebody else's records stops us too: a hold, until lifted.
"""

from typing import Final

import polars as pl
from django.utils import timezone

from fairdue.cases import reasons
from fairdue.cases import services as cases
from fairdue.cases.models import Case, Hold
from fairdue.contact import services as door
from fairdue.contact.models import Outcome
from fairdue.intake.loading import columns
from fairdue.intake.loading.ends import Ended, Prepared, Setting
from fairdue.intake.loading.faults import Fault
from fairdue.intake.loading.fitting import misfits
from fairdue.intake.loading.session import Session
from fairdue.journal import services as journal
from fairdue.law.codes import Channel, Direction, Mode, Purpose, Relation, Result

KINDS: Final[dict[str, str]] = {
    "promise": Outcome.Kind.PROMISE,
    "refuses": Outcome.Kind.REFUSES,
    "hardship": Outcome.Kind.HARDSHIP,
    "dispute": Outcome.Kind.DISPUTE,
    "claims_paid": Outcome.Kind.PAID_ALREADY,
    "call_back": Outcome.Kind.CALL_BACK,
    "wrong_number": Outcome.Kind.WRONG_NUMBER,
    "third_party": Outcome.Kind.RELAYED,
    "abusive": Outcome.Kind.ABUSIVE,
    "stop_request": Outcome.Kind.CEASE,
}
"""What the file says was said → Outcome.Kind. A death and a lawyer have no key on the desk: they are holds alone."""

HOLDS: Final[dict[str, str]] = {
    "stop_request": Hold.Kind.CEASED,
    "dispute": Hold.Kind.DISPUTE,
    "attorney": Hold.Kind.ATTORNEY,
    "deceased": Hold.Kind.DECEASED,
}

_CODES: Final = {"channel": Channel, "mode": Mode, "direction": Direction, "relation": Relation, "result": Result}
_PERSONS_AT_ONCE: Final = 10_000

_PLAN: Final = """
    create temporary table if not exists load_plan (
        row bigint, account_id bigint, debtor_id bigint, attempt_id bigint, on_record boolean, key bytea,
        addressee_id bigint, point_id bigint, made_on date, fault text, found text, known text
    ) on commit drop;
    truncate load_plan;
    insert into load_plan
    select s.row, a.id, a.debtor_id, coalesce(o.id, nextval('contact_attempt_id_seq')), o.id is not null,
        case when s.relation <> {debtor} then sha256('related'::bytea || d.merge_key || coalesce(s.phone_hash, s.relation_hash)) end,
        case when s.relation = {debtor} then a.debtor_id end, null, (s.happened_at at time zone {zone})::date, f.fault,
        case f.fault when 'account_unknown' then s.account_ref when 'currency_clash' then s.currency
            when 'promise_past' then s.promise_on::text else s.reference end,
        case f.fault when 'currency_clash' then a.currency
            when 'reference_reused'
                then concat_ws(' ', b.external_ref, to_char(o.happened_at at time zone {zone}, 'YYYY-MM-DD HH24:MI')) end
    from load_row s
    left join lateral (
        select id, debtor_id, currency from accounts_account
        where creditor_id = {creditor} and external_ref = s.account_ref offset 0
    ) a on true
    left join lateral (select merge_key from people_person where id = a.debtor_id offset 0) d on true
    left join lateral (
        select * from contact_attempt where creditor_id = {creditor} and reference = s.reference offset 0
    ) o on true
    left join lateral (
        select kind from contact_outcome where attempt_id = o.id and supersedes_id is null offset 0
    ) c on true
    left join lateral (select external_ref from accounts_account where id = o.account_id offset 0) b on true
    cross join lateral (select case
        when a.id is null then 'account_unknown'
        when a.currency <> s.currency then 'currency_clash'
        when s.promise_on < (s.happened_at at time zone {zone})::date then 'promise_past'
        when (o.account_id, o.happened_at, o.channel, o.mode, o.direction, o.relation, o.result, o.agent, o.note)
            <> (a.id, s.happened_at, s.channel, s.mode, s.direction, s.relation, s.result, s.agent, s.note)
            or (o.id is not null and coalesce(c.kind, '') <> s.outcome) then 'reference_reused' end as fault) f;
    analyze load_plan
"""
# The one spoken to: by phone among the people around the debtor, else by the key under which they are made.
_ADDRESSEES: Final = """
    update load_plan p set addressee_id = r.person_id, point_id = r.id from (
        select q.row, r.person_id, r.id from load_plan q join load_row s using (row)
        cross join lateral (
            select o.person_id, o.id from people_relation t
            join people_contactpoint o on o.person_id = t.person_id and o.kind = 'phone' and o.hash = s.phone_hash
            where t.debtor_id = q.debtor_id order by (t.kind = s.relation) desc, o.id limit 1
        ) r
        where q.key is not null and s.phone_hash is not null and not q.on_record and q.fault is null
    ) r where p.row = r.row;
    update load_plan p set point_id = r.id from (
        select q.row, r.id from load_plan q join load_row s using (row)
        cross join lateral (
            select id from people_contactpoint
            where person_id = q.debtor_id and kind = 'phone' and hash = s.phone_hash offset 0
        ) r
        where q.key is null and s.phone_hash is not null and not q.on_record and q.fault is null
    ) r where p.row = r.row
"""
_KEYED: Final = """
    update load_plan p set addressee_id = r.id from (
        select q.row, r.id from load_plan q
        cross join lateral (select id from people_person where merge_key = q.key offset 0) r
        where q.addressee_id is null and not q.on_record and q.fault is null
    ) r where p.row = r.row
"""
_UNKNOWN: Final = """
    insert into people_person (merge_key, name, id_kind, id_masked, region, language, income_currency, made_up)
    select distinct p.key, '—', 'none', '', '', 'zh', '', false from load_plan p
    where p.addressee_id is null and not p.on_record and p.fault is null on conflict do nothing
"""
_RELATIONS: Final = """
    insert into people_relation (debtor_id, person_id, kind)
    select distinct p.debtor_id, p.addressee_id, s.relation from load_plan p join load_row s using (row)
    where p.key is not null and not p.on_record and p.fault is null and p.debtor_id <> p.addressee_id
    on conflict do nothing
"""
_NEW: Final = """
    insert into contact_attempt (id, happened_at, creditor_id, person_id, addressee_id, account_id, contact_point_id,
        channel, mode, direction, relation, purpose, result, agent, note, reference)
    select p.attempt_id, s.happened_at, {creditor}, p.debtor_id, p.addressee_id, p.account_id, p.point_id,
        s.channel, s.mode, s.direction, s.relation, {collect}, s.result, s.agent, s.note, s.reference
    from load_row s join load_plan p using (row) where not p.on_record and p.fault is null order by s.happened_at
"""
_OUTCOMES: Final = """
    insert into contact_outcome (attempt_id, kind, result, note, at)
    select p.attempt_id, s.outcome, s.result, '', s.happened_at
    from load_row s join load_plan p using (row) where not p.on_record and p.fault is null and s.outcome <> ''
"""
_PROMISES: Final = """
    insert into agreements_promise (case_id, account_id, person_id, cents, currency, made_on, due_on, attempt_id, status,
        received)
    select k.id, p.account_id, p.debtor_id, s.promise_cents, a.currency, p.made_on, s.promise_on, p.attempt_id, 'open', 0
    from load_row s join load_plan p using (row) join accounts_account a on a.id = p.account_id
    join cases_case k on k.person_id = p.debtor_id and k.creditor_id = {creditor}
    where not p.on_record and p.fault is null and s.outcome = 'promise' and s.promise_on is not null and s.promise_cents > 0
"""
_WRONG: Final = """
    update people_contactpoint o set status = 'wrong_person' from load_row s join load_plan p using (row)
    where o.id = p.point_id and not p.on_record and p.fault is null and s.outcome = 'wrong_number' and o.status = 'unverified'
"""
# The person is locked, so that a contact being asked for at the door at this moment is judged with the hold.
_HOLDS: Final = """
    select 1 from people_person where id in (
        select p.debtor_id from load_row s join load_plan p using (row)
        where not p.on_record and p.fault is null and s.stop <> '') order by id for no key update;
    insert into cases_hold (person_id, account_id, kind, reason, starts_at, lift_reason)
    select distinct on (p.debtor_id, s.stop) p.debtor_id, null::bigint, s.stop,
        {why}, s.happened_at, ''
    from load_row s join load_plan p using (row)
    where not p.on_record and p.fault is null and s.stop <> '' and not exists (
        select from cases_hold h where h.person_id = p.debtor_id and h.kind = s.stop and h.account_id is null
            and h.lifted_at is null)
    order by p.debtor_id, s.stop, s.happened_at
    returning person_id
"""


class Contacts:
    """Loader of files of past contacts."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._held: set[int] = set()
        zone = setting.creditor.zone.replace("'", "")
        self._words = {
            "creditor": str(setting.creditor.pk),
            "zone": f"'{zone}'",
            "debtor": str(int(Relation.DEBTOR)),
            "collect": str(int(Purpose.COLLECT)),
            "why": "'" + reasons.kept("creditors_record", setting.load_id).replace("'", "''") + "'",
        }

    def prepare(self, good: pl.DataFrame, session: Session) -> Prepared:
        """Codes as numbers, phones as keyed hashes, a reference for every row."""
        ended = Ended(faults=misfits(good, "contacts"))
        good = good.filter(~pl.col("row").is_in([fault.row for fault in ended.faults]))
        if not len(good):
            return Prepared({}, ended)
        derived = columns.hashed("attempt", good.select(_identity()).to_series()).bin.encode("hex").str.slice(0, 32)
        outcome = pl.col("outcome")
        rows = good.select(
            "row", "account_ref", "happened_at", "currency", "promise_on", "promise_cents",
            *(
                pl.col(name).replace_strict({m.name.lower(): int(m) for m in table}, return_dtype=pl.Int16)
                for name, table in _CODES.items()
            ),
            pl.col("note").fill_null(""), pl.col("agent").fill_null(""),
            reference=pl.coalesce("reference", pl.lit("~") + derived),
            outcome=outcome.replace_strict(KINDS, default="", return_dtype=pl.String).fill_null(""),
            stop=outcome.replace_strict(HOLDS, default="", return_dtype=pl.String).fill_null(""),
            phone_hash=columns.hashed("phone", good["phone"]),
            relation_hash=columns.hashed("contact", good["relation"]),
        )  # fmt: skip
        return Prepared({"load_row": rows}, ended)

    def apply(self, prepared: Prepared, session: Session) -> Ended:
        """Write the batch's attempts, outcomes, promises and holds."""
        ended = prepared.ended
        if not prepared.tables:
            return ended
        session.fill("load_row", prepared.tables["load_row"])
        self._run(session, "plan", _PLAN)
        self._run(session, "addressees", _ADDRESSEES)
        self._run(session, "addressees", _KEYED)
        if self._run(session, "addressees", _UNKNOWN):
            self._run(session, "addressees", _KEYED)
        self._run(session, "addressees", _RELATIONS)
        with session.trusted():
            self._run(session, "attempts", _NEW)
        self._run(session, "outcomes", _OUTCOMES)
        self._run(session, "promises", _PROMISES)
        self._run(session, "outcomes", _WRONG)
        lock, hold = self._worded(_HOLDS).split(";\n", 1)
        session.execute(lock, step="holds")
        self._held.update(person for (person,) in session.rows(hold, step="holds"))
        for row, fault, found, known in session.rows(
            "select row, fault, coalesce(found, ''), coalesce(known, '') from load_plan where fault is not null"
        ):
            ended.faults.append(Fault(row, fault, found, known))
        ended.unchanged = [
            row for (row,) in session.rows("select row from load_plan where fault is null and on_record")
        ]
        return ended

    def finish(self, session: Session) -> None:
        """Nothing unsent goes out to those held, and they leave today's lists."""
        held, now = sorted(self._held), timezone.now()
        for start in range(0, len(held), _PERSONS_AT_ONCE):
            some = held[start : start + _PERSONS_AT_ONCE]
            door.revoke(persons=some, why="hold:imported", now=now)
            theirs = list(Case.objects.filter(person__in=some).values_list("pk", flat=True))
            cases.drop_items(case_ids=theirs, why="hold:imported", now=now)
        if held:
            journal.write("hold.placed", subject="load", subject_id=self._setting.load_id, persons=len(held))

    def _run(self, session: Session, step: str, query: str) -> int:
        return session.execute(self._worded(query), step=step)

    def _worded(self, query: str) -> str:
        for word, value in self._words.items():
            query = query.replace("{" + word + "}", value)
        return query


def _identity() -> pl.Expr:
    parts = ("account_ref", "happened_at", "channel", "phone", "direction")
    return pl.concat_str((pl.col(name).cast(pl.String).fill_null("") for name in parts), separator="\x1f")
