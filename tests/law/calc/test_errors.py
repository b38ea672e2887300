"""What cannot be answered gets an error that names the field and how to mend it; nothing ends the run."""

import copy
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairdue.law.calc.figures import TableError, every, figure, read
from fairdue.law.calc.questions import QUESTIONS, answer_lines
from fairdue.site.cli import main

CASES = [json.loads(line) for line in (Path(__file__).parent / "cases.jsonl").read_text("utf-8").splitlines()]


def ask(calc, given_, **more):
    [result] = answer_lines([json.dumps({"id": "T", "calc": calc, "in": given_, **more})])
    return result


FEE = {"kind": "acceptance_ordinary", "claim": "100.00"}
PLAIN = {"claim": "contract_debt", "due": ["2024-01-10"]}
SPLIT = {"buckets": {"principal": "10.00"}, "payment": "5.00"}
DEBT = {"id": "a", "due": "2026-01-10", "amount": "40.00"}
PLAN = {"on": "2025-02-01", "kind": "signed_repayment_plan"}


@pytest.mark.parametrize(
    ("calc", "fields", "wanted"),
    [
        ("court_fee", {**FEE, "clam": "1.00"}, ["in.clam: unknown field", "appealed, claim, kind"]),
        ("court_fee", {"kind": "acceptance_ordinary"}, ["in.claim: missing", "1234.50"]),
        ("court_fee", {**FEE, "claim": None}, ["in.claim: unknown (null)"]),
        ("court_fee", {**FEE, "claim": 100}, ["in.claim: 100 is no text"]),
        ("court_fee", {**FEE, "claim": 100.5}, ["in.claim: 100.5 is no text"]),
        ("court_fee", {**FEE, "claim": "-1.00"}, ["in.claim: '-1.00' is not an amount"]),
        ("court_fee", {**FEE, "claim": "12.345"}, ["in.claim: '12.345' is not an amount"]),
        ("court_fee", {**FEE, "claim": "NaN"}, ["in.claim"]),
        ("court_fee", {**FEE, "kind": "appeals"}, ["in.kind: 'appeals' is not known here", "appeal"]),
        ("court_fee", {**FEE, "kind": ["appeal"]}, ["in.kind"]),
        ("court_fee", {**FEE, "appealed": "1.00"}, ["in.appealed: does not belong"]),
        ("court_fee", {"kind": "appeal", "claim": "1.00", "appealed": "1.01"}, ["in.appealed: more than the claim"]),
        ("court_fee", {"kind": "execution"}, ["in.claim: missing", "50.00 to 500.00"]),
        ("court_fee", [], ["in: [] is no object"]),
        ("allocate_within", {**SPLIT, "buckets": {"capital": "1.00"}}, ["in.buckets.capital: unknown field"]),
        ("allocate_within", {**SPLIT, "buckets": {"principal": "x"}}, ["in.buckets.principal: 'x' is not an amount"]),
        ("allocate_within", {**SPLIT, "buckets": {}}, ["in.buckets"]),
        ("allocate_within", {**SPLIT, "product": "credit_card"}, ["in.days_past_due: missing"]),
        ("allocate_within", {**SPLIT, "agreed_order": ["interest", "interest"]}, ["in.agreed_order", "twice"]),
        ("allocate_within", {**SPLIT, "agreed_order": ["penalty"]}, ["in.agreed_order: 'penalty'"]),
        (
            "allocate_within",
            {"buckets": {"interest": "1.00", "interest_and_fees": "1.00"}, "payment": "1.00"},
            ["in.buckets: interest is given twice"],
        ),
        ("allocate_across", {"debts": [], "as_of": "2026-01-01", "payment": "1.00"}, ["in.debts"]),
        ("allocate_across", {"debts": [DEBT, DEBT], "as_of": "2026-01-01", "payment": "1.00"}, ["same id"]),
        ("allocate_across", {"debts": [{**DEBT, "due": "x"}], "payment": "1.00"}, ["in.debts[0].due: 'x' is no day"]),
        ("allocate_across", {"debts": [{**DEBT, "rat": "1"}], "payment": "1.00"}, ["in.debts[0].rat: unknown field"]),
        (
            "allocate_across",
            {"debts": [DEBT, {**DEBT, "id": "b"}], "as_of": "2026-01-01", "payment": "1.00"},
            ["in.debts: a, b has no rate"],
        ),
        (
            "allocate_across",
            {"debts": [DEBT], "as_of": "2026-01-01", "payment": "1.00", "designated": "z"},
            ["in.designated: 'z' is not known here"],
        ),
        ("overdraft_principal", {"buckets": {"interest_and_fees": "1.00"}, "payment": "1.00"}, ["in.buckets.principal"]),
        ("period_end", {**PLAIN, "due": []}, ["in.due"]),
        ("period_end", {**PLAIN, "due": ["2023-02-29"]}, ["in.due", "day is out of range"]),
        ("period_end", {**PLAIN, "due": ["2023-02-01", "2023-03-01"]}, ["in.due: 2 days where one is meant"]),
        ("period_end", {**PLAIN, "due": ["1899-02-01"]}, ["in.due", "outside 1949 to 2199"]),
        ("period_end", {**PLAIN, "due": ["2016-02-01"]}, ["in.due: 2019-02-01 is before the table"]),
        ("period_end", {**PLAIN, "acts": [{"on": "2025-01-01"}]}, ["in.acts[0].kind: missing"]),
        ("period_end", {**PLAIN, "acts": [{"on": "2025-01-01", "kind": "demand"}]}, ["in.acts[].outcome: missing"]),
        ("period_end", {**PLAIN, "acts": ["demand"]}, ["in.acts[0]: 'demand' is no object"]),
        ("limitation_effect", {}, ["in.acts: nothing to judge"]),
        ("limitation_effect", {"acts": [{**PLAN, "new_due": "2025-01-01"}]}, ["in.acts[0].new_due: before the act"]),
        ("limitation_effect", {"acts": [{**PLAN, "by": "P1"}]}, ["in.acts[0].by: 'P1' is not known here"]),
        ("limitation_effect", {"acts": [{**PLAN, "amount": "0.00"}]}, ["in.acts[0].amount"]),
        ("deadline", {"kind": "court_fee_payment", "start_day": "2026-12-30"}, ["in.start_day", "2027-01-06", "not known"]),
        ("deadline", {"kind": "court_fee_payment", "start_day": "2007-03-31"}, ["known from 2007-04-01"]),
        (
            "deadline",
            {"kind": "court_fee_payment", "start_day": "2026-01-01", "complexity": "simple"},
            ["in.complexity: does not belong"],
        ),
        ("small_claims", {"average_wage": "0.00", "claim": "1.00"}, ["in.average_wage"]),
        ("small_claims", {"average_wage": "1.00", "claim": "1.00", "debtor_missing": "no"}, ["in.debtor_missing"]),
        ("instalment_plan_term", {"product": "other", "months": 12}, ["in.product"]),
        ("instalment_plan_term", {"product": "credit_card", "months": 0}, ["in.months: 0 is out of range"]),
        ("instalment_plan_term", {"product": "credit_card", "months": True}, ["in.months: True is no whole number"]),
        ("effective_collection_pair", {"first": "2026-02-01", "second": "2026-01-01"}, ["in.second: before the first"]),
        ("effective_collection_pair", {"first": "2026-01-01", "second": "2026-02-01"}, ["in.receipt_proven: missing"]),
        (
            "interest_cap",
            {"lender": "private_person", "contract_date": "2026-03-01", "agreed_rate": "15.00"},
            ["in.lpr_1y: 2026-03-01 is beyond the table", "known until 2026-02-19"],
        ),
        (
            "interest_cap",
            {"lender": "private_person", "contract_date": "2020-03-01", "lpr_1y": "4.05"},
            ["in.contract_date: 2020-03-01 is before the table"],
        ),
        ("real_principal", {"principal_on_paper": "1.00", "deducted_in_advance": "1.01"}, ["in.deducted_in_advance"]),
        ("delay_interest", {"unpaid_judgment_money": "1.00", "days": -1}, ["in.days: -1 is out of range"]),
        ("ageing_bucket", {"days_past_due": 10**60}, ["a number of over 40 digits"]),
        ("agency_contract_end", {"ended_on": "2021-10-31"}, ["in.ended_on: 2021-10-31 is before the table"]),
        ("court_fees", {}, ["calc: 'court_fees' is not known", "court_fee"]),
    ],
)  # fmt: skip
def test_errors_name_the_field_and_how_to_mend_it(calc, fields, wanted):
    result = ask(calc, fields)
    assert result.keys() == {"id", "error"}
    assert result["error"].startswith("line 1: ")
    assert all(part in result["error"] for part in wanted), result["error"]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "no id"),
        ('{"calc": "court_fee"}', "no id"),
        ('{"id": 7}', "no id"),
        ('{"id": "T"}', "calc: missing"),
        ('{"id": "T", "calc": "working_day"}', "in: missing"),
        (
            '{"id": "T", "calc": "working_day", "in": {"date": "2026-01-01"}, "pack": "us"}',
            "pack: 'us' has no calculations",
        ),
        ('{"id": "T", "given": {}, "when": {}}', "fairdue gate judge"),
        ('{"id": "T", "calcs": "working_day"}', "calcs: unknown field"),
    ],
)
def test_lines_that_are_no_question(line, wanted):
    [result] = answer_lines([line])
    assert wanted in result["error"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_every_field_of_the_shared_cases_is_checked(case):
    """Each value in turn is spoilt; the answer is an error, or still an answer where the field may be missing."""
    for path, _ in leaves(case["in"]):
        for spoilt in (None, "?", -7, True, [], {}, "2026-02-30", [None]):
            changed = copy.deepcopy(case)
            *way, last = ["in", *path]
            place = changed
            for step in way:
                place = place[step]
            if place[last] == spoilt:
                continue
            place[last] = spoilt
            [result] = answer_lines([json.dumps(changed)])
            assert result.keys() in ({"id", "error"}, {"id", "values"})
            free_text = isinstance(spoilt, str) and (last in ("value", "id") or path[0] == "joint_debtors")
            if spoilt not in (None, True, []) and not free_text:
                assert str(path[0]) in result["error"], result


def leaves(value, path=()):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key), item
        yield from leaves(item, (*path, key))


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("2024-02-29")
anything = plain | st.lists(plain, max_size=2) | st.dictionaries(st.text(max_size=5), plain, max_size=2)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(QUESTIONS)), st.data())
def test_nothing_that_is_json_ends_the_run(calc, data):
    known = sorted(QUESTIONS[calc].fields)
    fields = data.draw(st.dictionaries(st.sampled_from(known), anything, max_size=len(known)))
    assert ask(calc, fields).keys() in ({"id", "error"}, {"id", "values"})


def test_a_name_that_no_file_can_hold_is_written_escaped(tmp_path):
    out = tmp_path / "results.jsonl"
    case = {"id": "\ud800", "calc": "working_day", "in": {"\udfff": 1}}
    done = CliRunner().invoke(main, ["law", "calc", "-", "--out", str(out)], input=json.dumps(case))
    assert done.exit_code == 1
    result = json.loads(out.read_text("utf-8"))
    assert result["id"] == "\ud800" and "in.\udfff: unknown field" in result["error"]


# ---- the tables


def test_every_figure_has_its_source_dates_and_confidence():
    found = list(every())
    assert len(found) > 40
    for name, entry in found:
        assert entry.public, (name, entry.name)
        assert entry.cites["zh"] and entry.cites["en"] and entry.about["zh"] and entry.about["en"]
        assert entry.since or entry.note or entry.level in ("standard", "policy", "convention"), entry.name


ENTRY = """
x: {public: [CN-X], about: {zh: 甲, en: a}, law: {cites: {zh: 乙, en: b}, level: law, confidence: A}, most: %s}
"""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (ENTRY % "0.5", r"t\.yaml: x\.most: 0\.5 is neither"),
        (ENTRY % "[{a: 1.5}]", r"x\.most\[0\]\.a"),
        (ENTRY % "{off: 1}", "the key False is no text"),
        (ENTRY.replace("level: law", "level: rumour") % "1", "level is one of"),
        (ENTRY.replace("confidence: A", "confidence: E") % "1", "confidence one of"),
        (ENTRY.replace(", en: b", "") % "1", r"law\.cites: needs both languages"),
        (ENTRY.replace("level: law, ", "") % "1", "needs cites, level, confidence"),
        (ENTRY.replace("public: [CN-X], ", "") % "1", "needs public, about and law"),
        ("[]", "no entries"),
    ],
)
def test_a_mistake_in_a_table_is_told(text, why):
    with pytest.raises(TableError, match=why):
        read(text, "t.yaml")


def test_a_figure_that_is_not_there_is_a_programming_error():
    with pytest.raises(KeyError):
        figure("fees", "court-fee.none")
