"""Phone numbers as columns: written in any way → E.164, with the zones the number lies in. By phonenumbers.

Mainland mobiles and North American numbers, which are nearly all, take a vectorised path made of the library's own
metadata; everything else goes through the library number by number. A property test holds the two together.
"""

from functools import cache

import phonenumbers
import polars as pl
from phonenumbers import timezone
from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

from fairdue.people import zones


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
    nowhere = numbers.is_in(list(unplaced)) | numbers.str.contains(_nowhere_pattern())
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
    body = _either(_metadata("CN").mobile)
    return rf"^(?:\+86|0086|86)?({body})$" if national else rf"^\+86({body})$"


@cache
def _american_pattern(*, national: bool) -> str:
    us = _metadata("US")
    body = _either(us.fixed_line, us.mobile, us.toll_free, us.premium_rate, us.personal_number)
    return rf"^(?:\+?1)?({body})$" if national else rf"^\+1({body})$"


@cache
def _nowhere_pattern() -> str:
    us = _metadata("US")
    return rf"^\+1(?:{_either(us.toll_free, us.premium_rate, us.personal_number)})$"


def _either(*kinds: PhoneNumberDesc | None) -> str:
    """One pattern for national numbers of any of these kinds."""
    return "|".join(dict.fromkeys(kind.national_number_pattern or "" for kind in kinds if kind is not None))


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
    geographical = phonenumbers.phonenumberutil.is_number_type_geographical(kind, number.country_code or 0)
    # A mobile of a country with one zone lies in it; a mobile of Australia lies anywhere there.
    placed = geographical or len(timezone.time_zones_for_number(number)) == 1
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), placed
