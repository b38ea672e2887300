"""A number written in any way becomes one E.164 number, exactly as the library reads it."""

import phonenumbers
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairdue.people import phones


def number_of(text: str, country: str | None = "CN") -> str | None:
    return phones.normalise(pl.Series([text], dtype=pl.String), country=country)["number"][0]


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("13812345678", "CN", "+8613812345678"),
        ("138 1234 5678", "CN", "+8613812345678"),
        ("138-1234-5678", "CN", "+8613812345678"),
        ("１３８１２３４５６７８", "CN", "+8613812345678"),
        ("+86 138 1234 5678", "US", "+8613812345678"),
        ("86-13812345678", "CN", "+8613812345678"),
        ("0086 13812345678", "CN", "+8613812345678"),
        ("021-22223333", "CN", "+862122223333"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("1-212-555-0123", "US", "+12125550123"),
        ("416 555 0123", "US", "+14165550123"),
        ("0912 345 678", "TW", "+886912345678"),
        ("12345", "CN", None),
        ("23812345678", "CN", None),
        ("", "CN", None),
        ("call mother", "US", None),
        ("9" * 100_000, "CN", None),
    ],
)
def test_a_written_number_becomes_e164(written: str, country: str, number: str | None) -> None:
    assert number_of(written, country) == number


def test_a_number_outside_every_known_range_needs_the_mapping_to_say_so() -> None:
    values = pl.Series(["+86 154 1234 5678"])
    assert phones.normalise(values, country="CN")["number"].to_list() == [None]
    assert phones.normalise(values, country="CN", possible=True)["number"].to_list() == ["+8615412345678"]


def test_zones_of_a_number_are_those_of_its_area_code_and_none_for_a_toll_free_one() -> None:
    values = pl.Series(["+12125550123", "+13125550123", "+18005550123", "+8613812345678", "+886912345678", None])
    assert phones.normalise(values, country=None)["lies"].to_list() == [
        "America/New_York", "America/Chicago", None, "Asia/Shanghai", "Asia/Taipei", None,
    ]  # fmt: skip


def test_one_toll_free_number_may_ring_anywhere_in_the_country() -> None:
    found = phones.of_one("800-555-0123", country="US")
    assert found is not None
    number, zones = found
    assert number == "+18005550123"
    assert {"America/New_York", "Pacific/Honolulu"} <= set(zones.split(","))


separated = st.sampled_from(["{}", "+{}", "00{}", "{} ", " {}"])
digits = st.one_of(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"86 ?1[3-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"1?[2-9][0-9]{2}-?[2-9][0-9]{2}-?[0-9]{4}", fullmatch=True),
    st.from_regex(r"0?[0-9]{2,3}-[0-9]{7,8}", fullmatch=True),
    st.from_regex(r"[0-9]{3,15}", fullmatch=True),
)


def library(written: str, country: str | None) -> str | None:
    try:
        parsed = phonenumbers.parse(written.strip(), country)
    except phonenumbers.NumberParseException:
        return None
    valid = phonenumbers.is_valid_number(parsed)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if valid else None


numbers = st.builds(lambda form, body: form.format(body), separated, digits)


@given(written=st.lists(numbers, min_size=20, max_size=60), country=st.sampled_from(["CN", "US", "TW", None]))
@settings(max_examples=60, deadline=None)
def test_the_fast_path_says_what_the_library_says(written: list[str], country: str | None) -> None:
    found = phones.normalise(pl.Series(written), country=country)["number"].to_list()
    assert found == [library(text, country) for text in written]


def library_zones(text: str) -> str | None:
    parsed = phonenumbers.parse(text)
    kind = phonenumbers.number_type(parsed)
    if not phonenumbers.phonenumberutil.is_number_type_geographical(kind, 1):
        return None
    zones = phonenumbers.timezone.time_zones_for_number(parsed)
    whole_continent = len(zones) > 10 or zones == ("Etc/Unknown",)
    return None if whole_continent else ",".join(sorted(zones))


@given(rests=st.lists(st.tuples(st.integers(200, 999), st.integers(2_000_000, 9_999_999)), min_size=20, max_size=60))
@settings(max_examples=60, deadline=None)
def test_zones_agree_with_the_library_for_every_american_number(rests: list[tuple[int, int]]) -> None:
    written = [f"+1{area}{rest}" for area, rest in rests]
    frame = phones.normalise(pl.Series(written), country="US")
    for text, number, lies in zip(written, frame["number"], frame["lies"], strict=True):
        assert lies == (library_zones(text) if number else None)
