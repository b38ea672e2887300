"""Hands the number to the collector who asked for the permit; the sight of it is journalled."""

from datetime import datetime

from fairdue.contact.channels import Envelope, Receipt
from fairdue.contact.services import permits
from fairdue.law import codes
from fairdue.people import services as people

RECORDS = False


def deliver(envelope: Envelope, *, now: datetime) -> Receipt:
    """The number in the clear, once; raises PermitError."""
    assert envelope.by is not None, "somebody dials"
    spent = permits.spend(permit=envelope.permit, channel=codes.Channel.CALL, by=envelope.by, now=now)
    verdict = spent.attempt.verdict
    number = people.reveal(
        contact_point=spent.contact_point, by=envelope.by, reason="call", case_id=verdict.case_id if verdict else None
    )
    return Receipt(address=number)
