"""Rights and duties of one borrower: filled in from the case, sent, printed or read out; each time kept and journalled.

Sending goes through the one door like any other message: the gate may refuse it, and then nothing was explained.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction

from fairdue.accounts.models import COMPONENTS, Account, Balance
from fairdue.cases import queries
from fairdue.cases.models import Case
from fairdue.contact import services as door
from fairdue.contact.models import Explanation, Link
from fairdue.contact.services import Allowed, Draft, Refused
from fairdue.contact.writing import OPT_OUT
from fairdue.law import codes, rights
from fairdue.money.amount import money_text
from fairdue.money.days import day_said
from fairdue.papers import Paper, Part, heading, items, paragraph, pdf
from fairdue.people.models import ContactPoint
from fairdue.staff.models import User

TEMPLATE: Final = "rights"
"""What a message that explains is called in the outbox."""

_PRODUCTS: Final[Mapping[str, Mapping[rights.Lang, str]]] = {
    Account.Product.ONLINE_LOAN: {"zh": "网络贷款", "en": "online loan"},
    Account.Product.CREDIT_CARD: {"zh": "信用卡", "en": "credit card"},
}
_BOOKS: Final[Mapping[rights.Lang, tuple[str, ...]]] = {
    "zh": ("本金", "利息", "罚息", "费用", "追索费用"),
    "en": ("loan", "interest", "penalty interest", "fees", "costs"),
}
_TITLE: Final[Mapping[rights.Lang, str]] = {"zh": "您的权利与义务", "en": "Your rights and duties"}
_SOURCES: Final[Mapping[rights.Lang, str]] = {"zh": "出处", "en": "Where this is written"}
_HELLO: Final[Mapping[rights.Lang, str]] = {"zh": "{name}，您好：", "en": "Dear {name},"}
_FOOT: Final[Mapping[rights.Lang, str]] = {
    "zh": "{firm} · 告知书 {id} {version} · {hash}",
    "en": "{firm} · statement {id} {version} · {hash}",
}
_GRADES: Final[Mapping[rights.Lang, Mapping[str, str]]] = {
    "zh": {"A": "已读原文", "B": "两处以上可靠转述", "C": "一处转述", "D": "未经核实"},
    "en": {"A": "text was read", "B": "two reports agree", "C": "one report", "D": "not confirmed"},
}
_OWN: Final[Mapping[rights.Lang, str]] = {"zh": "本公司做法，不是法律规定", "en": "our own practice, not law"}


class NoStatementError(LookupError):
    """There is no statement for the creditor's jurisdiction; the message names it in both languages."""

    def __init__(self, jurisdiction: str) -> None:
        self.zh = f"法域 {jurisdiction} 还没有权利与义务告知书。"
        self.en = f"There is no statement of rights and duties for {jurisdiction} yet."
        super().__init__(self.en)


@dataclass(frozen=True)
class Filled:
    """The statement of a case's jurisdiction, filled in on a day."""

    case: Case
    statement: rights.Statement
    language: rights.Lang
    sections: list[rights.Section]

    @property
    def title(self) -> str:
        """The heading, in its language."""
        return _TITLE[self.language]

    @property
    def text(self) -> str:
        """All of it as plain text, with the sources at the end."""
        cited = dict.fromkeys(one.article for section in self.sections for one in section.sentences if one.article)
        sources = "\n".join([_SOURCES[self.language], *(f"- {cites}" for cites in cited)])
        hello = _HELLO[self.language].format(name=self.case.person.name)
        return f"{hello}\n\n{rights.plain(self.sections)}\n\n{sources}"

    def article_of(self, told: rights.Told) -> str:
        """Where the borrower finds a sentence; empty for facts of the case and where there is nothing to look up."""
        return told.article if told.basis == "law" else _OWN[self.language] if told.basis == "firm" else ""

    def source_of(self, told: rights.Told) -> str:
        """Where a sentence comes from, and how sure that is, for the desk; empty for facts of the case."""
        if told.basis == "law":
            return f"{told.cites} · {told.confidence} {_GRADES[self.language][told.confidence]}"
        return _OWN[self.language] if told.basis == "firm" else ""


def filled(*, case: Case, on: date, language: str = "") -> Filled:
    """What the borrower of a case is told on a day; `language` None = the borrower's. Raises NoStatementError."""
    lang: rights.Lang = "zh" if (language or case.person.language).startswith("zh") else "en"
    jurisdiction = case.creditor.jurisdiction.split("-")[0]
    try:
        statement = rights.statement(jurisdiction)
    except KeyError as error:
        raise NoStatementError(jurisdiction) from error
    owed = list(
        Account.objects.filter(debtor_id=case.person_id, creditor_id=case.creditor_id, status=Account.Status.OPEN)
        .select_related("balance", "ageing")
        .order_by("pk")
    )
    sections = statement.told(
        lang,
        _values(case, owed, lang),
        accounts=[_account(account, lang) for account in owed],
        actor=case.creditor.we_act_as,
        products={account.product for account in owed},
        on=on,
    )
    return Filled(case, statement, lang, sections)


def send(
    *, case: Case, contact_point: ContactPoint, by: User, now: datetime, key: str, language: str = ""
) -> Allowed | Refused:
    """Send the statement by e-mail, if the gate agrees; kept as explained when it does. Raises NoStatementError.

    A message taken back or refused at sending later is seen on the message itself.
    """
    _must_see(case, by)
    told = filled(case=case, on=_day(case, now), language=language)
    draft = Draft(
        language=told.language,
        template=TEMPLATE,
        subject=f"{told.title} ({case.creditor.code}-{case.pk})",
        body=f"{told.text}\n\n{OPT_OUT[told.language]}\n",
    )
    with transaction.atomic():
        answer = door.ask(
            case=case, contact_point=contact_point, channel=codes.Channel.EMAIL, by=by, now=now, key=key, draft=draft
        )
        if isinstance(answer, Allowed):
            _keep(told, Explanation.How.EMAIL, by=by, now=now, message_id=answer.message_id)
    return answer


def print_(*, case: Case, by: User, now: datetime, language: str = "") -> bytes:
    """The statement as PDF, to hand over; kept as printed. A letter that is posted goes through the gate as a letter."""
    _must_see(case, by)
    told = filled(case=case, on=_day(case, now), language=language)
    made = pdf(paper_of(told), made_at=now)
    _keep(told, Explanation.How.PRINT, by=by, now=now)
    return made


def read_out(*, case: Case, by: User, now: datetime, came: Explanation.Came, language: str = "") -> Explanation:
    """Keep that the statement was read to the borrower and how it was taken."""
    _must_see(case, by)
    return _keep(
        filled(case=case, on=_day(case, now), language=language), Explanation.How.READ, by=by, now=now, came=came
    )


def on_page(*, link: Link, now: datetime, language: str) -> Filled:
    """The statement as the borrower reads it on their page; kept once a visit and language. Raises NoStatementError."""
    told = filled(case=link.case, on=_day(link.case, now), language=language)
    how = Explanation.How.PAGE
    with transaction.atomic():
        door.lock(link.person_id)
        before = Explanation.objects.filter(case=link.case, how=how, language=told.language, at__gte=link.opened_at)
        if not before.exists():
            _keep(told, how, by=None, now=now)
    return told


def paper_of(told: Filled) -> Paper:
    """The statement as a paper: every sentence with the article it stands on below it in small type."""
    case, statement = told.case, told.statement
    parts: list[Part] = [paragraph(_HELLO[told.language].format(name=case.person.name))]
    for section in told.sections:
        if section.sentences:
            parts += [heading(section.title), items((one.text, told.article_of(one)) for one in section.sentences)]
    foot = _FOOT[told.language].format(
        firm=settings.FIRM_NAME, id=statement.id, version=statement.version, hash=statement.hash[:16]
    )
    return Paper(title=told.title, language=told.language, parts=parts, foot=foot, author=str(settings.FIRM_NAME))


def _keep(
    told: Filled,
    how: Explanation.How,
    *,
    by: User | None,
    now: datetime,
    came: Explanation.Came = Explanation.Came.NOTHING,
    message_id: int | None = None,
) -> Explanation:
    return door.explain(
        case=told.case, person=told.case.person, how=how, came=came, statement=told.statement.id,
        version=told.statement.version, digest=told.statement.hash, language=told.language, text=told.text, by=by,
        now=now, message_id=message_id,
    )  # fmt: skip


def _must_see(case: Case, by: User) -> None:
    if not queries.visible_to(by).filter(pk=case.pk).exists():
        raise PermissionDenied


def _day(case: Case, now: datetime) -> date:
    return now.astimezone(ZoneInfo(case.creditor.zone)).date()


def _values(case: Case, owed: Iterable[Account], lang: rights.Lang) -> dict[str, str]:
    """What the sentences may name about a case."""
    total: dict[str, int] = {}
    late: dict[str, int] = {}
    since: list[date] = []
    for account in owed:
        total[account.currency] = total.get(account.currency, 0) + _balance(account).total
        ageing = getattr(account, "ageing", None)
        if ageing and ageing.past_due and ageing.since:
            late[account.currency] = late.get(account.currency, 0) + ageing.past_due
            since.append(ageing.since)
    return {
        "name": case.person.name,
        "firm": str(settings.FIRM_NAME),
        "creditor": case.creditor.name_zh if lang == "zh" else case.creditor.name_en,
        "reference": f"{case.creditor.code}-{case.pk}",
        "amount": _sums(total, lang),
        "late": _sums(late, lang),
        "since": day_said(min(since), lang) if since else "",
        "contact": settings.DEFAULT_FROM_EMAIL,
    }


def _account(account: Account, lang: rights.Lang) -> dict[str, str]:
    balance = _balance(account)
    columns = (balance.principal, balance.interest, balance.penalty, balance.fees, balance.costs)
    assert len(columns) == len(COMPONENTS) == len(_BOOKS[lang])
    named = [
        f"{name} {money_text(cents, account.currency, lang)}"
        for name, cents in zip(_BOOKS[lang], columns, strict=True)
        if cents
    ]
    return {
        "account": account.external_ref,
        "product": _PRODUCTS.get(account.product, {"zh": account.product, "en": account.product})[lang],
        "sum": money_text(balance.total, account.currency, lang),
        "parts": ("、" if lang == "zh" else ", ").join(named),
    }


def _balance(account: Account) -> Balance:
    return getattr(account, "balance", None) or Balance(account=account)


def _sums(cents: Mapping[str, int], lang: rights.Lang) -> str:
    return ("、" if lang == "zh" else ", ").join(
        money_text(amount, currency, lang) for currency, amount in sorted(cents.items())
    )
