"""How a person stands today: stopped, out of reach, opted out, unwelcome hours. On columns, no loop over rows."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from fairdue.law.clock import LONG_AGO, NEVER, Local, midnight, zone_number
from fairdue.law.codes import Channel, Direction, Purpose, Result, Scope, StopKind
from fairdue.law.facts import Mask, Spans, Wishes
from fairdue.law.joins import Ints, Latest, pack, pairs, spread
from fairdue.law.tables import Contacts, Events, OptOuts, Record, Reserved, Sessions, Stops, UnwelcomeTimes
from fairdue.law.tally import FAILED, Known, one_of

# ---- stops, lost contact, sessions


_STOP_NAMES: Final = {
    "ceased": (StopKind.CEASE,),
    "disputed": (StopKind.DISPUTE,),
    "represented": (StopKind.ATTORNEY,),
    "moratorium": (StopKind.MORATORIUM,),
    "plan_kept": (StopKind.PLAN,),
    "on_hold": (StopKind.HARDSHIP, StopKind.OTHER),
}


_DAYS_OF: Final = "Asia/Shanghai"
"""By whose days failed calls are told apart: the tests of lost contact are those of one country."""


def stop_spans(contacts: Contacts, s: Stops) -> dict[str, Spans]:
    """Stops of the addressee or of the debtor, about any debt of the contact or about all of the person's."""
    n = len(contacts)
    if not len(s):
        return {name: Spans.none(n) for name in _STOP_NAMES}
    rows, of = (
        np.concatenate(both) for both in zip(pairs(contacts.debtor, s.person), _third(contacts, s), strict=True)
    )
    asked, wanted = pack([contacts.debts.row, contacts.debts.debt], [rows, s.debt[of]])
    bare = np.bincount(contacts.debts.row, minlength=n)[rows] == 0
    fits = (s.debt[of] == 0) | bare | np.isin(wanted, asked)
    fits &= s.start[of] <= contacts.instant[rows]
    order = np.argsort(rows[fits], kind="stable")
    rows, of = rows[fits][order], of[fits][order]
    found = {}
    for name, kinds in _STOP_NAMES.items():
        some = one_of(s.kind[of], kinds)
        starts, ends = s.start[of[some]], s.end[of[some]]
        found[name] = Spans(spread(rows[some], starts, n, NEVER), spread(rows[some], ends, n, NEVER))
    return found


def _third(contacts: Contacts, s: Stops) -> tuple[Ints, Ints]:
    """Stops of an addressee who is not the debtor."""
    rows = np.flatnonzero(contacts.person != contacts.debtor)
    left, right = pairs(contacts.person[rows], s.person)
    return rows[left], right


def sessions(contacts: Contacts, s: Sessions) -> Spans:
    rows, of = pairs(contacts.person, s.person)
    now = s.start[of] <= contacts.instant[rows]
    rows, of, n = rows[now], of[now], len(contacts)
    return Spans(spread(rows, s.start[of], n, NEVER), spread(rows, s.end[of], n, NEVER))


def out_of_reach(contacts: Contacts, record: Record, known: Known) -> Spans:
    """Since when the debtor is out of reach, for contacts with other persons.

    CBA 2026, three tests: the number left with the lender is invalid; three failed calls on one day, from the next
    day; failed calls on three consecutive days, at once. A success in between begins anew. Days are those of Shanghai,
    wherever the debtor lives; where it is known which numbers the debtor left, only calls to these prove anything.
    """
    n, e = len(contacts), record.events
    since = np.full(n, NEVER, np.int64)
    others = np.flatnonzero(contacts.person != contacts.debtor)
    if not len(others):
        return Spans.none(n)
    _invalid_numbers(contacts, record.reserved, others, since)
    rank, of = pairs(contacts.debtor[others], e.person)
    rows = others[rank]
    kept = e.at[of] <= contacts.instant[rows]
    rows, of = rows[kept], of[kept]
    reached = (e.dir[of] == Direction.IN) | known.talk[of] | (e.result[of] == Result.NOTICE_PLAYED)
    last = np.full(n, LONG_AGO, np.int64)
    np.maximum.at(last, rows[reached], e.at[of[reached]])
    failed = known.out & known.phone & one_of(e.result, FAILED) & _left_by_them(record)
    counted = failed[of] & (e.at[of] > last[rows]) & (known.wrong_since[of] > contacts.instant[rows])
    _failed_days(rows[counted], e.at[of[counted]], since)
    return Spans.since(since)


def _invalid_numbers(contacts: Contacts, reserved: Reserved, others: Ints, since: Ints) -> None:
    """Every number the debtor left is invalid: since the last of them is."""
    rank, of = pairs(contacts.debtor[others], reserved.person)
    if len(rank):
        worst = np.full(len(contacts), LONG_AGO, np.int64)
        np.maximum.at(worst, others[rank], reserved.invalid_since[of])
        lost = (worst > LONG_AGO) & (worst < NEVER)
        since[lost] = np.minimum(since[lost], worst[lost])


def _left_by_them(record: Record) -> Mask:
    """Events with a number its holder left with the lender; all of a holder whose numbers are not on record."""
    e, left = record.events, record.reserved
    theirs, known = pack([e.person, e.number], [left.person, left.number])
    found: Mask = np.isin(theirs, known) | ~np.isin(e.person, left.person)
    return found


def _failed_days(rows: Ints, at: Ints, since: Ints) -> None:
    """Write into `since` from when three failed calls on a day, or failed calls on three days running, count."""
    if not len(rows):
        return
    order = np.lexsort((at, rows))
    rows, at = rows[order], at[order]
    day = Local(np.full(len(at), zone_number(_DAYS_OF)), at).day
    head = np.flatnonzero(np.diff(rows, prepend=-1) | np.diff(day, prepend=-1))
    many = np.diff(head, append=len(rows))
    of_row, of_day = rows[head], day[head]
    full = many >= 3
    next_day = midnight(np.full(np.count_nonzero(full), zone_number(_DAYS_OF)), of_day[full] + 1)
    np.minimum.at(since, of_row[full], next_day)
    run = np.zeros(len(head), np.bool_)
    run[2:] = (of_row[2:] == of_row[:-2]) & (of_day[2:] == of_day[1:-1] + 1) & (of_day[2:] == of_day[:-2] + 2)
    np.minimum.at(since, of_row[run], at[head[run]])


# ---- wishes


def wishes_kept(contacts: Contacts, record: Record, given: Mapping[str, ArrayLike]) -> dict[str, ArrayLike]:
    refused, opted_out = _refusals(contacts, record.opt_outs)
    found: dict[str, ArrayLike] = {"opted_out": opted_out, "refused_all": refused}
    found["answers_incoming"] = _answers(contacts, record.events)
    found["location_asked_before"] = _asked_for_location(contacts, record.events)
    for name in found:
        if name in given:  # what the caller knows beside the record adds to it; unknown does not undo a yes
            mine, theirs = np.asarray(found[name]).astype(np.int16), np.asarray(given[name]).astype(np.int16)
            found[name] = np.where((mine == 1) | (theirs == 1), 1, np.minimum(mine, theirs))
    return found


def _refusals(contacts: Contacts, o: OptOuts) -> tuple[Mask, Mask]:
    """(asked for no contact at all, asked not to be reached this way) per contact.

    A third person who asks not to be reached in one way has refused altogether: GB/T 45251-2025 part 5.3.
    """
    refused, opted_out = np.zeros(len(contacts), np.bool_), np.zeros(len(contacts), np.bool_)
    rows, of = pairs(contacts.person, o.person)
    now = contacts.instant[rows]
    binds = (o.at[of] <= now) & (now < o.lifted[of])
    scope, channel = o.scope[of], contacts.channel[rows]
    medium = np.where(channel == Channel.VOICEMAIL, Channel.CALL, channel)
    here = (o.channels[of] >> medium) & 1 == 1
    everything = scope == Scope.ALL
    number = (scope == Scope.NUMBER) & here & (o.number[of] == contacts.number[rows]) & (o.number[of] > 0)
    address = (scope == Scope.ADDRESS) & (o.address[of] == contacts.address[rows]) & (o.address[of] > 0)
    this_way = everything | ((scope == Scope.CHANNEL) & here) | number | address
    third = contacts.person[rows] != contacts.debtor[rows]
    refused[rows[binds & (everything | third)]] = True
    opted_out[rows[binds & this_way]] = True
    return refused, opted_out


def _answers(contacts: Contacts, e: Events) -> Mask:
    """The one answer to an incoming message, on its own channel: comment 6(b)(1)-2 to 12 CFR 1006.6."""
    answers: Mask = contacts.reply_to >= 0
    if not answers.any():
        return answers
    theirs = np.where(answers, contacts.reply_to, 0)
    answers = answers & (e.dir[theirs] == Direction.IN) & (e.channel[theirs] == contacts.channel)
    answers &= (e.person[theirs] == contacts.person) & (e.at[theirs] <= contacts.instant)
    ours = np.flatnonzero((e.dir == Direction.OUT) & (e.reply_to >= 0) & (e.result != Result.CANCELLED))
    rows, of = pairs(theirs, e.reply_to[ours])
    used = e.at[ours[of]] <= contacts.instant[rows]
    answers[rows[used]] = False
    return answers


def _asked_for_location(contacts: Contacts, e: Events) -> Mask:
    """A third person already talked to in order to find the debtor (12 CFR 1006.10(c))."""
    asked = (e.dir == Direction.OUT) & one_of(e.result, (Result.CONVERSATION, Result.PENDING))
    asked &= e.purpose == Purpose.LOCATION_INFORMATION
    found = Latest.of(e.person[asked], e.at[asked]).up_to(contacts.person, contacts.instant, 1)[:, 0]
    third: Mask = (found > LONG_AGO) & (contacts.person != contacts.debtor)
    return third


def unwelcome(contacts: Contacts, u: UnwelcomeTimes) -> Wishes:
    """The times each addressee named."""
    rows, of = pairs(contacts.person, u.person)
    return Wishes(rows, u.days[of], u.start[of], u.end[of], u.first[of], u.last[of])
