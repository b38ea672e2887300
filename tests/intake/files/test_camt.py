"""Bank statements in ISO 20022: a row a transaction; bombs are refused."""

from pathlib import Path

import pytest

from fairdue.intake.problems import CODES
from fairdue.intake.reading import open_file

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "bank"


def rows(path):
    reading = open_file(path)
    assert not reading.problems, [p.text("en") for p in reading.problems]
    found = [row for batch in reading.batches() for row in batch.frame.iter_rows(named=True)]
    assert not reading.problems, [p.text("en") for p in reading.problems]
    return found


def refused(path):
    reading = open_file(path)
    list(reading.batches())
    return [p.code for p in reading.problems]


def test_a_row_for_each_transaction():
    found = rows(EXAMPLES / "camt053.xml")
    assert [(r["__row__"], r["reference"], r["cents"], r["kind"], r["payer"]) for r in found] == [
        (2, "BK-0001", "300.00", "credit", "王小明"),
        (3, "BK-0002-1", "100.00", "credit", "李雷"),
        (4, "BK-0002-2", "50.00", "credit", "韩梅梅"),
        (5, "BK-0003", "12.00", "debit", ""),
        (6, "BK-0004", "80.00", "pending", ""),
    ]
    first = found[0]
    assert (first["text"], first["about"], first["payer_account"]) == ("还款 A-1001", "E2E-77", "6217000000000001")
    assert (found[1]["text"], found[1]["happened_on"], found[1]["currency"]) == ("A-1002", "2026-03-01", "CNY")


def test_a_return_names_what_went_back():
    (back,) = rows(EXAMPLES / "camt054-return.xml")
    assert (back["kind"], back["about"], back["reference"]) == ("return", "E2E-77", "BK-0101")


def test_without_a_number_the_content_is_the_number(tmp_path):
    text = (EXAMPLES / "camt053.xml").read_text("utf-8").replace("<AcctSvcrRef>BK-0003</AcctSvcrRef>", "")
    path = tmp_path / "statement.xml"
    path.write_text(text, "utf-8")
    one, again = rows(path)[3]["reference"], rows(path)[3]["reference"]
    assert one == again
    assert one.startswith("camt-")


BOMB = """<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Document><BkToCstmrStmt><Stmt><Id>&b;</Id></Stmt></BkToCstmrStmt></Document>"""
THEFT = """<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<Document><BkToCstmrStmt><Stmt><Id>&f;</Id></Stmt></BkToCstmrStmt></Document>"""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BOMB, "not_a_statement"),
        (THEFT, "not_a_statement"),
        ("<?xml version='1.0'?><html/>", "not_a_statement"),
        ("<?xml version='1.0'?><Document><BkToCstmrStmt>", "damaged"),
        ("<?xml version='1.0'?><Document><BkToCstmrStmt>" + "<a>" * 100, "not_a_statement"),
        ("<?xml version='1.0'?><Document><BkToCstmrStmt></BkToCstmrStmt></Document>", "no_rows"),
    ],
    ids=["bomb", "theft", "other", "torn", "deep", "empty"],
)
def test_hostile_and_broken_files_are_refused_with_a_sentence(tmp_path, text, code):
    path = tmp_path / "statement.xml"
    path.write_text(text, "utf-8")
    assert refused(path) == [code]


def test_no_sentence_asks_for_what_stands_beside_it():
    """What was found is told apart from the sentence; a sentence that named it would show its braces."""
    assert not [code for code, said in CODES.items() if "{found}" in str(said)]


def test_a_long_statement_is_read_in_batches(tmp_path):
    entry = ('<Ntry><Amt Ccy="CNY">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-01</Dt>'
             "</BookgDt><AcctSvcrRef>N{n}</AcctSvcrRef></Ntry>")  # fmt: skip
    path = tmp_path / "statement.xml"
    body = "".join(entry.replace("{n}", str(n)) for n in range(3_000))
    path.write_text(f"<Document><BkToCstmrStmt><Stmt>{body}</Stmt></BkToCstmrStmt></Document>", "utf-8")
    found = list(open_file(path, batch_rows=1_000).batches())
    assert [len(batch.frame) for batch in found] == [1_000] * 3
    assert found[-1].frame["__row__"][-1] == 3_001
