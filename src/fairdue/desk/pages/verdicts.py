"""What compliance sees of the door: verdicts by filter, one with its grounds, an export that says who took it."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlencode

from django.db.models import Count, F, Func, Prefetch, Q, QuerySet, TextField
from django.utils import timezone
from django.utils.translation import gettext as _

from fairdue.accounts.models import Account, Creditor
from fairdue.contact import rulebook
from fairdue.contact.models import Attempt, Outcome, Verdict
from fairdue.contact.services.words import judged
from fairdue.desk import clock, words
from fairdue.desk.asking import Query, read_whole
from fairdue.desk.pages import facts
from fairdue.desk.writing import chinese
from fairdue.law import codes, gate
from fairdue.law.packs import Pack, Rule
from fairdue.people.queries import search
from fairdue.staff.models import User

_T = TypeVar("_T")
DAYS_SHOWN: Final = 7
"""Without dates the last week is shown."""
COUNTED_TO: Final = 10_000
"""Pages are counted up to here: nobody turns two hundred pages, and counting millions takes seconds."""


@dataclass(frozen=True)
class Filters:
    """What to show. Days in the firm's zone, both included; decision, channel: codes or None; person: "12" or "#12", a
    reference of an account, or what the search finds people by."""

    since: date
    until: date
    decision: int | None = None
    channel: int | None = None
    stage: str = ""
    rule: str = ""
    creditor: int | None = None
    user: int | None = None
    person: str = ""

    @property
    def query(self) -> str:
        """The filter as the query part of an address."""
        return urlencode({name: value for name, value in self.__dict__.items() if value not in (None, "")})

    def without(self, **changes: Any) -> str:
        """The query with something else in place."""
        return Filters(**{**self.__dict__, **changes}).query


def filters(query: Query, *, today: date) -> Filters:
    """Read the filters of an address."""
    since, until = query.days(("since", _("From")), ("until", _("Until")))
    until = until or max(today, since or today)
    return Filters(
        since=since or until - timedelta(days=DAYS_SHOWN - 1),
        until=until,
        decision=query.code("decision", _("Decision"), words.DECISIONS),
        channel=query.code("channel", _("Channel"), words.CHANNELS),
        stage=query.choice("stage", _("Stage"), Verdict.Stage.values),
        rule=query.text("rule"),
        creditor=query.whole("creditor", _("Creditor")),
        user=query.whole("user", _("Asked by")),
        person=query.text("person"),
    )


def former_rule(chosen: Filters) -> list[str]:
    """A sentence when no rule in force goes by the name asked for."""
    if not chosen.rule or any(chosen.rule == rule.id for pack in rulebook.in_force(clock.now()) for rule in pack.rules):
        return []
    told = _("No rule in force is called “%(rule)s”: only verdicts under former rules can name it.")
    return [told % {"rule": chosen.rule}]


def found(chosen: Filters) -> QuerySet[Verdict]:
    """The verdicts of a filter, the latest first."""
    verdicts = Verdict.objects.filter(at__gte=_begin(chosen.since), at__lt=_begin(chosen.until + timedelta(days=1)))
    exact = {
        "decision": chosen.decision,
        "channel": chosen.channel,
        "case__creditor": chosen.creditor,
        "by": chosen.user,
    }
    verdicts = verdicts.filter(**{name: value for name, value in exact.items() if value is not None})
    if chosen.stage:
        verdicts = verdicts.filter(stage=chosen.stage)
    if chosen.rule:
        verdicts = verdicts.filter(rules__contains=[chosen.rule])
    if chosen.person:
        verdicts = verdicts.filter(_of_person(chosen.person))
    return verdicts.order_by("-at", "-pk")


def _of_person(text: str) -> Q:
    number = read_whole(text.removeprefix("#")) or 0
    numbered = Q(person=number) | Q(addressee=number)
    if text.startswith("#"):
        return numbered
    named = search(text).order_by().values("pk")
    referred = Account.objects.filter(external_ref=text).values("debtor")
    return numbered | Q(person__in=referred) | Q(person__in=named) | Q(addressee__in=named)


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def listed(verdicts: QuerySet[Verdict]) -> QuerySet[Verdict]:
    """With everything a line of the list shows at hand."""
    return verdicts.select_related("person", "addressee", "case__creditor", "contact_point", "by", "attempt").defer(
        "facts"
    )


@dataclass(frozen=True)
class Counts:
    """How often each decision was taken and each rule spoke: (code, n) and (rule id, n), the commonest first; duties,
    which demand words and object to nothing, apart."""

    decisions: list[tuple[int, int]]
    rules: list[tuple[str, int]]
    duties: list[tuple[str, int]]

    @property
    def all(self) -> int:
        """Every verdict of the filter."""
        return sum(n for _code, n in self.decisions)


def counts(chosen: Filters) -> Counts:
    """Decisions and rules of a filter, in two queries."""
    verdicts = found(chosen).order_by()
    decisions = verdicts.values("decision").annotate(n=Count("pk")).order_by("decision")
    spoken = Func(F("rules"), function="jsonb_array_elements_text", output_field=TextField())
    rules = verdicts.annotate(spoken=spoken).values("spoken").annotate(n=Count("pk")).order_by("-n", "spoken")[:60]
    told = apart([(row["spoken"], row["n"]) for row in rules], key=lambda pair: pair[0])
    return Counts([(row["decision"], row["n"]) for row in decisions], *told)


def apart(spoken: Iterable[_T], *, key: Callable[[_T], str]) -> tuple[list[_T], list[_T]]:
    """Rules that objected, and duties: what had to be said. A rule that is gone counts as one that objected."""
    duties = {rule.id for pack in rulebook.in_force(clock.now()) for rule in pack.rules if rule.kind.speaks}
    found = list(spoken)
    return [one for one in found if key(one) not in duties], [one for one in found if key(one) in duties]


SPANS: Final = (7, 30, 90)
"""Days back over which a rule's page tells how often it spoke."""


@dataclass(frozen=True)
class Spoken:
    """How often a rule spoke in the last `days`: (decision of the verdict, n), and the filter that lists them."""

    days: int
    filter: Filters
    decisions: list[tuple[int, int]]

    @property
    def all(self) -> int:
        """Every verdict in which it spoke."""
        return sum(n for _code, n in self.decisions)


def spoken(rule: str, *, today: date) -> list[Spoken]:
    """How often a rule spoke over each of the spans, by decision, in one query."""
    begins = {days: today - timedelta(days=days - 1) for days in SPANS}
    longest = Filters(begins[max(SPANS)], today, rule=rule)
    counted = {f"n{days}": Count("pk", filter=Q(at__gte=_begin(begin))) for days, begin in begins.items()}
    grouped = found(longest).order_by().values("decision").annotate(**counted)
    rows = [cast(dict[str, int], row) for row in grouped.order_by("decision")]
    return [
        Spoken(days, Filters(begin, today, rule=rule), [(r["decision"], r[f"n{days}"]) for r in rows if r[f"n{days}"]])
        for days, begin in begins.items()
    ]


# ---- one verdict


@dataclass(frozen=True)
class Ground:
    """A rule that spoke: its text in both languages, where it is written, and whether it still stands so.

    clears: from when this rule alone would let the contact pass, by the stored facts; None when waiting does not help,
    or the rule barred nothing.
    """

    id: str
    rule: Rule | None
    pack: Pack | None
    changed: bool
    clears: datetime | None = None

    @property
    def duty(self) -> bool:
        """Whether it only demands words, and objects to nothing."""
        return self.rule is not None and self.rule.kind.speaks

    @property
    def says(self) -> dict[str, str]:
        """The rule's sentence by language; empty when the rule is no longer kept."""
        return dict(self.rule.say) if self.rule else {}

    @property
    def law(self) -> dict[str, Any]:
        """level, confidence, since …"""
        return dict(self.rule.law) if self.rule else {}

    @property
    def cites(self) -> str:
        """Where it is written, in the language of the page."""
        return self.rule.cites["zh" if chinese() else "en"] if self.rule else ""


@dataclass(frozen=True)
class Replay:
    """The stored facts judged again by the packs of then. `same`: the same decision by the same rules.

    told: the answer in words. verdicts: the answer itself, of one row.
    """

    decision: int
    rules: tuple[str, ...]
    same: bool
    told: Mapping[str, Any]
    verdicts: gate.Verdicts

    @property
    def passed(self) -> list[tuple[Rule, Pack]]:
        """The rules that concerned the contact and had nothing against it."""
        of = {rule.id: pack for pack in self.verdicts.packs for rule in pack.rules}
        return [(rule, of[rule.id]) for rule in gate.passed(self.verdicts)]


def one() -> QuerySet[Verdict]:
    """A verdict with all that belongs to it."""
    outcomes = Prefetch("attempt__outcomes", Outcome.objects.select_related("by").order_by("pk"))
    return Verdict.objects.select_related(
        "person",
        "addressee",
        "case__creditor",
        "case__person",
        "contact_point",
        "by",
        "attempt__permit",
        "attempt__account",
    ).prefetch_related(outcomes)


def grounds(verdict: Verdict, again: Replay | None = None) -> list[Ground]:
    """The rules that spoke, the strictest first, as the packs of then word them; else as those in force do.

    `again` tells when each clears.
    """
    spoke = again.verdicts.rules_of(0) if again else []
    barred = {rule.id for rule in spoke if again and again.verdicts.outcome_of(0, rule) >= codes.Decision.HOLD}
    clears = (
        {reason.rule: reason.earliest for reason in again.told["reasons"] if reason.rule in barred} if again else {}
    )
    now = rulebook.in_force(clock.now())
    try:
        seen = rulebook.of_verdict(verdict.packs)
    except rulebook.UnknownPack:
        seen = now
    known = {rule.id: (rule, pack) for pack in seen for rule in pack.rules}
    current = {pack.id: pack.hash for pack in now}
    listed = []
    for name in verdict.rules:
        rule, pack = known.get(name, (None, None))
        stored = verdict.packs.get(pack.id, {}).get("hash") if pack else None
        listed.append(Ground(name, rule, pack, pack is None or stored != current.get(pack.id), clears.get(name)))
    return listed


def judged_by(verdict: Verdict, again: Replay | None = None) -> dict[str, list[dict[str, Any]]]:
    """The packs of a verdict, `binding` and `others`: id, name, version, hash, whether the one in force is the same.

    Binding are those of the contact's jurisdiction and those that bind everywhere; all, when `again` does not tell it.
    """
    now = {pack.id: pack for pack in rulebook.in_force(clock.now())}
    seen = {pack.id: pack for pack in again.verdicts.packs} if again else now
    place = int(again.verdicts.facts.columns["jurisdiction"][0]) if again else -1
    found: dict[str, list[dict[str, Any]]] = {"binding": [], "others": []}
    for name, stored in verdict.packs.items():
        pack = seen.get(name, now.get(name))
        elsewhere = pack is not None and pack.jurisdiction is not None and pack.jurisdiction != place
        found["others" if elsewhere and place >= 0 else "binding"].append(
            {
                "id": name,
                "name": pack.about.get("zh" if chinese() else "en", name) if pack else name,
                "version": stored["version"],
                "hash": stored["hash"],
                "current": name in now and now[name].hash == stored["hash"],
            }
        )
    return found


def replay(verdict: Verdict) -> Replay | None:
    """Judge the stored facts again; None when they were stored in an older form, or a pack of then is not kept."""
    if not verdict.facts:
        return None
    try:
        again = gate.rejudge({"facts": verdict.facts}, rulebook.of_verdict(verdict.packs))
    except (LookupError, ValueError, TypeError):
        return None
    rules = tuple(rule.id for rule in again.rules_of(0))
    decision = int(again.decision[0])
    same = (decision, rules) == (verdict.decision, tuple(verdict.rules))
    return Replay(decision, rules, same, judged(again, 0), again)


def found_words(verdict: Verdict) -> list[dict[str, Any]]:
    """What the content check had found in the text of a message, each with its category in words."""
    marks = (verdict.content or {}).get("marks", [])
    return [{**mark, "word": facts.VALUES.get(mark["category"], mark["category"])} for mark in marks]


def attempt_of(verdict: Verdict) -> Attempt | None:
    """The contact that followed, if it was allowed."""
    found: Attempt | None = getattr(verdict, "attempt", None)
    return found


# ---- export

HEADER: Final = (
    "verdict", "at", "stage", "decision", "channel", "purpose", "relation", "creditor", "case", "person", "addressee",
    "by", "rules", "earliest", "lawful_until", "packs", "attempt", "export",
)  # fmt: skip


class _Line:
    """A file of one line: what csv writes comes back."""

    def write(self, text: str) -> str:
        """Give the line back."""
        return text


def export(verdicts: QuerySet[Verdict], *, mark: str, head: list[str]) -> Iterator[str]:
    """CSV lines: `head` as comments, a header, a line for each verdict ending with the watermark `mark`. No names."""
    writer = csv.writer(_Line())
    yield "\ufeff"
    for line in head:
        yield str(writer.writerow([f"# {line}"]))
    yield str(writer.writerow(HEADER))
    rows = verdicts.defer("facts").select_related("case__creditor", "by", "attempt")
    for verdict in rows.iterator(chunk_size=2000):
        yield str(writer.writerow([safe(value) for value in _cells(verdict, mark)]))


def _cells(verdict: Verdict, mark: str) -> list[Any]:
    attempt, case = attempt_of(verdict), verdict.case
    return [
        verdict.pk, _iso(verdict.at), verdict.stage, _name(codes.Decision, verdict.decision),
        _name(codes.Channel, verdict.channel), _name(codes.Purpose, verdict.purpose),
        _name(codes.Relation, verdict.relation), case.creditor.code if case else "", case.pk if case else "",
        verdict.person_id, verdict.addressee_id, verdict.by.get_username() if verdict.by else "",
        " ".join(verdict.rules), _iso(verdict.earliest), _iso(verdict.lawful_until),
        " ".join(f"{name}@{pack['hash'][:12]}" for name, pack in verdict.packs.items()),
        attempt.pk if attempt else "", mark,
    ]  # fmt: skip


def safe(value: Any) -> Any:
    """Text a spreadsheet would run as a formula is kept a text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value[:1] else value


def _iso(value: datetime | None) -> str:
    return timezone.localtime(value).isoformat(timespec="seconds") if value else ""


def _name(kind: Any, code: int) -> str:
    return str(kind(code).name.lower())


def choices() -> dict[str, Any]:
    """What the filters offer: creditors, users who asked, rules in force."""
    creditors = Creditor.objects.order_by("code")
    return {
        "creditors": [(c.pk, c.name_zh if chinese() else c.name_en) for c in creditors],
        "users": User.objects.filter(verdicts__isnull=False).distinct().order_by("username"),
        "rules": [pack for pack in rulebook.in_force(clock.now()) if pack.rules],
    }
