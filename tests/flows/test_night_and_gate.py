"""What a made-up portfolio's list says may be worked now, the gate lets through, by the channel the list names."""

from datetime import date

import pytest

from fairdue.cases.models import WorkItem
from fairdue.contact.services import preview
from fairdue.flows import night
from fairdue.intake import services
from fairdue.intake.fields import KINDS
from fairdue.intake.portfolio import generate
from fairdue.law.codes import Channel
from stories import team, user, utc

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 3)  # a Tuesday


def test_what_may_be_worked_now_is_let_through_by_the_gate(tmp_path, settings):
    """At half past nine in Shanghai it is half past eight in the evening in New York and afternoon in California."""
    settings.MEDIA_ROOT = tmp_path / "media"
    made = generate(tmp_path, accounts=160, seed=7, as_of=DAY)
    for code, files in made.files.items():
        for kind in KINDS:
            if kind in files:
                services.load_file(path=files[kind], creditor_code=code, kind=kind, mapping_path=made.mappings[code])
    here = team()
    for _ in range(4):
        user(team=here, speaks=["zh", "en"])
    night.run(DAY, now=utc("2026-03-03T02:30+08:00"))
    asked = []
    for hour in ("09:30", "15:00", "23:10"):
        now = utc(f"2026-03-03T{hour}+08:00")
        items = WorkItem.objects.filter(on=DAY).select_related("case__creditor")
        open_now = [item for item in items if item.window_at(now)[0] <= now < item.window_at(now)[1]]
        for item in open_now[:40]:
            ways = {(way.contact_point_id, way.channel): way.allowed for way in preview(case=item.case, now=now)}
            assert ways[item.contact_point_id, item.channel], (hour, item.case_id, item.channel)
        asked.append({(item.case.creditor.jurisdiction, item.channel) for item in open_now})
    assert asked[0] >= {("cn", Channel.CALL), ("us", Channel.CALL), ("us", Channel.EMAIL)}
    assert {country for country, _channel in asked[1]} == {"cn"}
    assert asked[2] >= {("us", Channel.CALL)}
