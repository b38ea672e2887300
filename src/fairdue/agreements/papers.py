"""The agreement and the letter of discharge, as parts for a screen or a paper, in the borrower's language.

paper = paper_of(plan, "agreement")          # title, parts (title, sentences, whether the schedule follows)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import numpy as np
import yaml
from django.conf import settings
from django.db.models import Sum
from django.utils import translation

from fairdue.accounts.models import COMPONENTS, Account, Transfer
from fairdue.agreements.models import Plan
from fairdue.money.amount import money_text
from fairdue.money.days import day_said
from fairdue.money.plans import Owed, covered
from fairdue.money.policy import plan_policy

Kind = Literal["agreement", "discharge"]
HOW = {
    Plan.How.CALL: {"zh": "借款人在通话中同意", "en": "agreed by the borrower on a call"},
    Plan.How.PAGE: {
        "zh": "借款人在本人页面再次核对身份后同意",
        "en": "agreed by the borrower on the own page, who they are shown once more",
    },
    Plan.How.CODE: {"zh": "借款人以验证码确认", "en": "confirmed by the borrower with a code"},
}
MERGED: Final[Mapping[str, tuple[str, ...]]] = {
    "zh": ("本金", "利息（含罚息）", "费用"),
    "en": ("Principal", "Interest, penalty interest included", "Fees, costs included"),
}
"""Of an older plan it is not on record what was penalty interest and what were costs."""


@dataclass(frozen=True, slots=True)
class Part:
    """A title, its sentences, and whether the schedule follows."""

    title: str
    says: tuple[str, ...]
    table: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One instalment, with what it covers by the paper's `columns`."""

    n: int
    due_on: date
    cents: int
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything that is to be read; `rows` of the schedule, `columns`: of what an instalment consists."""

    title: str
    language: Literal["zh", "en"]
    parts: tuple[Part, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    currency: str


@cache
def _texts() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((files("fairdue.agreements") / "papers.yaml").read_text(encoding="utf-8"))
    return found


def paper_of(plan: Plan, kind: Kind) -> Paper:
    """The agreement of a plan, or the discharge of one that is completed and leaves nothing owed."""
    lang: Literal["zh", "en"] = "en" if plan.person.language.startswith("en") else "zh"
    columns, rows = _schedule(plan, lang)
    values = _values(plan, columns, rows, lang)
    card = bool(values["mainland"]) and plan.account.product == Account.Product.CREDIT_CARD
    text = _texts()[kind]
    parts = []
    for part in text["parts"]:
        if part.get("cards") and not card:
            continue
        says = [row[lang].format_map(values) for row in part["says"] if "when" not in row or values[row["when"]]]
        parts.append(Part(part["title"][lang], tuple(says), bool(part.get("table"))))
    return Paper(text["title"][lang], lang, tuple(parts), columns, rows, plan.currency)


def discharged(plan: Plan) -> bool:
    """Whether a letter of discharge may be given: completed, and nothing is owed."""
    return plan.status == Plan.Status.COMPLETED and plan.account.status == Account.Status.PAID


def _schedule(plan: Plan, lang: Literal["zh", "en"]) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """The components that the plan pays, by the names of the statement, and the instalments by them."""
    dues = list(plan.instalments.order_by("n"))
    if not plan.parts:
        return MERGED[lang], tuple(Row(i.n, i.due_on, i.cents, (i.principal, i.interest, i.fees)) for i in dues)
    used = [place for place, cents in enumerate(plan.parts) if cents]
    with translation.override("zh-hans" if lang == "zh" else "en"):
        columns = tuple(str(COMPONENTS[place].label) for place in used)
    covers = covered(Owed(*plan.parts), np.array([i.cents for i in dues], np.int64))
    split = (tuple(int(part[place]) for place in used) for part in covers)
    return columns, tuple(Row(i.n, i.due_on, i.cents, parts) for i, parts in zip(dues, split, strict=True))


def _values(plan: Plan, columns: tuple[str, ...], rows: tuple[Row, ...], lang: Literal["zh", "en"]) -> dict[str, str]:
    def money(cents: int) -> str:
        return money_text(cents, plan.currency, lang)

    owed = [cents for cents in plan.parts if cents] or [
        sum(cents) for cents in zip(*(row.parts for row in rows), strict=True)
    ]
    if not plan.parts:
        owed[0] += plan.discount
    parts = [
        f"{name if lang == 'zh' else name.lower()} {money(cents)}" for name, cents in zip(columns, owed, strict=True)
    ]
    creditor, life = plan.case.creditor, plan_policy().life
    gone = Transfer.objects.filter(pk__in=plan.let_go).aggregate(cents=Sum("cents"))["cents"] or 0
    return {
        "creditor": creditor.name_zh if lang == "zh" else creditor.name_en,
        "firm": str(getattr(settings, "FIRM_NAME", "Fairdue")), "name": plan.person.name,
        "account": plan.account.external_ref, "number": f"{creditor.code}-P{plan.pk}", "currency": plan.currency,
        "starts_on": day_said(plan.starts_on, lang), "first_on": day_said(rows[0].due_on, lang),
        "last_on": day_said(plan.last_on, lang), "turned_on": day_said(plan.turned_on, lang) if plan.turned_on else "",
        "count": str(len(rows)), "owed": money(plan.total + plan.discount), "total": money(plan.total),
        "discount": money(plan.discount) if plan.discount else "",
        "parts": ("，" if lang == "zh" else ", ").join(parts), "let_go": money(gone) if gone else "",
        "mainland": "cn" if creditor.jurisdiction == "cn" else "",
        "cure_days": str(life.cure_days), "bank_days": str(life.bank_days), "how": HOW[Plan.How(plan.how)][lang],
    }  # fmt: skip
