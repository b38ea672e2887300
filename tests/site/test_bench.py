"""What is measured side by side says the same."""

from fairdue.site.bench import side_by_side


def test_the_gate_a_rule_engine_and_plain_python_give_the_same_verdicts():
    rows = side_by_side.measure(1_500, 3_000)
    assert [row.kept for row in rows] == [None, True, True, True]
    assert {says for says, _, _ in side_by_side.TABLE} == {side_by_side.WARN, side_by_side.HOLD, side_by_side.DENY}
