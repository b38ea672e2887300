"""What can be wrong with a file or a row, as values: what, where, and how to mend it, in both languages.

Two shapes. A `Problem` concerns a file or a mapping: nothing of that file is used. A `RowError` concerns one row:
that row is returned to the creditor, the others go on. Both carry a `code` from the closed table `CODES` below
(listed in docs/intake.md), so that machines can count them; people read `why` and `mend`.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]

FOUND_CHARS_MAX = 80


class Said(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        """The sentence in `language`."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class RowError:
    """One fault of one row. `row` counts as a spreadsheet does: the header is row 1, the first data row is 2."""

    row: int
    field: str  # canonical field (fields.py), "" when the whole row is meant
    column: str  # header in the user's file, "" when the whole row is meant
    found: str  # what stood there, at most 80 characters
    why: Said
    mend: Said
    code: str

    def text(self, language: Language = "en") -> str:
        """`column "到期日" holds "2026-02-30": February 2026 has 28 days. Write YYYY-MM-DD.`"""
        return _sentence(self.column, self.found, self.why, self.mend, language)


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a whole file or mapping. `line` is 1-based, None when the whole file is meant."""

    file: str
    line: int | None
    field: str
    found: str
    why: Said
    mend: Said
    code: str

    def text(self, language: Language = "en") -> str:
        """`mapping.yaml, line 7, accounts.principal: …`"""
        place = self.file
        if self.line is not None:
            place += f"，第 {self.line} 行" if language == "zh" else f", line {self.line}"
        if self.field:
            place += f"，{self.field}" if language == "zh" else f", {self.field}"
        colon = "：" if language == "zh" else ": "
        return f"{place}{colon}{_sentence('', self.found, self.why, self.mend, language)}"


class FileRefused(Exception):
    """A file or mapping that cannot be used at all; carries every problem found, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.text("en") for problem in problems))
        self.problems = problems


def shortened(found: str | None) -> str:
    """`found` cut to 80 characters, so that a cell of a million digits does not fill the screen."""
    found = found or ""
    return found if len(found) <= FOUND_CHARS_MAX else f"{found[: FOUND_CHARS_MAX - 1]}…"


def row_error(
    code: str, *, row: int, field: str = "", column: str = "", found: str | None = "", **words: object
) -> RowError:
    """The row error `code` of the table, its sentences filled with `words`."""
    why, mend = CODES[code]
    return RowError(row, field, column, shortened(found), _filled(why, words), _filled(mend, words), code)


def problem(
    code: str, *, file: str, line: int | None = None, field: str = "", found: str | None = "", **words: object
) -> Problem:
    """The file problem `code` of the table, its sentences filled with `words`."""
    why, mend = CODES[code]
    return Problem(file, line, field, shortened(found), _filled(why, words), _filled(mend, words), code)


def _filled(said: Said, words: dict[str, object]) -> Said:
    return Said(said.zh.format(**words), said.en.format(**words)) if words else said


def _sentence(column: str, found: str, why: Said, mend: Said, language: Language) -> str:
    if language == "zh":
        head = f"“{column}”列" if column else ""
        held = f"为“{found}”：" if found and column else (f"“{found}”：" if found else ("：" if head else ""))
        return f"{head}{held}{why.zh}。{mend.zh}。"
    head = f'column "{column}"' if column else ""
    held = f' holds "{found}": ' if found and column else (f'"{found}": ' if found else (": " if head else ""))
    return f"{head}{held}{why.en}. {mend.en}."


CODES: dict[str, tuple[Said, Said]] = {}
"""code → (why, mend). Filled below; the words in braces are given by the caller."""
