"""Tomorrow's lists, written in one transaction: owners, items, reasons, windows."""

import json
from datetime import date, datetime
from typing import Any, Final

import numpy as np
from django.db import connection, transaction

from fairdue.accounts.columns import Column, execute, rows
from fairdue.cases import services as cases
from fairdue.flows.night.gather import CasesAtWork
from fairdue.flows.night.plan import Lawful, Shared, midnight
from fairdue.law.clock import NEVER, zone_name
from fairdue.law.codes import Channel
from fairdue.planning.columns import NO_DAY
from fairdue.planning.day import Day, order_day
from fairdue.planning.scores import Action, Scored

_STAGE: Final = """
    create temporary table planned (case_id bigint, user_id bigint, rank int, score bigint, action text, reasons jsonb,
        window_start bigint, window_end bigint, later_start bigint, later_end bigint, channel int, contact_point bigint,
        zone text) on commit drop
"""
# Asked once more at the last moment: a payment or a hold may have come in while the night was thinking.
_INSERT: Final = """
    insert into cases_workitem ("on", case_id, user_id, rank, score, action, reasons, window_start, window_end,
        later_start, later_end, channel, contact_point_id, zone, status, done_how)
    select %(day)s, p.case_id, p.user_id, p.rank, p.score, p.action, p.reasons, to_timestamp(p.window_start * 60),
        to_timestamp(p.window_end * 60), to_timestamp(p.later_start * 60), to_timestamp(p.later_end * 60), p.channel,
        p.contact_point, p.zone, 'open', ''
    from planned p join cases_case k on k.id = p.case_id
    where k.status = 'open' and exists (
            select from accounts_account a join accounts_ageing g on g.account_id = a.id
            where a.debtor_id = k.person_id and a.creditor_id = k.creditor_id and a.status = 'open' and g.past_due > 0)
        and not exists (
            select from cases_hold h where h.person_id = k.person_id and h.account_id is null and h.lifted_at is null
                and h.starts_at < to_timestamp(coalesce(p.later_end, p.window_end) * 60) and (h.ends_on is null or h.ends_on >= %(day)s))
    order by p.user_id, p.rank
    on conflict ("on", case_id) do nothing
"""


@transaction.atomic
def publish(
    work: CasesAtWork, scored: Scored, lawful: Lawful, shared: Shared, *, day: date, now: datetime
) -> dict[str, Any]:
    """Replace what is still open of the day's lists; done, leased and called-back items stay.

    A case on a list belongs to the collector whose list it is.
    """
    placed = np.flatnonzero(shared.allocation.collector >= 0)
    at = shared.rows[placed]
    order = _order(work, scored, lawful, shared, placed, day=day)
    users = shared.team.users[shared.allocation.collector[placed]] if len(placed) else np.empty(0, np.int32)
    replaced = execute(
        """delete from cases_workitem where "on" = %s and status = 'open' and due_again_at is null""", [day]
    )
    execute(_STAGE)
    _copy(work, scored, lawful, at, users, order)
    items = execute(_INSERT, {"day": day})
    pairs = rows(
        """select p.case_id, p.user_id from planned p join cases_case k on k.id = p.case_id
        where k.owner_id is distinct from p.user_id and exists (
            select from cases_workitem w where w."on" = %s and w.case_id = p.case_id and w.user_id = p.user_id)""",
        [day],
    )
    execute("drop table planned")
    moved = cases.hand_over(pairs=pairs, by=None, reason=f"night {day}", now=now)
    return {"items": items, "replaced": replaced, "owners_changed": moved, "collectors": len(np.unique(users))}


def _order(work: CasesAtWork, scored: Scored, lawful: Lawful, shared: Shared, placed: Column, *, day: date) -> Day:
    at = shared.rows[placed]
    asked_for = work.call_back_at[at] - midnight(day)
    today = (asked_for >= 0) & (asked_for < 1440) & (work.call_back_at[at] > 0)
    due_on = work.known.promise_due_on[at]
    return order_day(
        collector=shared.allocation.collector[placed],
        window_start=shared.work.window_start[placed],
        window_end=shared.work.window_end[placed],
        minutes=shared.work.minutes[placed],
        score=shared.work.value[placed],
        promise_due=(scored.action[at] == Action.PROMISE_FOLLOW_UP) & (due_on != NO_DAY),
        written=lawful.channel[at] != Channel.CALL,
        fixed_at=np.where(today, asked_for, -1).astype(np.int32),
        shift_start=shared.team.columns.shift_start,
        shift_end=shared.team.columns.shift_end,
    )


def _copy(work: CasesAtWork, scored: Scored, lawful: Lawful, at: Column, users: Column, order: Day) -> None:
    """Stage the items; there are only as many as people can work."""
    columns = zip(
        work.case[at].tolist(), users.tolist(), order.rank.tolist(), scored.priority[at].tolist(),
        _as_lawful(scored.action[at], lawful.channel[at]).tolist(), scored.reason[at].tolist(),
        scored.numbers[at].tolist(), lawful.first[at].tolist(), lawful.until[at].tolist(), lawful.again[at].tolist(),
        lawful.again_until[at].tolist(), lawful.channel[at].tolist(), lawful.point[at].tolist(),
        lawful.zone[at].tolist(), strict=True,
    )  # fmt: skip
    fields = """case_id, user_id, rank, score, action, reasons, window_start, window_end, later_start, later_end, channel,
        contact_point, zone"""
    with connection.cursor() as cursor, cursor.copy(f"copy planned ({fields}) from stdin") as copy:
        for (
            case,
            user,
            rank,
            value,
            action,
            reasons,
            numbers,
            *window,
            again,
            again_until,
            channel,
            point,
            zone,
        ) in columns:
            said = [[code, pair] for code, pair in zip(reasons, numbers, strict=True) if code]
            later = (again, again_until) if again < NEVER else (None, None)
            copy.write_row((
                case, user, rank, value, Action(action).name.lower(), json.dumps(said), *window, *later, channel, point,
                zone_name(zone) if zone >= 0 else "",
            ))  # fmt: skip


def _as_lawful(action: Column, channel: Column) -> Column:
    """The proposed action, where the law leaves nothing but writing: a call becomes a reminder."""
    called = (action == Action.CALL) | (action == Action.CALL_BACK)
    return np.where(called & (channel != Channel.CALL), Action.REMIND, action)
