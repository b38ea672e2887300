"""`cases.jsonl` holds the calculations of the shared law cases, as given; each line names its rules and confidence."""

import json
import subprocess
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest
from click.testing import CliRunner

from fairdue.law.calc.questions import QUESTIONS, answer_lines
from fairdue.law.cases import judge_cases
from fairdue.site.cli import main

FILE = Path(__file__).parent / "cases.jsonl"
CASES = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]


def by_value(value):
    """Numbers and decimal texts compare by value, as the form says."""
    if isinstance(value, dict):
        return {key: by_value(item) for key, item in value.items()}
    if isinstance(value, bool) or not isinstance(value, str | int):
        return value
    try:
        return Decimal(value)
    except InvalidOperation:
        return value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_shared_cases_come_out_as_expected(case):
    [result] = answer_lines([json.dumps(case)])
    values, expect = result["values"], dict(case["expect"])
    also = expect.pop("also", {})
    for key, value in expect.items():
        assert by_value(values[key]) == by_value(value), key
    for key, value in also.items():
        assert by_value(values.get(key, value)) == by_value(value), key


def test_the_command_answers_every_line_and_ends_well(tmp_path):
    out = tmp_path / "results.jsonl"
    done = CliRunner().invoke(main, ["law", "calc", str(FILE), "--out", str(out)])
    assert done.exit_code == 0
    results = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [result["id"] for result in results] == [case["id"] for case in CASES]


def test_a_line_that_cannot_be_answered_ends_with_one_and_the_others_go_on():
    good = '{"id": "A", "calc": "court_fee", "in": {"kind": "execution", "claim": "8000.00"}}'
    done = CliRunner().invoke(
        main, ["law", "calc"], input=f"{good}\nnot json\n\n{good.replace('8000.00', '-1')}\n{good}\n"
    )
    assert done.exit_code == 1
    lines = [json.loads(line) for line in done.output.splitlines()]
    assert [("values" in line, line["id"]) for line in lines] == [
        (True, "A"), (False, None), (False, "A"), (True, "A"),
    ]  # fmt: skip


def test_the_gate_passes_calculations_on():
    lines = FILE.read_text("utf-8").splitlines()
    assert [result["values"] for result in judge_cases(lines)] == [result["values"] for result in answer_lines(lines)]


def test_the_calculations_need_no_django():
    code = "import sys, fairdue.law.calc.questions; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_shared_cases_ask_only_what_is_known():
    assert {case["calc"] for case in CASES} <= QUESTIONS.keys()
