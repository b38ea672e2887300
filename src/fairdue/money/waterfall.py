"""In which order a payment covers what is owed, on columns of any length; nothing is lost, what is too much comes back.

How to call::

    split = apply_payment(paid, owed)                          # paid int64 (n,), owed int64 (n, 5) as COMPONENTS
    split.taken, split.left, split.surplus                     # (n, 5), (n, 5), (n,)
    apply_payment(paid, owed, order=card_order(days_past_due)) # an order for every row
    taken(paid, owed, order="cn_general")                      # the first of the three alone

Orders and their sources:

- cn_general: costs of enforcing the claim, then interest, then principal (Civil Code of the PRC, Art. 561, unless
  agreed otherwise). The article does not place penalties and fees: they follow interest here, before principal; a
  contract that says otherwise needs an order of its own.
- cn_card_1_90: credit card 1 to 90 days overdue: interest and fees, then principal (Measures for the Supervision of
  Credit Card Business of Commercial Banks, 2011, Art. 57).
- cn_card_91: credit card 91 days overdue or more: principal first, then interest and fees (the same article). It is
  silent on costs of enforcing: before interest, as in Art. 561.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from fairdue.money.days import I8, I32, I64

COMPONENTS: Final = ("principal", "interest", "penalty", "fees", "costs")
"""The columns of `owed`, `taken` and `left`."""

ORDERS: Final[dict[str, tuple[str, ...]]] = {
    "cn_general": ("costs", "interest", "penalty", "fees", "principal"),
    "cn_card_1_90": ("costs", "interest", "fees", "penalty", "principal"),
    "cn_card_91": ("principal", "costs", "interest", "fees", "penalty"),
}
"""First to last. The code of an order is its place in this table."""

_PLACES = np.array([[COMPONENTS.index(name) for name in order] for order in ORDERS.values()], dtype=np.int64)
_CODES = {name: code for code, name in enumerate(ORDERS)}


@dataclass(frozen=True, slots=True)
class Split:
    """int64 cents. taken, left: (n, 5) as COMPONENTS, taken + left = owed. surplus: (n,), to be returned."""

    taken: I64
    left: I64
    surplus: I64


def apply_payment(paid: I64, owed: I64, *, order: str | I8 = "cn_general") -> Split:
    """Split `paid` (int64 (n,), at least 0) over `owed` (int64 (n, 5), at least 0).

    order: one name of ORDERS for all, or int8 codes by row (see `order_code`, `card_order`).
    """
    used = taken(paid, owed, order=order)
    surplus = paid - used.sum(axis=1)
    assert bool(((surplus == 0) | (used == owed).all(axis=1)).all()), (
        "the waterfall kept money while something was owed"
    )
    return Split(taken=used, left=owed - used, surplus=surplus)


def taken(paid: I64, owed: I64, *, order: str | I8 = "cn_general") -> I64:
    """What each component receives: int64 (n, 5), never more than it is owed, all together never more than paid."""
    if len(paid) and (int(paid.min()) < 0 or int(owed.min()) < 0):
        raise ValueError("the waterfall takes amounts of at least 0; a reversal takes back what its payment gave")
    rows = np.arange(len(paid))
    codes = np.full(len(paid), order_code(order), dtype=np.int8) if isinstance(order, str) else order
    used = np.zeros(owed.shape, dtype=np.int64)
    rest = paid.astype(np.int64)
    for place in range(len(COMPONENTS)):
        component = _PLACES[codes, place]
        part = np.minimum(rest, owed[rows, component])
        used[rows, component] = part
        rest = rest - part
    assert bool((rest >= 0).all()), "the waterfall gave more than was paid"
    assert bool((used <= owed).all()), "the waterfall gave more than was owed"
    return used


def order_code(name: str) -> int:
    """The code of an order; ValueError for a name that is none."""
    if name not in _CODES:
        raise ValueError(f"order {name!r} is unknown; known: {', '.join(ORDERS)}")
    return _CODES[name]


def card_order(days_past_due: I32) -> I8:
    """Order codes for credit cards by days overdue: principal comes first from the 91st day on."""
    return np.where(days_past_due >= 91, _CODES["cn_card_91"], _CODES["cn_card_1_90"]).astype(np.int8)
