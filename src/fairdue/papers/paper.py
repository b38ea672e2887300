"""A paper and its parts, and the one place where they become a PDF."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import as_file, files
from typing import Any, Final, Literal

import typst

from fairdue.papers.glyphs import shown, uncovered

Lang = Literal["zh", "en"]
Part = dict[str, Any]
"""One part of a paper, made by the functions below."""

_LACKS: Final = {
    "zh": "字体中没有的字以编码代替：{codes}。",
    "en": "Characters that the font lacks stand as their codes: {codes}.",
}


@dataclass(frozen=True)
class Paper:
    """What is to be printed. mark: watermark across every page and in its foot; foot: left of the page number;
    large: for eyes that need it; wide: the page lies on its side."""

    title: str
    language: Lang
    parts: Sequence[Part]
    under: str = ""
    mark: str = ""
    foot: str = ""
    large: bool = False
    wide: bool = False
    author: str = field(default="Fairdue")


def heading(text: str, *, level: int = 1) -> Part:
    """A heading; level 1 or 2."""
    return {"kind": "heading", "text": text, "level": level}


def paragraph(text: str, *, small: bool = False) -> Part:
    """A paragraph; small for remarks and sources."""
    return {"kind": "paragraph", "text": text, "small": small}


def items(rows: Iterable[tuple[str, str]]) -> Part:
    """A list; each row a sentence and, in small type below it, its source (may be empty)."""
    return {"kind": "items", "rows": [list(row) for row in rows]}


def terms(rows: Iterable[tuple[str, str]]) -> Part:
    """Names and what stands for them, in two columns."""
    return {"kind": "terms", "rows": [list(row) for row in rows]}


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, widths: Sequence[float] | None = None,
    numbers: Iterable[int] = (),
) -> Part:  # fmt: skip
    """A table whose head is repeated on each page. widths: shares of the line, equal when left out. numbers: places of
    columns that hold numbers, set flush right."""
    lines = [list(row) for row in rows]
    assert all(len(line) == len(head) for line in lines), "every row has as many cells as the head"
    return {"kind": "table", "head": list(head), "rows": lines, "widths": list(widths or [1] * len(head)),
            "numbers": list(numbers)}  # fmt: skip


def pdf(paper: Paper, *, made_at: datetime) -> bytes:
    """The paper as PDF (A4, tagged, its text can be searched and read aloud). Equal input gives equal bytes."""
    made = _compiler(_inputs(paper)).compile(format="pdf", timestamp=int(made_at.timestamp()))
    assert isinstance(made, bytes)
    return made


def png(paper: Paper, *, ppi: float = 80) -> list[bytes]:
    """The pages as pictures, to look at."""
    made = _compiler(_inputs(paper)).compile(format="png", ppi=ppi)
    return [made] if isinstance(made, bytes) else list(made or [])


def _inputs(paper: Paper) -> dict[str, str]:
    text = json.dumps(paper.__dict__, ensure_ascii=False)
    lacking = uncovered(_texts(paper))
    note = _LACKS[paper.language].format(codes=", ".join(f"U+{ord(c):04X}" for c in lacking)) if lacking else ""
    return {"paper": shown(text), "note": note}


def _texts(value: Any) -> str:
    """Every text inside a paper, one after the other."""
    if isinstance(value, Paper):
        return _texts(list(value.__dict__.values()))
    if isinstance(value, dict):
        return _texts(list(value.values()))
    if isinstance(value, list | tuple):
        return "".join(_texts(one) for one in value)
    return value if isinstance(value, str) else ""


def _compiler(inputs: dict[str, str]) -> typst.Compiler:
    """A compiler of its own for each paper, so that threads share nothing but the font."""
    sheet = (files("fairdue.papers") / "sheets" / "paper.typ").read_bytes()
    return typst.Compiler(input=sheet, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs)


@cache
def _fonts() -> typst.Fonts:
    with as_file(files("fairdue.papers") / "fonts") as folder:
        return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
