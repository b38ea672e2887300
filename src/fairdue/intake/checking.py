"""From text as it stands in a file to typed canonical columns; what does not pass goes back with a reason."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import polars as pl
import yaml

from fairdue.intake import parsing
from fairdue.intake.batches import ROW, WHOLE, Batch
from fairdue.intake.fields import BANK_KINDS, BANK_WRITTEN, FIELDS, KEYS, MINOR_DIGITS, Field, schema
from fairdue.intake.keys import SeenKeys
from fairdue.intake.mapping import FieldMap, Mapping, looks_like_direction
from fairdue.intake.problems import Language, Problem, RowError, Said, problem, row_error
from fairdue.intake.writing import returned
from fairdue.people import identifiers, zones

Sums = dict[tuple[str, str], int]
NO_CURRENCY = "?"


@dataclass(slots=True)
class Totals:
    """What was read, and where it went. rows_read = rows_good + rows_rejected, and per money field and currency
    money_read = money_good + money_rejected (minor units). Amounts nobody can read are counted in `unreadable`."""

    rows_read: int = 0
    rows_good: int = 0
    rows_rejected: int = 0
    money_read: Sums = field(default_factory=dict)  # (field, currency) → minor units
    money_good: Sums = field(default_factory=dict)
    money_rejected: Sums = field(default_factory=dict)
    unreadable: dict[str, int] = field(default_factory=dict)  # field → cells

    def add(self, other: "Totals") -> None:
        """Add another batch's totals to these."""
        self.rows_read += other.rows_read
        self.rows_good += other.rows_good
        self.rows_rejected += other.rows_rejected
        for mine, theirs in (
            (self.money_read, other.money_read),
            (self.money_good, other.money_good),
            (self.money_rejected, other.money_rejected),
        ):
            for key, cents in theirs.items():
                mine[key] = mine.get(key, 0) + cents
        for name, cells in other.unreadable.items():
            self.unreadable[name] = self.unreadable.get(name, 0) + cells

    def balance(self) -> bool:
        """Whether everything read is accounted for."""
        keys = self.money_read.keys() | self.money_good.keys() | self.money_rejected.keys()
        return self.rows_read == self.rows_good + self.rows_rejected and all(
            self.money_read.get(key, 0) == self.money_good.get(key, 0) + self.money_rejected.get(key, 0) for key in keys
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """One batch after checking: every row of the batch is in exactly one of `good` and `rejected`.

    good: `row` (Int64) and every canonical column of the kind (fields.schema(kind)), null where nothing is given.
    rejected: the original columns as read, `row`, `error` (all faults of the row in words).
    errors: every fault, row by row. warnings: cells left empty (`if_bad: blank`) or kept in spite of a doubt.
    """

    good: pl.DataFrame
    errors: list[RowError]
    rejected: pl.DataFrame
    warnings: list[RowError]
    totals: Totals


class Checker:
    """Checks the batches of ONE file in order; remembers the keys seen, so duplicates are found across batches.

    `as_of`: the last day anything can have happened; None asks nothing. `totals` adds up over the batches.
    """

    def __init__(self, mapping: Mapping, *, language: Language = "en", as_of: date | None = None) -> None:
        self.mapping = mapping
        self.language: Language = language
        self.as_of = as_of
        self.totals = Totals()
        self.seen = SeenKeys()

    def check(self, batch: Batch) -> Checked:
        """Check one batch. Raises nothing for bad data."""
        work = _Work(batch, self.mapping, self.as_of)
        work.parse()
        _AFTERWARDS[self.mapping.kind](work)
        self._find_duplicates(work)
        checked = _result(work, self.language)
        assert checked.totals.balance(), "checking lost a row or money"
        assert len(checked.good) + len(checked.rejected) == len(batch.frame), "a row is neither good nor rejected"
        self.totals.add(checked.totals)
        return checked

    def _find_duplicates(self, work: "_Work") -> None:
        parts = {name: work.values[name].cast(pl.String).fill_null("") for name in KEYS[self.mapping.kind]}
        keys = pl.DataFrame(parts).select(pl.concat_str(pl.all(), separator="\x1f")).to_series()
        if self.mapping.kind == "contacts":
            own = work.values["reference"]
            keys = keys.zip_with(own.is_null(), "\x1f" + own.fill_null(""))
        first = self.seen.first_rows(keys, work.rows, ~work.bad)
        name = KEYS[self.mapping.kind][-1 if self.mapping.kind == "contacts" else 0]
        work.blame(name, "duplicate", first.is_not_null(), words=lambda at: {"first": first[at]})


def check(batch: Batch, mapping: Mapping, *, language: Language = "en", as_of: date | None = None) -> Checked:
    """Check a single batch by itself (previews, small files)."""
    return Checker(mapping, language=language, as_of=as_of).check(batch)


def unused_directions(batch: Batch, mapping: Mapping, *, name: str) -> list[Problem]:
    """Columns of a bank's file that seem to tell money in from money out while the mapping gives no `kind`.

    By the header, or by cells that are all words of direction, one of them out. None where an amount is negative: there
    the sign tells, and such rows are sent back.
    """
    cents = mapping.fields.get("cents")
    if mapping.kind != "bank" or "kind" in mapping.fields or cents is None or cents.column is None:
        return []
    if batch.frame[cents.column].str.contains(r"^\s*'?[-−(]|-\s*$").any():
        return []
    used, words = {each.column for each in mapping.fields.values()}, dict(BANK_WRITTEN)
    words |= {code: code for code in BANK_KINDS}
    found = []
    for column in batch.frame.columns:
        if column in {ROW, WHOLE, *used}:
            continue
        cells = set(parsing.tidy(batch.frame[column], keep_null_words=False).drop_nulls().str.to_lowercase().unique())
        said = {words.get(cell) for cell in cells}
        if cells and (looks_like_direction(column) or ("debit" in said and None not in said)):
            found.append(column)
    return [
        problem(
            "direction_unused", file=name, field="bank.kind", found=column,
            wanted=yaml.safe_dump({"kind": column}, allow_unicode=True).strip(), all_in="kind: {value: credit}",
        )
        for column in found
    ]  # fmt: skip


class _Work:
    """One batch on the bench: texts, values, and what is wrong so far."""

    def __init__(self, batch: Batch, mapping: Mapping, as_of: date | None) -> None:
        self.batch = batch
        self.mapping = mapping
        self.as_of = as_of
        self.specs = FIELDS[mapping.kind]
        self.size = len(batch.frame)
        self.rows = batch.frame[ROW]
        self.errors: list[RowError] = list(batch.errors)
        self.warnings: list[RowError] = []
        self.unsplit = self.rows.is_in(sorted({error.row for error in batch.errors}))
        self.bad = self.unsplit.clone()
        self.texts: dict[str, pl.Series] = {}
        self.values: dict[str, pl.Series] = {}
        self.faulty: dict[str, pl.Series] = {}
        self.lies: dict[str, pl.Series] = {}

    def parse(self) -> None:
        """Texts → values for every canonical field; the order lets amounts know the currency, zones the region."""
        order = sorted(self.specs, key=lambda name: (self.specs[name].type != "currency", name.endswith("_zones")))
        for name in order:
            spec = self.specs[name]
            if spec.derived:
                self.values[name] = parsing.nulls(schema(self.mapping.kind)[name], self.size)
                continue
            self.parse_field(spec)

    def parse_field(self, spec: Field) -> None:
        """One field: its text, its value, its faults, the default where it is empty, the fault where it is missing."""
        source = self.mapping.fields.get(spec.name) or self.fallback(spec)
        if source.column is None:
            self.constant(spec, source)
            return
        text = parsing.tidy(self.batch.frame[source.column], keep_null_words=spec.type == "text")
        found = self.typed(spec, source, text)
        values = found.values
        default = spec.default or self.fallback(spec).value
        if default is not None and text.null_count():
            given = self.typed(spec, FieldMap(spec.name), pl.Series([default])).values
            values = values.zip_with(text.is_not_null(), given)
        self.texts[spec.name], self.values[spec.name] = text, values
        self.faulty[spec.name] = found.fault.is_not_null()
        if found.fault.null_count() < self.size:
            self.blame_cells(spec, source, found.fault)
        if spec.required:
            self.blame(spec.name, "missing", values.is_null())

    def constant(self, spec: Field, source: FieldMap) -> None:
        """A field that is alike in every row: parsed once. A faulty constant is a fault of every row."""
        written = source.value if source.value is not None else spec.default
        text = pl.Series([written], dtype=pl.String)
        found = self.typed(spec, source, text)
        self.texts[spec.name] = text.new_from_index(0, self.size)
        self.values[spec.name] = found.values.new_from_index(0, self.size)
        fault = found.fault.new_from_index(0, self.size)
        self.faulty[spec.name] = fault.is_not_null()
        if spec.name in self.lies:
            self.lies[spec.name] = self.lies[spec.name].new_from_index(0, self.size)
        if found.fault[0] is not None:
            self.blame_cells(spec, source, fault)
        if spec.required and written is None:
            self.blame(spec.name, "missing", self.texts[spec.name].is_null())

    def fallback(self, spec: Field) -> FieldMap:
        """What stands for a field the mapping does not name: a fact of the creditor, or nothing."""
        known = {
            "creditor_ref": self.mapping.creditor_ref,
            "currency": self.mapping.currency,
            "language": self.mapping.language,
        }
        return FieldMap(spec.name, value=known.get(spec.name))

    def typed(self, spec: Field, source: FieldMap, text: pl.Series) -> parsing.Parsed:
        """Parse a column of text by the field's type."""
        match spec.type:
            case "code":
                return parsing.codes(text, spec, source)
            case "date":
                return parsing.dates(text, source)
            case "datetime":
                return parsing.moments(text, source)
            case "money":
                return parsing.amounts(text, source, self.values["currency"].head(len(text)))
            case "int":
                return parsing.integers(text, low=1, high=_INT_HIGH.get(spec.name, 1_000_000))
            case "rate":
                return parsing.rates(text)
            case "bool":
                return parsing.booleans(text, source)
            case "sex":
                return parsing.sexes(text, source)
            case "email":
                return parsing.emails(text, spec)
            case "region":
                return parsing.regions(text, country=self.mapping.country)
            case "currency":
                return parsing.currencies(text, source)
            case "phone":
                possible = self.mapping.phones == "possible"
                found, self.lies[spec.name] = parsing.phone_numbers(
                    text, country=self.mapping.country, possible=possible
                )
                return found
            case "text" | "national_id":
                return parsing.texts(text, spec)

    def blame_cells(self, spec: Field, source: FieldMap, fault: pl.Series) -> None:
        """Errors (or warnings, for `if_bad: blank`) of one column's faulty cells."""
        faulty = fault.is_not_null()
        for at in faulty.arg_true().to_list():
            code = fault[at]
            found = self.texts[spec.name][at]
            words = _words(code, spec, source, self.values.get("currency"), at, found)
            error = row_error(
                code, row=self.rows[at], field=spec.name, column=source.column or "", found=found, **words
            )
            (self.warnings if source.if_bad == "blank" else self.errors).append(error)
        if source.if_bad != "blank":
            self.bad = self.bad | faulty

    def blame(
        self, name: str, code: str, where: pl.Series, *, words: Callable[[int], dict[str, object]] = lambda at: {},
        keep: bool = False,
    ) -> None:  # fmt: skip
        """Blame field `name` of every row where `where` is true, unless its cell is at fault already."""
        where = where.fill_null(False) & ~self.unsplit
        if name in self.faulty:
            where = where & ~self.faulty[name]
        if not where.any():
            return
        source = self.mapping.fields.get(name)
        blank = keep or (source is not None and source.if_bad == "blank" and code != "duplicate")
        for at in where.arg_true().to_list():
            found = self.texts[name][at] if name in self.texts else ""
            column = source.column or "" if source else ""
            error = row_error(code, row=self.rows[at], field=name, column=column, found=found, **words(at))
            (self.warnings if blank else self.errors).append(error)
        if not blank:
            self.bad = self.bad | where
        elif not keep:
            self.values[name] = self.values[name].zip_with(~where, self.values[name].clear(1))


_INT_HIGH = {"term_months": 1_200, "late_fee_after": 365}


def _words(
    code: str, spec: Field, source: FieldMap, currency: pl.Series | None, at: int, found: str | None
) -> dict[str, object]:
    """What the sentences of a code need to know."""
    unit = (currency[at] if currency is not None else None) or "CNY"
    digits = 0 if source.unit == "minor" else MINOR_DIGITS.get(unit, 2)
    example = f"1234{source.decimal}{'5' * digits}" if digits else "1234"
    match code:
        case "too_long":
            return {"limit": spec.chars_max}
        case "code":
            return {"known": ", ".join(list(source.codes or spec.codes)[:12])}
        case "date":
            reason = parsing.why_no_date(found or "", source.dates)
            pattern = (source.dates or ("YYYY-MM-DD HH:mm:ss" if spec.type == "datetime" else "YYYY-MM-DD",))[0]
            written = Said(f"请写成 {pattern}", f"write {pattern}")
            return {"reason": reason, "mend": written if reason == parsing.NO_DATE else parsing.NO_SUCH_DAY}
        case "number":
            return {"low": 1, "high": _INT_HIGH.get(spec.name, 1_000_000)}
        case "amount" | "amount_grouping":
            return {"pattern": example}
        case "amount_decimals":
            return {"pattern": example, "currency": unit, "digits": digits}
    return {}


# ── what only a whole row can tell ──


def _after_accounts(work: _Work) -> None:
    for name, spec in work.specs.items():
        if spec.type == "money":
            work.blame(name, "amount_negative", work.values[name] < 0)
    _identities(work)
    _regions_and_zones(work)
    for n in (1, 2, 3):
        named = work.values[f"contact{n}_name"].is_not_null() | work.values[f"contact{n}_phone"].is_not_null()
        relation = work.values[f"contact{n}_relation"]
        work.blame(f"contact{n}_relation", "contact_phone", relation.is_not_null() & ~named)
        unsaid = named & relation.is_null()
        work.values[f"contact{n}_relation"] = relation.set(unsaid, "unknown") if unsaid.any() else relation
    placed = work.values["placed_on"]
    ends = work.values["placement_ends_on"]
    work.blame("placement_ends_on", "placement_dates", ends < placed, words=lambda at: {"placed": placed[at]})
    _not_after(work, "opened_on", "last_paid_on", "birth_on")


def _identities(work: _Work) -> None:
    """The kind of identity document, its check digits, and what it says of birth and sex."""
    numbers = identifiers.compact(work.values["national_id"])
    kinds = work.values["id_kind"]
    doubtful = r"^[0-9]{17}[0-9X]$" if work.mapping.country != "CN" else r"^[0-9]{16,19}X?$"
    guessed = pl.DataFrame({"number": numbers, "kind": kinds}).select(
        pl.when(pl.col("kind").is_not_null())
        .then("kind")
        .when(pl.col("number").is_null())
        .then(pl.lit("none"))
        .when(pl.col("number").str.contains(doubtful))
        .then(pl.lit("cn_resident_id"))
        .when(pl.col("number").str.contains(r"^9[0-9A-Z]{17}$"))
        .then(pl.lit("cn_uscc"))
        .otherwise(pl.lit("other"))
        .alias("id_kind")
    )["id_kind"]
    work.values["id_kind"] = guessed
    resident = guessed == "cn_resident_id"
    facts = identifiers.check_resident_ids(numbers.zip_with(resident, numbers.clear(1)))
    for fault in identifiers.FAULTS:
        work.blame("national_id", f"id_{fault}", facts["fault"] == fault, keep=fault == "place")
    company = guessed == "cn_uscc"
    if company.any():
        sound = identifiers.check_credit_codes(numbers.zip_with(company, numbers.clear(1)))
        work.blame("national_id", "id_uscc", ~sound)
    kept = work.values["national_id"]
    work.values["national_id"] = kept.zip_with(~(resident | company) | kept.is_null(), numbers)
    born = facts["birth_on"]
    given = work.values["birth_on"]
    work.blame("birth_on", "id_birth", (given != born), words=lambda at: {"born": born[at]})
    work.values["birth_on"] = given.zip_with(given.is_not_null(), born)
    sex = work.values["sex"]
    work.values["sex"] = sex.zip_with(sex.is_not_null(), facts["sex"])


def _regions_and_zones(work: _Work) -> None:
    """The region from the address where none is given, and the zones in which each phone may ring."""
    region = work.values["region"]
    if work.mapping.country == "CN":
        found = zones.regions_of_addresses(work.values["address"])
        region = region.zip_with(region.is_not_null(), found)
        work.values["region"] = region
    # Nobody says where a contact person lives: only the number speaks for them.
    nowhere = parsing.nulls(pl.String, work.size)
    for name, target, where in (
        ("phone", "phone_zones", region),
        ("phone2", "phone2_zones", region),
        *((f"contact{n}_phone", f"contact{n}_zones", nowhere) for n in (1, 2, 3)),
    ):
        work.values[target] = zones.possible_zones(
            numbers=work.values[name], number_zones=work.lies[name], regions=where, country=work.mapping.country
        )


def _after_dues(work: _Work) -> None:
    names = ("principal", "interest", "fees")
    parts = [work.values[name] for name in names]
    for name in names:
        work.blame(name, "amount_negative", work.values[name] < 0)
    total = pl.select(pl.sum_horizontal(*(part.fill_null(0) for part in parts))).to_series().cast(pl.Int64)
    unknown = work.faulty["principal"] | work.faulty["interest"] | work.faulty["fees"]
    mapped = next((name for name in names if name in work.mapping.fields), "principal")
    negative = pl.select(pl.any_horizontal(*((part < 0).fill_null(False) for part in parts))).to_series()
    work.blame(mapped, "amount_zero", (total <= 0) & ~unknown & ~negative)
    work.values["cents"] = total.alias("cents")


def _after_payments(work: _Work) -> None:
    work.blame("cents", "amount_zero", work.values["cents"] == 0)
    work.blame("cents", "amount_negative", work.values["cents"] < 0)
    reversal = work.values["kind"] == "reversal"
    work.blame("reverses", "reverses", reversal & work.values["reverses"].is_null())
    happened, learned = work.values["happened_on"], work.values["learned_on"]
    work.values["learned_on"] = learned.zip_with(learned.is_not_null(), happened)
    _not_after(work, "happened_on", "learned_on")


def _after_bank(work: _Work) -> None:
    work.blame("cents", "amount_zero", work.values["cents"] == 0)
    work.blame("cents", "amount_negative", work.values["cents"] < 0)
    _not_after(work, "happened_on")


def _after_contacts(work: _Work) -> None:
    work.blame("promise_cents", "amount_negative", work.values["promise_cents"] < 0)
    work.blame("promise_cents", "amount_zero", work.values["promise_cents"] == 0)
    _not_after(work, "happened_at")


def _not_after(work: _Work, *names: str) -> None:
    """Nothing can have happened after the day of intake (a day's grace for the far side of the date line)."""
    if work.as_of is None:
        return
    for name in names:
        if name not in work.mapping.fields:
            continue
        days = work.values[name].cast(pl.Date)
        limit = pl.select(pl.lit(work.as_of).dt.offset_by("1d")).item()
        work.blame(name, "future", days > limit, words=lambda at: {"day": work.as_of})


_AFTERWARDS: dict[str, Callable[[_Work], None]] = {
    "accounts": _after_accounts,
    "dues": _after_dues,
    "payments": _after_payments,
    "bank": _after_bank,
    "contacts": _after_contacts,
}


# ── the result ──


def _result(work: _Work, language: Language) -> Checked:
    kind = work.mapping.kind
    types = schema(kind)
    values = {"row": work.rows} | {name: work.values[name] for name in work.specs}
    frame = pl.DataFrame({name: values[name].cast(types[name]) for name in types})
    good = frame.filter(~work.bad)
    errors = sorted(work.errors, key=lambda error: error.row)
    bad_rows = set(work.rows.filter(work.bad).to_list())
    warnings = [warning for warning in work.warnings if warning.row not in bad_rows]
    rejected = _rejected(work, errors, language)
    return Checked(good, errors, rejected, warnings, _totals(work, frame, good))


def _rejected(work: _Work, errors: list[RowError], language: Language) -> pl.DataFrame:
    """The original cells of rejected rows, their number, and all that is wrong with them in one cell."""
    said: dict[int, list[str]] = {}
    for error in errors:
        said.setdefault(error.row, []).append(error.text(language))
    original = work.batch.frame.filter(work.bad)
    return returned(original, ["\n".join(said[row]) for row in original[ROW]])


def _totals(work: _Work, frame: pl.DataFrame, good: pl.DataFrame) -> Totals:
    totals = Totals(work.size, len(good), len(work.bad.arg_true()))
    money = [n for n, spec in work.specs.items() if spec.type == "money" and n in work.mapping.fields]
    split = ~work.unsplit
    for name in money:
        lost = work.faulty[name] | work.unsplit
        if lost.any():
            totals.unreadable[name] = len(lost.arg_true())
    totals.money_read = _sums(frame.filter(split), money)
    totals.money_good = _sums(good, money)
    totals.money_rejected = _sums(frame.filter(split & work.bad), money)
    return totals


def _sums(frame: pl.DataFrame, money: list[str]) -> Sums:
    """(field, currency) → minor units; a batch of 25,000 amounts of at most 10^13 fits 64 bits."""
    if not money or not len(frame):
        return {}
    grouped = frame.group_by(pl.col("currency").fill_null(NO_CURRENCY)).agg(pl.col(money).sum())
    return {
        (name, str(row["currency"])): int(row[name])
        for row in grouped.iter_rows(named=True)
        for name in money
        if row[name]
    }
