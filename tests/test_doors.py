"""Every address × every role: opened only to those who were granted, and never to strangers."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

import stories
from fairdue.accounts.models import CreditorStaff
from fairdue.cases.models import Run, WorkItem
from fairdue.staff.models import Role, User
from fairdue.staff.policies import PERMISSIONS

OPEN = {200, 201, 202, 204, 302, 303, 400, 404, 405, 409, 422}


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, str | None, object]]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            view = entry.callback
            permission = getattr(view, "permission", getattr(getattr(view, "view_class", None), "permission", "nobody"))
            yield "/" + prefix + str(entry.pattern), permission, view


ROUTES = [(route, permission) for route, permission, _ in routes()]


def address(route: str, ids: dict[str, object]) -> str:
    """The route with its parameters filled: by their name where the scene has such a thing, else with one unknown."""

    def fill(match: re.Match[str]) -> str:
        kind, name = match[1] or "str", match[2]
        if name in ids and (kind != "int" or isinstance(ids[name], int)):
            return str(ids[name])
        return {"int": "999999", "uuid": "00000000-0000-4000-8000-000000000000"}.get(kind, "nothing")

    return re.sub(r"<(?:(\w+):)?(\w+)>", fill, route).replace("^", "").replace("$", "")


@pytest.fixture
def scene(db) -> tuple[dict[str, object], dict[str, User]]:
    team = stories.team()
    creditor = stories.creditor()
    people = {role: stories.user(role, team=team) for role in Role.values}
    CreditorStaff.objects.create(user=people["creditor"], creditor=creditor)
    debtor = stories.person()
    account = stories.account(debtor, creditor, dues={date(2026, 2, 1): 50_000})
    point = stories.phone(debtor)
    case = stories.case(debtor, creditor, owner=people["collector"])
    now = datetime(2026, 3, 2, 2, tzinfo=UTC)
    item = WorkItem.objects.create(
        on=date(2026, 3, 2),
        case=case,
        user=people["collector"],
        rank=1,
        score=1,
        action="call",
        window_start=now,
        window_end=now + timedelta(hours=8),
    )
    run = Run.objects.create(on=date(2026, 3, 2), started_at=now, status="done")
    ids = {
        "case": case.pk,
        "case_id": case.pk,
        "pk": case.pk,
        "person": debtor.pk,
        "person_id": debtor.pk,
        "account": account.pk,
        "account_id": account.pk,
        "point": point.pk,
        "point_id": point.pk,
        "item": item.pk,
        "item_id": item.pk,
        "run": run.pk,
        "on": "2026-03-02",
        "day": "2026-03-02",
        "user": people["lead"].pk,
        "user_id": people["lead"].pk,
        "team": team.pk,
        "team_id": team.pk,
        "creditor": creditor.pk,
        "pack": "cn",
        "rule": "cn.quiet-hours",
    }
    return ids, people


def test_no_view_is_without_a_permission_that_exists():
    assert not [route for route, permission in ROUTES if permission is not None and permission not in PERMISSIONS]


@pytest.mark.parametrize("role", Role.values)
def test_a_role_opens_what_it_was_granted_and_nothing_else(scene, role):
    ids, people = scene
    client = Client(raise_request_exception=True)
    client.force_login(people[role], backend="django.contrib.auth.backends.ModelBackend")
    wrong = []
    for route, permission in ROUTES:
        if "sign-out" in route:
            continue
        granted = permission is None or role in PERMISSIONS[permission]
        for method in ("get", "post"):
            status = getattr(client, method)(address(route, ids)).status_code
            if granted and status not in OPEN and not (status == 403 and method == "post" and permission is None):
                wrong.append(f"{role} {method} {route}: {status}, granted by {permission}")
            elif not granted and status != 403:
                wrong.append(f"{role} {method} {route}: {status}, not granted {permission}")
    assert not wrong


def test_strangers_are_sent_to_sign_in(scene):
    ids, _ = scene
    client = Client()
    for route, permission in ROUTES:
        if permission is not None:
            response = client.get(address(route, ids))
            assert response.status_code == 302, route
            assert response["Location"].startswith("/sign-in/"), route


@pytest.mark.parametrize("role", [Role.COLLECTOR, Role.LEAD, Role.CREDITOR])
def test_another_ones_case_is_not_there(scene, role):
    """Given a case of another collector, team and creditor; when somebody opens any page of it; then 404."""
    _, people = scene
    stranger = stories.case(stories.person("李外人"), stories.creditor(), owner=stories.user(team=stories.team()))
    client = Client()
    client.force_login(people[role], backend="django.contrib.auth.backends.ModelBackend")
    for route, permission in ROUTES:
        if re.search(r"<(?:int:)?case(_id)?>", route) and permission and role in PERMISSIONS[permission]:
            path = address(route, {"case": stranger.pk, "case_id": stranger.pk})
            assert client.get(path).status_code in {404, 405}, path
            assert client.post(path).status_code in {404, 405}, path
