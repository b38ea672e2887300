"""Finding whom a pack is about."""

from django.db.models import QuerySet

from fairdue.accounts.models import Account, Creditor
from fairdue.cases.models import Case
from fairdue.evidence.models import Pack
from fairdue.evidence.scope import ScopeError
from fairdue.people.models import Person


def packs() -> QuerySet[Pack]:
    """Every pack, the latest first."""
    return Pack.objects.select_related("person", "creditor", "by").order_by("-id")


def person_of(reference: str, *, creditor: Creditor | None = None) -> Person:
    """The person by #number, by an account's reference, or by a case's number alone or after its creditor (hy-525).

    Raises ScopeError.
    """
    text = reference.strip()
    found = set()
    if text.startswith("#") and text[1:].isdigit():
        found = set(Person.objects.filter(pk=int(text[1:])).values_list("pk", flat=True))
    else:
        accounts = Account.objects.filter(external_ref=text)
        if creditor is not None:
            accounts = accounts.filter(creditor=creditor)
        found = set(accounts.values_list("debtor_id", flat=True)[:2])
        code, dash, number = text.rpartition("-")
        if not found and number.isascii() and number.isdigit() and len(number) < 18:
            cases = Case.objects.filter(pk=int(number), **({"creditor__code": code} if dash else {}))
            found = set(cases.values_list("person_id", flat=True))
    if len(found) == 1:
        return Person.objects.get(pk=found.pop())
    if found:
        raise ScopeError(
            zh=f"{text} 对应多人，请同时指定债权人。",
            en=f"{text} stands for several persons; name the creditor as well.",
        )
    raise ScopeError(
        zh=f"找不到 {text}：请填账户编号、案件编号，或 #加人员编号。",
        en=f"Nobody is known by {text}: give an account's reference, a case number, or # and a person's number.",
    )


def creditor_of(code: str) -> Creditor:
    """The creditor with this code. Raises ScopeError."""
    found = Creditor.objects.filter(code=code).first()
    if found is None:
        raise ScopeError(zh=f"没有代码为 {code} 的债权人。", en=f"No creditor has the code {code}.")
    return found
