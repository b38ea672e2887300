"""A collector's morning: a team, a debtor with two accounts, a wife, a history, a list of a few cases."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import stories
from fairdue.accounts import services as ledger
from fairdue.accounts.models import Account, Placement
from fairdue.agreements.models import Promise
from fairdue.cases.models import Case, Note, WorkItem
from fairdue.contact.models import Attempt
from fairdue.law import codes
from fairdue.people import sealing
from fairdue.people.models import Person, Relation
from fairdue.planning.scores import Reason
from fairdue.staff.models import User

DAY = date(2026, 3, 3)
MORNING = stories.utc("2026-03-03T10:00+08:00")
NIGHT = stories.utc("2026-03-03T22:30+08:00")


@dataclass
class Scene:
    """The people and cases of the morning; `case` is the rich one, first on the list."""

    collector: User
    colleague: User
    lead: User
    case: Case
    debtor: Person
    wife: Person
    cases: list[Case]
    items: list[WorkItem]


NAMES = ["赵建国", "钱伟", "孙丽华", "李强", "Grace Miller", "吴静怡", "郑浩然", "冯雪", "陈嘉豪"]


def set_up(now: datetime = MORNING) -> Scene:
    """Everything through the models and the ledger's own verbs."""
    team = stories.team("华东一组")
    collector = stories.user(username="chen", display_name="陈静", team=team)
    colleague = stories.user(username="li", display_name="李娜", team=team)
    lead = stories.user("lead", username="zhou", display_name="周敏", team=team)
    bank = stories.creditor("hy", name_zh="华远消费金融", name_en="Huayuan Consumer Finance")
    debtor = stories.person(
        "王小明",
        birth_on=date(1989, 5, 17),
        region="CN-31",
        income_month=860_000,
        income_currency="CNY",
        id_kind="cn_resident_id",
        id_masked="310115********0032",
        id_sealed=sealing.seal("310115198905170032"),
        id_hash=sealing.search_hash("id", "310115198905170032"),
    )
    wife = stories.person("刘芳")
    Relation.objects.create(debtor=debtor, person=wife, kind=codes.Relation.SPOUSE)
    stories.phone(debtor, "+8613812345678", rank=1, status="verified")
    stories.phone(debtor, "+862158889999", rank=2, line="landline")
    stories.email(debtor, "wang.xm@example.com")
    stories.phone(wife, "+8613987654321")
    placement = Placement.objects.create(
        creditor=bank, reference="2026-01", placed_on=date(2026, 1, 5), ends_on=date(2026, 7, 5)
    )
    loan = stories.account(
        debtor,
        bank,
        principal=1_860_000,
        interest=74_350,
        external_ref="HY-2025-004417",
        placement=placement,
        dues={date(2025, m, 15): 168_000 for m in (9, 10, 11, 12)} | {date(2026, m, 15): 168_000 for m in range(1, 9)},
        original_amount=2_400_000,
        rate="15.4000",
        term_months=24,
        opened_on=date(2025, 2, 15),
        target_cents=500_000,
        has_contract=True,
        has_identity=True,
        has_statement=True,
        has_payments=True,
        proof_score=80,
    )
    card = stories.account(
        debtor,
        bank,
        principal=532_100,
        external_ref="HY-CC-88120",
        product="credit_card",
        credit_limit=2_000_000,
        dues={date(2026, 1, 20): 180_000, date(2026, 2, 20): 352_100},
        has_contract=True,
        has_statement=True,
        proof_score=60,
    )
    _paid(loan, "P-1001", 168_000, date(2026, 1, 20), now)
    _paid(loan, "P-1002", 50_000, date(2026, 2, 11), now)
    case = stories.case(debtor, bank, owner=collector, reason_for_default="收入减少，正在换工作")
    _history(case, colleague, collector, now)
    cases = [case]
    for n, name in enumerate(NAMES):
        who = stories.person(name, language="en" if name.isascii() else "zh", made_up=True)
        stories.phone(who, f"+86139{n:08d}")
        stories.account(
            who, bank, principal=90_000 + 61_700 * n, dues={DAY - timedelta(days=12 + 23 * n): 40_000 + 31_300 * n}
        )
        cases.append(stories.case(who, bank, owner=collector))
    ledger.age(as_of=DAY, accounts=list(Account.objects.values_list("pk", flat=True)))
    items = [_item(n, each, collector, now) for n, each in enumerate(cases)]
    assert card.pk
    return Scene(collector, colleague, lead, case, debtor, wife, cases, items)


def _paid(account: Account, reference: str, cents: int, on: date, now: datetime) -> None:
    ledger.receive(
        creditor=account.creditor,
        account=account,
        reference=reference,
        cents=cents,
        currency=account.currency,
        happened_on=on,
        now=now,
        method="bank",
    )


def _history(case: Case, colleague: User, collector: User, now: datetime) -> None:
    phone = case.person.contact_points.get(rank=1, kind="phone")
    said = [
        (12, codes.Result.UNANSWERED, "", colleague),
        (9, codes.Result.BUSY, "", colleague),
        (6, codes.Result.CONVERSATION, "称本月换工作，工资 25 日到账，愿意先还一部分。", colleague),
        (1, codes.Result.UNANSWERED, "", collector),
    ]
    for days, result, note, by in said:
        Attempt.objects.create(
            happened_at=now - timedelta(days=days, hours=-3),
            creditor=case.creditor,
            person=case.person,
            addressee=case.person,
            contact_point=phone,
            channel=codes.Channel.CALL,
            result=result,
            note=note,
            by=by,
            account=case.person.accounts.first(),
        )
    Promise.objects.create(
        case=case,
        person=case.person,
        cents=50_000,
        currency="CNY",
        made_on=DAY - timedelta(days=25),
        due_on=DAY - timedelta(days=18),
        status="kept",
        received=50_000,
        taken_by=colleague,
    )
    Promise.objects.create(
        case=case,
        person=case.person,
        cents=80_000,
        currency="CNY",
        made_on=DAY - timedelta(days=6),
        due_on=DAY,
        taken_by=colleague,
    )
    Note.objects.create(case=case, by=colleague, text="对方希望晚饭后联系，语气平和。")


def _item(n: int, case: Case, user: User, now: datetime) -> WorkItem:
    reasons = [
        [[int(Reason.PROMISE_DUE_TODAY), [80_000, 0]], [int(Reason.EXPECTED_OF_PROMISE), [80_000, 412_000]]],
        [[int(Reason.NEWLY_OVERDUE), [12, 40_000]], [int(Reason.EXPECTED_AT_ONCE), [40_000, 871_000]]],
        [[int(Reason.PROMISE_BROKEN), [30_000, 2]], [int(Reason.BREAKS_PROMISES), [1, 2]]],
        [[int(Reason.CADENCE_DUE), [9, 7]], [int(Reason.ROLLS_SOON), [3, 3]]],
    ]
    actions = ["promise_follow_up", "remind", "follow_up", "call"]
    return WorkItem.objects.create(
        on=DAY,
        case=case,
        user=user,
        rank=n + 1,
        score=100_000 - n,
        action=actions[n % 4],
        reasons=reasons[n % 4],
        channel=codes.Channel.EMAIL if n % 5 == 4 else codes.Channel.CALL,
        zone="America/Chicago" if n % 5 == 3 else "Asia/Shanghai",
        window_start=stories.utc("2026-03-03T08:00+08:00"),
        window_end=stories.utc("2026-03-03T21:00+08:00" if n % 3 else "2026-03-03T11:30+08:00"),
    )
