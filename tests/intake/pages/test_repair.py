"""Cases whose papers do not reach the bar: who sees which, and what is missing."""

import pytest
from django.test import Client

import stories
from fairdue.accounts.models import CreditorStaff
from fairdue.staff.models import Role, User

pytestmark = pytest.mark.django_db


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def lacking(name, at, *, owner=None, **has):
    """A case below the bar; identity alone gives 20."""
    case = stories.case(stories.person(name), at, owner=owner, status="repair")
    stories.account(case.person, at, proof_score=20, has_identity=True, **has)
    return case


@pytest.fixture
def lead() -> User:
    return stories.user(Role.LEAD, team=stories.team(), language="en")


def test_a_case_says_what_is_missing_and_how_far_from_the_bar(lead):
    at = stories.creditor(proof_bar=65)
    lacking("李缺证", at)
    text = as_(lead).get("/intake/repair/").content.decode()
    assert "李缺证" in text and "¥1,000.00" in text
    row = text[text.index("李缺证") :]
    assert "<strong>20</strong>" in row and "of 65 needed" in row
    for document in ("Contract", "Chain of title", "Statement", "Payment history"):
        assert document in row
    assert ">Identity<" not in row and "</svg>Identity" not in row


def test_a_debt_in_order_is_not_listed(lead):
    at = stories.creditor()
    person = stories.person("齐全")
    stories.account(person, at, proof_score=100)
    stories.case(person, at)
    assert "齐全" not in as_(lead).get("/intake/repair/").content.decode()


def test_filters(lead):
    one, two = stories.creditor(), stories.creditor()
    lacking("甲缺账单", one)
    lacking("乙有账单", two, has_statement=True)
    client = as_(lead)
    assert "乙有账单" not in client.get("/intake/repair/?lacks=statement").content.decode()
    assert "甲缺账单" not in client.get(f"/intake/repair/?creditor={two.code}").content.decode()
    assert client.get("/intake/repair/?creditor=x%00&lacks='&page=zz").status_code == 200


def test_a_creditors_people_see_their_own(lead):
    own, other = stories.creditor(), stories.creditor()
    lacking("自家", own)
    lacking("别家", other)
    theirs = stories.user(Role.CREDITOR, language="en")
    CreditorStaff.objects.create(user=theirs, creditor=own)
    text = as_(theirs).get("/intake/repair/").content.decode()
    assert "自家" in text and "别家" not in text


def test_another_teams_cases_are_not_there(lead):
    lacking("外组", stories.creditor(), owner=stories.user(team=stories.team()))
    assert "外组" not in as_(lead).get("/intake/repair/").content.decode()


@pytest.mark.parametrize("role", [Role.COLLECTOR, Role.ADMIN, Role.RISK])
def test_the_list_is_not_for_everybody(role):
    assert as_(stories.user(role)).get("/intake/repair/").status_code == 403


def test_the_same_queries_for_any_length(lead, django_assert_max_num_queries):
    at = stories.creditor()
    for n in range(25):
        lacking(f"人{n}", at)
    client = as_(lead)
    with django_assert_max_num_queries(8):
        assert client.get("/intake/repair/").content.decode().count("<tr data-row") == 25
