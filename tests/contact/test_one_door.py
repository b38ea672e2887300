"""No side door: nothing but the door's services reaches a channel, a mail server, or makes a permit."""

import ast
from pathlib import Path

import fairdue

SOURCE = Path(fairdue.__file__).parent
DOOR = ("contact/services/", "contact/channels/")


def modules():
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield str(path.relative_to(SOURCE)), ast.parse(path.read_text("utf-8"))


def imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.startswith("fairdue.contact.channels")
        ):
            yield node.value


def test_only_the_door_knows_the_channels():
    side = [
        f"{path} imports {name}"
        for path, tree in modules()
        if not path.startswith(DOOR)
        for name in imports(tree)
        if name.startswith("fairdue.contact.channels")
    ]

    assert not side


PAYING = "portal/paying/"
"""Asks a provider of payments for a page to pay on; it says nothing to a borrower."""


def test_nobody_else_speaks_to_a_mail_server_or_a_socket():
    outward = ("smtplib", "django.core.mail", "socket", "httpx", "requests", "urllib.request", "http.client")
    side = [
        f"{path} imports {name}"
        for path, tree in modules()
        if not path.startswith((*DOOR, "site/", PAYING))
        for name in imports(tree)
        if name.startswith(outward)
    ]

    assert not side


def test_permits_are_made_and_spent_in_one_place():
    made = [
        f"{path}:{node.lineno}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            ast.unparse(node.func) in {"Permit", "Permit.objects.create", "Permit.objects.bulk_create"}
            or any(word.arg in {"spent_at"} and not isinstance(word.value, ast.Constant) for word in node.keywords)
        )
        and path != "contact/services/permits.py"
    ]

    assert not made


def test_every_channel_spends_its_permit_before_anything_else():
    adapters = sorted(SOURCE.glob("contact/channels/*/adapter.py"))
    assert len(adapters) >= 2
    for path in adapters:
        tree = ast.parse(path.read_text("utf-8"))
        [deliver] = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "deliver"]
        first = next(node for node in deliver.body if isinstance(node, ast.Assign))
        assert ast.unparse(first.value).startswith("permits.spend("), path
