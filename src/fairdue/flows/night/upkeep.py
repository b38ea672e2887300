"""The first steps of the night: what came in is applied, debts are charged, promises judged, accounts aged."""

from datetime import date, datetime, timedelta

from fairdue.accounts import services as ledger
from fairdue.agreements import services as agreements
from fairdue.agreements.models import Plan
from fairdue.cases import services as cases
from fairdue.flows import hardship, payment, plans
from fairdue.flows.night.log import Noting


def apply_waiting(*, day: date, now: datetime, step: Noting) -> None:
    """Placements that ended go back; payments loaded are applied, with what follows; every debt has its case."""
    recalled = ledger.end_placements(day=day)
    done = payment.apply_loaded(now=now, progress=lambda count: step.counts(payments=count))
    opened = cases.open_cases()
    step.counts(**done, recalled=recalled, opened=opened.opened, to_repair=opened.to_repair, repaired=opened.repaired,
                closed=opened.closed, reopened=opened.reopened)  # fmt: skip


def charge_accounts(*, day: date, now: datetime, step: Noting) -> None:
    """Interest and fees by the contract up to the evening before: the night after `day` is charged by the next one."""
    done = ledger.accrue(upto=day - timedelta(days=1), progress=lambda count: step.counts(accounts=count))
    step.counts(accounts=done.accounts, restated=done.restated, transfers=done.transfers, cut=done.cut)


def judge_promises(*, day: date, now: datetime, step: Noting) -> None:
    """Promises and plans as of the evening before: money of today is still to come. Then the chance of every open
    promise, and the reminders and thanks of the day: noted here, given to the door once it is day (flows.reminders).
    """
    evening = day - timedelta(days=1)
    done = agreements.judge(as_of=evening)
    step.counts(judged=done.looked, kept=done.kept, partly=done.partly, broken=done.broken, again=done.reopened)
    judged = plans.judge(today=day, now=now)
    step.counts(**hardship.nightly(day=day, now=now))
    step.counts(plans_at_risk=judged.count(Plan.Status.AT_RISK), plans_broken=judged.count(Plan.Status.BROKEN),
                plans_completed=judged.count(Plan.Status.COMPLETED))  # fmt: skip
    agreements.learn(on=day)
    step.counts(rated=agreements.rate(on=day), **agreements.prepare(day=day))


def age_accounts(*, day: date, now: datetime, step: Noting) -> None:
    """Every account as it stands on the morning of `day`."""
    done = ledger.age_all(as_of=day, progress=lambda count: step.counts(accounts=count))
    step.counts(accounts=done.accounts, changed=done.changed, moved=done.moved)
