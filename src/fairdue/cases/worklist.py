"""The collector's day: the next item, leased so that nobody else can get it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils import timezone

from fairdue.accounts.columns import execute, rows
from fairdue.cases import services
from fairdue.cases.models import WorkItem
from fairdue.cases.queries import visible_to
from fairdue.journal import services as journal
from fairdue.staff.models import Role, User

LEASE: Final = timedelta(minutes=15)
LOCKS: Final = 71_104
"""The first half of the advisory lock of a press of *Next*; the second is the user."""
Status = WorkItem.Status

# One statement, so that two presses can never see the same item: locked rows are passed over, not waited for.
_NEXT: Final = """
    update cases_workitem set status = 'leased', leased_by_id = %(user)s, leased_until = %(until)s
    where id = (
        select id from cases_workitem
        where "on" = %(day)s and user_id = %(user)s
            and (status = 'open' or (status = 'leased' and (leased_until <= %(now)s or leased_by_id = %(user)s)))
            and (window_start <= %(now)s and window_end > %(now)s or later_start <= %(now)s and later_end > %(now)s)
            and (due_again_at is null or due_again_at <= %(now)s)
        order by (status = 'leased' and leased_by_id = %(user)s and leased_until > %(now)s) desc,
            due_again_at nulls last, rank, id
        limit 1 for no key update skip locked)
    returning *
"""


class NotYours(ValueError):  # noqa: N818
    """The item is not in this user's hands; `zh` and `en` say so."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def next_item(*, user: User, now: datetime, day: date | None = None) -> WorkItem | None:
    """Lease the next item of `user`'s list: their unexpired lease, else a call-back now due, else the best open item
    inside its lawful window. None when there is nothing to do now."""
    known = {"user": user.pk, "now": now, "until": now + LEASE, "day": day or timezone.localdate(now)}
    with transaction.atomic():
        # The second of two quick presses waits for the first and finds its lease, instead of passing over it.
        execute("select pg_advisory_xact_lock(%s, %s)", [LOCKS, user.pk])
        return next(iter(WorkItem.objects.raw(_NEXT, known)), None)


def take(*, item: WorkItem | int, user: User, now: datetime) -> WorkItem:
    """Lease one item of the user's own list by name; NotYours when a colleague has it."""
    free = """status = 'open' or (status = 'leased' and (leased_until <= %(now)s or leased_by_id = %(user)s))"""
    return _change(
        item, user, now, f"status = 'leased', leased_by_id = %(user)s, leased_until = %(until)s where {free}"
    )


def finish(*, item: WorkItem | int, by: User, how: str, now: datetime, again_at: datetime | None = None) -> WorkItem:
    """Done, saying how (an outcome's kind); with `again_at` it comes back as a call-back that same day.

    An item dropped while its collector was at work on it counts as done. Finishing twice changes nothing.
    """
    mine = "leased_by_id = %(user)s or (leased_by_id is null and user_id = %(user)s)"
    if again_at is None or timezone.localdate(again_at) > timezone.localdate(now):
        return _change(
            item, by, now, f"status = 'done', done_at = %(now)s, done_how = %(how)s where {mine}", how=how[:30]
        )
    back = """status = case status when 'dropped' then 'done' else 'open' end, leased_by_id = null,
        leased_until = null, due_again_at = %(again)s, done_how = %(how)s,
        window_end = case when later_start <= %(again)s and later_end > %(again)s then window_end
            else greatest(window_end, %(again)s + interval '1 minute') end where """
    return _change(item, by, now, back + mine, how=how[:30], again=again_at)


def release(*, item: WorkItem | int, by: User, now: datetime) -> WorkItem:
    """Put a leased item back on the list, where it was."""
    return _change(
        item, by, now,
        "status = 'open', leased_by_id = null, leased_until = null where status = 'leased' and leased_by_id = %(user)s",
    )  # fmt: skip


@transaction.atomic
def skip(*, item: WorkItem | int, by: User, why: str, now: datetime) -> WorkItem:
    """Not now: back on the list, behind everything else; journalled with the reason."""
    if not why.strip():
        raise ValueError("say why the case is put aside")
    put = release(item=item, by=by, now=now)
    last = WorkItem.objects.filter(on=put.on, user_id=put.user_id).aggregate(last=Max("rank"))["last"]
    WorkItem.objects.filter(pk=put.pk).update(rank=last + 1)
    journal.write("item.skipped", by=by, subject="case", subject_id=put.case_id, person_id=put.case.person_id, why=why)
    put.rank = last + 1
    return put


@transaction.atomic
def reassign(*, case_ids: Sequence[int], to: User, by: User, reason: str, now: datetime) -> int:
    """Move many cases to `to`: ownership and today's unfinished items; how many moved.

    NotYours unless `by` leads the team of `to` and sees every case. An item in work stays with whoever has it.
    """
    wanted = sorted(set(case_ids))
    if by.role != Role.LEAD or to.team_id is None or to.team_id != by.team_id or not to.is_active:
        raise NotYours(
            zh="只能把案件分给本组在岗成员。", en="Cases can be given to active members of your own team only."
        )
    if visible_to(by).filter(pk__in=wanted).values("pk").distinct().count() != len(wanted):
        raise NotYours(zh="所选案件不全属于本组。", en="Not all of these cases belong to your team.")
    if not reason.strip():
        raise ValueError("say why the cases move")
    moved = services.own(case_ids=wanted, to=to, by=by, reason=reason[:200], now=now)
    execute(
        """update cases_workitem set user_id = %(to)s, status = 'open', leased_by_id = null, leased_until = null
        where case_id = any(%(cases)s) and "on" >= %(day)s and user_id <> %(to)s
            and (status = 'open' or (status = 'leased' and leased_until <= %(now)s))""",
        {"to": to.pk, "cases": wanted, "day": timezone.localdate(now), "now": now},
    )
    return moved


def today(*, user: User, day: date) -> "QuerySet[WorkItem]":
    """The user's list of `day` in its order, with case, person and creditor at hand; dropped items left out."""
    items = _with_case().filter(on=day, user=user).exclude(status=Status.DROPPED)
    return items.order_by(F("due_again_at").asc(nulls_last=True), "rank", "pk")


def _with_case() -> "QuerySet[WorkItem]":
    return WorkItem.objects.select_related("case__person", "case__creditor")


def _change(item: WorkItem | int, user: User, now: datetime, change: str, **known: Any) -> WorkItem:
    """One conditional update of one item; NotYours when its condition does not hold."""
    pk = item if isinstance(item, int) else item.pk
    settings, condition = change.split(" where ", 1)
    found = rows(
        f"update cases_workitem set {settings} where id = %(item)s and ({condition}) returning id",  # noqa: S608
        {"item": pk, "user": user.pk, "now": now, "until": now + LEASE, **known},
    )
    if not found:
        raise NotYours(
            zh="该案件已由同事处理，或已不在您的清单上。请按“下一件”。",
            en="A colleague has this case, or it is no longer on your list. Press Next.",
        )
    return _with_case().get(pk=pk)
