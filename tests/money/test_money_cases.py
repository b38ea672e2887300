"""`fairdue money`: anyone's cases, a line each."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from fairdue.money.cases import answers
from fairdue.money.lines import Fields
from fairdue.site.cli import main


def one(command, **case):
    (result,) = answers(command, [json.dumps({"id": "A", **case})])
    return result


WHOLE = {
    "schedule": {"principal": 1, "rate": "1", "term": 1, "first_due": "2026-01-31"},
    "apply": {"owed": {}, "payments": [{"amount": 1}]},
    "accrue": {
        "owed": {}, "from": "2026-01-01", "to": "2026-01-02", "payments": [{"day": "2026-01-01", "amount": 1}],
        "dues": [{"due": "2026-01-01", "principal": 1}], "stops": [{"start": "2026-01-01", "end": "2026-01-01"}],
    },
}  # fmt: skip


@pytest.mark.parametrize("command", WHOLE)
def test_the_help_names_every_field_that_is_read_and_no_other(command, monkeypatch):
    read = {"id"}
    refuse = Fields.refuse_unknown

    def noted(self, known):
        read.update(self._read)
        refuse(self, known)

    monkeypatch.setattr(Fields, "refuse_unknown", noted)
    assert "error" not in one(command, **WHOLE[command])
    told = CliRunner().invoke(main, ["money", command, "--help"]).output
    fields, example = told.split("Fields", 1)[1].split("Example:")
    named = re.findall(r"^ *(\w+)  +", fields, re.M)
    inner = re.findall(r"\w+", " ".join(re.findall(r"\{([^}]*)\}", fields)))
    assert {*named, *inner} == read
    (answer,) = answers(command, [example.strip()])
    assert "error" not in answer


class TestSchedule:
    def test_equal_instalments(self):
        """12,000.00 over 12 months at 12 %: 1,066.19 a month; the last one takes what rounding left."""
        found = one("schedule", principal=1_200_000, rate="12", term=12, first_due="2026-01-31")
        assert [row["amount"] for row in found["schedule"]] == [106_619] * 11 + [106_614]
        assert [row["due"] for row in found["schedule"]][:3] == ["2026-01-31", "2026-02-28", "2026-03-31"]
        assert found["total"] == 1_200_000 + found["interest"] == 1_279_423

    @pytest.mark.parametrize(
        ("method", "first", "last"), [("equal_principal", 34_333, 33_667), ("interest_only", 1_000, 101_000)]
    )
    def test_other_ways(self, method, first, last):
        found = one("schedule", principal=100_000, rate="12", term=3, first_due="2026-01-15", method=method)
        assert (found["schedule"][0]["amount"], found["schedule"][-1]["amount"]) == (first, last)

    @given(st.integers(0, 10**9), st.integers(0, 360), st.integers(1, 120))
    def test_the_principal_is_repaid_to_the_cent(self, principal, rate, term):
        found = one("schedule", principal=principal, rate=str(rate), term=term, first_due="2026-01-15")
        assert sum(row["principal"] for row in found["schedule"]) == principal


class TestApply:
    def test_costs_interest_penalty_fees_then_principal(self):
        owed = {"principal": 1_000, "interest": 100, "penalty": 50, "fees": 20, "costs": 10}
        found = one("apply", owed=owed, payments=[{"amount": 150}, {"amount": 2_000}])
        assert found["payments"][0]["paid"] == {"principal": 0, "interest": 100, "penalty": 40, "fees": 0, "costs": 10}
        assert (found["owed"], found["surplus"]) == (0, 150 + 2_000 - 1_180)

    @pytest.mark.parametrize(("late", "first"), [(90, "costs"), (91, "principal")])
    def test_a_card_by_days_past_due(self, late, first):
        found = one("apply", owed={"principal": 1}, product="credit_card", days_past_due=late)
        assert found["order"][0] == first


class TestAccrue:
    def test_january_with_a_payment(self):
        """1,000.00 at 24 %, act/360: ten nights 6.66, then on 900.00 from the 11th: 21 nights 12.60."""
        found = one("accrue", owed={"principal": 100_000}, rate="24", day_count="act/360", **{"from": "2026-01-01"},
                    to="2026-01-31", payments=[{"day": "2026-01-11", "amount": 10_666}])  # fmt: skip
        assert found["charged"]["interest"] == 666 + 1_260
        assert found["left"]["principal"] == 90_000
        assert found["payments"] == [
            {"paid": {"principal": 10_000, "interest": 666, "penalty": 0, "fees": 0, "costs": 0}, "surplus": 0}
        ]

    def test_a_ceiling(self):
        found = one(
            "accrue", owed={"principal": 100_000}, rate="36", cap="24", **{"from": "2026-01-01"}, to="2026-12-31"
        )
        assert (found["charged"]["interest"], found["not_charged"]["interest"]) == (24_000, 12_000)

    def test_penalty_late_fee_and_a_stop(self):
        found = one("accrue", owed={"principal": 100_000}, penalty_rate="36", day_count="30/360", late_fee=500,
                    dues=[{"due": "2026-01-10", "principal": 100_000}], **{"from": "2026-01-01"}, to="2026-01-20",
                    stops=[{"start": "2026-01-15", "end": "2026-01-20"}])  # fmt: skip
        assert found["charged"] == {"interest": 0, "penalty": 400, "fees": 500}

    def test_payments_are_answered_in_the_order_given(self):
        found = one("accrue", owed={"principal": 1_000}, **{"from": "2026-01-01"}, to="2026-01-31",
                    payments=[{"day": "2026-01-20", "amount": 7}, {"day": "2026-01-10", "amount": 5}])  # fmt: skip
        assert [each["paid"]["principal"] for each in found["payments"]] == [7, 5]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("{", "(line)"),
        ("[]", "(line)"),
        ("{}", "id"),
        ('{"id": 1, "owed": {"principal": 1.5}}', "owed.principal"),
        ('{"id": 1, "owed": {"intrest": 5}}', "owed.intrest"),
        ('{"id": 1, "owed": {}, "order": "any"}', "order"),
        ('{"id": 1, "owed": {}, "colour": 1}', "colour"),
        ('{"id": 1, "owed": {}, "payments": [{"amount": -1}]}', "payments[0].amount"),
        ('{"id": 1, "owed": {}, "payments": [{"amount": 1, "x": 1}]}', "payments[0].x"),
    ],
)
def test_a_bad_line_says_what_is_wrong_and_the_rest_goes_on(line, field):
    bad, good = answers("apply", [line, "", '{"id": "B", "owed": {"fees": 5}}'])
    assert (bad["field"], good["id"], good["owed"]) == (field, "B", 5)
    assert bad["error"].startswith("line 1, ")
    assert bad["mend"]


@pytest.mark.parametrize(
    ("case", "field"),
    [
        ({"to": "2025-12-31"}, "to"),
        ({"to": "2026-13-01"}, "to"),
        ({"to": "2026-02-01", "rate": 24}, "rate"),
        ({"to": "2026-02-01", "rate": "24.00001"}, "rate"),
        ({"to": "2026-02-01", "payments": [{"day": "2027-01-01", "amount": 1}]}, "payments"),
    ],
)
def test_bad_accruals(case, field):
    assert one("accrue", owed={}, **{"from": "2026-01-01"}, **case)["field"] == field


def test_the_command_exits_1_when_a_line_could_not_be_answered():
    run = CliRunner()
    assert run.invoke(main, ["money", "apply"], input='{"id": 1, "owed": {"fees": 5}}\n').exit_code == 0
    done = run.invoke(main, ["money", "apply"], input='{"id": 1}\n{"id": 2, "x": 1}\n')
    assert done.exit_code == 1
    assert json.loads(done.output.splitlines()[1])["field"] == "x"


def test_the_examples_of_the_guide_are_answered_as_it_says():
    text = (Path(__file__).parents[2] / "docs/money.md").read_text(encoding="utf-8")
    for command in ("schedule", "apply", "accrue"):
        asked, said = re.search(rf"### {command}\n.*?```json\n(.*?)\n(.*?)\n```", text, re.S).groups()
        (found,) = answers(command, [asked])
        beginning, _, end = said.partition(", …]")
        assert json.dumps(found, ensure_ascii=False).startswith(beginning)
        assert json.dumps(found, ensure_ascii=False).endswith(end)
