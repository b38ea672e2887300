"""Money at the desk: the statement, write-offs, payments by hand, the queue."""

from datetime import date, timedelta

import pytest
import scene as scenes

import stories
from fairdue.accounts.models import Ageing, Balance, Incoming, Payment, Waiver
from fairdue.accounts.services import accrue, set_terms
from fairdue.desk.pages import incoming as queue
from fairdue.flows import incoming as flow
from fairdue.flows import payment
from fairdue.journal.models import Entry
from fairdue.staff.models import Authority


@pytest.fixture
def loan(scene):
    return scene.debtor.accounts.get(external_ref="HY-2025-004417")


@pytest.fixture
def at_account(scene, loan):
    return f"/case/{scene.case.pk}/account/{loan.pk}"


def owed(loan):
    return Balance.objects.get(account=loan).total


def texts(response):
    return " ".join(response.content.decode().split())


def test_the_statement_adds_up_and_is_journalled(scene, loan, at_account, signed_in):
    set_terms(account=loan, since=date(2026, 1, 20), rate=154_000, penalty=77_000, cap="cn_licensed")
    accrue(upto=date(2026, 3, 2))
    page = texts(signed_in(scene.collector).get(f"{at_account}/statement/"))
    assert "adds up to the cent" in page
    assert "Interest 15.4 % a year on principal, act/365." in page
    assert "P-1002" in page
    assert Entry.objects.filter(verb="statement.taken", subject_id=loan.pk).exists()


def test_as_csv_every_line_and_no_formula(scene, loan, at_account, signed_in):
    scenes._paid(loan, "=cmd", 1_000, date(2026, 3, 1), scenes.MORNING)
    response = signed_in(scene.collector).get(f"{at_account}/statement.csv")
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Day,From,What,Note,Principal,Interest,Change of the debt,Owed")
    assert len(lines) == 1 + 4
    assert ",'=cmd," in lines[-1]


def test_an_account_of_another_case_is_not_there(scene, loan, signed_in):
    other = f"/case/{scene.cases[1].pk}/account/{loan.pk}"
    assert signed_in(scene.collector).get(f"{other}/statement/").status_code == 404


def test_a_write_off_beyond_authority_is_approved_by_the_lead(scene, loan, at_account, signed_in):
    Authority.objects.create(user=scene.lead, kind="waive", currency="CNY", limit_cents=100_000)
    before = owed(loan)
    page = signed_in(scene.collector).post(
        f"{at_account}/write-off/", {"amount": "100.00", "reason": "illness"}, follow=True
    )
    assert "it waits for approval" in texts(page)
    waiver = Waiver.objects.get()
    lead = signed_in(scene.lead)
    assert "illness" in texts(lead.get("/approvals/"))
    lead.post(f"/write-offs/{waiver.pk}/approve/")
    assert owed(loan) == before - 10_000
    told = lead.get(f"{at_account}/statement/").context["page"].rows[-1]
    assert (told.kind, told.note) == ("waived", "illness")
    assert "illness" not in lead.get(f"{at_account}/statement.csv").content.decode()  # the borrower's own text
    lead.post(f"{at_account}/write-off/{waiver.pk}/take-back/", {"reason": "mistake"})
    assert owed(loan) == before


def test_a_payment_by_hand_is_confirmed_by_another_person(scene, loan, at_account, signed_in):
    before = owed(loan)
    facts = {"amount": "50", "happened_on": "2026-03-02", "reference": "K-7", "method": "cash"}
    signed_in(scene.collector).post(f"{at_account}/payment/", facts)
    entered = Incoming.objects.get()
    assert (entered.status, owed(loan)) == ("to_confirm", before)
    signed_in(scene.lead).post(f"/incoming/{entered.pk}/confirm/")
    assert owed(loan) == before - 5_000
    page = texts(signed_in(scene.collector).get(f"/case/{scene.case.pk}/"))
    assert "HY-2025-004417 · Cash · K-7" in page
    assert "HY-2025-004417 · 现金 · K-7" in texts(signed_in(scene.collector, "zh-hans").get(f"/case/{scene.case.pk}/"))


def test_a_payment_refused_keeps_its_form_open_with_what_was_written(scene, loan, at_account, signed_in):
    facts = {"amount": "5x", "happened_on": "2026-03-01", "reference": "K-8", "method": "cash", "payer": "赵六",
             "note": "receipt"}  # fmt: skip
    answer = signed_in(scene.collector).post(f"{at_account}/payment/", facts)
    page = texts(answer)
    assert answer.status_code == 422 and "Write an amount" in page
    assert '<dialog id="enter-payment" class="dialog" open' in page
    for value in ("5x", "2026-03-01", "K-8", "赵六", "receipt"):
        assert f'value="{value}"' in page
    assert '<option value="cash" selected>' in page
    assert not Incoming.objects.exists()


def test_a_payment_that_waits_is_seen_on_statement_and_case(scene, loan, at_account, signed_in):
    facts = {"amount": "50", "happened_on": "2026-03-02", "reference": "K-7", "method": "cash"}
    desk = signed_in(scene.collector)
    desk.post(f"{at_account}/payment/", facts)
    for path in (f"{at_account}/statement/", f"/case/{scene.case.pk}/"):
        page = texts(desk.get(path))
        assert "K-7" in page and "waits to be confirmed by another person" in page
    signed_in(scene.lead).post(f"/incoming/{Incoming.objects.get().pk}/confirm/")
    assert "waits to be confirmed" not in texts(desk.get(f"{at_account}/statement/"))


def test_a_payment_is_taken_back_on_the_statement(scene, loan, at_account, signed_in):
    before, paid = owed(loan), Payment.objects.get(reference="P-1002")
    signed_in(scene.lead).post(
        f"{at_account}/payment/{paid.pk}/reverse/", {"reference": "R-1", "happened_on": "2026-03-02"}
    )
    assert owed(loan) == before + 50_000


def test_a_payment_by_somebody_else_says_by_whom(scene, loan, at_account, signed_in):
    facts = {"creditor": loan.creditor, "account": loan, "currency": "CNY", "happened_on": date(2026, 3, 1)}
    payment.receive(reference="P-1", cents=100, payer="李桂英", now=scenes.MORNING, **facts)
    payment.receive(reference="P-2", cents=200, payer="王 小明".replace(" ", ""), now=scenes.MORNING, **facts)
    page = texts(signed_in(scene.lead).get(f"{at_account}/statement/"))
    assert "P-1; paid by 李桂英" in page and "paid by 王小明" not in page


def test_one_lead_alone_cannot_take_money_in_and_send_it_out(scene, loan, at_account, signed_in):
    """Given ¥97,676.54 kept apart; then a refund of it waits in the inbox, and only another lead can confirm it."""
    scenes._paid(loan, "N-9", owed(loan) + 9_767_654, date(2026, 3, 1), scenes.MORNING)
    lead, other = signed_in(scene.lead), signed_in(stories.user("lead"))
    sent = {"amount": "97676.54", "happened_on": "2026-03-02", "reference": "B-1", "note": "paid by mistake"}
    assert "once another person has confirmed it" in texts(lead.post(f"{at_account}/refund/", sent, follow=True))
    asked = Incoming.objects.get()
    assert "your own: somebody else confirms" in texts(lead.get("/approvals/"))
    inbox = texts(other.get("/approvals/"))
    assert "Refund" in inbox and "paid by mistake" in inbox
    lead.post(f"/incoming/{asked.pk}/confirm/")
    assert Balance.objects.get(account=loan).unapplied == 9_767_654
    other.post(f"/incoming/{asked.pk}/confirm/", {"from": "approvals"})
    assert Balance.objects.get(account=loan).unapplied == 0
    assert "Refund" in texts(other.get("/approvals/"))


class TestQueue:
    @pytest.fixture
    def line(self, scene):
        return Incoming.objects.create(
            creditor=scene.case.creditor, reference="N-1", cents=30_000, currency="CNY", happened_on=scenes.DAY,
            payer="王小明", text="还款", status="waiting", candidates=[],
        )  # fmt: skip

    def test_a_line_is_booked_to_the_account_chosen(self, scene, loan, line, signed_in):
        before, lead = owed(loan), signed_in(scene.lead)
        page = texts(lead.get(f"/incoming/{line.pk}/?words=王小明"))
        assert "HY-CC-88120" in page
        lead.post(f"/incoming/{line.pk}/book/", {"account": [str(loan.pk)]})
        assert owed(loan) == before - 30_000

    def test_more_than_is_owed_is_booked_only_once_it_is_said_to_be_meant(self, scene, loan, line, signed_in):
        before, lead = owed(loan), signed_in(scene.lead)
        Incoming.objects.filter(pk=line.pk).update(cents=before + 9_767_654)
        page = texts(lead.post(f"/incoming/{line.pk}/book/", {"account": [str(loan.pk)]}))
        assert "97,676.54" in page and "more than is owed" in page and "It is kept apart and can go back." in page
        assert (owed(loan), Incoming.objects.get(pk=line.pk).status) == (before, "waiting")
        page = texts(lead.post(f"/incoming/{line.pk}/book/", {"account": [str(loan.pk)], "beyond": "5"}))
        assert "more than is owed" in page
        lead.post(f"/incoming/{line.pk}/book/", {"account": [str(loan.pk)], "beyond": "9767654"})
        assert (owed(loan), Balance.objects.get(account=loan).unapplied) == (0, 9_767_654)

    def test_how_well_a_debt_fits_is_said_in_words(self, scene, loan, line, signed_in):
        Incoming.objects.filter(pk=line.pk).update(candidates=[{"account": loan.pk, "score": 45, "why": ["name"]}])
        page = texts(signed_in(scene.lead).get(f"/incoming/{line.pk}/"))
        assert "<strong>fits in part</strong>: the payer has the debtor&#x27;s name" in page and ">45<" not in page

    def test_parts_that_do_not_add_up_are_refused_with_the_reason(self, scene, line, signed_in):
        one, two = scene.debtor.accounts.order_by("pk")
        sent = {"account": [str(one.pk), str(two.pk)], f"part-{one.pk}": "100", f"part-{two.pk}": "100"}
        page = signed_in(scene.lead).post(f"/incoming/{line.pk}/book/", sent | {"words": "王小明"})
        assert page.status_code == 422
        assert "must add up to 300.00" in texts(page)
        assert [(one.account.pk, one.chosen, one.part) for one in page.context["choices"]] == [
            (one.pk, True, "100"), (two.pk, True, "100")
        ]  # fmt: skip

    def test_the_parts_by_law_put_what_is_due_before_what_is_not(self, scene, loan, line, signed_in):
        """Given ¥300, ¥100.00 due on the cheaper loan and nothing due on the dearer card; then ¥100 go to the loan."""
        card = scene.debtor.accounts.exclude(pk=loan.pk).get()
        loan.rate, card.rate = 12, 18
        for each, past_due in ((loan, 10_000), (card, 0)):
            each.save(update_fields=["rate"])
            since = scenes.DAY - timedelta(days=9) if past_due else None
            Ageing.objects.filter(account=each).update(past_due=past_due, since=since)
        page = signed_in(scene.lead).get(f"/incoming/{line.pk}/?words=王小明")
        parts = {one.account.pk: one.part for one in page.context["choices"]}
        assert parts == {loan.pk: "100.00", card.pk: "200.00"}
        assert "Civil Code Art. 560" in texts(page)

    def test_a_split_line_says_where_it_went_and_its_return_offers_those_parts(self, scene, line, signed_in):
        one, two = scene.debtor.accounts.order_by("pk")
        lead = signed_in(scene.lead)
        sent = {"account": [str(one.pk), str(two.pk)], f"part-{one.pk}": "120", f"part-{two.pk}": "180"}
        lead.post(f"/incoming/{line.pk}/book/", sent)
        done = texts(lead.get("/incoming/?tab=done"))
        assert f"{one.external_ref} · <span" in done and "180.00" in done
        assert "180.00" in texts(lead.get(f"/incoming/{line.pk}/"))
        back = Incoming.objects.create(
            creditor=scene.case.creditor, reference="B-1", kind="return", cents=30_000, currency="CNY",
            happened_on=scenes.DAY, status="waiting",
        )  # fmt: skip
        page = lead.get(f"/incoming/{back.pk}/?words=王小明")
        assert "Which payment went back?" in texts(page) and "Send back" not in texts(page)
        parts = {f"part-{each.account.pk}": each.part for each in page.context["choices"]}
        assert parts == {f"part-{one.pk}": "120.00", f"part-{two.pk}": "180.00"}
        lead.post(f"/incoming/{back.pk}/book/", {"account": [str(one.pk), str(two.pk)], **parts})
        assert Payment.objects.filter(kind="reversal", reference__startswith="B-1").count() == 2

    def test_lines_of_two_creditors_with_one_number_keep_their_own_parts(self, scene):
        other = stories.creditor()
        lines = []
        for at in (scene.case.creditor, other):
            both = [stories.account(stories.person(f"{name}{at.pk}"), at) for name in ("甲", "乙")]
            waits = Incoming.objects.create(
                creditor=at, reference="SAME", cents=300, currency="CNY", happened_on=scenes.DAY, status="waiting"
            )
            flow.split(
                incoming=waits, parts=dict(zip(both, (100, 200), strict=True)), by=scene.lead, now=scenes.MORNING
            )
            waits.refresh_from_db()
            lines.append((waits, both))
        parts = queue.booked_as([waits for waits, _both in lines])
        assert {pk: [paid.account for paid in found] for pk, found in parts.items()} == {
            waits.pk: both for waits, both in lines
        }

    def test_a_return_that_is_none_of_ours_is_set_aside_and_no_order_to_pay(self, scene, line, signed_in):
        Incoming.objects.filter(pk=line.pk).update(kind="return")
        lead = signed_in(scene.lead)
        lead.post(f"/incoming/{line.pk}/send-back/", {"note": "not ours"})
        done = texts(lead.get("/incoming/?tab=done"))
        assert "set aside" in done and "To be sent back" not in done

    def test_no_account_chosen(self, scene, line, signed_in):
        page = signed_in(scene.lead).post(f"/incoming/{line.pk}/book/", {}, follow=True)
        assert "Choose an account first." in texts(page)

    def test_it_is_sent_back(self, scene, line, signed_in):
        signed_in(scene.lead).post(f"/incoming/{line.pk}/send-back/", {"note": "not ours"})
        line.refresh_from_db()
        assert (line.status, line.note) == ("returned", "not ours")

    def test_a_collector_has_no_business_here(self, scene, signed_in):
        assert signed_in(scene.collector).get("/incoming/").status_code == 403
