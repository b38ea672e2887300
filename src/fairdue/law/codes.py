"""Code tables shared by the law, the database and the screens.

Members keep their number for ever: numbers are stored. The names are those of the law cases (see docs/rules.md),
so that a case from outside, a row of the database and a column of the gate speak of the same thing.
"""

from enum import IntEnum


class Channel(IntEnum):
    """How somebody is reached."""

    CALL = 1
    VOICEMAIL = 2
    SMS = 3
    EMAIL = 4
    LETTER = 5
    VISIT = 6
    IM = 7
    PUSH = 8
    PORTAL = 9
    SOCIAL = 10


class Mode(IntEnum):
    """Who or what speaks."""

    HUMAN = 1
    AI_VOICE = 2
    RECORDED = 3
    AUTOMATED = 4


class Direction(IntEnum):
    """OUT is our contact, IN is theirs."""

    OUT = 1
    IN = 2


class Relation(IntEnum):
    """The tie between a person and a debt."""

    DEBTOR = 1
    SPOUSE = 2
    PARENT_OF_MINOR = 3
    GUARDIAN = 4
    EXECUTOR = 5
    INFORMAL_REPRESENTATIVE = 6
    SUCCESSOR_IN_INTEREST = 7
    CO_DEBTOR = 8
    GUARANTOR = 9
    HEIR = 10
    ATTORNEY = 11
    EMERGENCY_CONTACT = 12
    EMPLOYER = 13
    PARENT_OF_ADULT = 14
    SIBLING = 15
    FRIEND = 16
    NEIGHBOUR = 17
    OCCUPIER = 18
    OTHER_THIRD_PARTY = 19
    UNKNOWN = 20


class Purpose(IntEnum):
    """What a contact is for."""

    COLLECT = 1
    RELAY = 2
    LOCATION_INFORMATION = 3
    LEAVE_MESSAGE = 4
    ESTATE_CLAIM = 5
    DEMAND_OWN_MONEY = 6
    END_OF_EFFORTS = 7
    REMEDIES_ORDINARILY_INVOKED = 8
    SPECIFIED_REMEDY = 9
    ANSWER_QUERY = 10
    OPT_OUT_CONFIRMATION = 11
    TELEPHONE_SOLICITATION = 12


class Result(IntEnum):
    """What became of an attempt on the line or on the way."""

    PENDING = 0
    UNANSWERED = 1
    BUSY = 2
    NOT_IN_SERVICE = 3
    DROPPED = 4
    VOICEMAIL_REACHED = 5
    VOICEMAIL_LEFT = 6
    VOICEMAIL_LIMITED_CONTENT = 7
    CONVERSATION = 8
    NOTICE_PLAYED = 9
    WRONG_PERSON = 10
    DELIVERED = 11
    BOUNCED = 12
    CANCELLED = 13


class Decision(IntEnum):
    """What the gate says; the greater the stricter."""

    ALLOW = 0
    WARN = 1
    HOLD = 2
    DENY = 3


class DebtType(IntEnum):
    """The kind of debt, as far as a rule asks."""

    CREDIT_CARD = 1
    CONSUMER_LOAN = 2
    MEDICAL = 3
    MORTGAGE = 4
    STUDENT_LOAN = 5
    MICROFINANCE_LOAN = 6
    OTHER = 7


class ActorType(IntEnum):
    """In what capacity we act."""

    CREDITOR = 1
    DEBT_COLLECTOR = 2
    DEBT_BUYER = 3
    SERVICER = 4
