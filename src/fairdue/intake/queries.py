"""Reads of intake: files as lists and pages show them, how a file would be understood, the repair list."""

import csv
import json
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fairdue.accounts import proof
from fairdue.accounts.models import Account, Creditor
from fairdue.cases.models import Case
from fairdue.cases.queries import visible_to
from fairdue.intake import services, words
from fairdue.intake.fields import FIELDS, MINOR_DIGITS, Kind
from fairdue.intake.loading.ends import ENDS
from fairdue.intake.loading.returns import SHOWN, told_beside
from fairdue.intake.models import Load
from fairdue.intake.problems import FileRefused, Language, Problem, RowError
from fairdue.intake.reading import open_file
from fairdue.journal.models import Entry
from fairdue.people.services import mask
from fairdue.staff.models import Role, User

PREVIEW_ROWS = 20
UNDER_WAY = (Load.Status.QUEUED, Load.Status.CHECKING, Load.Status.LOADING)


def language() -> Language:
    """The language of the page, as the sentences of problems know it."""
    return "zh" if (get_language() or "").startswith("zh") else "en"


# ── files ──


def loads(*, creditor: str = "", status: str = "") -> QuerySet[Load]:
    """Files, the latest first; of one creditor (code) or in one state."""
    found = Load.objects.select_related("creditor", "by").defer(
        "mapping", "sums", "problems", "seconds", "creditor__mapping"
    )
    found = found.order_by("-id")
    if creditor:
        found = found.filter(creditor__code=creditor)
    return found.filter(status=status) if status else found


def creditors() -> QuerySet[Creditor]:
    """Who may send files."""
    return Creditor.objects.order_by("code")


def running() -> bool:
    """Whether a list of loads will look different in a moment."""
    return Load.objects.filter(status__in=UNDER_WAY).exists()


def in_the_way(load: Load) -> Load | None:
    """The file of the same creditor and kind that is being loaded now: `load` waits for it."""
    same = loads().filter(creditor=load.creditor_id, kind=load.kind).exclude(pk=load.pk)
    return same.filter(status__in=[Load.Status.CHECKING, Load.Status.LOADING]).first()


def is_interrupted(load: Load) -> bool:
    """Whether its process was killed while it ran: nothing went in, it can be started again."""
    if load.status not in (Load.Status.CHECKING, Load.Status.LOADING):
        return False
    return any(one.pk == load.pk for one in services.interrupted())


def entries(load: Load) -> list[Entry]:
    """What the journal has on a file, the latest first."""
    return list(Entry.objects.filter(subject="load", subject_id=load.pk).order_by("-id")[:20])


def reasons(load: Load) -> list[str]:
    """Why a load failed, in the language of the page, under the name people know the file by."""
    said = [str(each.get(language()) or each.get("en", "")) for each in load.problems] or load.problem.splitlines()
    return [text.replace(Path(load.path).name, load.name) for text in said]


# ── before loading ──


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, where, and how to mend it, in the language of the page."""

    where: str
    found: str
    why: str
    mend: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of the preview."""

    text: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """The preview as the page shows it. `refusals`: the file or its mapping as a whole cannot be used as it is."""

    headers: list[tuple[str, str, str]] = field(default_factory=list)  # our name, its word, their column
    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)
    refusals: list[Trouble] = field(default_factory=list)
    errors: list[tuple[int, Trouble]] = field(default_factory=list)
    warnings: list[tuple[int, Trouble]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)  # of the file, when it could not be understood
    unused: list[str] = field(default_factory=list)
    seen: int = 0
    rejected: int = 0
    format: str = ""
    encoding: str = ""

    @property
    def good(self) -> int:
        """Of the rows seen, those that would go in."""
        return self.seen - self.rejected

    @property
    def ready(self) -> bool:
        """Whether the file can be loaded as it is."""
        return not self.refusals


def columns_of(path: Path) -> tuple[list[str], list[Trouble]]:
    """The header of a file, and why it cannot be read as a table."""
    reading = open_file(path)
    return reading.columns, [trouble(each) for each in reading.problems]


def preview(load: Load) -> Shown:
    """The first rows of a file as they would be understood; phones, documents, addresses masked."""
    try:
        mapping = services.parsed_mapping(load)
    except FileRefused as refused:
        return Shown(refusals=[trouble(each) for each in refused.problems], columns=open_file(Path(load.path)).columns)
    found = services.preview(
        path=Path(load.path), name=load.name, mapping=mapping, creditor=load.creditor, rows=PREVIEW_ROWS,
        language=language(),
    )  # fmt: skip
    specs = FIELDS[mapping.kind]
    names = [name for name in mapping.fields if name in specs and not specs[name].derived]
    if "currency" not in names and mapping.currency and any(specs[name].type == "money" for name in names):
        names.append("currency")
    columns = {name: mapping.fields[name].column or "" if name in mapping.fields else "" for name in names}
    return Shown(
        headers=[(name, str(words.FIELDS.get(name, name)), columns[name]) for name in names],
        rows=[(row["row"], [_cell(mapping.kind, name, row) for name in names]) for row in found.rows],
        refusals=[trouble(each) for each in found.problems],
        errors=[(each.row, _of_row(each)) for each in found.errors],
        warnings=[(each.row, _of_row(each)) for each in found.warnings],
        columns=found.columns if found.problems else [],
        unused=found.unused,
        seen=found.rows_seen,
        rejected=found.rejected,
        format=found.format,
        encoding=found.encoding,
    )


def trouble(one: Problem) -> Trouble:
    """A problem of a whole file or its mapping, without the name the file is kept under."""
    return Trouble(one.field, one.found, one.why.in_(language()), one.mend.in_(language()), one.line)


def _of_row(error: RowError) -> Trouble:
    where = error.column or str(words.FIELDS.get(error.field, error.field))
    return Trouble(where, error.found, error.why.in_(language()), error.mend.in_(language()))


def _cell(kind: Kind, name: str, row: dict[str, Any]) -> Cell:
    value, spec = row.get(name), FIELDS[kind][name]
    if value is None:
        return Cell("")
    if spec.type == "money":
        return Cell(amount(int(value), row.get("currency") or "CNY"), number=True)
    if spec.type in ("phone", "email"):
        return Cell(mask(spec.type, str(value)))
    if name == "address":
        return Cell(mask("address", str(value)))
    if spec.type == "national_id":
        text = str(value)
        return Cell(f"{text[:3]}***********{text[-4:]}" if len(text) >= 12 else f"****{text[-2:]}")
    if isinstance(value, datetime):
        moment = timezone.localtime(value) if value.tzinfo else value
        return Cell(f"{moment:%Y-%m-%d %H:%M}")
    if isinstance(value, date):
        return Cell(value.isoformat())
    if kind == "bank" and name == "kind":
        return Cell(str(words.BANK_KINDS[str(value)]))
    if isinstance(value, bool):
        return Cell(_("yes") if value else _("no"))
    return Cell(str(value), number=spec.type in ("int", "rate"))


def amount(cents: int, currency: str) -> str:
    """Minor units as people write them, without the currency: 123456, CNY → 1,234.56."""
    digits = MINOR_DIGITS.get(currency, 2)
    units, rest = divmod(abs(cents), 10**digits)
    sign = "\N{MINUS SIGN}" if cents < 0 else ""
    return f"{sign}{units:,}" + (f".{rest:0{digits}d}" if digits else "")


# ── how a load ended ──


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the result: `parts` in the order of ENDS; `adds_up`: they make up what was read."""

    field: str
    currency: str
    read: int
    parts: tuple[int, ...]

    @property
    def adds_up(self) -> bool:
        """loaded + updated + unchanged + rejected = read."""
        return sum(self.parts) == self.read


def result(load: Load) -> tuple[Line, list[Line]]:
    """Rows, and each money column by currency, as read and as ended."""
    rows = Line("", "", load.rows_read, (load.loaded, load.updated, load.unchanged, load.rejected))
    money = [
        Line(line["field"], line["currency"], line["read"], tuple(line[end] for end in ENDS))
        for line in load.sums.get("money", [])
    ]
    return rows, money


def returned(load: Load) -> list[tuple[str, list[str]]]:
    """The first rows of the returned file: (row number, what is wrong with it, in the language of the page); no other
    cell is shown. The file itself keeps its own language."""
    path = Path(load.rejected_path) if load.rejected_path else None
    if path is None or not path.exists():
        return []
    if (beside := told_beside(path)).exists():
        told = json.loads(beside.read_text("utf-8"))
        return [(row, [fault[language()] for fault in faults]) for row, faults in told.items()]
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        next(lines, None)
        return [(cells[-2], cells[-1].splitlines()) for cells, _n in zip(lines, range(SHOWN), strict=False)]


# ── proof to be completed ──


@dataclass(frozen=True, slots=True)
class Lack:
    """An account below its creditor's bar: `has` says of each document (proof.WEIGHTS) whether it is there."""

    account: Account
    has: list[tuple[str, bool]]

    @property
    def missing(self) -> list[str]:
        """What to ask the creditor for, heaviest first."""
        return [name for name, there in self.has if not there]

    @property
    def asks(self) -> list[tuple[str, Any]]:
        """The same with their words."""
        return [(name, words.DOCUMENTS[name]) for name in self.missing]

    @property
    def balance(self) -> int:
        """What is owed on the account, minor units."""
        return self.account.balance.total if hasattr(self.account, "balance") else 0


@dataclass(frozen=True, slots=True)
class Repair:
    """A case under repair with the accounts that keep it there."""

    case: Case
    lacks: list[Lack]


def under_repair(user: User, *, creditor: str = "", lacks: str = "") -> QuerySet[Case]:
    """The cases under repair that `user` may see, the oldest first; `lacks`: a document of accounts.proof.WEIGHTS."""
    found = visible_to(user).filter(status=Case.Status.REPAIR).select_related("person", "creditor", "owner")
    if creditor:
        found = found.filter(creditor__code=creditor)
    if lacks in proof.WEIGHTS:
        without = _below_bar().filter(**{f"has_{lacks}": False})
        found = found.filter(Exists(without.filter(debtor=OuterRef("person"), creditor=OuterRef("creditor"))))
    return found.order_by("opened_at", "id")


def _below_bar() -> QuerySet[Account]:
    return Account.objects.filter(status=Account.Status.OPEN, proof_score__lt=F("creditor__proof_bar"))


def lacking(cases: list[Case]) -> list[Repair]:
    """The accounts below the bar of each case, in one query."""
    persons, creditors_ = {case.person_id for case in cases}, {case.creditor_id for case in cases}
    accounts = _below_bar().filter(debtor__in=persons, creditor__in=creditors_).select_related("balance")
    of: dict[tuple[int, int], list[Lack]] = {}
    for account in accounts.order_by("external_ref"):
        has = [(name, bool(getattr(account, f"has_{name}"))) for name in proof.WEIGHTS]
        of.setdefault((account.debtor_id, account.creditor_id), []).append(Lack(account, has))
    return [Repair(case, of.get((case.person_id, case.creditor_id), [])) for case in cases]


def repair_creditors(user: User) -> QuerySet[Creditor]:
    """The creditors `user` has such cases of."""
    waiting = visible_to(user).filter(status=Case.Status.REPAIR, creditor=OuterRef("pk"))
    return Creditor.objects.filter(Exists(waiting)).order_by("code")


def may_complete(user: User) -> bool:
    """Whether `user` may note that a document came in: the firm's people, not the creditor's."""
    return user.role != Role.CREDITOR
