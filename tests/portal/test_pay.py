"""Money comes from the provider's own signed word, once; a sandbox pretends, Stripe is spoken to as it speaks."""

import hashlib
import hmac
import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest
from django.test import Client

from fairdue.accounts.models import Balance, Payment
from fairdue.journal.models import Entry
from fairdue.portal.models import Checkout
from portal.conftest import NOW, token_for

SECRET = "whsec_test"


def begin(page, told, amount="300.00"):
    return page.post("/p/2/begin/", {"account": told.account.pk, "amount": amount})


# ---- the sandbox


def test_the_sandbox_says_that_it_is_one_and_books_once(told, page):
    onward = begin(page, told)["Location"]
    assert b"This is a sandbox, not a bank." in page.get(onward).content
    for _ in range(2):
        assert page.post(f"{onward}pretend/").status_code == 302
    paid = Payment.objects.get()
    assert (paid.cents, paid.method, paid.happened_on.isoformat()) == (30_000, "sandbox", "2026-03-03")
    assert Balance.objects.get(account=told.account).total == 75_000
    assert b"It has arrived" in page.get(onward).content


def test_a_button_pressed_twice_begins_one_payment(told, page):
    assert begin(page, told)["Location"] == begin(page, told)["Location"]
    assert begin(page, told, "200")["Location"] != begin(page, told)["Location"]
    assert Checkout.objects.count() == 2


@pytest.mark.parametrize("amount", ["0", "1050.01", "-5", "abc"])
def test_a_sum_that_is_not_owed_cannot_be_paid(told, page, amount):
    assert begin(page, told, amount).status_code == 422
    assert not Checkout.objects.exists()


def test_another_ones_payment_is_not_there(told, page):
    onward = begin(page, told)["Location"]
    stranger = Client()
    stranger.post(f"/p/k/{token_for(told.their_case)}/", {"born_on": "1970-01-01"})
    assert stranger.get(onward).status_code == 404
    assert stranger.post(f"{onward}pretend/").status_code == 404
    assert not Payment.objects.exists()


def test_nothing_is_pretended_when_the_sandbox_is_not_in_use(told, page, settings):
    onward = begin(page, told)["Location"]
    settings.PAYING = ""
    assert page.post(f"{onward}pretend/").status_code == 404
    assert begin(page, told).status_code == 422
    assert b"Payments are not taken here" in page.get("/p/2/").content


# ---- Stripe


class FakeStripe(BaseHTTPRequestHandler):
    """Speaks the shape of POST /v1/checkout/sessions."""

    asked: list[tuple[str, dict, dict]] = []  # noqa: RUF012
    answer: tuple[int, dict] = (200, {})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.asked.append((self.path, {k: v[0] for k, v in parse_qs(body).items()}, dict(self.headers)))
        status, told = self.answer
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def provider(settings):
    FakeStripe.asked, FakeStripe.answer = [], (200, {"id": "cs_test_1", "url": "https://checkout.stripe.com/c/pay/1"})
    server = HTTPServer(("127.0.0.1", 0), FakeStripe)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.PAYING, settings.STRIPE_KEY, settings.STRIPE_WEBHOOK_SECRET = "stripe", "sk_test_1", SECRET
    settings.STRIPE_URL = f"http://127.0.0.1:{server.server_port}"
    yield FakeStripe
    server.shutdown()
    server.server_close()


def event(checkout=None, *, kind="checkout.session.completed", **changed) -> bytes:
    session = {
        "id": "cs_test_1", "object": "checkout.session", "payment_status": "paid", "amount_total": 30_000,
        "currency": "cny", "client_reference_id": checkout.reference if checkout else "none", **changed,
    }  # fmt: skip
    return json.dumps({"id": "evt_1", "object": "event", "type": kind, "data": {"object": session}}).encode()


def signed(body: bytes, *, secret=SECRET, at=None, header=None):
    stamp = int((at or NOW).timestamp())
    mac = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return Client(enforce_csrf_checks=True).post(
        "/p/hook/", body, content_type="application/json",
        headers={"Stripe-Signature": header if header is not None else f"t={stamp},v1={'0' * 64},v1={mac}"},
    )  # fmt: skip


@pytest.mark.enable_socket
def test_a_session_is_made_and_its_signed_event_books_the_money_once(told, page, provider):
    onward = begin(page, told)["Location"]
    path, fields, headers = provider.asked[0]
    checkout = Checkout.objects.get()
    assert path == "/v1/checkout/sessions" and headers["Authorization"] == "Bearer sk_test_1"
    assert headers["Idempotency-Key"] == checkout.reference == fields["client_reference_id"]
    assert fields["line_items[0][price_data][unit_amount]"] == "30000"
    assert fields["line_items[0][price_data][currency]"] == "cny"
    assert fields["success_url"] == f"http://testserver{onward}"
    assert "loan" not in str(fields) and "王小明" not in str(fields)
    assert b'href="https://checkout.stripe.com/c/pay/1"' in page.get(onward).content
    assert not Payment.objects.exists()  # coming back proves nothing
    for _ in range(2):
        assert signed(event(checkout)).status_code == 200
    assert signed(event(checkout, kind="checkout.session.async_payment_succeeded")).status_code == 200
    assert Payment.objects.get().cents == 30_000
    assert Balance.objects.get(account=told.account).total == 75_000
    assert Entry.objects.filter(verb="checkout.paid").count() == 1


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "answer", [(500, {}), (402, {"error": {}}), (200, {"id": "cs_1"}), (200, {"id": "c", "url": "javascript:alert(1)"})]
)
def test_a_provider_that_fails_charges_nothing_and_says_so(told, page, provider, answer):
    provider.answer = answer
    refused = begin(page, told)
    assert refused.status_code == 422 and b"nothing was charged" in refused.content
    assert not Checkout.objects.exists()


@pytest.mark.enable_socket
def test_an_event_that_is_forged_old_or_garbled_does_nothing(told, page, provider):
    begin(page, told)
    good = event(Checkout.objects.get())
    assert signed(good, secret="whsec_other").status_code == 400
    assert signed(good, at=NOW - timedelta(minutes=6)).status_code == 400
    assert signed(good, at=NOW + timedelta(minutes=6)).status_code == 400
    for header in ("", "t=1", "v1=00", "t=x,v1=00", "t=²,v1=é"):
        assert signed(good, header=header).status_code == 400, header
    stamp = int(NOW.timestamp())
    mac = hmac.new(SECRET.encode(), f"{stamp}.".encode() + good, hashlib.sha256).hexdigest()
    changed = good.replace(b"30000", b"90000")
    assert signed(changed, header=f"t={stamp},v1={mac}").status_code == 400
    assert signed(b"not json").status_code == 400
    assert signed(b"[]").status_code == 400
    assert not Payment.objects.exists()


@pytest.mark.enable_socket
def test_events_that_are_not_about_this_money_book_nothing(told, page, provider):
    begin(page, told)
    checkout = Checkout.objects.get()
    for body in (
        event(checkout, payment_status="unpaid"),
        event(checkout, kind="checkout.session.expired"),
        event(checkout, amount_total=1),
        event(checkout, currency="usd"),
        event(checkout, id="cs_other"),
        event(None),
    ):
        assert signed(body).status_code == 200
    assert not Payment.objects.exists()
    assert set(Entry.objects.filter(verb__startswith="checkout.").values_list("verb", flat=True)) == {
        "checkout.begun", "checkout.differs", "checkout.unknown",
    }  # fmt: skip


def test_without_a_secret_no_event_is_believed(told, settings):
    settings.PAYING, settings.STRIPE_WEBHOOK_SECRET = "stripe", ""
    assert signed(event(), secret="").status_code == 400
    settings.PAYING = "sandbox"
    assert signed(event()).status_code == 404
