"""How long data are kept, and what a person may ask for (tables/retention.yaml).

keep_until("credit_card_collection_recording", date(2026, 3, 10))     # 2028-03-10
keep_longest(("transaction_data", "complaint_file"), made_on)         # the latest of several periods
deletion_after(date(2026, 1, 31))                                     # 2036-01-31
crime_start("property", in_service=True)                              # 25 items
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from fairdue.law.calc.calendar import months_later
from fairdue.law.calc.figures import figure, table

RECORDS: Final[tuple[str, ...]] = tuple(
    name.removeprefix("keep.")
    for name, entry in table("retention").items()
    if name.startswith("keep.") and not entry.values.get("longest")
)
"""Records with a least period of keeping."""
DATA_TYPES: Final[tuple[str, ...]] = tuple(figure("retention", "data-crime").values["items"])


def keep_until(record: str, made_on: date) -> date:
    """The last day of the least period. made_on: for identity data the end of the relationship."""
    values = figure("retention", f"keep.{record}").values
    if "days" in values:
        return made_on + timedelta(days=values["days"])
    return months_later(made_on, values["months"])


def keep_longest(records: Iterable[str], made_on: date) -> date:
    """The last day of the longest of several periods that apply to the same thing."""
    return max(keep_until(record, made_on) for record in records)


def negative_credit_data_until(ended_on: date) -> date:
    """The day up to which a credit bureau may keep negative data about a default that ended."""
    return months_later(ended_on, figure("retention", "keep.negative_credit_data").values["months"])


def deletion_after(relationship_ended_on: date) -> date:
    """The day after which a former borrower's data can be deleted: identity data have the longest period."""
    return keep_until("customer_identity_data", relationship_ended_on)


def crime_start(data_type: str, *, in_service: bool = False) -> int:
    """Items from which illegal getting or giving of such data is serious; half for data got in providing a service."""
    values = figure("retention", "data-crime").values
    items: int = values["items"][data_type]
    return items // int(values["service_divisor"]) if in_service else items
