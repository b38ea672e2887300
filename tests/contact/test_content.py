"""What is written is read before it goes: a marked message is refused like a call at night, and nothing is queued."""

import re

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from contact.conftest import REMINDER
from fairdue.contact import services as door
from fairdue.contact.models import FalseAlarm, Message, Permit, Verdict
from fairdue.contact.services import wording
from fairdue.contact.writing import OWN_WORDS, compose, templates
from fairdue.journal.models import Entry
from fairdue.law import codes, content, gate, packs, wordlists
from fairdue.people.models import Relation
from fairdue.staff.models import User
from stories import email, person, user

VALUES = {
    "name": "王小明", "firm": "Fairdue", "creditor": "华远", "creditor_en": "Huayuan", "reference": "HY-1",
    "amount": "¥1,000.00", "balance": "¥5,000.00", "due_on": "2026-12-01", "promised": "¥500.00",
    "contact": "help@example.com", "subject": "关于您的账户",
    "link": "https://fairdue.example/p/k/bcdfghjkmnpqrstvwxzBCDFGHJKMNPQR/",
    "code": "BCDF-GHJK", "count": "6", "total": "¥6,000.00", "first_on": "2026-12-13", "last_on": "2027-05-13",
    "expires_on": "2026-12-05", "account": "A-1", "n": "2",
}  # fmt: skip


def draft(body: str, subject: str = "您好") -> door.Draft:
    return door.Draft("zh", "", subject, f"{body}\n{REMINDER}")


# ---- templates


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", list(templates()))
def test_a_template_says_what_it_claims_and_nothing_forbidden(name, language):
    template = templates()[name]
    made = compose(template=name, language=language, values=VALUES, text="我们收到了您的来信。")
    text = wording.whole(made.subject, made.body)
    assert content.parts(text, names={"Fairdue"}) == template.contains
    reader = codes.Relation.DEBTOR if template.audience == "debtor" else codes.Relation.FRIEND
    for place in (codes.Jurisdiction.CN, codes.Jurisdiction.US):
        assert content.check(text, jurisdiction=place, relation=reader, channel=template.channel) == ()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", list(templates()))
def test_a_subject_tells_nobody_of_a_debt(name, language):
    """It stands on a locked phone: also what a writer calls a letter of their own is kept inside."""
    values = VALUES | {"subject": "您的还款逾期 · your overdue payment"}
    subject = compose(template=name, language=language, values=values, text="请回复。").subject
    assert not content.parts(subject) & {"debt", "debt_collector"}
    assert not re.search(
        "[还欠逾债款贷催期]|困难|分期|pay|instal|debt|ow(e|ing)|due|plan|promis|hardship|loan|collect", subject
    )


@pytest.mark.parametrize(
    ("language", "says", "never"),
    [
        ("en", ("we send you a code by e-mail that you write on that page", "password or PIN of your bank",
                "a code your bank or phone sent you, or card details"), "never asks for a password, a code"),
        ("zh", ("向您的邮箱发送一个确认码，在该页面填写即可", "银行密码、银行或手机短信验证码或银行卡信息"), "不会索要密码、验证码"),
    ],
)  # fmt: skip
def test_the_mail_with_the_link_tells_of_the_code_that_agrees_a_plan(language, says, never):
    body = " ".join(compose(template="page", language=language, values=VALUES).body.split())
    assert all(each in body for each in says) and never not in body


def test_own_words_keep_their_lines_and_get_who_writes_and_how_to_stop():
    made = compose(template=OWN_WORDS, language="zh", values=VALUES, text="第一行\n\n第二行\n")
    assert "第一行\n\n第二行\n\n我们是Fairdue" in made.body and made.body.rstrip().endswith("即可。")


# ---- the door


def test_a_threat_is_refused_with_rule_source_and_words_and_nothing_is_queued(scene):
    answer = scene.write(draft=draft("再不还款就通知您的单位。"))

    assert isinstance(answer, door.Refused)
    assert [(mark.category.name, mark.phrase) for mark in answer.marks] == [("THREAT_OF_EXPOSURE", "就通知您的单位")]
    strictest = answer.reasons[0]
    assert strictest.rule == "cn.no-threat" and "第68条" in strictest.cites["zh"] and "Art. 68" in strictest.cites["en"]
    assert answer.earliest is None
    assert not (Message.objects.exists() or Permit.objects.exists() or ProcrastinateJob.objects.exists())
    stored = Verdict.objects.get(pk=answer.verdict_id)
    assert stored.content["marks"][0]["rule"] == "cn.no-threat"
    assert stored.content["lists"].keys() == {"house", "cn"}
    assert stored.facts["columns"]["content"] == ["threat_of_exposure"]
    assert Entry.objects.filter(verb="contact.refused").exists()


def test_the_stored_verdict_comes_out_the_same_when_judged_again(scene):
    answer = scene.write(draft=draft("你这个老赖"))
    stored = Verdict.objects.get(pk=answer.verdict_id)
    again = gate.rejudge({"facts": stored.facts}, packs.standard())
    assert (int(again.decision[0]), [rule.id for rule in again.rules_of(0)]) == (stored.decision, stored.rules)


def test_a_doubt_travels_as_a_warning(scene):
    answer = scene.write(draft=draft("这是最后一次警告。"))
    assert isinstance(answer, door.Allowed)
    assert answer.decision == codes.Decision.WARN
    assert "house.content-doubtful" in {reason.rule for reason in answer.reasons}
    assert [mark.decision for mark in answer.marks] == ["warn"]


def test_a_mark_in_the_subject_counts_as_well(scene):
    assert not scene.write(draft=draft("您好。", subject="老赖名单公布")).allowed


def test_a_third_person_is_told_nothing_of_the_debt(scene):
    friend = person("李四")
    Relation.objects.create(debtor=scene.debtor, person=friend, kind=codes.Relation.FRIEND)
    answer = scene.write(contact_point=email(friend, "li@example.com"), draft=draft("请转告他还款。"))
    assert not answer.allowed
    assert "THIRD_PERSON_DISCLOSURE" in {mark.category.name for mark in answer.marks}
    assert "cn.nothing-of-the-debt" in {reason.rule for reason in answer.reasons}


def test_the_addressees_own_number_may_stand_in_the_text_and_anothers_is_doubtful(scene):
    assert scene.write(draft=draft("您登记的电话是 138 0013 8000。")).marks == ()
    assert [m.expression for m in scene.write(draft=draft("电话 13900001111"), key="b").marks] == [
        "house.others-telephone"
    ]


def test_a_list_that_changed_meanwhile_stops_the_message_at_sending(scene, monkeypatch):
    answer = scene.write(draft=draft("请到城南网点办理。"))
    stricter = wordlists.load(
        "words: {id: new, version: '2', about: {zh: 新, en: new}, breaks: {threat: house.content}}\n"
        "house.insult: {category: threat, zh: [城南网点], say: {zh: 否, en: 'no'}, cure: {zh: 改, en: change}}\n",
        file="new/words.yaml",
    )
    lists = (*wordlists.for_jurisdiction(codes.Jurisdiction.CN), stricter)
    monkeypatch.setattr(wordlists, "for_jurisdiction", lambda code: lists)

    assert door.send(message_id=answer.message_id, now=scene.now) == "refused"
    at_sending = Verdict.objects.get(stage="sending")
    assert at_sending.content["marks"][0]["phrase"] == "城南网点"
    assert "new" in at_sending.content["lists"]


def test_notes_are_looked_through_for_insults_alone_and_only_warned_of(scene):
    marks = wording.read_note("这个老赖说要找律师起诉我们", case=scene.case)
    assert [(mark.phrase, mark.decision) for mark in marks] == [("老赖", "warn")]
    assert wording.read_note("客户骂我傻逼，后来道歉了", case=scene.case) == ()


# ---- false alarms

TEXT = "新开的老赖来了奶茶店旁就是我们的网点。"


@pytest.fixture
def officer(db) -> User:
    return user("compliance", username="heguijun")


def alarm(scene) -> FalseAlarm:
    [mark] = content.check(TEXT, jurisdiction=codes.Jurisdiction.CN)
    return door.report_alarm(text=TEXT, mark=mark, case=scene.case, by=scene.by, now=scene.now)


def test_an_accepted_alarm_lets_the_phrase_pass_and_nothing_more(scene, officer):
    assert not scene.write(draft=draft(TEXT)).allowed
    door.accept_alarm(alarm=alarm(scene), phrase="老赖来了奶茶店", by=officer, now=scene.now)

    assert not scene.write(draft=draft(f"{TEXT}别做老赖。")).allowed
    assert scene.write(draft=draft(TEXT)).allowed
    assert list(Entry.objects.filter(subject="alarm").order_by("id").values_list("verb", "actor")) == [
        ("alarm.reported", scene.by.username), ("alarm.accepted", "heguijun"),
    ]  # fmt: skip


def test_the_same_clause_is_reported_once_and_an_accepted_one_can_be_taken_back(scene, officer):
    first = alarm(scene)
    assert alarm(scene).pk == first.pk
    door.accept_alarm(alarm=first, phrase="老赖来了奶茶店", by=officer, now=scene.now)
    door.decline_alarm(alarm=first, by=officer, now=scene.now, reason="店名已改")
    assert not scene.write(draft=draft(TEXT)).allowed
    assert alarm(scene).pk != first.pk


@pytest.mark.parametrize(
    ("phrase", "told"),
    [("奶茶店旁", "must hold “老赖”"), ("老赖", "more than the marked words"), ("老 赖 了", "more than")],
)
def test_a_phrase_that_would_switch_the_expression_off_is_not_taken(scene, officer, phrase, told):
    with pytest.raises(door.AlarmError, match=told):
        door.accept_alarm(alarm=alarm(scene), phrase=phrase, by=officer, now=scene.now)


def test_nobody_decides_an_own_report_and_nobody_decides_twice(scene, officer):
    reported = alarm(scene)
    with pytest.raises(door.AlarmError, match="Somebody else"):
        door.decline_alarm(alarm=reported, by=scene.by, now=scene.now, reason="x")
    with pytest.raises(door.AlarmError, match="reason"):
        door.decline_alarm(alarm=reported, by=officer, now=scene.now, reason=" ")
    door.decline_alarm(alarm=reported, by=officer, now=scene.now, reason="确属侮辱")
    with pytest.raises(door.AlarmError, match="already"):
        door.accept_alarm(alarm=reported, phrase="老赖来了奶茶店", by=officer, now=scene.now)


def test_figures_of_persons_cannot_be_reported(scene):
    text = "证件 11010519491231002X"
    [mark] = content.check(text, jurisdiction=codes.Jurisdiction.CN)
    with pytest.raises(door.AlarmError, match="Figures"):
        door.report_alarm(text=text, mark=mark, case=scene.case, by=scene.by, now=scene.now)
