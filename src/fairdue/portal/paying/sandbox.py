"""A provider that pretends: for demonstrations and tests, refused in production. Its page is ours and says so."""

from fairdue.portal.paying.values import Begun, Order


def begin(*, order: Order, back: str) -> Begun:
    """Always taken; the borrower stays with us."""
    return Begun(provider_ref=f"pretend-{order.reference}", address="")
