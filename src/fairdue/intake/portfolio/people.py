"""Made-up persons as columns: names, documents, phones, addresses, families, and how each behaves as a debtor.

Nothing here can reach a real person on purpose: mainland numbers lie in satellite blocks (1349, 1740 0–5) that hardly
anybody holds, American ones in the exchange 555, which is not given to subscribers; e-mails end in example.com;
American identifiers begin with 666 or 9xx-0, which were never issued. Mainland IDs have valid check digits.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import polars as pl
import yaml

from fairdue.people.identifiers import counties, with_check_digit
from fairdue.people.zones import region_names, region_zones

Ints = np.ndarray[Any, np.dtype[np.int64]]
Rng = np.random.Generator

BEHAVIOURS = ("self_curer", "forgetful", "promise_breaker", "hardship", "evasive", "dispute", "wrong_number")
BEHAVIOUR_WEIGHTS = (0.27, 0.22, 0.17, 0.13, 0.12, 0.04, 0.05)
THIRD = 5_333_333
"""The 16,000,000 mainland numbers are shared out: own phones, second phones, contact persons, a third each."""
RELATIONS = ("spouse", "parent_of_adult", "sibling", "friend", "other_third_party")
FAMILY = 3
"""The first three relations share a home phone and an address."""


@cache
def words() -> dict[str, Any]:
    """Names, streets and cities (words.yaml)."""
    text = resources.files("fairdue.intake.portfolio").joinpath("words.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@dataclass(frozen=True, slots=True)
class Persons:
    """Columns of one chunk of persons; `frame` holds text and dates, `behaviour` the index into BEHAVIOURS."""

    frame: pl.DataFrame
    behaviour: Ints

    def __len__(self) -> int:
        return len(self.frame)


def persons(rng: Rng, *, country: str, size: int, first: int, year: int) -> Persons:
    """`size` persons numbered from `first` (numbers decide phones and documents, so no two agree). `year`: today's."""
    behaviour = rng.choice(len(BEHAVIOURS), size=size, p=BEHAVIOUR_WEIGHTS)
    number = np.arange(first, first + size, dtype=np.int64)
    make = _chinese if country == "CN" else _american
    frame = make(rng, number, year)
    return Persons(_with_relatives(rng, frame), behaviour)


def pick(rng: Rng, choices: list[Any], size: int, weights: list[float] | None = None) -> pl.Series:
    """`size` choices as a column."""
    share = None if weights is None else np.array(weights) / np.sum(weights)
    places = rng.choice(len(choices), size=size, p=share)
    return pl.Series(choices).gather(places)


def _chinese(rng: Rng, number: Ints, year: int) -> pl.DataFrame:
    size, cn = len(number), words()["cn"]
    sex = rng.integers(1, 3, size)
    given = pl.Series(sex == 1)
    names = pick(rng, cn["surnames"], size) + pick(rng, cn["male"], size).zip_with(given, pick(rng, cn["female"], size))
    born = _births(rng, size, year)
    home = _homes()
    place = home[rng.choice(len(home), size=size, p=home["weight"].to_numpy())]
    address = (
        place["place"] + pick(rng, cn["streets"], size) + _text(rng.integers(1, 400, size)) + "号"
        + pick(rng, cn["estates"], size) + _text(rng.integers(1, 30, size)) + "-" + _text(rng.integers(101, 2800, size))
    )  # fmt: skip
    return pl.DataFrame(
        {
            "number": number,
            "name": names,
            "national_id": _resident_ids(rng, born, sex),
            "birth_on": pl.Series(born),
            "sex": sex,
            "region": place["region"],
            "zone": pl.Series(["Asia/Shanghai"]).new_from_index(0, size),
            "phone": _mainland(number),
            "phone2": _mainland(number + THIRD).set(pl.Series(rng.random(size) > 0.25), None),
            "email": ("user" + _text(number) + "@example.com").set(pl.Series(rng.random(size) > 0.4), None),
            "address": address,
            "income": (rng.lognormal(8.9, 0.5, size) // 100 * 100).astype(np.int64) * 100,
        }
    )


def _american(rng: Rng, number: Ints, year: int) -> pl.DataFrame:
    size, en = len(number), words()["en"]
    sex = rng.integers(1, 3, size)
    male = pl.Series(sex == 1)
    given = pick(rng, en["male"], size).zip_with(male, pick(rng, en["female"], size))
    surname = pick(rng, en["surnames"], size)
    cities = _cities()
    city = cities[rng.choice(len(cities), size=size, p=cities["weight"].to_numpy())]
    address = (
        _text(rng.integers(1, 9900, size)) + " " + pick(rng, en["streets"], size) + ", " + city["city"] + ", "
        + city["state"] + " " + city["zip"] + _text(rng.integers(10, 100, size))
    )  # fmt: skip
    email = (given + "." + surname + _text(number) + "@example.com").str.to_lowercase()
    # One in twelve kept the number of another state: the area code and the address disagree about the zone.
    moved = pl.Series(rng.random(size) < 0.08)
    area = city["area"].zip_with(~moved, cities["area"].gather(rng.integers(0, len(cities), size)))
    return pl.DataFrame(
        {
            "number": number,
            "name": given + " " + surname,
            "national_id": _never_issued(number),
            "birth_on": pl.Series(_births(rng, size, year)),
            "sex": sex,
            "region": "US-" + city["state"],
            "zone": city["zone"],
            "phone": _exchange_555(area, number * 7919 + 100),
            "phone2": _exchange_555(city["area"], number * 104_729 + 5_000).set(
                pl.Series(rng.random(size) > 0.3), None
            ),
            "email": email.set(pl.Series(rng.random(size) > 0.6), None),
            "address": address,
            "income": (rng.lognormal(8.2, 0.5, size) // 10 * 10).astype(np.int64) * 100,
        }
    )


def _with_relatives(rng: Rng, frame: pl.DataFrame) -> pl.DataFrame:
    """Contact persons. A third are neighbours in the file (a debtor whose spouse is a debtor too), the rest are new."""
    size = len(frame)
    columns = ["name", "phone", "phone2", "address", "region"]
    other = frame.select(columns).with_columns(pl.all().shift(1).fill_null(pl.all().last()))
    chinese = frame["region"].str.starts_with("CN").any()
    stranger = pick(rng, words()["cn"]["surnames"], size) + pick(rng, words()["cn"]["female"], size)
    if not chinese:
        stranger = pick(rng, words()["en"]["female"], size) + " " + pick(rng, words()["en"]["surnames"], size)
    relation = rng.choice(len(RELATIONS), size=size, p=[0.34, 0.26, 0.14, 0.18, 0.08])
    known = rng.random(size) < 0.33
    shares_home = pl.Series(known & (relation < FAMILY))
    own = frame["number"].to_numpy()
    stranger_phone = _mainland(own + 2 * THIRD) if chinese else _exchange_555(
        frame["phone"].str.slice(1, 3), own * 15_485_863 + 900
    )  # fmt: skip
    has = pl.Series(rng.random(size) < 0.85)
    return frame.with_columns(
        contact_name=other["name"].zip_with(pl.Series(known), stranger).set(~has, None),
        contact_relation=pl.Series(RELATIONS).gather(relation).set(~has, None),
        contact_phone=other["phone"].zip_with(pl.Series(known), stranger_phone).set(~has, None),
        phone2=other["phone2"].zip_with(shares_home, frame["phone2"]),
        address=other["address"].zip_with(shares_home, frame["address"]),
        region=other["region"].zip_with(shares_home, frame["region"]),
        employer=pl.Series(["示例公司人事" if chinese else "Example Employer HR"]).new_from_index(0, size),
        has_employer=pl.Series(rng.random(size) < 0.12),
    )


def _births(rng: Rng, size: int, year: int) -> Any:
    """Birth days of adults between 22 and 66, most of them young."""
    age = 22 + rng.beta(1.6, 3.2, size) * 44
    return (np.datetime64(f"{year}-01-01") - (age * 365.25).astype("timedelta64[D]")).astype("datetime64[D]")


def _text(numbers: Any) -> pl.Series:
    return pl.Series(numbers).cast(pl.String)


def _mainland(number: Ints) -> pl.Series:
    """Mobiles in the satellite blocks 1349 and 1740 0–5, a different one for each number modulo 16,000,000."""
    slot = (number * 7_368_787 + 4_242_421) % 16_000_000
    satellite = 13_490_000_000 + slot
    other = 17_400_000_000 + slot - 10_000_000
    return _text(np.where(slot < 10_000_000, satellite, other))


def _exchange_555(area: pl.Series, number: Ints) -> pl.Series:
    """(212) 555-0143 without punctuation; never 555-1212, which is directory enquiries."""
    line = number % 10_000
    line = np.where(line == 1212, 1213, line)
    return "1" + area + "555" + _text(line).str.zfill(4)


def _never_issued(number: Ints) -> pl.Series:
    """Nine digits that are neither a social security nor a taxpayer number: 9xx with the group 01–49."""
    area, rest = 900 + number % 100, number // 100
    group, serial = 1 + rest % 49, 1 + rest // 49 % 9_998
    return _text(area) + "-" + _text(group).str.zfill(2) + "-" + _text(serial).str.zfill(4)


def _resident_ids(rng: Rng, born: Any, sex: Any) -> pl.Series:
    """18 characters: a county that existed in the year of birth, the day, a serial of that sex, the check digit."""
    days = pl.Series(born)
    years = days.dt.year().to_numpy()
    county = np.zeros(len(years), dtype=np.int64)
    table = counties().filter(~pl.col("county").str.ends_with("00"))
    for low, high in ((1900, 1975), (1976, 1990), (1991, 2100)):
        group = (years >= low) & (years <= high)
        span = max(low, 1950), min(high, 2004)
        pool = table.filter((pl.col("since") <= span[0]) & (pl.col("until") >= span[1]))["county"].cast(pl.Int64)
        county[group] = pool.gather(rng.integers(0, len(pool), int(group.sum()))).to_numpy()
    serial = rng.integers(1, 499, len(years)) * 2 + (np.asarray(sex) == 1)
    body = _text(county) + days.dt.strftime("%Y%m%d") + _text(serial).str.zfill(3)
    digits = np.frombuffer(body.str.join("").item().encode("ascii"), dtype=np.uint8).reshape(-1, 17)
    check = pl.Series(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "X"])
    last = with_check_digit(digits).astype(np.int64)
    return body + check.gather(np.where(last == ord("X"), 10, last - ord("0")))


@cache
def _homes() -> pl.DataFrame:
    """Counties of today with their region, written place and weight (the populous provinces count more)."""
    table = counties().filter((pl.col("until") == 9999) & ~pl.col("county").str.contains("(00|01)$"))
    province = table["county"].str.slice(0, 2)
    names = {code[3:]: name for name, code in region_names().items() if code.startswith("CN-") and not name.isascii()}
    populous = {"44": 6.0, "31": 5.0, "11": 4.0, "32": 4.0, "33": 4.0, "37": 3.0, "41": 3.0, "51": 3.0, "65": 0.6}
    table = table.with_columns(
        region="CN-" + province,
        place=province.replace_strict(names, default=None, return_dtype=pl.String) + table["name"],
        per=province.replace_strict(populous, default=1.0, return_dtype=pl.Float64),
    ).drop_nulls("place")
    table = table.with_columns(weight=pl.col("per") / pl.len().over("region"))
    return table.with_columns(pl.col("weight") / pl.col("weight").sum())


@cache
def _cities() -> pl.DataFrame:
    """Area code, city, state, zip prefix, one zone a person there lives by, weight."""
    rows = []
    for state, (weight, areas) in words()["en"]["states"].items():
        for area, (city, prefix) in areas.items():
            zone = _CITY_ZONES.get(str(area)) or region_zones(f"US-{state}")[-1]
            rows.append((str(area), city, state, prefix, zone, weight / len(areas)))
    frame = pl.DataFrame(rows, schema=["area", "city", "state", "zip", "zone", "weight"], orient="row")
    return frame.with_columns(pl.col("weight") / pl.col("weight").sum())


_CITY_ZONES = {
    "915": "America/Denver", "850": "America/Chicago", "906": "America/New_York", "219": "America/Chicago",
    "214": "America/Chicago", "713": "America/Chicago", "512": "America/Chicago", "615": "America/Chicago",
    "901": "America/Chicago", "423": "America/New_York", "602": "America/Phoenix", "520": "America/Phoenix",
    "701": "America/Chicago", "702": "America/Los_Angeles", "503": "America/Los_Angeles", "907": "America/Anchorage",
}  # fmt: skip
