"""Compliance asks for a pack on the page, sees it made, takes it; the command line does the same."""

import io
import zipfile

import pytest
from click.testing import CliRunner
from django.test import Client

from fairdue.evidence import services, tasks
from fairdue.evidence.models import Pack
from fairdue.journal.models import Entry
from fairdue.site import cli


@pytest.fixture
def office(file):
    file.officer.language = "en"
    file.officer.save(update_fields=["language"])
    client = Client()
    client.force_login(file.officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def ask(client, **fields):
    return client.post("/evidence/ask/", {"person": "", "since": "", "until": "", **fields})


def test_ask_see_and_take(file, office):
    """Asked by an account's reference; queued; made by the worker; taken, and who took it is in the journal."""
    assert ask(office, person="HY-1", language="en").status_code == 302
    pack = Pack.objects.get()
    assert (pack.person_id, pack.status, pack.language) == (file.debtor.pk, "queued", "en")
    waiting = office.get("/evidence/", headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 2s"' in waiting
    tasks.make_later(pack.pk)
    page = office.get("/evidence/").content.decode()
    assert "Ready" in page
    assert "every 2s" not in page
    taken = office.post(f"/evidence/{pack.pk}/file/")
    assert taken["Content-Disposition"] == f'attachment; filename="evidence-{pack.pk}.zip"'
    assert "report.pdf" in zipfile.ZipFile(io.BytesIO(b"".join(taken.streaming_content))).namelist()
    entry = Entry.objects.get(verb="evidence.taken")
    assert (entry.actor, entry.person_id) == ("shen", file.debtor.pk)
    assert office.get(f"/evidence/{pack.pk}/file/").status_code == 405


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Name a person"),
        ({"person": "nobody"}, "Nobody is known by nobody"),
        ({"since": "2026-03-09", "until": "2026-03-01"}, "ends before it begins"),
        ({"since": "yesterday", "until": "2026-03-01"}, "yesterday is no day"),
        ({"person": "HY-1", "full": "1"}, "needs a reason"),
        ({"person": "HY-1", "creditor": "xx"}, "No creditor has the code xx"),
    ],
)
def test_what_cannot_be_asked_is_said_and_what_was_typed_stays(office, sent, said):
    answer = ask(office, **sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert sent.get("person", "") in page
    assert not Pack.objects.exists()


def test_an_interrupted_pack_can_be_tried_again(file, office):
    ask(office, person=str(file.case.pk))
    Pack.objects.update(status="running", step="contacts")
    assert "interrupted" in office.get("/evidence/").content.decode()
    office.post(f"/evidence/{Pack.objects.get().pk}/again/")
    assert Pack.objects.get().status == "queued"


def test_a_file_that_is_gone_is_said_to_be_gone(made, office):
    Pack.objects.update(path="/nowhere")
    assert office.post(f"/evidence/{made.pk}/file/").status_code == 302
    assert not Entry.objects.filter(verb="evidence.taken").exists()


def test_the_command_makes_the_same_pack(file, tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "database", lambda: None)
    target = tmp_path / "pack.zip"
    done = CliRunner().invoke(cli.main, ["evidence", "--person", f"hy-{file.case.pk}", "--out", str(target), "--json"])
    assert done.exit_code == 0, done.output
    assert zipfile.is_zipfile(target)
    assert Entry.objects.get(verb="evidence.made").actor == "system"
    wrong = CliRunner().invoke(cli.main, ["evidence", "--from", "2026-03-01", "--out", str(target)])
    assert wrong.exit_code == 1
    assert "Name a person, or the first and last day" in wrong.output


def test_two_workers_make_it_once(file):
    """Given a worker that holds the pack's lock; when another tries; then it leaves it alone."""
    from django.db import connection

    from fairdue.evidence.scope import Scope

    pack = services.ask(scope=Scope(file.debtor.pk), by=file.officer, queue=False)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s, %s)", [services.LOCKS, pack.pk])
        assert services.being_made(pack)
        assert services.make(pack=pack).status == "queued"
    finally:
        other.close()
    assert services.make(pack=pack).status == "done"


def test_progress_is_told_in_words(file, office, monkeypatch):
    ask(office, person="HY-1")
    Pack.objects.update(status="running", step="looks", steps_done=14, steps=18)
    monkeypatch.setattr(services, "being_made", lambda pack: True)
    page = office.get("/evidence/").content.decode()
    assert "Who looked at the data" in page
    assert "77%" in page
