"""Forms and check digits of numbers (tables/identifiers.yaml).

    check("resident_id", "110105194912310021")     # "invalid_checksum"
    is_virtual_operator("17012345678")             # True

Answers: valid, invalid (wrong length or form), invalid_character, invalid_date, invalid_checksum; the first that holds
in this order. Forms are checked, not whether a number was ever given out.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from stdnum import luhn
from stdnum.cn import uscc as uscc_numbers
from stdnum.iso7064 import mod_11_2

from fairdue.law.calc.figures import figure

_USCC_LETTERS: Final = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
_MOBILE: Final = re.compile(r"(?:\+?86)?(1[3-9]\d{9})", re.ASCII)


def check(kind: str, value: str) -> str:
    """valid or what is wrong. kind: one of KINDS."""
    return KINDS[kind](value)


def resident_id(value: str) -> str:
    """GB 11643: 17 digits and a check character; letters in either case."""
    value = value.upper()
    if len(value) != 18:
        return "invalid"
    if not re.fullmatch(r"\d{17}[\dX]", value, re.ASCII):
        return "invalid_character"
    try:
        date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return "invalid_date"
    return "valid" if mod_11_2.is_valid(value) else "invalid_checksum"


def uscc(value: str) -> str:
    """GB 32100: 18 characters of its own alphabet; letters in either case."""
    value = value.upper()
    if len(value) != 18:
        return "invalid"
    if not _USCC_LETTERS.issuperset(value):
        return "invalid_character"
    return "valid" if uscc_numbers.calc_check_digit(value[:-1]) == value[-1] else "invalid_checksum"


def mobile(value: str) -> str:
    """A mainland mobile number, with or without +86, spaces and hyphens."""
    return "valid" if _MOBILE.fullmatch(re.sub(r"[ -]", "", value)) else "invalid"


def bank_card(value: str) -> str:
    """13 to 19 digits with a Luhn check digit; spaces between are allowed."""
    value, bounds = value.replace(" ", ""), figure("identifiers", "bank_card").values
    if not re.fullmatch(r"\d+", value, re.ASCII):
        return "invalid_character"
    if not bounds["least_digits"] <= len(value) <= bounds["most_digits"]:
        return "invalid"
    return "valid" if luhn.is_valid(value) else "invalid_checksum"


def is_virtual_operator(value: str) -> bool:
    """Whether a mobile number belongs to a virtual operator, by its prefix."""
    found = _MOBILE.fullmatch(re.sub(r"[ -]", "", value))
    prefixes: list[str] = figure("identifiers", "mobile").values["virtual_operators"]
    return found is not None and any(found[1].startswith(prefix) for prefix in prefixes)


KINDS: Final[dict[str, Callable[[str], str]]] = {
    "resident_id": resident_id,
    "uscc": uscc,
    "mobile": mobile,
    "bank_card": bank_card,
}
