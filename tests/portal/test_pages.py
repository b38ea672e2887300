"""Behind the door: what is owed to the cent, rights, reaching, telling; each effective at once, each once."""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from django.test import Client
from pypdf import PdfReader

import stories
from fairdue.accounts import services as ledger
from fairdue.accounts.models import Balance, Payment
from fairdue.agreements.models import Promise
from fairdue.cases.models import Hold, Note
from fairdue.contact import services as door
from fairdue.contact.models import Explanation, Permit
from fairdue.flows import payment
from fairdue.journal.models import Entry
from fairdue.people import services as people
from fairdue.people.models import Wish
from fairdue.portal import owed
from portal.conftest import NOW

TODAY = date(2026, 3, 3)


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", response.content.decode()))


def pay(told, cents, reference="P1", on=date(2026, 2, 20), learned_at=None):
    return payment.receive(
        creditor=told.bank,
        account=told.account,
        reference=reference,
        cents=cents,
        currency="CNY",
        happened_on=on,
        learned_at=learned_at,
        now=NOW,
    )


# ---- what I owe


def test_the_arithmetic_runs_from_the_first_entry_to_the_same_cents(told, page):
    """¥1,000.00 and ¥50.00 interest; ¥300.00 paid: interest first, then principal; ¥750.00 left."""
    pay(told, 30_000)
    found = owed.owed(told.case, today=TODAY)[0]
    assert [(row.kind, row.total, row.balance) for row in found.story.rows] == [
        ("placed", 105_000, 105_000), ("payment", -30_000, 75_000),
    ]  # fmt: skip
    assert found.added == found.total == 75_000 and found.same and found.entries == 4
    seen = text(page.get("/p/1/?again=1"))
    for said in ("¥750.00", "Payment", "−¥300.00", "from 4 entries of the ledger", "¥1,050.00 − ¥300.00 = ¥750.00"):
        assert said in seen
    assert "The same, to the cent" in seen


def test_a_payment_beyond_the_debt_and_one_that_went_back_are_told(told, page):
    pay(told, 110_000)
    found = owed.owed(told.case, today=TODAY)[0]
    assert (found.total, found.spare, found.story.rows[-1].cents, found.story.found.told.unapplied) == (
        0, 5_000, 110_000, 5_000,
    )  # fmt: skip
    payment.reverse(payment=Payment.objects.get(), reference="R1", happened_on=date(2026, 2, 22), now=NOW)
    found = owed.owed(told.case, today=TODAY)[0]
    last = found.story.rows[-1]
    assert (last.kind, last.cents, found.total, found.same) == ("reversal", -110_000, 105_000, True)
    assert "Payment taken back" in text(page.get("/p/1/"))


def test_page_paper_and_table_tell_the_cents_the_collector_sees(told, page):
    """¥1,050.00 less ¥300.00; the borrower's PDF and CSV and the desk's say the same, and both are journalled."""
    pay(told, 30_000)
    theirs = page.get(f"/p/1/{told.account.pk}.pdf")
    assert theirs["Content-Type"] == "application/pdf"
    assert "debt" not in theirs["Content-Disposition"]
    desk = Client()
    desk.force_login(told.staff, backend="django.contrib.auth.backends.ModelBackend")
    told.staff.language = "en"
    told.staff.save()
    ours = desk.get(f"/case/{told.case.pk}/account/{told.account.pk}/statement.pdf")
    for answer in (theirs, ours):
        paper = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(answer.content)).pages)
        for said in ("1,050.00", "-300.00", "750.00", told.account.external_ref):
            assert said in paper.replace("−", "-")
    table = page.get(f"/p/1/{told.account.pk}.csv").content
    assert b"750.00" in table
    lines = csv.DictReader(io.StringIO(table.decode("utf-8-sig")))
    assert [(line["Money"], line["Change of the debt"]) for line in lines] == [("", "1050.00"), ("300.00", "-300.00")]
    assert table == desk.get(f"/case/{told.case.pk}/account/{told.account.pk}/statement.csv").content
    assert sorted(Entry.objects.filter(verb="statement.taken").values_list("actor_id", flat=True), key=str) == sorted(
        [None, None, told.staff.pk, told.staff.pk], key=str
    )


def test_what_was_paid_before_the_placement_shows_its_amount_and_that_it_changes_nothing(told, page):
    """¥171.74 paid before the debt came to us: page, paper, table and desk tell the amount, and ¥0.00 as its effect."""
    pay(told, 17_174, "EARLY", date(2025, 12, 15), stories.utc("2025-12-20T10:00"))
    rows = owed.owed(told.case, today=TODAY)[0].story.rows
    assert [(row.kind, row.amount, row.total) for row in rows] == [("before", 17_174, 0), ("placed", 105_000, 105_000)]
    assert "Payment before placement ¥171.74" in text(page.get("/p/1/"))
    paper = PdfReader(io.BytesIO(page.get(f"/p/1/{told.account.pk}.pdf").content)).pages[0].extract_text()
    assert "171.74" in paper and "0.00" in paper
    assert b",171.74,CNY" in page.get(f"/p/1/{told.account.pk}.csv").content


def test_nobody_takes_the_statement_of_another(told, page):
    assert page.get(f"/p/1/{told.theirs.pk}.pdf").status_code == 404
    assert Client().get(f"/p/1/{told.account.pk}.pdf")["Location"] == "/p/"


def test_a_balance_that_does_not_agree_is_said_and_not_hidden(told, page):
    Balance.objects.filter(account=told.account).update(fees=7)
    assert not owed.owed(told.case, today=TODAY)[0].same
    assert "does not agree" in text(page.get("/p/1/?again=1"))


def test_only_the_accounts_of_the_case_are_shown(told, page):
    elsewhere = stories.account(told.debtor, stories.creditor(), external_ref="ELSEWHERE")
    seen = text(page.get("/p/1/"))
    assert told.account.external_ref in seen
    assert elsewhere.external_ref not in seen and told.theirs.external_ref not in seen


def test_the_page_speaks_both_languages(told, page):
    page.post("/p/language/", {"language": "zh-hans", "next": "/p/1/"})
    assert "我欠多少" in text(page.get("/p/1/"))
    answer = page.post("/p/language/", {"language": "en", "next": "https://elsewhere.example/p/1/"})
    assert answer["Location"] == "/p/"


# ---- rights


def test_rights_are_shown_with_their_sources_and_kept_once_a_visit(told, page):
    seen = text(page.get("/p/3/"))
    page.get("/p/3/")
    kept = Explanation.objects.get()
    assert (kept.how, kept.language, kept.by, kept.at) == ("page", "en", None, NOW)
    assert kept.text.splitlines()[2] in seen
    page.post("/p/language/", {"language": "zh-hans", "next": "/p/3/"})
    page.get("/p/3/")
    assert Explanation.objects.count() == 2
    assert Entry.objects.filter(verb="rights.explained").count() == 2


@pytest.mark.parametrize(("language", "cited"), [("en", "Civil Code Art. 680"), ("zh-hans", "《民法典》第680条")])
def test_rights_name_the_article_and_nothing_of_our_grades(told, page, language, cited):
    ledger.age(as_of=TODAY, accounts=[told.account.pk])
    page.post("/p/language/", {"language": language, "next": "/p/3/"})
    seen = text(page.get("/p/3/"))
    assert cited in seen
    for inside in ("text was read", "not confirmed", "two reports", "one report", "no article seen", "not seen",
                   "已读原文", "未经核实", "转述", "未见"):  # fmt: skip
        assert inside not in seen
    assert ("1 February 2026" in seen and "2026-02-01" not in seen) or language != "en"


# ---- reaching


def leave_to_call(told) -> Permit:
    answer = door.ask(
        case=told.case, contact_point=told.phone, channel=stories.CALL, by=told.staff, now=NOW, key="call"
    )
    assert answer.allowed
    return Permit.objects.get(pk=answer.permit)


def test_a_refused_channel_is_shut_at_once_and_may_be_opened_again(told, page):
    permit = leave_to_call(told)
    for _ in range(2):
        assert page.post("/p/4/", {"act": "opt_out", "channel": "1"}).status_code == 302
    wish = Wish.objects.get()
    assert (wish.kind, wish.channel, wish.source, wish.noted_by) == ("opt_out", stories.CALL, "portal", None)
    permit.refresh_from_db()
    assert permit.revoked_at == NOW
    again = {"case": told.case, "contact_point": told.phone, "channel": stories.CALL, "by": told.staff, "now": NOW}
    assert not door.ask(**again, key="2").allowed
    page.post("/p/4/", {"act": "withdraw", "wish": wish.pk})
    assert door.ask(**again, key="3").allowed


def test_unwelcome_and_best_times_are_kept_once(told, page):
    permit = leave_to_call(told)
    for _ in range(2):
        page.post("/p/4/", {"act": "unwelcome", "start": "09:00", "end": "12:30", "days": ["0", "1"]})
        page.post("/p/4/", {"act": "preferred", "start": "18:00", "end": "20:00", "channel": "4"})
    told_of = list(Wish.objects.order_by("pk").values_list("kind", "channel", "start", "end", "days"))
    assert told_of == [("unwelcome_time", None, 540, 750, 3), ("preferred_time", 4, 1080, 1200, 127)]
    permit.refresh_from_db()
    assert permit.revoked_at == NOW
    assert "Best: E-mail, 18:00–20:00" in text(page.get("/p/4/"))


def test_a_wish_that_ran_out_holds_no_more_and_can_be_said_anew(page, told):
    before = NOW - timedelta(days=2)
    people.note_times(
        person=told.case.person, kind="unwelcome_time", start=60, end=120, by=None, now=before, until_on=before.date()
    )
    assert "01:00–02:00" not in text(page.get("/p/4/"))
    page.post("/p/4/", {"act": "unwelcome", "start": "01:00", "end": "02:00"})
    assert "01:00–02:00" in text(page.get("/p/4/"))


@pytest.mark.parametrize(
    "said",
    [
        {"act": "unwelcome", "start": "nine", "end": "10:00"},
        {"act": "unwelcome", "start": "17:00", "end": "17:00"},
        {"act": "unwelcome", "start": "", "end": ""},
        {"act": "opt_out", "channel": "99"},
        {"act": "?"},
    ],
)
def test_what_cannot_be_understood_is_said(page, said):
    assert page.post("/p/4/", said).status_code == 422
    assert not Wish.objects.exists()


def test_another_persons_wish_is_not_there(told, page):
    theirs = Wish.objects.create(person=told.stranger, kind="opt_out", made_at=NOW)
    assert page.post("/p/4/", {"act": "withdraw", "wish": theirs.pk}).status_code == 404
    assert Wish.objects.get().withdrawn_at is None


# ---- telling


@pytest.mark.parametrize("matter", ["dispute", "hardship"])
def test_a_dispute_or_hardship_stops_collection_at_once_and_once(told, page, matter):
    permit = leave_to_call(told)
    for _ in range(2):
        assert page.post("/p/5/", {"matter": matter, "words": "I paid this\r\nin January."}).status_code == 302
    hold = Hold.objects.get()
    assert (hold.kind, hold.reason, hold.placed_by) == (matter, "I paid this\nin January.", None)
    assert Note.objects.get().text.endswith("I paid this\nin January.")
    permit.refresh_from_db()
    assert permit.revoked_at == NOW
    assert "Collection has stopped" in text(page.get("/p/1/"))


@pytest.mark.parametrize(("matter", "verb"), [("complaint", "complaint.made"), ("data", "data.requested")])
def test_a_complaint_and_a_request_about_data_are_noted_and_stop_nothing(told, page, matter, verb):
    page.post("/p/5/", {"matter": matter, "words": "They shouted."})
    assert Note.objects.get().by is None and not Hold.objects.exists()
    noted = Entry.objects.get(verb=verb)
    assert noted.person_id == told.debtor.pk and "shouted" not in noted.detail
    assert page.post("/p/5/", {"matter": matter, "words": "  "}).status_code == 422
    assert page.post("/p/5/", {"matter": matter, "words": "x" * 3001}).status_code == 422


def test_nothing_is_chosen_for_the_borrower(told, page):
    """Without a choice nothing stops and nothing is noted; a link that names the matter chooses it."""
    assert " checked" not in page.get("/p/5/").content.decode()
    answer = page.post("/p/5/", {"words": "They shouted."})
    assert answer.status_code == 422 and "Choose what it is about." in text(answer)
    assert "They shouted." in text(answer)
    assert not Note.objects.exists() and not Hold.objects.exists()
    assert 'value="hardship" checked' in page.get("/p/5/?matter=hardship").content.decode()


def test_staff_see_the_words_on_the_case(told, page, monkeypatch):
    monkeypatch.setattr("fairdue.desk.clock.now", lambda: NOW)
    page.post("/p/5/", {"matter": "complaint", "words": "They shouted."})
    staff = Client()
    staff.force_login(told.staff, backend="django.contrib.auth.backends.ModelBackend")
    seen = staff.get(f"/case/{told.case.pk}/").content.decode()
    assert "They shouted." in seen


# ---- promising


def promise(page, told, **more):
    return page.post("/p/2/", {"account": told.account.pk, "amount": "500.00", "due_on": "2026-03-10", **more})


def test_a_promise_of_the_borrower_is_one_promise(told, page):
    for _ in range(2):
        assert promise(page, told).status_code == 302
    made = Promise.objects.get()
    assert (made.cents, made.due_on, made.person, made.taken_by) == (50_000, date(2026, 3, 10), told.debtor, None)
    assert "by 10 Mar 2026" in text(page.get("/p/2/"))


@pytest.mark.parametrize(
    "wrong", [{"amount": "2000"}, {"amount": "0"}, {"amount": "many"}, {"due_on": "2026-03-01"}, {"due_on": ""},
              {"due_on": "2026-09-01"}],
)  # fmt: skip
def test_a_promise_that_cannot_stand_is_refused_with_its_reason(told, page, wrong):
    answer = promise(page, told, **wrong)
    assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()
    assert not Promise.objects.exists()


@pytest.mark.parametrize("path", ["/p/2/", "/p/2/begin/"])
def test_an_account_of_another_case_is_not_there(told, page, path):
    said = {"amount": "10", "due_on": "2026-03-10"}
    for account in (told.theirs.pk, 999_999, "x", ""):
        assert page.post(path, said | {"account": account}).status_code == 404


def test_i_cannot_pay_now_waits_on_the_hardship_worklist(told, page):
    """Said once or twice it is one request, with the words sealed, to be looked at within two days."""
    from fairdue.hardship import services as hardship
    from fairdue.hardship.models import File

    for _ in range(2):
        page.post("/p/5/", {"matter": "hardship", "words": "Since May I am ill."})
    file = File.objects.get()
    assert (file.status, file.source, file.case) == ("asked", "portal", told.case)
    assert file.review_on == date(2026, 3, 5)
    assert hardship.read_words(file) == "Since May I am ill."
