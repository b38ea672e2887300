"""Ten thousand spoilt files: no crash, no hang, no lost row. The seed is fixed, so a failure can be repeated."""

import io
import random
import re
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from fairdue.intake import mapping
from fairdue.intake.batches import ROW, WHOLE, Batch, Limits
from fairdue.intake.checking import Checker
from fairdue.intake.fields import Kind
from fairdue.intake.portfolio import generate
from fairdue.intake.reading import Reading, open_file

TEXT_FILES, SHEETS, PARQUETS = 9_000, 500, 500
CHECKED_TOGETHER = 400

TIDBITS = [
    b"\x00", b'"', b'""', b",", b";", b"\t", b"|", b"\n", b"\r\n", b"\r", b"\xff\xfe", b"\xef\xbb\xbf", b"\x81",
    b"\xc3\x28", b"=cmd|' /C calc'!A0", b"@SUM(1+1)*cmd", b"+1+1", b"-2+3", b"2026-02-30", b"2026-13-01",
    b"0000-00-00", b"9" * 400, b"1e308", b"NaN", b"-0", b"--1", b"1,2,3", b"NULL", b"\xe2\x80\xae", b"'", b"\\",
    b"\xf0\x9f\x92\xa9", b"%s%n", b"{0}", b"\x1b[31m", b"\xa1\xa1", b"\x0b\x0c", b"9" * 40_000,
]  # fmt: skip


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, Kind], bytes]:
    """Good files of the made-up creditors, small."""
    made = generate(tmp_path_factory.mktemp("made"), accounts=12, seed=3, as_of=date(2026, 3, 2))
    return {
        (creditor, kind): b"\n".join(path.read_bytes().split(b"\n")[:16]) + b"\n"
        for creditor, files in made.files.items()
        for kind, path in files.items()
    }


def spoilt(rng: random.Random, data: bytes) -> bytes:
    """`data` after one to six mutations."""
    for _ in range(rng.randint(1, 6)):
        at, other = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
        match rng.randrange(9):
            case 0:
                data = data[:at] + rng.choice(TIDBITS) + data[at:]
            case 1:
                data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
            case 2:
                data = data[:at] + data[min(other, at + rng.randint(1, 40)) :]
            case 3:
                data = data[:other] + data[at:other][:300] + data[other:]
            case 4:
                data = data[:at]
            case 5:
                lines = data.split(b"\n")
                rng.shuffle(lines)
                data = b"\n".join(lines[:1] + lines[1:]) if rng.random() < 0.2 else data
            case 6:
                data = data.replace(b",", rng.choice([b";", b"\t", b"|", b'","']), rng.randint(1, 60))
            case 7:
                data = data.replace(b"\n", rng.choice([b"\r\n", b"\r", b"\n\n", b""]), rng.randint(1, 9))
            case 8:
                spots = [m.start() for m in re.finditer(rb"[,\n]", data)] or [0]
                spot = rng.choice(spots) + 1
                data = data[:spot] + rng.choice(TIDBITS) + data[spot:]
    return data


def essence(text: str) -> str:
    """Letters and digits: what must not get lost, whatever becomes of quotes, blanks and separators."""
    return "".join(re.findall(r"[0-9A-Za-z\u4e00-\u9fff]+", text))


def rows_of(reading: Reading) -> list[Batch]:
    batches = list(reading.batches())
    numbers = [row for batch in batches for row in batch.frame[ROW]]
    assert numbers == sorted(set(numbers)), "row numbers rise and do not repeat"
    assert all({e.row for e in batch.errors} <= set(batch.frame[ROW]) for batch in batches), "errors name rows read"
    return batches


def assert_nothing_lost(data: bytes, reading: Reading, batches: list[Batch]) -> None:
    text = data.decode(reading.encoding, "replace")
    if "\n" not in text:
        text = text.replace("\r", "\n")
    body = text.split("\n", reading.source.head_lines)  # type: ignore[union-attr]
    expected = essence(body[-1] if len(body) > reading.source.head_lines else "")  # type: ignore[union-attr]
    rows = (row for batch in batches for row in batch.frame.drop(ROW).iter_rows(named=True))
    told = (row[WHOLE] or "".join(cell for name, cell in row.items() if name != WHOLE and cell) for row in rows)
    assert essence("".join(told)) == expected


def check_together(book: mapping.Book, kind: Kind, frames: list[pl.DataFrame]) -> int:
    """Check rows of many files as one batch; every row must come out, and every amount. Returns the rows."""
    if not frames:
        return 0
    frame = pl.concat(frames).with_columns(pl.int_range(2, pl.len() + 2).alias(ROW))
    checker = Checker(book.mappings[kind], as_of=date(2026, 3, 2))
    checked = checker.check(Batch(frame, []))
    assert len(checked.good) + len(checked.rejected) == len(frame)
    assert sorted([*checked.good["row"], *checked.rejected["row"]]) == frame[ROW].to_list()
    assert {error.row for error in checked.errors} == set(checked.rejected["row"])
    assert checker.totals.balance()
    assert all(error.text("zh") and error.text("en") for error in checked.errors[:40])
    return len(frame)


def test_nine_thousand_spoilt_csv_files_lose_nothing(samples: dict[tuple[str, Kind], bytes], tmp_path: Path) -> None:
    rng = random.Random(20260302)
    books = {ref: mapping.parse(portfolio_mapping(ref)) for ref in ("cn-lender", "us-issuer")}
    waiting: dict[tuple[str, Kind], list[pl.DataFrame]] = {key: [] for key in samples}
    path = tmp_path / "spoilt.csv"
    keys = list(samples)
    refused = rows = compared = 0
    for number in range(TEXT_FILES):
        key = keys[number % len(keys)]
        data = spoilt(rng, samples[key])
        path.write_bytes(data)
        reading = open_file(path)
        batches = rows_of(reading)
        if reading.problems:
            refused += 1
        elif len(data) < 30_000 and reading.format == "csv":
            assert_nothing_lost(data, reading, batches)
            compared += 1
        needed = [m.column for m in books[key[0]].mappings[key[1]].fields.values() if m.column]
        if batches and set(needed) <= set(reading.columns):
            waiting[key] += [batch.frame.select(ROW, *needed, WHOLE) for batch in batches]
        if len(waiting[key]) >= CHECKED_TOGETHER:
            rows += check_together(books[key[0]], key[1], waiting[key])
            waiting[key] = []
    rows += sum(check_together(books[ref], kind, frames) for (ref, kind), frames in waiting.items())
    assert rows > 50_000
    assert compared > TEXT_FILES / 2
    assert 0 < refused < TEXT_FILES / 2


def portfolio_mapping(ref: str) -> str:
    from fairdue.intake.portfolio import mapping_text

    return mapping_text(ref)


def workbook(rows: int = 8) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Account Number", "Payment Reference", "Payment Date", "Amount"])
    for n in range(rows):
        sheet.append([f"US{n:08}", f"P{n}", date(2026, 3, 1), 12.5 + n])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(rng: random.Random, data: bytes) -> bytes:
    """The archive with one entry spoilt inside, so that damage gets past the checksum."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        victim = rng.choice(old.namelist())
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, spoilt(rng, content) if name == victim else content)
    return out.getvalue()


def test_spoilt_workbooks_are_read_or_refused(tmp_path: Path) -> None:
    rng = random.Random(7)
    good = workbook()
    path = tmp_path / "spoilt.xlsx"
    outcomes = set()
    for number in range(SHEETS):
        path.write_bytes(repacked(rng, good) if number % 2 else spoilt(rng, good))
        reading = open_file(path)
        rows_of(reading)
        outcomes.add(bool(reading.problems))
    assert outcomes == {True, False}


def test_spoilt_parquet_files_are_read_or_refused(tmp_path: Path) -> None:
    rng = random.Random(11)
    out = io.BytesIO()
    pl.DataFrame(
        {"a": [f"x{n}" for n in range(60)], "b": list(range(60)), "c": [n / 7 for n in range(60)]}
    ).write_parquet(out)
    path = tmp_path / "spoilt.parquet"
    outcomes = set()
    for _ in range(PARQUETS):
        path.write_bytes(spoilt(rng, out.getvalue()))
        reading = open_file(path)
        rows_of(reading)
        outcomes.add(bool(reading.problems))
    assert outcomes == {True, False}


# ── single blows ──


def refusal(path: Path, limits: Limits | None = None) -> str:
    reading = open_file(path, limits=limits) if limits else open_file(path)
    list(reading.batches())
    return reading.problems[0].code


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as entry:
            for _ in range(80):
                entry.write(b"0" * (1 << 20))
    assert path.stat().st_size < 200_000
    assert refusal(path) == "too_large_unpacked"


def test_one_cell_at_the_far_corner_does_not_allocate_the_plane(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    book.active["XFD1048576"] = 1  # type: ignore[index]
    book.save(tmp_path / "far.xlsx")
    assert refusal(tmp_path / "far.xlsx") == "too_many_cells"


def test_a_gzip_bomb_stops_early(tmp_path: Path) -> None:
    import gzip

    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb") as file:
        file.write(b"a,b\n")
        for _ in range(30):
            file.write(b"1,2\n" * 250_000)
    assert refusal(path, Limits(ratio_counts_from_bytes=1 << 20, ratio_max=50)) == "too_large_unpacked"


def test_a_number_of_a_hundred_million_digits_is_one_faulty_row(tmp_path: Path) -> None:
    path = tmp_path / "digits.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n1,2\n")
        for _ in range(100):
            file.write(b"9" * 1_000_000)
        file.write(b",3\n4,5\n")
    (batch,) = open_file(path).batches()
    assert batch.frame[ROW].to_list() == [2, 3, 4]
    assert [(error.row, error.code) for error in batch.errors] == [(3, "line_too_long")]


def test_a_quote_that_never_closes_takes_no_other_row_with_it(tmp_path: Path) -> None:
    path = tmp_path / "quote.csv"
    path.write_text('a,b\n1,"open\n' + "".join(f"{n},x\n" for n in range(2, 500)))
    batches = list(open_file(path).batches())
    assert sum(len(batch.frame) for batch in batches) == 499
    assert batches[0].frame["b"][0] == '"open'


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"", "empty_file"),
        (b"\n \n", "empty_file"),
        (b"a,b\n", "no_rows"),
        (b"a,a\n1,2\n", "duplicate_header"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old_excel"),
        (b"%PDF-1.7", "not_a_table"),
        (b"PK\x03\x04nonsense", "damaged"),
        (b"PAR1nonsense", "damaged"),
        (b",".join(b"c%d" % n for n in range(1_200)) + b"\n1\n", "too_many_columns"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_reason(head: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(head)
    assert refusal(path) == code
