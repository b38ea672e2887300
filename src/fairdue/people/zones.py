"""Where a person may be: regions, and the set of time zones in which a phone may ring. Column functions.

A zone is never a silent default. What is known of the address and of the number is added up; when nothing is known,
every zone of the country is possible, and a contact is lawful only where it is lawful in all of them.
"""

from functools import cache
from importlib import resources

import polars as pl
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
from phonenumbers.tzdata import TIMEZONE_DATA

# GB/T 2260 two-digit province codes, with the names people write.
_CN = {
    "11": "北京市", "12": "天津市", "13": "河北省", "14": "山西省", "15": "内蒙古自治区", "21": "辽宁省",
    "22": "吉林省", "23": "黑龙江省", "31": "上海市", "32": "江苏省", "33": "浙江省", "34": "安徽省",
    "35": "福建省", "36": "江西省",
    "37": "山东省", "41": "河南省", "42": "湖北省", "43": "湖南省", "44": "广东省", "45": "广西壮族自治区",
    "46": "海南省", "50": "重庆市", "51": "四川省", "52": "贵州省", "53": "云南省", "54": "西藏自治区", "61": "陕西省",
    "62": "甘肃省", "63": "青海省", "64": "宁夏回族自治区", "65": "新疆维吾尔自治区",
}  # fmt: skip

_EASTERN, _CENTRAL, _MOUNTAIN, _PACIFIC = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
)  # fmt: skip

# Limits of the standard zones: 49 CFR part 71, subparts A to C. States cut by a line have both zones. Arizona keeps
# standard time except the Navajo Nation; West Wendover and Jackpot in Nevada live by Mountain time.
_US: dict[str, tuple[str, tuple[str, ...]]] = {
    "AL": ("Alabama", (_CENTRAL,)), "AK": ("Alaska", ("America/Adak", "America/Anchorage")),
    "AZ": ("Arizona", (_MOUNTAIN, "America/Phoenix")), "AR": ("Arkansas", (_CENTRAL,)),
    "CA": ("California", (_PACIFIC,)), "CO": ("Colorado", (_MOUNTAIN,)), "CT": ("Connecticut", (_EASTERN,)),
    "DE": ("Delaware", (_EASTERN,)), "DC": ("District of Columbia", (_EASTERN,)),
    "FL": ("Florida", (_CENTRAL, _EASTERN)), "GA": ("Georgia", (_EASTERN,)), "HI": ("Hawaii", ("Pacific/Honolulu",)),
    "ID": ("Idaho", (_MOUNTAIN, _PACIFIC)), "IL": ("Illinois", (_CENTRAL,)), "IN": ("Indiana", (_CENTRAL, _EASTERN)),
    "IA": ("Iowa", (_CENTRAL,)), "KS": ("Kansas", (_CENTRAL, _MOUNTAIN)), "KY": ("Kentucky", (_CENTRAL, _EASTERN)),
    "LA": ("Louisiana", (_CENTRAL,)), "ME": ("Maine", (_EASTERN,)), "MD": ("Maryland", (_EASTERN,)),
    "MA": ("Massachusetts", (_EASTERN,)), "MI": ("Michigan", (_CENTRAL, _EASTERN)), "MN": ("Minnesota", (_CENTRAL,)),
    "MS": ("Mississippi", (_CENTRAL,)), "MO": ("Missouri", (_CENTRAL,)), "MT": ("Montana", (_MOUNTAIN,)),
    "NE": ("Nebraska", (_CENTRAL, _MOUNTAIN)), "NV": ("Nevada", (_MOUNTAIN, _PACIFIC)),
    "NH": ("New Hampshire", (_EASTERN,)), "NJ": ("New Jersey", (_EASTERN,)), "NM": ("New Mexico", (_MOUNTAIN,)),
    "NY": ("New York", (_EASTERN,)), "NC": ("North Carolina", (_EASTERN,)),
    "ND": ("North Dakota", (_CENTRAL, _MOUNTAIN)), "OH": ("Ohio", (_EASTERN,)), "OK": ("Oklahoma", (_CENTRAL,)),
    "OR": ("Oregon", (_MOUNTAIN, _PACIFIC)), "PA": ("Pennsylvania", (_EASTERN,)), "RI": ("Rhode Island", (_EASTERN,)),
    "SC": ("South Carolina", (_EASTERN,)), "SD": ("South Dakota", (_CENTRAL, _MOUNTAIN)),
    "TN": ("Tennessee", (_CENTRAL, _EASTERN)), "TX": ("Texas", (_CENTRAL, _MOUNTAIN)), "UT": ("Utah", (_MOUNTAIN,)),
    "VT": ("Vermont", (_EASTERN,)), "VA": ("Virginia", (_EASTERN,)), "WA": ("Washington", (_PACIFIC,)),
    "WV": ("West Virginia", (_EASTERN,)), "WI": ("Wisconsin", (_CENTRAL,)), "WY": ("Wyoming", (_MOUNTAIN,)),
    "AS": ("American Samoa", ("Pacific/Pago_Pago",)), "GU": ("Guam", ("Pacific/Guam",)),
    "MP": ("Northern Mariana Islands", ("Pacific/Saipan",)), "PR": ("Puerto Rico", ("America/Puerto_Rico",)),
    "VI": ("U.S. Virgin Islands", ("America/St_Thomas",)),
}  # fmt: skip

_OTHER_NAMES = {"TW": ("台湾", "臺灣", "taiwan"), "HK": ("香港", "hong kong"), "MO": ("澳门", "澳門", "macao", "macau")}


@cache
def country_zones(country: str) -> tuple[str, ...]:
    """Every zone a person of `country` (ISO 3166 alpha-2) may live by, from the tz database's zone.tab; () if unknown.

    The United States are given by their legal zones (the union over the states), since zone.tab lists historical
    pieces that keep the same time today.
    """
    if country == "US":
        states = (zones for code, (_, zones) in _US.items() if code not in {"AS", "GU", "MP", "PR", "VI"})
        return tuple(sorted({zone for zones in states for zone in zones}))
    table = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return tuple(sorted({cells[2] for cells in rows if cells[0] == country}))


@cache
def region_zones(region: str) -> tuple[str, ...]:
    """Zones of a region: US-TN has two, CN-31 one, TW one. () when the region is unknown.

    China keeps one legal time; in Xinjiang (CN-65) many live two hours behind it, so both count there and only there.
    """
    country, _, part = region.partition("-")
    if country == "US" and part:
        return _US[part][1] if part in _US else ()
    if country == "CN":
        if part and part not in _CN:
            return ()
        return ("Asia/Shanghai", "Asia/Urumqi") if part == "65" else ("Asia/Shanghai",) if part else ()
    zones = country_zones(country)
    return zones if not part or len(zones) == 1 else ()


@cache
def region_names() -> dict[str, str]:
    """Spelling in lower case → region code: "上海", "上海市", "31", "cn-31", "ny", "new york", "us-ny", "tw" …"""
    names: dict[str, str] = {}
    for code, name in _CN.items():
        short = name
        for tail in ("壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市"):
            short = short.removesuffix(tail)
        for spelling in (name, short, code, f"{code}0000", f"cn-{code}"):
            names[spelling.lower()] = f"CN-{code}"
    for code, (name, _) in _US.items():
        for spelling in (name, code, f"us-{code}"):
            names[spelling.lower()] = f"US-{code}"
    for country, others in _OTHER_NAMES.items():
        names[country.lower()] = country
        names |= dict.fromkeys(others, country)
    names |= {"mo": "US-MO", "us": "US", "cn": "CN", "中国": "CN", "china": "CN", "usa": "US"}
    return names


def regions(values: pl.Series, *, country: str | None) -> pl.Series:
    """Region codes of written region names; null where the name is unknown. `country` alone is accepted as a region.

    Two letters are read as a US state only for a US file, so that "GA" of another country is not Georgia.
    """
    names = region_names()
    if country != "US":
        names = {k: v for k, v in names.items() if not (len(k) == 2 and k.isascii() and k.isalpha()) or len(v) == 2}
        names["mo"] = "MO"
    plain = values.str.strip_chars().str.to_lowercase()
    known = plain.replace_strict(names, default=None, return_dtype=pl.String)
    upper = values.str.strip_chars().str.to_uppercase()
    country_code = upper.str.extract(r"^([A-Z]{2})(?:-[A-Z0-9]{1,3})?$", 1)
    there = country_code.is_in(["CN", "US"]).not_() & country_code.is_in(sorted(_countries()))
    return pl.select(pl.coalesce(known, pl.when(there).then(upper))).to_series().alias(values.name)


def regions_of_addresses(addresses: pl.Series) -> pl.Series:
    """CN-xx from a Chinese address that begins with its province or municipality; null otherwise."""
    names = {spelling: code for spelling, code in region_names().items() if code.startswith("CN-")}
    names = {spelling: code for spelling, code in names.items() if not spelling.isascii()}
    pattern = "^(?:中国)?(" + "|".join(sorted(names, key=len, reverse=True)) + ")"
    found = addresses.str.strip_chars().str.extract(pattern, 1)
    return found.replace_strict(names, default=None, return_dtype=pl.String).alias(addresses.name)


def zones_of_numbers(numbers: pl.Series) -> pl.Series:
    """Zones in which a geographic E.164 number lies, comma lists by phonenumbers' longest prefix; null if unknown."""
    digits = numbers.str.strip_prefix("+")
    tables = _prefix_tables()
    frame = pl.DataFrame({str(length): digits.str.slice(0, length) for length in tables})
    for length, table in tables.items():
        frame = frame.join(table, on=str(length), how="left", maintain_order="left")
    longest_first = [f"zones{length}" for length in tables]
    return frame.select(pl.coalesce(longest_first)).to_series().alias(numbers.name)


@cache
def _prefix_tables() -> dict[int, pl.DataFrame]:
    """Length of prefix → (prefix, zones), longest first, from phonenumbers."""
    tables: dict[int, dict[str, str]] = {}
    for prefix, zones in TIMEZONE_DATA.items():
        tables.setdefault(len(prefix), {})[prefix] = ",".join(sorted(zones))
    del tables[1]["1"]  # the whole of North America and the Caribbean: not a place
    return {
        length: pl.DataFrame({str(length): list(table), f"zones{length}": list(table.values())})
        for length, table in sorted(tables.items(), reverse=True)
        if table
    }


def possible_zones(
    *, numbers: pl.Series, number_zones: pl.Series, regions: pl.Series, country: str | None
) -> pl.Series:
    """Comma list of the zones in which each number may ring: where the number lies and where the person lives, both.

    A mobile keeps its area code when its holder moves, so neither is taken to outrank the other. Where neither is
    known: every zone of the number's country, or of `country`; null where there is no number, or nothing at all known.
    """
    frame = pl.DataFrame({"number": numbers, "lies": number_zones, "region": regions})
    on = ["lies", "region", "has", "calling"]
    keys = frame.select(
        "lies",
        "region",
        has=pl.col("number").is_not_null(),
        calling=pl.col("number").str.extract(_calling_code_pattern()).cast(pl.Int32),
    )
    distinct = keys.unique()
    answers = [_union(country=country, **row) for row in distinct.iter_rows(named=True)]
    table = distinct.with_columns(zones=pl.Series(answers, dtype=pl.String))
    return keys.join(table, on=on, how="left", nulls_equal=True, maintain_order="left")["zones"]


@cache
def _calling_code_pattern() -> str:
    codes = sorted(map(str, COUNTRY_CODE_TO_REGION_CODE), key=len, reverse=True)
    return r"^\+(" + "|".join(codes) + ")"


def _union(*, has: bool, lies: str | None, region: str | None, calling: int | None, country: str | None) -> str | None:
    if not has:
        return None
    zones = set(lies.split(",")) if lies else set()
    zones |= set(region_zones(region)) if region else set()
    if not zones:
        countries = COUNTRY_CODE_TO_REGION_CODE.get(calling or 0, ())
        if country and (country in countries or not countries):
            countries = (country,)
        zones = {zone for each in countries for zone in country_zones(each)}
    return ",".join(sorted(zones)) or None


@cache
def _countries() -> frozenset[str]:
    table = resources.files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text("utf-8")
    return frozenset(line.split("\t")[0] for line in table.splitlines() if line and not line.startswith("#"))
