"""The one door out. Everything that leaves the house is asked for, judged, recorded and sent here, and nowhere else.

    answer = ask(case=…, contact_point=…, channel=Channel.CALL, by=user, now=moment, key="…")
    if not answer.allowed: show(answer.headline[lang], answer.reasons, answer.earliest)
    number = hand_over(permit=answer.permit, by=user, now=moment).address      # manual phone: spends the permit

Callers that cross apps (what an outcome sets off, holds, opt-outs) are in `flows/contact.py`; the desk calls those.
"""

from fairdue.contact.channels import records
from fairdue.contact.services.alarms import AlarmError, accept_alarm, alarms_of, decline_alarm, report_alarm
from fairdue.contact.services.answers import Allowed, Choice, Draft, Reason, Refused
from fairdue.contact.services.asking import ask, lock
from fairdue.contact.services.explaining import explain
from fairdue.contact.services.links import (
    VISIT_LASTS,
    Answer,
    NoSecondCheckError,
    is_token_of,
    leave,
    link_of,
    make_link,
    new_token,
    open_link,
    sign,
    too_many,
)
from fairdue.contact.services.outcomes import (
    THIRD,
    OutcomeError,
    may_come,
    note_bounce,
    record_inbound,
    record_outcome,
    tie_of,
)
from fairdue.contact.services.permits import PermitError
from fairdue.contact.services.previewing import foresee, preview
from fairdue.contact.services.revoking import revoke
from fairdue.contact.services.sending import hand_over, requeue_lost, send
from fairdue.contact.services.wording import read, read_note

__all__ = [
    "THIRD",
    "VISIT_LASTS",
    "AlarmError",
    "Allowed",
    "Answer",
    "Choice",
    "Draft",
    "NoSecondCheckError",
    "OutcomeError",
    "PermitError",
    "Reason",
    "Refused",
    "accept_alarm",
    "alarms_of",
    "ask",
    "decline_alarm",
    "explain",
    "foresee",
    "hand_over",
    "is_token_of",
    "leave",
    "link_of",
    "lock",
    "make_link",
    "may_come",
    "new_token",
    "note_bounce",
    "open_link",
    "preview",
    "read",
    "read_note",
    "record_inbound",
    "record_outcome",
    "records",
    "report_alarm",
    "requeue_lost",
    "revoke",
    "send",
    "sign",
    "tie_of",
    "too_many",
]
