"""Verdicts, rules and the journal as compliance sees them."""

import csv
import io
import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone, translation
from django.utils.html import escape

import stories
from fairdue.contact.models import Attempt, Outcome, Verdict
from fairdue.desk import clock
from fairdue.desk.pages import entries, entry_words, facts, rulebook, verdicts
from fairdue.journal import services as journal
from fairdue.journal.models import Entry
from fairdue.law import codes, packs
from fairdue.law.codes import Channel, Decision, Known, Purpose, Relation, Result
from fairdue.law.facts import COLUMNS, COUNTS, SPANS
from fairdue.law.kinds import KINDS
from fairdue.staff.models import Role

pytestmark = pytest.mark.django_db
NOW = stories.utc("2026-03-05T10:00+08:00")
TODAY = date(2026, 3, 5)


@pytest.fixture(autouse=True)
def _at_ten(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def officer():
    client = Client()
    client.force_login(
        stories.user(Role.COMPLIANCE, username="shen"), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def verdict(case, at="2026-03-05T09:00+08:00", decision=Decision.ALLOW, rules=(), **fields):
    hashes = {pack.id: {"version": pack.version, "hash": pack.hash} for pack in packs.everything()}
    return Verdict.objects.create(
        at=stories.utc(at), person=case.person, addressee=case.person, case=case, decision=decision, rules=list(rules),
        packs=hashes, relation=Relation.DEBTOR, purpose=Purpose.COLLECT, **{"channel": Channel.CALL, **fields},
    )  # fmt: skip


@pytest.fixture
def case():
    return stories.case(stories.person(), stories.creditor())


def listed(client, query=""):
    return [row.pk for row in client.get(f"/verdicts/?{query}").context["page"]]


# ---- the list


def test_filters_find_what_they_say(officer, case):
    user, other = stories.user(), stories.case(stories.person(), stories.creditor())
    account = stories.account(case.person, case.creditor, external_ref="REF-77")
    refused = verdict(case, decision=Decision.DENY, rules=["cn.quiet-hours", "house.gap"], by=user)
    sms = verdict(case, channel=Channel.SMS, stage="sending")
    theirs = verdict(other)
    old = verdict(case, at="2026-02-01T09:00+08:00")
    last_second = verdict(case, at="2026-02-27T00:00+08:00")
    assert set(listed(officer)) == {refused.pk, sms.pk, theirs.pk, last_second.pk}
    assert listed(officer, "since=2026-02-01&until=2026-02-01") == [old.pk]
    assert listed(officer, "decision=3") == [refused.pk]
    assert listed(officer, f"channel={int(Channel.SMS)}") == [sms.pk]
    assert listed(officer, "stage=sending") == [sms.pk]
    assert listed(officer, "rule=house.gap") == [refused.pk]
    assert listed(officer, f"creditor={other.creditor_id}") == [theirs.pk]
    assert listed(officer, f"user={user.pk}") == [refused.pk]
    assert theirs.pk not in listed(officer, f"person=%23{case.person_id}")
    assert refused.pk in listed(officer, f"person={account.external_ref}")
    assert listed(officer, "person=nobody") == []


@pytest.mark.parametrize("query", ["since=x", "since=2026-12-01&until=2026-01-01", "decision=99", "channel=abc", "page=-3",
                                   "person=%23x", "person=%23", "creditor=9" + "9" * 30, "rule=%27%3B--"])  # fmt: skip
def test_odd_filters_break_nothing(officer, case, query):
    verdict(case)
    assert officer.get(f"/verdicts/?{query}").status_code == 200
    assert officer.get(f"/verdicts/export/?{query}").status_code < 400


@pytest.mark.parametrize("by", ["{n}", "%23{n}", "REF-77", "张三丰"])
def test_verdicts_of_a_person_are_found_by_number_reference_and_name(officer, by):
    case = stories.case(stories.person("张三丰"), stories.creditor())
    stories.account(case.person, case.creditor, external_ref="REF-77")
    verdict(stories.case(stories.person("李四"), stories.creditor()))
    theirs = verdict(case)
    assert listed(officer, "person=" + by.format(n=case.person_id)) == [theirs.pk]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("verdicts/?since=abc", "abc"),
        ("verdicts/?decision=9", "9"),
        ("verdicts/?rule=zzz", "zzz"),
        ("verdicts/?user=chen", "chen"),
        ("verdicts/?since=2026-03-04&until=2026-03-01", ""),
        ("journal/?until=2026-13-01", "2026-13-01"),
        ("journal/?person=chen", "chen"),
        ("journal/?since=2026-03-04&until=2026-03-01", ""),
        ("promises/?day=tomorrow", "tomorrow"),
        ("promises/?status=lost", "lost"),
        ("holds/?kind=none", "none"),
        ("hardship/?show=bogus", "bogus"),
        ("rules/?on=bogus", "bogus"),
        ("rules/changes/?since=abc", "abc"),
    ],
)
def test_a_value_that_cannot_be_read_is_said(officer, query, wrong):
    page = officer.get(f"/{query}")
    (said,) = page.context["unread"]
    assert wrong in said
    assert escape(said) in page.content.decode()


def test_days_the_wrong_way_round_are_exchanged(officer, case):
    verdict(case)
    assert len(listed(officer, "since=2026-03-05&until=2026-03-01")) == 1


def test_a_filter_that_cannot_be_read_exports_nothing(officer, case):
    verdict(case)
    assert officer.get("/verdicts/export/?since=abc").headers["Location"] == "/verdicts/?since=abc"
    assert not Entry.objects.filter(verb="verdicts.exported").exists()


def test_counts_per_decision_and_rule(case):
    verdict(case, rules=["cn.say-who-calls"])
    verdict(case, decision=Decision.DENY, rules=["cn.quiet-hours", "cn.say-who-calls"])
    verdict(case, decision=Decision.DENY, rules=["cn.quiet-hours"])
    counts = verdicts.counts(verdicts.Filters(TODAY, TODAY))
    assert counts.decisions == [(0, 1), (3, 2)]
    assert (counts.rules, counts.duties) == ([("cn.quiet-hours", 2)], [("cn.say-who-calls", 2)])
    assert counts.all == 3


def test_the_list_takes_the_same_queries_for_any_length(officer, case, django_assert_max_num_queries):
    verdict(case)
    with django_assert_max_num_queries(11):
        officer.get("/verdicts/")
    for n in range(60):
        verdict(stories.case(stories.person(), case.creditor), by=stories.user() if n < 5 else None)
    with django_assert_max_num_queries(11):
        assert len(listed(officer)) == 50


def test_pages_are_counted_up_to_a_bound(officer, case, monkeypatch):
    monkeypatch.setattr(verdicts, "COUNTED_TO", 60)
    for _ in range(70):
        verdict(case)
    page = officer.get("/verdicts/?page=2").context["page"]
    assert (page.paginator.count, len(page), page.paginator.bounded) == (60, 10, True)


# ---- one verdict


def test_duties_stand_apart_from_the_rules_that_refused(officer, case):
    refused = verdict(case, decision=Decision.DENY, rules=["cn.quiet-hours", "cn.say-who-calls"])
    page = officer.get(f"/verdicts/{refused.pk}/")
    assert [ground.id for ground in page.context["objected"]] == ["cn.quiet-hours"]
    assert [ground.id for ground in page.context["duties"]] == ["cn.say-who-calls"]
    assert "必须说明" in page.content.decode()
    listing = officer.get("/verdicts/").content.decode()
    assert "必须说明：1" in listing
    assert '<code class="rule-id">cn.say-who-calls</code> ' not in listing


def test_a_verdict_shows_its_grounds_in_the_language_of_the_page(officer, case):
    refused = verdict(case, decision=Decision.DENY, rules=["cn.quiet-hours"], earliest=NOW + timedelta(hours=3))
    text = officer.get(f"/verdicts/{refused.pk}/").content.decode()
    rule = next(rule for pack in packs.everything() for rule in pack.rules if rule.id == "cn.quiet-hours")
    for said in (rule.say["zh"], rule.cites["zh"], "2026-03-05 13:00"):
        assert said in text
    assert rule.say["en"] not in text
    assert Entry.objects.get(verb="verdict.seen").subject_id == refused.pk


def test_a_rule_that_changed_or_went_is_said_so(case):
    seen = verdict(case, rules=["cn.quiet-hours", "cn.gone-for-good"])
    seen.packs["cn"]["hash"] = "0" * 64
    changed, gone = verdicts.grounds(seen)
    assert changed.changed
    assert gone.rule is None
    assert [pack["id"] for pack in verdicts.judged_by(seen)["binding"] if not pack["current"]] == ["cn"]


def test_attempt_and_corrected_outcome_are_shown(officer, case):
    allowed = verdict(case)
    attempt = Attempt.objects.create(
        happened_at=NOW, creditor=case.creditor, person=case.person, addressee=case.person, channel=Channel.CALL,
        verdict=allowed,
    )  # fmt: skip
    first = Outcome.objects.create(attempt=attempt, kind="no_answer", result=Result.UNANSWERED)
    Outcome.objects.create(attempt=attempt, kind="promise", result=Result.CONVERSATION, supersedes=first)
    outcomes = officer.get(f"/verdicts/{allowed.pk}/").context["outcomes"]
    assert [outcome.kind for outcome in outcomes] == ["no_answer", "promise"]


def test_facts_of_any_form_are_read_or_left(case):
    assert facts.seen({}) is None
    assert facts.seen({"columns": 5}) is None
    assert verdicts.replay(verdict(case)) is None


# ---- export


def test_an_export_is_journalled_and_marked(officer, case):
    verdict(case, decision=Decision.DENY, rules=["cn.quiet-hours"])
    verdict(case)
    answer = officer.get("/verdicts/export/?decision=3")
    lines = b"".join(answer).decode("utf-8-sig").splitlines()
    entry = Entry.objects.get(verb="verdicts.exported")
    assert entry.data["rows"] == 1
    assert "decision=3" in entry.data["filter"]
    assert "shen" in lines[0]
    (row,) = csv.DictReader(io.StringIO("\n".join(lines[2:])))
    assert row["rules"] == "cn.quiet-hours"
    assert row["decision"] == "deny"
    assert row["export"] == f"shen 2026-03-05 10:00 #{entry.pk}"
    assert case.person.name not in "".join(lines)
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_nothing_in_an_export_runs(value):
    assert verdicts.safe(value) == f"'{value}"
    assert verdicts.safe("cn.quiet-hours") == "cn.quiet-hours"
    assert verdicts.safe(-5) == -5


# ---- rules


def test_every_rule_that_is_loaded_is_on_the_page(officer):
    text = officer.get("/rules/?former=1").content.decode()
    for pack in packs.everything():
        assert pack.hash in text
        for rule in pack.rules:
            assert f'id="{rule.id}"' in text


def test_rules_bind_on_their_days():
    def ids(on):
        return {kept.rule.id for book in rulebook.books(rulebook.Filters(on)) for kept in book.rules}

    assert "cn.quiet-hours" in ids(TODAY)
    assert "cn.quiet-hours" not in ids(date(2025, 2, 27))
    assert "cn.quiet-hours-2024" in ids(date(2025, 2, 27))
    assert "cn.quiet-hours-2024" not in ids(TODAY)


def test_a_rule_is_shown_as_it_is_written():
    kept = next(
        k for book in rulebook.books(rulebook.Filters(TODAY)) for k in book.rules if k.rule.id == "cn.quiet-hours"
    )
    assert kept.source.startswith("cn.quiet-hours:")
    assert "examples:" in kept.source
    assert len(kept.examples) == len(kept.rule.examples)
    assert any("→ 2026-03-03 08:00" in expected for _told, expected in kept.examples)


def test_rules_are_found_by_words_of_either_language():
    for words in ("22:00", "no collection", "quiet_hours", "GB/T 45251"):
        assert any(
            k.rule.id == "cn.quiet-hours" for book in rulebook.books(rulebook.Filters(TODAY, words)) for k in book.rules
        ), words
    assert rulebook.books(rulebook.Filters(TODAY, "no such words anywhere")) == []


# ---- journal


@pytest.mark.django_db(transaction=True)
def test_verifying_now_says_intact_then_broken(officer):
    journal.write("case.noted", subject="case", subject_id=1)
    page = officer.post("/journal/verify/", follow=True)
    assert page.context["chain"].intact
    with connection.cursor() as cursor:
        cursor.execute("alter table journal_entry disable trigger fairdue_keep")
        cursor.execute("update journal_entry set detail = '{\"x\":1}' where verb = 'case.noted'")
        cursor.execute("alter table journal_entry enable trigger fairdue_keep")
    page = officer.post("/journal/verify/", follow=True)
    assert page.context["chain"].intact is False
    assert "content was changed" in page.context["chain"].problems[0]
    assert "content was changed" in page.content.decode()


def test_the_journal_is_filtered(officer):
    user = stories.user(username="li")
    journal.write("case.noted", by=user, subject="case", subject_id=7, person_id=3)
    journal.write("lookup.outside", by=user, subject="case", subject_id=8, person_id=4)
    journal.write("night.done")

    def verbs(query):
        return [entry.verb for entry in officer.get(f"/journal/?{query}").context["page"]]

    assert verbs("actor=li") == ["lookup.outside", "case.noted"]
    assert verbs("flagged=1") == ["lookup.outside"]
    assert verbs("person=%233") == ["case.noted"]
    assert verbs("subject=case&subject_id=8") == ["lookup.outside"]
    assert verbs("verb=night.done") == ["night.done"]
    assert verbs("until=2001-01-01") == []
    assert {"case.noted", "lookup.outside", "night.done"} <= {name for name, _words in entries.verbs()}


def test_the_journal_takes_the_same_queries_for_any_length(officer, django_assert_max_num_queries):
    with django_assert_max_num_queries(11):
        officer.get("/journal/")
    for n in range(80):
        journal.write("case.noted", subject="case", subject_id=n)
    with django_assert_max_num_queries(11):
        officer.get("/journal/")


def test_details_are_told_in_words_and_local_time():
    entry = Entry(detail='{"cases":3,"at":"2026-03-05T02:00:00+00:00","odd_name":[true,null],"more":{"why":"x"}}')
    with translation.override("en"):
        assert [(str(term), value) for term, value in entries.told(entry)] == [
            ("cases", "3"), ("at", "5 Mar 2026, 10:00"), ("odd name", "yes; –"), ("more", "why: x"),
        ]  # fmt: skip


def test_look_ups_outside_ones_cases_of_the_week_are_counted():
    journal.write("lookup.outside")
    assert entries.chain(now=timezone.now()).flagged_week == 1
    assert entries.chain(now=timezone.now() + timedelta(days=8)).flagged_week == 0


@pytest.mark.parametrize("role", [Role.LEAD, Role.RISK, Role.COLLECTOR, Role.CREDITOR, Role.ADMIN])
def test_verdicts_and_journal_are_for_those_who_check(role):
    client = Client()
    client.force_login(stories.user(role, team=stories.team()), backend="django.contrib.auth.backends.ModelBackend")
    for path in ("/verdicts/", "/verdicts/export/", "/journal/"):
        assert client.get(path).status_code == 403
    assert client.post("/journal/verify/").status_code == 403


def test_minutes_become_moments():
    assert facts._moment(0) == datetime(1970, 1, 1, tzinfo=timezone.get_fixed_timezone(0))


# ---- words


def test_every_fact_and_kind_of_rule_has_words():
    known = COLUMNS.keys() | SPANS.keys() | COUNTS.keys()
    assert known == facts.NAMES.keys()
    assert KINDS.keys() == rulebook.KINDS.keys()
    values = {
        name.lower() for column in COLUMNS.values() if column.names is not Known for name in column.names.__members__
    }
    worded = {name.lower() for kind, _table in facts._WORDED.values() for name in kind.__members__}
    places = {name.lower() for kind in (codes.Jurisdiction, codes.Place) for name in kind.__members__}
    assert values - worded - places <= facts.VALUES.keys()


def test_every_verb_of_the_journal_has_words():
    source = Path(entries.__file__).parents[2]
    text = "\n".join(path.read_text(encoding="utf-8") for path in source.rglob("*.py"))
    written = set(re.findall(r'\bwrite\(\s*"(\w+\.\w+)"', text))
    assert len(written) > 30
    assert written <= entries.VERBS.keys()
    assert set(re.findall(r'\bsubject="(\w+)"', text)) <= entry_words.SUBJECTS.keys()
