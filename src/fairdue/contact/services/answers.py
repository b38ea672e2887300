"""What the door answers: plain values for screens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from fairdue.law.content import Mark


@dataclass(frozen=True)
class Reason:
    """A rule that spoke, in both languages ({"zh": …, "en": …}).

    rule: internal id. cites: where it is written. level: law, standard, self-regulation, house …. earliest: the first
    moment this rule alone would let it through, None when waiting does not help.
    """

    rule: str
    says: Mapping[str, str]
    cites: Mapping[str, str]
    level: str = ""
    cure: Mapping[str, str] = field(default_factory=dict)
    earliest: datetime | None = None


@dataclass(frozen=True)
class Judged:
    """A verdict in words. `headline` and `duties` (what must be said) by language; moments are aware, in UTC.

    zone: the IANA zone in which to show the moments (the addressee's; the one that bars longest if several).
    """

    decision: int
    headline: Mapping[str, str]
    reasons: tuple[Reason, ...]
    duties: Mapping[str, tuple[str, ...]]
    earliest: datetime | None
    until: datetime | None
    zone: str
    relation: int
    purpose: int
    channel: int


@dataclass(frozen=True)
class Choice(Judged):
    """A row of `preview`: what is allowed now for one person, contact point and channel of a case.

    `we_can` tells whether the house has an adapter for the channel. The masked address is safe to show.
    """

    person_id: int
    person_name: str
    contact_point_id: int
    masked: str
    we_can: bool
    allowed: bool


@dataclass(frozen=True)
class Refused(Judged):
    """No. The verdict is stored; `earliest` is the first lawful moment, None when waiting does not help.

    `marks`: what was found in the text of a message, doubts included.
    """

    verdict_id: int
    allowed: bool = False
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Allowed(Judged):
    """Yes: the verdict and attempt are stored and a permit issued; with a draft, the message is queued.

    `reasons` holds the conditions of a warning, `marks` the doubts about the text. `again`: this key had been asked
    before, nothing new happened.
    """

    verdict_id: int
    attempt_id: int
    permit: UUID
    expires_at: datetime
    message_id: int | None = None
    again: bool = False
    allowed: bool = True
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A message to be sent if allowed."""

    language: str
    template: str
    subject: str
    body: str
