"""What the pages of the night runs show: steps in words, what was left out, what one more hour is worth."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.models import ProcrastinateJob

from fairdue.cases.models import Run, Step
from fairdue.desk.writing import chinese, number
from fairdue.flows.night import STEPS
from fairdue.planning.allocation import Placement, placement_text
from fairdue.staff.models import User

NAMES: Final = {
    "apply": _("Apply payments"),
    "charge": _("Charge interest and fees"),
    "promises": _("Judge promises"),
    "age": _("Age accounts"),
    "score": _("Score cases"),
    "gate": _("Ask the law gate"),
    "allocate": _("Share out the hours"),
    "publish": _("Publish the lists"),
}
COUNTS: Final = {
    "accounts": _("accounts"),
    "again": _("judged again"),
    "applied": _("applied"),
    "broken": _("broken"),
    "call": _("to call"),
    "call_back": _("to call back"),
    "cases": _("cases"),
    "changed": _("changed"),
    "closed": _("closed"),
    "collectors": _("collectors"),
    "cut": _("cents above a ceiling, not charged"),
    "dropped": _("taken off"),
    "follow_up": _("to follow up"),
    "gap": _("short of the best plan possible"),
    "handed_over": _("with somebody new"),
    "items": _("items"),
    "judged": _("judged"),
    "kept": _("kept"),
    "lawful": _("lawful today"),
    "letter": _("to write a letter"),
    "moved": _("changed bucket"),
    "opened": _("newly opened"),
    "owned": _("given an owner"),
    "owners_changed": _("with another owner"),
    "partly": _("partly kept"),
    "payments": _("payments"),
    "placed": _("given to somebody"),
    "plans_at_risk": _("plans at risk"),
    "plans_broken": _("plans broken"),
    "plans_completed": _("plans completed"),
    "promise_follow_up": _("promises to follow up"),
    "promises": _("promises"),
    "promises_kept": _("promises kept"),
    "no_mail": _("without an e-mail address"),
    "rated": _("promises rated"),
    "recalled": _("recalled"),
    "reminders": _("reminders noted"),
    "thanks": _("thanks noted"),
    "remind": _("to remind"),
    "reopened": _("reopened"),
    "repair": _("without a usable contact"),
    "repaired": _("back from repair"),
    "replaced": _("items replaced"),
    "rest": _("left in peace"),
    "restated": _("told anew"),
    "reversals": _("reversals"),
    "revoked": _("permits taken back"),
    "spread": _("spread of load"),
    "to_repair": _("sent to repair"),
    "transfers": _("transfers in the ledger"),
    "unlawful": _("not lawful today"),
    "with_owner": _("with their owner"),
}
"""Words for what the steps count; a count without a word here is shown by its name."""

UNSHOWN: Final = {"cents"}
"""A sum over several currencies says nothing to a reader."""
SHARES: Final = {"gap", "spread"}
"""Counts that are shares of one."""
LEFT_OUT: Final = {
    "held": _("Collection is stopped"),
    "no_contact": _("No usable way to reach anybody"),
    "paid": _("Nothing is owed any more"),
    "recalled": _("Recalled by the creditor"),
    "repair": _("Proof of the debt is incomplete"),
    "rest": _("Nothing to do today"),
}
"""Words for reasons that are not the allocation's own (planning.allocation says those)."""


@dataclass(frozen=True)
class Shown:
    """One step as the page shows it; status `waiting` when its turn has not come."""

    n: int
    name: Any
    status: str
    counts: list[tuple[Any, Any]]
    seconds: float | None
    started_at: datetime | None
    error: str


def steps(run: Run) -> list[Shown]:
    """Every step of the night in order, those to come included."""
    known = {step.name: step for step in run.steps.all()}
    names = [*STEPS, *(name for name in known if name not in STEPS)]
    return [_shown(n, name, known.get(name)) for n, name in enumerate(names, 1)]


def _shown(n: int, name: str, step: Step | None) -> Shown:
    word = NAMES.get(name, name)
    if step is None:
        return Shown(n, word, "waiting", [], None, None, "")
    # Noughts say nothing unless there is nothing else to say.
    told = {key: value for key, value in step.counts.items() if _plain(key, value)}
    told = {key: value for key, value in told.items() if value} or dict(list(told.items())[:1])
    counts = [(COUNTS.get(key, key), _figure(key, value)) for key, value in told.items()]
    return Shown(n, word, step.status, counts, step.seconds, step.started_at, step.error)


def _plain(key: str, value: Any) -> bool:
    return key not in UNSHOWN and isinstance(value, int | float | str)


def _figure(key: str, value: int | float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value * 100:.1f} %" if key in SHARES else number(round(value, 2))


def left_out(run: Run) -> list[tuple[str, int]]:
    """Why cases are on no list, and how many each: the commonest first."""
    found = run.summary.get("left_out", {})
    return sorted(((_reason(key), int(n)) for key, n in found.items() if n), key=lambda pair: -pair[1])


def _reason(key: str) -> str:
    if key in LEFT_OUT:
        return str(LEFT_OUT[key])
    lang: Literal["zh", "en"] = "zh" if chinese() else "en"
    codes = {place.name.lower(): place.value for place in Placement}
    return placement_text(codes[key], lang) if key in codes else key


@dataclass(frozen=True)
class Price:
    """What one more hour of a collector would bring that day, minor units."""

    who: str
    cents: int


def prices(run: Run) -> list[Price]:
    """What an extra hour of each collector would have been worth, the dearest first."""
    found = run.summary.get("price_per_hour", {})
    ids = [int(key) for key in found if str(key).isdigit()]
    names = {str(user.pk): str(user) for user in User.objects.filter(pk__in=ids)}
    listed = [Price(names.get(str(key), str(key)), int(cents)) for key, cents in found.items()]
    return sorted(listed, key=lambda price: -price.cents)


@dataclass(frozen=True)
class Queued:
    """A night that was asked for: for which day, and whether a worker has taken it up."""

    on: date
    taken: bool


def queued() -> Queued | None:
    """The night that is asked for and not done, one a worker has taken up first; None when there is none."""
    jobs = ProcrastinateJob.objects.filter(task_name="site.night", status__in=("doing", "todo"))
    job = jobs.order_by("status", "id").first()
    return Queued(date.fromisoformat(job.args["on"]), job.status == "doing") if job else None
