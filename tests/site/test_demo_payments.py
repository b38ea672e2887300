"""The demo's payment file keeps promises on every day and at every hour, and *Today* says why it is empty."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client

import stories
from fairdue.accounts import services as ledger
from fairdue.accounts.models import Account
from fairdue.agreements import services as agreements
from fairdue.agreements.models import Promise
from fairdue.cases.models import WorkItem
from fairdue.flows import night
from fairdue.intake import portfolio, services
from fairdue.journal.models import Entry
from fairdue.site import demo

SUNDAY = date(2026, 3, 1)
LATE = stories.utc("2026-03-01T22:08+08:00")
MAPPING = Path(portfolio.__file__).with_name("cn-lender.yaml")
pytestmark = pytest.mark.django_db


@pytest.fixture
def collector():
    """Twelve debts of the made-up lender, forty days late; the hours for calls are over."""
    who = stories.user(username="collector", language="en")
    lender = stories.creditor("cn-lender", mapping=MAPPING.read_text("utf-8"))
    for n in range(12):
        debtor = stories.person()
        stories.phone(debtor, f"+86138001380{n:02}")
        stories.account(debtor, lender, principal=300_000, dues={date(2026, 1, 20): 80_000 + n})
        stories.case(debtor, lender, owner=who)
    ledger.age(as_of=SUNDAY, accounts=list(Account.objects.values_list("pk", flat=True)))
    return who


def written(tmp_path) -> list[str]:
    path = tmp_path / "files" / "payments-to-try.csv"
    demo.payments_to_try(path, on=SUNDAY)
    return path.read_text("utf-8-sig").splitlines()[1:]


def loaded(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    path = tmp_path / "files" / "payments-to-try.csv"
    return services.load_file(path=path, creditor_code="cn-lender", kind="payments")


def test_on_a_sunday_evening_the_file_keeps_promises_and_today_tells_why_it_is_empty(
    collector, tmp_path, settings, monkeypatch
):
    for account in Account.objects.order_by("pk")[:10]:
        agreements.make(case=account.debtor.cases.get(), account=account, cents=10_000 + account.pk, made_on=SUNDAY,
                        due_on=SUNDAY + timedelta(days=2), by=collector)  # fmt: skip
    night.run(SUNDAY, now=LATE)
    assert not WorkItem.objects.exists(), "nobody may be called any more"
    client = Client()
    client.force_login(collector, backend="django.contrib.auth.backends.ModelBackend")
    monkeypatch.setattr("fairdue.desk.clock.now", lambda: LATE)
    assert "Nothing is on your list today" in client.get("/today/").content.decode()
    lines = written(tmp_path)
    assert len(lines) == demo.TO_TRY + 1 and lines[-1].startswith("JJ00000000,")
    done = loaded(tmp_path, settings)
    assert (done.loaded, done.rejected) == (demo.TO_TRY, 1)
    assert Promise.objects.filter(status="kept").count() == demo.TO_TRY
    assert not Entry.objects.filter(verb="demo.promises").exists()


def test_where_no_promise_is_open_some_are_made(collector, tmp_path, settings):
    """Weeks after the start: the journal says that they are made up, and the file keeps every one."""
    assert len(written(tmp_path)) == demo.TO_TRY + 1
    assert Entry.objects.filter(verb="demo.promises").count() == 1
    assert loaded(tmp_path, settings).loaded == demo.TO_TRY
    assert Promise.objects.filter(status="kept").count() == demo.TO_TRY == Promise.objects.count()
