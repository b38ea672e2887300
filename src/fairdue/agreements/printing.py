"""The agreement and the letter of discharge on paper."""

from django.utils import translation
from django.utils.translation import gettext as _

from fairdue import papers
from fairdue.agreements.models import Plan
from fairdue.agreements.papers import Paper
from fairdue.money.amount import format_amount
from fairdue.money.days import day_said


def printed(paper: Paper, plan: Plan) -> bytes:
    """The PDF, in the borrower's language; the same plan gives the same bytes."""
    parts = []
    for part in paper.parts:
        parts.append(papers.heading(part.title, level=2))
        parts += [papers.paragraph(line) for line in part.says]
        if part.table:
            parts.append(_schedule(paper))
    number = f"{plan.case.creditor.code}-P{plan.pk}"
    return papers.pdf(papers.Paper(paper.title, paper.language, parts, foot=number), made_at=plan.learned_at)


def _schedule(paper: Paper) -> papers.Part:
    with translation.override("zh-hans" if paper.language == "zh" else "en"):
        head = ["#", _("Due"), _("Amount"), *paper.columns]
    rows = [
        [
            str(i.n),
            day_said(i.due_on, paper.language),
            *(format_amount(c, paper.currency) for c in (i.cents, *i.parts)),
        ]
        for i in paper.rows
    ]
    return papers.table(head, rows, widths=[1, 3, 3, *[3] * len(paper.columns)])
