"""Documents that cannot lie: what they must name is checked against the code."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def commands(group=None, prefix="fairdue"):
    import click

    from fairdue.site.cli import main

    for name, command in (group or main).commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


def test_every_command_is_in_the_operations_guide():
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    assert not [name for name, _ in commands() if f"`{name}" not in text]


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=lambda c: c if isinstance(c, str) else "")
def test_every_command_explains_itself(name, command):
    assert command.help, name


def test_every_setting_is_in_the_operations_guide():
    source = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "src/fairdue/site").glob("*.py"))
    settings = set(re.findall(r"\"(FAIRDUE_[A-Z_]+|DATABASE_URL)\"", source))
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    assert settings
    assert not [name for name in sorted(settings) if f"`{name}`" not in text]


def test_every_dependency_is_explained():
    names = re.findall(r"^([A-Za-z0-9_.-]+)", (ROOT / "requirements/app.in").read_text(), re.M)
    names += re.findall(r"^([A-Za-z0-9_.-]+)", (ROOT / "requirements/test.in").read_text(), re.M)
    text = (DOCS / "dependencies.md").read_text(encoding="utf-8").lower()
    assert not [name for name in names if f"| {name.lower()} " not in text]


def test_every_link_between_documents_leads_somewhere():
    broken = []
    for path in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if not re.match(r"https?:|mailto:", target) and not (path.parent / target).exists():
                broken.append(f"{path.name} → {target}")
    assert not broken


def test_lock_files_hold_hashes_and_no_addresses():
    for name in ("app", "test"):
        text = (ROOT / f"requirements/{name}.txt").read_text()
        assert "://" not in text
        assert text.count("==") <= text.count("--hash=sha256:")
