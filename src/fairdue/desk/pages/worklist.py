"""What *Today* shows: the list in its order with reasons in words, and the day's progress."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Final, Literal, cast

from django.db.models import Count, Max, Sum
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fairdue.accounts.models import Account
from fairdue.agreements.models import Promise
from fairdue.cases import worklist
from fairdue.cases.models import Case, Run, WorkItem
from fairdue.contact.models import Outcome
from fairdue.desk import words, writing
from fairdue.law import codes
from fairdue.planning.scores import Reason, reason_text
from fairdue.staff.models import User

REFUSED = "refused_by_gate"
"""How an item is finished that the gate did not let through today."""
ACTIONS: dict[str, tuple[Any, str]] = {
    "rest": (_("Leave in peace"), "coffee"),
    "remind": (_("Remind"), "bell"),
    "call": (_("Call"), "phone"),
    "follow_up": (_("Follow up"), "phone-call"),
    "promise_follow_up": (_("Promise due"), "calendar-due"),
    "call_back": (_("Call back"), "phone-incoming"),
    "letter": (_("Letter"), "mail-forward"),
    "sms": (_("Text message"), "device-mobile"),
    "email": (_("E-mail"), "mail"),
    "visit": (_("Visit"), "map-pin"),
    "repair": (_("Mend the file"), "tool"),
}
"""Proposed action by its stored name: the words and the icon."""


@dataclass(frozen=True)
class Owed:
    """What one case owes now: minor units past due and in all, the worst bucket and days past due of its accounts."""

    past_due: int = 0
    balance: int = 0
    currency: str = "CNY"
    bucket: int | None = None
    days: int = 0
    accounts: int = 0


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    item: WorkItem
    owed: Owed
    action: Any
    icon: str
    reasons: list[str]
    state: Literal["now", "later", "closed", "call_back", "leased", "done"]
    outcome: str
    closes_in: int
    channel: Any
    channel_icon: str
    hours: str

    @property
    def open(self) -> bool:
        """Still to be done."""
        return self.state != "done"


@dataclass(frozen=True)
class Day:
    """The whole page. done: off the list; refused: those of them the gate did not let through. `done_how`: (words, how
    often) of today's outcomes, most frequent first. night: how far the run that writes the list is."""

    rows: list[Row]
    promises: list[Promise]
    done: int
    refused: int
    total: int
    call_backs: int
    leased: Row | None
    past_due: list[tuple[str, int]]
    done_how: list[tuple[str, int]]
    opens_at: datetime | None
    workable: int
    night: Literal["due", "running", "failed", "done"]

    @property
    def state(self) -> Literal["unwritten", "empty", "done", "closed", "open"]:
        """What there is to say of the whole list: not written yet; written, with nothing of this user's on it; worked
        off; nothing left that may be worked today; or something is to be done now or later."""
        if not self.rows:
            return "empty" if self.night == "done" else "unwritten"
        if not self.left:
            return "done"
        return "open" if self.workable or self.opens_at else "closed"

    @property
    def worked(self) -> int:
        """Items with an outcome: what the gate refused is not work done."""
        return self.done - self.refused

    @property
    def left(self) -> int:
        """Items still to do."""
        return self.total - self.done


def day_of(*, user: User, now: datetime) -> Day:
    """The user's list of today, with what is owed, why, and how far the day has come. Seven queries at most."""
    today = timezone.localdate(now)
    items = list(worklist.today(user=user, day=today))
    owed, made = owed_by_case([item.case for item in items]), promises_of([item.case_id for item in items])
    rows = [row_of(item, owed.get(item.case_id, Owed()), made.get(item.case_id, []), now=now) for item in items]
    promises = list(
        Promise.objects.filter(case__owner=user, due_on=today, status=Promise.Status.OPEN)
        .select_related("case__person")
        .order_by("-cents")
    )
    waiting = [row for row in rows if row.open]
    workable = [row for row in waiting if row.state in {"now", "call_back", "leased"}]
    ahead = sorted(row.item.due_again_at or row.item.window_at(now)[0] for row in waiting if row.state == "later")
    done = [row for row in rows if not row.open]
    worked = [row for row in done if row.item.done_how != REFUSED]
    totals: dict[str, int] = {}
    for row in waiting:
        totals[row.owed.currency] = totals.get(row.owed.currency, 0) + row.owed.past_due
    return Day(
        rows=sorted(rows, key=partial(_place, now=now)),
        promises=promises,
        done=len(done),
        refused=len(done) - len(worked),
        total=len(rows),
        call_backs=sum(1 for row in waiting if row.item.due_again_at),
        leased=next((row for row in rows if row.state == "leased"), None),
        past_due=sorted(totals.items()),
        done_how=_counted(row.outcome for row in worked),
        opens_at=ahead[0] if ahead and not workable else None,
        workable=len(workable),
        night="done" if items else _night(today),
    )


def _night(day: date) -> Literal["due", "running", "failed", "done"]:
    """How far the night of `day` is; `due` before it has begun."""
    status = Run.objects.filter(on=day).values_list("status", flat=True).first()
    return "due" if status is None else cast(Literal["running", "failed", "done"], status)


def row_of(item: WorkItem, owed: Owed, promises: Sequence[Promise], *, now: datetime) -> Row:
    """One item in words. promises: of the case, the latest first."""
    action, icon = ACTIONS.get(item.action, (item.action, "list-check"))
    start, end = item.window_at(now)
    channel = codes.Channel(item.channel) if item.channel else None
    return Row(
        item=item,
        owed=owed,
        action=action,
        icon=icon,
        reasons=reasons_of(item, owed, promises),
        state=_state(item, now),
        outcome=outcome_word(item.done_how),
        closes_in=max(0, int((end - now).total_seconds() // 60)),
        channel=words.CHANNELS[channel] if channel else "",
        channel_icon=words.CHANNEL_ICONS[channel] if channel else "clock",
        hours=writing.hours_there(start, end, item.zone),
    )


def promises_of(cases: Sequence[int]) -> dict[int, list[Promise]]:
    """The promises of each case, the latest first. One query."""
    found: dict[int, list[Promise]] = {}
    for promise in Promise.objects.filter(case__in=cases).order_by("-made_on", "-pk"):
        found.setdefault(promise.case_id, []).append(promise)
    return found


_OF_OPEN: Final = {
    Reason.PROMISE_DUE_TODAY,
    Reason.PROMISE_DUE_SOON,
    Reason.PROMISE_RUNNING,
    Reason.EXPECTED_OF_PROMISE,
}
_OF_PAST_DUE: Final = {Reason.NEWLY_OVERDUE, Reason.ROLLS_SOON, Reason.NEVER_CONTACTED, Reason.EXPECTED_AT_ONCE}


def reasons_of(item: WorkItem, owed: Owed, promises: Sequence[Promise]) -> list[str]:
    """Why the item is on the list, in the language of the page. The night wrote it down; what has changed since is not
    said any more, and a promise kept meanwhile is said to be. promises: of the case, the latest first."""
    lang: Literal["zh", "en"] = "zh" if writing.chinese() else "en"
    said = []
    for code, *rest in item.reasons:
        numbers: Sequence[int] = rest[0] if rest and isinstance(rest[0], list) else rest
        padded = [*numbers, 0, 0][:2]
        if _holds(Reason(int(code)), padded[0], owed, promises):
            said.append(reason_text(int(code), padded, lang, money=partial(writing.money, currency=owed.currency)))
        elif Reason(int(code)) in _OF_OPEN | {Reason.PROMISE_BROKEN}:
            said.append(_kept(padded[0], item, promises))
    return list(dict.fromkeys(text for text in said if text))


def _holds(reason: Reason, cents: int, owed: Owed, promises: Sequence[Promise]) -> bool:
    """Whether a reason of the night is so now. `cents`: its first number, of a promise the sum promised."""
    if reason in _OF_OPEN:
        return any(p.status == Promise.Status.OPEN and p.cents == cents for p in promises)
    if reason == Reason.PROMISE_BROKEN:
        return any(p.status == Promise.Status.BROKEN and p.cents == cents for p in promises)
    if reason == Reason.NEXT_AFTER_BROKEN:
        latest = next((p for p in promises if p.status != Promise.Status.WITHDRAWN), None)
        return latest is not None and latest.status == Promise.Status.BROKEN
    return owed.past_due > 0 or reason not in _OF_PAST_DUE


def _kept(cents: int, item: WorkItem, promises: Sequence[Promise]) -> str:
    """That a promise of so much was kept since the list was made; empty when none was."""
    kept = next((p for p in promises if p.status == Promise.Status.KEPT and p.cents == cents), None)
    if kept is None or kept.judged_on is None or kept.judged_on < item.on:
        return ""
    told = {"sum": writing.money(cents, kept.currency), "came": writing.money(kept.received, kept.currency)}
    return gettext("Promise of %(sum)s kept: %(came)s came") % told


def outcome_word(how: str) -> str:
    """An outcome's name in words; unknown ones as they are."""
    if how == REFUSED:
        return gettext("Refused by the gate")
    return str(dict(Outcome.Kind.choices).get(how, how))


def owed_by_case(cases: Sequence[Case]) -> dict[int, Owed]:
    """What each case owes, in one query: by person and creditor, over open accounts in the case's main currency."""
    wanted = {(case.person_id, case.creditor_id): case.pk for case in cases}
    if not wanted:
        return {}
    sums = (
        Account.objects.filter(
            debtor_id__in={person for person, _c in wanted},
            creditor_id__in={creditor for _p, creditor in wanted},
            status=Account.Status.OPEN,
        )
        .values("debtor_id", "creditor_id", "currency")
        .annotate(
            past_due=Sum("ageing__past_due"),
            owed=Sum("ageing__balance"),
            worst=Max("ageing__bucket"),
            days=Max("ageing__days_past_due"),
            n=Count("pk"),
        )
        .order_by("n")
    )
    found: dict[int, Owed] = {}
    for row in sums:
        case = wanted.get((row["debtor_id"], row["creditor_id"]))
        if case is not None:
            found[case] = Owed(
                row["past_due"] or 0, row["owed"] or 0, row["currency"], row["worst"], row["days"] or 0, row["n"]
            )
    return found


def _state(item: WorkItem, now: datetime) -> Literal["now", "later", "closed", "call_back", "leased", "done"]:
    if item.status == WorkItem.Status.DONE:
        return "done"
    if item.status == WorkItem.Status.LEASED and item.leased_until and item.leased_until > now:
        return "leased"
    start, end = item.window_at(now)
    if end <= now:
        return "closed"
    if item.due_again_at:
        return "call_back" if item.due_again_at <= now else "later"
    return "now" if start <= now else "later"


def _place(row: Row, *, now: datetime) -> tuple[int, float]:
    """Where a row stands: what may be worked now in the order of the list, then what opens later by its time, then what
    is closed for today, then what is done."""
    if row.state == "later":
        return 1, (row.item.due_again_at or row.item.window_at(now)[0]).timestamp()
    return {"closed": 2, "done": 3}.get(row.state, 0), 0.0


def _counted(words: Any) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return sorted(counts.items(), key=lambda pair: -pair[1])
