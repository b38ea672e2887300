"""A rule in words: its kind with its terms, whom and what it applies to, its exceptions, its examples."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fairdue.desk import words, writing
from fairdue.desk.pages import facts
from fairdue.desk.pages.keeping import WEEKDAYS as SHORT_DAYS
from fairdue.law import codes
from fairdue.law.clock import zone_name
from fairdue.law.facts import COLUMNS
from fairdue.law.kinds import NO, YES
from fairdue.law.packs import Condition, Group, Pack, Rule

DUTIES: Final = {
    "institution": gettext_lazy("which institution is calling"),
    "identity_check": gettext_lazy("check whom one speaks to before any detail"),
    "debt_collector": gettext_lazy("that the caller collects a debt"),
    "no_debt_detail": gettext_lazy("no detail of the debt"),
    "opt_out": gettext_lazy("how to stop such messages"),
    "relay_only": gettext_lazy("nothing but a message to call back"),
    "agent_name": gettext_lazy("the name of the collector who will be in touch"),
    "forbearance": gettext_lazy("that easier terms are possible"),
    "debt_advice": gettext_lazy("where free advice on debts is to be had"),
    "support": gettext_lazy("what support there is, on a channel the customer can use"),
    "revocation_reaches_all": gettext_lazy("that taking back the consent ends all automatic calls and texts"),
}
"""What must_say demands."""
EVERY_DAY: Final = 127
WORKING_DAYS: Final = 31
"""Weekdays as bits, Monday = 1."""
COMMON: Final = {("action", ("contact",)), ("dir", ("out",))}
"""What nearly every rule says of itself: a contact, from us; not worth a line."""

Line = tuple[Any, str]
"""A fact and its values, in words."""


# ---- what it does


def sentence(rule: Rule, pack: Pack) -> str:
    """The kind with its terms: what the gate computes, by the clock of the pack where it has one."""
    if rule.kind.name in _BY_THE_CLOCK:
        return _BY_THE_CLOCK[rule.kind.name](rule.terms, pack.clock)
    return _SENTENCES[rule.kind.name](rule.terms)


def _quiet(terms: Mapping[str, Any], clock: int | None) -> str:
    span = {"start": clock_text(terms["start"]), "end": clock_text(terms["end"])}
    told = (
        _("No contact from %(start)s to before %(end)s, by the clock of every zone the person may be in.") % span
        if clock is None
        else _("No contact from %(start)s to before %(end)s, by the one clock of the country (%(zone)s).")
        % {**span, "zone": zone_name(clock)}
    )
    days = terms.get("days", EVERY_DAY)
    return told if days == EVERY_DAY else f"{told} {_('Only on: %(list)s.') % {'list': weekday_list(days)}}"


def _unwelcome_times(_terms: Mapping[str, Any], clock: int | None) -> str:
    if clock is None:
        return _("Not at the times the person named as unwelcome, in any zone they may be in.")
    told = _("Not at the times the person named as unwelcome, by the one clock of the country (%(zone)s).")
    return told % {"zone": zone_name(clock)}


def _cap(terms: Mapping[str, Any]) -> str:
    told = {"n": terms["times"], "days": terms["days"], "what": facts.NAMES.get(terms["of"], terms["of"])}
    if terms["days"] == 1:
        return _("At most %(n)s in one calendar day. Counted: %(what)s.") % told
    return _("At most %(n)s in any %(days)s calendar days, today included. Counted: %(what)s.") % told


def _cap_in(terms: Mapping[str, Any]) -> str:
    told = {"n": terms["times"], "what": facts.NAMES.get(terms["of"], terms["of"])}
    if terms["calendar"] == "week":
        return _("At most %(n)s in one calendar week, from Monday. Counted: %(what)s.") % told
    return _("At most %(n)s in one calendar month. Counted: %(what)s.") % told


def _days_off(terms: Mapping[str, Any]) -> str:
    place = words.JURISDICTIONS[codes.Jurisdiction[terms["calendar"].upper()]]
    if terms["of"] == "holidays":
        return _("Not on public holidays of %(place)s.") % {"place": place}
    return _("Not on public holidays and weekends of %(place)s, unless worked by the calendar.") % {"place": place}


def _working_hours(terms: Mapping[str, Any]) -> str:
    told = {"start": clock_text(terms["start"]), "end": clock_text(terms["end"]),
            "days": weekday_list(terms.get("days", WORKING_DAYS))}  # fmt: skip
    return (
        _(
            "Only within the person's own working hours; where they are not known, from %(start)s to before %(end)s"
            " (%(days)s)."
        )
        % told
    )


def _after_nights(terms: Mapping[str, Any]) -> str:
    return _("Not for %(n)s hours after the person's night work ends.") % {"n": terms["hours"]}


def _of_day(text: Any, term: str) -> Callable[[Mapping[str, Any]], str]:
    """A sentence about a number of days or years and a day that is a fact."""

    def told(terms: Mapping[str, Any]) -> str:
        number = terms.get("days", terms.get("years"))
        return str(text) % {"n": number, "day": facts.NAMES.get(terms[term], terms[term])}

    return told


def _parts(terms: Mapping[str, Any]) -> str:
    column = COLUMNS["parts"]
    named = [facts.value_word("parts", m.name.lower()) for m in column.names if terms["parts"] >> int(m) & 1]
    return _("The letter or document holds every one of these: %(list)s.") % {"list": _list(map(str, named))}


def _gap(terms: Mapping[str, Any]) -> str:
    told = {"n": terms["minutes"], "what": facts.NAMES.get(terms["after"], terms["after"])}
    return _("At least %(n)s minutes after the last one. Counted: %(what)s.") % told


def _purposes(terms: Mapping[str, Any]) -> str:
    allowed = [words.PURPOSES.get(p, p.name) for p in codes.Purpose if terms["purposes"][p + 1] == NO]
    return _("For these purposes alone: %(list)s. Waiting does not help.") % {"list": _list(map(str, allowed))}


def _duties(terms: Mapping[str, Any]) -> str:
    told = _list(str(DUTIES.get(duty, duty.replace("_", " "))) for duty in terms["what"])
    return _("Allowed, and to be observed: %(list)s.") % {"list": told}


def _staff(terms: Mapping[str, Any]) -> str:
    return _("At least %(n)s collectors come along on a visit.") % {"n": terms["at_least"]}


def _known(terms: Mapping[str, Any]) -> str:
    named = [_("time zone") if name == "zone" else str(facts.NAMES.get(name, name)) for name in terms["facts"]]
    return _("None of these may be unknown: %(list)s.") % {"list": _list(named)}


_SENTENCES: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "at_most": _cap,
    "minimum_gap": _gap,
    "only_for": _purposes,
    "at_most_in": _cap_in,
    "days_off": _days_off,
    "working_hours": _working_hours,
    "rest_after_night_work": _after_nights,
    "wait_days": _of_day(gettext_lazy("Not before %(n)s days have passed since: %(day)s."), "after"),
    "pause_days": _of_day(gettext_lazy("Not for %(n)s days from: %(day)s."), "since"),
    "within_years": _of_day(gettext_lazy("No longer than %(n)s years after: %(day)s."), "of"),
    "must_hold": _parts,
    "stop": lambda _terms: _("Not at all while it applies; only the end of its cause helps."),
    "staffed_by": _staff,
    "must_say": _duties,
    "must_know": _known,
}
_BY_THE_CLOCK: Final[Mapping[str, Callable[[Mapping[str, Any], int | None], str]]] = {
    "quiet_hours": _quiet,
    "unwelcome_times": _unwelcome_times,
}
"""Kinds whose sentence names the clock that counts; None = the zones of the person."""


# ---- whom and what it applies to


def groups(told: Iterable[Group]) -> list[list[Line]]:
    """Each block of conditions as lines; within a block all hold, of the blocks any. Common conditions are left out."""
    return [[line for condition in group if (line := _line(condition)) is not None] for group in told]


def where(rule: Rule, pack: Pack) -> str:
    """The countries in which a rule speaks: that of its pack, those of its conditions; "" = everywhere."""
    if pack.jurisdiction is not None:
        return str(words.JURISDICTIONS[pack.jurisdiction])
    named = [{c for c in codes.Jurisdiction for one in group if one.fact == "jurisdiction" and one.table[int(c) + 1] == YES}
             for group in rule.when]  # fmt: skip
    if not named or not all(named):
        return ""
    return _list(str(words.JURISDICTIONS[code]) for code in codes.Jurisdiction if any(code in one for one in named))


def covers(pack: Pack) -> list[list[Line]]:
    """Whom the pack binds."""
    return groups(pack.covers)


def _line(condition: Condition) -> Line | None:
    name = facts.NAMES.get(condition.fact, condition.fact)
    if condition.span:
        return name, str(facts.VALUES["yes" if condition.active else "no"])
    column = COLUMNS[condition.fact]
    if column.kind == "bits":
        named = [m.name.lower() for m in column.names if condition.bits >> int(m) & 1]
        return name, _either(facts.value_word(condition.fact, value) for value in named)
    if column.kind == "truth":
        states = [("no", condition.table[1]), ("yes", condition.table[2])]
        return name, _either(facts.VALUES[value] for value, state in states if state == YES)
    member = {m.name.lower(): condition.table[int(m) + 1] for m in column.names if int(m) + 1 < len(condition.table)}
    inside = tuple(value for value, state in member.items() if state == YES)
    if (condition.fact, inside) in COMMON:
        return None
    outside = [value for value, state in member.items() if state != YES]
    if len(outside) < len(inside) and len(inside) > 4:
        told = _either(facts.value_word(condition.fact, value) for value in outside if value != "unknown")
        return name, _("any but %(list)s") % {"list": told}
    return name, _either(facts.value_word(condition.fact, value) for value in inside)


def _either(values: Iterable[Any]) -> str:
    return (" 或 " if writing.chinese() else " or ").join(str(value) for value in values)


def _list(values: Iterable[str]) -> str:
    return ("、" if writing.chinese() else ", ").join(values)


def weekday_list(bits: int) -> str:
    """Weekdays of a rule: Mon, Tue …"""
    return _list(str(word) for n, word in SHORT_DAYS if bits >> n & 1)


def clock_text(minute: int) -> str:
    """1320 as 22:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


# ---- examples

CIRCUMSTANCES: Final = {
    "at": gettext_lazy("at"),
    "zone": gettext_lazy("time zone"),
    "unwelcome": gettext_lazy("unwelcome"),
    "speaks": gettext_lazy("the rule speaks"),
}
"""What examples name beside facts."""
WEEKDAYS: Final = {
    "Mon": gettext_lazy("Monday"), "Tue": gettext_lazy("Tuesday"), "Wed": gettext_lazy("Wednesday"),
    "Thu": gettext_lazy("Thursday"), "Fri": gettext_lazy("Friday"), "Sat": gettext_lazy("Saturday"),
    "Sun": gettext_lazy("Sunday"),
}  # fmt: skip


def circumstances(example: Mapping[str, Any]) -> str:
    """What an example assumes."""
    mark = "；" if writing.chinese() else "; "
    return mark.join(_told(name, value) for name, value in example.items() if name not in {"expect", "earliest"})


def expected(example: Mapping[str, Any]) -> str:
    """What an example must come to: the decision, and the first lawful moment where it is given."""
    told = [_decision(str(example.get("expect", "")))]
    if "earliest" in example:
        told.append(_moment(example["earliest"]))
    return " → ".join(told)


def _told(name: str, value: Any) -> str:
    if name == "past":
        return "; ".join(
            f"{facts.NAMES.get(kind, kind)}: {', '.join(_moment(at) for at in moments)}"
            for kind, moments in value.items()
        )
    if name == "unwelcome":
        return f"{CIRCUMSTANCES[name]} {_unwelcome(value)}"
    if name in {"at", "zone"}:
        shown = ", ".join(value) if isinstance(value, list) else _moment(value)
    else:
        shown = str(facts.value_word(name, value))
    return f"{CIRCUMSTANCES.get(name) or facts.NAMES.get(name, name)} {shown}"


def _unwelcome(value: dict[str, Any]) -> str:
    days = ", ".join(str(WEEKDAYS.get(day, day)) for day in value.get("days", []))
    hours = f"{value['from']}–{value['to']}" if "from" in value and "to" in value else ""
    return " ".join(part for part in (days, hours) if part)


def _moment(value: Any) -> str:
    return str(facts.VALUES["unknown"]) if value is None else str(value).replace("T", " ")


def _decision(name: str) -> str:
    known = codes.Decision.__members__
    return str(words.DECISIONS[known[name.upper()]]) if name.upper() in known else name
