"""Short ways to set a scene: `from stories import …`. Everything goes through the models with valid data."""

import itertools
from datetime import UTC, date, datetime
from typing import Any

from fairdue.accounts.models import Account, Book, Creditor, Due, Transfer
from fairdue.agreements.models import Budget, Offer, Plan
from fairdue.cases.models import Case
from fairdue.law import codes
from fairdue.people import sealing
from fairdue.people.models import ContactPoint, Person
from fairdue.staff.models import Role, Team, User

count = itertools.count(1)


def user(role: str = Role.COLLECTOR, *, team: Team | None = None, **fields: Any) -> User:
    """A member of staff with the password "correct horse"."""
    n = next(count)
    return User.objects.create_user(
        username=fields.pop("username", f"{role}{n}"), password="correct horse", role=role, team=team, **fields
    )


def team(name: str | None = None) -> Team:
    """A team."""
    return Team.objects.create(name=name or f"team {next(count)}")


def creditor(code: str | None = None, **fields: Any) -> Creditor:
    """A mainland creditor unless told otherwise."""
    n = next(count)
    return Creditor.objects.create(
        code=code or f"c{n}", **{"name_zh": f"第{n}贷款公司", "name_en": f"Lender {n}", **fields}
    )


def person(name: str = "王小明", **fields: Any) -> Person:
    """A person without contact points."""
    return Person.objects.create(merge_key=sealing.search_hash("person", f"story {next(count)}"), name=name, **fields)


def phone(of: Person, number: str = "+8613800138000", *, zones: str = "Asia/Shanghai", **fields: Any) -> ContactPoint:
    """A phone of `of`."""
    return ContactPoint.objects.create(
        person=of,
        kind="phone",
        sealed=sealing.seal(number),
        hash=sealing.search_hash("phone", number),
        masked=number[:6] + "****" + number[-4:],
        zones=zones,
        **{"country": "CN", "line": "mobile", **fields},
    )


def email(of: Person, address: str = "wang@example.com", **fields: Any) -> ContactPoint:
    """An e-mail address of `of`."""
    return ContactPoint.objects.create(
        person=of,
        kind="email",
        sealed=sealing.seal(address),
        hash=sealing.search_hash("email", address),
        masked=address[0] + "***@" + address.split("@")[1],
        **{"zones": "Asia/Shanghai", **fields},
    )


def account(
    debtor: Person,
    owed_to: Creditor,
    *,
    principal: int = 100_000,
    interest: int = 0,
    dues: dict[date, int] | None = None,
    placed_on: date = date(2026, 1, 5),
    **fields: Any,
) -> Account:
    """An account placed with `principal` and `interest` cents, and `dues` {due date: cents}."""
    new = Account.objects.create(
        creditor=owed_to,
        debtor=debtor,
        external_ref=fields.pop("external_ref", f"A{next(count)}"),
        **{"product": "online_loan", "currency": owed_to.currency, "proof_score": 100, **fields},
    )
    for book, cents in ((Book.PRINCIPAL, principal), (Book.INTEREST, interest)):
        if cents:
            Transfer.objects.create(
                account=new, source=Book.PLACED, target=book, cents=cents, happened_on=placed_on,
                learned_at=datetime(placed_on.year, placed_on.month, placed_on.day, tzinfo=UTC),
            )  # fmt: skip
    for n, (due_on, cents) in enumerate(sorted((dues or {}).items()), 1):
        Due.objects.create(account=new, n=n, due_on=due_on, principal=cents, cents=cents)
    return new


def case(of: Person, at: Creditor, *, owner: User | None = None, **fields: Any) -> Case:
    """A case; `owner` is written without an ownership period."""
    return Case.objects.create(person=of, creditor=at, owner=owner, **fields)


def plan(
    of: Case, on: Account, starts_on: date, *, cents: int = 100_00, discount: int = 0, burden: int = 50, **fields: Any
) -> Plan:
    """A plan as it is on record, without instalments; through the services it is made in agreements/plan_stories.py."""
    at = datetime(starts_on.year, starts_on.month, starts_on.day, tzinfo=UTC)
    both = {"case": of, "currency": on.currency}
    budget = Budget.objects.create(**both, income=1, household=1, allowance=0, free=1, taken_at=at)
    terms = {"kind": "equal", "total": cents - discount, "discount": discount, "last_on": starts_on}
    offer = Offer.objects.create(
        **both, **terms, account=on, budget=budget, terms={}, dues=[], monthly=1, burden=burden, expected=1,
        status="accepted", expires_on=starts_on, made_at=at,
    )  # fmt: skip
    return Plan.objects.create(
        **both,
        **terms,
        offer=offer,
        account=on,
        person=of.person,
        starts_on=starts_on,
        how="call",
        learned_at=at,
        **fields,
    )


def utc(text: str) -> datetime:
    """An ISO datetime in UTC; `utc("2026-03-02T10:00")`, or with an offset such as +08:00."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else datetime.fromisoformat(text + "+00:00")


CALL, SMS, EMAIL = codes.Channel.CALL, codes.Channel.SMS, codes.Channel.EMAIL
