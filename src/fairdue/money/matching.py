"""Whose debt is this money for? What a bank's line says, held against the debts it may be for.

How to call::

    found = match(Line(cents=…, day=…, payer="王小明", text="还款 A-1001"), candidates)
    found[0].account, found[0].score, found[0].why      # best first; scores 0 to 100
    certain(found)                                      # the account, when there is no doubt; else None

An account number in the text decides alone. A name never does: it takes an amount that is expected (promised, fallen
due, or all that is owed) as well, and only one debt that fits. Money is never given to a debt on a guess.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

CERTAIN: Final = 85
LEAD: Final = 15
"""How far the best must be ahead of the second to be booked without anybody looking."""

POINTS: Final[dict[str, int]] = {
    "number": 90,  # the account's number stands in the reference or the text
    "name": 45,
    "promised": 42,  # exactly what was promised, around the day
    "due": 40,  # exactly what is past due, or the next instalment
    "whole": 40,  # exactly all that is owed
    "named": 40,  # the debtor's name stands in the text; never enough with an amount alone
    "payer_before": 35,  # paid for this account before, from the same bank account
    "kin": 30,  # the payer is a person on record beside the debtor
    "closed": -30,  # nothing is owed
    "currency": -100,
}
"""What speaks for a debt, and against it."""

PROMISE_DAYS: Final = 3
_TOKEN: Final = re.compile(r"[0-9A-Z](?:[0-9A-Z./_-]*[0-9A-Z])?")
_NUMBER_MIN: Final = 4
_HAN: Final = re.compile(r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2,12}(?![\u4e00-\u9fff])")
_WORDS: Final = re.compile(r"[^\W\d_\u4e00-\u9fff](?:[^\W\d_\u4e00-\u9fff]|['’.-])*")
_NAMES_MOST: Final = 80


@dataclass(frozen=True, slots=True)
class Line:
    """One credit of a bank statement. cents > 0; day: since 1970-01-01; payer_account as the bank writes it, or ""."""

    cents: int
    currency: str
    day: int
    payer: str = ""
    text: str = ""
    reference: str = ""
    payer_account: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A debt of the creditor. number: the creditor's own. due: amounts expected; promised: (day, cents) open promises;
    opened: the first day of the contract, where it is known; kin: names of persons on record beside the debtor."""

    account: int
    number: str
    name: str
    currency: str
    owed: int
    due: tuple[int, ...] = ()
    promised: tuple[tuple[int, int], ...] = ()
    payers: tuple[str, ...] = ()
    opened: int | None = None
    kin: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A debt the money may be for. why: keys of POINTS."""

    account: int
    score: int
    why: tuple[str, ...]


def match(line: Line, candidates: Iterable[Candidate]) -> list[Match]:
    """Candidates for which something speaks, best first; never a debt that began after the money was paid."""
    said = tokens(line.reference) | tokens(line.text)
    payer, named = plain(line.payer), {plain(name) for name in names(line.text)}
    found = []
    for each in candidates:
        if each.opened is not None and line.day < each.opened:
            continue
        why = _reasons(line, each, said, payer, named)
        score = max(0, min(100, sum(POINTS[reason] for reason in why)))
        if score:
            found.append(Match(each.account, score, why))
    return sorted(found, key=lambda m: (-m.score, m.account))


def certain(found: Sequence[Match]) -> int | None:
    """The account when the best is good enough and far enough ahead."""
    if not found or found[0].score < CERTAIN:
        return None
    ahead = len(found) == 1 or found[0].score - found[1].score >= LEAD
    return found[0].account if ahead else None


def tokens(text: str) -> set[str]:
    """Words that may be numbers: letters and digits with marks inside, upper case, full width made plain."""
    return {word for word in _TOKEN.findall(plain(text)) if len(word) >= _NUMBER_MIN}


def names(text: str) -> set[str]:
    """What may be somebody's name in a text, as written but full width made plain: two to four Chinese characters of a
    short run, or as many words that follow each other."""
    text = unicodedata.normalize("NFKC", text)
    runs, words = _HAN.findall(text), _WORDS.findall(text)
    found = [run[at : at + n] for run in runs for n in (2, 3, 4) for at in range(len(run) - n + 1)]
    found += [" ".join(words[at : at + n]) for n in (2, 3, 4) for at in range(len(words) - n + 1)]
    return set(found[:_NAMES_MOST])


def plain(text: str) -> str:
    """A text as it is compared: full width made plain, upper case, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).upper().split())


def _reasons(line: Line, each: Candidate, said: set[str], payer: str, named: set[str]) -> tuple[str, ...]:
    expected = [cents for day, cents in each.promised if abs(day - line.day) <= PROMISE_DAYS]
    holds = {
        "number": plain(each.number) in said,
        "name": bool(payer) and plain(each.name) == payer,
        "named": plain(each.name) != payer and plain(each.name) in named,
        "promised": line.cents in expected,
        "due": line.cents not in expected and line.cents in each.due,
        "whole": line.cents not in expected and line.cents not in each.due and line.cents == each.owed,
        "payer_before": bool(line.payer_account) and line.payer_account in each.payers,
        "kin": bool(payer) and payer in {plain(name) for name in each.kin},
    }
    for_it = [reason for reason, true in holds.items() if true]
    against = [
        reason for reason, true in (("closed", not each.owed), ("currency", each.currency != line.currency)) if true
    ]
    return (*for_it, *against) if for_it else ()
