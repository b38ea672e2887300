"""The strategy file: what follows a broken promise, and errors that say what to mend."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from fairdue.planning import promise_strategy
from fairdue.planning.promise_strategy import Next, StrategyError, load_strategy, next_steps, next_text

FILE = Path(promise_strategy.__file__).with_name("promises.yaml")


@pytest.mark.parametrize(
    ("times", "bucket", "cents", "step"),
    [
        (0, 5, 100, Next.NONE),
        (1, 0, 1_999_999, Next.MESSAGE),
        (1, 0, 2_000_000, Next.CALL),
        (1, 3, 100, Next.CALL),
        (2, 0, 100, Next.PLAN),
        (3, 7, 2_000_000, Next.PLAN),
        (4, 0, 100, Next.LEAD),
    ],
)
def test_the_first_line_that_fits(times, bucket, cents, step):
    found = next_steps(load_strategy(), times=np.array([times]), bucket=np.array([bucket]), cents=np.array([cents]))
    assert Next(found[0]) == step


def test_in_words():
    assert next_text(Next.PLAN, 2, "zh") == "第 2 次未履行：不再约承诺，按收支提出分期方案"
    assert next_text(Next.NONE, 0, "en") == ""


def changed(tmp_path, change):
    told = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    change(told)
    path = tmp_path / "promises.yaml"
    path.write_text(yaml.safe_dump(told), encoding="utf-8")
    with pytest.raises(StrategyError) as refused:
        load_strategy(path)
    return refused.value.faults


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            lambda s: s["reminders"].update(promise_days_before=-1),
            "reminders.promise_days_before is '-1'; write a whole",
        ),
        (lambda s: s["reminders"].update(channel="fax"), "reminders.channel is 'fax'; write one of: email"),
        (lambda s: s["thanks"].pop("plan"), "thanks.plan is missing; write true or false"),
        (
            lambda s: s["broken"].insert(0, {"next": "sue"}),
            "broken[0].next is 'sue'; write message, call, plan or lead",
        ),
        (lambda s: s["broken"].pop(), "let the last line have no condition"),
        (lambda s: s["broken"][0].update(often=3), "broken[0] is"),
        (lambda s: s["chance"]["by_bucket"].pop(), "chance.by_bucket is"),
        (lambda s: s["chance"]["by_size"][1].update(upto=50), "chance.by_size[1].upto is '50'"),
        (lambda s: s["chance"].update(least=98), "make it smaller than chance.most"),
        (lambda s: s["warnings"].update(many=1), "warnings.many is '1'; remove it"),
        (lambda s: s.update(bribes=1), "bribes is '1'; remove it"),
    ],
)
def test_a_fault_names_file_field_and_cure(tmp_path, change, fault):
    faults = changed(tmp_path, change)
    assert len(faults) == 1
    assert faults[0].startswith("promises.yaml: ") and fault in faults[0]


def test_all_faults_come_at_once(tmp_path):
    def change(told):
        told["reminders"]["promise_days_before"] = "one"
        told["thanks"]["promise"] = 1

    assert len(changed(tmp_path, change)) == 2


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(StrategyError, match="cannot be read"):
        load_strategy(tmp_path / "none.yaml")
    path = tmp_path / "promises.yaml"
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(StrategyError, match="not YAML"):
        load_strategy(path)
