"""The readable part of a pack: a paper with what it covers, what was found, and how to check it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from fairdue.accounts.models import Payment
from fairdue.agreements.models import Promise
from fairdue.cases.models import Hold
from fairdue.contact.models import Explanation, Outcome
from fairdue.contact.rulebook.reading import Text
from fairdue.desk import words
from fairdue.desk.pages.entries import VERBS
from fairdue.desk.pages.entry_words import SUBJECTS
from fairdue.desk.writing import chinese
from fairdue.evidence import datasets
from fairdue.evidence.chain import Stretch
from fairdue.evidence.models import Pack
from fairdue.evidence.words import NAMES
from fairdue.law import codes, packs
from fairdue.money.amount import format_amount
from fairdue.papers import Paper, Part, heading, paragraph, pdf, table, terms
from fairdue.people.models import Consent, Wish

SHOWN: Final = 200
"""Rows of a data set that the paper shows; the CSV holds all."""


@dataclass
class Gathered:
    """What was written: rows by data set, the first rows of each for the paper, and how often verdicts and rules spoke."""

    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    decisions: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    packs: dict[str, dict[str, str]] = field(default_factory=dict)  # of those that judged: hash → id, version
    texts: list[Text] = field(default_factory=list)


def mark_of(pack: Pack, now: datetime) -> str:
    """The watermark: who, and when, in the firm's own time."""
    who = pack.by.get_username() if pack.by else _("command line")
    return f"{who} {timezone.localtime(now):%Y-%m-%d %H:%M}"


def report(pack: Pack, found: Gathered, part: Stretch, head: str, *, now: datetime) -> bytes:
    """The paper as PDF, in the pack's language."""
    with override("zh-hans" if pack.language == "zh" else "en"):
        paper = Paper(
            title=_("Evidence pack no. %(n)s") % {"n": pack.pk},
            language="zh" if pack.language == "zh" else "en",
            under=_covers(pack),
            mark=mark_of(pack, now),
            foot=_("Evidence pack no. %(n)s") % {"n": pack.pk},
            author=str(settings.FIRM_NAME),
            parts=[*_front(pack, found, part, head, now), *_rules(found), *_lists(found), *_checking()],
        )
    return pdf(paper, made_at=now)


def _covers(pack: Pack) -> str:
    """Whom and what, in a line."""
    parts = []
    if pack.person is not None:
        parts.append(_("person #%(n)s %(name)s") % {"n": pack.person_id, "name": _shown(pack.person.name, pack.full)})
    if pack.since and pack.until:
        last = timezone.localtime(pack.until) - timedelta(microseconds=1)
        parts.append(f"{timezone.localtime(pack.since):%Y-%m-%d} – {last:%Y-%m-%d}")
    if pack.creditor is not None:
        parts.append(pack.creditor.name_zh if pack.language == "zh" else pack.creditor.name_en)
    return " · ".join(parts)


def _shown(name: str, full: bool) -> str:
    return name if full else f"{name[:1]}**"


def _front(pack: Pack, found: Gathered, part: Stretch, head: str, now: datetime) -> list[Part]:
    stretch = _("entries %(first)s to %(last)s") % {"first": part.first, "last": part.last}
    if not part.whole:
        stretch += _(", those about other matters left out")
    rows = [[str(NAMES[one.name]), f"{found.counts.get(one.name, 0):,}"] for one in datasets.ALL]
    recordings = (datasets.RECORDINGS.why_empty or {})["zh" if pack.language == "zh" else "en"]
    return [
        terms(
            [
                (_("Made by"), str(pack.by) if pack.by else _("command line")),
                (_("Made at"), f"{timezone.localtime(now):%Y-%m-%d %H:%M:%S %Z}"),
                (_("Reason"), pack.reason or "–"),
                (_("Personal data"), _("in full") if pack.full else _("masked; free text withheld")),
                (_("Journal"), stretch if part.first <= part.last else _("no entry")),
                (_("End of the chain"), head),
            ]
        ),
        heading(_("What is in it")),
        table([_("Data"), _("Number of rows")], rows, widths=[4, 1]),
        paragraph(recordings, small=True),
    ]


def _rules(found: Gathered) -> list[Part]:
    """How the verdicts fell, which rules spoke, and by which version of their pack."""
    if not found.decisions:
        return []
    parts = [
        heading(_("Verdicts")),
        table(
            [_("Decision"), _("How often")],
            [[_code(words.DECISIONS, codes.Decision, name), f"{n:,}"] for name, n in found.decisions.most_common()],
            widths=[4, 1],
        ),
    ]
    if found.rules:
        known: dict[str, packs.Rule] = {}
        for text in sorted(found.texts, key=lambda text: text.pack.hash not in found.packs):
            known = {rule.id: rule for rule in text.pack.rules} | known
        parts += [
            heading(_("Rules that spoke"), level=2),
            table(
                [_("Rule"), _("What it says"), _("Where it is written"), _("How often")],
                [_rule_row(name, known.get(name), n) for name, n in found.rules.most_common(SHOWN)],
                widths=[3, 4, 5, 1],
            ),
        ]
    loaded = {text.pack.hash for text in found.texts}
    held, gone = _("its text is in this pack"), _("its text is no longer loaded")
    return [
        *parts,
        heading(_("Versions of the rule packs that judged"), level=2),
        table(
            [_("Pack"), _("Version"), _("SHA-256"), ""],
            [
                [told["id"], told["version"], hashed, held if hashed in loaded else gone]
                for hashed, told in sorted(found.packs.items(), key=lambda pair: (pair[1]["id"], pair[1]["version"]))
            ],
            widths=[1, 1.4, 5, 2],
        ),
    ]


def _rule_row(name: str, rule: packs.Rule | None, n: int) -> list[str]:
    lang = "zh" if chinese() else "en"
    if rule is None:
        return [name, _("no longer among the rules loaded"), "", f"{n:,}"]
    return [name, rule.say[lang], f"{rule.cites[lang]} · {rule.law.get('confidence', '')}", f"{n:,}"]


_COLUMNS: Final[Mapping[str, Sequence[tuple[str, float]]]] = {
    "contacts": (
        ("happened_at", 2), ("channel", 1.5), ("addressee", 1.5), ("contact_point", 2), ("result", 2), ("by", 1),
        ("verdict_id", 1),
    ),
    "payments": (("happened_on", 1.5), ("account", 2), ("kind", 1), ("cents", 1.5), ("method", 1), ("reference", 2)),
    "promises": (("made_on", 1.5), ("due_on", 1.5), ("cents", 1.5), ("status", 1), ("received", 1.5), ("by", 1)),
    "holds": (("starts_at", 2), ("kind", 1.5), ("reason", 3), ("ends_on", 1.5), ("lifted_at", 2), ("placed_by", 1)),
    "wishes": (("made_at", 2), ("kind", 1.5), ("channel", 1), ("words", 3), ("withdrawn_at", 2)),
    "consents": (("given_at", 2), ("kind", 2), ("channel", 1), ("words", 3), ("revoked_at", 2)),
    "explained": (("at", 2), ("how", 1), ("came", 1), ("version", 2), ("hash", 3), ("by", 1)),
    "looks": (("at", 2), ("by", 1), ("what", 2), ("subject", 1), ("subject_id", 1)),
}  # fmt: skip
"""The lists of the paper: which columns, and how wide."""


def _lists(found: Gathered) -> list[Part]:
    parts: list[Part] = []
    for name, columns in _COLUMNS.items():
        rows, total = found.first.get(name, []), found.counts.get(name, 0)
        parts.append(heading(f"{NAMES[name]} ({total:,})"))
        if not rows:
            parts.append(paragraph(_("None."), small=True))
            continue
        head = [str(_title(column)) for column, _width in columns]
        lines = [[_cell(name, column, row) for column, _width in columns] for row in rows]
        parts.append(table(head, lines, widths=[width for _column, width in columns]))
        if total > len(rows):
            said = _("The first %(shown)s of %(total)s rows; csv/%(name)s.csv holds them all.")
            parts.append(paragraph(said % {"shown": len(rows), "total": f"{total:,}", "name": name}, small=True))
    return parts


def _cell(name: str, column: str, row: Mapping[str, Any]) -> str:
    value = row.get(column)
    if value is None or value == "":
        return ""
    if column in {"cents", "received"}:
        return f"{format_amount(int(value), str(row['currency']))} {row['currency']}"
    if column.endswith("_at") or column == "at":
        return f"{timezone.localtime(datetime.fromisoformat(str(value))):%Y-%m-%d %H:%M:%S}"
    if column == "channel":
        return _code(words.CHANNELS, codes.Channel, str(value))
    if column == "result":
        kind = row.get("outcome")
        return str(Outcome.Kind(kind).label) if kind else _code(words.RESULTS, codes.Result, str(value))
    if column == "what":
        return str(VERBS.get(str(value), value))
    if column == "subject":
        return str(SUBJECTS.get(str(value), value))
    if value == datasets.WITHHELD:
        return _("(withheld)")
    return str(_CHOICES.get((name, column), {}).get(str(value), value))


def _code(table_of_words: Mapping[Any, Any], code: Any, name: str) -> str:
    return str(table_of_words.get(code.__members__.get(name.upper()), name))


_CHOICES: Final[Mapping[tuple[str, str], Mapping[str, Any]]] = {
    ("payments", "kind"): dict(Payment.Kind.choices),
    ("promises", "status"): dict(Promise.Status.choices),
    ("holds", "kind"): dict(Hold.Kind.choices),
    ("wishes", "kind"): dict(Wish.Kind.choices),
    ("consents", "kind"): dict(Consent.Kind.choices),
    ("explained", "how"): dict(Explanation.How.choices),
    ("explained", "came"): dict(Explanation.Came.choices),
}
"""Words for stored values, by list and column."""


def _title(column: str) -> str:
    return {
        "happened_at": _("When"), "at": _("When"), "happened_on": _("Day"), "made_on": _("Made on"), "made_at": _("When"),
        "given_at": _("When"), "starts_at": _("Since"), "channel": _("Channel"), "addressee": _("To whom"),
        "contact_point": _("Contact point"), "result": _("Result"), "by": _("By"), "verdict_id": _("Verdict"),
        "account": _("Account"), "kind": _("Kind"), "cents": _("Amount"), "method": _("Way"), "reference": _("Reference"),
        "due_on": _("Due on"), "status": _("State"), "received": _("Received"), "reason": _("Reason"),
        "ends_on": _("Ends on"), "lifted_at": _("Lifted"), "placed_by": _("By"), "words": _("Words"),
        "withdrawn_at": _("Withdrawn"), "revoked_at": _("Withdrawn"), "how": _("How"), "came": _("How it was taken"),
        "version": _("Version"), "hash": _("SHA-256"), "what": _("What"), "subject": _("About"), "subject_id": _("No."),
    }[column]  # fmt: skip


def _checking() -> list[Part]:
    return [
        heading(_("How to check this pack")),
        paragraph(
            _(
                "On any machine with Python 3.8 or newer: take verify.py out of the ZIP (or from a source of your own) and "
                "run: python3 verify.py pack.zip. It reads every file again and compares it with the manifest, compares "
                "the manifest with the entry of the journal that names it, and follows the chain of the journal entry by "
                "entry. One changed byte is found. To be sure that the whole chain was not made anew, compare it with an "
                "evening's seal that was kept elsewhere: add --known and its hash."
            )
        ),
    ]
