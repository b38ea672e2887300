"""Borrowers' complaints and requests for data: who sees which, and who took one up."""

import pytest
from django.test import Client

import stories
from fairdue.cases import services as cases
from fairdue.journal import services as journal
from fairdue.journal.models import Entry
from fairdue.staff.models import Role

pytestmark = pytest.mark.django_db


def as_(user):
    client = Client()
    user.language = "en"
    user.save(update_fields=["language"])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def complain(case, words, made="complaint.made"):
    note = cases.note(case=case, by=None, text=f"【借款人页面·投诉】Borrower's page, complaint:\n{words}")
    journal.write(made, subject="case", subject_id=case.pk, person_id=case.person_id, note=note.pk, link=1)
    return note


@pytest.fixture
def house():
    """A complaint on a case of the team, another on a case of nobody's team that is owned elsewhere."""
    team, lender = stories.team(), stories.creditor()
    mine = stories.case(stories.person("王小明"), lender, owner=stories.user(team=team))
    other = stories.case(stories.person("李四"), lender, owner=stories.user(team=stories.team("二组")))
    return team, complain(mine, "打得太多"), complain(other, "语气不好")


@pytest.mark.parametrize(
    ("role", "seen"),
    [(Role.COMPLAINTS, 2), (Role.COMPLIANCE, 2), (Role.LEAD, 1), (Role.COLLECTOR, None), (Role.RISK, None)],
)
def test_the_desks_see_every_complaint_a_lead_those_of_the_team(house, role, seen):
    page = as_(stories.user(role, team=house[0])).get("/complaints/")
    assert page.status_code == (403 if seen is None else 200)
    if seen:
        assert len(page.context["page"]) == seen
        assert "打得太多" in page.content.decode()
        assert "complaint:" not in page.content.decode()


def test_the_first_who_takes_one_up_keeps_it(house):
    _, note, later = house
    said = {"bai": "白芸", "second": ""}
    desk, second = (as_(stories.user(Role.COMPLAINTS, username=one, display_name=said[one])) for one in said)
    desk.post(f"/complaints/{note.pk}/take/")
    assert "白芸 took this up before you" in second.post(f"/complaints/{note.pk}/take/", follow=True).content.decode()
    taken = Entry.objects.get(verb="complaint.taken")
    assert (taken.actor, taken.subject_id) == ("bai", note.pk)
    page = desk.get("/complaints/")
    assert [row.note.pk for row in page.context["page"]] == [later.pk, note.pk]
    assert page.context["waiting"] == 1


def test_what_waits_longest_comes_first_and_each_matter_has_its_list(house):
    _, note, later = house
    asked = complain(note.case, "请给我一份我的个人信息", made="data.requested")
    desk = as_(stories.user(Role.COMPLAINTS, username="bai"))

    def listed(address):
        return [row.note.pk for row in desk.get(address).context["page"]]

    assert listed("/complaints/") == [note.pk, later.pk, asked.pk]
    assert listed("/complaints/?tab=data") == [asked.pk]
    assert listed("/complaints/?tab=complaints") == [note.pk, later.pk]
    assert listed("/complaints/?tab=nonsense") == [note.pk, later.pk, asked.pk]
    assert desk.get("/complaints/").context["tabs"][2][2] == 1
    desk.post(f"/complaints/{asked.pk}/take/")
    assert Entry.objects.get(verb="data.taken").subject_id == asked.pk
    assert desk.get("/complaints/").context["tabs"][2][2] == 0


def test_what_waits_is_never_pushed_off_the_list_by_newer_ones(house, monkeypatch):
    """Given one taken up shown at most: two wait, two were taken up later; then three rows, those waiting among them."""
    _, note, other = house
    monkeypatch.setattr("fairdue.desk.pages.complaints.LATEST", 1)
    desk = as_(stories.user(Role.COMPLAINTS))
    newer = [complain(note.case, f"again {n}") for n in range(2)]
    for one in newer:
        desk.post(f"/complaints/{one.pk}/take/")
    page = desk.get("/complaints/")
    assert [row.note.pk for row in page.context["page"]] == [note.pk, other.pk, newer[1].pk]


def test_the_privacy_desk_has_the_requests_for_data_alone(house):
    _, note, _ = house
    asked = complain(note.case, "请给我一份我的个人信息", made="data.requested")
    desk = as_(stories.user(Role.PRIVACY))
    page = desk.get("/complaints/")
    assert [row.note.pk for row in page.context["page"]] == [asked.pk]
    assert [name for name, _word, _n in page.context["tabs"]] == ["", "data"]
    assert desk.post(f"/complaints/{note.pk}/take/").status_code == 404
    assert desk.post(f"/complaints/{asked.pk}/take/").status_code == 302


def test_a_complaint_of_another_team_cannot_be_taken(house):
    team, _, other = house
    assert as_(stories.user(Role.LEAD, team=team)).post(f"/complaints/{other.pk}/take/").status_code == 404


def test_the_list_takes_the_same_queries_for_any_length(house, django_assert_max_num_queries):
    _team, note, _other = house
    client = as_(stories.user(Role.COMPLAINTS))
    for n in range(10):
        complain(note.case, f"again {n}")
    with django_assert_max_num_queries(8):
        client.get("/complaints/")
