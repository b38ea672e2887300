"""The negotiation of a plan on one screen: budget, three proposals, terms that move together, what is on the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fairdue.accounts.models import Account
from fairdue.accounts.services import LIMITATION_CITES
from fairdue.agreements import services as agreements
from fairdue.agreements.models import Budget, Offer, Plan
from fairdue.agreements.services import AgreementRefused
from fairdue.agreements.wording import SPENDING_WORDS
from fairdue.cases.models import Case
from fairdue.contact.models import Attempt
from fairdue.contact.services import records
from fairdue.desk import writing
from fairdue.desk.pages.agreed import Agreed, standing_of
from fairdue.desk.pages.offered import Offered
from fairdue.flows import plans as plan_flow
from fairdue.law import codes
from fairdue.law.calc.figures import figure
from fairdue.money.affordability import SPENDING
from fairdue.money.amount import AmountError, format_amount, parse_amount
from fairdue.money.plans import Kind, Offering, Out, Proposal, Terms, Wish, propose, runs
from fairdue.money.policy import plan_policy
from fairdue.people.models import ContactPoint
from fairdue.staff.models import User

KINDS: Final[Mapping[str, Any]] = dict(Offer.Kind.choices)
RHYTHMS: Final = (
    (0, gettext_lazy("every month")),
    (14, gettext_lazy("every two weeks")),
    (7, gettext_lazy("every week")),
)
FIRST_AFTER: Final = timedelta(days=14)
PAUSE_MOST: Final = 6
SHOWN_OFFERS: Final = 12


class FieldError(ValueError):
    """Fields that cannot be read; the message says how to mend them."""


class Typed:
    """Reads what was typed: a field that cannot be read counts as empty and is in `faults`, by its name, with how to
    mend it."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.faults: dict[str, str] = {}

    def text(self, name: str) -> str:
        """As typed, without blanks around it."""
        return str(self.data.get(name, "") or "").strip()

    def cents(self, name: str, currency: str) -> int:
        """An amount of money, at least 0."""
        text = self.text(name)
        cents = parse_amount(text, currency) if text else 0
        if isinstance(cents, AmountError) or cents < 0:
            self.faults[name] = _("“%(found)s” is no amount; write figures, such as 1,200 or 1200.50.") % {
                "found": text
            }
            return 0
        return cents

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number within bounds."""
        text = self.text(name)
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else least if not text else -1
        if not least <= number <= most:
            self.faults[name] = _("Write a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
            return least
        return number

    def day(self, name: str) -> date | None:
        """A day."""
        text = self.text(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.faults[name] = _("“%(found)s” is no day; write it as 2026-03-25.") % {"found": text[:20]}
            return None

    def days(self, name: str) -> tuple[int, ...]:
        """Days of the month, at most four."""
        parts = self.text(name).replace("，", ",").replace("、", ",").replace(" ", ",").split(",")
        parts = [part for part in parts if part]
        if not all(part.isascii() and part.isdigit() and 1 <= int(part) <= 31 for part in parts) or len(parts) > 4:
            self.faults[name] = _("Write paydays as days of the month, such as 10 or 10, 25.")
            return ()
        return tuple(sorted({int(part) for part in parts}))

    def insist(self) -> None:
        """Raises FieldError where something could not be read."""
        if self.faults:
            raise FieldError(" ".join(dict.fromkeys(self.faults.values())))


@dataclass(frozen=True)
class Field:
    """A field of the form with what stands in it; `fault`: how to mend it, empty when it can be read."""

    name: str
    value: str
    fault: str = ""


@dataclass(frozen=True)
class Said:
    """What the borrower said of money beside the budget: as typed (for the form) and read."""

    first_on: date
    days: tuple[int, ...]
    every: int
    down: int
    lump: int
    lump_on: date | None

    def wish(self, made_on: date, unit: int) -> Wish:
        """For `propose`."""
        balloon = (self.lump_on, self.lump) if self.lump and self.lump_on else None
        return Wish(made_on, self.first_on, self.days, self.every, self.down, balloon, unit)

    @property
    def days_text(self) -> str:
        """10, 25"""
        return ", ".join(str(day) for day in self.days)


@dataclass(frozen=True)
class Card:
    """One proposal with the fields that make it the start of a negotiation. needs: see `needs_words`."""

    proposal: Proposal
    fields: dict[str, Any]
    needs: Sequence[str]

    @property
    def name(self) -> Any:
        """Its kind in words."""
        return KINDS[self.proposal.kind]

    @property
    def times(self) -> int:
        """How many instalments come from income; the last may ask a little less."""
        lumps = {day for day, _cents in self.proposal.terms.lumps}
        return sum(one.due_on not in lumps for one in self.proposal.instalments) or 1

    @property
    def amounts(self) -> list[tuple[int, int]]:
        """(how many one after another, cents of each), in the order in which they fall due."""
        return runs(self.proposal.amounts)

    @property
    def needs_words(self) -> list[Any]:
        """What of it needs somebody else's word."""
        return [NEEDS[need] for need in self.needs]


@dataclass(frozen=True)
class Deal:
    """The terms being moved, and what follows. `moved`: the field just changed, empty when they were just opened;
    `error`: why there is no schedule."""

    fields: dict[str, Any]
    proposal: Proposal | None
    amount_most: str
    count_most: int
    moved: str = ""
    needs: tuple[str, ...] = ()
    error: str = ""

    @property
    def needs_words(self) -> list[Any]:
        """What needs somebody else's word."""
        return [NEEDS[need] for need in self.needs]


NEEDS: Final[Mapping[str, Any]] = {
    "plan": gettext_lazy("the amount of the plan"),
    "settle": gettext_lazy("the discount of the settlement"),
    "waive": gettext_lazy("the charges let go"),
    "replan": gettext_lazy("another plan after those that failed"),
}


@dataclass(frozen=True)
class Panel:
    """Everything of the negotiation panel."""

    case: Case
    account: Account
    accounts: list[Account]
    owed: int
    past_due: int
    budget: Budget | None
    spare: int
    said: Said
    offering: Offering | None
    cards: list[Card]
    offers: list[Offer]
    table: Offered | None
    live: Plan | None
    call: Attempt | None
    mail: ContactPoint | None
    duties: list[tuple[str, str]]
    today: date
    first_most: date
    typed: Typed

    @property
    def replaces(self) -> Agreed | None:
        """The plan whose place a new one takes."""
        return standing_of(self.live) if self.live else None

    @property
    def currency(self) -> str:
        """Of the account."""
        return self.account.currency

    @property
    def faults(self) -> dict[str, str]:
        """What could not be read, by field."""
        return self.typed.faults

    @property
    def fields(self) -> dict[str, Field]:
        """The form: what was typed just now, else what was said before, else what is on record."""
        last, said, typed = self.budget, self.said, self.typed
        spent = last.spending if last else {}
        told = {
            "income": _typed(last.income if last else self.case.person.income_month or 0, self.currency),
            "household": str(last.household if last else 1),
            "other_debts": _typed(last.other_debts if last else 0, self.currency),
        } | {f"spend_{name}": _typed(spent.get(name, 0), self.currency) for name in SPENDING}
        when = {
            "first_on": said.first_on.isoformat(), "days": said.days_text, "down": _typed(said.down, self.currency),
            "lump": _typed(said.lump, self.currency), "lump_on": said.lump_on.isoformat() if said.lump_on else "",
        }  # fmt: skip
        now = {name: typed.text(name) for name in told.keys() & typed.data.keys() | typed.faults.keys()}
        return {name: Field(name, text, typed.faults.get(name, "")) for name, text in (told | when | now).items()}

    @property
    def spending(self) -> list[tuple[str, Any, Field]]:
        """(name, words, field) of what the household spends."""
        fields = self.fields
        return [(name, SPENDING_WORDS[name], fields[f"spend_{name}"]) for name in SPENDING]

    @property
    def household_most(self) -> int:
        """As many persons as a household may have."""
        return plan_policy().household_most

    @property
    def willing(self) -> bool:
        """Whether they want to pay: as ticked just now, else as said before."""
        if "income" in self.typed.data:
            return bool(self.typed.data.get("willing"))
        return self.budget is not None and self.budget.willing

    @property
    def out(self) -> list[tuple[Proposal, Any, list[tuple[int, int]], list[str]]]:
        """(plan, its kind in words, how many of what cents, why it is out)."""
        found = self.offering.out if self.offering else ()
        return [(o.proposal, KINDS[o.proposal.kind], runs(o.proposal.amounts), why_out(o)) for o in found]


def accounts_of(case: Case) -> list[Account]:
    """The open accounts of a case: those for which the borrower's own proposal waits, then the most overdue; of those with
    nothing past due, the ones in a plan first."""
    own = Account.objects.filter(debtor_id=case.person_id, creditor_id=case.creditor_id, status=Account.Status.OPEN)
    found = own.select_related("creditor", "ageing", "balance")
    agreed = set(Plan.objects.filter(account__in=own, status__in=Plan.LIVE).values_list("account_id", flat=True))
    waiting = Offer.objects.filter(account__in=own, status=Offer.Status.OPEN, side=Offer.Side.THEIRS)
    asked = set(waiting.values_list("account_id", flat=True))

    def place(a: Account) -> tuple[bool, int, bool, int]:
        return a.pk not in asked, -(a.ageing.past_due if hasattr(a, "ageing") else 0), a.pk not in agreed, a.pk

    return sorted(found, key=place)


def panel_of(
    *, case: Case, account: Account, accounts: list[Account], data: Mapping[str, Any], user: User, now: datetime
) -> Panel:
    """The panel for one account of the case. Where something typed cannot be read, it says so at the field and proposes
    nothing."""
    today = timezone.localdate(now)
    offers = list(
        Offer.objects.filter(account=account).select_related("made_by", "approval__decided_by", "plan")
        .order_by("-made_at", "-pk")[:SHOWN_OFFERS]
    )  # fmt: skip
    if "first_on" not in data and offers:
        data = _when_before(offers[0], today) | dict(data.items())
    typed = Typed(data)
    said = said_of(typed, account, today)
    if "income" in data:
        budget_fields(typed, case.creditor.currency)
    budget = Budget.objects.filter(case=case).order_by("-taken_at", "-pk").first()
    owed = agreements.owed_of(account)
    offering = None
    if budget is not None and owed.total and not typed.faults:
        offering = propose(
            owed, said.wish(today, agreements.unit_of(account.currency)), free=agreements.spare_of(budget, account),
            limits=agreements.limits_of(account, budget), policy=plan_policy(),
        )  # fmt: skip
    plans = Plan.objects.filter(account=account, status__in=Plan.LIVE).prefetch_related("instalments")
    table = next((Offered(o) for o in offers if o.status == Offer.Status.OPEN), None)
    return Panel(
        case=case,
        account=account,
        accounts=accounts,
        owed=owed.total,
        past_due=account.ageing.past_due if hasattr(account, "ageing") else 0,
        budget=budget,
        spare=agreements.spare_of(budget, account) if budget else 0,
        said=said,
        offering=offering,
        cards=[
            Card(p, fields_of(p, said, account.currency), agreements.needs_of(p, account, user, on=today))
            for p in (offering.best if offering else ())
        ],
        offers=offers,
        table=table,
        live=plans.first(),
        call=plan_flow.call_in_hand(case=case, by=user, now=now),
        mail=plan_flow.mail_of(case),
        duties=duties_of(account, table.offer.discount if table else 0),
        today=today,
        first_most=today + timedelta(days=plan_policy().offers.first_within_days),
        typed=typed,
    )


def _when_before(offer: Offer, today: date) -> dict[str, str]:
    """When money comes as it stood in the latest offer, in fields; what has passed since is left out."""
    terms = offer.terms
    found = {"every": str(terms.get("every", 0)), "days": ", ".join(str(day) for day in terms.get("days", ()))}
    days = [("first_on", terms.get("first_on"), 0)]
    days += [("lump_on", on, cents) for on, cents in terms.get("lumps", ()) if on != terms.get("made_on")]
    for name, on, cents in days:
        if on and date.fromisoformat(on) >= today:
            found |= {name: on} | ({"lump": _typed(cents, offer.currency)} if cents else {})
    down = sum(cents for on, cents in terms.get("lumps", ()) if on == terms.get("made_on") == today.isoformat())
    return found | {"down": _typed(down, offer.currency)}


def said_of(typed: Typed, account: Account, today: date) -> Said:
    """When and which money comes."""
    every = typed.whole("every", 0, 31)
    return Said(
        first_on=typed.day("first_on") or today + FIRST_AFTER,
        days=() if every else typed.days("days"),
        every=every,
        down=typed.cents("down", account.currency),
        lump=typed.cents("lump", account.currency),
        lump_on=typed.day("lump_on"),
    )


def budget_fields(typed: Typed, currency: str) -> dict[str, Any]:
    """What `take_budget` asks for."""
    return {
        "income": typed.cents("income", currency),
        "household": typed.whole("household", 1, plan_policy().household_most),
        "spending": {name: cents for name in SPENDING if (cents := typed.cents(f"spend_{name}", currency))},
        "other_debts": typed.cents("other_debts", currency),
        "willing": bool(typed.data.get("willing")),
    }


# ---- terms that move together


def deal_of(
    *, case: Case, account: Account, budget: Budget, data: Mapping[str, Any], moved: str, user: User, now: datetime
) -> Deal:
    """The terms as typed with what follows. `moved`: the field just changed; amount and number of instalments follow
    from each other, the one touched last decides."""
    today = timezone.localdate(now)
    limits = agreements.limits_of(account, budget)
    spare = agreements.spare_of(budget, account)
    fields = deal_fields(data, moved) | {"account": account.pk}
    owed = agreements.owed_of(account)
    most = format_amount(max(spare * limits.share_percent // 100, limits.least), account.currency, grouped=False)
    shown = Deal(fields, None, most, limits.months, moved)
    try:
        terms, kind, discount = terms_from(fields, account, today)
        made = agreements.assessed(account, budget, owed, terms, kind, discount)
    except FieldError as error:
        return replace(shown, error=str(error))
    except AgreementRefused as error:
        return replace(shown, error=error.zh if writing.chinese() else error.en)
    regular = len(made.instalments) - len({day for day, _c in terms.lumps} & {i.due_on for i in made.instalments})
    fields |= {
        "amount": format_amount(made.regular, account.currency, grouped=False), "count": max(regular, 1),
        "by": "amount" if terms.level else "count",
    }  # fmt: skip
    needs = agreements.needs_of(made, account, user, on=today)
    return replace(shown, proposal=made, needs=tuple(needs))


_DEAL_FIELDS: Final = (
    "by", "amount", "count", "first_on", "days", "every", "pause", "stepped", "down", "lump", "lump_on", "discount",
    "settle",
)  # fmt: skip
_TWINS: Final = {"amount": "amount", "amount_slide": "amount", "count": "count", "count_slide": "count"}


def deal_fields(data: Mapping[str, Any], moved: str = "") -> dict[str, Any]:
    """The typed terms. Amount and number of instalments follow from each other: what was touched last decides, also
    where another field was touched before the answer came back (`amount_was`, `count_was`: what stood there)."""
    fields = {name: data.get(name, "") for name in _DEAL_FIELDS}
    if moved in _TWINS:
        return fields | {"by": _TWINS[moved], _TWINS[moved]: data.get(moved, "")}
    touched = [twin for twin in ("amount", "count") if data.get(f"{twin}_was", fields[twin]) != fields[twin]]
    return fields | {"by": touched[0]} if touched else fields


def terms_from(fields: Mapping[str, Any], account: Account, today: date) -> tuple[Terms, Kind, int]:
    """Terms, kind and discount of the typed fields. Raises FieldError."""
    typed, offers = Typed(fields), plan_policy().offers
    said = said_of(typed, account, today)
    pause, stepped = typed.whole("pause", 0, PAUSE_MOST), bool(fields.get("stepped"))
    count, by_amount = typed.whole("count", 1, 520), fields.get("by") == "amount"
    level = typed.cents("amount", account.currency) if by_amount else 0
    discount = typed.cents("discount", account.currency)
    lumps = [(today, said.down)] if said.down else []
    if said.lump_on is not None and said.lump:
        lumps.append((said.lump_on, said.lump))
    elif said.lump:
        typed.faults.setdefault("lump_on", _("Say on which day the extra money comes."))
    typed.insist()
    terms = Terms(
        made_on=today, first_on=said.first_on, days=said.days, every=said.every, pause=pause, lumps=tuple(lumps),
        count=count, level=level, step=(offers.step_start_percent, offers.step_months) if stepped else (100, 0),
        unit=agreements.unit_of(account.currency),
    )  # fmt: skip
    kind: Kind = "equal"
    for name, holds in (("balloon", said.lump), ("down", said.down), ("pause", pause), ("stepped", stepped)):
        kind = name if holds else kind  # type: ignore[assignment]
    if fields.get("settle"):
        kind = "settlement"
    return terms, kind, discount


def fields_of(proposal: Proposal, said: Said, currency: str) -> dict[str, Any]:
    """The typed fields that give this proposal."""
    t = proposal.terms
    return {
        "by": "count", "count": t.count, "first_on": t.first_on.isoformat(), "days": said.days_text, "every": t.every,
        "pause": t.pause, "stepped": "on" if t.step[1] else "", "down": _typed(said.down if t.lumps else 0, currency),
        "lump": _typed(said.lump if proposal.kind == "balloon" else 0, currency),
        "lump_on": said.lump_on.isoformat() if proposal.kind == "balloon" and said.lump_on else "",
        "discount": _typed(proposal.discount, currency), "settle": "on" if proposal.kind == "settlement" else "",
    }  # fmt: skip


def _typed(cents: int, currency: str) -> str:
    return format_amount(cents, currency, grouped=False) if cents else ""


# ---- words


def why_out(out: Out) -> list[str]:
    """Why a plan is not among the best."""
    lang = "zh" if writing.chinese() else "en"
    if out.proposal.reasons:
        return [" · ".join(filter(None, [reason.says[lang], reason.cites[lang]])) for reason in out.proposal.reasons]
    if out.better is not None:
        return [_("proposal %(n)s is better in something and worse in nothing") % {"n": out.better + 1}]
    return [_("lies between the three")]


def duties_of(account: Account, discount: int) -> list[tuple[str, str]]:
    """(what must be said before they agree, where it is written). discount: minor units let go at the end."""
    lang = "zh" if writing.chinese() else "en"
    said = [
        (_("Read out the number of instalments, each day and amount, the total and the currency."), ""),
        (_("No interest and no fees are added while the plan is kept."), ""),
        (
            _(
                "If an instalment is not there %(bank)s bank days after its day, it is late; if it is still missing %(days)s "
                "days later, the plan ends and the original dues are back."
            )
            % {"bank": plan_policy().life.bank_days, "days": plan_policy().life.cure_days},
            "",
        ),
    ]
    if discount:
        rest = {"sum": writing.money(discount, account.currency)}
        said.insert(1, (_("The rest, %(sum)s, is let go only once every part is paid, on time.") % rest, ""))
    if account.creditor.jurisdiction == "cn":
        said.append((_("Agreeing to a plan starts the limitation period anew."), LIMITATION_CITES[lang]))
    if account.creditor.jurisdiction == "cn" and account.product == Account.Product.CREDIT_CARD:
        card = figure("procedure", "card-instalment-plan").cites[lang]
        said.append((_("They promise not to apply for any credit card until this is settled."), card))
        if records(codes.Channel.CALL):
            said.append((_("The recording is kept until the debt is settled."), card))
    return said
