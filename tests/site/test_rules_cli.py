"""`fairdue rules`: check a file, replay, try a draft."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from django.utils import translation

from contact.conftest import Scene
from contact.test_replay import talk, tamper
from fairdue.contact.models import RuleVersion, Verdict
from fairdue.law import packtext
from fairdue.site import cli, tasks

CALLS = "house.calls-a-day"


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setattr(cli, "database", lambda: None)

    def call(*arguments):
        return CliRunner().invoke(cli.main, ["rules", *map(str, arguments)])

    return call


@pytest.fixture
def scene(db):
    from django.utils import timezone

    return Scene(now=timezone.now() - timedelta(hours=1))


def test_a_file_with_a_mistake_says_where(run, tmp_path):
    path = tmp_path / "draft.yaml"
    path.write_text("pack: {id: p, version: '1', about: {zh: 试, en: t}}\np.a:\n  stopp: {}\n", encoding="utf-8")
    done = run("check", path)
    assert done.exit_code == 1
    assert "draft.yaml, line 3, rule p.a, field stopp: there is no such field" in done.output

    assert "not judged while a rule cannot be read" in done.output
    assert "1, the first of each rule" in done.output


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("a: 1\nb: 早八点\n".encode("gbk"), "draft.yaml, line 2: is not text in UTF-8; save it again in that encoding"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "draft.yaml, line 1: is not text in UTF-8"),
        (b"a: 1\nb: \x00\x01", "draft.yaml, line 2: is no text; give a pack in YAML"),
    ],
)
@pytest.mark.parametrize("verb", ["check", "try"])
def test_a_file_that_is_no_text_says_where_and_what_to_do(run, tmp_path, verb, content, says, db):
    path = tmp_path / "draft.yaml"
    path.write_bytes(content)
    done = run(verb, path)
    assert (done.exit_code, isinstance(done.exception, SystemExit)) == (1, True)
    assert f"Error: {says}" in done.output


@pytest.mark.usefixtures("scene")
def test_a_shipped_pack_is_without_mistakes(run, tmp_path):
    path = tmp_path / "house.yaml"
    path.write_text(RuleVersion.objects.get(pack="house").text, encoding="utf-8")
    done = run("check", path, "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["mistakes"] == []


def test_a_replay_exits_with_one_when_a_verdict_was_touched(run, scene):
    scene.ask()
    good = run("replay", "--json")
    assert (good.exit_code, json.loads(good.stdout)["verdicts"]) == (0, 1)
    tamper(Verdict.objects.get().pk, "decision = 3 - decision")
    bad = run("replay", "--since", "2020-01-01")
    assert bad.exit_code == 1
    assert f"verdict {Verdict.objects.get().pk}: " in bad.output


def test_a_number_is_tried_without_a_file(run, scene):
    scene.ask()
    done = run("try", "--set", f"{CALLS}.times=1", "--days", "2", "--json")
    found = json.loads(done.stdout)
    assert (found["judged"], found["stopped"]["n"], found["changed"]) == (1, 0, [CALLS])
    told = run("try", "--set", f"{CALLS}.times=1")
    assert "stopped" in told.output and "0 of 0 cases" in told.output


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "either a file or --set"),
        (["--set", "nonsense"], "write RULE.TERM=VALUE"),
        (["--set", "house.none.times=1"], "do not stand in one pack"),
        (["--set", f"{CALLS}.hours=1"], "there is no 'hours'"),
        (["--set", f"{CALLS}.times=0"], "at least 1"),
        (["--set", f"{CALLS}.times=1", "--days", "0"], "A trial looks back 1 to 366 days; 0 cannot be."),
        (["--set", f"{CALLS}.times=1", "--days", "-3"], "A trial looks back 1 to 366 days; -3 cannot be."),
    ],
)
def test_what_cannot_be_tried_is_told(run, arguments, says):
    done = run("try", *arguments)
    assert done.exit_code == 1
    assert says in done.output


def test_a_draft_file_is_tried(run, scene, tmp_path):
    talk(scene, 1)
    path = tmp_path / "draft.yaml"
    text = RuleVersion.objects.get(pack="house").text
    path.write_text(packtext.with_term(text, CALLS, "times", "1"), encoding="utf-8")
    assert "verdicts" in run("try", path).output


def test_the_replay_is_due_after_four_once_a_day():
    assert [tasks.replay_due(datetime(2026, 3, 2, hour, tzinfo=UTC), done=False) for hour in (3, 4, 23)] == [
        False,
        True,
        True,
    ]
    assert not tasks.replay_due(datetime(2026, 3, 2, 5, tzinfo=UTC), done=True)


@pytest.mark.usefixtures("scene")
def test_what_a_command_says_is_english_whatever_the_workplace_speaks(run, settings):
    settings.LANGUAGE_CODE = "zh-hans"
    with translation.override("zh-hans"):
        told = run("try", "--set", f"{CALLS}.times=abc")
    assert told.exit_code == 1
    assert "field at_most.times: 'abc' does not fit: write a whole number of at least 1" in told.output
    assert not re.search(r"[\u4e00-\u9fff]", told.output)


def test_an_example_and_a_day_that_are_wrong_are_told_with_their_place(run, tmp_path):
    path = tmp_path / "draft.yaml"
    head = "pack: {id: p, version: '1', about: {zh: 试, en: t}}\n"
    body = (
        "p.a:\n  stop: {{}}\n  law: {{cites: x, level: policy, confidence: D{more}}}\n"
        "  say: {{zh: 否, en: never}}\n  cure: {{zh: 等, en: wait}}\n"
        "  examples:\n    - {{at: 2026-03-02T10:00, expect: deny}}\n    - {{at: 2026-03-02T10:00, expect: allow}}\n"
    )
    path.write_text(head + body.format(more=""), encoding="utf-8")
    done = run("check", path)
    assert (
        done.exit_code,
        "draft.yaml, line 9, rule p.a, field examples[2].expect: written is expect: allow" in done.output,
    ) == (1, True)
    path.write_text(head + body.format(more=", since: 2025-02-30"), encoding="utf-8")
    done = run("check", path)
    assert (
        "draft.yaml, line 4, rule p.a, field law.since: write a date such as 2025-02-28; 2025-02-30 is none"
        in done.output
    )


@pytest.mark.parametrize("command", [["gate", "judge"], ["law", "calc"]])
def test_no_case_at_all_is_said(command):
    done = CliRunner().invoke(cli.main, command, input="\n\n")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "no case was read: the input is empty\n")
