"""The proof-of-debt file: how complete the papers of an account are, as a score from 0 to 100.

What a court, a regulator or the borrower asks for first: the contract (is there a debt?), the identity (of this
person?), the chain of title (owed to us?), the statement (this much?), the payments (all of them counted?). Nothing is
worked before it can be shown: below the creditor's bar (`Creditor.proof_bar`) the case goes to the repair list.
"""

from collections.abc import Mapping
from typing import Final

WEIGHTS: Final[Mapping[str, int]] = {
    "contract": 30,
    "identity": 20,
    "chain": 20,
    "statement": 20,
    "payments": 10,
}
"""Document → points; they add up to 100. The contract weighs most: without it nothing else proves anything."""

assert sum(WEIGHTS.values()) == 100


def score(*, contract: bool, identity: bool, chain: bool, statement: bool, payments: bool) -> int:
    """Points of an account whose documents are there or missing: contract and identity alone give 50."""
    there = {"contract": contract, "identity": identity, "chain": chain, "statement": statement, "payments": payments}
    return sum(WEIGHTS[document] for document, have in there.items() if have)


def score_sql(prefix: str = "a.has_") -> str:
    """The same as an SQL expression over boolean columns `<prefix>contract` … `<prefix>payments`."""
    return "(" + " + ".join(f"{prefix}{document}::int * {points}" for document, points in WEIGHTS.items()) + ")"


def missing(has: Mapping[str, bool]) -> list[str]:
    """The documents still to be asked for, heaviest first. `has`: document → there."""
    return [document for document in WEIGHTS if not has[document]]
