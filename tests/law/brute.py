"""A second opinion on one contact, by plain loops over the raw history.

Written apart from `fairdue.law` and sharing nothing with it, so that a mistake in one is not repeated in the other:
datetimes and `zoneinfo` instead of minutes and columns, one contact at a time, every rule restated from its text.

    broken(history, plan)        # the rules the contact would break, [] when it is lawful

Everything that has a say here stops the contact; a mere "should not" (six unanswered calls to a number) does not.
What is not known (relation, zone, purpose, whether somebody answered) is taken for the worse.
"""

# ruff: noqa: SIM102 - a rule is read condition by condition, as its text says it

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SHANGHAI = "Asia/Shanghai"

THIRD_CN = {
    "emergency_contact", "employer", "parent_of_adult", "sibling", "friend", "neighbour", "occupier",
    "other_third_party", "informal_representative",
}  # fmt: skip
"""Who does not owe. A spouse without proof of a common debt and an heir of the living are further cases of it."""
KIN_CN = THIRD_CN | {"heir", "spouse", "executor", "parent_of_minor", "guardian"}
CONSUMER_US = {
    "debtor", "spouse", "parent_of_minor", "guardian", "executor", "informal_representative", "successor_in_interest",
    "co_debtor", "guarantor",
}  # fmt: skip
THIRD_US = {
    "heir", "emergency_contact", "employer", "parent_of_adult", "sibling", "friend", "neighbour", "occupier",
    "other_third_party",
}  # fmt: skip
PHONE = {"call", "voicemail"}
FAILED = {"unanswered", "busy", "not_in_service", "voicemail_reached"}
COLLECTING = {"collect", "relay", "location_information", "leave_message", "estate_claim", "demand_own_money"}
REMEDIES = {"end_of_efforts", "remedies_ordinarily_invoked", "specified_remedy"}


@dataclass(slots=True)
class Turn:
    """A thing that became so and stays so."""

    at: datetime
    order: int = 0


@dataclass(slots=True)
class Touch:
    """A contact that took place, at a whole UTC minute. `result` None: nobody knows yet what came of it."""

    at: datetime
    ours: bool
    person: int
    actor: int
    channel: str
    mode: str
    purpose: str
    number: int
    debts: tuple[int, ...]
    result: str | None
    answers: "Touch | None" = None
    order: int = 0


@dataclass(slots=True)
class Refusal:
    """Asked not to be reached: by `scope` channel, number, address or all; `channels` empty = every channel."""

    at: datetime
    person: int
    scope: str
    channels: frozenset[str] = frozenset()
    number: int = 0
    address: int = 0
    lifted: Turn | None = None
    order: int = 0


@dataclass(slots=True)
class Consent:
    """To additional calls, or to off hours on `channels`; `on` = for that day alone; `debt` 0 = every debt."""

    at: datetime
    person: int
    extra: bool
    debt: int = 0
    channels: frozenset[str] = frozenset()
    on: date | None = None
    revoked: Turn | None = None
    recorded: bool = True
    order: int = 0


@dataclass(slots=True)
class Stop:
    """cease, dispute, attorney, moratorium, plan, hardship or other; `debt` 0 = all debts of the person."""

    at: datetime
    person: int
    kind: str
    debt: int = 0
    end: datetime | None = None
    order: int = 0


@dataclass(slots=True)
class Unwelcome:
    """Weekdays (0 = Monday) and minutes of the day that a person named; the whole day where from equals to."""

    at: datetime
    person: int
    days: frozenset[int]
    start: int
    end: int
    first: date
    last: date
    order: int = 0


@dataclass(slots=True)
class Session:
    """The person used the portal."""

    at: datetime
    person: int
    end: datetime
    order: int = 0


@dataclass(slots=True)
class Number:
    """A phone: whose, whether left with the lender by its owner, since when it is dead or known as somebody else's."""

    owner: int
    reserved: bool = True
    dead: Turn | None = None
    wrong: Turn | None = None


@dataclass
class History:
    """Everything that happened around one debtor, in the order in which it happened."""

    debtor: int
    touches: list[Touch] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    unwelcome: list[Unwelcome] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    numbers: dict[int, Number] = field(default_factory=dict)
    died: Turn | None = None


@dataclass(slots=True)
class Plan:
    """A contact somebody intends. `traits`: what is out of the ordinary about it, by names used in the rules below.

    `order`: things of a later order happened after it, though perhaps in the same minute.
    """

    at: datetime
    country: str
    zones: tuple[str, ...]
    actor: int
    acts_as: str
    person: int
    relation: str
    channel: str
    mode: str
    purpose: str
    endpoint: str
    number: int
    address: int
    debts: tuple[int, ...]
    debt_type: str
    traits: frozenset[str] = frozenset()
    answers: Touch | None = None
    order: int = 1 << 60


# ---- clocks


@lru_cache(maxsize=1 << 17)
def wall(at: datetime, zone: str) -> datetime:
    """The wall clock there, without a zone."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def day(at: datetime, zone: str) -> date:
    return wall(at, zone).date()


def days_back(plan: Plan, touch: Touch, zone: str) -> int:
    return (day(plan.at, zone) - day(touch.at, zone)).days


# ---- what the history says


def before(plan: Plan, things: list) -> Iterator:
    """What had happened by then."""
    return (thing for thing in things if thing.order < plan.order and thing.at <= plan.at)


def turned(plan: Plan, turn: Turn | None) -> bool:
    """Whether it had become so by then."""
    return turn is not None and turn.order < plan.order and turn.at <= plan.at


def calls(h: History, plan: Plan) -> Iterator[Touch]:
    """Our calls of any result."""
    return (t for t in before(plan, h.touches) if t.ours and t.channel in PHONE)


def talked(touch: Touch) -> bool:
    return touch.channel in PHONE and touch.result in (None, "conversation")


def stopped(h: History, plan: Plan, *kinds: str) -> bool:
    """A stop of this kind is on for the debtor or the addressee, for one of the debts or for all."""
    return any(
        s.kind in kinds
        and s.person in (h.debtor, plan.person)
        and (s.debt == 0 or s.debt in plan.debts)
        and (s.end is None or plan.at < s.end)
        for s in before(plan, h.stops)
    )


def refused_this_way(h: History, plan: Plan) -> bool:
    medium = "call" if plan.channel == "voicemail" else plan.channel
    for r in before(plan, h.refusals):
        if r.person != plan.person or turned(plan, r.lifted):
            continue
        here = not r.channels or medium in r.channels
        if r.scope == "all" or (r.scope == "channel" and here):
            return True
        if r.scope == "number" and here and r.number == plan.number and plan.number:
            return True
        if r.scope == "address" and r.address == plan.address and plan.address:
            return True
    return False


def ever_refused(h: History, plan: Plan) -> bool:
    """A third person's refusal is for good and for every channel, whatever words it was in."""
    return any(r.person == plan.person and not turned(plan, r.lifted) for r in before(plan, h.refusals))


def off_hours_agreed(h: History, plan: Plan) -> bool:
    """Recorded, not taken back, names the channel; where it is for one day, on that day in every zone."""
    return any(
        not c.extra and c.recorded and c.person == plan.person and (not c.channels or plan.channel in c.channels)
        and not turned(plan, c.revoked)
        and (c.on is None or all(day(plan.at, zone) == c.on for zone in plan.zones))
        for c in before(plan, h.consents)
    )  # fmt: skip


def talk_ends(h: History, plan: Plan, consent: Consent, debt: int) -> datetime | None:
    """The next conversation on that debt after the consent, or on any for a consent to all: it is used up."""
    ends = [
        t.at for t in before(plan, h.touches)
        if talked(t) and t.person == consent.person and t.at > consent.at
        and (debt in t.debts if consent.debt else t.debts)
    ]  # fmt: skip
    return min(ends, default=None)


def runs(h: History, plan: Plan, consent: Consent, at: datetime, debt: int, *, itself: bool) -> bool:
    """Whether a consent to more calls about a debt runs at a minute; the call that uses it up (`itself`) is in it."""
    if not (consent.extra and consent.recorded and consent.debt in (0, debt)):
        return False
    if turned(plan, consent.revoked) and at >= consent.revoked.at:
        return False
    end = talk_ends(h, plan, consent, debt)
    if end is not None and (at > end or (at == end and not itself)):
        return False
    if consent.on is not None:
        return all(day(at, zone) == consent.on for zone in plan.zones)
    return all((day(at, zone) - day(consent.at, zone)).days < 7 for zone in plan.zones)


def extra_calls_agreed(h: History, plan: Plan) -> bool:
    """For every debt of the call."""
    given = [c for c in before(plan, h.consents) if c.person == plan.person]
    return bool(plan.debts) and all(
        any(runs(h, plan, c, plan.at, debt, itself=False) for c in given) for debt in plan.debts
    )


def covered(h: History, plan: Plan, touch: Touch, debt: int) -> bool:
    """A past call somebody agreed to beforehand is not counted."""
    return any(
        c.person == touch.person and c.at < touch.at and runs(h, plan, c, touch.at, debt, itself=talked(touch))
        for c in before(plan, h.consents)
    )


def in_session(h: History, plan: Plan) -> bool:
    """What the portal shows while somebody looks at it is no call at night; nothing else profits from it."""
    return plan.channel == "portal" and any(
        s.person == plan.person and plan.at < s.end for s in before(plan, h.sessions)
    )


def is_answer(h: History, plan: Plan) -> bool:
    """The one answer to their message, on its own channel."""
    theirs = plan.answers
    if theirs is None or theirs.ours or theirs.channel != plan.channel or theirs.person != plan.person:
        return False
    return theirs.at <= plan.at and not any(t.ours and t.answers is theirs for t in before(plan, h.touches))


def said_unwelcome(h: History, plan: Plan, zones: Iterable[str]) -> bool:
    for zone in zones:
        now = wall(plan.at, zone)
        for u in h.unwelcome:
            if u.person != plan.person or u.order >= plan.order:
                continue
            length = (u.end - u.start) % 1440 or 1440
            for begin in (now.date() - timedelta(days=1), now.date()):
                start = datetime.combine(begin, datetime.min.time()) + timedelta(minutes=u.start)
                inside = start <= now < start + timedelta(minutes=length)
                if inside and begin.weekday() in u.days and u.first <= begin <= u.last:
                    return True
    return False


def lost(h: History, plan: Plan) -> bool:
    """The debtor cannot be reached: by the three tests of the banking association, since the last sign of life."""
    mine = {n: phone for n, phone in h.numbers.items() if phone.owner == h.debtor and phone.reserved}
    if mine and all(turned(plan, phone.dead) or turned(plan, phone.wrong) for phone in mine.values()):
        return True
    theirs = [t for t in before(plan, h.touches) if t.person == h.debtor]
    signs = [t.at for t in theirs if not t.ours or talked(t) or t.result == "notice_played"]
    last = max(signs, default=None)
    fails: dict[date, int] = {}
    for t in theirs:
        if t.ours and t.channel in PHONE and t.result in FAILED and (last is None or t.at > last):
            if t.number in mine and not is_wrong(h, plan, t.number):
                fails[day(t.at, SHANGHAI)] = fails.get(day(t.at, SHANGHAI), 0) + 1
    today = day(plan.at, SHANGHAI)
    if any(many >= 3 and failed < today for failed, many in fails.items()):
        return True
    return any(failed + timedelta(1) in fails and failed + timedelta(2) in fails for failed in fails)


def is_wrong(h: History, plan: Plan, number: int) -> bool:
    """Whether a number was known by then to be somebody else's."""
    phone = h.numbers.get(number)
    return phone is not None and turned(plan, phone.wrong)


def asked_before(h: History, plan: Plan) -> bool:
    return any(
        t.ours
        and t.person == plan.person
        and t.purpose == "location_information"
        and t.result in (None, "conversation")
        for t in before(plan, h.touches)
    )


def dead(h: History, plan: Plan) -> bool:
    return turned(plan, h.died)


# ---- mainland China


def china(h: History, plan: Plan) -> Iterator[str]:
    now, today = wall(plan.at, SHANGHAI), day(plan.at, SHANGHAI)
    has, relation, purpose = plan.traits, plan.relation, plan.purpose
    phone = plan.channel in PHONE

    if today >= date(2024, 5, 15) and (now.hour >= 22 or now.hour < 8):
        if not off_hours_agreed(h, plan) and not in_session(h, plan):
            yield "CN-HRS-01 between 22:00 and 08:00"
    spoken = [t for t in calls(h, plan) if t.person == plan.person and day(t.at, SHANGHAI) == today]
    if phone and today >= date(2024, 5, 15):
        effective = [t for t in spoken if t.mode in ("human", "ai_voice") and talked(t)]
        if plan.mode in ("human", "ai_voice") and len(effective) >= 3:
            yield "CN-FRQ-01 a fourth conversation"
        heard = [t for t in spoken if t.mode == "recorded" and t.result in (None, "notice_played", "conversation")]
        if plan.mode == "recorded" and len(heard) >= 3:
            yield "CN-FRQ-03 a fourth recorded notice"

    unproven = relation == "spouse" and "joint_debt" not in has
    no_heir = relation == "heir" and ("estate_refused" in has or not dead(h, plan))
    outside = relation in THIRD_CN or unproven or no_heir
    if outside and today >= date(2011, 1, 13) and purpose not in ("relay", "location_information"):
        yield "CN-3P-01 a demand to somebody who does not owe"
    if outside and today >= date(2018, 3, 29):
        if purpose in ("relay", "location_information") and not dead(h, plan) and not lost(h, plan):
            yield "CN-3P-02 a contact person while the debtor can be reached"
        if "discloses_debt" in has:
            yield "CN-3P-03 the debt told to a third person"
    if (relation in THIRD_CN | {"heir"} or unproven) and today >= date(2025, 2, 28) and ever_refused(h, plan):
        yield "CN-3P-04 a third person who refused"
    if "scraped" in has and today >= date(2021, 11, 1):
        yield "CN-3P-09 from an address book"
    if purpose == "demand_own_money" and today >= date(2021, 1, 1) and relation in KIN_CN:
        if relation != "spouse" or unproven:
            yield "CN-3P-08 the own money of relatives"
    if relation == "guarantor" and today >= date(2021, 1, 1):
        if "joint_guarantee" not in has and "debtor_executed" not in has:
            yield "CN-3P-12 a general guarantor before the debtor"
        if "claimed_in_time" not in has:
            yield "CN-3P-12 a guarantee that lapsed"
    yield from china_manner(h, plan, today)


def china_manner(h: History, plan: Plan, today: date) -> Iterator[str]:
    has, card = plan.traits, plan.debt_type == "credit_card"
    since = {
        date(2011, 1, 13): {
            "threat", "insult", "shame", "threat_of_exposure", "impersonate_authority", "false_blacklist",
            "misleading_inducement",
        },
        date(2018, 3, 29): {"institution_not_named", "private_payment_channel"},
        date(2021, 11, 1): {"sub_delegated", "public_view"},
        date(2024, 5, 15): {"induce_new_debt", "extra_collection_fee"},
        date(2026, 1, 30): {"private_device", "posing_as_lender"},
    }  # fmt: skip
    for first, bans in since.items():
        if today >= first and bans & has:
            yield f"CN-PRH {sorted(bans & has)}"
    if "discloses_debt" in has and "identity_not_verified" in has and today >= date(2018, 3, 29):
        yield "CN-ID-01 a detail before the identity is checked"
    if plan.channel == "social" and today >= date(2021, 11, 1):
        yield "CN-PRH-08 in public"
    if plan.channel == "visit":
        if "entered" in has or (today >= date(2018, 3, 29) and ("no_badge" in has or "not_recorded" in has)):
            yield "CN-VIS-02 the manner of a visit"
        if today >= date(2026, 1, 30) and "alone" in has:
            yield "CN-VIS-01 a visit alone"
    if plan.channel == "call" and "not_recorded" in has and (today >= date(2026, 1, 30) or card):
        yield "CN-REC-02 not recorded"
    if card and plan.channel == "letter" and "letter_incomplete" in has:
        yield "CN-LTR-01 a letter that lacks a part"
    if card and stopped(h, plan, "dispute"):
        yield "CN-LTR-02 an objection to a card debt"
    if card and plan.purpose == "collect" and stopped(h, plan, "plan"):
        yield "CN-CC-70 an instalment agreement that is kept"
    if plan.acts_as == "debt_collector":
        if "agency_not_told" in has and today >= date(2023, 3, 1):
            yield "CN-OUT-01 nobody told of the agency"
        if "agency_not_listed" in has and today >= date(2022, 7, 7):
            yield "CN-OUT-02 an agency on no list"
    if plan.acts_as == "debt_buyer" and "assignment_not_told" in has and today >= date(2021, 1, 1):
        yield "CN-OUT-10 an assignment nobody was told of"
    if "undisclosed_fee" in has and today >= date(2026, 8, 1):
        yield "CN-COST-01 a fee off the cost sheet"


# ---- United States


def united_states(h: History, plan: Plan) -> Iterator[str]:
    if plan.purpose == "telephone_solicitation" and plan.channel in PHONE:
        if any(wall(plan.at, zone).hour >= 21 or wall(plan.at, zone).hour < 8 for zone in plan.zones):
            yield "US-TCPA-HOURS"
    if plan.acts_as == "creditor" or not any(day(plan.at, zone) >= date(2021, 11, 30) for zone in plan.zones):
        return
    has, relation, purpose = plan.traits, plan.relation, plan.purpose
    answer, portal = is_answer(h, plan), in_session(h, plan)
    if relation != "attorney" and not (answer or portal or off_hours_agreed(h, plan)):
        for zone in plan.zones:
            now = wall(plan.at, zone)
            if not (8 * 60 < now.hour * 60 + now.minute < 21 * 60):
                yield f"US-REGF-6B1-TIME {now:%H:%M} in {zone}"
    if said_unwelcome(h, plan, plan.zones) and not (answer or portal):
        yield "US-REGF-6B1-DESIG"
    if "not_at_home" in has and (plan.endpoint in ("home_landline", "home_address") or "known_at_home" in has):
        yield "US-REGF-6B1-PLACE"
    if stopped(h, plan, "attorney") and relation in CONSUMER_US and "attorney_agreed" not in has:
        if "attorney_unknown" not in has or "attorney_silent" in has:
            yield "US-REGF-6B2-ATTORNEY"
    if "employer_forbids" in has and plan.endpoint in ("work_landline", "work_email"):
        yield "US-REGF-6B3-WORK"
    if plan.channel == "email" and "employers_address" in has:
        yield "US-REGF-22F3-WORKEMAIL"
    if plan.channel in PHONE:
        yield from regulation_f_calls(h, plan)
    if refused_this_way(h, plan) and not (answer or "demanded_by_law" in has or purpose == "opt_out_confirmation"):
        yield "US-REGF-14H-MEDIUM"
    if stopped(h, plan, "cease") and relation != "attorney" and purpose not in REMEDIES and not answer:
        yield "US-REGF-6C-CEASE"
    if stopped(h, plan, "dispute") and purpose in ("collect", "demand_own_money", "estate_claim", "agreed"):
        yield "US-REGF-38-DISPUTE"
    yield from american_thirds(h, plan)
    if plan.channel in ("sms", "email", "im") and "no_opt_out" in has:
        yield "US-REGF-6E-OPTOUT"
    if plan.channel == "sms" and "number_unchecked" in has:
        yield "US-REGF-6D5-TEXTPROC"
    if "public_view" in has:
        yield "US-REGF-22F4-SOCIAL"
    if has & {"threat", "insult", "shame", "threat_of_exposure"}:
        yield "US-REGF-14A"


def regulation_f_calls(h: History, plan: Plan) -> Iterator[str]:
    """At most seven in seven days and none within seven of a conversation: per collector, person and debt."""
    if extra_calls_agreed(h, plan):
        return
    past = [t for t in before(plan, h.touches) if t.channel in PHONE]
    if plan.number and any(
        t.ours and t.result == "unanswered" and t.number == plan.number and plan.at - t.at < timedelta(minutes=5)
        for t in past
    ):
        yield "US-REGF-14B-FREQ again within five minutes"
    if plan.relation == "attorney":
        return
    to_them = [t for t in past if t.person == plan.person]
    for debt in plan.debts:
        about = [t for t in to_them if debt in t.debts]
        counted = [
            t for t in about
            if t.ours and t.actor == plan.actor and t.result not in ("busy", "not_in_service")
            and not is_wrong(h, plan, t.number) and not covered(h, plan, t, debt)
        ]  # fmt: skip
        for zone in plan.zones:
            if sum(days_back(plan, t, zone) < 7 for t in counted) >= 7:
                yield f"US-REGF-14B-FREQ an eighth call about {debt}"
            for t in about:
                if talked(t) and days_back(plan, t, zone) < 7:
                    if plan.relation in CONSUMER_US or day(t.at, zone) >= date(2021, 11, 30):
                        yield f"US-REGF-14B-FREQ within seven days of talking about {debt}"


def american_thirds(h: History, plan: Plan) -> Iterator[str]:
    has, asking = plan.traits, plan.purpose == "location_information"
    third = plan.relation in THIRD_US
    if third and not asking:
        yield "US-REGF-6D-THIRDPARTY"
    if third and "discloses_debt" in has:
        yield "US-REGF-6D-THIRDPARTY told of the debt"
    if asking and has & {"discloses_debt", "names_firm", "nameless"}:
        yield "US-REGF-10-LOCATION the manner"
    if asking and third and stopped(h, plan, "attorney") and "attorney_unknown" not in has:
        yield "US-REGF-10-LOCATION an attorney is known"
    if asking and third and asked_before(h, plan) and "asked_us_back" not in has:
        yield "US-REGF-10-LOCATION twice"


# ---- the firm's own policy


def house(h: History, plan: Plan) -> Iterator[str]:
    has, purpose, channel = plan.traits, plan.purpose, plan.channel
    zones = (SHANGHAI,) if plan.country == "cn" else plan.zones
    answer, by_law = is_answer(h, plan), "demanded_by_law" in has
    confirming = purpose == "opt_out_confirmation"
    ours = [t for t in before(plan, h.touches) if t.ours and t.person == plan.person]

    def within(days: int, *channels: str) -> int:
        chosen = [t for t in ours if t.channel in channels]
        return max(sum(days_back(plan, t, zone) < days for t in chosen) for zone in zones)

    if channel in PHONE:
        late = [t for t in ours if t.channel in PHONE and plan.at - t.at < timedelta(minutes=15)]
        if late and not (answer or extra_calls_agreed(h, plan)):
            yield "house: fifteen minutes between calls"
        if within(1, *PHONE) >= 8:
            yield "house: eight calls a day"
    if channel in ("sms", "im", "push") and within(1, "sms", "im", "push") >= 2 and not (answer or confirming):
        yield "house: two texts a day"
    asked_for = confirming or purpose == "answer_query"  # only the borrower's own page says so
    if channel == "email" and within(1, "email") >= 1 and not (answer or asked_for):
        yield "house: one e-mail a day"
    if channel == "letter" and within(7, "letter") >= 1 and not by_law:
        yield "house: one letter a week"
    if channel == "visit" and within(7, "visit") >= 1:
        yield "house: one visit a week"
    if said_unwelcome(h, plan, zones) and not (answer or in_session(h, plan)):
        yield "house: unwelcome times"
    if refused_this_way(h, plan) and not (answer or by_law or confirming):
        yield "house: opted out"
    if stopped(h, plan, "cease") and purpose not in REMEDIES | {"answer_query", "opt_out_confirmation"} and not by_law:
        yield "house: asked us to stop"
    if stopped(h, plan, "dispute") and purpose in COLLECTING | {"agreed"}:
        yield "house: disputed"
    if stopped(h, plan, "hardship", "other") and purpose in COLLECTING | {"agreed"} and not by_law:
        yield "house: on hold"
    if stopped(h, plan, "attorney") and not (by_law or "attorney_agreed" in has):
        if plan.relation in THIRD_US - {"occupier"} | {"debtor", "spouse", "co_debtor", "guarantor"}:
            yield "house: an attorney acts"
    if stopped(h, plan, "moratorium") and not by_law and purpose != "answer_query":
        yield "house: a statutory pause"
    if stopped(h, plan, "plan") and purpose == "collect":
        yield "house: a plan is kept"
    if ("settled" in has and purpose in COLLECTING) or (
        "proof_incomplete" in has and purpose in COLLECTING | {"agreed"}
    ):
        yield "house: nothing owed, or nothing proven"
    if plan.relation == "debtor" and dead(h, plan):
        yield "house: the dead are left alone"
    if plan.number and is_wrong(h, plan, plan.number):
        yield "house: a number of somebody else"
    if channel == "social" or "public_view" in has:
        yield "house: where others can see it"


def broken(h: History, plan: Plan) -> list[str]:
    """The rules this contact would break; empty when it is lawful."""
    if not plan.zones or plan.country not in ("cn", "us") or "unknown" in (plan.relation, plan.purpose, plan.channel):
        return ["not known well enough"]
    law = china if plan.country == "cn" else united_states
    return [*law(h, plan), *house(h, plan)]
