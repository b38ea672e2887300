"""Versions of the rules: drafted, approved by a second person, in force from a midnight, kept for ever."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction

import stories
from contact.conftest import NOON, Scene
from fairdue.contact import rulebook
from fairdue.contact import services as door
from fairdue.contact.models import Attempt, Outcome, PackText, Permit, RuleVersion, Verdict
from fairdue.contact.rulebook import loading, services
from fairdue.contact.rulebook.checking import check
from fairdue.contact.rulebook.services import RulebookError
from fairdue.journal.models import Entry
from fairdue.law import packs, packtext
from fairdue.staff.models import Role
from killing import killed_at

TODAY = date(2026, 11, 23)
TOMORROW = TODAY + timedelta(days=1)
MIDNIGHT = NOON + timedelta(hours=12)
CALLS = "house.calls-a-day"


@pytest.fixture
def officer(db):
    return stories.user(Role.COMPLIANCE)


@pytest.fixture
def counsel(db):
    return stories.user(Role.LEGAL)


def fewer_calls(by, times=1, **fields):
    """A draft that allows `times` calls a day instead of 8, with examples that fit."""
    new = services.draft(pack="house", by=by, now=NOON, **fields)
    text = packtext.with_value(new.text, (CALLS, "at_most", "times"), times)
    return services.write(version=new, by=by, text=packtext.with_outcomes(text, file=new.file))


def submitted(by, force_from=TOMORROW, **fields):
    return services.submit(version=fewer_calls(by, **fields), by=by, force_from=force_from, reason="投诉太多", now=NOON)


def house(at=NOON):
    return next(pack for pack in rulebook.in_force(at) if pack.id == "house")


def times(at=NOON):
    return next(rule for rule in house(at).rules if rule.id == CALLS).terms["times"]


# ---- the packs that come with Fairdue


def test_the_shipped_packs_are_version_one_and_the_gate_judges_by_them(db):
    assert rulebook.in_force(NOON)[0].id == "gate"
    assert set(rulebook.in_force(NOON)) == set(packs.everything())
    assert set(RuleVersion.objects.values_list("number", "author", "status")) == {(1, None, "approved")}
    assert {kept.hash for kept in PackText.objects.all()} == {pack.hash for pack in packs.everything()}


def test_registering_again_changes_nothing(db):
    assert loading.register(on=TODAY) == []


def shipped_anew(monkeypatch, number=7):
    """A release brings another text of the house pack."""
    text = packtext.with_value(RuleVersion.objects.get(pack="house", number=1).text, ("pack", "version"), "next")
    text = packtext.with_value(text, (CALLS, "at_most", "times"), number)
    newer = packs.load(text, file="house/contact.yaml")
    monkeypatch.setattr(loading.packs, "written", lambda: (newer,))
    monkeypatch.setattr(loading, "_text", lambda pack: text)


def test_a_release_with_a_newer_pack_brings_its_second_version(db, monkeypatch):
    shipped_anew(monkeypatch)
    (new,) = loading.register(on=TODAY)
    assert (new.number, new.status, new.force_from) == (2, "approved", TODAY)
    assert (times(NOON - timedelta(days=1)), times()) == (8, 7)
    assert loading.register(on=TOMORROW) == []


def test_a_release_never_overrules_what_the_firm_changed(officer, counsel, monkeypatch):
    services.approve(version=submitted(officer, TODAY), by=counsel, now=NOON)
    shipped_anew(monkeypatch)
    (offered,) = loading.register(on=TODAY)
    assert (offered.status, offered.author, times()) == ("draft", None, 1)
    assert services.write(version=offered, by=officer, text=offered.text).author == officer


# ---- from a draft to a rule


def test_a_mistake_is_told_with_line_and_cure(officer):
    new = services.draft(pack="house", by=officer, now=NOON)
    wrong = new.text.replace("at_most: {times: 8, days: 1, of: dials}", "at_most: {times: 0, days: 1, of: dails}")
    wrong = wrong.replace("stop: {}\n  when: {opted_out: [true]}", "stop: {}\n  when: {opted_outt: [true]}")
    line = 1 + wrong.splitlines().index("  at_most: {times: 0, days: 1, of: dails}")
    found = check(wrong, pack="house", file=new.file, at=NOON).mistakes
    assert [(one.rule, one.line) for one in found] == [
        (CALLS, line), ("house.opted-out", 1 + wrong.splitlines().index("  when: {opted_outt: [true]}")),
    ]  # fmt: skip
    assert "at least 1" in found[0].why and "no such field" in found[1].why
    services.write(version=new, by=officer, text=wrong)
    with pytest.raises(RulebookError, match=rf"house/contact.yaml, line {line}, rule {CALLS}, field at_most.times"):
        services.submit(version=new, by=officer, force_from=TOMORROW, reason="x", now=NOON)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("times: 8, days: 1, of: dials", "times: 11, days: 1, of: dials"), "the latest 10 are kept"),
        (("id: house", "id: haus"), "leave the id house"),
        (("house.opted-out:", "cn.quiet-hours:"), "the pack cn has a rule of this name"),
        (("until: 2026-02-30", ""), "Nothing is changed"),
        (("{minutes: 15, after: dials}", "{minutes: 30, after: dials}"), "Example 1 of house.gap-between-calls"),
        (('version: "2026-11-23.2"', 'version: "2026-11-29.2"'), "was given before"),
    ],
)
def test_what_may_not_come_into_force_is_not_submitted(officer, change, says):
    new = services.draft(pack="house", by=officer, now=NOON)
    text = new.text.replace(*change)
    if says == "Nothing is changed":
        text = new.based_on.text
    elif says == "was given before":
        text = text.replace("times: 8, days: 1, of: dials", "times: 7, days: 1, of: dials")
    services.write(version=new, by=officer, text=text)
    with pytest.raises(RulebookError, match=says):
        services.submit(version=new, by=officer, force_from=TOMORROW, reason="x", now=NOON)


def test_a_draft_never_begins_under_a_label_that_was_given_before(officer):
    """The pack that came with a release of today is called 2026-11-23.2: the firm's second version is .3."""
    house()
    PackText.objects.create(hash="0" * 64, pack="house", version=f"{TODAY}.2", file="house/contact.yaml", text="")
    new = services.draft(pack="house", by=officer, now=NOON)
    assert (new.number, packs.load(new.text, file=new.file).version) == (2, f"{TODAY}.3")
    (told,) = check(new.text.replace(f"{TODAY}.3", f"{TODAY}.2", 1), pack="house", file=new.file, at=NOON).mistakes
    assert new.text.splitlines()[told.line - 1].lstrip().startswith("version")


def test_rules_never_change_backwards(officer):
    with pytest.raises(RulebookError, match="today at the earliest"):
        submitted(officer, TODAY - timedelta(days=1))


def test_a_change_for_today_binds_from_its_approval_and_never_before(officer, counsel):
    approval = NOON + timedelta(hours=5, minutes=44, seconds=7)
    version = services.approve(version=submitted(officer, TODAY), by=counsel, now=approval)
    assert version.binds_from == approval
    assert [times(at) for at in (NOON, approval - timedelta(seconds=1), approval, MIDNIGHT)] == [8, 8, 1, 1]
    assert (rulebook.standing(NOON).until, rulebook.standing(approval).until) == (approval, None)


def test_a_change_for_another_day_binds_from_its_midnight(officer, counsel):
    version = services.approve(version=submitted(officer), by=counsel, now=NOON)
    assert version.binds_from == MIDNIGHT
    assert [times(at) for at in (NOON, MIDNIGHT - timedelta(seconds=1), MIDNIGHT)] == [8, 8, 1]


def test_the_author_cannot_approve_their_own(officer):
    mine = submitted(officer)
    with pytest.raises(RulebookError, match="second person"):
        services.approve(version=mine, by=officer, now=NOON)
    with pytest.raises(IntegrityError, match="a_second_person_decides"), transaction.atomic():
        RuleVersion.objects.filter(pk=mine.pk).update(
            status="approved", decided_by=officer, decided_at=NOON, kept=PackText.objects.first()
        )


def test_a_collector_decides_nothing(officer):
    with pytest.raises(RulebookError, match="Compliance or legal"):
        services.approve(version=submitted(officer), by=stories.user(), now=NOON)


def test_what_was_submitted_stays_as_it_is(officer, counsel):
    mine = submitted(officer)
    with pytest.raises(RulebookError, match="Waits for approval"):
        services.write(version=mine, by=officer, text="other")
    for change in ({"text": "other"}, {"author": counsel}, {"force_from": TODAY}):
        with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
            RuleVersion.objects.filter(pk=mine.pk).update(**change)
    approved = services.approve(version=mine, by=counsel, now=NOON)
    for change in ({"text": "other"}, {"force_from": TODAY}, {"status": "draft"}, {"kept": PackText.objects.first()}):
        with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
            RuleVersion.objects.filter(pk=approved.pk).update(**change)


def test_a_declined_version_says_why_and_is_over(officer, counsel):
    mine = submitted(officer)
    with pytest.raises(RulebookError, match="Say why"):
        services.decline(version=mine, by=counsel, reason=" ", now=NOON)
    services.decline(version=mine, by=counsel, reason="太严", now=NOON)
    with pytest.raises(RulebookError, match="Declined"):
        services.approve(version=mine, by=counsel, now=NOON)
    assert times(MIDNIGHT) == 8


def test_of_two_drafts_on_one_version_only_one_comes_into_force(officer, counsel):
    first, second = submitted(officer), submitted(officer)
    services.approve(version=first, by=counsel, now=NOON)
    with pytest.raises(RulebookError, match="was approved meanwhile"):
        services.approve(version=second, by=counsel, now=NOON)


def test_an_approved_version_may_be_withdrawn_before_its_day_only(officer, counsel):
    coming = services.approve(version=submitted(officer), by=counsel, now=NOON)
    with pytest.raises(RulebookError, match="whose day has not come"):
        services.withdraw(version=coming, by=officer, reason="Irrtum", now=MIDNIGHT)
    services.withdraw(version=coming, by=officer, reason="写错了", now=NOON)
    assert times(MIDNIGHT) == 8
    again = services.approve(version=submitted(officer), by=counsel, now=NOON)
    assert (again.based_on.number, times(MIDNIGHT)) == (1, 1)


def test_every_step_is_in_the_journal(officer, counsel):
    services.approve(version=submitted(officer), by=counsel, now=NOON)
    told = [(entry.verb, entry.actor) for entry in Entry.objects.filter(verb__startswith="rules.").order_by("id")]
    me, they = officer.username, counsel.username
    assert told == [("rules.drafted", me), ("rules.saved", me), ("rules.submitted", me), ("rules.approved", they)]


# ---- at the door


def test_a_version_in_force_tomorrow_changes_nothing_today_and_binds_at_midnight(scene, officer, counsel):
    """At most one call a day from tomorrow: the second of today goes out, the second of tomorrow does not."""
    services.approve(version=submitted(officer), by=counsel, now=NOON)
    day = [(0, True), (1, True), (20.5, True), (21, False)]  # hours after noon: 08:30 and 09:00 of tomorrow
    for hours, allowed in day:
        asked = scene.ask(now=NOON + timedelta(hours=hours))
        assert asked.allowed == allowed, hours
        if asked.allowed:
            door.hand_over(permit=asked.permit, by=scene.by, now=NOON + timedelta(hours=hours))
            attempt = Attempt.objects.get(pk=asked.attempt_id)
            door.record_outcome(
                attempt=attempt, kind=Outcome.Kind.NO_ANSWER, by=scene.by, now=NOON + timedelta(hours=hours)
            )
    first, *_, last = Verdict.objects.order_by("at")
    assert last.rules[0] == CALLS
    assert first.packs["house"]["hash"] != last.packs["house"]["hash"] == house(MIDNIGHT).hash


def test_a_permit_ends_where_other_rules_begin(scene, officer, counsel):
    services.approve(version=submitted(officer), by=counsel, now=NOON)
    written = scene.write(now=NOON + timedelta(hours=9))
    assert Permit.objects.get(pk=written.permit).expires_at <= MIDNIGHT
    assert rulebook.standing(NOON).until == MIDNIGHT
    assert rulebook.standing(MIDNIGHT).until is None


@pytest.mark.django_db(transaction=True)
def test_whoever_asks_while_rules_change_holds_one_set():
    """Forty ask at the midnight at which two packs change, while both are approved: each verdict names a set that was
    in force as a whole at some moment."""
    scene, officer, counsel = Scene(), stories.user(Role.COMPLIANCE), stories.user(Role.LEGAL)
    versions = [submitted(officer, TODAY)]
    us = services.draft(pack="us.reg-f", by=officer, now=NOON)
    versions.append(services.submit(version=us, by=officer, force_from=TODAY, reason="x", now=NOON))
    before = {pack.id: pack.hash for pack in rulebook.in_force(NOON)}

    def act(i):
        try:
            if i in (10, 20):
                services.approve(version=versions[i // 10 - 1], by=counsel, now=NOON)
            else:
                scene.ask(key=f"call {i}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(40)))
    after = {pack.id: pack.hash for pack in rulebook.in_force(NOON)}
    mixed = [before | {"house": after["house"]}, before | {"us.reg-f": after["us.reg-f"]}]
    seen = [{name: pack["hash"] for name, pack in v.packs.items()} for v in Verdict.objects.all()]
    assert len(seen) == 38
    assert all(one in [before, after, *mixed] for one in seen)
    assert {name for name in after if after[name] != before[name]} == {"house", "us.reg-f"}


# ---- killed between steps


@pytest.mark.django_db(transaction=True)
def test_an_approval_that_is_killed_leaves_a_whole_version_or_none():
    officer, counsel = stories.user(Role.COMPLIANCE), stories.user(Role.LEGAL)
    mine = submitted(officer, TODAY)
    texts = PackText.objects.count()
    statement = 1
    while killed_at(statement, lambda: services.approve(version=mine, by=counsel, now=NOON), after=True):
        now = RuleVersion.objects.get(pk=mine.pk)
        if now.status == "submitted":
            assert (now.kept, PackText.objects.count(), times()) == (None, texts, 8)
            assert not Entry.objects.filter(verb="rules.approved").exists()
        else:
            break
        statement += 1
    assert statement > 4
    now = RuleVersion.objects.get(pk=mine.pk)
    assert (now.status, now.kept.text, times()) == ("approved", now.text, 1)
    assert Entry.objects.filter(verb="rules.approved").count() == 1


# ---- settings


def test_only_legal_signs_off_and_the_firm_makes_soft_rules_refuse(scene, officer, counsel):
    soft = next(rule.id for pack in packs.written() for rule in pack.rules if rule.decision == 1)
    with pytest.raises(RulebookError, match="signed off by legal"):
        services.draft_settings(signed_off={"cn.quiet-hours"}, stricter=set(), by=officer, now=NOON)
    new = services.draft_settings(signed_off={"cn.quiet-hours"}, stricter={soft}, by=counsel, now=NOON)
    services.submit(version=new, by=counsel, force_from=TOMORROW, reason="已核对原文", now=NOON)
    services.approve(version=new, by=officer, now=NOON)
    decided = {rule.id: rule.decision for pack in rulebook.in_force(MIDNIGHT) for rule in pack.rules}
    assert decided[soft] == 3
    asked = Verdict.objects.get(pk=scene.ask(now=MIDNIGHT + timedelta(hours=10)).verdict_id)
    assert asked.packs["settings"]["version"] == "2026-11-23.1"
    then = {rule.id: rule.decision for pack in rulebook.of_verdict(asked.packs) for rule in pack.rules}
    assert then == decided
    wrong = services.draft_settings(signed_off={"cn.quiet-hours"}, stricter={"cn.no"}, by=officer, now=NOON)
    with pytest.raises(RulebookError, match="no rule in force"):
        services.submit(version=wrong, by=officer, force_from=TOMORROW, reason="x", now=NOON)


# ---- what it costs


def test_a_question_takes_one_query(db, django_assert_num_queries):
    rulebook.in_force(NOON)
    with django_assert_num_queries(1):
        rulebook.in_force(NOON)
    assert rulebook.in_force(NOON) is rulebook.in_force(NOON), "texts are read once"


def test_texts_are_never_changed(db):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update contact_packtext set text = 'x'")


def test_a_pack_that_is_not_kept_is_told(db):
    with pytest.raises(rulebook.UnknownPack, match="0000"):
        rulebook.of_verdict({"cn": {"version": "1", "hash": "0000"}})
