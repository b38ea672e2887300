"""Reads money/plan_policy.yaml: what the firm offers, keeps for living and waits for. PolicyError names file and field.

How to call::

    policy = plan_policy()                       # of the file; read once
    policy.offers.most_share_percent
    policy.allowance("CN-31", 3, "CNY")         # cents a month for three persons in Shanghai; None = no table
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

import yaml

from fairdue.money.amount import AmountError, parse_amount

FILE: Final = "money/plan_policy.yaml"
_REGION: Final = re.compile("[A-Z]{2}-[A-Z0-9]{1,3}")


class PolicyError(ValueError):
    """A mistake in the policy file."""

    def __init__(self, field: str, found: object, mend: str) -> None:
        super().__init__(f"{FILE}: {field}: found {found!r}; {mend}")


@dataclass(frozen=True, slots=True)
class Allowance:
    """Minor units a month: for one person, and for each further one. `region`: of whom (ISO 3166-2), "" = all others."""

    region: str
    first: int
    each_more: int


@dataclass(frozen=True, slots=True)
class Offers:
    """What may be offered; money as the file's text, see `Policy.money`."""

    most_share_percent: int
    shares_percent: tuple[int, ...]
    step_start_percent: int
    step_months: int
    holiday_months: int
    most_months: Mapping[str, int]
    first_within_days: int
    unit: str
    least_instalment: str
    valid_days: int
    own_page_most: str


@dataclass(frozen=True, slots=True)
class Settlements:
    """parts_most, within_days: how it may be paid; most_discount_percent: by bucket."""

    parts_most: int
    within_days: int
    most_discount_percent: tuple[int, ...]

    def discount_percent(self, bucket: int) -> int:
        """The greatest discount for a debt in this bucket."""
        return self.most_discount_percent[min(max(bucket, 0), len(self.most_discount_percent) - 1)]


@dataclass(frozen=True, slots=True)
class Recovery:
    """stands: (burden up to, percent) rising; a plan that stood last month stands this month with that chance."""

    stands: tuple[tuple[int, int], ...]
    stands_beyond_percent: int
    discount_percent_a_year: int

    def stands_percent(self, burden_percent: int) -> int:
        """Chance that a plan of this burden stands one month more."""
        return next((p for upto, p in self.stands if burden_percent <= upto), self.stands_beyond_percent)


@dataclass(frozen=True, slots=True)
class Life:
    """Days an instalment may be under way, days until a plan is broken, and how often one may be made anew."""

    bank_days: int
    cure_days: int
    replans_most: int
    replans_months: int


@dataclass(frozen=True, slots=True)
class Refunds:
    """What one person may send back of one account, money as the file's text, within so many days in all."""

    alone_most: str
    within_days: int


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole file. allowances: currency → the tables, that of all others last."""

    allowances: Mapping[str, tuple[Allowance, ...]]
    household_most: int
    offers: Offers
    settlement: Settlements
    recovery: Recovery
    life: Life
    refunds: Refunds

    def allowance(self, region: str, household: int, currency: str) -> int | None:
        """Minor units a month that `household` persons of `region` keep; None for a currency without a table."""
        for table in self.allowances.get(currency, ()):
            if table.region in (region, ""):
                return table.first + table.each_more * (household - 1)
        return None


@cache
def plan_policy() -> Policy:
    """The policy of the file."""
    return read((files("fairdue.money") / "plan_policy.yaml").read_text(encoding="utf-8"))


def read(text: str) -> Policy:
    """The policy of a text. Raises PolicyError."""
    whole = yaml.safe_load(text)
    given = _part(whole, "", "allowance household_most offers settlement recovery life refunds")
    offers = _part(given["offers"], "offers", " ".join(Offers.__slots__))
    settlement = _part(given["settlement"], "settlement", " ".join(Settlements.__slots__))
    recovery = _part(given["recovery"], "recovery", "stands_percent stands_beyond_percent discount_percent_a_year")
    life = _part(given["life"], "life", " ".join(Life.__slots__))
    refunds = _part(given["refunds"], "refunds", " ".join(Refunds.__slots__))
    texts = {name: offers[name] for name in ("unit", "least_instalment", "own_page_most")}
    months = {str(k): _whole(v, f"offers.most_months.{k}", 1, 120) for k, v in offers["most_months"].items()}
    shares = tuple(_whole(v, "offers.shares_percent", 1, 100) for v in offers["shares_percent"])
    plain = ("most_share_percent", "step_start_percent", "step_months", "holiday_months", "first_within_days",
             "valid_days")  # fmt: skip
    numbers: dict[str, Any] = {name: _whole(offers[name], f"offers.{name}", 1, 366) for name in plain}
    return Policy(
        allowances={str(c): _allowances(t, str(c)) for c, t in given["allowance"].items()},
        household_most=_whole(given["household_most"], "household_most", 1, 99),
        offers=Offers(most_months=months, shares_percent=shares, **texts, **numbers),
        settlement=Settlements(
            _whole(settlement["parts_most"], "settlement.parts_most", 1, 12),
            _whole(settlement["within_days"], "settlement.within_days", 1, 366),
            tuple(_whole(v, "settlement.most_discount_percent", 0, 100) for v in settlement["most_discount_percent"]),
        ),
        recovery=_recovery(recovery),
        life=Life(**{name: _whole(life[name], f"life.{name}", 0, 120) for name in Life.__slots__}),
        refunds=Refunds(refunds["alone_most"], _whole(refunds["within_days"], "refunds.within_days", 1, 366)),
    )


def _recovery(given: Mapping[str, Any]) -> Recovery:
    stands = tuple((int(row["burden"]), int(row["percent"])) for row in given["stands_percent"])
    for (upto, percent), (later, less) in pairwise(stands):
        if not (upto < later and percent >= less):
            raise PolicyError(
                "recovery.stands_percent", [upto, later], "burdens rise, and a heavier one never lasts longer"
            )
    return Recovery(
        stands,
        _whole(given["stands_beyond_percent"], "recovery.stands_beyond_percent", 0, 100),
        _whole(given["discount_percent_a_year"], "recovery.discount_percent_a_year", 0, 100),
    )


def _allowances(table: Mapping[str, Any], currency: str) -> tuple[Allowance, ...]:
    where = f"allowance.{currency}"
    known = _part(table, where, "first each_more regions")
    rows = {"": known, **{str(k): v for k, v in known["regions"].items()}}
    for region in known["regions"]:
        if not _REGION.fullmatch(str(region)):
            raise PolicyError(f"{where}.regions", region, "write the region as ISO 3166-2, such as CN-31 or US-NY")
    found = [
        Allowance(
            region,
            _cents(row["first"], currency, f"{where}.{region}.first"),
            _cents(row["each_more"], currency, f"{where}.{region}.each_more"),
        )
        for region, row in rows.items()
    ]
    return tuple(sorted(found, key=lambda row: -len(row.region)))


def _part(given: Any, field: str, names: str) -> Mapping[str, Any]:
    if not isinstance(given, dict) or given.keys() != set(names.split()):
        found = sorted(given) if isinstance(given, dict) else given
        raise PolicyError(field or "file", found, f"give exactly: {', '.join(names.split())}")
    return given


def _whole(value: Any, field: str, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise PolicyError(field, value, f"write a whole number from {least} to {most}")
    return value


def _cents(value: Any, currency: str, field: str) -> int:
    cents = parse_amount(value, currency) if isinstance(value, str) else None
    if cents is None or isinstance(cents, AmountError) or cents < 0:
        raise PolicyError(field, value, 'write an amount as text, such as "1800.00"')
    return cents
