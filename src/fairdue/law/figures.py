"""Numbers that name a person or a sum, found in a text: identity documents, cards, telephones, amounts of money."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

Span = tuple[int, int]

_RESIDENT: Final = re.compile(r"(?<![0-9a-z])[1-9](?:[ -]?\d){16}[ -]?[\dx](?![0-9a-z])", re.A)
_CARD: Final = re.compile(r"(?<![0-9a-z])[2-6](?:[ -]?\d){14,18}(?![ -]?[0-9a-z])", re.A)
_MOBILE: Final = re.compile(r"(?<![0-9a-z])(?<!\d[ -])(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d){8}(?![ -]?\d)", re.A)
_NANP: Final = re.compile(
    r"(?<![0-9a-z])(?:\+?1[ .-]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}(?!\d)", re.A
)
_SSN: Final = re.compile(r"(?<![0-9a-z-])(?!000|666|9)\d{3}[ -](?!00)\d{2}[ -](?!0000)\d{4}(?![0-9a-z-])", re.A)
_AMOUNT: Final = re.compile(
    r"(?:[¥$€£]|(?<![a-z])(?:cny|rmb|usd|us\$)) ?\d[\d,]*(?:\.\d+)?"
    r"|\d[\d,]*(?:\.\d+)? ?(?:万|千|百)?(?:元|块钱|人民币|美元|dollars?(?![a-z])|usd(?![a-z])|cny(?![a-z])|yuan(?![a-z]))",
    re.A,
)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_TOLL_FREE: Final = re.compile(r"8(?:00|33|44|55|66|77|88)|400")


def digits(text: str) -> str:
    """A number without its blanks and hyphens, in small letters."""
    return re.sub(r"[^0-9x]", "", text.lower())


def resident_ids(text: str) -> Iterator[Span]:
    """Mainland resident IDs whose check digit is right (GB 11643-1999)."""
    for found in _RESIDENT.finditer(text):
        number = digits(found[0])
        if "10x98765432"[sum(int(d) * w for d, w in zip(number, _WEIGHTS, strict=False)) % 11] == number[17]:
            yield found.span()


def bank_cards(text: str) -> Iterator[Span]:
    """Card numbers of 15 to 19 digits whose check digit is right (Luhn)."""
    for found in _CARD.finditer(text):
        number = [int(d) for d in digits(found[0])]
        doubled = [d * 2 - 9 * (d > 4) for d in number[-2::-2]]
        if (sum(number[-1::-2]) + sum(doubled)) % 10 == 0:
            yield found.span()


def telephones(text: str) -> Iterator[Span]:
    """Mainland mobiles, and North American numbers; no service lines (400, 800 …)."""
    yield from (found.span() for found in _MOBILE.finditer(text))
    for found in _NANP.finditer(text):
        if not _TOLL_FREE.match(digits(found[0])[-10:]):
            yield found.span()


def social_security_numbers(text: str) -> Iterator[Span]:
    """American social security numbers, written in three groups."""
    yield from (found.span() for found in _SSN.finditer(text))


def amounts(text: str) -> Iterator[Span]:
    """Sums of money with their currency."""
    yield from (found.span() for found in _AMOUNT.finditer(text))


FIGURES: Final[Mapping[str, Callable[[str], Iterator[Span]]]] = {
    "resident_id": resident_ids,
    "bank_card": bank_cards,
    "telephone": telephones,
    "social_security_number": social_security_numbers,
    "amount": amounts,
}
"""What a word list may ask for by name; each answers spans of a folded text."""


def masked(text: str) -> str:
    """Runs of four figures and more, all but the last two hidden."""
    return re.sub(r"\d(?:[ -]?\d){3,}", lambda run: "*" * (len(run[0]) - 2) + run[0][-2:], text)
