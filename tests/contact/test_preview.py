"""What the case page shows: every person, address and channel, with what is allowed now and why not."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

import stories
from fairdue.contact import services as door
from fairdue.contact.models import Verdict
from fairdue.law import codes
from fairdue.people import services as people
from fairdue.people.models import Relation


def test_by_day_the_debtor_may_be_called_until_ten_and_a_friend_not_at_all(scene):
    friend = stories.person("赵友")
    Relation.objects.create(debtor=scene.debtor, person=friend, kind=codes.Relation.FRIEND)
    stories.phone(friend, "+8613900139000")

    rows = door.preview(case=scene.case, now=scene.now)

    told = {(row.person_name, codes.Channel(row.channel).name): row for row in rows}
    assert list(told) == [("王小明", "CALL"), ("王小明", "SMS"), ("王小明", "EMAIL"), ("赵友", "CALL"), ("赵友", "SMS")]
    call = told["王小明", "CALL"]
    assert (call.allowed, call.we_can, call.until) == (True, True, scene.now + timedelta(hours=10))
    assert call.masked == "+86138****8000"
    refused = told["赵友", "CALL"]
    assert (refused.allowed, refused.purpose, refused.earliest) == (False, codes.Purpose.RELAY, None)
    assert refused.reasons[0].cites
    assert set(refused.headline) == {"zh", "en"}
    assert not told["王小明", "SMS"].we_can
    assert not Verdict.objects.exists(), "looking writes nothing"


def test_a_number_out_of_service_is_offered_on_no_way_until_it_is_verified(scene):
    """The firm's own rule, told as such, with its cure; waiting does not help; the door refuses as well."""
    people.set_status(contact_point=scene.phone, status="invalid", by=scene.by, now=scene.now, why="not_in_service")

    ways = {codes.Channel(row.channel).name: row for row in door.preview(case=scene.case, now=scene.now)}

    assert {name: (way.allowed, way.earliest) for name, way in ways.items() if name != "EMAIL"} == {
        "CALL": (False, None), "SMS": (False, None),
    }  # fmt: skip
    assert ways["EMAIL"].allowed
    reason = ways["CALL"].reasons[0]
    assert (reason.rule, reason.level) == ("house.out-of-service", "policy")
    assert reason.cure["en"] == "Verify it and mark it so, or replace it"
    refused = scene.ask()
    assert [row.rule for row in refused.reasons] == ["house.out-of-service"]

    people.set_status(contact_point=scene.phone, status="verified", by=scene.by, now=scene.now)
    assert isinstance(scene.ask(), door.Allowed)


def test_at_night_every_row_gives_the_first_lawful_minute(scene):
    rows = door.preview(case=scene.case, now=scene.now + timedelta(hours=11))

    assert {row.earliest for row in rows} == {scene.now + timedelta(hours=20)}


def test_what_is_shown_is_what_asking_answers(scene):
    shown = {row.contact_point_id: row for row in door.preview(case=scene.case, now=scene.now) if row.we_can}

    assert shown[scene.phone.pk].allowed == scene.ask().allowed
    assert shown[scene.phone.pk].until == scene.ask(key="other", now=scene.now + timedelta(minutes=20)).until


def test_the_number_of_queries_is_fixed(scene):
    with CaptureQueriesContext(connection) as few:
        door.preview(case=scene.case, now=scene.now)
    for n in range(6):
        friend = stories.person()
        Relation.objects.create(debtor=scene.debtor, person=friend, kind=codes.Relation.FRIEND)
        stories.phone(friend, f"+86139001390{n:02}")
        scene.past(n + 1)
    with CaptureQueriesContext(connection) as many:
        door.preview(case=scene.case, now=scene.now)

    assert len(few) == len(many) == 4


def test_nobody_to_reach_is_an_empty_list(scene):
    scene.debtor.contact_points.all().delete()

    assert door.preview(case=scene.case, now=scene.now) == []
