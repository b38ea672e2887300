"""What to say, by situation, in both languages: read from texts/*.yaml and checked once.

script = opening("promise_due")
script.lines("zh", {"name": "王小明", …})     # placeholders filled; unknown ones stay as …
answers()                                      # what they may say, and what helps
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

Lang = Literal["zh", "en"]
PLACES = frozenset(
    {"me", "name", "creditor", "amount", "days", "promised", "due", "next", "next_on", "stands", "check"}
)
"""What a sentence may ask to have filled in. days: with its unit; next, next_on: the next instalment of a plan, or
what is late of it; stands: the last day on which money keeps it."""
UNFILLED = "……"
RECORDED: Mapping[Lang, str] = {"zh": "本次通话会录音。", "en": " This call is recorded."}


Promised = Literal["", "due", "kept", "broken"]
"""A promise to speak of: open and due, kept lately, the latest one broken; or none."""
PlanState = Literal["", "kept", "late"]
"""A plan to speak of: kept, or an instalment of it is late; or none."""
Check = Literal["id", "birth", "nothing"]
CHECKS: Mapping[Check, Mapping[Lang, str]] = {
    "id": {
        "zh": "请您报一下证件号码后四位，好吗？",
        "en": "Could you tell me the last four figures of your ID?",
    },
    "birth": {"zh": "请您报一下出生年月日，好吗？", "en": "Could you tell me your date of birth?"},
    "nothing": {
        "zh": "我这里没有可以核对您身份的资料，所以今天不便谈具体事项。请您通过{creditor}的官方客服核实身份后再联系我们。",
        "en": "I have nothing here to check who you are by, so I may not speak of anything today. Please have "
        "{creditor} confirm who you are through its official line, then call us.",
    },
}
"""By what somebody shows who they are: what the record holds decides. With nothing to check by the talk ends there."""


class ScriptError(ValueError):
    """A mistake in a script file: file, script, and how to mend it."""


@dataclass(frozen=True)
class Step:
    """One thing to say. `stage` "identify": nothing about the debt before this was answered. `tells_recording`: on a
    line that is recorded it goes on to say so."""

    text: Mapping[Lang, str]
    stage: str = ""
    tells_recording: bool = False


@dataclass(frozen=True)
class Script:
    """A situation: its title, what the talk is for, what to say in order, what never to say, and the usual outcome."""

    id: str
    title: Mapping[Lang, str]
    goal: Mapping[Lang, str]
    steps: tuple[Step, ...]
    avoid: tuple[Mapping[Lang, str], ...]
    outcome: str = ""

    def lines(
        self, lang: Lang, values: Mapping[str, str], *, recorded: bool = False, check: Check = "id"
    ) -> list[tuple[str, str]]:
        """(sentence, stage) in order, with the values filled in. `recorded`: the line keeps a recording. `check`: by
        what the person can be known; by nothing = the talk ends where it would be asked."""
        known = {**values, "check": fill(CHECKS[check][lang], values)}
        gates = [n for n, step in enumerate(self.steps, 1) if step.stage == "identify"]
        told = self.steps[: gates[0]] if gates and check == "nothing" else self.steps
        return [
            (fill(step.text[lang], known) + RECORDED[lang] * (recorded and step.tells_recording), step.stage)
            for step in told
        ]


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in the places of a sentence; a place without a value becomes dots to speak freely."""
    return re.sub(r"{(\w+)}", lambda match: values.get(match[1]) or UNFILLED, text)


def opening(situation: str) -> Script:
    """How a talk begins in `situation`; KeyError when there is no such script."""
    return openings()[situation]


@cache
def openings() -> dict[str, Script]:
    """Every opening by situation."""
    return _read("openings.yaml")


@cache
def answers() -> dict[str, Script]:
    """What they may say and what helps, by name, in the order of the file."""
    return _read("answers.yaml")


def check_by(*, document: bool, born: bool) -> Check:
    """By what somebody can be known, given what is on record of them."""
    return "id" if document else "birth" if born else "nothing"


def situation(
    *, action: str, relation: int, bucket: int | None, past_due: bool, promise: Promised = "", plan: PlanState = ""
) -> str:
    """Which opening suits what is so now: whom we talk to comes first, then a promise, then how late the account is.

    `relation`: codes.Relation of the person; `promise`: what became of the one to speak of; `past_due`: whether anything
    is. Where nothing is, nobody is reminded of anything; where a plan is late, it is what is spoken of.
    """
    debtor_like = {1, 7, 8, 9}  # debtor, successor, co-debtor, guarantor: those who owe it themselves
    if relation not in debtor_like:
        return "third_person"
    if action == "call_back":
        return "call_back"
    if promise == "due":
        return "promise_due"
    if not past_due:
        return "promise_kept" if promise == "kept" else "plan_kept" if plan == "kept" else "nothing_due"
    if plan == "late":
        return "plan_late"
    if promise == "broken":
        return "promise_broken"
    return "newly_overdue" if (bucket or 0) <= 1 else "long_overdue"


def _read(name: str) -> dict[str, Script]:
    raw = yaml.safe_load((files("fairdue.knowledge") / "texts" / name).read_text(encoding="utf-8"))
    return {key: _script(name, key, body) for key, body in raw.items()}


def _script(file: str, key: str, body: Mapping[str, Any]) -> Script:
    where = f"{file}: {key}"
    steps = tuple(
        Step({"zh": s["zh"], "en": s["en"]}, s.get("stage", ""), s.get("tells_recording", False)) for s in body["steps"]
    )
    both = [body["title"], *body.get("avoid", ()), *([body["goal"]] if "goal" in body else [])]
    for text in both:
        if set(text) != {"zh", "en"}:
            raise ScriptError(f"{where}: {text} needs zh and en, nothing else")
    for step in steps:
        for text in step.text.values():
            unknown = set(re.findall(r"{(\w+)}", text)) - PLACES
            if unknown:
                raise ScriptError(f"{where}: nothing fills {sorted(unknown)}; known are {sorted(PLACES)}")
    return Script(
        key,
        body["title"],
        body.get("goal", {"zh": "", "en": ""}),
        steps,
        tuple(body.get("avoid", ())),
        body.get("outcome", ""),
    )
