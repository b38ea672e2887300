"""docs/calculations.md tells every calculation and every figure as the code and the tables have them."""

import re
from pathlib import Path

from fairdue.law.calc.figures import every
from fairdue.law.calc.questions import QUESTIONS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "calculations.md").read_text(encoding="utf-8")


def rows():
    """The table of figures as it must stand in the page."""
    for _, entry in every():
        source = f"{entry.cites['zh']} · {entry.cites['en']}"
        cells = (
            f"`{entry.name}`", ", ".join(entry.public), entry.about["en"], source, entry.since or "", entry.until or "",
            entry.level, entry.confidence + (f". {entry.note}" if entry.note else ""),
        )  # fmt: skip
        yield "| " + " | ".join(str(cell).strip() for cell in cells) + " |"


def test_every_figure_stands_in_the_page_with_its_source_and_confidence():
    assert [row for row in PAGE.splitlines() if row.startswith("| `")] == list(rows())


def test_every_calculation_is_told_with_its_fields():
    told = dict(re.findall(r"^### (\w+)\n(.*)$", PAGE, re.M))
    assert list(told) == list(QUESTIONS)
    for name, question in QUESTIONS.items():
        inputs = told[name].split("→")[0]
        assert not [field for field in question.fields if not re.search(rf"`{field}(\[\])?\??`", inputs)], name
