"""One inbox for all that waits for a second person: who sees what, who decides, what stays findable."""

import pytest

import stories
from fairdue.accounts.models import Incoming, Waiver
from fairdue.contact.rulebook.models import RuleVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def loan(scene):
    return scene.cases[0].person.accounts.first()


@pytest.fixture
def asked(scene, loan):
    """A write-off the collector asked for, and a payment he entered by hand."""
    waiver = Waiver.objects.create(
        account=loan, parts=[0, 0, 0, 0, 5_00], cents=5_00, reason="lost receipt", asked_by=scene.collector
    )
    entry = Incoming.objects.create(
        creditor=loan.creditor, reference="H-1", origin="hand", status="to_confirm", cents=70_00, currency="CNY",
        happened_on=stories.utc("2026-03-02T08:00").date(), account=loan, entered_by=scene.collector, payer="Wang",
    )  # fmt: skip
    return waiver, entry


def test_a_lead_finds_write_offs_and_hand_entries_in_one_place_and_decides_there(scene, asked, signed_in):
    waiver, entry = asked
    lead = signed_in(scene.lead)
    page = lead.get("/approvals/")
    assert page.context["n"] == 2
    text = page.content.decode()
    assert "lost receipt" in text
    assert "H-1" in text
    lead.post(f"/write-offs/{waiver.pk}/refuse/")
    answer = lead.post(f"/incoming/{entry.pk}/turn-down/", {"from": "approvals", "note": "no such payment"})
    assert answer["Location"] == "/approvals/"
    waiver.refresh_from_db()
    entry.refresh_from_db()
    assert (waiver.status, entry.status) == ("refused", "refused")
    after = lead.get("/approvals/")
    assert after.context["n"] == 0
    assert sorted((row.kind, row.cents, row.decided_by) for row in after.context["decided"]) == [
        ("entry", 70_00, scene.lead),
        ("waiver", 5_00, scene.lead),
    ]


def test_nobody_is_offered_a_button_for_an_own_question(scene, asked, signed_in):
    waiver, entry = asked
    Waiver.objects.filter(pk=waiver.pk).update(asked_by=scene.lead)
    Incoming.objects.filter(pk=entry.pk).update(entered_by=scene.lead)
    page = signed_in(scene.lead).get("/approvals/").content.decode()
    assert f"/write-offs/{waiver.pk}/approve/" not in page
    assert f"/incoming/{entry.pk}/confirm/" not in page


def test_compliance_finds_versions_of_rules_and_no_money(scene, asked, signed_in):
    based = RuleVersion.objects.filter(pack="house", status="approved").first()
    version = RuleVersion.objects.create(
        pack="house", number=99, file="house/contact.yaml", text="x", based_on=based, status="submitted",
        reason="fewer calls", force_from=stories.utc("2027-01-01T00:00").date(), author=stories.user("compliance"),
        submitted_at=stories.utc("2026-03-01T08:00"),
    )  # fmt: skip
    page = signed_in(stories.user("compliance")).get("/approvals/")
    assert page.context["n"] == 1
    text = page.content.decode()
    assert f"/rulebook/{version.pk}/" in text
    assert "lost receipt" not in text


def test_collectors_have_no_inbox(scene, signed_in):
    assert signed_in(scene.collector).get("/approvals/").status_code == 403


def test_the_inbox_takes_the_same_queries_for_any_number(scene, loan, signed_in, django_assert_max_num_queries):
    for n in range(15):
        Waiver.objects.create(
            account=loan, parts=[0, 0, 0, 0, 5_00], cents=5_00, reason=f"r{n}", asked_by=scene.collector
        )
    lead = signed_in(scene.lead)
    lead.get("/approvals/")
    with django_assert_max_num_queries(18):
        assert lead.get("/approvals/").context["n"] == 15
