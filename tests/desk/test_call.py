"""From the call button to the outcome, and to the next case."""

import re
from datetime import timedelta

import scene as scenes

import stories
from fairdue.accounts import services as ledger
from fairdue.accounts.models import Ageing
from fairdue.agreements.models import Promise
from fairdue.cases.models import Hold, WorkItem
from fairdue.contact.models import Attempt, Message, Outcome, Verdict
from fairdue.journal.models import Entry
from fairdue.law import codes
from fairdue.people.models import Relation, Wish

RATHER = "I would rather go on"


def call(client, case, key="k1"):
    point = case.person.contact_points.filter(kind="phone").order_by("rank").first()
    return client.post(f"/case/{case.pk}/call/{point.pk}/", {"key": key})


def attempt_in(answer) -> int:
    return int(re.search(r"/outcome/(\d+)/", answer.content.decode())[1])


def record(client, case, attempt, **fields):
    return client.post(f"/case/{case.pk}/outcome/{attempt}/", fields)


def test_a_lawful_call_shows_the_number_the_duties_and_every_outcome_key(scene, desk):
    answer = call(desk, scene.case)
    page = answer.content.decode()
    assert "+8613812345678" in page
    assert "You must say" in page
    for key in "1234567890":
        assert f'data-key="{key}"' in page
    assert WorkItem.objects.get(pk=scene.items[0].pk).leased_by == scene.collector


def test_a_plan_takes_more_than_one_key_and_a_plan(scene, desk):
    page = call(desk, scene.case)
    assert re.search(r'data-key="y"[^>]*data-shows="#ask-plan"', page.content.decode())
    answer = record(desk, scene.case, attempt_in(page), kind="plan")
    assert answer.status_code == 422
    assert "No plan was agreed on this call" in answer.content.decode()
    assert not Outcome.objects.exists()


def test_a_call_at_night_is_refused_with_the_article_and_the_first_lawful_minute(scene, desk, at):
    at(scenes.NIGHT)
    page = call(desk, scene.case).content.decode()
    assert "GB/T 45251-2025" in page
    assert "tomorrow 08:00" in page
    assert "+8613812345678" not in page
    assert not Attempt.objects.filter(verdict__isnull=False).exists()


def test_after_a_refusal_the_way_on_has_the_focus(scene, desk, at):
    """Enter presses what is in focus: the button, not the panel around it."""
    at(scenes.NIGHT)
    page = call(desk, scene.case).content.decode()
    assert re.findall(r"<(\w+)[^>]* data-focus", page) == ["button"]


def test_a_refused_item_does_not_come_again_at_once(scene, desk, at):
    """Given a refusal until 10:15; when set aside; then the next case comes, and this one again at 10:15."""
    record(desk, scene.case, attempt_in(call(desk, scene.case)), kind="no_answer")
    WorkItem.objects.filter(pk=scene.items[0].pk).update(status="open", done_at=None)
    desk.post("/next/")
    page = call(desk, scene.case, key="k2").content.decode()
    assert "10:15" in page
    refused = Verdict.objects.order_by("-id").first()
    assert desk.post(f"/case/{scene.case.pk}/set-aside/{refused.pk}/")["Location"] == f"/case/{scene.cases[1].pk}/"
    item = WorkItem.objects.get(pk=scene.items[0].pk)
    assert (item.status, item.due_again_at, item.done_how) == ("open", refused.earliest, "refused_by_gate")


def test_pressed_twice_it_is_one_call(scene, desk):
    first = call(desk, scene.case)
    second = call(desk, scene.case)
    assert attempt_in(first) == attempt_in(second)
    assert Verdict.objects.count() == 1


def test_no_second_call_before_the_outcome_of_the_first(scene, desk):
    first = attempt_in(call(desk, scene.case))
    page = call(desk, scene.case, key="another").content.decode()
    assert "still waits for its outcome" in page
    assert f"/outcome/{first}/" in page
    assert "still waits for its outcome" in desk.get(f"/case/{scene.case.pk}/").content.decode()


def test_a_call_in_hand_is_shown_as_before_after_a_reload(scene, desk, at):
    placed = call(desk, scene.case)
    at(Attempt.objects.get(pk=attempt_in(placed)).happened_at + timedelta(seconds=95))
    again = desk.get(f"/case/{scene.case.pk}/")
    page = again.content.decode()
    assert again.context["in_hand"]["duties"] == placed.context["duties"] != ()
    for said in (f'href="tel:{placed.context["number"]}"', "You must say", 'data-elapsed="95">1:35<'):
        assert said in page
    revealed = Entry.objects.filter(verb="contact_point.revealed")
    assert [entry.data["reason"] for entry in revealed].count("call in hand") == 1


def test_no_answer_is_one_key_and_the_item_is_done(scene, desk):
    page = record(
        desk, scene.case, attempt_in(call(desk, scene.case)), kind="no_answer", note="rang out"
    ).content.decode()
    assert "Recorded" in page
    assert "9 left today" in page
    assert Outcome.objects.get().note == "rang out"
    assert WorkItem.objects.get(pk=scene.items[0].pk).status == "done"


def test_a_promise_takes_an_amount_and_a_day(scene, desk):
    attempt = attempt_in(call(desk, scene.case))
    record(desk, scene.case, attempt, kind="promise", amount="1,500.50", due_on="2026-03-10")
    made = Promise.objects.get(attempt_id=attempt)
    assert (made.cents, str(made.due_on), made.taken_by) == (150_050, "2026-03-10", scene.collector)


def test_a_promise_without_sense_is_asked_again_and_nothing_is_recorded(scene, desk):
    attempt = attempt_in(call(desk, scene.case))
    for wrong in (
        {"amount": "some", "due_on": "2026-03-10"},
        {"amount": "100", "due_on": ""},
        {"amount": "99999999", "due_on": "2026-03-10"},
    ):
        answer = record(desk, scene.case, attempt, kind="promise", **wrong)
        assert answer.status_code == 422, wrong
    assert not Outcome.objects.exists()


def test_hardship_stops_collection_and_says_so(scene, desk):
    page = record(
        desk, scene.case, attempt_in(call(desk, scene.case)), kind="hardship", reason="lost the job"
    ).content.decode()
    assert "Collection stops" in page
    assert Hold.objects.get().reason == "lost the job"
    head, reach = page.split('id="case-top" hx-swap-oob')[1].split('id="reach" hx-swap-oob')
    assert "Collection has stopped: Hardship" in head
    assert "Nobody may reach them, and waiting does not help" in reach
    assert "btn btn-sm btn-primary" not in reach, "no call is offered any more"
    assert "Collection has stopped" in desk.get(f"/case/{scene.case.pk}/").content.decode()


def test_a_call_back_brings_the_item_back_at_its_hour(scene, desk):
    record(desk, scene.case, attempt_in(call(desk, scene.case)), kind="call_back", next_at="2026-03-03T15:30")
    item = WorkItem.objects.get(pk=scene.items[0].pk)
    assert item.status == "open"
    assert f"{item.due_again_at:%H:%M}" == "07:30", "15:30 in Shanghai"


def american(scene):
    """A case of a borrower in Philadelphia, with a phone there and a mother in the same town."""
    lender = stories.creditor("kc", jurisdiction="us", currency="USD", zone="America/New_York")
    who = stories.person("Grace Hill", language="en", region="US-PA")
    stories.phone(who, "+12155550101", zones="America/New_York", country="US")
    dues = {scenes.DAY - timedelta(days=40): 23_830, scenes.DAY + timedelta(days=400): 739_229}
    account = stories.account(who, lender, principal=763_059, dues=dues)
    ledger.age(as_of=scenes.DAY, accounts=[account.pk])
    return stories.case(who, lender, owner=scene.collector)


EVENING = scenes.NIGHT
"""22:30 in Shanghai, 09:30 in Philadelphia."""


def test_call_backs_are_offered_by_the_borrowers_clock_and_only_when_lawful(scene, desk, at):
    """Given 09:30 in Philadelphia; then 19:00 there is offered today, and nothing after 21:00 there."""
    at(EVENING)
    page = call(desk, american(scene)).content.decode()
    assert "Call back at (their clock, America/New_York)" in page
    offered = re.findall(r'data-value="(2026[-0-9]*T[0-9:]*)"', page)
    assert offered == [f"2026-03-0{hour}" for hour in ("3T10:00", "3T10:30", "3T11:30", "3T19:00", "4T10:00")]
    assert "today 19:00 there" in page


def test_a_third_person_is_asked_nothing_of_the_debt(scene, desk, at):
    """Given the borrower's mother; then the panel offers no promise, refusal, hardship or dispute, and warns."""
    at(EVENING)
    case = american(scene)
    mother = stories.person("Ann Hill", language="en", region="US-PA")
    Relation.objects.create(debtor=case.person, person=mother, kind=codes.Relation.PARENT_OF_ADULT)
    hers = stories.phone(mother, "+12155550102", zones="America/New_York", country="US")
    answer = desk.post(f"/case/{case.pk}/call/{hers.pk}/", {"key": "k"})
    page = answer.content.decode()
    assert "You must not mention the debt" in page
    assert "/rights/read/" not in page
    for kind in ("promise", "refuses", "hardship", "dispute", "paid_already"):
        assert f"ask-{kind}" not in page
    assert record(desk, case, attempt_in(answer), kind="refuses").status_code == 422
    assert "This person is not contacted again" in record(desk, case, attempt_in(answer), kind="cease").content.decode()
    assert Wish.objects.get().person == mother


def test_a_call_back_is_read_by_the_borrowers_clock(scene, desk, at):
    at(EVENING)
    case = american(scene)
    attempt = attempt_in(call(desk, case))
    page = record(
        desk, case, attempt, kind="call_back", next_at="2026-03-03T19:00", zone="America/New_York"
    ).content.decode()
    assert Outcome.objects.get().next_at == stories.utc("2026-03-03T19:00-05:00")
    assert "today 19:00 there" in page


def test_no_call_back_is_agreed_for_an_unlawful_hour(scene, desk, at):
    """Given 19:00 in Shanghai is 06:00 in Philadelphia; then it is refused with the first lawful minute there."""
    at(EVENING)
    case = american(scene)
    attempt = attempt_in(call(desk, case))
    answer = record(desk, case, attempt, kind="call_back", next_at="2026-03-04T19:00", zone="Asia/Shanghai")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "before 9 p.m. where the person is" in page
    assert "earliest 2026-03-04 08:01" in page
    assert not Outcome.objects.exists()


def test_an_outcome_is_put_right_by_a_new_row(scene, desk):
    attempt = attempt_in(call(desk, scene.case))
    record(desk, scene.case, attempt, kind="no_answer")
    desk.post(f"/case/{scene.case.pk}/outcome/{attempt}/correct/")
    page = record(desk, scene.case, attempt, kind="busy").content.decode()
    assert "Put right: Busy" in page
    assert list(Outcome.objects.order_by("id").values_list("kind", flat=True)) == ["no_answer", "busy"]


def test_after_an_abusive_call_the_desk_offers_a_rest(scene, desk):
    record(desk, scene.case, attempt_in(call(desk, scene.case)), kind="abusive")
    assert Outcome.objects.get().kind == "abusive"


def test_after_an_abusive_call_no_case_is_handed_out_until_the_rest_ends(scene, desk, at):
    """15 minutes; whoever would rather go on does so with one press, and is not asked again."""
    record(desk, scene.case, attempt_in(call(desk, scene.case)), kind="abusive")
    spoken = Entry.objects.get(verb="contact.abusive").at
    at(spoken + timedelta(minutes=14))
    assert desk.post("/next/")["Location"] == "/today/"
    assert RATHER in desk.get("/today/").content.decode()
    assert not WorkItem.objects.filter(status="leased").exists()
    desk.post("/next/", {"go_on": "1"})
    assert desk.session["rest_ended"] == (spoken + timedelta(minutes=15)).isoformat()
    assert RATHER not in desk.get("/today/").content.decode()
    desk.post("/next/")
    at(spoken + timedelta(minutes=16))
    assert RATHER not in desk.get("/today/").content.decode()


def test_whoever_would_rather_go_on_is_asked_again_only_after_another_abusive_call(scene, desk):
    first = attempt_in(call(desk, scene.case))
    assert RATHER in record(desk, scene.case, first, kind="abusive").content.decode()
    desk.post("/next/", {"go_on": "1"})
    second = attempt_in(call(desk, scene.cases[1], key="k2"))
    assert RATHER not in record(desk, scene.cases[1], second, kind="no_answer").content.decode()
    desk.post(f"/case/{scene.cases[1].pk}/outcome/{second}/correct/")
    assert RATHER in record(desk, scene.cases[1], second, kind="abusive").content.decode()


def test_a_colleague_cannot_record_my_call(scene, desk, signed_in):
    attempt = attempt_in(call(desk, scene.case))
    assert record(signed_in(scene.lead), scene.case, attempt, kind="no_answer").status_code == 404


def test_their_own_call_is_recorded_as_theirs(scene, desk):
    desk.post(
        f"/case/{scene.case.pk}/took-call/",
        {"kind": "promise", "amount": "600", "due_on": "2026-03-05", "note": "called from work"},
    )
    made = Attempt.objects.order_by("-id").first()
    assert made.direction == 2
    assert Promise.objects.get(attempt_id=made.pk).cents == 60_000


def took(desk, scene, **said):
    return desk.post(f"/case/{scene.case.pk}/took-call/", said, follow=True).content.decode()


def test_a_third_person_who_calls_cannot_bind_the_debtor(scene, desk):
    """The wife calls: no promise, no dispute, no refusal comes of it, whatever is posted."""
    hers = scene.wife.contact_points.get()
    page = desk.get(f"/case/{scene.case.pk}/").content.decode()
    other = page[page.index('id="took-kind-other"') : page.index("Nothing about the debt is agreed with them")]
    assert 'value="call_back"' in other
    for kind in ("promise", "dispute", "refuses", "hardship", "paid_already"):
        assert f'value="{kind}"' not in other
        told = took(
            desk, scene, kind=kind, point=hers.pk, amount="600", due_on="2026-03-05", note="she said", reason="r"
        )
        assert "cannot promise, dispute or refuse" in told
    assert not Attempt.objects.filter(direction=2).exists()
    took(desk, scene, kind="relayed", point=hers.pk, note="will pass it on")
    assert Attempt.objects.get(direction=2).addressee_id == scene.wife.pk


def test_a_call_back_is_told_by_the_clock_of_who_calls(scene, desk):
    """The wife lives in Chicago, the debtor in Shanghai: 19:00 there is 09:00 of the next day here."""
    hers = scene.wife.contact_points.get()
    hers.__class__.objects.filter(pk=hers.pk).update(zones="America/Chicago")
    page = desk.get(f"/case/{scene.case.pk}/").content.decode()
    told = page[page.rindex(f'data-for="{hers.pk}"') :][:120]
    assert told.startswith(
        f'data-for="{hers.pk}"><input type="hidden" name="zone" value="America/Chicago">by their clock'
    )
    assert 'name="zone" value="Asia/Shanghai"' in page


def test_the_clock_of_a_number_not_known_is_ours_where_theirs_differ(scene, desk):
    scene.debtor.contact_points.filter(kind="phone", rank=2).update(zones="America/Chicago")
    page = desk.get(f"/case/{scene.case.pk}/").content.decode()
    assert "by our clock: theirs is not certain" in page


def test_an_email_goes_to_the_outbox_once(scene, desk, monkeypatch):
    mail = scene.debtor.contact_points.get(kind="email")
    for _ in range(2):
        page = desk.post(
            f"/case/{scene.case.pk}/write/{mail.pk}/", {"key": "k9", "template": "reminder"}
        ).content.decode()
    assert "On its way" in page
    assert Message.objects.count() == 1


def test_an_unknown_template_is_an_error_in_words(scene, desk):
    mail = scene.debtor.contact_points.get(kind="email")
    assert desk.post(f"/case/{scene.case.pk}/write/{mail.pk}/", {"template": "nonsense"}).status_code == 422


def test_a_reminder_of_nothing_past_due_says_so_before_it_is_chosen(scene, desk):
    """Nothing is past due: the letter stands in the list, cannot be chosen, and its reason is in words."""
    mail = scene.debtor.contact_points.get(kind="email")
    Ageing.objects.filter(account__debtor=scene.debtor).update(past_due=0)
    Promise.objects.filter(case=scene.case).update(status="kept")
    page = " ".join(desk.get(f"/case/{scene.case.pk}/").content.decode().split())
    assert '<option value="reminder" disabled>Payment reminder (nothing is past due)</option>' in page
    assert (
        '<option value="promise_reminder" disabled>Reminder of a promised payment (no promise is open)</option>' in page
    )
    assert '<option value="hardship">' in page
    for asked in (desk.get, desk.post):
        told = asked(f"/case/{scene.case.pk}/write/{mail.pk}/", {"template": "reminder", "key": "k1"})
        assert told.status_code == 422
        assert "nothing is past due" in told.content.decode()
        assert "needs amount" not in told.content.decode()


def test_a_reminder_of_a_promise_takes_its_sum_and_day_from_the_open_promise(scene, desk):
    mail = scene.debtor.contact_points.get(kind="email")
    page = desk.get(f"/case/{scene.case.pk}/write/{mail.pk}/", {"template": "promise_reminder"}).content.decode()
    assert "您曾约定在 2026-03-03 前还款 ¥800.00" in page


def test_an_email_can_be_read_before_it_goes(scene, desk):
    mail = scene.debtor.contact_points.get(kind="email")
    page = desk.get(f"/case/{scene.case.pk}/write/{mail.pk}/", {"template": "reminder"}).content.decode()
    assert "王小明，您好" in page
    assert "（全部未还共 ¥22,484.50）" in page
    assert not Message.objects.exists()


def test_a_stop_on_one_account_leaves_a_call_about_the_other(scene, desk):
    """A plan is kept on the loan: the case is refused, the card alone may be spoken of, and the record says so."""
    loan, card = scene.debtor.accounts.order_by("pk")
    Hold.objects.create(
        person=scene.debtor, account=loan, kind="plan", reason="kept", starts_at=scenes.MORNING - timedelta(days=1)
    )
    point = scene.debtor.contact_points.get(rank=1, kind="phone")
    refused = call(desk, scene.case).content.decode()
    assert "Only about HY-CC-88120" in refused
    assert "Only about HY-2025-004417" not in refused
    url = f"/case/{scene.case.pk}/call/{point.pk}/"
    assert "Only about" in desk.post(url, {"key": "k2", "account": loan.pk}).content.decode()
    page = desk.post(url, {"key": "k3", "account": card.pk}).content.decode()
    assert "Speak of account HY-CC-88120 alone" in page
    made = Attempt.objects.get(pk=re.search(r"/outcome/(\d+)/", page)[1])
    assert (made.account_id, made.also) == (card.pk, None)
    assert desk.post(url, {"key": "k4", "account": scene.cases[1].person.accounts.get().pk}).status_code == 404
