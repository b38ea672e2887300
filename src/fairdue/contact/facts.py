"""The facts of intended contacts, read from the database: one contact on screen and a million at night alike.

How to call (the night):

    facts = facts_for_night(
        at=moment,                       # datetime with a zone: what is on record up to then
        person=..., creditor=...,        # (n,) int64: the debtor and the creditor of each case
        contact_point=..., channel=...,  # (n,) int64: where and how; codes.Channel
        purpose=...,                     # (n,) or one code; left out: what suits the addressee (collect, relay …)
    )
    days = gate.windows(facts, packs.standard(), start=first_minute, end=last_minute)

Rows keep their order; the addressee is the holder of the contact point, the debts are all open accounts of the person
at that creditor. A row whose contact point does not exist gets unknown zones and an unknown relation, so that the
gate holds it: no id, no send. The number of queries does not depend on the number of rows.

How to call (one case): `facts_for(rows, at=...)` with a list of `Row`; the same function underneath.

Decided here, once, for both:
- Which calls count: every attempt on record with the person, whichever creditor, collector or agency made it, and for
  a number that several persons share also the attempts to that number. Ours without an outcome count as if somebody
  had answered, as long as their permit is good or spent; a permit revoked or run out unspent was never a contact.
- Zones: of the contact point; else of the person's other points and region; else of the country; else unknown.
- Whoever has no recorded relation to the debtor is `unknown`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from numpy.typing import ArrayLike

from fairdue.law.facts import Facts


@dataclass(frozen=True)
class Row:
    """One intended contact. `purpose` 0 = what suits the addressee's relation."""

    person: int
    creditor: int
    contact_point: int
    channel: int
    purpose: int = 0


def facts_for(rows: Sequence[Row], *, at: datetime, without_attempt: int = 0) -> Facts:
    """Facts of a few intended contacts, in the rows' order. `without_attempt`: an attempt that is being judged again."""
    raise NotImplementedError


def facts_for_night(
    *,
    at: datetime,
    person: ArrayLike,
    creditor: ArrayLike,
    contact_point: ArrayLike,
    channel: ArrayLike,
    purpose: ArrayLike = 0,
) -> Facts:
    """Facts of many intended contacts, read by COPY into columns; aligned with the rows given."""
    raise NotImplementedError
