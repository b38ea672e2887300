"""Whether the words of a rule follow its numbers: what a change of a term leaves behind in the texts people read.

    for one in stale(old_text, new_text): print(one.rule, one.text, one.old, one.new, one.named)

Both texts are without mistakes (`packtext.mistakes`). A text that never named the number owes it nothing.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fairdue.law import packtext
from fairdue.law.kinds import KINDS
from fairdue.law.packdiff import HEAD, Change, compare

_EN: Final = (
    "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_ZH: Final = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_HOUR: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_NOON: Final = 12


@dataclass(frozen=True)
class Stale:
    """A text that does not follow a term. text: say, cure or law.cites with its language; term: the kind and its term.

    named: the text still names the old value; else it does not name the new one.
    """

    rule: str
    text: tuple[str, ...]
    term: tuple[str, ...]
    old: Any
    new: Any
    named: bool


def stale(old: str, new: str) -> list[Stale]:
    """Every text of a changed rule that still names the old value of a changed term, or does not name the new one."""
    before, after = packtext.tree(old), packtext.tree(new)
    found = []
    for change in compare(old, new):
        if change.rule != HEAD and _is_counted(change):
            found += list(_texts_behind(change, before[change.rule], after[change.rule]))
    return found


def _is_counted(change: Change) -> bool:
    """Whether a change is one of a number or a time of day in the terms of the kind."""
    values = (change.old, change.new)
    if len(change.path) != 2 or change.path[0] not in KINDS:
        return False
    numbers = all(isinstance(value, int) and not isinstance(value, bool) for value in values)
    return numbers or all(isinstance(value, str) and _HOUR.fullmatch(value) for value in values)


def _texts_behind(change: Change, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Stale]:
    unit = change.path[-1]
    was = dict(_texts(before))
    for path, text in _texts(after):
        earlier = was.get(path, "")
        kept = len(_numerals(change.old, text)) >= len(_numerals(change.old, earlier)) > 0
        told = _names(change.old, unit, earlier)
        if kept or (told and not _names(change.new, unit, text)):
            yield Stale(change.rule, path, change.path, change.old, change.new, kept)


def _texts(body: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The texts of a rule that speak in the firm's own words; a citation of the law stays as the law writes it."""
    law = body["law"]
    shown: list[tuple[tuple[str, ...], Any]] = [(("say",), body.get("say")), (("cure",), body.get("cure"))]
    shown.append((("law", "cites"), law.get("cites") if law.get("level") == "policy" else None))
    for path, texts in shown:
        if isinstance(texts, Mapping):
            for language, text in texts.items():
                yield (*path, language), unicodedata.normalize("NFKC", str(text)).casefold()


def _numerals(value: Any, text: str) -> list[str]:
    """Every place at which a text writes a value in digits."""
    return re.findall(rf"(?<![\d:.]){re.escape(str(value))}(?![\d:]|\.\d)", text)


def _names(value: Any, unit: str, text: str) -> bool:
    """Whether a text names a value in any usual way: in digits or words, minutes as hours, days as weeks."""
    if _numerals(value, text):
        return True
    if isinstance(value, str):
        return _names_hour(value, text)
    if _in_words(value, text):
        return True
    for part, whole, words in (("minutes", 60, r"h|小时"), ("days", 7, r"week|周|星期"), ("hours", 24, r"day|日|天")):
        if unit == part and value % whole == 0 and re.search(words, text):
            count = value // whole
            if _numerals(count, text) or _in_words(count, text) or count == 1:
                return True
    return False


def _in_words(number: int, text: str) -> bool:
    if not 0 < number < len(_EN):
        return False
    chinese = "两|二" if number == 2 else _ZH[number]
    often = {1: "|once", 2: "|twice"}.get(number, "")
    return bool(re.search(rf"\b(?:{_EN[number]}{often})\b|{chinese}", text))


def _names_hour(value: str, text: str) -> bool:
    hour, minute = (int(part) for part in value.split(":"))
    shown = rf"0?{hour}\s*[点时]" if not minute else rf"0?{hour}\s*[点时]\s*{minute:02d}"
    clock = rf"{hour % _NOON or _NOON}" + (rf":{minute:02d}" if minute else r"(?::00)?")
    half = r"a\.?m" if hour < _NOON else r"p\.?m"
    return bool(re.search(rf"(?<!\d)(?:{shown}|{clock}\s*{half})", text))
