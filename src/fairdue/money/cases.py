"""Anyone's money cases, one JSON object a line: what `fairdue money schedule`, `apply` and `accrue` run (docs/money.md).

for result in answers("apply", lines): …        # as money.lines.answered
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

import numpy as np

from fairdue.money import interest, replay, waterfall
from fairdue.money.amount import Rounding, round_minor
from fairdue.money.days import I64, date_of, day_text
from fairdue.money.lines import Fields, LineError, answered

DAY_COUNTS: Final = {
    "act/365": interest.DayCount.ACT_365, "act/360": interest.DayCount.ACT_360, "30/360": interest.DayCount.THIRTY_360,
}  # fmt: skip
COMPOUNDING: Final = {each.name.lower(): each for each in interest.Compounding}
PENALTY_ON: Final = {each.name.lower(): each for each in interest.PenaltyOn}
FRACTIONS: Final = {each.name.lower(): each for each in interest.Fraction}
METHODS: Final = ("equal_instalments", "equal_principal", "interest_only")
_TERM_MAX: Final = 600
_DAYS_MAX: Final = 20_000


def answers(command: str, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One result for each line. command: schedule, apply or accrue."""
    return answered(lines, _COMMANDS[command])


# ---- schedule


def schedule(fields: Fields) -> dict[str, Any]:
    """Instalments of a loan, to the cent; the last one takes what rounding left."""
    principal, term = fields.cents("principal"), fields.whole("term", 1, _TERM_MAX)
    rate = Decimal(fields.rate("rate")) / interest.RATE_ONE
    method = fields.choice("method", METHODS, METHODS[0])
    first = date_of(fields.day("first_due"))
    assert first is not None, "a day was read"
    parts = _parts(principal, rate / 12, term, method)
    rows = [
        {
            "n": n,
            "due": _months_on(first, n - 1).isoformat(),
            "principal": own,
            "interest": charge,
            "amount": own + charge,
        }
        for n, (own, charge) in enumerate(parts, 1)
    ]
    return {
        "schedule": rows, "total": sum(row["amount"] for row in rows), "interest": sum(row["interest"] for row in rows)
    }  # fmt: skip


def _parts(principal: int, monthly: Decimal, term: int, method: str) -> list[tuple[int, int]]:
    """(principal, interest) of each instalment, half up to the cent."""
    left, parts = principal, []
    level = _level(principal, monthly, term)
    for n in range(1, term + 1):
        charge = round_minor(left * monthly, Rounding.HALF_UP)
        if n == term:
            own = left
        elif method == "equal_instalments":
            own = min(max(level - charge, 0), left)
        elif method == "equal_principal":
            own = principal // term
        else:
            own = 0
        parts.append((own, charge))
        left -= own
    assert sum(own for own, _ in parts) == principal, "the instalments do not repay the principal"
    return parts


def _level(principal: int, monthly: Decimal, term: int) -> int:
    """The equal instalment: principal × r / (1 − (1 + r)^−n), half up."""
    if not monthly:
        return round_minor(Decimal(principal) / term, Rounding.HALF_UP)
    return round_minor(principal * monthly / (1 - (1 + monthly) ** -term), Rounding.HALF_UP)


def _months_on(day: date, months: int) -> date:
    """The same day of a later month; its last day where the month is shorter."""
    month = np.datetime64(day, "M") + months
    days_in_month = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).item().days
    first: date = month.astype("datetime64[D]").item()
    return first.replace(day=min(day.day, days_in_month))


# ---- apply


def apply(fields: Fields) -> dict[str, Any]:
    """Payments over what is owed, one after the other, by the order of application."""
    owed = _components(fields.nested("owed"))
    late = fields.whole("days_past_due", 0, 100_000, 0)
    order = _order(fields, late)
    payments, left = [], owed
    for row in fields.rows("payments"):
        split = waterfall.apply_payment(np.array([row.cents("amount")]), left[None, :], order=order)
        left = split.left[0]
        payments.append({"paid": _named(split.taken[0]), "surplus": int(split.surplus[0])})
    return {
        "order": list(waterfall.ORDERS[order]), "payments": payments, "left": _named(left), "owed": int(left.sum()),
        "surplus": sum(each["surplus"] for each in payments),
    }  # fmt: skip


def _order(fields: Fields, late: int) -> str:
    if fields.has("order"):
        return fields.choice("order", waterfall.ORDERS)
    if fields.choice("product", ("consumer_loan", "credit_card"), "consumer_loan") == "credit_card":
        return list(waterfall.ORDERS)[int(waterfall.card_order(np.array([late], np.int32))[0])]
    return "cn_general"


def _components(fields: Fields) -> I64:
    found = np.array([fields.cents(name, 0) for name in waterfall.COMPONENTS], dtype=np.int64)
    fields.refuse_unknown(set())
    return found


def _named(cents: I64) -> dict[str, int]:
    return dict(zip(waterfall.COMPONENTS, map(int, cents), strict=True))


# ---- accrue


def accrue(fields: Fields) -> dict[str, Any]:
    """What a debt is charged from day to day, with payments on their days; where it stands at the end."""
    start, until = fields.day("from"), fields.day("to")
    if not 0 <= until - start <= _DAYS_MAX:
        raise LineError("to", f"lies {until - start} days after from", f"give 0 to {_DAYS_MAX} days")
    owed, terms, cap = _components(fields.nested("owed")), _terms(fields), fields.rate("cap", interest.NO_CAP)
    paid = sorted((row.day("day"), n, row.cents("amount")) for n, row in enumerate(fields.rows("payments")))
    order = _order(fields, 0)
    dues = [(row.day("due"), row.cents("principal")) for row in fields.rows("dues")]
    late_after = fields.whole("late_fee_after", 0, 365, 0)
    stops = [(row.day("start"), row.day("end")) for row in fields.rows("stops")]
    for day, _, _ in paid:
        if not start <= day <= until:
            raise LineError("payments", f"{day_text(day)} is outside from and to", "leave it out or move the bounds")
    told = replay.replay(
        _payments(paid, order), replay.Opening(owed[None, :], np.array([start - 1], np.int32), interest.opening(terms)),
        terms, until=np.array([until], np.int32), cap=lambda _day: np.array([cap]), future=_future(dues, late_after),
        stops=_stops(stops),
    )  # fmt: skip
    charged, cut = told.charges.amounts.sum(axis=0), told.charges.cut.sum(axis=0)
    place = np.argsort(_payment_order(paid), kind="stable")
    return {
        "charged": dict(zip(interest.CHARGES, map(int, charged), strict=True)),
        "not_charged": dict(zip(interest.CHARGES, map(int, cut), strict=True)),
        "payments": [
            {"paid": _named(told.taken[row]), "surplus": int(told.rest[row])} for row in place.tolist()
        ],
        "left": _named(told.owed[0]), "owed": int(told.owed[0].sum()), "surplus": int(told.unapplied[0]),
    }  # fmt: skip


def _payment_order(paid: list[tuple[int, int, int]]) -> I64:
    return np.array([n for _, n, _ in paid], dtype=np.int64)


def _terms(fields: Fields) -> interest.Terms:
    def code(name: str, table: Mapping[str, int], default: str) -> Any:
        return np.array([table[fields.choice(name, table, default)]], np.int8)

    return interest.Terms(
        rate=np.array([fields.rate("rate", 0)]), penalty=np.array([fields.rate("penalty_rate", 0)]),
        late_fee=np.array([fields.cents("late_fee", 0)]), since=np.array([-(2**31)], np.int32),
        until=np.array([2**31 - 1], np.int32), day_count=code("day_count", DAY_COUNTS, "act/365"),
        compounding=code("compounding", COMPOUNDING, "none"),
        penalty_on=code("penalty_on", PENALTY_ON, "overdue_principal"), fraction=code("rounding", FRACTIONS, "down"),
    )  # fmt: skip


def _payments(paid: list[tuple[int, int, int]], order: str) -> replay.Events:
    size = len(paid)
    return replay.Events(
        account=np.zeros(size, np.int32), day=np.array([day for day, _, _ in paid], np.int32),
        kind=np.full(size, replay.Kind.PAY, np.int8), component=np.zeros(size, np.int8),
        cents=np.array([cents for _, _, cents in paid], np.int64),
        order=np.full(size, waterfall.order_code(order), np.int8), ref=np.full(size, replay.NONE, np.int64),
    )  # fmt: skip


def _future(dues: list[tuple[int, int]], late_after: int) -> replay.Future:
    due_on = np.array([due for due, _ in dues], np.int32)
    return replay.Future(
        np.zeros(len(dues), np.int32), due_on, np.array([cents for _, cents in dues], np.int64), due_on + 1 + late_after
    )


def _stops(stops: list[tuple[int, int]]) -> replay.Stops:
    days = np.array(stops, np.int32).reshape(len(stops), 2)
    return replay.Stops(np.zeros(len(stops), np.int32), days[:, 0], days[:, 1], np.zeros(len(stops), np.int8))


_COMMANDS: Final[dict[str, Callable[[Fields], dict[str, Any]]]] = {
    "schedule": schedule, "apply": apply, "accrue": accrue
}  # fmt: skip
