"""What the door knows about an intended contact, read from the database."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import stories
from fairdue.cases.models import Hold
from fairdue.contact.facts import Row, facts_for, facts_for_night
from fairdue.contact.models import Attempt, Outcome
from fairdue.contact.services import wording
from fairdue.law import codes, gate, packs
from fairdue.law.clock import zone_name
from fairdue.law.facts import COLUMNS
from fairdue.people.models import Consent, Relation, Wish

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
CALL = codes.Channel.CALL

pytestmark = pytest.mark.django_db


def scene(**of_creditor):
    """A person who owes 1,000 yuan, a phone, a case."""
    lender = stories.creditor(**of_creditor)
    wang = stories.person()
    stories.account(wang, lender, dues={date(2026, 10, 1): 100_000})
    return stories.case(wang, lender), stories.phone(wang)


def row(case, point, channel=CALL, purpose=0):
    return Row(case.person_id, case.creditor_id, point.pk, channel, purpose)


def attempt(case, point, at, result=codes.Result.CONVERSATION, **fields):
    return Attempt.objects.create(
        happened_at=at,
        creditor=case.creditor,
        person=case.person,
        addressee=point.person,
        contact_point=point,
        **{"channel": CALL, "result": result, **fields},
    )


def named(facts, name, n=0):
    return int(facts.column(name)[n])


def test_an_ordinary_debtor_may_be_called():
    case, phone = scene()

    facts = facts_for([row(case, phone)], at=NOON)

    assert named(facts, "relation") == codes.Relation.DEBTOR
    assert named(facts, "purpose") == codes.Purpose.COLLECT
    assert named(facts, "debt_status") == codes.DebtStatus.OPEN
    assert named(facts, "endpoint") == codes.Endpoint.MOBILE
    assert gate.judge(facts, packs.standard()).decision[0] == codes.Decision.ALLOW


def test_calls_of_every_creditor_and_agency_count():
    case, phone = scene()
    other = stories.creditor()
    for hours in (1, 2, 3):
        stories_at = NOON - timedelta(hours=hours)
        Attempt.objects.create(
            happened_at=stories_at,
            creditor=other,
            person=case.person,
            addressee=case.person,
            channel=CALL,
            result=codes.Result.CONVERSATION,
            agent="another agency",
            reference=f"r{hours}",
        )

    verdicts = gate.judge(facts_for([row(case, phone)], at=NOON), packs.standard())

    assert "cn.three-conversations" in [rule.id for rule in verdicts.rules_of(0)]
    assert verdicts.decision[0] == codes.Decision.DENY


def test_a_correction_is_what_counts():
    case, phone = scene()
    call = attempt(case, phone, NOON - timedelta(hours=2), result=codes.Result.PENDING)
    first = Outcome.objects.create(attempt=call, kind="promise", result=codes.Result.CONVERSATION)

    talked = facts_for([row(case, phone)], at=NOON).past["effective_calls"][0]
    Outcome.objects.create(attempt=call, kind="no_answer", result=codes.Result.UNANSWERED, supersedes=first)
    after = facts_for([row(case, phone)], at=NOON)

    assert (talked > 0).sum() == 1
    assert (after.past["effective_calls"][0] > 0).sum() == 0
    assert (after.past["failed_dials"][0] > 0).sum() == 1


def test_a_number_shared_by_two_persons_is_counted_for_both():
    case, phone = scene()
    wife = stories.person("李红")
    hers = stories.phone(wife)  # the same number
    loan = stories.account(wife, case.creditor)
    for minutes in range(6):
        Attempt.objects.create(
            happened_at=NOON - timedelta(hours=1, minutes=minutes),
            creditor=loan.creditor,
            person=wife,
            addressee=wife,
            contact_point=hers,
            channel=CALL,
            result=codes.Result.UNANSWERED,
        )

    facts = facts_for([row(case, phone)], at=NOON)

    assert (facts.past["failed_dials"][0] > 0).sum() == 6
    assert (facts.past["dials"][0] > 0).sum() == 0, "another person's calls are no calls to this one"


def test_a_point_without_zones_takes_those_of_the_persons_other_points_and_region():
    case, phone = scene(jurisdiction="us")
    case.person.region = "US-TN"
    case.person.save()
    phone.zones = "America/Phoenix"
    phone.save()
    mail = stories.email(case.person, zones="")

    facts = facts_for([row(case, mail, codes.Channel.EMAIL)], at=NOON)

    found = {zone_name(z) for z in facts.zones[0].tolist()}
    assert found == {"America/Phoenix", "America/Chicago", "America/New_York"}


def test_where_nothing_is_known_the_gate_holds():
    case, phone = scene(jurisdiction="us")
    phone.zones, phone.country = "", ""
    phone.save()

    verdicts = gate.judge(facts_for([row(case, phone)], at=NOON + timedelta(hours=12)), packs.standard())

    assert verdicts.decision[0] == codes.Decision.HOLD
    assert "gate.unknown" in [rule.id for rule in verdicts.rules_of(0)]


def test_a_country_without_a_place_is_all_its_zones():
    case, phone = scene(jurisdiction="us")
    phone.zones, phone.country = "", "US"
    phone.save()

    found = {zone_name(z) for z in facts_for([row(case, phone)], at=NOON).zones[0].tolist()}

    assert {"America/New_York", "Pacific/Honolulu"} <= found


@pytest.mark.parametrize(
    ("kind", "decision"),
    [("dispute", "HOLD"), ("hardship", "HOLD"), ("ceased", "HOLD"), ("attorney", "HOLD"), ("moratorium", "DENY"),
     ("policy", "HOLD"), ("deceased", "DENY")],
)  # fmt: skip
def test_a_hold_reaches_every_case_of_the_person(kind, decision):
    case, phone = scene()
    other = stories.creditor()
    stories.account(case.person, other)
    elsewhere = stories.case(case.person, other)
    Hold.objects.create(person=case.person, kind=kind, reason="x", starts_at=NOON - timedelta(days=3))

    verdicts = gate.judge(facts_for([row(case, phone), row(elsewhere, phone)], at=NOON), packs.standard())

    assert [codes.Decision(d).name for d in verdicts.decision] == [decision] * 2


def test_a_hold_ends_with_its_last_day_and_a_lifted_one_is_over():
    case, phone = scene()
    Hold.objects.create(
        person=case.person, kind="policy", reason="x", starts_at=NOON - timedelta(days=3), ends_on=date(2026, 11, 23)
    )
    Hold.objects.create(
        person=case.person,
        kind="dispute",
        reason="x",
        starts_at=NOON - timedelta(days=3),
        lifted_at=NOON,
        lift_reason="x",
    )

    today = gate.judge(facts_for([row(case, phone)], at=NOON), packs.standard())
    tomorrow = gate.judge(facts_for([row(case, phone)], at=NOON + timedelta(days=1)), packs.standard())

    assert [rule.id for rule in today.rules_of(0) if today.outcome_of(0, rule) > 1] == ["house.on-hold"]
    assert tomorrow.decision[0] == codes.Decision.ALLOW


LONDON, HONOLULU, KIRITIMATI = "Europe/London", "Pacific/Honolulu", "Pacific/Kiritimati"


@pytest.mark.parametrize(
    ("zones", "region", "over"),
    [
        (LONDON, "", "2026-11-24T00:00+00:00"),
        (f"{HONOLULU},{LONDON}", "", "2026-11-24T00:00-10:00"),
        (KIRITIMATI, "", "2026-11-24T00:00+08:00"),
        ("", "US-CA", "2026-11-24T00:00-08:00"),
        ("", "", "2026-11-24T00:00-10:00"),
    ],
)
@pytest.mark.parametrize("many", [20_000, 0])
def test_a_hold_lasts_until_its_last_day_is_over_wherever_the_person_may_be(monkeypatch, zones, region, over, many):
    """Never before the firm's own midnight; where nothing is known, in every zone of the country."""
    monkeypatch.setattr("fairdue.contact.reading.MANY", many)
    case, phone = scene(jurisdiction="us")
    type(phone).objects.update(zones=zones, country="US")
    type(case.person).objects.filter(pk=case.person_id).update(region=region)
    Hold.objects.create(
        person=case.person, kind="moratorium", reason="x", starts_at=NOON - timedelta(days=3), ends_on=date(2026, 11, 23)
    )  # fmt: skip
    last = stories.utc(over) - timedelta(minutes=1)

    def held(at):
        ids = [np.array([pk]) for pk in (case.person_id, case.creditor_id, phone.pk)]
        told = dict(zip(("person", "creditor", "contact_point"), ids, strict=True))
        verdicts = gate.judge(facts_for_night(at=at, channel=np.array([CALL]), **told), packs.standard())
        return any("moratorium" in rule.id or rule.id == "house.on-hold" for rule in verdicts.rules_of(0))

    assert (held(last), held(last + timedelta(minutes=1))) == (True, False)


def test_a_hold_of_a_debtor_without_an_address_ends_by_the_country_of_who_is_owed():
    case, _ = scene(jurisdiction="gb")
    case.person.contact_points.all().delete()
    friend = stories.person("友")
    Relation.objects.create(debtor=case.person, person=friend, kind=codes.Relation.SPOUSE)
    phone = stories.phone(friend, "+8613900139000")
    Hold.objects.create(
        person=case.person, kind="policy", reason="x", starts_at=NOON - timedelta(days=3), ends_on=date(2026, 11, 23)
    )  # fmt: skip

    found = facts_for([row(case, phone)], at=NOON)

    end = stories.utc("2026-11-24T00:00+00:00")
    assert found.spans["on_hold"].end.tolist() == [[int(end.timestamp() // 60)]]


def test_a_hold_on_one_account_binds_only_contacts_about_it():
    case, phone = scene()
    other = stories.creditor()
    loan = stories.account(case.person, other)
    elsewhere = stories.case(case.person, other)
    Hold.objects.create(person=case.person, account=loan, kind="dispute", reason="x", starts_at=NOON)

    verdicts = gate.judge(facts_for([row(case, phone), row(elsewhere, phone)], at=NOON), packs.standard())

    assert [codes.Decision(d).name for d in verdicts.decision] == ["ALLOW", "HOLD"]


def test_paid_means_silent():
    lender = stories.creditor()
    wang = stories.person()
    stories.account(wang, lender, principal=0)
    case, phone = stories.case(wang, lender), stories.phone(wang)

    verdicts = gate.judge(facts_for([row(case, phone)], at=NOON), packs.standard())

    assert verdicts.decision[0] == codes.Decision.DENY
    assert "house.paid" in [rule.id for rule in verdicts.rules_of(0)]


def test_an_opt_out_binds_at_every_creditor_and_on_its_channel_only():
    case, phone = scene()
    mail = stories.email(case.person)
    Wish.objects.create(person=case.person, kind="opt_out", channel=CALL, made_at=NOON)

    verdicts = gate.judge(
        facts_for([row(case, phone), row(case, mail, codes.Channel.EMAIL)], at=NOON), packs.standard()
    )

    assert [codes.Decision(d).name for d in verdicts.decision] == ["DENY", "ALLOW"]


def test_an_unwelcome_hour_is_kept():
    case, phone = scene()
    Wish.objects.create(person=case.person, kind="unwelcome_time", start=11 * 60, end=14 * 60, made_at=NOON)

    verdicts = gate.judge(facts_for([row(case, phone)], at=NOON), packs.standard())

    assert verdicts.decision[0] == codes.Decision.DENY
    assert verdicts.earliest[0] == (NOON + timedelta(hours=2)).timestamp() // 60


def test_a_recorded_consent_opens_the_off_hours():
    case, phone = scene()
    late = NOON + timedelta(hours=10, minutes=30)
    Consent.objects.create(person=case.person, kind="off_hours", channel=CALL, given_at=NOON, recorded=False)

    before = gate.judge(facts_for([row(case, phone)], at=late), packs.standard())
    Consent.objects.create(person=case.person, kind="off_hours", channel=CALL, given_at=NOON)
    after = gate.judge(facts_for([row(case, phone)], at=late), packs.standard())

    assert [before.decision[0], after.decision[0]] == [codes.Decision.DENY, codes.Decision.ALLOW]


def test_a_third_person_may_be_asked_to_pass_on_a_message_only_when_the_debtor_is_lost():
    case, phone = scene()
    friend = stories.person("赵友")
    Relation.objects.create(debtor=case.person, person=friend, kind=codes.Relation.FRIEND)
    theirs = stories.phone(friend, "+8613900139000")

    before = facts_for([row(case, theirs)], at=NOON)
    for hours in (3, 2, 1):
        attempt(case, phone, NOON - timedelta(days=1, hours=hours), result=codes.Result.UNANSWERED)
    after = facts_for([row(case, theirs)], at=NOON)

    assert named(before, "purpose") == codes.Purpose.RELAY
    assert gate.judge(before, packs.standard()).decision[0] == codes.Decision.DENY
    assert gate.judge(after, packs.standard()).decision[0] == codes.Decision.ALLOW


def test_somebody_without_a_relation_is_unknown_and_held():
    case, _ = scene()
    stranger = stories.phone(stories.person("路人"), "+8613700137000")

    verdicts = gate.judge(facts_for([row(case, stranger)], at=NOON), packs.standard())

    assert named(verdicts.facts, "relation") == codes.Relation.UNKNOWN
    assert not verdicts.lawful[0]


def test_a_contact_point_that_does_not_exist_is_held():
    case, _ = scene()

    verdicts = gate.judge(
        facts_for([Row(case.person_id, case.creditor_id, 999_999_999, CALL)], at=NOON), packs.standard()
    )

    assert not verdicts.lawful[0]


def test_the_number_of_queries_does_not_grow_with_the_rows():
    case, phone = scene()
    more = [scene() for _ in range(5)]
    with CaptureQueriesContext(
        connection,
    ) as one:
        facts_for([row(case, phone)], at=NOON)
    with CaptureQueriesContext(connection) as six:
        facts_for([row(c, p) for c, p in [(case, phone), *more]], at=NOON)

    assert len(one) == len(six) == 1


def test_the_night_reads_the_same_facts_as_the_screen(monkeypatch):
    """One contact by id and a portfolio by COPY: every column, span and count alike."""
    us = {"jurisdiction": "us"}
    cases = [scene(), scene(), scene(**us), scene(**us)]
    cases[3][1].zones = ""
    cases[3][1].save()
    cases[2][0].person.region = "US-MA"
    cases[2][0].person.save()
    Hold.objects.create(person=cases[1][0].person, kind="dispute", reason="x", starts_at=NOON)
    Wish.objects.create(person=cases[0][0].person, kind="unwelcome_time", start=60, end=120, made_at=NOON)
    Consent.objects.create(person=cases[2][0].person, kind="additional_calls", given_at=NOON - timedelta(hours=1))
    other = stories.account(cases[0][0].person, cases[0][0].creditor, principal=5)
    for case, phone in cases:
        attempt(case, phone, NOON - timedelta(hours=3))
        attempt(case, phone, NOON - timedelta(hours=2), result=codes.Result.UNANSWERED, account=other, also=[other.pk])
    rows = [row(case, phone) for case, phone in cases]
    monkeypatch.setattr("fairdue.contact.reading.MANY", 0)

    few = facts_for(rows, at=NOON)
    many = facts_for_night(
        at=NOON,
        person=[r.person for r in rows],
        creditor=[r.creditor for r in rows],
        contact_point=[r.contact_point for r in rows],
        channel=CALL,
    )

    assert [few.as_json(n) for n in range(4)] == [many.as_json(n) for n in range(4)]
    assert np.array_equal(gate.judge(few, packs.standard()).decision, gate.judge(many, packs.standard()).decision)


def in_los_angeles():
    case, phone = scene(jurisdiction="us")
    phone.zones, phone.country = "America/Los_Angeles", "US"
    phone.save()
    case.person.region = "US-CA"
    case.person.save()
    return case, phone


def los_angeles(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("America/Los_Angeles"))


def test_days_are_the_borrowers_not_the_servers():
    """Seven calls in seven days: on the evening of the seventh it is the eighth in London, and still one too many."""
    case, phone = in_los_angeles()
    for at in (los_angeles(2, 10), *(los_angeles(3, hour) for hour in range(9, 15))):
        attempt(case, phone, at, result=codes.Result.UNANSWERED)

    evening = gate.judge(facts_for([row(case, phone)], at=los_angeles(8, 18, 30)), packs.standard())
    morning = gate.judge(facts_for([row(case, phone)], at=los_angeles(9, 9)), packs.standard())

    assert "us.seven-calls" in [rule.id for rule in evening.rules_of(0)]
    assert [evening.lawful[0], morning.lawful[0]] == [False, True]


@pytest.mark.parametrize("how", ["named", "also", "general"])
def test_a_call_counts_for_every_debt_it_was_about(how):
    case, phone = in_los_angeles()
    first = case.person.accounts.get()
    second = stories.account(case.person, case.creditor)
    about = {"named": {"account": second}, "also": {"account": first, "also": [second.pk]}, "general": {}}[how]
    for hour in range(9, 16):
        attempt(case, phone, los_angeles(3, hour), result=codes.Result.UNANSWERED, **about)

    facts = facts_for([row(case, phone)], at=los_angeles(5, 10))

    assert (facts.past["calls"][0] > 0).sum() == 7
    assert not gate.judge(facts, packs.standard()).lawful[0]


def two_accounts():
    """A person who owes on a loan under a kept plan and on a card, at the same bank; the plan's hold is on the loan."""
    case, phone = scene()
    loan = case.person.accounts.get()
    card = stories.account(case.person, case.creditor, principal=50_000, dues={date(2026, 10, 1): 50_000})
    Hold.objects.create(
        person=case.person, account=loan, kind=Hold.Kind.PLAN, reason="kept", starts_at=NOON - timedelta(days=3)
    )
    return case, phone, loan, card


def decision(case, phone, account=0):
    about = Row(case.person_id, case.creditor_id, phone.pk, CALL, 0, account)
    return gate.judge(facts_for([about], at=NOON), packs.standard()).decision[0]


def test_a_plan_holds_its_own_account_and_whatever_covers_it():
    case, phone, loan, card = two_accounts()

    assert decision(case, phone) > codes.Decision.WARN, "about both: the strict answer"
    assert decision(case, phone, loan.pk) > codes.Decision.WARN
    assert decision(case, phone, card.pk) == codes.Decision.ALLOW


def test_a_hold_on_the_person_holds_every_account():
    case, phone, _loan, card = two_accounts()
    Hold.objects.create(person=case.person, kind=Hold.Kind.DISPUTE, reason="said so", starts_at=NOON)

    assert decision(case, phone, card.pk) > codes.Decision.WARN


def test_three_conversations_about_one_account_are_the_day_s_for_the_other():
    case, phone, loan, card = two_accounts()
    for hours in (1, 2, 3):
        attempt(case, phone, NOON - timedelta(hours=hours), account=loan)

    assert decision(case, phone, card.pk) == codes.Decision.DENY


def test_by_night_the_same_rows_are_confined_as_well():
    case, phone, loan, card = two_accounts()
    facts = facts_for_night(
        at=NOON, person=[case.person_id] * 3, creditor=[case.creditor_id] * 3, contact_point=[phone.pk] * 3,
        channel=[int(CALL)] * 3, account=[0, loan.pk, card.pk],
    )  # fmt: skip
    lawful = gate.judge(facts, packs.standard()).decision
    assert [int(code) <= codes.Decision.WARN for code in lawful] == [False, False, True]


def in_washington():
    """A debtor in the District of Columbia, where calls that were not asked for are counted."""
    case, phone = scene(jurisdiction="us")
    case.person.region = "US-DC"
    case.person.save()
    return case, phone


def asked_back(case, point, at, direction=codes.Direction.OUT):
    call = attempt(case, point, at, direction=direction)
    Outcome.objects.create(attempt=call, kind="call_back", result=codes.Result.CONVERSATION, next_at=NOON)


def test_one_request_frees_one_call():
    """Asked on our call of 08:00: the call now is asked for. Called at 10:00, it is not: the request is met."""
    case, phone = in_washington()
    asked_back(case, phone, NOON - timedelta(hours=4))
    waits = facts_for([row(case, phone), row(case, phone, codes.Channel.SMS)], at=NOON)
    attempt(case, phone, NOON - timedelta(hours=2), result=codes.Result.UNANSWERED)
    met = facts_for([row(case, phone)], at=NOON)

    assert waits.column("call_back_asked").tolist() == [1, 0], "a text is no call back"
    assert (waits.past["calls_unasked"][0] > 0).sum() == 1, "the call on which they asked was not asked for"
    assert named(met, "call_back_asked") == 0
    assert (met.past["calls_unasked"][0] > 0).sum() == 1


def test_two_requests_of_theirs_free_two_calls_and_another_person_s_none():
    case, phone = in_washington()
    wife = stories.person("李红")
    Relation.objects.create(debtor=case.person, person=wife, kind=codes.Relation.SPOUSE)
    hers = stories.phone(wife, "+8613900000009")
    for hours in (5, 4):
        asked_back(case, phone, NOON - timedelta(hours=hours), direction=codes.Direction.IN)
    attempt(case, phone, NOON - timedelta(hours=2))
    facts = facts_for([row(case, phone), row(case, hers)], at=NOON)

    assert facts.column("call_back_asked").tolist() == [1, 0]
    assert (facts.past["calls_unasked"][0] > 0).sum() == 0


def test_the_facts_nobody_records_are_listed():
    """`docs/rules.md` tells which facts of the vocabulary keep their default at the door."""
    case, phone = scene()
    said = set(wording.Read((), frozenset()).columns) | {"mode"}
    filled = set(facts_for([row(case, phone)], at=NOON).columns) | said
    text = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
    part = text.split("## Facts nobody records yet")[1].split("\n## ")[0]
    assert set(re.findall(r"`(\w+)`", part)) == set(COLUMNS) - filled
