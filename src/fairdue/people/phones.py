"""Phone numbers as columns: written in any way → E.164, with the zones the number lies in. phonenumbers is the authority.

Mainland mobiles and North American numbers, which are nearly all, take a vectorised path made of the library's own
metadata; everything else goes through the library number by number. A property test holds the two together.
"""

from functools import cache

import phonenumbers
import polars as pl
from phonenumbers import timezone
from phonenumbers.phonemetadata import PhoneMetadata

from fairdue.people import zones

UNKNOWN = "Etc/Unknown"


def normalise(values: pl.Series, *, country: str | None, possible: bool = False) -> pl.DataFrame:
    """E.164 of written numbers. `country`: how a number without + is read (ISO 3166 alpha-2).

    Columns aligned with `values`: number (E.164, null when empty or not a number) and lies (comma list of the zones
    the library gives, null when it knows none or only the whole country). `possible=True` also accepts numbers of the
    right length in a range the library does not know yet.
    """
    plain = values.str.normalize("NFKC").str.strip_chars()
    bare = plain.str.replace_all(r"[\s\-‐–—().·]", "")
    bare = bare.set(bare == "", None)
    fast = _fast(bare, country)
    rest = plain.filter(fast.is_null() & bare.is_not_null()).unique()
    numbers = fast
    unplaced: set[str] = set()
    if len(rest):
        found = {text: _slow(text, country, possible) for text in rest.to_list()}
        unplaced = {number for number, placed in found.values() if number and not placed}
        slow = plain.replace_strict({k: v[0] for k, v in found.items()}, default=None, return_dtype=pl.String)
        numbers = pl.select(pl.coalesce(fast, slow)).to_series()
    lies = zones.zones_of_numbers(numbers)
    # Toll-free and personal numbers lie nowhere, whatever their first digits.
    nowhere = numbers.is_in(list(unplaced)) | numbers.str.contains(r"^\+1(?:8(?:00|33|44|55|66|77|88)|900|5(?:00|2\d|33|44|66|77|88))")
    lies = lies.set(nowhere.fill_null(False), None)
    return pl.DataFrame({"number": numbers.alias("number"), "lies": lies.alias("lies")})


def of_one(text: str, *, country: str | None) -> tuple[str, str] | None:
    """(E.164, comma list of possible zones) of one number, None when it is no valid number. For forms on screen."""
    frame = normalise(pl.Series([text], dtype=pl.String), country=country)
    number = frame["number"][0]
    if number is None:
        return None
    possible = zones.possible_zones(
        numbers=frame["number"],
        number_zones=frame["lies"],
        regions=pl.Series([None], dtype=pl.String),
        country=country,
    )
    return number, possible[0] or ""


def _fast(bare: pl.Series, country: str | None) -> pl.Series:
    """E.164 where the number is plainly a mainland mobile or a US number, null elsewhere."""
    mobile = bare.str.extract(_mobile_pattern(national=country == "CN"), 1)
    american = bare.str.extract(_american_pattern(national=country == "US"), 1)
    return pl.select(pl.coalesce("+86" + mobile, "+1" + american)).to_series().alias("number")


@cache
def _mobile_pattern(*, national: bool) -> str:
    body = _metadata("CN").mobile.national_number_pattern
    return rf"^(?:\+86|0086|86){'?' if national else ''}({body})$" if national else rf"^\+86({body})$"


@cache
def _american_pattern(*, national: bool) -> str:
    us = _metadata("US")
    kinds = (us.fixed_line, us.mobile, us.toll_free, us.premium_rate, us.personal_number)
    body = "|".join(dict.fromkeys(kind.national_number_pattern for kind in kinds if kind.national_number_pattern))
    return rf"^(?:\+?1)?({body})$" if national else rf"^\+1({body})$"


def _metadata(country: str) -> PhoneMetadata:
    metadata = PhoneMetadata.metadata_for_region(country)
    assert metadata is not None
    return metadata


def _slow(text: str, country: str | None, possible: bool) -> tuple[str | None, bool]:
    """(E.164 or None, whether the number lies somewhere) by the library."""
    if len(text) > 60:
        return None, False
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None, False
    valid = phonenumbers.is_valid_number(number)
    if number.extension or not (valid or (possible and phonenumbers.is_possible_number(number))):
        return None, False
    kind = phonenumbers.number_type(number)
    placed = valid and phonenumbers.phonenumberutil.is_number_type_geographical(kind, number.country_code)
    placed = placed and timezone.time_zones_for_geographical_number(number) != (UNKNOWN,)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), placed
