"""The outbox: judged again at the instant of sending, sent once, tried again only when nothing left the house."""

import os
import socket
import subprocess
import sys
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from contact.conftest import Scene
from fairdue.cases.models import Hold
from fairdue.contact import services as door
from fairdue.contact.models import Message, Outcome, Permit, Verdict
from fairdue.contact.services.sending import TRIES
from fairdue.journal.models import Entry
from fairdue.people.models import Consent, Wish


class PostOffice:
    """A real SMTP server on loopback; `answers` are given to DATA in turn, then 250."""

    def __init__(self):
        self.letters, self.answers, self.refuse = [], [], ""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer == "hang up":
            session_transport(server).abort()
            return "250 OK"
        if answer.startswith("250"):
            self.letters.append(message_from_bytes(envelope.content, policy=default))
        return answer


def session_transport(server):
    return server.transport


@pytest.fixture
def post(settings, socket_enabled):
    office = PostOffice()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_TIMEOUT = 5
    yield office
    controller.stop()


def test_a_letter_goes_out_once(scene, post):
    answer = scene.write(key="letter 7")

    assert door.send(message_id=answer.message_id, now=scene.now) == "sent"
    assert door.send(message_id=answer.message_id, now=scene.now) == "sent"

    [letter] = post.letters
    assert (letter["To"], letter["Subject"]) == ("wang@example.com", "还款提醒")
    message = Message.objects.get()
    assert letter["Message-ID"] == message.provider_ref
    assert "STOP" in letter["List-Unsubscribe"]
    assert (message.tries, message.sent_at) == (1, scene.now)
    assert Permit.objects.get().spent_at == scene.now
    assert Outcome.objects.get().kind == "delivered"
    assert list(Verdict.objects.order_by("pk").values_list("stage", flat=True)) == ["asked", "sending"]
    assert Entry.objects.filter(verb="message.sent").count() == 1


def test_the_same_key_would_be_known_as_the_same_letter(scene):
    from fairdue.contact.channels.email.adapter import message_id

    assert message_id("letter 7") == message_id("letter 7") != message_id("letter 8")


@pytest.mark.parametrize("stop", ["hold", "opt_out", "paid", "night"])
def test_what_changed_since_it_was_queued_stops_it(scene, post, stop):
    answer = scene.write()
    at = scene.now + timedelta(minutes=1)
    if stop == "hold":
        Hold.objects.create(person=scene.debtor, kind="dispute", reason="x", starts_at=at)
    elif stop == "opt_out":
        Wish.objects.create(person=scene.debtor, kind="opt_out", made_at=at)
    elif stop == "paid":
        scene.debtor.accounts.update(status="paid")
    else:
        at = scene.now + timedelta(hours=11)

    assert door.send(message_id=answer.message_id, now=at) == "refused"
    assert not post.letters
    assert Verdict.objects.get(stage="sending").decision >= 2
    assert Permit.objects.get().revoked_why == "refused at sending"
    assert Entry.objects.filter(verb="message.refused").exists()


def test_its_own_attempt_does_not_stand_in_its_way(scene, post):
    """The firm's policy is one e-mail a day; the one being judged again is that one."""
    answer = scene.write()

    assert door.send(message_id=answer.message_id, now=scene.now) == "sent"
    assert not scene.write(now=scene.now + timedelta(hours=1)).allowed


def test_no_mail_server_is_tried_again_and_then_given_up(scene, settings, socket_enabled):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = scene.write()
    at = scene.now
    ProcrastinateJob.objects.all().delete()
    for wait in TRIES:
        assert door.send(message_id=answer.message_id, now=at) == "queued"
        at += wait
        assert ProcrastinateJob.objects.order_by("-pk").first().scheduled_at == at
        ProcrastinateJob.objects.all().delete()

    assert door.send(message_id=answer.message_id, now=at) == "failed"
    message = Message.objects.get()
    assert message.tries == len(TRIES) + 1
    assert "127.0.0.1:1" in message.error
    assert Outcome.objects.get().kind == "cancelled"
    assert Permit.objects.get().revoked_at is not None


def test_busy_is_tried_again_and_sent_once(scene, post):
    post.answers = ["451 try later"]
    answer = scene.write()

    assert door.send(message_id=answer.message_id, now=scene.now) == "queued"
    jobs = ProcrastinateJob.objects.filter(queueing_lock=f"message:{answer.message_id}")
    assert jobs.count() == 1, "the job it had is not doubled"
    assert door.send(message_id=answer.message_id, now=scene.now + timedelta(minutes=1)) == "sent"
    assert len(post.letters) == 1


def test_a_refused_address_is_not_tried_again(scene, post):
    post.refuse = "550 no such user"
    answer = scene.write()

    assert door.send(message_id=answer.message_id, now=scene.now) == "failed"
    assert Outcome.objects.get().kind == "bounced"


def test_a_line_broken_after_the_text_was_given_is_in_doubt_and_never_doubled(scene, post):
    post.answers = ["hang up"]
    answer = scene.write()

    assert door.send(message_id=answer.message_id, now=scene.now) == "failed"
    assert door.send(message_id=answer.message_id, now=scene.now) == "failed"
    assert not Outcome.objects.exists(), "it may have arrived: it goes on counting as sent"
    assert not scene.write(now=scene.now + timedelta(hours=1)).allowed


def test_a_stop_between_judging_and_sending_wins(scene, post, monkeypatch):
    from fairdue.contact.services import sending

    answer = scene.write()
    begin = sending._begin

    def begin_then_stop(message_id, now):
        found = begin(message_id, now)
        door.revoke(persons=[scene.debtor.pk], why="paid", now=now)
        return found

    monkeypatch.setattr(sending, "_begin", begin_then_stop)

    assert door.send(message_id=answer.message_id, now=scene.now) == "revoked"
    assert not post.letters


def test_a_stop_while_the_server_is_busy_ends_the_tries(scene, post, monkeypatch):
    from fairdue.contact.channels import ChannelError
    from fairdue.contact.channels.email import adapter

    answer = scene.write()

    def busy(message):
        door.revoke(persons=[scene.debtor.pk], why="paid", now=scene.now)
        raise ChannelError("451", retry=True)

    monkeypatch.setattr(adapter, "_hand_over", busy)

    assert door.send(message_id=answer.message_id, now=scene.now) == "revoked"
    assert Permit.objects.get().revoked_at == scene.now


def test_messages_whose_worker_died_are_found_but_never_doubled(scene, post):
    queued = scene.write()
    ProcrastinateJob.objects.all().delete()
    late = scene.now + timedelta(hours=1)
    Message.objects.update(queued_at=scene.now)

    assert door.requeue_lost(now=late) == 1
    assert door.requeue_lost(now=late) == 0, "it has its job"
    Message.objects.update(status="sending", sent_at=scene.now)
    ProcrastinateJob.objects.all().delete()
    assert door.requeue_lost(now=late) == 1, "begun, but its permit is unspent: nothing left the house"
    Message.objects.update(status="sending", sent_at=scene.now)
    Permit.objects.update(spent_at=scene.now)
    ProcrastinateJob.objects.all().delete()
    assert door.requeue_lost(now=late) == 0
    assert Message.objects.get(pk=queued.message_id).status == "failed"


def test_a_bounce_that_comes_later_corrects_the_outcome_and_marks_the_address(scene, post):
    answer = scene.write()
    door.send(message_id=answer.message_id, now=scene.now)

    bounce = door.note_bounce(message=Message.objects.get(), now=scene.now + timedelta(hours=1), detail="mailbox full")

    assert (bounce.kind, bounce.supersedes.kind) == ("bounced", "delivered")
    scene.mail.refresh_from_db()
    assert scene.mail.status == "invalid"


@pytest.mark.django_db(transaction=True)
def test_a_worker_takes_the_job_and_sends(transactional_db, post, settings):
    """End to end: the job written with the permit, a real worker, a real mail server."""
    scene = Scene(now=timezone.now())
    Consent.objects.create(person=scene.debtor, kind="off_hours", given_at=scene.now - timedelta(days=1))
    answer = scene.write()

    environment = os.environ | {
        "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])
        ._replace(path="/" + connection.settings_dict["NAME"])
        .geturl(),
        "FAIRDUE_SMTP_HOST": settings.EMAIL_HOST,
        "FAIRDUE_SMTP_PORT": str(settings.EMAIL_PORT),
    }
    command = [str(Path(sys.executable).with_name("fairdue")), "worker", "--once"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr[-2000:]
    assert Message.objects.get(pk=answer.message_id).status == "sent"
    assert len(post.letters) == 1
    ProcrastinateJob.objects.all().delete()
