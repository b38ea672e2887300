"""Marks while one writes, a message in one's own words, false alarms from report to decision."""

import pytest
import scene as scenes

import stories
from fairdue.contact.models import FalseAlarm, Message, Verdict
from fairdue.staff.models import Role

THREAT = "再不还款就通知您的单位。"
ALARM = "新开的老赖来了奶茶店旁就是我们的网点。"


@pytest.fixture
def mail(scene):
    return scene.debtor.contact_points.get(kind="email")


def check(client, scene, mail, **fields):
    return client.post(f"/case/{scene.case.pk}/check/{mail.pk}/", fields).content.decode()


def write(client, scene, mail, text, key="k1", subject="关于您的账户"):
    fields = {"key": key, "template": "own_words", "subject": subject, "text": text}
    return client.post(f"/case/{scene.case.pk}/write/{mail.pk}/", fields)


def test_a_mark_names_the_words_the_rule_and_the_cure(scene, desk, mail):
    page = check(desk, scene, mail, text=THREAT)
    assert "1 place must be changed" in page
    assert "就通知您的单位" in page and "cn.no-threat" in page and "Art. 68" in page
    assert f'data-selects="#text-{mail.pk}" data-from="4" data-to="11"' in page
    assert "nobody else is told" in page


def test_what_must_be_changed_and_what_is_only_doubtful_stand_apart(scene, desk, mail):
    page = check(desk, scene, mail, text=f"{THREAT}请回电 13912345678。")
    must, may = page.index("Must be changed"), page.index("Please check")
    assert "1 place must be changed" in page
    assert page.count('class="mark mark-stop"') == page.count('class="mark"') == 1
    assert must < page.index('class="mark mark-stop"') < may < page.index('class="mark"')
    assert "Please check" not in check(desk, scene, mail, text=THREAT)


def test_places_are_counted_as_the_browser_counts_them(scene, desk, mail):
    assert 'data-from="4" data-to="6"' in check(desk, scene, mail, text="🙂\r\n啊老赖")


def test_the_page_speaks_the_readers_language(scene, signed_in, mail):
    page = check(signed_in(scene.collector, "zh"), scene, mail, text=THREAT)
    assert "有 1 处必须修改后才能发送" in page and "第68条" in page


def test_harmless_words_are_told_to_be_so_and_no_words_are_told_nothing(scene, desk, mail):
    assert "Nothing stands against" in check(desk, scene, mail, subject="您好", text="请告诉我们您的情况。")
    assert check(desk, scene, mail, text="  ").strip() == ""


def test_a_threat_is_refused_and_what_was_mended_goes_out(scene, desk, mail):
    refused = write(desk, scene, mail, THREAT).content.decode()
    assert "Not with these words" in refused and "就通知您的单位" in refused
    assert "Back to the text" in refused and "Done for today" not in refused
    assert not Message.objects.exists()

    sent = write(desk, scene, mail, "如有困难，请告诉我们。\r\n谢谢。", key="k2").content.decode()
    assert "On its way" in sent
    message = Message.objects.get()
    assert message.subject == f"有一封给您的消息（hy-{scene.case.pk}）"  # says nothing of a debt on a locked phone
    assert "如有困难，请告诉我们。\n谢谢。\n\n我们是" in message.body and "回复“退订”即可" in message.body


def test_a_doubt_is_sent_with_a_warning(scene, desk, mail):
    page = write(desk, scene, mail, "这是最后一次警告。").content.decode()
    assert "On its way" in page and "最后一次警告" in page and "look at it once more" in page


def test_without_words_there_is_nothing_to_send(scene, desk, mail):
    answer = write(desk, scene, mail, " ")
    assert answer.status_code == 422 and "subject and a text" in answer.content.decode()


def test_the_form_shows_what_the_house_adds(scene, desk, mail):
    page = desk.get(f"/case/{scene.case.pk}/write/{mail.pk}/", {"template": "own_words"}).content.decode()
    assert 'name="text"' in page and "受托催收机构" in page and 'aria-live="polite"' in page


def test_a_note_is_warned_of_insults_and_kept_all_the_same(scene, desk):
    page = desk.post(f"/case/{scene.case.pk}/check-note/", {"note": "这个老赖要起诉我们"}).content.decode()
    assert "老赖" in page and "put it neutrally" in page and "起诉" not in page
    assert "must be changed" not in page
    assert desk.post(f"/case/{scene.case.pk}/check-note/", {"text": "语气平和"}).content.decode().strip() == ""


def report(client, scene, mail, **fields):
    given = {"point": mail.pk, "text": ALARM, "field": "text", "expression": "house.insult", "begin": "3", **fields}
    return client.post(f"/case/{scene.case.pk}/false-alarm/", given)


def test_a_false_alarm_goes_from_the_mark_to_compliance_and_back(scene, desk, mail, signed_in):
    assert "Reported" in report(desk, scene, mail).content.decode()
    officer = signed_in(stories.user(Role.COMPLIANCE, username="shen"))
    page = officer.get("/false-alarms/").content.decode()
    assert "新开的<mark>老赖</mark>来了奶茶店旁" in page and "cn.no-threat" in page

    alarm = FalseAlarm.objects.get()
    officer.post(f"/false-alarms/{alarm.pk}/accept/", {"phrase": "老赖来了奶茶店"})
    alarm.refresh_from_db()
    assert (alarm.status, alarm.decided_by.username) == ("accepted", "shen")
    assert "Nothing stands against" in check(desk, scene, mail, text=ALARM)
    assert "老赖来了奶茶店" in officer.get("/false-alarms/?show=accepted").content.decode()

    officer.post(f"/false-alarms/{alarm.pk}/decline/", {"reason": "店名已改"})
    assert "must be changed" in check(desk, scene, mail, text=ALARM)
    assert "店名已改" in officer.get("/false-alarms/?show=declined").content.decode()


def test_the_mark_and_the_reporter_are_told_what_was_decided(scene, desk, mail, signed_in):
    first = check(desk, scene, mail, text=ALARM)
    assert "This is a false alarm" in first
    report(desk, scene, mail)
    waiting = check(desk, scene, mail, text=ALARM)
    assert "compliance decides" in waiting and "This is a false alarm" not in waiting
    assert 'id="alarms"' not in desk.get("/today/").content.decode()

    officer = signed_in(stories.user(Role.COMPLIANCE, username="shen"))
    officer.post(f"/false-alarms/{FalseAlarm.objects.get().pk}/decline/", {"reason": "店名已改"})
    declined = check(desk, scene, mail, text=ALARM)
    assert "declined by" in declined and "店名已改" in declined
    assert "This is a false alarm" not in declined and "Report it once more" in declined
    news = desk.get("/today/").content.decode()
    assert 'id="alarms"' in news and "店名已改" in news and "老赖" in news


def test_a_mark_that_is_not_there_any_more_cannot_be_reported(scene, desk, mail):
    assert report(desk, scene, mail, begin="9").status_code == 422
    assert not FalseAlarm.objects.exists()


def test_a_decision_without_a_reason_is_told_so(scene, desk, mail, signed_in):
    report(desk, scene, mail)
    officer = signed_in(stories.user(Role.COMPLIANCE, username="shen"))
    page = officer.post(f"/false-alarms/{FalseAlarm.objects.get().pk}/decline/", {}, follow=True).content.decode()
    assert "Give a reason." in page
    assert FalseAlarm.objects.get().status == "open"


def test_the_verdicts_page_shows_what_was_found(scene, desk, mail, signed_in):
    write(desk, scene, mail, THREAT)
    officer = signed_in(stories.user(Role.COMPLIANCE, username="shen"))
    page = officer.get(f"/verdicts/{Verdict.objects.order_by('-pk').first().pk}/").content.decode()
    assert "Found in the text" in page and "<mark>就通知您的单位</mark>" in page and "house.exposure" in page
    assert "the same decision by the same rules" in page


def test_a_strangers_case_is_not_there(scene, signed_in, mail):
    assert scenes.DAY
    stranger = signed_in(scene.colleague)
    assert stranger.post(f"/case/{scene.case.pk}/check/{mail.pk}/", {"text": THREAT}).status_code == 404
    assert report(stranger, scene, mail).status_code == 404
