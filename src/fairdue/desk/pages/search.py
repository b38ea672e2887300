"""Looking somebody up: one's own cases open, others only as a masked line, journalled and flagged."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from fairdue.accounts.models import Account, Creditor
from fairdue.cases import queries
from fairdue.cases.models import Case
from fairdue.desk.pages.worklist import Owed, owed_by_case
from fairdue.journal import services as journal
from fairdue.people import sealing
from fairdue.people.models import Person, Relation
from fairdue.people.queries import search as find_persons
from fairdue.staff.models import User

MOST = 50


@dataclass(frozen=True)
class Hit:
    """A case of one's own."""

    case: Case
    owed: Owed


@dataclass(frozen=True)
class Stranger:
    """A case outside one's own: only that there is one, and who to ask."""

    masked: str
    owner: str
    team: str
    caseless: bool = False


@dataclass(frozen=True)
class Caseless:
    """A debtor for whom no case was opened at a creditor, shown to those who see what nobody owns."""

    person: Person
    creditor: Creditor


@dataclass(frozen=True)
class Tied:
    """Somebody who is no debtor of one's own, tied to the debt of a case of one's own."""

    person: Person
    case: Case
    kind: int


@dataclass(frozen=True)
class Found:
    """What a look-up gives. `exact`: a number, ID, e-mail or reference was recognised; `more`: the list was cut."""

    mine: list[Hit]
    tied: list[Tied]
    caseless: list[Caseless]
    others: list[Stranger]
    exact: bool
    more: bool


def look_up(*, text: str, user: User) -> Found:
    """Find persons and their cases. Journalled by keyed hash; hits outside one's own cases are flagged, once a look-up.

    A debtor without a case is in nobody's cases: flagged for everybody, named to those who see what nobody owns.
    """
    text = " ".join(text.split())
    by_reference = list(
        Account.objects.filter(external_ref__in={text, text.upper()}).values_list("debtor_id", flat=True)[:MOST]
    )
    ids = by_reference or list(find_persons(text).values_list("pk", flat=True)[: MOST * 4 + 1])
    cut, ids = len(ids) > MOST * 4, ids[: MOST * 4]
    cases = list(
        Case.objects.filter(person_id__in=ids)
        .select_related("person", "creditor", "owner__team")
        .order_by("person__name", "pk")
    )
    visible = set(queries.visible_to(user).filter(pk__in=[case.pk for case in cases]).values_list("pk", flat=True))
    mine = [case for case in cases if case.pk in visible]
    tied = _tied(ids, user)
    others = [case for case in cases if case.pk not in visible]
    caseless = _without_case(ids)
    owed = owed_by_case(mine[:MOST])
    what = sealing.search_hash("lookup", text.casefold()).hex()[:16]
    journal.write("lookup.made", by=user, what=what, own=len(mine), tied=len(tied), outside=len(others) + len(caseless))
    if others or caseless:
        _flag(others, caseless, user, what)
    named = queries.sees_unowned(user)
    masked = [_stranger(case) for case in others]
    if not named:
        masked += [Stranger(mask_name(one.person.name), "", "", caseless=True) for one in caseless]
    return Found(
        mine=[Hit(case, owed.get(case.pk, Owed(currency=case.creditor.currency))) for case in mine[:MOST]],
        tied=tied,
        caseless=caseless[:MOST] if named else [],
        others=masked[:MOST],
        exact=bool(by_reference) or any(c.isdigit() for c in text) or "@" in text,
        more=cut or max(len(mine), len(masked), len(caseless)) > MOST,
    )


def _without_case(ids: list[int]) -> list[Caseless]:
    """Those found who owe, or owed, at a creditor where no case was opened for them; each person and creditor once."""
    opened = Case.objects.filter(person_id=OuterRef("debtor_id"), creditor_id=OuterRef("creditor_id"))
    accounts = (
        Account.objects.filter(~Exists(opened), debtor_id__in=ids)
        .select_related("debtor", "creditor")
        .order_by("debtor__name", "debtor_id", "creditor_id")
    )
    found = {(each.debtor_id, each.creditor_id): Caseless(each.debtor, each.creditor) for each in accounts}
    return list(found.values())


def _flag(others: list[Case], caseless: list[Caseless], user: User, what: str) -> None:
    """One entry for the look-up; it names the person, and the case, where there is just one."""
    persons = {case.person_id for case in others} | {one.person.pk for one in caseless}
    alone = others[0].pk if len(others) == 1 and not caseless else None
    about: dict[str, Any] = {"subject": "case", "subject_id": alone} if alone else {}
    person = next(iter(persons)) if len(persons) == 1 else None
    journal.write(
        "lookup.outside", by=user, person_id=person, what=what, cases=len(others), persons=len(persons),
        caseless=len(caseless), **about,
    )  # fmt: skip


def _tied(ids: list[int], user: User) -> list[Tied]:
    """Those found who are tied to the debt of a visible case, each with the first such case."""
    ties = list(Relation.objects.filter(person_id__in=ids).select_related("person").order_by("person", "kind"))
    debtors = {tie.debtor_id for tie in ties}
    cases = queries.visible_to(user).filter(person_id__in=debtors).select_related("person", "creditor").order_by("-pk")
    case_of = {case.person_id: case for case in cases} if debtors else {}
    found: dict[int, Tied] = {}
    for tie in ties:
        if tie.debtor_id in case_of:
            found.setdefault(tie.person_id, Tied(tie.person, case_of[tie.debtor_id], tie.kind))
    return list(found.values())[:MOST]


def _stranger(case: Case) -> Stranger:
    owner = case.owner
    return Stranger(
        mask_name(case.person.name), str(owner) if owner else "", str(owner.team) if owner and owner.team else ""
    )


def mask_name(name: str) -> str:
    """王** or J*** S***: the first character of each word."""
    parts = name.split()
    return " ".join(part[0] + "*" * (len(part) - 1 if len(part) < 4 else 3) for part in parts)
