"""The command line: help everywhere, exit codes, JSON for machines."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from fairdue.journal import services
from fairdue.site.cli import main


@pytest.mark.parametrize(
    "command",
    [
        "demo",
        "serve",
        "worker",
        "migrate",
        "intake load",
        "intake check",
        "night",
        "ageing",
        "gate judge",
        "journal verify",
        "bench",
    ],
)
def test_every_command_has_help(command):
    done = CliRunner().invoke(main, [*command.split(), "--help"])
    assert done.exit_code == 0
    assert "Usage: " in done.output


def test_an_unknown_command_fails():
    assert CliRunner().invoke(main, ["collect-everything"]).exit_code == 2


@pytest.mark.django_db(transaction=True)
def test_verify_speaks_json():
    services.write("a.b")
    done = CliRunner().invoke(main, ["journal", "verify", "--json"])
    assert done.exit_code == 0
    assert json.loads(done.output) | {"head": ""} == {"entries": 1, "result": "intact", "head": ""}


def test_ageing_answers_cases_from_outside_without_a_database():
    case = {
        "id": "x", "schedule": [{"n": 1, "due": "2026-01-10", "amount": 5000}], "payments": [{"date": "2026-01-12", "amount": 1000}],
        "pauses": [], "grace_days": 0, "as_of": "2026-01-15",
    }  # fmt: skip
    done = CliRunner().invoke(main, ["ageing"], input=json.dumps(case) + "\n")
    result = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (result["past_due_amount"], result["days_past_due"], result["bucket"]) == (4000, 5, "4-30")


def test_a_case_that_cannot_be_read_is_an_error_with_its_reason():
    done = CliRunner().invoke(main, ["ageing"], input='{"id": "x"}\n')
    assert done.exit_code == 1
    assert "schedule" in json.loads(done.stdout)["error"]


def test_the_demo_begins_before_django_is_set_up():
    """`make demo` starts the database first; a table read in too early would end it at once."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    code = "import fairdue.site.demo"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr


# ---- what is refused is said in words


def refused(*command: str) -> str:
    """The one line a command that was refused says."""
    done = CliRunner().invoke(main, [*command])
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.stderr.startswith("Error: ")
    return done.stderr


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["accounts", "payments", "bank"])
def test_a_file_of_a_creditor_nobody_knows_is_refused_in_words(tmp_path, kind):
    (tmp_path / "f.csv").write_text("a,b\n1,2\n")
    assert "nope" in refused("intake", "load", "-c", "nope", "-k", kind, str(tmp_path / "f.csv"))


@pytest.mark.django_db
def test_a_mapping_that_cannot_be_read_is_refused_in_words(tmp_path):
    (tmp_path / "f.csv").write_text("a,b\n1,2\n")
    (tmp_path / "m.yaml").write_bytes(b"\xff\xfe\x00bad")
    refused("intake", "load", "-c", "x", "-k", "accounts", "-m", str(tmp_path / "m.yaml"), str(tmp_path / "f.csv"))
    (tmp_path / "m.yaml").write_text("a: [")
    refused("intake", "load", "-c", "x", "-k", "accounts", "-m", str(tmp_path / "m.yaml"), str(tmp_path / "f.csv"))


@pytest.mark.django_db
def test_a_place_that_cannot_be_written_is_refused_in_words(tmp_path):
    (tmp_path / "a file").write_text("")
    refused("intake", "generate", str(tmp_path / "a file" / "below"), "--accounts", "1")
    refused("backup", str(tmp_path / "a file" / "below"))


def test_rules_that_are_no_text_are_refused_in_words(tmp_path):
    (tmp_path / "rules.yaml").write_bytes(b"\xff\xfe\x00bad")
    assert "UTF-8" in refused("rules", "check", str(tmp_path / "rules.yaml"))


def test_a_fault_of_the_program_still_shows_its_traceback():
    @main.command("broken")
    def broken() -> None:
        raise KeyError("x")

    try:
        assert isinstance(CliRunner().invoke(main, ["broken"]).exception, KeyError)
    finally:
        del main.commands["broken"]
