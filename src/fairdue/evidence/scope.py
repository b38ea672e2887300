"""Whom and what a pack covers, as conditions of a query."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from fairdue.evidence.models import Pack


class ScopeError(ValueError):
    """What was asked for cannot be found or is not clear. Texts for people in `zh` and `en`."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class Scope:
    """One person, a period [since, until), or both; of one creditor, or of all. Moments are aware."""

    person_id: int | None = None
    creditor_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.person_id is None and (self.since is None or self.until is None):
            raise ScopeError(
                zh="请指定借款人，或起止日期。", en="Name a person, or the first and last day of a period."
            )
        if self.since and self.until and self.since >= self.until:
            raise ScopeError(zh="起始日期晚于截止日期。", en="The period ends before it begins.")

    @classmethod
    def of(cls, pack: Pack) -> "Scope":
        """The scope of a pack."""
        return cls(pack.person_id, pack.creditor_id, pack.since, pack.until)

    @property
    def terms(self) -> dict[str, Any]:
        """The values of the conditions below."""
        return {
            "person": self.person_id,
            "creditor": self.creditor_id,
            "since": self.since,
            "until": self.until,
            "since_on": self.since and timezone.localdate(self.since),
            "until_on": self.until and timezone.localdate(self.until - timedelta(microseconds=1)),
        }

    def where(self, *, person: str, creditor: str = "", at: str = "", ends: str = "", on: str = "") -> str:
        """A condition on the columns that hold the debtor, the creditor and the moment (`at`) or the day (`on`).

        Without a creditor's column the debtor must owe that creditor. With `ends` the row holds from `at` to `ends`
        (null: still) and counts when it overlaps the period.
        """
        parts = []
        if self.person_id is not None:
            parts.append(f"{person} = %(person)s")
        if self.creditor_id is not None:
            parts.append(f"{creditor} = %(creditor)s" if creditor else self._owes(person))
        if at and self.until is not None:
            parts.append(f"{at} < %(until)s")
        if at and self.since is not None:
            parts.append(f"({ends} is null or {ends} >= %(since)s)" if ends else f"{at} >= %(since)s")
        if on and self.until is not None:
            parts.append(f"{on} <= %(until_on)s")
        if on and self.since is not None:
            parts.append(f"{on} >= %(since_on)s")
        return " and ".join(parts) or "true"

    @staticmethod
    def _owes(person: str) -> str:
        return f"exists (select from accounts_account x where x.debtor_id = {person} and x.creditor_id = %(creditor)s)"

    @property
    def people(self) -> str:
        """The persons a pack is about, as a query of ids: the debtor with those tied, or everybody contacted."""
        if self.person_id is not None:
            return "select %(person)s::bigint union select r.person_id from people_relation r where r.debtor_id = %(person)s"
        where = self.where(person="c.person_id", creditor="c.creditor_id", at="c.happened_at")
        return (
            f"select c.person_id from contact_attempt c where {where} "  # noqa: S608 - of constants
            f"union select c.addressee_id from contact_attempt c where {where}"
        )

    @property
    def debtors(self) -> str:
        """The debtors a pack is about, as a query of ids."""
        if self.person_id is not None:
            return "select %(person)s::bigint"
        where = self.where(person="c.person_id", creditor="c.creditor_id", at="c.happened_at")
        return f"select c.person_id from contact_attempt c where {where}"  # noqa: S608


def period(since: date | None, until: date | None, *, person_id: int | None, creditor_id: int | None) -> Scope:
    """A scope from the first and last day, both included, by the firm's own clock. Raises ScopeError."""
    begins = timezone.make_aware(datetime.combine(since, time.min)) if since else None
    ends = timezone.make_aware(datetime.combine(until + timedelta(days=1), time.min)) if until else None
    return Scope(person_id, creditor_id, begins, ends)
