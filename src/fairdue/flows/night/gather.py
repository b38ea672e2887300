"""What the night knows of every case that may be worked, as columns."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import numpy as np
from django.utils import timezone

from fairdue.accounts.columns import NO_DAY, Column, read, rows
from fairdue.money.ageing import M_BUCKETS
from fairdue.planning.scores import Cases

WINDOW_DAYS: Final = 90
JUDGED_DAYS: Final = 14
"""A promise counts as newly broken from the day it was found so, at most so long after its day: files bring old ones."""
CALL_BACK_DAYS: Final = 7
"""A call-back not kept is taken up for so many days."""
LANGUAGES: Final = ("zh", "en")
PRODUCTS: Final = ("online_loan", "credit_card")
_PAIR: Final = 1 << 31
_TYPES: Final = {"cases": "i8 i8 i8 i8 i2 i2 i8 i2", "accounts": "i8 i8 i8 i2 i2 i4 i4 i4 i2 i8 i8 i4 i2"}

_CURRENCIES: Final = "select distinct currency from accounts_account order by 1"

_CASES: Final = """
    select k.id, k.person_id, k.creditor_id, coalesce(k.owner_id, 0), (k.status = 'repair')::int,
        coalesce(array_position(%(languages)s::text[], p.language::text), 1) - 1, coalesce(p.income_month, -1),
        coalesce(array_position(%(currencies)s::text[], p.income_currency::text), 0) - 1
    from cases_case k join people_person p on p.id = k.person_id
    where k.status <> 'closed' order by k.person_id, k.creditor_id
"""
_ACCOUNTS: Final = """
    select a.id, a.debtor_id, a.creditor_id, coalesce(array_position(%(products)s::text[], a.product::text), 1) - 1,
        array_position(%(currencies)s::text[], a.currency::text) - 1,
        coalesce(p.ends_on - date '1970-01-01', %(no_day)s), coalesce(a.limitation_on - date '1970-01-01', %(no_day)s),
        coalesce(a.last_paid_on - date '1970-01-01', %(no_day)s), a.proof_score, g.balance, g.past_due, g.days_past_due,
        g.bucket
    from accounts_account a join accounts_ageing g on g.account_id = a.id
    left join accounts_placement p on p.id = a.placement_id
    where a.status = 'open'
"""
_PAID: Final = """
    select account_id, greatest(sum(case kind when 'payment' then cents else -cents end), 0) from accounts_payment
    where happened_on > %(day)s::date - %(window)s group by account_id order by account_id
"""
_PROMISES: Final = """
    select case_id, array_position(array['open', 'kept', 'broken'], status::text),
        case status when 'broken' then least(coalesce(judged_on, due_on), due_on + %(judged_days)s)
            else due_on end - date '1970-01-01', cents, coalesce(chance, -1)
    from agreements_promise where status in ('open', 'kept', 'broken')
"""
# Of our own attempts only those that left the house, with what came of them; loaded ones as the file says.
_LOADED: Final = """
    select person_id, count(*) filter (where channel = 1 and direction = 1 and happened_at > %(since)s),
        count(*) filter (where channel = 1 and direction = 1 and result = 8 and happened_at > %(since)s),
        coalesce(extract(epoch from max(happened_at) filter (where direction = 1 and result <> 13))::bigint / 60,
            %(no_day)s),
        coalesce(extract(epoch from max(happened_at) filter (where result = 8 and relation = 1))::bigint / 60,
            %(no_day)s)
    from contact_attempt where verdict_id is null group by person_id order by person_id
"""
_OURS: Final = """
    select a.person_id, count(*) filter (where a.channel = 1 and a.happened_at > %(since)s),
        count(*) filter (where a.channel = 1 and o.result = 8 and a.happened_at > %(since)s),
        coalesce(extract(epoch from max(a.happened_at))::bigint / 60, %(no_day)s),
        coalesce(extract(epoch from max(a.happened_at) filter (where o.result = 8 and a.relation = 1))::bigint / 60,
            %(no_day)s)
    from contact_attempt a join contact_permit p on p.attempt_id = a.id and p.spent_at is not null
    left join contact_outcome o on o.attempt_id = a.id
        and not exists (select from contact_outcome later where later.supersedes_id = o.id)
    where a.verdict_id is not null and coalesce(o.result, 0) <> 13 group by a.person_id order by a.person_id
"""
_CALL_BACKS: Final = """
    select a.person_id, a.creditor_id, max(extract(epoch from o.next_at)::bigint / 60)
    from contact_outcome o join contact_attempt a on a.id = o.attempt_id
    where o.kind = 'call_back' and o.next_at >= %(from)s and o.next_at < %(until)s
        and not exists (select from contact_outcome later where later.supersedes_id = o.id)
        and not exists (select from contact_attempt next
            where next.person_id = a.person_id and next.happened_at > o.next_at and next.result <> 13)
    group by 1, 2
"""
_POINTS: Final = """
    select person_id, id, array_position(array['phone', 'email', 'address'], kind::text), (status <> 'verified')::int,
        rank
    from people_contactpoint where status not in ('invalid', 'wrong_person') and source <> 'device_address_book'
"""
_HELD: Final = """
    select person_id, coalesce(account_id, 0) from cases_hold
    where lifted_at is null and starts_at < %(until)s and (ends_on is null or ends_on >= %(day)s)
"""
_CLOSED: Final = """
    select case when exists (select from accounts_account a where a.debtor_id = k.person_id
            and a.creditor_id = k.creditor_id and a.status = 'recalled') then 'recalled' else 'paid' end, count(*)
    from cases_case k where status = 'closed' group by 1
"""


@dataclass(frozen=True, slots=True)
class Best:
    """The contact point to use first, by kind, per case: its id, 0 = none."""

    phone: Column
    email: Column
    address: Column


@dataclass(frozen=True, slots=True)
class CasesAtWork:
    """Cases that may be worked; columns of one length. Ids are the database's; owner 0 = none.

    currency: place in `currencies`; call_back_at: UTC minute the borrower asked for today, 0 = none.
    left_out: how many cases are not here, by reason.
    """

    case: Column
    person: Column
    creditor: Column
    owner: Column
    language: Column
    product: Column
    currency: Column
    call_back_at: Column
    known: Cases
    best: Best
    currencies: tuple[str, ...]
    left_out: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.case)


def gather(*, day: date, now: datetime) -> CasesAtWork:
    """Read and join everything; the number of queries does not depend on the number of cases."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    currencies = tuple(code for (code,) in rows(_CURRENCIES))
    params: dict[str, Any] = {
        "day": day, "no_day": NO_DAY, "languages": list(LANGUAGES), "products": list(PRODUCTS),
        "currencies": list(currencies), "window": WINDOW_DAYS, "judged_days": JUDGED_DAYS,
        "since": start - timedelta(days=WINDOW_DAYS),
        "from": start - timedelta(days=CALL_BACK_DAYS), "until": start + timedelta(days=1),
    }  # fmt: skip
    case, person, creditor, owner, repair, language, income, income_in = read(_CASES, _TYPES["cases"], params)
    debts = Debts(params, keys=person * _PAIR + creditor)
    held = debts.held(person) & (repair == 0)
    left_out = {"repair": int(repair.sum()), "held": int(held.sum())}
    left_out |= {str(reason): int(count) for reason, count in rows(_CLOSED)}
    keep = np.flatnonzero((repair == 0) & ~held & debts.some)
    owed = debts.of(keep)
    currency = owed.pop("currency")
    product = owed.pop("product")
    best = _best_points(person[keep])
    call_back_at = _call_backs(person[keep] * _PAIR + creditor[keep], params)
    zone_shift = int(start.utcoffset().total_seconds() // 60)  # type: ignore[union-attr]
    known = Cases(
        **owed,
        days_to_next_bucket=M_BUCKETS.days_to_next(owed["days_past_due"]),
        monthly_income=np.where(income_in[keep] == currency, income[keep], -1),
        **_promises(case[keep], params),
        **_contacts(person[keep], params, zone_shift),
        callback_on=np.where(call_back_at > 0, (call_back_at + zone_shift) // 1440, NO_DAY).astype(np.int32),
        has_phone=best.phone > 0,
        has_message=best.email > 0,
        has_address=best.address > 0,
    )
    return CasesAtWork(
        case=case[keep], person=person[keep], creditor=creditor[keep], owner=owner[keep], language=language[keep],
        product=product, currency=currency, call_back_at=call_back_at, known=known, best=best,
        currencies=currencies, left_out=left_out,
    )  # fmt: skip


class Debts:
    """Open accounts, joined to the cases whose `keys` (person and creditor, ascending) they belong to."""

    def __init__(self, params: dict[str, Any], *, keys: Column) -> None:
        account, debtor, creditor, *columns = read(_ACCOUNTS, _TYPES["accounts"], params)
        self._held_persons, held_accounts = _held(params)
        place, found = _find(keys, debtor * _PAIR + creditor)
        self.some = np.zeros(len(keys), np.bool_)
        self._open = np.zeros(len(keys), np.bool_)
        self._open[place[found]] = True
        live = found & ~np.isin(account, held_accounts)
        self.some[place[live]] = True
        paid = _paid_lately(account, params)
        # The largest debt of a case comes first: it names the case's currency and product.
        order = np.lexsort((account[live], -columns[6][live], place[live]))
        self._place = place[live][order]
        self._columns = [column[live][order] for column in (*columns, paid)]

    def held(self, person: Column) -> Column:
        """Cases whose person is held, or all of whose open accounts are."""
        return np.isin(person, self._held_persons) | (self._open & ~self.some)

    def of(self, keep: Column) -> dict[str, Column]:
        """Sums, worst and nearest figures of the accounts of each case in `keep` (places, ascending; all have some)."""
        mine = np.isin(self._place, keep)
        place = self._place[mine]
        product, currency, ends, limitation, last_paid, proof, balance, past_due, days, bucket, paid = (
            column[mine] for column in self._columns
        )
        first = np.flatnonzero(np.r_[True, place[1:] != place[:-1]]) if len(place) else place
        main = currency[first].repeat(np.diff(np.r_[first, len(place)])) if len(place) else currency

        def together(column: Column) -> Column:
            """Sums in the case's own currency."""
            return np.add.reduceat(np.where(currency == main, column, 0), first) if len(first) else column

        def greatest(column: Column) -> Column:
            return np.maximum.reduceat(column, first) if len(first) else column

        def nearest(column: Column) -> Column:
            far = np.where(column == NO_DAY, np.iinfo(np.int32).max, column)
            near = np.minimum.reduceat(far, first) if len(first) else far
            return np.where(near == np.iinfo(np.int32).max, NO_DAY, near).astype(np.int32)

        return {
            "product": product[first], "currency": currency[first],
            "balance": together(balance), "past_due": together(past_due), "paid_90": together(paid),
            "days_past_due": greatest(days).astype(np.int32), "bucket": greatest(bucket).astype(np.int8),
            "last_payment_on": greatest(last_paid).astype(np.int32), "limitation_on": nearest(limitation),
            "placement_ends_on": nearest(ends), "proof_percent": nearest(proof).astype(np.int8),
        }  # fmt: skip


def _held(params: dict[str, Any]) -> tuple[Column, Column]:
    """Persons held as a whole, and accounts held by themselves."""
    person, account = read(_HELD, "i8 i8", params)
    return person[account == 0], account[account > 0]


def _paid_lately(account: Column, params: dict[str, Any]) -> Column:
    payer, cents = read(_PAID, "i8 i8", params)
    place, found = _find(payer, account)
    return np.where(found, cents[place], 0) if len(payer) else np.zeros(len(account), np.int64)


def _promises(case: Column, params: dict[str, Any]) -> dict[str, Column]:
    """Kept and broken so far, the next one open, the latest one broken."""
    of, state, due_on, cents, ppm = read(_PROMISES, "i8 i2 i4 i8 i4", params)
    order = np.argsort(case)
    at, found = _find(case[order], of)
    place, state, due_on, cents, ppm = (
        order[at[found]], state[found], due_on[found], cents[found], ppm[found],
    )  # fmt: skip
    n = len(case)
    kept, broken = (np.bincount(place[state == code], minlength=n).astype(np.int16) for code in (2, 3))
    chance = np.full(n, -1, np.int32)
    answer: dict[str, Column] = {"promises_kept": kept, "promises_broken": broken, "promise_ppm": chance}
    for code, day_name, cents_name, sign in (
        (1, "promise_due_on", "promise_cents", 1),
        (3, "broken_on", "broken_cents", -1),
    ):
        mine = np.flatnonzero(state == code)
        mine = mine[np.lexsort((-sign * due_on[mine], place[mine]))]  # the one that counts is written last
        day, amount = np.full(n, NO_DAY, np.int32), np.zeros(n, np.int64)
        day[place[mine]], amount[place[mine]] = due_on[mine], cents[mine]
        if code == 1:
            chance[place[mine]] = ppm[mine]
        answer |= {day_name: day, cents_name: amount}
    return answer


def _contacts(person: Column, params: dict[str, Any], zone_shift: int) -> dict[str, Column]:
    """Calls made and answered lately, last contact and last talk; loaded attempts and our own together."""
    n = len(person)
    made, answered = np.zeros(n, np.int64), np.zeros(n, np.int64)
    contact, reached = np.full(n, NO_DAY, np.int64), np.full(n, NO_DAY, np.int64)
    for query in (_LOADED, _OURS):
        of, calls, talks, last, talked = read(query, "i8 i4 i4 i8 i8", params)
        at, found = _find(of, person)
        if not len(of):
            continue
        made += np.where(found, calls[at], 0)
        answered += np.where(found, talks[at], 0)
        contact = np.maximum(contact, np.where(found, last[at], NO_DAY))
        reached = np.maximum(reached, np.where(found, talked[at], NO_DAY))
    days = [
        np.where(minute == NO_DAY, NO_DAY, (minute + zone_shift) // 1440).astype(np.int32)
        for minute in (contact, reached)
    ]
    return {
        "calls_made": np.minimum(made, 32_767).astype(np.int16),
        "calls_answered": np.minimum(answered, 32_767).astype(np.int16),
        "last_contact_on": days[0],
        "last_reached_on": days[1],
    }


def _call_backs(key: Column, params: dict[str, Any]) -> Column:
    """UTC minute of the call-back agreed and not yet made, 0 = none."""
    person, creditor, at = read(_CALL_BACKS, "i8 i8 i8", params)
    wanted = person * _PAIR + creditor
    order = np.argsort(wanted)
    place, found = _find(wanted[order], key)
    return np.where(found, at[order][place], 0) if len(wanted) else np.zeros(len(key), np.int64)


def _best_points(person: Column) -> Best:
    """Of each person's usable points of a kind: a verified one before others, then by rank."""
    of, point, kind, unverified, rank = read(_POINTS, "i8 i8 i2 i2 i4")
    chosen = []
    for code in (1, 2, 3):
        mine = np.flatnonzero(kind == code)
        mine = mine[np.lexsort((point[mine], rank[mine], unverified[mine], of[mine]))]
        first = mine[np.r_[True, of[mine][1:] != of[mine][:-1]]] if len(mine) else mine
        place, found = _find(of[first], person)
        chosen.append(np.where(found, point[first][place], 0) if len(first) else np.zeros(len(person), np.int64))
    return Best(*chosen)


def _find(keys: Column, wanted: Column) -> tuple[Column, Column]:
    """For each wanted key its place in the ascending `keys` (a valid one even if missing), and whether it is there."""
    if not len(keys):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return place, keys[place] == wanted
