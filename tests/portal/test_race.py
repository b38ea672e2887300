"""Two at once: one link opens one visit, one event told twice books one payment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection

import stories
from fairdue.accounts.models import Payment
from fairdue.contact import services as door
from fairdue.contact.models import Link
from fairdue.portal import paying, services
from portal.conftest import NOW, token_for

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(work, times: int = 4) -> list:
    def closing(_n: int):
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(closing, range(times)))


def test_one_link_opens_once_and_one_event_books_once():
    debtor = stories.person(birth_on=date(1989, 5, 17))
    bank = stories.creditor()
    account = stories.account(debtor, bank, dues={date(2026, 2, 1): 50_000})
    token, right = token_for(stories.case(debtor, bank)), door.Answer(born_on=date(1989, 5, 17))
    visits = at_once(lambda: door.open_link(token=token, answer=right, address="203.0.113.7", now=NOW))
    assert len([visit for visit in visits if visit]) == 1
    checkout = services.begin(link=Link.objects.get(), account=account, cents=30_000, back=str, now=NOW)
    paid = paying.Paid(checkout.provider_ref, checkout.reference, 30_000, "CNY")
    at_once(lambda: services.finish(provider="sandbox", paid=paid, now=NOW))
    assert Payment.objects.get().cents == 30_000
