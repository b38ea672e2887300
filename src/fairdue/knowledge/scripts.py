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
PLACES = frozenset({"me", "name", "creditor", "amount", "days", "promised", "due"})
"""What a sentence may ask to have filled in."""
UNFILLED = "……"
RECORDED: Mapping[Lang, str] = {"zh": "本次通话会录音。", "en": " This call is recorded."}


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

    def lines(self, lang: Lang, values: Mapping[str, str], *, recorded: bool = False) -> list[tuple[str, str]]:
        """(sentence, stage) in order, with the values filled in. `recorded`: the line keeps a recording."""
        return [
            (fill(step.text[lang], values) + RECORDED[lang] * (recorded and step.tells_recording), step.stage)
            for step in self.steps
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


def situation(*, action: str, relation: int, bucket: int | None, broken: bool, due_today: bool) -> str:
    """Which opening suits: whom we talk to comes first, then a promise, then how late the account is.

    `relation`: codes.Relation of the person; `broken`, `due_today`: the latest promise.
    """
    debtor_like = {1, 7, 8, 9}  # debtor, successor, co-debtor, guarantor: those who owe it themselves
    if relation not in debtor_like:
        return "third_person"
    if action == "call_back":
        return "call_back"
    if due_today or action == "promise_follow_up":
        return "promise_due"
    if broken:
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
