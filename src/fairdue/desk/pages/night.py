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
    "balanced": _("moved for fair load"),
    "bound": _("no plan can exceed"),
    "broken": _("broken"),
    "cases": _("cases"),
    "changed": _("changed"),
    "closed": _("closed"),
    "collectors": _("collectors"),
    "dropped": _("taken off"),
    "gap": _("short of the bound"),
    "held": _("held"),
    "items": _("items"),
    "judged": _("judged"),
    "kept": _("kept"),
    "lawful": _("lawful today"),
    "left_out": _("left out"),
    "minutes": _("minutes"),
    "moved": _("changed bucket"),
    "nobody": _("given to nobody"),
    "opened": _("newly opened"),
    "owned": _("given an owner"),
    "partly": _("partly kept"),
    "partly_kept": _("partly kept"),
    "payments": _("payments"),
    "placed": _("given to somebody"),
    "promises": _("promises"),
    "published": _("published"),
    "reopened": _("reopened"),
    "repaired": _("back from repair"),
    "rest": _("left in peace"),
    "resting": _("left in peace"),
    "scored": _("scored"),
    "spread": _("spread of load"),
    "to_repair": _("sent to repair"),
    "unlawful": _("not lawful today"),
    "work": _("to be worked"),
}
"""Words for what the steps count; a count without a word here is shown by its name."""


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
    counts = [(COUNTS.get(key, key), _figure(value)) for key, value in step.counts.items() if _plain(value)]
    return Shown(n, word, step.status, counts, step.seconds, step.started_at, step.error)


def _plain(value: Any) -> bool:
    return isinstance(value, int | float | str)


def _figure(value: int | float | str) -> str:
    return value if isinstance(value, str) else number(value if isinstance(value, int) else round(value, 4))


def left_out(run: Run) -> list[tuple[str, int]]:
    """Why cases are on no list, and how many each: the commonest first."""
    found = _find(run, "left_out") or {}
    if not isinstance(found, dict):
        return []
    return sorted(((_placement(key), int(n)) for key, n in found.items()), key=lambda pair: -pair[1])


def _placement(key: str) -> str:
    lang: Literal["zh", "en"] = "zh" if chinese() else "en"
    known = {place.name.lower(): place.value for place in Placement} | {
        str(place.value): place.value for place in Placement
    }
    code = known.get(str(key).lower())
    return placement_text(code, lang) if code is not None else str(COUNTS.get(key, key))


@dataclass(frozen=True)
class Price:
    """What one more hour of a collector would bring that day, minor units."""

    who: str
    cents: int


def prices(run: Run) -> list[Price]:
    """What an extra hour of each collector would have been worth, the dearest first."""
    found = _find(run, "price_per_hour") or _find(run, "prices") or {}
    if not isinstance(found, dict):
        return []
    ids = [int(key) for key in found if str(key).isdigit()]
    names = {str(user.pk): str(user) for user in User.objects.filter(pk__in=ids)}
    listed = [Price(names.get(str(key), str(key)), int(cents)) for key, cents in found.items()]
    return sorted(listed, key=lambda price: -price.cents)


def _find(run: Run, name: str) -> Any:
    """A value of the run's summary, or of the step that noted it."""
    if name in run.summary:
        return run.summary[name]
    return next((step.counts[name] for step in run.steps.all() if name in step.counts), None)


def waiting() -> date | None:
    """The date of a night that is queued and not yet begun, None when there is none."""
    job = ProcrastinateJob.objects.filter(task_name="site.night", status="todo").order_by("id").first()
    return date.fromisoformat(job.args["on"]) if job else None
