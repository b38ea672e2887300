"""The export is checked by a script that knows nothing of Fairdue."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fairdue.journal import queries, services

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "verify_journal.py"


def check(path: Path) -> tuple[int, str]:
    done = subprocess.run([sys.executable, SCRIPT, path], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.django_db(transaction=True)
def test_an_export_verifies_offline_and_an_edit_is_found(tmp_path):
    for n in range(3):
        services.write("payment.received", subject="account", subject_id=n, cents=100 * n, note="还款")
    path = tmp_path / "journal.jsonl"
    with path.open("w", encoding="utf-8") as out:
        assert queries.export(out) == 3

    assert check(path) == (0, f"3 entries, head {queries.verify().head}: intact\n")

    lines = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    lines[1]["detail"] = lines[1]["detail"].replace("100", "900")
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    code, said = check(path)
    assert code == 1
    assert "entry 2 was changed" in said
