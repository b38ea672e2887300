"""Rights and duties reach the borrower: sent, printed, read out; each time kept word for word and journalled."""

import hashlib
import io
from datetime import date

import pypdf
import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

import stories
from fairdue.accounts import services as ledger
from fairdue.cases.models import Hold
from fairdue.contact.models import Explanation, Message
from fairdue.flows import contact as contacts
from fairdue.flows import rights as flow
from fairdue.journal.models import Entry
from fairdue.law import rights

pytestmark = pytest.mark.django_db
NOON = stories.utc("2026-03-03T12:00+08:00")
NIGHT = stories.utc("2026-03-03T22:30+08:00")


@pytest.fixture
def story():
    """A borrower with ¥1,000.00 principal and ¥50.00 interest, ¥400.00 of it late since 1 February."""
    bank = stories.creditor("hy", name_zh="华远消费金融", name_en="Huayuan Consumer Finance")
    debtor = stories.person("王小明")
    account = stories.account(
        debtor, bank, principal=100_000, interest=5_000, external_ref="HY-1", dues={date(2026, 2, 1): 40_000}
    )
    ledger.age(as_of=date(2026, 3, 3), accounts=[account.pk])
    chen = stories.user(username="chen")
    case = stories.case(debtor, bank, owner=chen)
    return case, stories.email(debtor), chen


def owed(told):
    return [one.text for one in told.sections[0].sentences]


def test_what_is_owed_is_that_of_the_case_in_both_languages(story):
    case, _, _ = story
    zh, en = (flow.filled(case=case, on=date(2026, 3, 3), language=lang) for lang in ("zh", "en"))
    assert "HY-1（网络贷款）：共欠 1,050.00 元。其中本金 1,000.00 元、利息 50.00 元。" in owed(zh)
    assert "其中 400.00 元已经过期，最早一笔到期日是 2026-02-01。" in owed(zh)
    assert (
        "HY-1 (online loan): you owe CNY 1,050.00. That is made up of loan CNY 1,000.00, interest CNY 50.00."
        in owed(en)
    )
    assert any("since 1 February 2026" in text or "1 February 2026" in text for text in owed(en))
    assert "2026-02-01" not in en.text and "no article seen" not in en.text and "未见条文" not in zh.text
    assert zh.text.startswith("王小明，您好：\n\n您欠什么、为什么\n- 我们是Fairdue，受华远消费金融委托")
    assert "出处\n- 《民法典》第680条" in zh.text


def test_it_is_sent_through_the_one_door_and_kept(story):
    case, address, chen = story
    answer = flow.send(case=case, contact_point=address, by=chen, now=NOON, key="a")
    assert answer.allowed
    message = Message.objects.get()
    kept = Explanation.objects.get()
    assert message.body == f"{kept.text}\n\n如不希望再收到此类邮件，回复“退订”即可。\n"
    assert (kept.how, kept.statement, kept.hash) == ("email", "cn", rights.statement("cn").hash)
    entry = Entry.objects.get(verb="rights.explained")
    assert entry.data["version"] == rights.statement("cn").version
    assert entry.data["hash"] == kept.hash
    assert entry.data["text"] == hashlib.sha256(kept.text.encode()).hexdigest()
    assert "王小明" not in entry.detail


def test_the_same_press_sends_and_keeps_it_once(story):
    case, address, chen = story
    for _ in range(2):
        flow.send(case=case, contact_point=address, by=chen, now=NOON, key="a")
    assert (Message.objects.count(), Explanation.objects.count()) == (1, 1)


def test_a_refused_statement_was_not_explained(story):
    """Given 22:30 in Shanghai; when it is sent; then the gate refuses, nothing is queued, nothing counts as explained."""
    case, address, chen = story
    answer = flow.send(case=case, contact_point=address, by=chen, now=NIGHT, key="a")
    assert not answer.allowed
    assert answer.earliest == stories.utc("2026-03-04T08:00+08:00")
    assert not Explanation.objects.exists()


def test_a_stop_holds_for_the_statement_too(story):
    case, address, chen = story
    contacts.place_hold(person=case.person, kind=Hold.Kind.CEASED, reason="要求停止", by=chen, now=NOON)
    assert not flow.send(case=case, contact_point=address, by=chen, now=NOON, key="a").allowed


def test_regulation_f_is_satisfied_by_the_text(db):
    """In the United States a mail must say who collects and how to opt out: the statement does."""
    bank = stories.creditor("ub", jurisdiction="us", zone="America/New_York", currency="USD")
    debtor = stories.person("Grace Miller", language="en")
    stories.account(debtor, bank, principal=90_000)
    chen = stories.user()
    case = stories.case(debtor, bank, owner=chen)
    address = stories.email(debtor, "grace@example.com", zones="America/New_York")
    answer = flow.send(case=case, contact_point=address, by=chen, now=stories.utc("2026-03-03T12:00-05:00"), key="a")
    assert answer.allowed
    assert "We are a debt collector" in Message.objects.get().body
    assert "12 CFR 1006.14(b)(2)" in Message.objects.get().body


def test_the_printed_statement_is_read_back(story):
    case, _, chen = story
    made = flow.print_(case=case, by=chen, now=NOON)
    found = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)
    for said in ("您的权利与义务", "王小明，您好：", "怎样不被打扰", "《民法典》第680条", "不是法律规定",
                 rights.statement("cn").hash[:16]):  # fmt: skip
        assert said in found
    assert "已读原文" not in found and "未见条文" not in found, "how sure we are is for the desk"
    assert Explanation.objects.get().how == "print"
    assert flow.print_(case=case, by=chen, now=NOON) == made


def test_reading_out_keeps_how_it_was_taken(story):
    case, _, chen = story
    flow.read_out(case=case, by=chen, now=NOON, came=Explanation.Came.QUESTIONS, language="en")
    kept = Explanation.objects.get()
    assert (kept.how, kept.came, kept.language) == ("read", "questions", "en")
    assert Entry.objects.get(verb="rights.explained").data["came"] == "questions"


def test_what_was_explained_stays_as_it_was(story):
    case, _, chen = story
    flow.print_(case=case, by=chen, now=NOON)
    with pytest.raises(DatabaseError), transaction.atomic():
        Explanation.objects.update(text="…")


def test_strangers_explain_nothing(story):
    case, address, _ = story
    stranger = stories.user(team=stories.team())
    with pytest.raises(PermissionDenied):
        flow.send(case=case, contact_point=address, by=stranger, now=NOON, key="a")
    with pytest.raises(PermissionDenied):
        flow.print_(case=case, by=stranger, now=NOON)


def test_a_jurisdiction_without_statement_says_so(story):
    case, _, _ = story
    case.creditor.jurisdiction = "zz"
    with pytest.raises(flow.NoStatementError, match="for zz"):
        flow.filled(case=case, on=date(2026, 3, 3))
