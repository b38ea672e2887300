"""A scene for the tests of the door: a lender, a debtor who owes, a phone, a collector with the case."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

import stories
from fairdue.cases.models import Case
from fairdue.contact import services as door
from fairdue.contact.models import Attempt
from fairdue.law import codes
from fairdue.people.models import ContactPoint, Person
from fairdue.staff.models import User

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
REMINDER = "我们是 Fairdue，受贷款方委托。您目前应还 ¥1,000.00。如不希望再收到此类邮件，回复“退订”即可。"
_keys = count(1)


@dataclass
class Scene:
    """`ask()` and the like speak about the scene's own case, phone and collector unless told otherwise."""

    of_creditor: dict[str, Any] = field(default_factory=dict)
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.lender = stories.creditor(**self.of_creditor)
        self.debtor: Person = stories.person()
        stories.account(self.debtor, self.lender, dues={date(2026, 10, 1): 100_000})
        self.by: User = stories.user()
        self.case: Case = stories.case(self.debtor, self.lender, owner=self.by)
        self.phone: ContactPoint = stories.phone(self.debtor)
        self.mail: ContactPoint = stories.email(self.debtor)

    def ask(self, **fields: Any) -> door.Allowed | door.Refused:
        return door.ask(**self.asking(**fields))

    def asking(self, **fields: Any) -> dict[str, Any]:
        given = {"case": self.case, "contact_point": self.phone, "channel": codes.Channel.CALL, "by": self.by}
        return {**given, "now": self.now, "key": f"key {next(_keys)}", **fields}

    def write(self, **fields: Any) -> door.Allowed | door.Refused:
        draft = door.Draft("zh", "reminder", "还款提醒", REMINDER)
        return self.ask(**{"contact_point": self.mail, "channel": codes.Channel.EMAIL, "draft": draft, **fields})

    def past(self, hours: float, result: codes.Result = codes.Result.CONVERSATION, **fields: Any) -> Attempt:
        return Attempt.objects.create(
            happened_at=self.now - timedelta(hours=hours),
            **{"creditor": self.lender, "person": self.debtor, "addressee": self.debtor, "contact_point": self.phone,
               "channel": codes.Channel.CALL, "result": result, **fields},
        )  # fmt: skip


@pytest.fixture
def scene(db: None) -> Scene:
    return Scene()


@pytest.fixture
def american(db: None) -> Scene:
    scene = Scene({"jurisdiction": "us"})
    scene.debtor.region = "US-TX"  # where it is not known, the stricter rules of some states and cities hold
    scene.debtor.save()
    return scene
