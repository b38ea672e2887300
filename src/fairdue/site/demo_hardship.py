"""Hardship of some of the demo's made-up borrowers: requests, files that run, reviews that are due, one treated with care."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from fairdue.site.demo_wishes import REAL

EVERY: Final = 80
START: Final = 20
MOST: Final = 60
"""One made-up borrower in so many cannot pay for a time, beginning with this one, so many in all."""

_REASONS: Final = ("illness", "job_loss", "income_fall", "death", "disaster", "separation", "job_loss")
_WORDS: Final = ("上个月被裁员，正在找工作", "Lost the job last month, looking for work")


def hardship_files(*, now: datetime) -> int:
    """Ask for and open files through the very verbs the pages use; how many."""
    from fairdue.cases.models import Case
    from fairdue.staff.models import User

    cases = Case.objects.filter(status=Case.Status.OPEN).exclude(creditor__code=REAL).order_by("pk")
    chosen = list(cases.select_related("person", "creditor")[START::EVERY][:MOST])
    by = {user.username: user for user in User.objects.filter(username__in=("complaints", "collector"))}
    for n, case in enumerate(chosen):
        _one(n, case, by=by, now=now)
    return len(chosen)


def _one(n: int, case: Any, *, by: dict[str, Any], now: datetime) -> None:
    from fairdue.cases.models import Hold
    from fairdue.contact import services as door
    from fairdue.flows import contact
    from fairdue.flows import hardship as flow
    from fairdue.hardship import services as hardship

    words = _WORDS[case.creditor.jurisdiction != "cn"]
    ago = (0, 3, 12, 28, 6)[n % 5]
    at, today = now - timedelta(ago), (now - timedelta(ago)).date()
    if n % 5 == 0:
        door.lock(case.person_id)
        hardship.request(case=case, source="portal", words=words, by=None, now=at)
        contact.place_hold(person=case.person, kind=Hold.Kind.HARDSHIP, reason=words, by=None, now=at)
        return
    collector = n % 5 == 4
    flow.open_file(
        case=case, key=f"demo:{case.pk}", reason=_REASONS[n % len(_REASONS)], words=words, now=at, why=words,
        by=by["collector" if collector else "complaints"], wanted=_wanted(n, case, today, long=collector),
        review_on=today + timedelta(26 if n % 5 == 3 else 14),
    )  # fmt: skip
    if n == 1:
        flow.care_for(
            person=case.person, do=["slow", "written", "no_visits"], by=by["complaints"], now=at, kinds=["health"],
            notes="demo", basis="consent", consent_on=today, review_on=today + timedelta(180),
        )  # fmt: skip


def _wanted(n: int, case: Any, today: date, *, long: bool) -> list[Any]:
    """A month of peace without late charges; for some, what is past due is moved as well; a long pause has to be approved."""
    from fairdue.accounts.models import Account, Schedule
    from fairdue.hardship.services import Wanted

    until = today + timedelta(60 if long else 30)
    accounts = Account.objects.filter(debtor=case.person_id, creditor=case.creditor_id, status="open")
    found = [Wanted("quiet", today, until)]
    for account in accounts.prefetch_related("dues"):
        found.append(Wanted("late", today, today + timedelta(30), account=account))
        planned = Schedule.objects.filter(account=account, replaced_at=None, ends_on=None).exists()
        if n % 2 and not planned and any(due.due_on >= today for due in account.dues.all()):
            found.append(Wanted("grace", today, today + timedelta(30), account=account))
    return found
