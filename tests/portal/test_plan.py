"""The borrower's own plan: from the month to the agreed plan and the first instalment, without staff and without script."""

import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.formats import date_format
from pypdf import PdfReader

import stories
from fairdue.agreements.models import Budget, Instalment, Offer, Plan
from fairdue.agreements.wording import size
from fairdue.contact.models import Attempt, Link, Message
from fairdue.flows import payment, portal
from fairdue.journal.models import Entry
from fairdue.law import codes
from fairdue.money.policy import plan_policy
from portal.conftest import NOW, opened

MONTH = {"act": "budget", "income": "5000", "household": "2", "spend_housing": "1500", "other_debts": "100"}


def send(page: Client, told, **fields):
    on_the_table = Offer.objects.filter(account=told.account, status="open").first()
    return page.post("/p/6/", {"account": told.account.pk, "offer": on_the_table.pk if on_the_table else "", **fields})


def code_of(told) -> str:
    return re.search(r"\b\d{6}\b", Message.objects.get(template="plan_code").body)[0]


def test_from_the_month_to_an_agreed_plan_and_its_first_instalment(told, page):
    """¥1,050.00 owed. They write their month, choose what fits, agree by the code, and pay the first instalment."""
    assert send(page, told, **MONTH).status_code == 302
    kept = Budget.objects.get()
    assert (kept.income, kept.household, kept.spending, kept.other_debts, kept.taken_by) == (
        500_000, 2, {"housing": 150_000}, 10_000, None,
    )  # fmt: skip
    best = page.get("/p/6/").context["one"].best
    assert best and all(one.total == 105_000 and not one.discount for one in best)
    assert re.search(r"At least ¥[\d,.]+ stays for living", page.get("/p/6/").content.decode())
    longest = max(range(len(best)), key=lambda n: len(best[n].instalments))
    assert len(best[longest].instalments) > 1
    send(page, told, act="choose", n=str(longest))
    offer = Offer.objects.get()
    assert (offer.status, offer.needs, offer.made_by, offer.total) == ("open", [], None, 105_000)
    assert send(page, told, act="accept", code="000000").status_code == 422
    send(page, told, act="code")
    assert send(page, told, act="accept", code=code_of(told)).status_code == 302
    plan = Plan.objects.get()
    assert (plan.how, plan.status, plan.total) == ("code", "active", 105_000)
    first = plan.instalments.order_by("n").first()
    seen = page.get("/p/6/").content.decode()
    assert "What was agreed" in seen
    assert f'href="/p/6/?account={told.account.pk}"' in page.get("/p/1/").content.decode()
    paper = page.get(f"/p/6/{plan.pk}.pdf")
    assert "1,050.00" in "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(paper.content)).pages)
    payment.receive(
        creditor=told.bank, account=told.account, reference="X1", cents=first.cents, currency="CNY",
        happened_on=NOW.date(), now=NOW,
    )  # fmt: skip
    first.refresh_from_db()
    assert first.paid == first.cents
    assert page.get("/p/6/").context["one"].next.n == 2
    payment.receive(
        creditor=told.bank, account=told.account, reference="X2", cents=105_000 - first.cents, currency="CNY",
        happened_on=NOW.date(), now=NOW,
    )  # fmt: skip
    assert f"/p/6/{plan.pk}.pdf?done" in page.get("/p/6/").content.decode()
    letter = page.get(f"/p/6/{plan.pk}.pdf?done")
    assert "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(letter.content)).pages)


def test_a_late_plan_says_until_when_it_stands_and_an_ended_one_that_it_ended(told, page):
    plan = stories.plan(told.case, told.account, NOW.date() - timedelta(days=40))
    Instalment.objects.create(
        plan=plan, n=1, due_on=NOW.date() - timedelta(days=6), cents=20_000, principal=20_000, interest=0, fees=0
    )
    Plan.objects.update(status="at_risk", late=20_000, late_since=NOW.date() - timedelta(days=3))
    other = stories.account(told.debtor, told.bank, principal=5_000)
    assert page.get("/p/6/").context["one"].account == told.account  # the one with the plan
    assert page.get(f"/p/6/?account={other.pk}").context["one"].account == other
    stands = date_format(NOW.date() + timedelta(days=7), "j M Y")
    seen = page.get("/p/6/").content.decode()
    assert f"Money by {stands} keeps the plan." in seen
    assert "was due on" in seen and "next, by" not in seen
    Plan.objects.update(status="broken", late=0, late_since=None, turned_on=NOW.date())
    seen = page.get("/p/6/").content.decode()
    assert "an instalment stayed away" in seen
    assert f"/p/6/{plan.pk}.pdf" in seen


def test_before_agreeing_every_instalment_stands_with_its_day_and_they_add_up(told, page):
    """¥1,050.00 in parts of ¥400: two of them and a smaller last one, from 20 March on."""
    send(page, told, **MONTH)
    send(page, told, act="propose", amount="400", first_on="2026-03-20")
    seen = page.get("/p/6/").content.decode()
    table = seen[seen.index('id="offer"') : seen.index("I agree")]
    assert "2 × ¥400.00 and last ¥250.00" in table
    text = re.sub(r"<[^>]+>", " ", table)
    assert re.findall(r"\d+ \w{3} 2026 +(¥[\d.]+)", text) == ["¥400.00", "¥400.00", "¥250.00"]
    assert [f"20 {month} 2026" in text for month in ("Mar", "Apr", "May")] == [True] * 3
    assert "¥1,050.00 in all, the last on 20 May 2026" in text
    assert f"still missing {plan_policy().life.cure_days} days later" in text
    chosen = page.get("/p/6/").context["one"].best
    assert size(chosen[0].amounts, "CNY") in seen


def invited(told) -> Client:
    """The link came by e-mail today, and the firm writes one a day."""
    by_mail = portal.invite(
        case=told.case, contact_point=told.email, by=told.staff, now=NOW, key="i", site="https://x.example"
    )
    assert by_mail.allowed
    page = opened(re.search(r"/p/k/([A-Za-z]+)/", Message.objects.get().body)[1])
    send(page, told, **MONTH)
    send(page, told, act="choose", n="0")
    return page


def test_the_code_they_ask_for_comes_although_the_link_was_the_e_mail_of_the_day(told):
    page = invited(told)
    ours = portal.invite(
        case=told.case, contact_point=told.email, by=told.staff, now=NOW, key="j", site="https://x.example"
    )
    assert "house.emails-a-day" in [reason.rule for reason in ours.reasons]
    assert send(page, told, act="code").status_code == 302
    asked = Attempt.objects.get(permit__message__template="plan_code")
    assert (asked.purpose, asked.by) == (codes.Purpose.ANSWER_QUERY, None)
    assert Entry.objects.filter(verb="contact.allowed", detail__contains=f'"attempt":{asked.pk}').count() == 1
    assert send(page, told, act="accept", code=code_of(told)).status_code == 302
    assert Plan.objects.get().how == "code"


def test_pressed_twice_the_code_in_the_mail_is_the_one_that_agrees(told):
    page = invited(told)
    send(page, told, act="code")
    send(page, told, act="code")
    assert send(page, told, act="accept", code=code_of(told)).status_code == 302


def test_a_visit_sends_three_codes_and_no_more(told):
    page = invited(told)
    for n in range(3):
        told.now = NOW + timedelta(minutes=n)
        assert send(page, told, act="code").status_code == 302
    told.now = NOW + timedelta(minutes=5)
    refused = send(page, told, act="code")
    assert refused.status_code == 422
    assert "show once more who you are" in refused.content.decode()
    latest = Message.objects.filter(template="plan_code").latest("pk")
    code = re.search(r"\b\d{6}\b", latest.body)[0]
    assert send(page, told, act="accept", code=code).status_code == 302


@pytest.mark.parametrize(("language", "says"), [("en", "We cannot send a code now"), ("zh-hans", "现在不能发送确认码")])
def test_when_no_code_may_go_they_show_once_more_who_they_are(told, language, says):
    """They refused e-mail: that binds here too, and it is told in plain words."""
    page = invited(told)
    portal.opt_out(link=Link.objects.get(opened_at__isnull=False), channel=codes.Channel.EMAIL, words="", now=NOW)
    refused = page.post(
        "/p/6/", {"account": told.account.pk, "offer": Offer.objects.get().pk, "act": "code"},
        headers={"accept-language": language},
    )  # fmt: skip
    assert refused.status_code == 422
    seen = refused.content.decode()
    assert says in seen
    assert not any(word in seen for word in ("不可联系", "公司政策", "policy", "house."))
    assert send(page, told, act="accept", tail="9999").status_code == 422
    assert not Plan.objects.exists()
    assert Entry.objects.filter(verb="link.refused").count() == 1
    assert send(page, told, act="accept", tail="0032").status_code == 302
    assert Plan.objects.get().how == "page"
    assert Entry.objects.filter(verb="link.signed").count() == 1


def test_the_fifth_wrong_answer_ends_the_visit_and_agrees_nothing(told, page):
    send(page, told, **MONTH)
    send(page, told, act="choose", n="0")
    for _ in range(5):
        assert send(page, told, act="accept", tail="9999").status_code == 422
    assert send(page, told, act="accept", tail="0032")["Location"] == "/p/"
    assert not Plan.objects.exists()


def test_a_word_about_an_offer_that_was_replaced_meanwhile_changes_nothing(told, page):
    send(page, told, **MONTH)
    send(page, told, act="choose", n="0")
    seen = Offer.objects.get()
    send(page, told, act="propose", amount="350", first_on="2026-03-20")
    assert send(page, told, act="accept", tail="0032", offer=seen.pk).status_code == 422
    assert send(page, told, act="decline", offer=seen.pk).status_code == 422
    assert Offer.objects.filter(status="open").count() == 1
    assert not Plan.objects.exists()


def test_a_proposal_of_their_own_that_fits_is_agreed_like_ours(told, page):
    send(page, told, **MONTH)
    send(page, told, act="propose", amount="350", first_on="2026-03-20")
    offer = Offer.objects.get()
    assert (offer.side, offer.reasons, offer.needs, len(offer.dues)) == ("theirs", [], [], 3)
    send(page, told, act="accept", tail="0032")
    assert [due.cents for due in Plan.objects.get().instalments.order_by("n")] == [35_000, 35_000, 35_000]


def test_beyond_what_one_may_agree_alone_somebody_of_ours_looks_first(told, page, monkeypatch):
    monkeypatch.setattr("fairdue.agreements.services.offers.limit", lambda *_args: 0)
    send(page, told, **MONTH)
    send(page, told, act="choose", n="0")
    offer = Offer.objects.get()
    assert offer.needs == ["plan"]
    assert page.get("/p/6/").context["one"].waits
    send(page, told, act="code")
    assert send(page, told, act="accept", code=code_of(told)).status_code == 422
    assert not Plan.objects.exists()
    assert told.case.notes.filter(by=None).count() == 1


def test_a_proposal_that_leaves_too_little_is_kept_with_its_reasons_and_does_not_become_a_plan(told, page, monkeypatch):
    send(page, told, **MONTH | {"income": "3400", "spend_housing": "0", "other_debts": "0"})
    send(page, told, act="propose", amount="1050", first_on="2026-03-20")
    offer = Offer.objects.get()
    assert offer.side == "theirs"
    assert offer.reasons
    send(page, told, act="code")
    assert send(page, told, act="accept", code=code_of(told)).status_code == 422
    assert not Plan.objects.exists()
    desk = Client()
    desk.force_login(told.staff, backend="django.contrib.auth.backends.ModelBackend")
    monkeypatch.setattr("fairdue.desk.clock.now", lambda: NOW)
    assert [one.pk for one in desk.get("/plans/").context["proposed"]] == [offer.pk]
    assert told.debtor.name in desk.get("/plans/").content.decode()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({**MONTH, "income": "plenty"}, "is no amount"),
        ({**MONTH, "household": "many"}, "how many live"),
        ({"act": "propose", "amount": "100", "first_on": "2026-03-20"}, "Fill in your month first"),
        ({"act": "accept", "code": "1"}, "off the table"),
    ],
)
def test_what_cannot_be_read_is_told_and_kept_in_the_form(told, page, fields, says):
    answer = send(page, told, **fields)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    if "income" in fields:
        assert f'value="{fields["income"]}"' in answer.content.decode()


def test_another_s_account_and_plan_are_not_there(told, page):
    assert page.post("/p/6/", {"account": told.theirs.pk, **MONTH}).status_code == 404
    assert page.get(f"/p/6/?account={told.theirs.pk}").status_code == 404
    assert page.get("/p/6/999.pdf").status_code == 404


def test_the_page_s_title_and_address_say_nothing_to_a_bystander(told, page):
    seen = page.get("/p/6/")
    assert "<title>Your page</title>" in seen.content.decode()
    assert seen["Cache-Control"].startswith("no-store") or "no-store" in seen["Cache-Control"]
