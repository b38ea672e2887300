"""docs/intake.md names every field, every key of a mapping and every fault; its worked example works."""

import re
from pathlib import Path

import pytest

from fairdue.intake import fields, mapping
from fairdue.intake.checking import Checker
from fairdue.intake.fields import FIELDS
from fairdue.intake.problems import CODES
from fairdue.intake.reading import open_file

TEXT = (Path(__file__).parents[3] / "docs/intake.md").read_text("utf-8")


@pytest.mark.parametrize("kind", fields.KINDS)
def test_every_field_is_described(kind: fields.Kind) -> None:
    section = re.split(r"^### ", TEXT, flags=re.M)
    (own,) = (part for part in section if part.startswith(kind))
    assert re.findall(r"^\| `(\w+)` \|", own, flags=re.M) == list(FIELDS[kind])
    required = re.findall(r"^\| `(\w+)` \| [^|]+\| yes \|", own, flags=re.M)
    assert required == [name for name, spec in FIELDS[kind].items() if spec.required]


def test_every_fault_is_listed_in_order() -> None:
    listed = TEXT.split("## What can be wrong")[1].split("## Counting")[0]
    assert re.findall(r"^\| `(\w+)` \|", listed, flags=re.M) == list(CODES)


def test_every_key_and_code_is_named() -> None:
    for key in mapping._TOP_KEYS | mapping._SECTION_KEYS | mapping._AMOUNT_KEYS | mapping._FIELD_KEYS:
        assert f"`{key}`" in TEXT or f"{key}:" in TEXT, key
    for code in (*fields.RELATIONS, *fields.CHANNELS, *fields.RESULTS, *fields.OUTCOMES, *fields.ID_KINDS):
        assert f"`{code}`" in TEXT, code
    assert all(currency in TEXT for currency in fields.CURRENCIES)


def test_the_worked_example_works(tmp_path: Path) -> None:
    data, text, returned = re.findall(r"```(?:yaml)?\n(.*?)```", TEXT, flags=re.S)[:3]
    path = tmp_path / "accounts_2026-03.csv"
    path.write_bytes(data.encode("gb18030"))
    chosen = mapping.parse(text).for_file(path.name)
    assert chosen is not None
    (result,) = (Checker(chosen, language="zh").check(batch) for batch in open_file(path).batches())
    good = result.good.row(0, named=True)
    assert (good["principal"], good["phone"], good["phone_zones"]) == (1_200_000, "+8613812345678", "Asia/Shanghai")
    assert str(good["birth_on"]) == "1949-12-31"
    assert result.rejected["error"][0] in returned
