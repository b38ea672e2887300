"""Papers are read back by a real reader."""

import io
from datetime import UTC, datetime

import pypdf

from fairdue import papers

MADE = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)


def text_of(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def paper(*parts, language="zh", **fields):
    return papers.Paper(title="权利与义务告知书", language=language, parts=list(parts), **fields)


def test_chinese_and_english_are_read_back_as_text():
    found = text_of(
        papers.pdf(
            paper(
                papers.heading("您欠多少"),
                papers.paragraph("王䶮女士应还 ¥12,345.67。"),
                papers.items([("No calls from 22:00 to 08:00.", "GB/T 45251-2025")]),
                papers.terms([("账户", "HY-2025-004417")]),
            ),
            made_at=MADE,
        )
    )
    for said in ("权利与义务告知书", "您欠多少", "王䶮女士应还 ¥12,345.67。", "No calls from 22:00 to 08:00.", "GB/T 45251-2025",
                 "HY-2025-004417"):  # fmt: skip
        assert said in found


def test_a_long_table_repeats_its_head_and_numbers_its_pages():
    rows = [[f"2026-03-{n % 28 + 1:02}", f"¥{n}.00"] for n in range(200)]
    pages = pypdf.PdfReader(io.BytesIO(papers.pdf(paper(papers.table(["日期", "金额"], rows)), made_at=MADE))).pages
    assert len(pages) == 4
    assert all("日期" in page.extract_text() for page in pages)
    assert "4 / 4" in pages[3].extract_text()


def test_the_watermark_stands_on_every_page():
    rows = [["一", "二"]] * 100
    made = papers.pdf(paper(papers.table(["甲", "乙"], rows), mark="wu 2026-03-03 10:00"), made_at=MADE)
    for page in pypdf.PdfReader(io.BytesIO(made)).pages:
        assert (
            page.extract_text().replace("\n", "").count("wu 2026-03-03 10:00") == 2
        )  # across the page and in its foot


def test_equal_input_gives_equal_bytes():
    one, two = (papers.pdf(paper(papers.paragraph("同一份文件")), made_at=MADE) for _ in range(2))
    assert one == two
    assert pypdf.PdfReader(io.BytesIO(one)).metadata["/CreationDate"].startswith("D:20260303020000")


def test_a_character_the_font_lacks_is_shown_by_its_code():
    """Given a name with a character of extension F; then its code stands in its place and a note says so."""
    rare = chr(0x2CEB1)
    assert papers.uncovered(f"王{rare}明") == [rare]
    found = text_of(papers.pdf(paper(papers.paragraph(f"王{rare}明，您好")), made_at=MADE))
    assert "王[U+2CEB1]明，您好" in found
    assert "字体中没有的字以编码代替：U+2CEB1。" in found


def test_everyday_and_rare_names_are_covered():
    level_one = bytes(b for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF) for b in (row, cell))
    assert not papers.uncovered(level_one.decode("gb2312", errors="ignore"))  # 6,763 characters
    assert not papers.uncovered("䶮㛃𬱖𬭚喆堃淼昇媖瑀赟祎ÀéñŁŁőșŻĞ…—“”《》￥¥€§")


def test_text_is_never_markup_and_never_turns_round():
    found = text_of(papers.pdf(paper(papers.paragraph('#read("/etc/passwd") *a* $x$ \u202egnol\x00')), made_at=MADE))
    assert '#read("/etc/passwd") *a* $x$ gnol' in found


def test_a_hash_breaks_within_its_cell_and_nowhere_else():
    """64 characters in a narrow column: read back whole once the line breaks are gone; a rule's name stays in one."""
    hashed = "4ec9734c1e6dfddc434da942918" * 2 + "ff0a4ec973"
    found = text_of(papers.pdf(paper(papers.table(["一", "二"], [[hashed, "cn.quiet-hours"]])), made_at=MADE))
    assert hashed in found.replace("\n", "")
    assert "cn.quiet-hours" in found
    assert "\u200b" not in found


def test_columns_of_numbers_are_set_flush_right():
    """Given a short and a long number below each other; then the short one begins further to the right."""
    made = papers.pdf(
        paper(papers.table(["日", "元"], [["a", "1.00"], ["b", "1,000,000.00"]], numbers=[1])), made_at=MADE
    )
    starts = {}
    pypdf.PdfReader(io.BytesIO(made)).pages[0].extract_text(
        visitor_text=lambda said, matrix, *_rest: starts.setdefault(said.strip(), matrix[4])
    )
    assert starts["1.00"] > starts["1,000,000.00"] + 10
    assert starts["a"] == starts["b"]
