"""The stand-alone check: a pack as it was made is intact, and any change of it is found."""

import ast
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from fairdue.evidence import chain, services
from fairdue.evidence.scope import Scope

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "verify_journal.py"


def check(pack, *more, script=SCRIPT):
    command = [sys.executable, "-I", "-S", str(script), str(pack), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.returncode, done.stdout


def changed(pack, target, **files):
    """A copy of the pack with files changed by functions of their bytes (None: left out), and some added."""
    with zipfile.ZipFile(pack.path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            change = files.pop(name, None)
            content = old.read(name)
            if change is not None:
                content = change(content)
            if content is not None:
                new.writestr(name, content)
        for name, content in files.items():
            new.writestr(name, content(b""))
    return target


def lines_changed(change):
    def of(content):
        return b"".join(
            json.dumps(line).encode() + b"\n" for line in change([json.loads(x) for x in content.splitlines()])
        )

    return of


def rehashed(lines):
    """A forger's work: every hash from the first changed line on made anew."""
    sys.path.insert(0, str(SCRIPT.resolve().parent))
    from verify import true_hash

    before = lines[0]["before"]
    for line in lines:
        line["before"] = before
        line["hash"] = before = true_hash(line)
    return lines


def test_a_pack_is_intact_by_the_script_that_lies_in_it(kept, tmp_path):
    with zipfile.ZipFile(kept.path) as pack:
        pack.extract("verify.py", tmp_path)
    code, said = check(kept.path, script=tmp_path / "verify.py")
    assert code == 0, said
    assert "intact" in said
    assert kept.stated == kept.manifest
    assert f"journalled as entry {kept.seq}" in said


def test_the_script_needs_nothing_but_an_older_python():
    """Its syntax is that of Python 3.8, its imports are of the standard library."""
    tree = ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 8))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert named <= sys.stdlib_module_names


def test_the_same_script_still_checks_a_journal(made, tmp_path):
    from fairdue.journal import queries

    path = tmp_path / "journal.jsonl"
    with path.open("w", encoding="utf-8") as out:
        queries.export(out)
    assert check(path)[0] == 0


def flipped(at):
    return lambda content: content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.parametrize(
    "name", ["csv/contacts.csv", "json/verdicts.jsonl", "report.pdf", "rules/cn/contact.yaml", "verify.py"]
)
def test_one_changed_byte_is_found(kept, tmp_path, name):
    with zipfile.ZipFile(kept.path) as pack:
        length = len(pack.read(name))
    for at in (0, length // 2, length - 1):
        code, said = check(changed(kept, tmp_path / "bad.zip", **{name: flipped(at)}))
        assert code == 1
        assert f"{name} was changed" in said


def test_every_data_file_is_watched(kept, tmp_path):
    """No CSV or JSON file may change unseen, whatever its name."""
    with zipfile.ZipFile(kept.path) as pack:
        names = [name for name in pack.namelist() if name.startswith(("csv/", "json/"))]
    code, said = check(changed(kept, tmp_path / "bad.zip", **{name: lambda content: content + b" " for name in names}))
    assert code == 1
    assert len(names) == 33
    assert said.count("was changed") == 10  # the first ten are shown


def test_a_file_left_out_or_slipped_in_is_found(kept, tmp_path):
    code, said = check(changed(kept, tmp_path / "a.zip", **{"csv/holds.csv": lambda _: None}))
    assert (code, "csv/holds.csv is missing" in said) == (1, True)
    code, said = check(changed(kept, tmp_path / "b.zip", **{"csv/more.csv": lambda _: b"x"}))
    assert (code, "csv/more.csv is not named in the manifest" in said) == (1, True)


def test_a_manifest_made_to_fit_is_not_the_one_that_was_journalled(kept, tmp_path):
    """A forger changes a row and writes its new hash into the manifest."""
    with zipfile.ZipFile(kept.path) as pack:
        forged = pack.read("csv/contacts.csv").replace(b"promise", b"refuses")

    def fit(content):
        told = json.loads(content)
        for one in told["files"]:
            if one["name"] == "csv/contacts.csv":
                one["sha256"] = hashlib.sha256(forged).hexdigest()
        return json.dumps(told).encode()

    bad = changed(kept, tmp_path / "bad.zip", **{"csv/contacts.csv": lambda _: forged, "manifest.json": fit})
    code, said = check(bad)
    assert (code, "the manifest is not the one that was journalled" in said) == (1, True)


def test_a_receipt_made_to_fit_breaks_the_chain(kept, tmp_path):
    def fit(lines):
        lines[-1]["detail"] = lines[-1]["detail"].replace(kept.manifest, "0" * 64)
        return lines

    code, said = check(changed(kept, tmp_path / "bad.zip", **{"receipt.jsonl": lines_changed(fit)}))
    assert (code, "was changed" in said) == (1, True)


def test_a_journal_entry_changed_or_taken_out_is_found(kept, tmp_path):
    def other(lines):
        lines[2]["verb"] = "contact.allowed" if lines[2]["verb"] != "contact.allowed" else "contact.refused"
        return lines

    for change, why in ((other, "was changed"), (lambda lines: lines[:2] + lines[3:], "entries are missing")):
        code, said = check(changed(kept, tmp_path / "bad.zip", **{"journal.jsonl": lines_changed(change)}))
        assert (code, why in said) == (1, True), said


def test_a_chain_made_anew_does_not_fit_the_evening_s_seal(kept, tmp_path):
    """Given a seal of 3 March inside the stretch; when the chain is forged throughout, with the manifest; then the
    seal in the manifest does not fit, and a seal kept elsewhere is not found."""
    known = kept.seal
    assert check(kept.path, "--known", known)[0] == 0
    with zipfile.ZipFile(kept.path) as pack:
        told = [json.loads(x) for x in pack.read("journal.jsonl").splitlines()]
        receipt = [json.loads(x) for x in pack.read("receipt.jsonl").splitlines()]
        manifest = json.loads(pack.read("manifest.json"))
    told[1]["actor"] = "somebody"
    manifest["seals"] = []
    forged = "".join(chain.text(line) for line in rehashed(told)).encode()
    for one in manifest["files"]:
        if one["name"] == "journal.jsonl":
            one["sha256"] = hashlib.sha256(forged).hexdigest()
    content = json.dumps(manifest).encode()
    receipt[-1]["detail"] = receipt[-1]["detail"].replace(kept.manifest, hashlib.sha256(content).hexdigest())
    receipt[0]["before"] = told[-1]["hash"]
    renewed = "".join(chain.text(line) for line in rehashed(receipt)).encode()
    bad = changed(
        kept, tmp_path / "bad.zip",
        **{"journal.jsonl": lambda _: forged, "manifest.json": lambda _: content, "receipt.jsonl": lambda _: renewed},
    )  # fmt: skip
    assert check(bad)[0] == 0, "nothing inside the pack can show a chain forged as a whole"
    code, said = check(bad, "--known", known)
    assert (code, "no entry has the hash" in said) == (1, True)


def test_islands_verify_too(file, monkeypatch, tmp_path):
    monkeypatch.setattr(chain, "CHAIN_MOST", 3)
    pack = services.make(pack=services.ask(scope=Scope(file.debtor.pk), by=file.officer, queue=False))
    code, said = check(pack.path)
    assert (code, "left out between them" in said) == (0, True), said
    bad = changed(pack, tmp_path / "bad.zip", **{"journal.jsonl": lines_changed(lambda lines: lines[:1] + lines[2:])})
    assert check(bad)[0] == 1


def test_what_is_no_pack_is_said_to_be_none(kept, tmp_path):
    torn = tmp_path / "torn.zip"
    torn.write_bytes(Path(kept.path).read_bytes()[:2000])
    code, said = check(torn)
    assert (code, "cannot be read" in said) == (1, True)
    shutil.copy(kept.path, tmp_path / "ok.zip")
    assert check(tmp_path / "ok.zip")[0] == 0


def test_the_check_tells_how_it_is_used_and_what_it_cannot_open(tmp_path):
    code, said = check("--help")
    assert code == 0
    assert "verify_journal.py pack.zip" in said
    assert check("-h")[0] == 0
    for nothing in (tmp_path / "none.jsonl", tmp_path / "none.zip", tmp_path):
        code, said = check(nothing)
        assert code == 2
        assert "cannot be opened" in said
