"""A borrower's file with a bit of everything, and packs made of it."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.test import override_settings

import stories
from fairdue.accounts import services as ledger
from fairdue.cases.models import Hold
from fairdue.contact.models import Attempt, Outcome
from fairdue.evidence import services
from fairdue.evidence.models import Pack
from fairdue.evidence.scope import Scope
from fairdue.flows import contact as contacts
from fairdue.flows import rights
from fairdue.journal import services as journal
from fairdue.journal.models import Entry, Seal
from fairdue.people import sealing
from fairdue.people import services as people
from fairdue.staff.models import Role

NOON = stories.utc("2026-03-03T12:00+08:00")
NIGHT = stories.utc("2026-03-03T22:30+08:00")
SECRET = "她在第三医院住院"


class File:
    """The people of the story."""


def build() -> File:
    """王小明 at 华远: a call with a promise, a night call refused, a payment, a wish, a hold, a reveal, rights printed.

    And 李外人, whose file nobody asked for, with the same collector.
    """
    told = File()
    bank = stories.creditor("hy", name_zh="华远消费金融", name_en="Huayuan Consumer Finance")
    other = stories.creditor("zz")
    told.bank, told.officer = bank, stories.user(Role.COMPLIANCE, username="shen")
    told.chen = chen = stories.user(username="chen")
    told.debtor = debtor = stories.person(
        "王小明",
        id_kind="cn_resident_id",
        id_masked="310115********0032",
        id_sealed=sealing.seal("310115198905170032"),
    )
    account = stories.account(debtor, bank, external_ref="HY-1", dues={date(2026, 2, 1): 40_000})
    told.phone = phone = stories.phone(debtor, "+8613812345678")
    told.case = case = stories.case(debtor, bank, owner=chen)
    people.reveal(contact_point=phone, by=chen, reason="case page", case_id=case.pk)
    call = contacts.call(case=case, contact_point=phone, by=chen, now=NOON, key="a")
    contacts.record(
        attempt=Attempt.objects.get(pk=call.attempt_id), kind=Outcome.Kind.PROMISE, by=chen, now=NOON, note=SECRET,
        promised=contacts.Promised(20_000, date(2026, 3, 9)),
    )  # fmt: skip
    ledger.receive(
        creditor=bank, account=account, reference="P-1", cents=5_000, currency="CNY", happened_on=date(2026, 3, 4),
        now=NOON + timedelta(days=1), payer="王小明",
    )  # fmt: skip
    contacts.call(case=case, contact_point=phone, by=chen, now=NIGHT, key="b")
    people.note_times(person=debtor, kind="unwelcome_time", start=540, end=600, by=chen, now=NOON, words=SECRET)
    rights.print_(case=case, by=chen, now=NOON)
    contacts.place_hold(person=debtor, kind=Hold.Kind.HARDSHIP, reason=SECRET, by=chen, now=NOON + timedelta(days=2))
    stranger = stories.person("李外人")
    stories.account(stranger, other, external_ref="ZZ-9")
    told.stranger_phone = stories.phone(stranger, "+8613900001111")
    told.stranger_case = stories.case(stranger, other, owner=chen)
    contacts.call(case=told.stranger_case, contact_point=told.stranger_phone, by=chen, now=NOON, key="c")
    journal.seal(day=date(2026, 3, 3))
    return told


@pytest.fixture
def file(transactional_db, tmp_path):
    """The story, with a folder of its own for packs."""
    with override_settings(MEDIA_ROOT=tmp_path / "files"):
        yield build()


@pytest.fixture
def made(file):
    """A masked pack about 王小明."""
    return services.make(pack=asked(file))


def asked(told: File) -> Pack:
    return services.ask(scope=Scope(told.debtor.pk), by=told.officer, reason="监管检查", queue=False)


@pytest.fixture(scope="session")
def kept(django_db_setup, django_db_blocker, tmp_path_factory) -> SimpleNamespace:
    """The same pack made once for all tests that only read it; its database is emptied again."""
    folder = tmp_path_factory.mktemp("evidence")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=folder):
        told = build()
        pack = services.make(pack=asked(told))
        entry = Entry.objects.get(verb="evidence.made")
        found = SimpleNamespace(
            pk=pack.pk, path=pack.path, status=pack.status, rows=pack.rows, manifest=pack.manifest, seq=entry.link.seq,
            stated=entry.data["manifest"], seal=bytes(Seal.objects.get().hash).hex(), debtor_id=told.debtor.pk,
            stranger_id=told.stranger_case.person_id,
        )  # fmt: skip
        call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    return found
