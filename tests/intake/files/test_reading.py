"""A file as it really arrives becomes rows of text, every row with the number a spreadsheet shows for it."""

import gzip
import io
from datetime import date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairdue.intake.batches import ROW, WHOLE
from fairdue.intake.reading import Reading, open_file

AT_TEN = datetime(2026, 3, 2, 10)  # noqa: DTZ001 - files know no zones
AT_HALF_PAST_TEN = AT_TEN.replace(minute=30)
AT_MIDNIGHT = AT_TEN.replace(hour=0)
Rows = list[tuple[object, ...]]


def read(tmp_path: Path, data: bytes, **how: object) -> tuple[Reading, Rows, dict[int, str]]:
    """(reading, rows as tuples of number and cells, row → error code)."""
    path = tmp_path / "file"
    path.write_bytes(data)
    reading = open_file(path, **how)  # type: ignore[arg-type]
    batches = list(reading.batches())
    rows = [row for batch in batches for row in batch.frame.drop(WHOLE).iter_rows()]
    return reading, rows, {error.row: error.code for batch in batches for error in batch.errors}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_encoding_separator_and_line_ending(encoding: str, separator: str, ending: str, tmp_path: Path) -> None:
    text = ending.join(separator.join(cells) for cells in [["姓名", "本金"], ["张三", "100"], ["㐂々", "200"]])
    reading, rows, errors = read(tmp_path, text.encode(encoding))
    assert rows == [(2, "张三", "100"), (3, "㐂々", "200")]
    assert (reading.encoding, reading.separator, errors) == (encoding, separator, {})


def test_accented_letters_of_windows_are_not_taken_for_chinese(tmp_path: Path) -> None:
    text = "name,city\nJosé Pérez,Málaga\nZoë Núñez,León\n"
    assert read(tmp_path, text.encode("cp1252"))[1] == [(2, "José Pérez", "Málaga"), (3, "Zoë Núñez", "León")]


def test_the_first_chinese_letter_may_come_a_megabyte_down(tmp_path: Path) -> None:
    data = b"a,b\n" + b"x,y\n" * 400_000 + "张三,李四\n".encode("gb18030")
    reading, rows, _ = read(tmp_path, data)
    assert (reading.encoding, rows[-1], len(rows)) == ("gb18030", (400_002, "张三", "李四"), 400_001)


def test_quoted_text_may_hold_separators_line_breaks_and_quotes(tmp_path: Path) -> None:
    data = b'a,b\r\n"x, y","line one\nline two"\r\n"say ""hi""",\r\n'
    assert read(tmp_path, data)[1] == [(2, "x, y", "line one\nline two"), (3, 'say "hi"', None)]


def test_ragged_rows_are_returned_and_their_neighbours_kept(tmp_path: Path) -> None:
    _, rows, errors = read(tmp_path, b"a,b,c\n1,2,3\n4,5\n6,7,8,9\n\n10,11,12\n")
    assert rows == [(2, "1", "2", "3"), (3, "4", "5", None), (4, "6", "7", "8"), (6, "10", "11", "12")]
    assert errors == {3: "too_few_fields", 4: "too_many_fields"}


def test_an_inch_is_not_an_open_quote(tmp_path: Path) -> None:
    data = b'a,b,c\n1,5" pipe,2\n3,"open,4\n5,6,7\n8,"ok, fine",9\n'
    _, rows, errors = read(tmp_path, data)
    assert [row[2] for row in rows] == ['5" pipe', '"open', "6", "ok, fine"]
    assert errors == {}


def test_two_stray_quotes_do_not_swallow_the_rows_between(tmp_path: Path) -> None:
    for data in (
        b'a,b\n1,"x\n2,y\n3,z\n4,"w\n5,v\n',
        b'a,b,c,d\n1,"x,0,0\n2,y,0,0\n3,z,0,0\n4,w",0,0\n5,v,0,0\n',
    ):
        _, rows, _ = read(tmp_path, data)
        assert [row[1] for row in rows] == ["1", "2", "3", "4", "5"]


def test_nul_characters_are_named_and_made_visible(tmp_path: Path) -> None:
    _, rows, errors = read(tmp_path, b"a,b\n1,x\x00y\n2,z\n")
    assert (rows, errors) == ([(2, "1", "x␀y"), (3, "2", "z")], {2: "nul"})


def test_a_field_beyond_a_spreadsheet_cell_is_one_faulty_row(tmp_path: Path) -> None:
    _, rows, errors = read(tmp_path, b"a,b\n" + b"9" * 40_000 + b",1\n5,6\n")
    assert [(row[0], len(str(row[1]))) for row in rows] == [(2, 32_767), (3, 1)]
    assert errors == {2: "too_long"}


def test_a_title_above_the_header_and_the_separator_hint_of_excel(tmp_path: Path) -> None:
    assert read(tmp_path, b"List of March\n\na;b\n1;2\n", header_row=3)[1] == [(4, "1", "2")]
    assert read(tmp_path, b"sep=;\na;b\n1;2\n")[1] == [(2, "1", "2")]
    assert read(tmp_path, b'"a\nlong",b\n1,2\n')[0].columns == ["a long", "b"]


def test_packed_csv_is_read_as_it_is(tmp_path: Path) -> None:
    assert read(tmp_path, gzip.compress(b"a,b\n1,2\n"))[1] == [(2, "1", "2")]


def test_a_torn_gzip_says_how_far_it_got(tmp_path: Path) -> None:
    whole = gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * 7919) for n in range(20_000)))
    reading, _, _ = read(tmp_path, whole[: len(whole) // 2])
    assert [problem.code for problem in reading.problems] == ["damaged"]


def test_batches_are_of_the_size_asked_and_keep_their_errors(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("a,b\n" + "".join(f"{n},x\n" if n % 7 else f"{n}\n" for n in range(2, 1_002)))
    batches = list(open_file(path, batch_rows=100).batches())
    assert [len(batch.frame) for batch in batches] == [100] * 10
    for batch in batches:
        numbers = batch.frame[ROW].to_list()
        assert [error.row for error in batch.errors] == [row for row in numbers if row % 7 == 0]


def test_cells_of_a_workbook_become_plain_text(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["B2"], sheet["C2"], sheet["D2"], sheet["E2"] = "ref", "amount", "day", "paid"
    for column, value in zip("BCDE", ["A1", 1234.5, date(2026, 3, 2), True], strict=True):
        sheet[f"{column}3"] = value
    for column, value in zip("BCDE", [42, 0.1 + 0.2, AT_HALF_PAST_TEN, None], strict=True):
        sheet[f"{column}5"] = value
    out = io.BytesIO()
    book.save(out)
    reading, rows, errors = read(tmp_path, out.getvalue(), header_row=2)
    assert reading.columns == ["(column 1)", "ref", "amount", "day", "paid"]
    assert rows == [
        (3, None, "A1", "1234.5", "2026-03-02", "TRUE"),
        (5, None, "42", "0.3", "2026-03-02 10:30:00", None),
    ]
    assert errors == {}


def test_a_missing_sheet_names_those_there_are(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("March")
    out = io.BytesIO()
    book.save(out)
    reading, _, _ = read(tmp_path, out.getvalue(), sheet="April")
    assert reading.problems[0].code == "sheet_missing"
    assert "March" in reading.problems[0].text("en")


def test_parquet_columns_of_every_type_become_text(tmp_path: Path) -> None:
    out = io.BytesIO()
    frame = pl.DataFrame(
        {
            "whole": [1, 2],
            "part": [0.1 + 0.2, 5.0],
            "day": [date(2026, 3, 2), None],
            "at": [AT_TEN, AT_MIDNIGHT],
            "yes": [True, None],
            "kind": pl.Series(["x", "y"], dtype=pl.Categorical),
        }
    )
    frame.write_parquet(out)
    _, rows, errors = read(tmp_path, out.getvalue())
    assert rows == [
        (2, "1", "0.3", "2026-03-02", "2026-03-02 10:00:00", "true", "x"),
        (3, "2", "5", None, "2026-03-02", None, "y"),
    ]
    assert errors == {}


cells = st.text(alphabet=st.sampled_from('ab9张 ",;\n|='), max_size=8)


@given(
    table=st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=12),
    separator=st.sampled_from([",", ";", "|"]),
)
@settings(max_examples=150, deadline=None)
def test_what_a_csv_writer_writes_is_read_back(
    table: list[list[str]], separator: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    frame = pl.DataFrame([["h1", "h2", "h3"], *table], orient="row", schema=["a", "b", "c"])
    path = tmp_path_factory.mktemp("written") / "file.csv"
    frame.write_csv(path, include_header=False, separator=separator, quote_style="always")
    reading = open_file(path, separator=separator)
    got = [row for batch in reading.batches() for row in batch.frame.select("h1", "h2", "h3").iter_rows()]
    assert [tuple(cell or "" for cell in row) for row in got] == [tuple(row) for row in table if any(row)]
