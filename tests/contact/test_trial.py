"""What-if: a draft on the verdicts of the last days and on today's lists, by figures worked out by hand."""

from datetime import date, timedelta

import pytest

import stories
from contact.conftest import NOON, Scene
from contact.test_rulebook import CALLS, TODAY, fewer_calls
from fairdue.cases.models import WorkItem
from fairdue.contact import services as door
from fairdue.contact.models import Trial, Verdict
from fairdue.contact.rulebook import services
from fairdue.contact.rulebook.services import RulebookError, trying
from fairdue.law import packtext
from fairdue.staff.models import Role

LATER = NOON + timedelta(hours=6)
RECORDED = """
house.unrecorded:
  stop: {}
  when: {channel: [call], recording: [false]}
  law: {cites: {zh: 公司政策：未录音不得拨打, en: "Firm policy: no call without a recording"}, level: policy, confidence: D}
  say: {zh: 未录音不得拨打, en: No call without a recording}
  examples: [{at: 2026-03-02T10:00, channel: call, recording: false, expect: deny}]
"""


@pytest.fixture
def officer(db):
    return stories.user(Role.COMPLIANCE)


@pytest.fixture
def scene(db):
    """Wang owes ¥1,000.00 and is called at 12:00, 12:10 (too soon), 13:00, 14:00; Zhao, who owes ¥500.00, at 12:00."""
    scene = Scene()
    scene.by.team = stories.team("一组")
    scene.by.save()
    for minutes in (0, 10, 60, 120):
        at = NOON + timedelta(minutes=minutes)
        asked = scene.ask(now=at)
        if asked.allowed:
            door.hand_over(permit=asked.permit, by=scene.by, now=at)
    zhao = stories.person("赵")
    stories.account(zhao, scene.lender, principal=50_000, dues={date(2026, 10, 1): 50_000})
    scene.other = stories.case(zhao, scene.lender, owner=scene.by)
    scene.ask(case=scene.other, contact_point=stories.phone(zhao, "+8613900139000"))
    assert [v.decision for v in Verdict.objects.order_by("pk")] == [0, 3, 0, 0, 0]
    return scene


def tried(version, *, days=30, text=None, now=LATER):
    trial = services.ask_trial(
        text=text or version.text, pack=version.pack, file=version.file, days=days, by=None, now=now, version=version
    )
    found = services.run_trial(trial_id=trial.pk, now=now)
    assert found.status == "done", found.error
    return found.result


def test_one_call_a_day_would_have_stopped_the_second_and_third(scene, officer):
    """Of Wang's three calls two; his ¥1,000.00 are counted once. Zhao's only call stands."""
    found = tried(fewer_calls(officer, 1))
    stopped = found["stopped"]
    assert (found["judged"], found["changed"]) == (5, [CALLS])
    assert (stopped["n"], stopped["cases"], stopped["money"]) == (2, 1, {"CNY": 100_000})
    assert stopped["rules"] == [{"of": CALLS, "n": 2, "cases": 1, "money": {"CNY": 100_000}}]
    assert [(row["of"], row["n"]) for row in stopped["teams"]] == [("一组", 2)]
    assert [(row["of"], row["n"]) for row in stopped["buckets"]] == [(-1, 2)], "not aged yet"
    ids = list(Verdict.objects.order_by("pk").values_list("pk", flat=True))
    assert [row["verdict"] for row in stopped["examples"]] == ids[2:4]
    assert (found["freed"]["n"], found["cannot_tell"], found["unreadable"], found["otherwise"]) == (0, 0, 0, 0)


def test_a_shorter_gap_would_have_freed_the_call_at_ten_past(scene, officer):
    new = services.draft(pack="house", by=officer, now=NOON)
    found = tried(new, text=packtext.with_value(new.text, ("house.gap-between-calls", "minimum_gap", "minutes"), 10))
    assert (found["stopped"]["n"], found["freed"]["n"]) == (0, 1)
    assert [row["of"] for row in found["freed"]["rules"]] == ["house.gap-between-calls"]


def test_a_warning_more_is_neither(scene, officer):
    new = services.draft(pack="house", by=officer, now=NOON)
    rule = RECORDED.replace("when: {channel: [call], recording: [false]}", "decision: warn\n  when: {channel: [call]}")
    found = tried(new, text=new.text + rule.replace("expect: deny", "expect: warn"))
    assert (found["stopped"]["n"], found["freed"]["n"], found["otherwise"]) == (0, 0, 4)


def test_a_fact_that_was_not_kept_is_owned_up_to(scene, officer):
    """Nobody records with a verdict whether a call was recorded: of five calls nobody can tell."""
    new = services.draft(pack="house", by=officer, now=NOON)
    found = tried(new, text=new.text + RECORDED)
    assert (found["cannot_tell"], found["lacking"], found["stopped"]["n"]) == (5, {"recording": 5}, 0)


def test_only_the_days_asked_for_are_tried(scene, officer):
    assert tried(fewer_calls(officer, 1), days=1, now=NOON + timedelta(hours=24, minutes=30))["judged"] == 2


def item(case, user, day=TODAY, **fields):
    return WorkItem.objects.create(
        on=day, case=case, user=user, rank=1, score=1, action="call", window_start=NOON,
        window_end=NOON + timedelta(hours=6), **fields,
    )  # fmt: skip


def test_the_lists_of_today_and_tomorrow_are_asked_anew(scene, officer):
    """Nobody may be called or written to any more: both open items are lost. One call a day: the e-mail is left."""
    item(scene.case, scene.by)
    item(scene.other, scene.by)
    item(scene.other, scene.by, TODAY + timedelta(days=1), status="done")
    stories.email(scene.other.person, "zhao@example.com")
    new = services.draft(pack="house", by=officer, now=NOON)
    rule = RECORDED.replace("house.unrecorded", "house.often-called").replace("recording: [false]", "on_hold: [false]")
    text = packtext.with_value(new.text + rule, ("house.often-called", "when"), {"channel": ["call", "email"]})
    found = tried(new, text=text.replace("channel: call, recording: false,", "channel: call,"))
    assert (found["items"], found["plan"]["n"], found["plan"]["cases"]) == (2, 2, 2)
    assert found["plan"]["money"] == {"CNY": 150_000}
    late = tried(fewer_calls(officer, 1))
    assert (late["plan"]["n"], late["items"]) == (0, 2), "an e-mail is still lawful"


def test_a_draft_with_mistakes_is_not_tried(officer):
    with pytest.raises(RulebookError, match=r"p.yaml, line 1"):
        services.ask_trial(text="nothing", pack="house", file="p.yaml", days=1, by=officer, now=NOON)
    assert not Trial.objects.exists()


def test_progress_is_in_the_row_after_each_batch(scene, officer, monkeypatch):
    monkeypatch.setattr(trying, "BATCH", 2)
    new = fewer_calls(officer, 1)
    seen = []

    def progress(done, total):
        trial = Trial.objects.get()
        seen.append((done, total, trial.done, trial.status))

    trial = services.try_now(text=new.text, pack="house", file=new.file, days=3, now=LATER, progress=progress)
    assert seen == [(2, 5, 2, "running"), (4, 5, 4, "running"), (5, 5, 5, "running")]
    assert (trial.status, trial.result["stopped"]["n"]) == ("done", 2)
    assert services.run_trial(trial_id=trial.pk, now=LATER).ended_at == trial.ended_at, "done is done"
