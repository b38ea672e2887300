"""Where may a phone ring? Where its number lies and where its holder lives; unknown is every zone of the country."""

import zoneinfo

import polars as pl
import pytest

from fairdue.people import zones


def possible(number: str | None, lies: str | None, region: str | None, country: str | None) -> list[str] | None:
    text = pl.String
    found = zones.possible_zones(
        numbers=pl.Series([number], dtype=text),
        number_zones=pl.Series([lies], dtype=text),
        regions=pl.Series([region], dtype=text),
        country=country,
    )[0]
    return found.split(",") if found else None


def test_a_new_york_mobile_whose_holder_lives_in_california_may_ring_in_both() -> None:
    assert possible("+12125550123", "America/New_York", "US-CA", "US") == ["America/Los_Angeles", "America/New_York"]


def test_a_state_cut_by_a_zone_line_has_two_zones() -> None:
    assert possible("+18005550123", None, "US-TN", "US") == ["America/Chicago", "America/New_York"]


def test_nothing_known_means_every_zone_of_the_country_never_a_default() -> None:
    assert set(possible("+18005550123", None, None, "US") or ()) >= {
        "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
        "America/Anchorage", "America/Adak", "Pacific/Honolulu",
    }  # fmt: skip
    assert possible("+448005550123", None, None, "US") is not None
    assert "Europe/London" in (possible("+448005550123", None, None, "US") or ())
    assert "America/Chicago" not in (possible("+448005550123", None, None, "US") or ())


def test_xinjiang_counts_in_beijing_time_and_in_local_time() -> None:
    assert possible("+8613812345678", "Asia/Shanghai", "CN-65", "CN") == ["Asia/Shanghai", "Asia/Urumqi"]
    assert possible("+8613812345678", "Asia/Shanghai", "CN-31", "CN") == ["Asia/Shanghai"]


def test_no_number_no_zones() -> None:
    assert possible(None, None, "CN-31", "CN") is None


@pytest.mark.parametrize(
    ("written", "country", "region"),
    [
        ("上海", "CN", "CN-31"), ("上海市", "CN", "CN-31"), ("广西壮族自治区", "CN", "CN-45"), ("新疆", "CN", "CN-65"),
        ("310000", "CN", "CN-31"), ("cn-31", "CN", "CN-31"), ("ny", "US", "US-NY"), ("New York", "US", "US-NY"),
        ("US-TX", "US", "US-TX"), ("US-TX", "CN", "US-TX"), ("MO", "US", "US-MO"), ("MO", "HK", "MO"),

        ("TW", "TW", "TW"), ("台湾", "CN", "TW"), ("Atlantis", "US", None), ("US-ZZ", "US", None),
        ("", "CN", None), ("GB", "GB", "GB"),
    ],
)  # fmt: skip
def test_written_regions_become_codes(written: str, country: str, region: str | None) -> None:
    assert zones.regions(pl.Series([written]), country=country)[0] == region


def test_the_region_of_a_chinese_address_is_its_province() -> None:
    found = zones.regions_of_addresses(pl.Series(["上海市浦东新区1号", "广西南宁市青秀区", "浦东新区1号", None]))
    assert found.to_list() == ["CN-31", "CN-45", None, None]


def test_every_zone_we_name_exists() -> None:
    named = {zone for code in zones.region_names().values() for zone in zones.region_zones(code)}
    assert named <= zoneinfo.available_timezones()
    assert len(named) >= 15
