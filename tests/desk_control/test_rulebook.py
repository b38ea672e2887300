"""The rulebook's pages: compliance drafts a change, tries it, legal approves it; replays are read."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import translation

import stories
from contact.conftest import NOON, Scene
from contact.test_replay import talk, tamper
from fairdue.contact import rulebook
from fairdue.contact.models import Replay, RuleVersion, Trial, Verdict
from fairdue.contact.rulebook import services
from fairdue.desk import clock
from fairdue.desk.pages import versions
from fairdue.law import packtext
from fairdue.staff.models import Role

pytestmark = pytest.mark.django_db
CALLS = "house.calls-a-day"
LATER = NOON + timedelta(hours=6)


@pytest.fixture(autouse=True)
def _six_hours_later(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LATER)


def client(role, language="en"):
    user, window = stories.user(role, language=language), Client()
    window.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    window.user = user
    return window


@pytest.fixture
def officer():
    return client(Role.COMPLIANCE)


@pytest.fixture
def counsel():
    return client(Role.LEGAL)


def drafted(officer, rule=CALLS):
    page = officer.post("/rulebook/new/", {"pack": "house", "rule": rule})
    return RuleVersion.objects.get(pk=int(re.search(r"/rulebook/(\d+)/rule/", page["Location"])[1]))


def told(page):
    return [str(message) for message in page.context["messages"]]


def test_a_number_is_changed_by_a_form_and_in_force_after_a_second_person(officer, counsel):
    draft = drafted(officer)
    form = officer.get(f"/rulebook/{draft.pk}/rule/{CALLS}/")
    assert [(f.name, f.shape, f.value, f.most) for f in form.context["fields"]][:3] == [
        ("at_most.times", "number", 8, 10), ("at_most.days", "number", 1, None), ("at_most.of", "count", "dials", None),
    ]  # fmt: skip
    zh, en = "公司政策：每人每日拨打不超过 6 次", "Firm policy: at most 6 calls a day"
    officer.post(f"/rulebook/{draft.pk}/rule/{CALLS}/", {"at_most.times": "6", "say.zh": zh, "say.en": en})
    page = officer.get(f"/rulebook/{draft.pk}/")
    (head, change) = page.context["sheet"].changes
    assert (head.rule, change.rule) == ("pack", CALLS)
    assert change.sentences[0] == "times: 6 instead of 8"
    assert f"“{en}”" in change.sentences[2]
    assert page.context["sheet"].checked.failed == ()

    day = {"force_from": "2026-11-24", "reason": "投诉"}
    assert told(officer.post(f"/rulebook/{draft.pk}/submit/", day, follow=True)) == ["Handed to a second person."]
    refused = officer.post(f"/rulebook/{draft.pk}/approve/", follow=True)
    assert told(refused) == ["A second person decides, never the author."]
    assert "Your decision" not in refused.content.decode()
    assert "Your decision" in counsel.get(f"/rulebook/{draft.pk}/").content.decode()
    counsel.post(f"/rulebook/{draft.pk}/approve/", {"reason": "同意"})
    shelf = next(s for s in officer.get("/rulebook/").context["shelves"] if s.pack == "house")
    assert ([v.pk for v in shelf.coming], shelf.binding.number) == ([draft.pk], 1)
    rules = [r for pack in rulebook.in_force(LATER + timedelta(days=1)) for r in pack.rules]
    assert next(r for r in rules if r.id == CALLS).terms["times"] == 6
    counsel.post(f"/rulebook/{draft.pk}/withdraw/", {"reason": "再议"})
    assert RuleVersion.objects.get(pk=draft.pk).status == "withdrawn"


def test_the_form_and_the_page_say_where_a_rule_speaks(officer):
    draft = drafted(officer, "house.hours")
    for place in (f"/rulebook/{draft.pk}/rule/house.hours/", "/rules/house/house.hours/"):
        page = officer.get(place).content.decode()
        assert "It speaks only here:" in page
        assert "Singapore" in page and "Elsewhere it stops nothing." in page
    assert "It speaks in every country." in officer.get(f"/rulebook/{draft.pk}/rule/{CALLS}/").content.decode()


def test_a_mistake_in_the_form_is_shown_and_not_saved(officer):
    draft = drafted(officer)
    page = officer.post(f"/rulebook/{draft.pk}/rule/{CALLS}/", {"at_most.times": "0"})
    assert page.status_code == 422
    assert "write a whole number of at least 1" in page.content.decode()
    assert RuleVersion.objects.get(pk=draft.pk).text == draft.text


def test_a_mistake_in_the_text_is_saved_and_shown_at_its_line(officer):
    draft = drafted(officer)
    block = packtext.rule_text(draft.text, CALLS).replace("times: 8", "times: many")
    page = officer.post(f"/rulebook/{draft.pk}/text/?rule={CALLS}", {"text": block, "then": "stay"})
    (wrong,) = page.context["sheet"].wrong
    saved = RuleVersion.objects.get(pk=draft.pk).text
    assert page.status_code == 422
    assert (saved.splitlines()[wrong.mistake.line - 1].strip(), wrong.mistake.rule) == (wrong.line, CALLS)
    assert f'data-line="{wrong.mistake.line}"' in page.content.decode()
    assert page.context["offset"] < wrong.mistake.line <= page.context["offset"] + len(block.splitlines())
    tried = officer.post(f"/rulebook/{draft.pk}/try/", {"days": "30"}, follow=True)
    assert "at least 1" in told(tried)[0]


def test_examples_that_come_out_otherwise_are_shown_and_taken_over(officer):
    draft = drafted(officer, "house.gap-between-calls")
    officer.post(f"/rulebook/{draft.pk}/rule/house.gap-between-calls/", {"minimum_gap.minutes": "14"})
    page = officer.get(f"/rulebook/{draft.pk}/")
    assert [one.found for one in page.context["sheet"].checked.failed] == ["allow instead of deny"]
    officer.post(f"/rulebook/{draft.pk}/examples/")
    page = officer.get(f"/rulebook/{draft.pk}/")
    assert page.context["sheet"].checked.failed == ()
    assert "1 new or rewritten, 1 gone" in page.content.decode()
    assert page.context["sheet"].checked.good  # one side is left: shown by `rules check`, no reason to write YAML here


def test_words_that_do_not_follow_the_numbers_are_told_to_both(officer, counsel):
    draft, rule = drafted(officer, "house.gap-between-calls"), "house.gap-between-calls"
    place = f"/rulebook/{draft.pk}/"
    officer.post(f"{place}rule/{rule}/", {"minimum_gap.minutes": "240"})
    officer.post(f"{place}examples/")
    page = officer.get(place)
    assert [(one.rule, len(one.sentences)) for one in page.context["sheet"].behind] == [(rule, 4)]
    assert "text (English): still says 15, but “minutes” is 240 now." in page.content.decode()
    officer.post(f"{place}submit/", {"force_from": "2026-11-24", "reason": "x"})
    assert page.context["sheet"].behind == counsel.get(place).context["sheet"].behind
    assert 'href="#behind"' in counsel.get(place).content.decode()


def test_a_decline_needs_a_reason_and_shows_it(officer, counsel):
    draft = drafted(officer)
    officer.post(f"/rulebook/{draft.pk}/rule/{CALLS}/", {"at_most.times": "7"})
    officer.post(f"/rulebook/{draft.pk}/submit/", {"force_from": "2026-11-24", "reason": "x"})
    assert "Say why" in told(counsel.post(f"/rulebook/{draft.pk}/decline/", follow=True))[0]
    counsel.post(f"/rulebook/{draft.pk}/decline/", {"reason": "数字没有依据"})
    assert "数字没有依据" in officer.get(f"/rulebook/{draft.pk}/").content.decode()


@pytest.mark.parametrize("day", ["", "never", "2026-11-22"])
def test_a_day_that_cannot_be_is_said(officer, day):
    draft = drafted(officer)
    page = officer.post(f"/rulebook/{draft.pk}/submit/", {"force_from": day, "reason": "投诉太多"})
    assert told(page) and page.status_code == 422
    kept = page.content.decode()
    assert f'value="{day}"' in kept and "投诉太多</textarea>" in kept
    assert RuleVersion.objects.get(pk=draft.pk).status == "draft"


def test_drafts_are_taken_back_and_given_up(officer):
    draft = drafted(officer)
    officer.post(f"/rulebook/{draft.pk}/rule/{CALLS}/", {"at_most.times": "7"})
    officer.post(f"/rulebook/{draft.pk}/submit/", {"force_from": "2026-11-24", "reason": "x"})
    officer.post(f"/rulebook/{draft.pk}/take-back/")
    assert RuleVersion.objects.get(pk=draft.pk).status == "draft"
    officer.post(f"/rulebook/{draft.pk}/discard/")
    assert RuleVersion.objects.get(pk=draft.pk).status == "withdrawn"


def test_another_ones_draft_is_read_and_not_written(officer, counsel):
    draft = drafted(officer)
    page = counsel.post(f"/rulebook/{draft.pk}/rule/{CALLS}/", {"at_most.times": "7"})
    assert "Only its author" in page.content.decode()
    assert RuleVersion.objects.get(pk=draft.pk).text == draft.text
    assert "readonly" in counsel.get(f"/rulebook/{draft.pk}/text/").content.decode()


def test_a_text_in_which_the_rule_is_no_longer_found_is_kept_and_shown_whole(officer):
    draft, rule = drafted(officer), "house.emails-a-day"
    place, whole = f"/rulebook/{draft.pk}/text/?rule={rule}", f"/rulebook/{draft.pk}/text/"
    line = packtext.places(draft.text)[rule][0] + 1
    saved = officer.post(place, {"text": "{{{: not yaml", "then": "stay"})
    assert (saved.status_code, saved["Location"]) == (302, whole)
    page = officer.get(place, follow=True)
    assert page.redirect_chain == [(whole, 302)]
    assert any(rule in message for message in told(page))
    assert "{{{: not yaml" in page.context["text"]
    (wrong,) = page.context["sheet"].wrong
    assert (wrong.mistake.line, wrong.line) == (line, "{{{: not yaml")
    assert "house/contact.yaml" in page.content.decode()
    assert f"{whole}#line-{line}" in officer.get(f"/rulebook/{draft.pk}/").content.decode()
    other = officer.get(f"{whole}?rule={CALLS}").content.decode()  # the mistake lies outside of what is shown
    assert f"{whole}#line-{line}" in other


def test_a_page_left_open_never_overwrites_the_rest_of_the_text(officer):
    draft = drafted(officer)
    block = packtext.rule_text(draft.text, CALLS)
    services.write(version=draft, by=officer.user, text=packtext.with_rule(draft.text, CALLS, ""))
    officer.post(f"/rulebook/{draft.pk}/text/?rule={CALLS}", {"text": block, "then": "stay"})
    kept = RuleVersion.objects.get(pk=draft.pk).text
    assert packtext.places(kept).keys() == packtext.places(draft.text).keys()


@pytest.mark.parametrize("broken", ["[", f"{CALLS}: 5", f"{CALLS}: {{at_most: 7}}", ""])
def test_a_broken_draft_is_shown_whatever_was_typed(officer, broken):
    draft = drafted(officer)
    head = packtext.rule_text(draft.text, "pack")
    services.write(version=draft, by=officer.user, text=f"{head}\n{broken}\n" if broken else "")
    assert officer.get(f"/rulebook/{draft.pk}/").status_code == 200
    assert officer.get(f"/rulebook/{draft.pk}/text/").status_code == 200
    form = officer.get(f"/rulebook/{draft.pk}/rule/{CALLS}/")
    assert (form.status_code, form["Location"]) == (302, f"/rulebook/{draft.pk}/text/")
    assert officer.post(f"/rulebook/{draft.pk}/examples/").status_code == 422
    assert officer.post(f"/rulebook/{draft.pk}/try/", {"days": "7"}).status_code == 302


# ---- settings


def test_legal_signs_off_and_compliance_cannot(officer, counsel):
    unconfirmed, soft = versions.settings_choices(at=LATER)
    assert soft
    officer.post("/rulebook/settings/", {"signed_off": [c.rule.id for c in unconfirmed], "stricter": [soft[0].rule.id]})
    mine = RuleVersion.objects.get(pack="settings")
    assert "signed_off: []" in mine.text
    assert soft[0].rule.id in mine.text
    text = officer.get(f"/rulebook/{mine.pk}/").content.decode()
    assert "refuses instead of warning" in text and "Sign-offs of legal" in text
    page = officer.get(f"/rulebook/{mine.pk}/")
    assert page.status_code == 200
    officer.post(f"/rulebook/{mine.pk}/submit/", {"force_from": "2026-11-23", "reason": "x"})
    counsel.post(f"/rulebook/{mine.pk}/approve/")
    assert [c.rule.id for c in versions.settings_choices(at=LATER)[1] if c.chosen] == [soft[0].rule.id]
    assert "disabled" in officer.get("/rulebook/settings/").content.decode() or not unconfirmed


# ---- trials and replays


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_trial_shows_its_progress_then_what_it_found(language):
    officer, scene = client(Role.COMPLIANCE, language), Scene()
    talk(scene)
    draft = drafted(officer)
    rule = draft.text + packtext.rule_text(draft.text, "house.public-view").replace("house.public-view", "house.no-calls").replace(
        "{channel: [social]}", "{channel: [call]}").replace("channel: social", "channel: call")  # fmt: skip
    services.write(version=draft, by=officer.user, text=rule)
    place = officer.post(f"/rulebook/{draft.pk}/try/", {"days": "30"})["Location"]
    trial = Trial.objects.get()
    waiting = officer.get(place)
    assert waiting.context["live"]
    Trial.objects.filter(pk=trial.pk).update(status="running", done=3, total=8)
    assert 'value="3"' in officer.get(place, headers={"HX-Request": "true"}).content.decode()
    services.run_trial(trial_id=trial.pk, now=LATER)
    page = officer.get(place)
    sides = dict(page.context["sides"])
    lawful = Verdict.objects.filter(channel=1, decision__lt=2).count()
    assert sides["stopped"].whole.n == lawful
    assert [row.of for row in sides["stopped"].rules] == ["house.no-calls"]
    assert f"/verdicts/{sides['stopped'].examples[0]['verdict']}/" in page.content.decode()
    assert officer.get(f"/rulebook/{draft.pk}/").context["trials"] == [trial]


def test_a_trial_that_failed_says_why(officer):
    trial = Trial.objects.create(
        pack="house", file="f", text="x", days=1, asked_at=LATER, status="failed", error="why?"
    )
    assert "why?" in officer.get(f"/rulebook/trials/{trial.pk}/").content.decode()


def test_a_replay_is_started_and_its_differences_read(officer):
    talk(Scene())
    assert officer.get("/rulebook/replays/").status_code == 200
    tamper(Verdict.objects.latest("pk").pk, "decision = 2")
    assert "queued" in told(officer.post("/rulebook/replays/start/", {"since": "2026-11-01"}, follow=True))[0]
    assert "waiting already" in told(officer.post("/rulebook/replays/start/", follow=True))[0]
    assert "year-month-day" in told(officer.post("/rulebook/replays/start/", {"since": "x"}, follow=True))[0]
    run = services.replay(now=LATER)
    page = officer.get(f"/rulebook/replays/{run.pk}/").content.decode()
    assert "decision" in page
    assert f"/verdicts/{Verdict.objects.latest('pk').pk}/" in page
    Replay.objects.filter(pk=run.pk).update(status="running")
    assert officer.get("/rulebook/replays/").context["live"]


def test_a_verdict_of_former_rules_is_told_by_the_rules_of_then(officer, counsel):
    scene = Scene()
    scene.ask(now=NOON)
    refused = scene.ask(now=NOON + timedelta(minutes=1))
    assert not refused.allowed
    draft = drafted(officer, "house.gap-between-calls")
    officer.post(f"/rulebook/{draft.pk}/rule/house.gap-between-calls/", {"minimum_gap.minutes": "15", "say.en": "Anew"})
    officer.post(f"/rulebook/{draft.pk}/submit/", {"force_from": "2026-11-23", "reason": "x"})
    counsel.post(f"/rulebook/{draft.pk}/approve/")
    page = officer.get(f"/verdicts/{refused.verdict_id}/")
    (ground,) = (g for g in page.context["objected"] if g.id == "house.gap-between-calls")
    assert (ground.changed, "at least 15 minutes" in ground.says["en"]) == (True, True)
    assert page.context["replay"].same


@pytest.mark.parametrize(
    ("day", "said", "page"),
    [
        ("2026-11-23", "Approved. It is in force from this moment on.", "in force from 23 Nov"),
        ("2026-11-24", "Approved. It comes into force on its day by itself.", "in force from 24 Nov"),
    ],
)
def test_an_approval_says_from_when_it_binds(officer, counsel, day, said, page):
    draft = drafted(officer)
    officer.post(f"/rulebook/{draft.pk}/rule/{CALLS}/", {"at_most.times": "6"})
    officer.post(f"/rulebook/{draft.pk}/submit/", {"force_from": day, "reason": "x"})
    assert ("binds from the moment you approve" in counsel.get(f"/rulebook/{draft.pk}/").content.decode()) == (
        day == "2026-11-23"
    )
    done = counsel.post(f"/rulebook/{draft.pk}/approve/", follow=True)
    assert told(done) == [said]
    assert page in done.content.decode()
    assert "2026-11-23, 00:00" not in done.content.decode()
    history = officer.get("/rules/changes/?since=2026-11-22&until=2026-11-23").context["changes"]
    assert len(history.replaced) == (day == "2026-11-23")


def approved(officer, counsel, edit, day="2026-11-30"):
    """The house's pack, edited by one and approved by another from a day on."""
    draft = services.draft(pack="house", by=officer.user, now=LATER)
    draft = services.write(version=draft, by=officer.user, text=edit(draft.text))
    services.submit(version=draft, by=officer.user, force_from=date.fromisoformat(day), reason="x", now=LATER)
    return services.approve(version=draft, by=counsel.user, now=LATER)


def test_an_approved_change_is_told_before_its_day(officer, counsel):
    rulebook.in_force(LATER)
    approved(officer, counsel, lambda text: packtext.with_value(text, (CALLS, "at_most", "times"), 6))
    page = officer.get("/rules/changes/?since=2026-11-29&until=2026-11-30")
    (change,) = page.context["changes"].replaced
    assert (change.kept.rule.id, change.sentences) == (CALLS, ("times: 6 instead of 8",))
    assert officer.get("/rules/changes/?since=2026-11-23&until=2026-11-29").context["changes"].count == 0
    rule = officer.get(f"/rules/house/{CALLS}/")
    told = [(one.day.isoformat(), one.change.sentences) for one in rule.context["coming"]]
    assert told == [("2026-11-30", ("times: 6 instead of 8",))]
    assert "From 30 Nov 2026, 00:00" in rule.content.decode()


def test_the_page_of_a_rule_follows_the_day_asked_about(officer, counsel, monkeypatch):
    rulebook.in_force(LATER)
    approved(officer, counsel, lambda text: packtext.with_value(text, (CALLS, "at_most", "times"), 6))
    address = f"/rules/house/{CALLS}/"

    def shown(query=""):
        page = officer.get(address + query)
        return page.context["kept"].rule.terms["times"], page.content.decode()

    times, page = shown("?on=2026-11-30")
    assert (times, "A coming version" in page) == (6, True)
    assert shown("?on=2026-11-29")[0] == 8
    monkeypatch.setattr(clock, "now", lambda: LATER + timedelta(days=14))
    times, page = shown("?on=2026-11-29")
    assert (times, "A former version" in page, f'href="{address}"' in page) == (8, True, True)
    times, page = shown()
    assert (times, "version: the rule" in page) == (6, False)
    assert f'href="{address}?on=2026-11-29"' in officer.get("/rules/?on=2026-11-29&jurisdiction=house").content.decode()
    assert f'href="{address}"' in officer.get("/rules/?jurisdiction=house").content.decode()


def test_a_verdict_names_the_packs_that_could_bind_and_the_rest_apart(officer):
    Scene().ask()
    page = officer.get(f"/verdicts/{Verdict.objects.get().pk}/")
    packs = page.context["packs"]
    assert {"gate", "house", "cn"} <= {pack["id"] for pack in packs["binding"]} <= {"gate", "house", "cn", "settings"}
    assert {"us.reg-f", "au", "sg"} <= {pack["id"] for pack in packs["others"]}
    assert "Mainland China rules on collection contacts" in page.content.decode()


def test_a_rule_that_is_new_on_a_coming_day_has_its_page(officer, counsel):
    rulebook.in_force(LATER)

    def with_new(text):
        block = packtext.rule_text(text, CALLS).replace(f"{CALLS}:", "house.new-cap:")
        return packtext.with_rule(text, "house.new-cap", block)

    approved(officer, counsel, with_new)
    page = officer.get("/rules/house/house.new-cap/").content.decode()
    assert "This rule is not in force today." in page
    assert "This rule will be new." in page


@pytest.mark.parametrize(
    ("shortened", "said", "unsaid"),
    [
        (302, "302 items keep fewer lawful hours", "Nothing would have come out otherwise"),
        (0, "Nothing would have come out otherwise", "No contact would have been stopped"),
    ],
)
def test_a_trial_that_only_shortens_hours_is_not_called_one_without_effect(officer, shortened, said, unsaid):
    side = {"n": 0, "cases": 0, "money": {}, "rules": [], "teams": [], "buckets": [], "examples": []}
    whole = {
        "judged": 10,
        "items": 302,
        "changed": [CALLS],
        "stopped": side,
        "freed": side,
        "plan": side,
        "lacking": {},
    }
    counts = {"otherwise": 0, "cannot_tell": 0, "unreadable": 0, "shortened": shortened}
    tried = Trial.objects.create(pack="house", days=30, status="done", asked_at=LATER, result=whole | counts)
    page = officer.get(f"/rulebook/trials/{tried.pk}/").content.decode()
    assert said in page
    assert unsaid not in page


def test_a_text_is_looked_at_once(officer, monkeypatch):
    draft = drafted(officer)
    officer.get(f"/rulebook/{draft.pk}/")
    monkeypatch.setattr(packtext, "tried", lambda pack: pytest.fail("judged again"))
    assert officer.get(f"/rulebook/{draft.pk}/").context["sheet"].came_out > 20


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("times: 8", "times: many", "请写不小于 1 的整数"),
        ("times: 8", "times: 80", "只保留最近"),
        ("times: 8", "tmes: 8", "没有这个字段；可用的有"),
        ("level: policy", "level: gossip", "请从下列选择：law"),
        ("of: dials", "of: knocks", "请从下列选择"),
        ("at_most:", "at_least:", "没有这个字段"),
    ],
)
def test_a_mistake_is_told_in_chinese_on_a_chinese_page(old, new, told):
    officer = client(Role.COMPLIANCE, language="zh-hans")
    draft = drafted(officer)
    block = packtext.rule_text(draft.text, CALLS)
    assert old in block
    page = officer.post(f"/rulebook/{draft.pk}/text/?rule={CALLS}", {"text": block.replace(old, new), "then": "stay"})
    (wrong,) = page.context["sheet"].wrong
    with translation.override("zh-hans"):
        assert told in wrong.why
        assert wrong.why in unescape(page.content.decode())
    tried = officer.post(f"/rulebook/{draft.pk}/try/", {"days": "30"}, follow=True)
    assert f"第 {wrong.mistake.line} 行，规则 {CALLS}" in str(next(iter(tried.context["messages"])))
