"""The statement of an account in words: as rows for a page, as a table, on paper; the same for staff and borrower."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as gl

from fairdue import papers
from fairdue.accounts.models import COMPONENTS, Account, ChargeStop, Payment, Terms, Waiver
from fairdue.accounts.queries import CutLine, Statement, statement_of
from fairdue.money import statement
from fairdue.money.amount import money_signed, to_decimal
from fairdue.money.interest import RATE_ONE, Compounding, DayCount, PenaltyOn
from fairdue.money.matching import plain

KINDS: Final = {
    "placed": gl("Placed by the creditor"),
    "before": gl("Payment before placement"),
    "payment": gl("Payment"),
    "reversal": gl("Payment taken back"),
    "refund": gl("Refund"),
    "applied": gl("Applied"),
    "waived": gl("Waived"),
    "waiver_undone": gl("Waiver taken back"),
    "correction": gl("Corrected by the creditor"),
    "interest": gl("Interest"),
    "penalty": gl("Penalty interest"),
    "fees": gl("Late fee"),
    "restated": gl("Taken back: learned late"),
}
assert set(KINDS) == set(statement.KINDS)
ORDERS: Final = {
    "cn_general": gl("costs, interest, penalty interest, fees, then principal"),
    "cn_card_1_90": gl("card up to 90 days late: costs, interest and fees, then principal"),
    "cn_card_91": gl("card 91 days late or more: principal first"),
}
STOPS: Final = {
    ChargeStop.What.ALL: gl("Nothing is charged"),
    ChargeStop.What.INTEREST: gl("No interest is charged"),
    ChargeStop.What.LATE: gl("Nothing is charged for lateness"),
    ChargeStop.What.CAP: gl("Interest at %(rate)s a year at most, nothing for lateness,"),
}
DAY_COUNTS: Final = {DayCount.ACT_365: "act/365", DayCount.ACT_360: "act/360", DayCount.THIRTY_360: "30/360"}
CAPS: Final = {
    "cn_licensed": gl("24 % a year on a licensed lender's total charges"),
    "cn_private": gl("four times the one-year LPR of the day of the contract"),
}


@dataclass(frozen=True)
class Row:
    """One line of the page. parts: change by component in use; cents: money that moved, None where none did.

    early: from before the debt was placed here, when nothing is on record of what was owed.
    """

    on: date
    first: date
    label: str
    note: str
    parts: list[int]
    cents: int | None
    total: int
    balance: int
    kind: str
    early: bool

    @property
    def amount(self) -> int:
        """What the line is about: the money that moved, else what the debt changed by."""
        return self.total if self.cents is None else self.cents


@dataclass(frozen=True)
class Page:
    """A statement ready to be shown or written."""

    account: Account
    found: Statement
    columns: list[str]
    rows: list[Row]
    closing: list[int]
    terms: list[str]
    waivers: list[Waiver]
    stops: list[str]
    every: bool
    upto: date

    @property
    def balance(self) -> int:
        """What is owed."""
        return sum(self.found.told.closing)

    @property
    def paid(self) -> int:
        """Money that came in, less what went back."""
        return sum(row.cents or 0 for row in self.rows)

    @property
    def charged(self) -> int:
        """Charged under the contract since the placing."""
        return sum(row.total for row in self.rows if row.kind in {"interest", "penalty", "fees"})


def page_of(account: Account, *, today: date, every: bool = False, reasons: bool = False) -> Page:
    """The statement of an account up to today. reasons: why debt was let go stands beside it, for staff's eyes only."""
    found = statement_of(account, every=every)
    places = statement.columns(found.told)
    terms = Terms.objects.filter(account=account).first()
    waivers = list(account.waivers.select_related("asked_by", "decided_by").order_by("-asked_at"))
    why = {waiver.pk: waiver.reason for waiver in waivers} if reasons else {}
    paid_by = _others(account)
    stops = list(ChargeStop.objects.filter(account=account, starts_on__lte=today).order_by("starts_on", "pk"))
    lines = found.told.lines
    placed = next((n for n, line in enumerate(lines) if line.kind == "placed"), 0)
    told = [
        _row(
            line, places, account.currency, early=n < placed,
            more=[_working(line, terms, stops, account.currency), why.get(line.waiver, ""), paid_by.get(line.reference, "")],
        )
        for n, line in enumerate(lines)
    ]  # fmt: skip
    return Page(
        account=account, found=found, columns=[str(COMPONENTS[place].label) for place in places], rows=told,
        closing=[found.told.closing[place] for place in places],
        terms=_terms_in_words(terms, account.currency, placed_on=lines[placed].on if lines else None),
        waivers=waivers, stops=[_stop_in_words(stop) for stop in stops], every=every, upto=today,
    )  # fmt: skip


def _others(account: Account) -> dict[str, str]:
    """Reference → who paid, in words, of the payments that somebody else than the debtor made."""
    paid = Payment.objects.filter(account=account, kind=Payment.Kind.PAYMENT).exclude(payer="")
    debtor = plain(account.debtor.name)
    return {
        reference: _("paid by %(payer)s") % {"payer": payer}
        for reference, payer in paid.values_list("reference", "payer") if plain(payer) != debtor
    }  # fmt: skip


def _working(line: statement.Line, terms: Terms | None, stops: Sequence[ChargeStop], currency: str) -> str:
    """How a line of interest or penalty interest was worked out: nights by the rate they ran at, and on what."""
    if line.kind not in {"interest", "penalty"} or terms is None:
        return ""
    contract = terms.rate if line.kind == "interest" else terms.penalty
    days = [line.first + timedelta(n) for n in range(line.nights)]
    runs = [(len(list(alike)), rate) for rate, alike in
            groupby(_rate_on(day, line.kind, contract, stops) for day in days)]  # fmt: skip
    nights = ", ".join(
        ngettext("%(n)s night at %(rate)s a year", "%(n)s nights at %(rate)s a year", n)
        % {"n": n, "rate": percent(rate)}
        for n, rate in runs
    )
    said = {"nights": nights, "day": _day(line.on)}
    if line.kind == "penalty":
        return _("%(nights)s to %(day)s, on %(on)s") % (said | {"on": _penalty_on(terms)})
    base = money_signed(line.base, currency)
    return _("%(nights)s to %(day)s, principal %(base)s at first") % (said | {"base": base})


def _rate_on(day: date, kind: str, contract: int, stops: Sequence[ChargeStop]) -> int:
    """The rate of a night, millionths a year, as stops and caps leave it."""
    What, late = ChargeStop.What, kind == "penalty"  # noqa: N806
    for stop in stops:
        if stop.starts_on <= day and (stop.ends_on is None or day <= stop.ends_on):
            if stop.what in ({What.ALL, What.LATE, What.CAP} if late else {What.ALL, What.INTEREST}):
                return 0
            if stop.what == What.CAP and stop.rate is not None:
                contract = min(contract, stop.rate)
    return contract


def _stop_in_words(stop: ChargeStop) -> str:
    what = STOPS[ChargeStop.What(stop.what)]
    said = {
        "what": what % {"rate": percent(stop.rate)} if stop.rate is not None else what,
        "first": _day(stop.starts_on),
    }
    if stop.ends_on is None:
        return _("%(what)s from %(first)s on.") % said
    return _("%(what)s from %(first)s to %(last)s.") % (said | {"last": _day(stop.ends_on)})


def _penalty_on(terms: Terms) -> str:
    if terms.penalty_on == PenaltyOn.OVERDUE_PRINCIPAL:
        return _("overdue principal")
    return _("overdue principal and unpaid interest")


def _terms_in_words(terms: Terms | None, currency: str, *, placed_on: date | None) -> list[str]:
    """What the contract charges, a sentence each; [] when the creditor charges."""
    if terms is None:
        return []
    count = DAY_COUNTS[DayCount(terms.day_count)]
    said = [_("Interest %(rate)s a year on principal, %(count)s.") % {"rate": percent(terms.rate), "count": count}]
    if terms.compounding != Compounding.NONE:
        said.append(_("Unpaid interest bears interest, daily.") if terms.compounding == Compounding.DAILY
                    else _("Unpaid interest bears interest from the end of each month."))  # fmt: skip
    if terms.penalty:
        said.append(
            _("While late, %(rate)s a year more on %(on)s.")
            % {"rate": percent(terms.penalty), "on": _penalty_on(terms)}
        )
    if terms.late_fee:
        said.append(_("%(fee)s for each due that is missed.") % {"fee": money_signed(terms.late_fee, currency)})
    said.append(_("Charged each night from %(day)s.") % {"day": _day(max(terms.since, placed_on or terms.since))})
    if terms.cap:
        said.append(_("Never more in all than %(cap)s.") % {"cap": CAPS[terms.cap]})
    return said


def percent(rate: int) -> str:
    """Millionths a year as per cent: 240000 → 24 %."""
    whole, rest = divmod(rate * 100, RATE_ONE)
    return f"{whole}{f'.{rest:06}'.rstrip('0') if rest else ''} %"


def table(page: Page) -> Iterator[list[Any]]:
    """The statement as rows of a table, header first; amounts as decimals."""

    def decimal(cents: int | None) -> str:
        return "" if cents is None else f"{to_decimal(cents, page.account.currency):f}"

    yield [
        _("Day"),
        _("From"),
        _("What"),
        _("Note"),
        *page.columns,
        _("Change of the debt"),
        _("Owed"),
        _("Money"),
        _("Currency"),
    ]
    for row in page.rows:
        yield [
            row.on.isoformat(), row.first.isoformat(), row.label, row.note, *map(decimal, row.parts), decimal(row.total),
            decimal(row.balance), decimal(row.cents), page.account.currency,
        ]  # fmt: skip
    for cut in page.found.cuts:
        yield [cut.on.isoformat(), cut.month.isoformat(), _("Not charged: above the ceiling"), cut_in_words(cut, page),
               *[""] * len(page.columns), "", "", "", page.account.currency]  # fmt: skip


def cut_in_words(cut: CutLine, page: Page) -> str:
    """What a ceiling kept from being charged."""
    parts = ((_("interest"), cut.interest), (_("penalty interest"), cut.penalty), (_("fees"), cut.fees))
    return ", ".join(f"{name} {money_signed(cents, page.account.currency)}" for name, cents in parts if cents)


def as_csv(page: Page) -> str:
    """The table as CSV with a byte-order mark, as spreadsheets want it; texts that look like formulas are disarmed."""
    out = io.StringIO()
    csv.writer(out).writerows([_disarmed(cell) for cell in row] for row in table(page))
    return "\ufeff" + out.getvalue()


def as_pdf(page: Page, *, made_at: datetime, mark: str = "") -> bytes:
    """The statement on paper, in the language in use, on A4 across: every line, what was not charged, the contract's
    terms. `mark`: watermark. The same page and moment give the same bytes."""
    currency, account = page.account.currency, page.account
    zh = _chinese()

    def sum_of(cents: int) -> str:
        return f"{to_decimal(cents, currency):,f}"

    def some(cents: int | None) -> str:
        return sum_of(cents) if cents else ""

    head = [_("Day"), _("What"), _("Money"), *page.columns, _("Change of the debt"), _("Owed")]
    rows = [
        [
            _span(row), f"{row.label}\n{row.note}" if row.note else row.label, some(row.cents), *map(some, row.parts),
            *(["", ""] if row.early else [sum_of(row.total), sum_of(row.balance)]),
        ]
        for row in page.rows
    ]  # fmt: skip
    closing = ["", _("Owed"), "", *map(some, page.closing), "", sum_of(page.balance)]
    widths = [2.2, 6, 1.8, *[1.8] * len(page.columns), 1.8, 1.9]
    parts = [
        papers.terms([
            (_("Account"), account.external_ref),
            (_("Creditor"), account.creditor.name_zh if zh else account.creditor.name_en),
            (_("Borrower"), account.debtor.name),
            (_("As of"), _day(page.upto)),
            (_("Owed"), money_signed(page.balance, currency)),
        ]),
        papers.heading(_("From the first day"), level=2),
        papers.table(head, [*rows, closing], widths=widths, numbers=range(2, len(head))),
    ]  # fmt: skip
    if page.found.cuts:
        parts.append(papers.heading(_("Not charged: above the ceiling"), level=2))
        parts.append(papers.items([(f"{_day(cut.on)} {cut_in_words(cut, page)}", "") for cut in page.found.cuts]))
    if page.stops:
        parts.append(papers.heading(_("Not charged, or charged less"), level=2))
        parts.append(papers.items([(stop, "") for stop in page.stops]))
    if page.terms:
        parts.append(papers.heading(_("What the contract charges"), level=2))
        parts.append(papers.items([(term, "") for term in page.terms]))
    proof = (
        _("The lines add up to the cent.") if page.found.adds_up else _("The lines do not add up: ask before you pay.")
    )
    parts.append(papers.paragraph(f"{proof} {_('All sums in %(currency)s.') % {'currency': currency}}", small=True))
    paper = papers.Paper(
        _("Statement of account"), "zh" if zh else "en", parts, mark=mark, foot=account.external_ref, wide=True
    )
    return papers.pdf(paper, made_at=made_at)


def _span(row: Row) -> str:
    return _day(row.on) if row.first == row.on else f"{_day(row.first)} –\n{_day(row.on)}"


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _day(value: date) -> str:
    return value.isoformat() if _chinese() else date_format(value, "j M Y")


def _disarmed(cell: str) -> str:
    looks_like_a_formula = cell[:1] in {"=", "+", "@", "\t", "\r"} or (cell[:1] == "-" and not cell[1:2].isdigit())
    return f"'{cell}" if looks_like_a_formula else cell


def _row(line: statement.Line, places: Sequence[int], currency: str, *, more: Sequence[str], early: bool) -> Row:
    notes = [*_notes(line, currency), *filter(None, more)]
    return Row(
        on=line.on, first=line.first, label=str(KINDS[line.kind]), note="; ".join(notes),
        parts=[line.parts[place] for place in places], cents=line.cents, total=line.total, balance=line.balance,
        kind=line.kind, early=early,
    )  # fmt: skip


def _notes(line: statement.Line, currency: str) -> Iterable[str]:
    if line.reference:
        yield line.reference
    if line.order and sum(part != 0 for part in line.parts) > 1:
        yield _("covers %(order)s") % {"order": ORDERS[line.order]}
    if line.kind == "before":
        yield _("already taken off the balance that was placed")
    if line.unapplied > 0:
        yield _("%(sum)s more than was owed, kept apart") % {"sum": money_signed(line.unapplied, currency)}
