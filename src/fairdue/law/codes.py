"""Code tables shared by the law, the database and the screens.

Members keep their number for ever: numbers are stored. The names are those of the law cases (see docs/rules.md),
so that a case from outside, a row of the database and a column of the gate speak of the same thing.
"""

from enum import IntEnum
from typing import Final


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
    AGREED = 13  # a reminder of what the person promised or agreed to, or thanks when it was kept


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


class Known(IntEnum):
    """Yes, no, or not known. Not known never becomes a yes or a no by itself: the gate answers hold."""

    UNKNOWN = -1
    NO = 0
    YES = 1


class Jurisdiction(IntEnum):
    """Whose rules bind the contact; the names are those of the folders of `law/packs`."""

    CN = 1
    US = 2
    GB = 3
    AU = 4
    IN = 5
    EU = 6
    SG = 7
    BR = 8


class Place(IntEnum):
    """A part of a country with rules of its own."""

    NONE = 0
    US_MA = 1
    US_DC = 2
    US_NYC = 3
    US_WA = 4
    US_FL = 5
    GB_EW = 6
    GB_SCT = 7


PLACE_OF_REGION: Final = {
    "US-MA": Place.US_MA, "US-DC": Place.US_DC, "US-WA": Place.US_WA, "US-FL": Place.US_FL,
    "GB-ENG": Place.GB_EW, "GB-WLS": Place.GB_EW, "GB-SCT": Place.GB_SCT,
}  # fmt: skip
"""The place that a region on record (ISO 3166-2) lies in."""


class Endpoint(IntEnum):
    """What kind of place or device a contact point belongs to."""

    NONE = 0
    MOBILE = 1
    HOME_LANDLINE = 2
    WORK_LANDLINE = 3
    PERSONAL_EMAIL = 4
    WORK_EMAIL = 5
    HOME_ADDRESS = 6


class NumberSource(IntEnum):
    """How we came by the contact point."""

    RESERVED = 1
    DEVICE_ADDRESS_BOOK = 2


class Action(IntEnum):
    """What is about to be done; CONTACT is to reach out over a channel."""

    CONTACT = 1
    ANSWER_SAME_CALL = 2
    ASK_CONVENIENT_TIME = 3
    ASK_TO_CONTINUE_CALL = 4
    DISCUSS_DEBT = 5
    POST_PUBLICLY = 6
    EVALUATE_HISTORY = 7
    CHECK_MESSAGE = 8
    CHECK_DOCUMENT = 9
    CHECK_DOMAIN = 10
    CHECK_ELIGIBILITY = 11
    CHECK_RULE_APPLIES = 12
    COMPUTE = 13
    FURNISH = 14
    KEEP_NEGATIVE_RECORD = 15
    TRANSFER_DEBT = 16
    SUE = 17
    THREATEN_TO_SUE = 18
    FILE_PROOF_OF_CLAIM = 19
    REQUEST_PAYMENT = 20
    CHARGE = 21
    START_ENFORCEMENT = 22
    USE_ASSUMED_NAME = 23


class Content(IntEnum):
    """What a content check found in a message; the value is the number of a bit."""

    THREAT = 0
    INSULT = 1
    SHAME = 2
    THREAT_OF_EXPOSURE = 3
    IMPERSONATE_AUTHORITY = 4
    FALSE_BLACKLIST = 5
    INDUCE_NEW_DEBT = 6
    EXTRA_COLLECTION_FEE = 7
    PRIVATE_PAYMENT_CHANNEL = 8
    MISLEADING_INDUCEMENT = 9
    THIRD_PERSON_DISCLOSURE = 10
    OTHERS_PERSONAL_DATA = 11
    MISSING_PART = 12


class StopKind(IntEnum):
    """Why collection from a person, or about one debt, pauses."""

    CEASE = 1
    DISPUTE = 2
    ATTORNEY = 3
    MORATORIUM = 4
    PLAN = 5
    HARDSHIP = 6
    OTHER = 7


class Scope(IntEnum):
    """How far a request not to be contacted reaches."""

    CHANNEL = 1
    NUMBER = 2
    ADDRESS = 3
    ALL = 4


class DebtStatus(IntEnum):
    """Whether anything is still owed."""

    OPEN = 1
    PAID_OR_SETTLED = 2
    DISCHARGED_IN_BANKRUPTCY = 3


class Guarantee(IntEnum):
    """A general guarantor answers only after execution against the debtor; a joint one at once."""

    GENERAL = 1
    JOINT = 2


class Entity(IntEnum):
    """What kind of house the lender is, where a rule binds only some."""

    NONE = 0
    COMMERCIAL_BANK = 1
    NBFC = 2
    PAYMENTS_BANK = 3


class Part(IntEnum):
    """What a letter, document or message holds; the value is the number of a bit."""

    ATTEMPTING_TO_COLLECT_DEBT = 0
    INFORMATION_USED_FOR_THAT_PURPOSE = 1
    FROM_DEBT_COLLECTOR = 2
    NAME = 3
    BALANCE = 4
    REASON = 5
    RIGHTS_DUTIES = 6
    PAY_CHANNEL = 7
    ISSUER_CONTACT = 8
    OBJECTION_ROUTE = 9
    SEAL = 10
    CREDITOR_NAME = 11
    CREDITOR_ADDRESS = 12
    CREDITOR_CPF_OR_CNPJ = 13
    BUSINESS_NAME = 14
    COLLECTION_IN_BUSINESS_NAME = 15
    PERSON_NAME = 16
    REQUEST_TO_REPLY = 17
    PHONE_NUMBER = 18
    GREETING = 19
    DATE_TIME = 20
    REPLY_TIMES = 21
    OTHER_REPRESENTATIVES = 22
    OTHER_CONTENT = 23
