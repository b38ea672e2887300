"""Rules found, read, compared between days; what a verdict let pass; how often a rule spoke."""

import re
from datetime import date

import pytest
from django.test import Client
from django.utils import translation

import stories
from fairdue.contact.models import Verdict
from fairdue.desk import clock, writing
from fairdue.desk.pages import rulebook, rulechanges, rulewords
from fairdue.desk.pages.versions import Sum
from fairdue.desk.templatetags.rulebook import at_stake
from fairdue.law import packs
from fairdue.law.codes import Channel, Decision, Purpose, Relation
from fairdue.law.kinds import KINDS
from fairdue.staff.models import Role

pytestmark = pytest.mark.django_db
NOW = stories.utc("2026-03-05T10:00+08:00")
TODAY = date(2026, 3, 5)


@pytest.fixture(autouse=True)
def _at_ten(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def as_(role):
    client = Client()
    user = stories.user(role, team=stories.team(), language="en")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def ids(**fields):
    return {kept.rule.id for book in rulebook.books(rulebook.Filters(TODAY, **fields)) for kept in book.rules}


# ---- the browser


@pytest.mark.parametrize(
    ("query", "found", "left_out"),
    [
        ("jurisdiction=us", "us.quiet-hours", "cn.quiet-hours"),
        ("jurisdiction=house", "house.calls-a-day", "cn.quiet-hours"),
        ("kind=at_most", "cn.three-conversations", "cn.quiet-hours"),
        ("level=standard", "cn.quiet-hours", "house.calls-a-day"),
        ("confidence=D", "house.calls-a-day", "cn.quiet-hours"),
        ("on=2024-06-01", "cn.quiet-hours-2024", "cn.quiet-hours"),
        ("q=短信", "house.texts-a-day", "cn.quiet-hours"),
        ("q=Text+messages+a+day", "house.texts-a-day", "cn.quiet-hours"),
        ("q=shame", "cn.no-shaming", "cn.quiet-hours"),
        ("q=shaming+no", "cn.no-shaming", "cn.quiet-hours"),
        ("q=cn.no-sham", "cn.no-shaming", "cn.quiet-hours"),
        ("q=CN-HRS-01", "cn.quiet-hours", "cn.three-conversations"),
        ("q=羞辱", "cn.no-shaming", "cn.quiet-hours"),
        ("q=短信+公司", "house.texts-a-day", "cn.quiet-hours"),
        ("on=nonsense", "cn.quiet-hours", "cn.quiet-hours-2024"),
    ],
)
def test_a_rule_is_found_by_each_filter(query, found, left_out):
    text = as_(Role.COLLECTOR).get(f"/rules/?{query}").content.decode()
    assert f'id="{found}"' in text
    assert f'id="{left_out}"' not in text


def test_the_page_says_how_many_there_are():
    page = as_(Role.COLLECTOR).get("/rules/?kind=at_most&jurisdiction=cn")
    assert page.context["count"] == len(ids(kind="at_most", jurisdiction="cn")) > 1
    assert f"{page.context['count']} of {page.context['total']} rules of" in page.content.decode()
    assert page.context["total"] == len(ids()) > page.context["count"]
    assert "rules in force on" in as_(Role.COLLECTOR).get("/rules/").content.decode()


def test_a_filter_that_cannot_be_read_is_said_and_left_out():
    page = as_(Role.COMPLIANCE).get("/rules/?on=bogus&confidence=Z&kind=at_most")
    text = page.content.decode()
    assert "“Z” is no value of the filter “Confidence”; it was left out." in text
    assert "“bogus” is no day for “In force on”; write it as 2026-03-25. It was left out." in text
    assert page.context["count"] == len(ids(kind="at_most")) > 0
    assert (page.context["chosen"].confidence, page.context["chosen"].on) == ("", TODAY)


def test_a_day_long_ago_is_written_with_four_figures_of_its_year():
    with translation.override("zh-hans"):
        assert writing.day(date(1, 1, 1)) == "0001-01-01"
        assert writing.day(NOW) == "2026-03-05"


@pytest.mark.parametrize(("cases", "said"), [(0, "0 cases"), (1, "1 case"), (2, "2 cases")])
def test_cases_are_counted_in_good_english(cases, said):
    assert at_stake(Sum("", 5, cases, [])) == said


def test_what_helps_is_written_without_a_stray_space():
    rule = next(rule for pack in packs.everything() for rule in pack.rules if pack.id == "house" and rule.cure)
    assert "What helps:</span>" in as_(Role.COLLECTOR).get(f"/rules/house/{rule.id}/").content.decode()


def test_nothing_found_says_what_to_do():
    assert "No rule fits" in as_(Role.COLLECTOR).get("/rules/?q=no-such-rule").content.decode()


# ---- between two days


def test_the_2024_guideline_became_the_2025_standard():
    found = rulechanges.between(date(2024, 6, 1), TODAY)
    (hours,) = (c for c in found.replaced if c.now.rule.id == "cn.quiet-hours")
    assert hours.was.rule.id == "cn.quiet-hours-2024"
    told = {str(what): (str(old), str(new)) for what, old, new in hours.differences}
    assert told["Rank of the source"] == ("self-regulation", "standard")
    assert "What it says" not in told


@pytest.mark.parametrize(
    ("since", "was", "now"),
    [
        (date(2024, 1, 1), "cn.hours-before-2024", "cn.quiet-hours"),  # by way of the guideline of 2024
        (date(2024, 1, 1), "us-nyc.two-in-a-week", "us-nyc.three-in-a-week"),  # by its day, under another name
    ],
)
def test_a_rule_is_told_with_the_one_whose_place_it_took(since, was, now):
    found = rulechanges.between(since, date(2026, 11, 29))
    (change,) = (c for c in found.replaced if c.now.rule.id == now)
    assert change.was.rule.id == was
    assert change.differences
    assert not {was, now} & {c.kept.rule.id for c in (*found.came, *found.went)}


@pytest.mark.parametrize("since", [date(2021, 12, 1), date(2024, 1, 1), date(2025, 6, 1)])
def test_no_rule_takes_the_place_of_one_of_another_kind(since):
    for change in rulechanges.between(since, date(2026, 11, 29)).replaced:
        assert change.was.rule.kind.name == change.now.rule.kind.name


def test_the_same_day_differs_in_nothing():
    assert rulechanges.between(TODAY, TODAY).count == 0
    assert "Nothing changed" in as_(Role.RISK).get("/rules/changes/?since=2026-03-05&until=2026-03-05").content.decode()


def test_days_in_the_wrong_order_are_put_right():
    page = as_(Role.RISK).get("/rules/changes/?since=2026-03-05&until=2024-06-01")
    assert (page.context["since"], page.context["until"]) == (date(2024, 6, 1), TODAY)


# ---- one rule


@pytest.mark.parametrize("rule", [rule for pack in packs.everything() for rule in pack.rules], ids=lambda r: r.id)
def test_every_rule_is_told_in_words_without_a_code(rule):
    pack = next(pack for pack in packs.everything() if rule in pack.rules)
    kept = rulebook.one(pack.id, rule.id, on=TODAY)
    assert kept.does
    blocks = [*kept.applies, *kept.exceptions, *kept.covers]
    told = [kept.does, *(f"{name} {value}" for block in blocks for name, value in block)]
    assert not [text for text in told if "_" in text or "array" in text]
    assert all(value for block in kept.applies for _name, value in block)
    assert [instead for *_, instead in kept.ran if instead] == []


RULES = [rule for pack in packs.written() for rule in pack.rules]


@pytest.mark.parametrize("duty", sorted({d for r in RULES if r.kind.name == "must_say" for d in r.terms["what"]}))
def test_every_duty_is_told_in_both_languages(duty):
    english = str(rulewords.DUTIES[duty])
    with translation.override("zh-hans"):
        assert re.search(r"[\u4e00-\u9fff]", str(rulewords.DUTIES[duty]))
    assert english != duty.replace("_", " ")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_told_in_chinese(kind):
    packs_of = ((rule, pack) for pack in packs.written() for rule in pack.rules if rule.kind.name == kind)
    rule, pack = next(packs_of)
    with translation.override("zh-hans"):
        assert not re.search(r"[A-Za-z]{4,}", re.sub(r"[A-Z]\w+/\w+", "", rulewords.sentence(rule, pack)))


def test_quiet_hours_name_the_clock_that_counts():
    told = rulebook.one("cn", "cn.quiet-hours", on=TODAY).does
    assert told == "No contact from 22:00 to before 08:00, by the one clock of the country (Asia/Shanghai)."
    assert "every zone the person may be in" in rulebook.one("house", "house.hours", on=TODAY).does


def test_a_cap_and_quiet_hours_in_words():
    cap = rulebook.one("cn", "cn.three-conversations", on=TODAY)
    assert cap.does == "At most 3 in one calendar day. Counted: Calls that became a conversation."
    assert ("Channel", "Phone call or Voicemail") in [(str(n), v) for n, v in cap.applies[0]]
    hours = rulebook.one("cn", "cn.quiet-hours", on=TODAY)
    assert "22:00 to before 08:00" in hours.does
    assert [("Contact in off hours agreed", "yes")] in [[(str(n), v) for n, v in block] for block in hours.exceptions]


def test_the_page_shows_source_letter_examples_and_kin():
    text = as_(Role.COLLECTOR).get("/rules/cn/cn.quiet-hours/").content.decode()
    for said in ("22:00 至次日 08:00", "GB/T 45251-2025", "two reports of the text agree", "as expected", "2026-03-03 08:00"):  # fmt: skip
        assert said in text
    assert "/rules/cn/cn.quiet-hours-2024/" in text
    assert "How often it spoke" not in text  # a collector has no verdicts to open


@pytest.mark.parametrize("path", ["/rules/cn/nothing/", "/rules/us/cn.quiet-hours/", "/rules/x/y/"])
def test_no_such_rule_is_not_found(path):
    assert as_(Role.COMPLIANCE).get(path).status_code == 404


def test_an_example_that_fails_is_said_so(monkeypatch):
    monkeypatch.setattr("fairdue.law.examples.difference", lambda *_: "deny instead of allow")
    text = as_(Role.COMPLIANCE).get("/rules/cn/cn.quiet-hours/").content.decode()
    assert f"{len(rulebook.one('cn', 'cn.quiet-hours', on=TODAY).rule.examples)} do not come out" in text
    assert "deny instead of allow" in text


def verdict(case, at, decision=Decision.DENY, rules=("cn.quiet-hours",)):
    return Verdict.objects.create(
        at=stories.utc(at), person=case.person, addressee=case.person, case=case, decision=decision, rules=list(rules),
        channel=Channel.CALL, purpose=Purpose.COLLECT, relation=Relation.DEBTOR,
    )  # fmt: skip


def test_how_often_it_spoke_opens_into_the_verdicts(django_assert_max_num_queries):
    case = stories.case(stories.person(), stories.creditor())
    for at in ("2026-03-05T09:00+08:00", "2026-02-27T00:00+08:00", "2026-02-26T23:59+08:00", "2026-01-01T09:00+08:00"):
        verdict(case, at)
    verdict(case, "2026-03-04T09:00+08:00", Decision.WARN)
    verdict(case, "2026-03-04T09:00+08:00", rules=["house.gap"])
    client = as_(Role.COMPLIANCE)
    with django_assert_max_num_queries(9):
        page = client.get("/rules/cn/cn.quiet-hours/")
    week, month, quarter = page.context["spoken"]
    assert (week.days, week.all, month.all, quarter.all) == (7, 3, 4, 5)
    assert dict(week.decisions) == {Decision.WARN: 1, Decision.DENY: 2}
    listed = client.get(f"/verdicts/?{week.filter.query}").context["page"]
    assert len(listed) == 3


def test_a_rule_shows_the_names_that_rest_on_another_source():
    text = as_(Role.COMPLIANCE).get("/rules/cn/cn.three-conversations/").content.decode()
    assert "Names that rest on another source than the rule itself:" in text
    assert re.search(r'CN-FRQ-02</code><strong title="Confidence">C</strong>', text)
    assert "Names that rest" not in as_(Role.COMPLIANCE).get("/rules/cn/cn.no-threat/").content.decode()
