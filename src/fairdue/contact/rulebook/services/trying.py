"""A draft tried out before anybody is bound by it: on the verdicts of the last days, and on the lists of today and
tomorrow. Nothing of it touches a case; the trial's own row shows how far it is and what it found.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from fairdue.accounts.columns import rows
from fairdue.cases.models import WorkItem
from fairdue.contact.facts import facts_for_night
from fairdue.contact.models import Verdict
from fairdue.contact.rulebook.effects import Cases, Change, Compared, Side, changed_rules
from fairdue.contact.rulebook.models import RuleVersion, Trial
from fairdue.contact.rulebook.reading import firm_day, in_force, with_draft
from fairdue.contact.rulebook.services.drafting import RulebookError
from fairdue.contact.rulebook.telling import sentence
from fairdue.journal import services as journal
from fairdue.law import codes, gate, packtext, settings
from fairdue.law import facts as law_facts
from fairdue.law.located import PackError
from fairdue.staff.models import User

BATCH: Final = 2000
MOST_DAYS: Final = 366
_STATUS = Trial.Status

_OWED: Final = """
    select c.id, a.currency, sum(b.principal + b.interest + b.penalty + b.fees + b.costs)::bigint,
        coalesce(max(g.bucket), -1)
    from cases_case c join accounts_account a on a.debtor_id = c.person_id and a.creditor_id = c.creditor_id
        join accounts_balance b on b.account_id = a.id left join accounts_ageing g on g.account_id = a.id
    where c.id = any(%(cases)s) and a.status = 'open' group by c.id, a.currency
"""
_POINTS: Final = """
    select distinct on (person_id, kind) person_id, kind, id from people_contactpoint
    where person_id = any(%(persons)s) and status not in ('invalid', 'wrong_person')
        and source <> 'device_address_book'
    order by person_id, kind, (status <> 'verified'), rank, id
"""
_WAYS: Final = {"phone": codes.Channel.CALL, "email": codes.Channel.EMAIL, "address": codes.Channel.LETTER}


@transaction.atomic
def ask_trial(
    *, text: str, pack: str, file: str, days: int, by: User | None, now: datetime, version: RuleVersion | None = None
) -> Trial:
    """Queue a trial; a worker does it. Raises RulebookError when the text cannot be judged by."""
    trial = _new(text, pack, file, days, by, now, version)
    app.configure_task("fairdue.contact.tasks.try_rules", queue="rules", lock="try-rules").defer(trial_id=trial.pk)
    return trial


def try_now(
    *, text: str, pack: str, file: str, days: int, now: datetime, progress: Callable[[int, int], None] | None = None
) -> Trial:
    """Try a draft at once, for the command line."""
    trial = _new(text, pack, file, days, None, now, None)
    return run_trial(trial_id=trial.pk, now=now, progress=progress)


def _new(
    text: str, pack: str, file: str, days: int, by: User | None, now: datetime, version: RuleVersion | None
) -> Trial:
    if not 1 <= days <= MOST_DAYS:
        told = {"most": MOST_DAYS, "days": days}
        raise RulebookError(_("A trial looks back 1 to %(most)s days; %(days)s cannot be.") % told, "days")
    mistakes = packtext.unreadable(text, file=file) if pack != settings.ID else []
    if mistakes:
        raise RulebookError(sentence(mistakes[0]), "text")
    trial = Trial.objects.create(version=version, pack=pack, file=file, text=text, days=days, asked_at=now, asked_by=by)
    journal.write(
        "rules.tried", by=by, subject="rule_version", subject_id=version.pk if version else None, pack=pack,
        days=days, trial=trial.pk,
    )  # fmt: skip
    return trial


def run_trial(*, trial_id: int, now: datetime, progress: Callable[[int, int], None] | None = None) -> Trial:
    """Do a queued trial from its beginning; one whose worker was killed may be run again. A finished one is left."""
    trial = Trial.objects.get(pk=trial_id)
    if trial.status == _STATUS.DONE:
        return trial
    _note(trial, status=_STATUS.RUNNING, begun_at=now, done=0, error="", result={})
    try:
        trying = _Trying(trial, now)
        _note(trial, total=trying.total)
        for done in trying.run():
            _note(trial, done=done)
            if progress:
                progress(done, trying.total)
        result = trying.told()
    except Exception as error:
        _note(trial, status=_STATUS.FAILED, error=f"{type(error).__name__}: {error}"[:2000], ended_at=_moment())
        if not isinstance(error, PackError | LookupError | ValueError):
            raise
        return trial
    _note(trial, status=_STATUS.DONE, result=result, done=trying.total, ended_at=_moment())
    return trial


def _note(trial: Trial, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(trial, name, value)
    Trial.objects.filter(pk=trial.pk).update(**changes)


def _moment() -> datetime:
    moment: datetime = rows("select clock_timestamp()")[0][0]
    return moment


class _Trying:
    """The two halves of a trial: history and plan."""

    def __init__(self, trial: Trial, now: datetime) -> None:
        self.now, today = now, firm_day(now)
        before = in_force(now)
        base = RuleVersion.objects.filter(pack=trial.pack, status="approved", force_from__lte=today)
        newest = base.order_by("-force_from", "-number").first()
        draft = with_draft(now, file=trial.file, text=trial.text)
        self.change: Change = changed_rules(before, draft, newest.text if newest else "", trial.text)
        self.verdicts = Verdict.objects.filter(at__gt=now - timedelta(days=trial.days), at__lte=now).order_by("pk")
        self.items = list(
            WorkItem.objects.filter(on__in=[today, today + timedelta(days=1)], status__in=["open", "leased"])
            .order_by("on", "pk")
            .values("pk", "on", "case_id", "case__person_id", "case__creditor_id", "user__team_id", "action")
        )
        self.judged = self.verdicts.count()
        self.total = self.judged + len(self.items)
        self.stopped, self.freed, self.plan_stopped = Side(), Side(), Side()
        self.counts: Counter[str] = Counter()
        self.lacking: Counter[str] = Counter()

    def run(self) -> Iterator[int]:
        """Go through it; how many of `total` are done, after each batch."""
        done, last = 0, 0
        fields = ("pk", "at", "facts", "case_id", "decision", "by__team_id", "case__owner__team_id")
        while batch := list(self.verdicts.filter(pk__gt=last).values(*fields)[:BATCH]):
            self._history(batch)
            done, last = done + len(batch), batch[-1]["pk"]
            yield done
        for day in sorted({item["on"] for item in self.items}):
            items = [item for item in self.items if item["on"] == day]
            self._plan(day, items)
            done += len(items)
            yield done

    # ---- history

    def _history(self, batch: Sequence[Mapping[str, Any]]) -> None:
        groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
        for verdict in batch:
            try:
                groups.setdefault(law_facts.shape(verdict["facts"]), []).append(verdict)
            except (KeyError, TypeError):
                self.counts["unreadable"] += 1
        for group in groups.values():
            try:
                facts = law_facts.Facts.from_rows([verdict["facts"] for verdict in group])
            except (LookupError, ValueError, TypeError):
                self.counts["unreadable"] += len(group)
            else:
                self._compare(group, self.change.compare(facts))

    def _compare(self, group: Sequence[Mapping[str, Any]], compared: Compared) -> None:
        for side, found, why in (
            (self.stopped, compared.stopped, compared.why_stopped),
            (self.freed, compared.freed, compared.why_freed),
        ):
            for row in found:
                verdict = group[row]
                team = verdict["by__team_id"] or verdict["case__owner__team_id"] or 0
                example = {"verdict": verdict["pk"], "at": verdict["at"].astimezone(UTC).isoformat(),
                           "before": int(compared.before.decision[row]), "after": int(compared.after.decision[row])}  # fmt: skip
                side.add(verdict["case_id"] or 0, why(row), team, example)
        self.counts["otherwise"] += compared.otherwise
        self.counts["cannot_tell"] += int(compared.cannot_tell.sum())
        self.lacking += compared.lacking

    # ---- plan

    def _plan(self, day: date, items: Sequence[Mapping[str, Any]]) -> None:
        """The ways in which each item's case could be worked that day; stopped is a case that loses its last one."""
        ways = list(_ways(items))
        if not ways:
            return
        places, points, channels = (np.array(column, np.int64) for column in zip(*ways, strict=True))
        facts = facts_for_night(
            at=self.now,
            person=np.array([items[n]["case__person_id"] for n in places]),
            creditor=np.array([items[n]["case__creditor_id"] for n in places]),
            contact_point=points,
            channel=channels,
        )
        begin, end = _minutes(day, self.now)
        before = gate.windows(facts, self.change.before, start=begin, end=end)
        after = gate.windows(facts, self.change.after, start=begin, end=end)
        was, stays = np.unique(places[before.any]), np.unique(places[after.any])
        kept = before.any & after.any
        lost = (before.last - before.first)[kept] - (after.last - after.first)[kept]
        self.counts["shortened"] += len(np.unique(places[kept][lost > 0]))
        gone = np.setdiff1d(was, stays)
        rows_gone = np.flatnonzero(before.any & np.isin(places, gone))
        rows_gone = rows_gone[np.unique(places[rows_gone], return_index=True)[1]]  # the first way of each item
        if not len(rows_gone):
            return
        compared = self.change.compare(facts.take(rows_gone).at(before.first[rows_gone]))
        for row, place in enumerate(places[rows_gone].tolist()):
            item = items[place]
            example = {"item": item["pk"], "on": day.isoformat()}
            self.plan_stopped.add(item["case_id"], compared.why_stopped(row), item["user__team_id"] or 0, example)

    # ---- the answer

    def told(self) -> dict[str, Any]:
        """Everything in plain values."""
        sides = {"stopped": self.stopped, "freed": self.freed, "plan": self.plan_stopped}
        cases = _cases({key[0] for side in sides.values() for key in side.counts} - {0})
        return {
            "judged": self.judged, "items": len(self.items), "changed": sorted({rule.id for rule, _ in self.change.changed}),
            **{name: side.told(cases) for name, side in sides.items()},
            "otherwise": self.counts["otherwise"], "cannot_tell": self.counts["cannot_tell"],
            "unreadable": self.counts["unreadable"], "shortened": self.counts["shortened"],
            "lacking": dict(self.lacking.most_common()),
        }  # fmt: skip


def _ways(items: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, int, int]]:
    """(place of the item, contact point, channel): a letter goes to the address, all else by phone or e-mail."""
    found = rows(_POINTS, {"persons": [item["case__person_id"] for item in items]})
    points = {(person, kind): point for person, kind, point in found}
    for n, item in enumerate(items):
        for kind in ("address",) if item["action"] == "letter" else ("phone", "email"):
            if point := points.get((item["case__person_id"], kind)):
                yield n, point, int(_WAYS[kind])


def _minutes(day: date, now: datetime) -> tuple[int, int]:
    """First and last minute of the firm's day (UTC, both included), not before now."""
    zone = timezone.get_default_timezone()
    begin, end = (
        int(timezone.make_aware(datetime.combine(d, time.min), zone).timestamp()) // 60
        for d in (day, day + timedelta(days=1))
    )
    return max(begin, -(-int(now.timestamp()) // 60)), end - 1


def _cases(ids: set[int]) -> Cases:
    owed: dict[int, dict[str, int]] = {}
    buckets: dict[int, int] = {}
    for case, currency, cents, bucket in rows(_OWED, {"cases": sorted(ids)}):
        owed.setdefault(case, {})[currency] = cents
        buckets[case] = max(bucket, buckets.get(case, -1))
    return Cases(owed, buckets, dict(rows("select id, name from staff_team")))
