"""The live wall: what was stopped, who is near a limit, for whom, in how many queries."""

from datetime import timedelta

import pytest
from django.test import Client

import stories
from fairdue.contact.models import Attempt, Verdict
from fairdue.desk import clock
from fairdue.desk.pages import wall as pages
from fairdue.law.codes import Channel, Decision, Direction, Purpose, Relation, Result
from fairdue.staff.models import Role

pytestmark = pytest.mark.django_db
NOW = stories.utc("2026-03-05T15:00+08:00")


@pytest.fixture(autouse=True)
def _at_three(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def firm():
    """Two teams with a collector and a debtor each."""
    lender, found = stories.creditor(), []
    for name in ("一组", "二组"):
        team = stories.team(name)
        collector = stories.user(team=team)
        debtor = stories.person(f"{name}借款人")
        stories.phone(debtor, f"+861380013{8000 + len(found)}")
        stories.account(debtor, lender)
        found.append((stories.user(Role.LEAD, team=team), collector, stories.case(debtor, lender, owner=collector)))
    return found


def refused(case, minutes_ago, decision=Decision.DENY, rules=("cn.quiet-hours",)):
    return Verdict.objects.create(
        at=NOW - timedelta(minutes=minutes_ago), person=case.person, addressee=case.person, case=case,
        decision=decision, rules=list(rules), channel=Channel.CALL, purpose=Purpose.COLLECT, relation=Relation.DEBTOR,
    )  # fmt: skip


def talked(case, hours_ago, result=Result.CONVERSATION, **fields):
    given = {"channel": Channel.CALL, "direction": Direction.OUT, **fields}
    return Attempt.objects.create(
        happened_at=NOW - timedelta(hours=hours_ago), creditor=case.creditor, person=case.person,
        addressee=case.person, contact_point=case.person.contact_points.first(), result=result, **given,
    )  # fmt: skip


def wall(user, minutes=60):
    return pages.wall(user=user, minutes=minutes, now=NOW)


def as_(user):
    client = Client()
    user.language = "en"
    user.save(update_fields=["language"])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_what_was_stopped_in_the_last_hour_of_ones_own_team(firm):
    (lead, _, case), (_, _, other) = firm
    seen = refused(case, 10)
    refused(case, 61)
    refused(case, 5, Decision.ALLOW, rules=[])
    theirs = refused(other, 20)
    officer = stories.user(Role.COMPLIANCE)

    assert [v.pk for v in wall(lead).stopped] == [seen.pk]
    assert (wall(lead).refused, wall(lead).asked) == (1, 2)
    assert [v.pk for v in wall(officer).stopped] == [seen.pk, theirs.pk]
    assert wall(officer).rules == [("cn.quiet-hours", 2)]
    assert wall(officer, minutes=240).refused == 3


def test_figures_and_lists_have_the_scope_of_the_viewer_and_say_it(firm):
    (lead, _, case), (_, _, other) = firm
    nobodys = stories.case(stories.person("无主借款人"), stories.creditor())
    for one in (case, other, nobodys):
        refused(one, 10)
    assert {v.case_id for v in wall(lead).stopped} == {case.pk, nobodys.pk}
    assert wall(lead).refused == len(wall(lead).stopped) == 2
    assert "the cases of your team and those without an owner" in as_(lead).get("/wall/").content.decode()
    officer = stories.user(Role.COMPLIANCE)
    assert wall(officer).refused == len(wall(officer).stopped) == 3
    assert "Counted and listed: every case." in as_(officer).get("/wall/").content.decode()


def test_two_of_three_conversations_is_near_and_three_is_reached(firm):
    (lead, _, case), (_, _, other) = firm
    talked(case, 5)
    talked(case, 3)
    for hours in (6, 4, 2):
        talked(other, hours)
    officer = stories.user(Role.COMPLIANCE)

    (mine,) = wall(lead).close
    assert (mine.used, mine.near.times, mine.name) == (2, 3, "一***")
    both = wall(officer)
    assert [(c.case, c.near.left) for c in both.close] == [(other, 0), (case, 1)]
    assert (both.reached, both.nearly) == (1, 1)


def test_yesterdays_calls_and_theirs_are_not_counted(firm):
    _lead, _, case = firm[0]
    talked(case, 3)
    talked(case, 30)
    talked(case, 2, direction=Direction.IN)
    assert wall(stories.user(Role.COMPLIANCE)).close == []


def test_the_wall_takes_the_same_queries_for_any_number(firm, django_assert_num_queries):
    officer = as_(stories.user(Role.COMPLIANCE))
    lender = stories.creditor()

    def crowd(n):
        for _ in range(n):
            debtor = stories.person()
            stories.phone(debtor)
            stories.account(debtor, lender)
            case = stories.case(debtor, lender)
            refused(case, 3)
            talked(case, 3)
            talked(case, 2)

    crowd(1)
    with django_assert_num_queries(10):
        officer.get("/wall/", headers={"HX-Request": "true"})
    crowd(25)
    with django_assert_num_queries(10):
        page = officer.get("/wall/", headers={"HX-Request": "true"})
    found = page.context["wall"]
    assert (len(found.close), found.nearly, found.whole) == (pages.SHOWN, 26, False)


def test_the_wall_asks_again_for_its_inside_alone_and_hides_names(firm):
    (lead, _, case), _ = firm
    refused(case, 3)
    page = as_(lead).get("/wall/").content.decode()
    assert 'hx-trigger="every 20s"' in page
    assert "<html" in page
    inner = as_(lead).get("/wall/?minutes=15", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in inner
    assert case.person.name not in inner
    assert "/rules/cn/cn.quiet-hours/" in inner
    assert f"/verdicts/{case.verdicts.get().pk}/" not in inner  # a lead has the case, not the verdicts
    assert f"/case/{case.pk}/" in inner


def test_an_empty_wall_says_so(firm):
    text = as_(firm[0][0]).get("/wall/?minutes=7").content.decode()
    assert "Nothing was stopped" in text
    assert "Nobody is near a limit" in text


@pytest.mark.parametrize("role", [Role.COLLECTOR, Role.RISK, Role.CREDITOR, Role.ADMIN])
def test_the_wall_is_for_leads_and_compliance(role):
    assert as_(stories.user(role, team=stories.team())).get("/wall/").status_code == 403


def test_a_refusal_tells_the_hour_of_the_borrower_with_its_zone(firm):
    lead, _collector, case = firm[0]
    point = case.person.contact_points.get()
    for zones, told in (
        ("America/Chicago", "earliest tomorrow 08:01 (America/Chicago)"),
        ("Asia/Shanghai", "22:01</span>"),
    ):
        point.zones = zones
        point.save(update_fields=["zones"])
        Verdict.objects.create(
            at=NOW - timedelta(minutes=5), person=case.person, addressee=case.person, case=case, contact_point=point,
            decision=Decision.DENY, rules=["us.quiet-hours"], channel=Channel.CALL, purpose=Purpose.COLLECT,
            relation=Relation.DEBTOR, earliest=stories.utc("2026-03-06T08:01-06:00"),
        )  # fmt: skip
        text = as_(lead).get("/wall/").content.decode()
        assert told in text
