"""Plans and settlements of some of the demo's made-up borrowers, kept, at risk, broken and completed; and what waits for approval.

Every one was offered, accepted and paid through the verbs the pages use, at its own moment; nothing is written past them. The
journal keeps the hour at which its entries were truly written and says before them that the plans are made up.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.utils import timezone


@dataclass(frozen=True)
class Life:
    """One plan: agreed so many days ago, first due so many days later, in `count` instalments that ask `burden` per cent
    of what is left over; the first `paid` of those due have come. `settled`: some of the debt is let go."""

    ago: int
    first_after: int
    count: int
    burden: int
    paid: int
    settled: bool = False


ALL: Final = 99
LIVES: Final = (
    Life(66, 12, 1, 60, ALL, settled=True),
    Life(75, 18, 2, 70, ALL, settled=True),
    Life(76, 10, 3, 78, ALL),
    Life(62, 20, 9, 78, 0),
    Life(26, 20, 10, 60, 0),
    Life(70, 15, 12, 75, 1),
    Life(64, 15, 12, 65, 1),
    Life(78, 25, 12, 45, ALL),
    Life(35, 8, 12, 40, ALL),
    Life(10, 20, 12, 55, 0),
    Life(60, 22, 18, 50, ALL),
    Life(48, 20, 24, 35, ALL),
)
"""What becomes of the plans, over and over, the shortest first: settled, paid, broken, late now, broken, kept, just begun.
None is older than the placements of the made-up portfolio."""
ROUNDS: Final = {"cn-lender": 1, "us-issuer": 1}
"""How often LIVES are lived, by made-up creditor."""
OFFERS, OTHERS = 3, 2
"""So many offers beyond a collector's authority wait for a word; so many write-offs, and payments noted by hand."""
_WHO: Final = {"cn-lender": ("collector", "lead"), "us-issuer": ("maria", "uslead")}
_WHY: Final = "演示数据：收入下降，家中有病人 · demo data: income fell, illness at home"


def past_plans(*, now: datetime) -> int:
    """Agree the plans of the last months and let them be paid or not; how many. The night judges what stayed away."""
    from fairdue.journal import services as journal

    journal.write("demo.plans", note="the plans that follow are made up; each went through its verbs at its own moment")
    staff, today, made = _staff(), timezone.localdate(now), 0
    for code, rounds in ROUNDS.items():
        lives = sorted(LIVES * rounds, key=lambda life: life.count)
        chosen = sorted(_late(code, today)[: len(lives)], key=lambda account: (account.owed, account.pk))
        for account, life in zip(chosen, lives, strict=False):
            _live(account, life, today, [staff[name] for name in _WHO[code]])
            made += 1
    return made


def waiting(*, now: datetime) -> int:
    """Ask for what is beyond a collector's authority: offers, write-offs; note payments by hand; how many wait."""
    from fairdue.flows import incoming, waiver

    today, by = timezone.localdate(now), _staff()["collector"]
    free = list(reversed(_late("cn-lender", today)))
    big = [account for account in free if account.owed > 2_000_000][:OFFERS]
    small = [account for account in free if account not in big][: 2 * OTHERS]
    for n, account in enumerate(big):
        _ask(account, today - timedelta(1 + n % 3), by)
    for account in small[:OTHERS]:
        cents = max(account.owed // 20 // 100 * 100, 100)
        waiver.write_off(account=account, cents=cents, reason=_WHY, by=by, now=now)
    for account in small[OTHERS:]:
        incoming.enter(
            account=account, reference=f"DEMO-{account.pk}", cents=max(account.owed // 10 // 100 * 100, 100), by=by, now=now,
            happened_on=today - timedelta(1), method="cash", payer="", note="演示数据 · demo data",
        )  # fmt: skip
    return len(big) + len(small)


def _late(code: str, today: date) -> list[Any]:
    """Accounts that were placed, and more than two months late, before the earliest plan, and on which nothing came since;
    nobody's hold stops them. One of a debtor, with `owed` in minor units."""
    from django.db.models import Exists, F, OuterRef, Subquery, Sum
    from django.db.models.functions import Coalesce

    from fairdue.accounts.models import Account, Due, Payment
    from fairdue.cases.models import Hold

    start = today - timedelta(max(life.ago for life in LIVES))
    ours = {"account": OuterRef("pk")}
    due = Due.objects.filter(**ours, due_on__lte=start - timedelta(65)).order_by().values("account")
    paid = Payment.objects.filter(**ours).order_by().values("account")
    came, held = Payment.objects.filter(**ours, happened_on__gte=start), Hold.objects.filter(person=OuterRef("debtor"))
    found = Account.objects.filter(
        ~Exists(came), ~Exists(held), creditor__code=code, status=Account.Status.OPEN, placement__placed_on__lte=start
    ).annotate(
        fell=Coalesce(Subquery(due.annotate(sum=Sum("cents")).values("sum")), 0),
        paid=Coalesce(Subquery(paid.annotate(sum=Sum("cents")).values("sum")), 0),
        owed=F("balance__principal") + F("balance__interest") + F("balance__penalty") + F("balance__fees"),
    )  # fmt: skip
    chosen = found.filter(fell__gt=F("paid")).select_related("creditor", "debtor").order_by("pk")
    return list({account.debtor_id: account for account in chosen}.values())


def _staff() -> dict[str, Any]:
    from fairdue.staff.models import User

    return {user.username: user for user in User.objects.all()}


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(18)))


def _live(account: Any, life: Life, today: date, team: list[Any]) -> None:
    """Offered, accepted by code, paid as long as it was."""
    from fairdue.agreements import services as agreements
    from fairdue.flows import payment, plans

    collector, lead = team
    day = today - timedelta(life.ago)
    offer = _offer(account, life, day, by=lead if life.settled or account.owed > 2_000_000 else collector)
    code = agreements.issue_code(offer=offer, by=offer.made_by)
    plans.agree(offer=offer, by=offer.made_by, now=_at(day), code=code)
    dues = [(date.fromisoformat(due[0]), due[1]) for due in offer.dues]
    for n, (on, cents) in enumerate([due for due in dues if due[0] < today][: life.paid], 1):
        payment.receive(
            creditor=account.creditor, account=account, reference=f"DEMO-{offer.pk}-{n}", cents=cents,
            currency=account.currency, happened_on=on, now=_at(on),
        )  # fmt: skip


def _offer(account: Any, life: Life, day: date, *, by: Any) -> Any:
    from fairdue.accounts import services as ledger
    from fairdue.agreements import services as agreements
    from fairdue.agreements.services.terms import limits_of
    from fairdue.cases.models import Case
    from fairdue.money.plans import Terms

    ledger.age(as_of=day, accounts=[account.pk])
    case = Case.objects.select_related("person", "creditor").get(person=account.debtor_id, creditor=account.creditor_id)
    each = account.owed // life.count + 100
    budget = _budget(case, each * 100 // life.burden, by=by, at=_at(day))
    discount = limits_of(account, budget).discount // 100 * 100 if life.settled else 0
    return agreements.offer(
        case=case, account=account, budget=budget, kind="settlement" if discount else "equal", discount=discount, by=by,
        terms=Terms(made_on=day, first_on=day + timedelta(life.first_after), count=life.count, unit=100), now=_at(day),
    )  # fmt: skip


def _budget(case: Any, free: int, *, by: Any, at: datetime) -> Any:
    """A household of two that has so much left over."""
    from fairdue.agreements import services as agreements
    from fairdue.money.policy import plan_policy

    kept = plan_policy().allowance(case.person.region, 2, case.creditor.currency)
    assert kept is not None, "the policy knows the demo's currencies"
    return agreements.take_budget(
        case=case,
        income=kept + free,
        household=2,
        spending={"housing": kept // 2},
        other_debts=0,
        willing=True,
        by=by,
        now=at,
    )


def _ask(account: Any, day: date, by: Any) -> None:
    from fairdue.agreements import services as agreements

    offer = _offer(account, Life(0, 20, 24, 60, 0), day, by=by)
    agreements.ask(offer=offer, by=by, now=_at(day), why=_WHY)
