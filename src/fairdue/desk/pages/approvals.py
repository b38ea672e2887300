"""The approvals: everything that waits for a second person, and what was decided lately, in one place."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import OuterRef, QuerySet, Subquery

from fairdue.accounts.models import Incoming, Waiver
from fairdue.agreements.models import Approval
from fairdue.cases.models import Case
from fairdue.cases.queries import visible_to
from fairdue.contact.rulebook.models import RuleVersion
from fairdue.desk.pages import hardship, incoming, plan_desk
from fairdue.hardship.models import Approval as HardshipApproval
from fairdue.staff.models import User
from fairdue.staff.policies import may

LATELY: Final = 30


@dataclass(frozen=True)
class Decided:
    """One decision of the last week. `of`: the row decided, `field`: which of its fields says how; `case_id`: None when
    it is about no case; `cents`: the money at stake, None when it is not one sum."""

    kind: str
    of: Any
    field: str
    name: str
    case_id: int | None
    cents: int | None
    currency: str
    asked_by: User | None
    words: str

    @property
    def decided_by(self) -> User:
        """Who decided."""
        by: User = self.of.decided_by
        return by

    @property
    def at(self) -> datetime:
        """When."""
        when: datetime = self.of.decided_at
        return when


def waiting(user: User) -> dict[str, Any]:
    """What waits, by kind, as far as this user has a say in that kind; the oldest first. At most seven queries."""
    shown: dict[str, Any] = {"offers": [], "hardship": [], "waivers": [], "entries": [], "versions": []}
    if may(user, "approve"):
        shown |= {"offers": plan_desk.approvals_of(user), "hardship": hardship.approvals_of(user)}
    if may(user, "money.book"):
        shown |= {
            "waivers": list(incoming.waivers().annotate(case_id=_case("account__debtor", "account__creditor"))),
            "entries": list(incoming.listed("to_confirm").annotate(case_id=_case("account__debtor", "creditor"))),
        }
    if may(user, "rules.approve"):
        versions = RuleVersion.objects.filter(status=RuleVersion.Status.SUBMITTED).select_related("author")
        shown["versions"] = list(versions.order_by("submitted_at"))
    return shown | {"n": sum(len(rows) for rows in shown.values())}


def decided(user: User, *, today: date) -> list[Decided]:
    """What was decided in the last week by anybody, of the kinds this user has a say in, the latest first."""
    since = today - plan_desk.WEEK
    rows: list[Decided] = []
    if may(user, "approve"):
        rows += [
            Decided("offer", a, "answer", a.offer.case.person.name, a.offer.case_id, a.offer.total, a.offer.currency,
                    a.asked_by, a.words)
            for a in plan_desk.decided_lately(user, today=today)
        ]  # fmt: skip
        files = HardshipApproval.objects.filter(decided_at__date__gte=since, file__case__in=visible_to(user))
        files = files.exclude(answer=Approval.Answer.WAITING).select_related(
            "file__case__person", "asked_by", "decided_by"
        )
        rows += [
            Decided("hardship", a, "answer", a.file.case.person.name, a.file.case_id, None, "", a.asked_by, a.words)
            for a in files.order_by("-decided_at")[:LATELY]
        ]
    if may(user, "money.book"):
        rows += [
            Decided("waiver", w, "status", w.account.debtor.name, w.case_id, w.cents, w.account.currency, w.asked_by,
                    w.reason)
            for w in _waivers_since(since)
        ]  # fmt: skip
        entries = Incoming.objects.filter(origin=Incoming.Origin.HAND, decided_at__date__gte=since)
        entries = entries.select_related("account__debtor", "entered_by", "decided_by")
        rows += [
            Decided("entry", e, "status", e.account.debtor.name if e.account else e.payer, e.case_id, e.cents,
                    e.currency, e.entered_by, e.note)
            for e in entries.annotate(case_id=_case("account__debtor", "creditor")).order_by("-decided_at")[:LATELY]
        ]  # fmt: skip
    return sorted(rows, key=lambda row: row.at, reverse=True)[:LATELY]


def _waivers_since(since: date) -> QuerySet[Any]:
    found = Waiver.objects.filter(decided_at__date__gte=since, decided_by__isnull=False)
    found = found.select_related("account__debtor", "account__creditor", "asked_by", "decided_by")
    return found.annotate(case_id=_case("account__debtor", "account__creditor")).order_by("-decided_at")[:LATELY]


def _case(person: str, creditor: str) -> Subquery:
    return Subquery(Case.objects.filter(person=OuterRef(person), creditor=OuterRef(creditor)).values("pk")[:1])
