"""Every name an entry of the journal tells something by has words, in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from fairdue.accounts.models import Terms
from fairdue.desk.pages import entries, entry_words
from fairdue.journal import services as journal
from fairdue.staff.services import LIST_FIELDS, PLAIN_FIELDS

SOURCE = Path(entries.__file__).parents[2]
ABOUT = {"by", "subject", "subject_id", "person_id"}
"""Told by columns of their own."""
BY_NAME = {
    ("accounts/services/charging.py", "contract"): {field.name for field in Terms._meta.fields} - {"id", "account"},
    ("staff/services.py", "detail"): {"role", "team", *PLAIN_FIELDS, *LIST_FIELDS} - {"email"},
    ("intake/services/running.py", "done.rows"): {"loaded", "updated", "unchanged", "rejected"},
}
"""Details that are put together at run time, and the names they can hold."""


def calls(tree: ast.AST) -> Iterator[tuple[ast.FunctionDef | None, ast.Call, str]]:
    """(the function around it, the call, the name called) of everything called in a file."""

    def walk(node: ast.AST, inside: ast.FunctionDef | None) -> Iterator[tuple[ast.FunctionDef | None, ast.Call, str]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                yield inside, child, ast.unparse(child.func)
            yield from walk(child, child if isinstance(child, ast.FunctionDef) else inside)

    return walk(tree, None)


def told() -> dict[str, set[str]]:
    """Names of details and where they are written, read from the source: of calls of the journal and of the helpers that
    pass their own keywords on to it."""
    found: dict[str, set[str]] = {}
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")}
    writers, helpers = {"journal.write", "journal.entry"}, {}
    for path, tree in trees.items():
        plain = {"write"} if "from fairdue.journal.services import" in path.read_text(encoding="utf-8") else set()
        for around, call, name in calls(tree):
            if name not in writers | plain:
                continue
            for keyword in call.keywords:
                where = str(path.relative_to(SOURCE))
                if keyword.arg is not None:
                    found.setdefault(keyword.arg, set()).add(where)
                    continue
                passed = ast.unparse(keyword.value)
                if (where, passed) in BY_NAME:
                    for one in BY_NAME[where, passed]:
                        found.setdefault(one, set()).add(where)
                elif around is not None and around.args.kwarg is not None and around.args.kwarg.arg == passed:
                    helpers.setdefault(around.name, set()).add(path)
                else:
                    assert passed == "about", f"{where}: say in BY_NAME what {passed} can hold"
    for path, tree in trees.items():
        text = path.read_text(encoding="utf-8")
        for _around, call, name in calls(tree):
            last = name.rpartition(".")[2]
            if last in helpers and (path in helpers[last] or last in text.partition("\n\n\n")[0]):
                for keyword in call.keywords:
                    if keyword.arg is not None:
                        found.setdefault(keyword.arg, set()).add(str(path.relative_to(SOURCE)))
    return {name: where for name, where in found.items() if name not in ABOUT}


TOLD = told()


def test_the_source_is_read():
    assert {"warned", "expires_at", "cap_rate", "loaded", "again_on", "case"} <= TOLD.keys()


@pytest.mark.parametrize("name", sorted(TOLD))
def test_every_detail_has_words_in_both_languages(name):
    assert name in entry_words.TERMS, TOLD[name]
    with override("en"):
        english = str(entry_words.TERMS[name])
    with override("zh-hans"):
        assert str(entry_words.TERMS[name]) != english


def entry(**fields):
    return journal.entry("case.noted", **fields)


def test_what_says_most_is_told_first_and_what_is_empty_last():
    written = entry(subject="case", subject_id=1, came="", explanation=2, how="print", language="en", version="2026-01")
    with override("en"):
        assert [(str(name), value) for name, value in entries.told(written)] == [
            ("how", "Printed"), ("language", "English"), ("version", "2026-01"), ("explanation", "2"),
            ("what came of it", "–"),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("subject", "details", "words"),
    [
        ("user", {"second_factor": False}, ["第二重验证", "否"]),
        ("load", {"error": "refused", "kind": "payments"}, ["错误", "被拒绝", "还款"]),
        ("hold", {"kind": "dispute"}, ["异议"]),
        ("case", {"channel": "call", "decision": "deny"}, ["被拒绝", "电话"]),
        ("person", {"why": "hold:dispute"}, ["停催：异议"]),
        ("user", {"changed": ["role"], "role": ["collector", "lead"]}, ["角色", "催收员; 主管"]),
    ],
)
def test_values_are_told_in_chinese(subject, details, words):
    with override("zh-hans"):
        pairs = entries.told(entry(subject=subject, **details))
        told_ = {text for name, value in pairs for text in (str(name), value)}
    assert set(words) <= told_


def test_every_kind_of_row_about_a_person_has_words():
    assert {"contactpoint", "wish", "consent", "person"} <= entry_words.SUBJECTS.keys()
