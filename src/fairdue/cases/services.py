"""Verbs of cases: opened, owned, closed, noted; items of the day dropped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction

from fairdue.accounts.columns import execute, rows
from fairdue.accounts.models import Creditor
from fairdue.cases.models import Case, Note
from fairdue.journal import services as journal
from fairdue.journal.models import Entry
from fairdue.staff.models import User

NOTE_CHARS_MAX: Final = 4_000
TAKEN: Final = {"complaint.made": "complaint.taken", "data.requested": "data.taken"}
"""What borrowers ask of a desk, by the verb of the journal, and the verb that keeps who took it up."""

_OPEN: Final = """
    insert into cases_case (person_id, creditor_id, status, reason_for_default)
    select distinct a.debtor_id, a.creditor_id, 'open', '' from accounts_account a
    where {which} and not exists (
        select from cases_case k where k.person_id = a.debtor_id and k.creditor_id = a.creditor_id)
    on conflict do nothing
"""
_STATES: Final = """
    with found as (
        select a.debtor_id, a.creditor_id, case
            when bool_and(a.status <> 'open') then 'closed'
            when bool_or(a.status = 'open' and a.proof_score < c.proof_bar) then 'repair' else 'open' end as status
        from accounts_account a join accounts_creditor c on c.id = a.creditor_id where {which} group by 1, 2
    ), changing as (
        select k.id, k.status as was, f.status as now from cases_case k
        join found f on f.debtor_id = k.person_id and f.creditor_id = k.creditor_id where k.status <> f.status
    ), changed as (
        update cases_case k set status = c.now from changing c where k.id = c.id returning c.was, c.now
    ) select was, now, count(*) from changed group by was, now
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """Cases newly opened, sent to repair (proof below the bar), back from repair, closed, reopened."""

    opened: int = 0
    to_repair: int = 0
    repaired: int = 0
    closed: int = 0
    reopened: int = 0


@transaction.atomic
def open_cases(*, creditor: Creditor | None = None, persons: Sequence[int] | None = None) -> Opened:
    """A case for every person × creditor with an account, each in the state its accounts put it in. Set-based.

    closed: no open account; repair: an open account's proof score lies below the creditor's bar; else open.
    """
    which, known = ["true"], {"creditor": creditor.pk if creditor else 0, "persons": list(persons or ())}
    if creditor:
        which.append("a.creditor_id = %(creditor)s")
    if persons is not None:
        which.append("a.debtor_id = any(%(persons)s)")
    else:
        # Right after a load the planner still believes in the tables of before, and would compare all with all.
        for table in ("accounts_account", "cases_case"):
            execute(f"analyze {table}", {})
    opened = execute(_OPEN.format(which=" and ".join(which)), known)
    if opened and persons is None:
        execute("analyze cases_case", {})
    moved = {(was, now): int(count) for was, now, count in rows(_STATES.format(which=" and ".join(which)), known)}
    done = Opened(
        opened=opened,
        to_repair=sum(count for (_, now), count in moved.items() if now == Case.Status.REPAIR),
        repaired=moved.get((Case.Status.REPAIR, Case.Status.OPEN), 0),
        closed=sum(count for (_, now), count in moved.items() if now == Case.Status.CLOSED),
        reopened=moved.get((Case.Status.CLOSED, Case.Status.OPEN), 0),
    )
    if opened or moved:
        journal.write(
            "cases.opened", opened=opened, moved={f"{was}>{now}": count for (was, now), count in moved.items()}
        )
    return done


@transaction.atomic
def own(*, case_ids: Sequence[int], to: User | None, by: User | None, reason: str, now: datetime) -> int:
    """Give cases to `to` (None: to nobody): old ownership periods end, new ones begin; how many really moved."""
    return hand_over(pairs=[(case_id, to.pk if to else None) for case_id in case_ids], by=by, reason=reason, now=now)


@transaction.atomic
def hand_over(*, pairs: Sequence[tuple[int, int | None]], by: User | None, reason: str, now: datetime) -> int:
    """Give each case (id) to its new owner (user id, None for nobody) at once; how many really moved."""
    known = {
        "cases": [case_id for case_id, _ in pairs], "owners": [owner for _, owner in pairs], "now": now,
        "by": by.pk if by else None, "reason": reason,
    }  # fmt: skip
    rows("select id from cases_case where id = any(%(cases)s) order by id for no key update", known)
    moving = rows(
        """select k.id, g.owner from cases_case k join unnest(%(cases)s::bigint[], %(owners)s::bigint[]) as g(id, owner)
        on g.id = k.id where k.owner_id is distinct from g.owner order by k.id""",
        known,
    )
    if not moving:
        return 0
    known |= {"cases": [case_id for case_id, _ in moving], "owners": [owner for _, owner in moving]}
    execute("delete from cases_ownership where case_id = any(%(cases)s) and lower(during) >= %(now)s", known)
    execute(
        """update cases_ownership set during = tstzrange(lower(during), %(now)s)
        where case_id = any(%(cases)s) and upper_inf(during)""",
        known,
    )
    execute(
        """insert into cases_ownership (case_id, user_id, during, given_by_id, reason)
        select g.id, g.owner, tstzrange(%(now)s, null), %(by)s, %(reason)s
        from unnest(%(cases)s::bigint[], %(owners)s::bigint[]) as g(id, owner) where g.owner is not null""",
        known,
    )
    execute(
        """update cases_case k set owner_id = g.owner
        from unnest(%(cases)s::bigint[], %(owners)s::bigint[]) as g(id, owner) where g.id = k.id""",
        known,
    )
    journal.write("cases.given", by=by, reason=reason, cases=known["cases"], to=known["owners"])
    return len(moving)


@transaction.atomic(savepoint=False)
def drop_items(*, case_ids: Sequence[int], why: str, now: datetime, on: date | None = None) -> int:
    """Take the unfinished items of these cases off the lists (`why`: paid, held, recalled…); how many. Journalled."""
    dropped = rows(
        """update cases_workitem set status = 'dropped', done_how = %(why)s, done_at = %(now)s
        where case_id = any(%(cases)s) and status in ('open', 'leased') and ("on" = %(on)s or %(on)s is null)
        returning case_id""",
        {"cases": list(case_ids), "why": why[:30], "now": now, "on": on},
    )
    if dropped:
        journal.write("items.dropped", why=why, cases=sorted(case_id for (case_id,) in dropped))
    return len(dropped)


@transaction.atomic
def note(*, case: Case, by: User | None, text: str) -> Note:
    """Write a note on a case; ValueError when it is empty or longer than 4,000 characters. `by` None: the borrower."""
    text = text.strip()
    if not text or len(text) > NOTE_CHARS_MAX:
        raise ValueError(f"a note holds 1 to {NOTE_CHARS_MAX} characters; this one has {len(text)}")
    written = Note.objects.create(case=case, by=by, text=text)
    journal.write("case.noted", by=by, subject="case", subject_id=case.pk, person_id=case.person_id, note=written.pk)
    return written


@transaction.atomic
def take_up(*, note: Note, made: str, by: User) -> bool:
    """Take up what a borrower asked (`made`: a verb of TAKEN); False when somebody has it already.

    The first stays, and is journalled.
    """
    Note.objects.select_for_update(no_key=True).get(pk=note.pk)
    if Entry.objects.filter(verb=TAKEN[made], subject="note", subject_id=note.pk).exists():
        return False
    case = note.case
    journal.write(TAKEN[made], by=by, subject="note", subject_id=note.pk, person_id=case.person_id, case=case.pk)
    return True
