"""Who works here: hired, changed, sent home; the last administrator stays."""

import pytest
from axes.models import AccessAttempt
from django.utils import translation

import stories
from fairdue.journal.models import Entry
from fairdue.staff import queries, services
from fairdue.staff.models import Authority, Role, User
from fairdue.staff.policies import PERMISSIONS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def admin():
    return stories.user(Role.ADMIN)


def last(verb):
    return Entry.objects.filter(verb=verb).latest("id")


def test_hired_with_a_password_told_once(admin):
    team = stories.team()
    user, password = services.create_user(
        username="lihua", role=Role.COLLECTOR, by=admin, team=team, display_name="李华", speaks=["zh", " en ", ""]
    )
    assert user.check_password(password)
    assert len(password) == 14
    assert User.objects.get(pk=user.pk).speaks == ["en", "zh"]
    assert last("user.created").data == {"username": "lihua", "role": "collector", "team": team.pk}
    assert password not in "".join(Entry.objects.values_list("detail", flat=True))


@pytest.mark.parametrize(("fields", "field"), [
    ({"username": "no spaces"}, "username"),
    ({"username": ""}, "username"),
    ({"role": "emperor"}, "role"),
    ({"role": Role.LEAD}, "team"),
    ({"minutes_a_day": 721}, "minutes_a_day"),
    ({"bucket_from": 5, "bucket_to": 2}, "bucket_to"),
])  # fmt: skip
def test_what_cannot_be_is_said_with_its_field(admin, fields, field):
    with pytest.raises(services.StaffError) as error:
        services.create_user(**{"username": "anna", "role": Role.COLLECTOR, "by": admin, **fields})
    assert error.value.field == field
    assert User.objects.count() == 1


def test_a_sign_in_name_is_taken_whatever_its_case(admin):
    services.create_user(username="anna", role=Role.RISK, by=admin)
    with pytest.raises(services.StaffError, match="taken"):
        services.create_user(username="Anna", role=Role.RISK, by=admin)


def test_a_change_names_what_was_and_what_is_but_no_address(admin):
    user, _ = services.create_user(username="anna", role=Role.COLLECTOR, by=admin, email="a@old.example")
    changed = services.update_user(user=user, by=admin, minutes_a_day=300, email="anna@new.example", language="zh-hans")
    assert sorted(changed) == ["email", "minutes_a_day"]
    entry = last("user.changed")
    assert entry.data["minutes_a_day"] == [420, 300]
    assert "example" not in entry.detail
    assert services.update_user(user=user, by=admin, minutes_a_day=300) == []
    assert last("user.changed").pk == entry.pk


def test_the_last_administrator_stays(admin):
    for act in (
        lambda: services.update_user(user=admin, by=admin, role=Role.RISK),
        lambda: services.deactivate(user=admin, by=stories.user(Role.LEAD, team=stories.team())),
    ):
        with pytest.raises(services.StaffError, match="last active administrator"):
            act()
    second = stories.user(Role.ADMIN)
    services.deactivate(user=second, by=admin)
    with pytest.raises(services.StaffError, match="last active administrator"):
        services.update_user(user=admin, by=admin, role=Role.RISK)  # the second one no longer counts
    services.reactivate(user=second, by=admin)
    services.update_user(user=admin, by=second, role=Role.RISK)
    assert User.objects.get(pk=admin.pk).role == Role.RISK


def test_nobody_shuts_the_door_on_himself(admin):
    stories.user(Role.ADMIN)
    with pytest.raises(services.StaffError, match="yourself"):
        services.deactivate(user=admin, by=admin)


def test_a_new_password_ends_every_session(admin, client):
    user = stories.user(Role.RISK)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.session["_auth_user_hash"]
    password = services.reset_password(user=user, by=admin)
    fresh = User.objects.get(pk=user.pk)
    assert fresh.check_password(password)
    assert fresh.get_session_auth_hash() != client.session["_auth_user_hash"]


def test_unlocked_after_too_many_guesses(admin):
    user = stories.user(username="guessed")
    AccessAttempt.objects.create(username="guessed", ip_address="10.0.0.1", failures_since_start=5, user_agent="x")
    AccessAttempt.objects.create(username="another", ip_address="10.0.0.1", failures_since_start=5, user_agent="x")
    assert services.unlock(user=user, by=admin) == 1
    assert list(AccessAttempt.objects.values_list("username", flat=True)) == ["another"]


def test_authority_is_set_changed_and_taken_away(admin):
    user = stories.user()
    for cents in (500_00, 500_00, 800_00):
        services.set_authority(user=user, kind="waive", currency="cny", limit_cents=cents, by=admin)
    assert Authority.objects.get(user=user).limit_cents == 800_00
    assert Entry.objects.filter(verb="authority.set").count() == 2  # saying the same again changes nothing
    services.set_authority(user=user, kind="waive", currency="CNY", limit_cents=None, by=admin)
    assert not Authority.objects.filter(user=user).exists()
    assert last("authority.set").data["cents"] == [800_00, None]
    with pytest.raises(services.StaffError, match="three letters"):
        services.set_authority(user=user, kind="waive", currency="yuan", limit_cents=1, by=admin)


def test_a_team_with_people_stays(admin):
    team = services.create_team(name="  Early   birds ", by=admin)
    assert team.name == "Early birds"
    with pytest.raises(services.StaffError, match="already"):
        services.create_team(name="early birds", by=admin)
    member = stories.user(team=team)
    with pytest.raises(services.StaffError, match="belongs"):
        services.dissolve_team(team=team, by=admin)
    services.update_user(user=member, by=admin, team=None)
    services.dissolve_team(team=team, by=admin)
    assert not queries.teams().filter(pk=team.pk).exists()


def test_the_matrix_is_the_policy_itself():
    rows = {row.permission: row.held for row in queries.matrix()}
    assert rows.keys() == PERMISSIONS.keys()
    assert rows["admin"] == tuple(role == "admin" for role in Role.values)
    assert all(rows["signed_in"])
