"""Statutory help in hardship as data: who, what it does, how long, where it is written.

    for scheme in schemes("gb"): scheme.name["en"], scheme.ends_on(date(2026, 5, 5))
    load(text, file="gb/schemes.yaml")          # PackError names file, line, scheme, field and the cure

Lengths that a check or a table holds already are named, not written again: `{pause: breathing_space}` is that of the
country's checks.yaml (law.checks.last_day_of_pause), `{figure: card-instalment-plan, months_most: most_months}` that of
law/tables/procedure.yaml. The form is described in docs/hardship.md.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Any, Final

from fairdue.law import checks
from fairdue.law.calc.figures import figure
from fairdue.law.codes import PLACE_OF_REGION, Jurisdiction
from fairdue.law.located import LAW, Located, PackError, Spot, cites_of, languages, law_of, mapping_of, parse, text_of

EFFECTS: Final = ("grace", "quiet", "pause", "interest", "late", "cap", "plan")
"""pause: the statutory pause, which lets through only what the law requires; quiet: no contact to collect."""
PRODUCTS: Final = ("online_loan", "credit_card")
REASONS: Final = ("illness", "job_loss", "income_fall", "death", "disaster", "separation", "military", "other")
RATE_ONE: Final = 1_000_000

_HEAD: Final = {"id", "version", "jurisdiction", "about"}
_SCHEME: Final = {
    "public", "name", "who", "products", "places", "reasons", "effects", "cap_percent", "length", "event", "apply",
    "once", "ends", "law", "examples",
}  # fmt: skip
_LENGTHS: Final = {"days", "months", "years_most", "pause", "figure", "until", "agreed"}
_EXAMPLE: Final = {"start", "event", "ends", "latest"}
_PLACES: Final = {region: place.name.lower() for region, place in PLACE_OF_REGION.items()}
"""Region on record → place; a scheme names no place that a region cannot tell."""


@dataclass(frozen=True, eq=False)
class Scheme:
    """One scheme. length: as written; rate: the cap of interest, millionths a year, None where there is none.

    once: the check of the country that says one in how many months, "" = no such limit.
    places, products, reasons: empty = every one. law: level, confidence, note, since, until as written.
    """

    id: str
    jurisdiction: str
    public: tuple[str, ...]
    name: Mapping[str, str]
    who: Mapping[str, str]
    apply: Mapping[str, str]
    ends: Mapping[str, str]
    event: Mapping[str, str]
    effects: tuple[str, ...]
    rate: int | None
    length: Mapping[str, Any]
    once: str
    products: tuple[str, ...]
    places: tuple[str, ...]
    reasons: tuple[str, ...]
    cites: Mapping[str, str]
    law: Mapping[str, Any]
    examples: tuple[Mapping[str, Any], ...]

    @property
    def agreed(self) -> bool:
        """Whether the parties agree the length."""
        return "agreed" in self.length or self.latest(date(2000, 1, 1)) is not None

    @property
    def once_months(self) -> int | None:
        """One in so many months; None = no such limit."""
        return _months_of(self.once, self.jurisdiction) if self.once else None

    def ends_on(self, start: date, event: date | None = None) -> date | None:
        """The last day; None while the event that ends it has not come, or where the parties agree the length.

        Days and months count the first day: 60 days from 5 May end on 3 July.
        """
        if "pause" in self.length:
            packs = checks.of_jurisdiction(self.jurisdiction)
            return checks.last_day_of_pause(packs, self.length["pause"], start, event)
        if "days" in self.length:
            return start + timedelta(self.length["days"] - 1)
        if "months" in self.length:
            return months_later(start, self.length["months"]) - timedelta(1)
        return event if "until" in self.length else None

    def latest(self, start: date) -> date | None:
        """The last day that may be agreed, where the law sets one."""
        if "figure" in self.length:
            months = int(figure("procedure", self.length["figure"]).values[self.length["months_most"]])
            return months_later(start, months)
        if "years_most" in self.length:
            return months_later(start, 12 * self.length["years_most"])
        return None

    def fits(self, *, product: str = "", region: str = "", reason: str = "", on: date | None = None) -> bool:
        """Whether it is for such a debt; what is not known ("") excludes nothing. region: as in `reaches`."""
        told = ((product, self.products), (reason, self.reasons))
        since, until = self.law.get("since"), self.law.get("until")
        in_force = on is None or ((not since or since <= on.isoformat()) and (not until or on.isoformat() <= until))
        fitting = all(not value or not known or value in known for value, known in told)
        return in_force and fitting and self.reaches(region) is not False

    def reaches(self, region: str) -> bool | None:
        """Whether who lives in a region on record (ISO 3166: "GB-SCT", "GB", "" = not known) may have it; None: the
        region does not tell."""
        if not self.places:
            return True
        country, _, part = region.partition("-")
        if country and country.lower() not in {place.partition("_")[0] for place in self.places}:
            return False
        return _PLACES.get(region) in self.places if part else None


def months_later(day: date, months: int) -> date:
    """The same day of a later month, its last day where the month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def outcome(scheme: Scheme, example: Mapping[str, Any]) -> dict[str, date | None]:
    """What an example comes to: the last day, and the latest that may be agreed; only what is not None."""
    found = {"ends": scheme.ends_on(example["start"], example.get("event")), "latest": scheme.latest(example["start"])}
    return {name: day for name, day in found.items() if day is not None}


# ---- reading


def load(text: str, *, file: str) -> tuple[Scheme, ...]:
    """Read one schemes.yaml. Raises PackError."""
    tree = parse(text, file=file, head="schemes")
    spot = Spot(file, "schemes", tree.lines["schemes"])
    head = mapping_of(tree["schemes"], spot, _HEAD)
    for name in ("id", "version"):
        text_of(head, name, spot)
    languages(head, "about", spot)
    country = text_of(head, "jurisdiction", spot)
    if country.upper() not in Jurisdiction.__members__:
        known = ", ".join(j.name.lower() for j in Jurisdiction)
        raise spot.at("jurisdiction", head).wrong(f"write one of {known}")
    return tuple(
        _scheme(name, body, country, Spot(file, name, tree.lines[name]))
        for name, body in tree.items()
        if name != "schemes"
    )


def _scheme(name: str, body: object, country: str, spot: Spot) -> Scheme:
    block = mapping_of(body, spot, _SCHEME)
    effects = _some_of(block, "effects", EFFECTS, spot)
    if not effects:
        raise spot.at("effects", block).wrong(f"name at least one of {', '.join(EFFECTS)}")
    if "law" not in block:
        raise spot.wrong("say where it is written: law: {cites, level, confidence}")
    law = mapping_of(block["law"], spot.at("law", block), LAW)
    _note(law, spot.at("law", block))
    read = Scheme(
        id=name,
        jurisdiction=country,
        public=tuple(map(str, block.get("public", ()))),
        **{word: languages(block, word, spot) for word in ("name", "who", "apply", "ends")},
        event=languages(block, "event", spot) if "event" in block else {},
        effects=effects,
        rate=_rate(block, effects, spot),
        length=_length(block, spot),
        once=_once(block, country, spot),
        products=_some_of(block, "products", PRODUCTS, spot),
        places=_some_of(block, "places", tuple(dict.fromkeys(_PLACES.values())), spot),
        reasons=_some_of(block, "reasons", REASONS, spot),
        cites=cites_of(law, spot.at("law", block)),
        law=law_of(law, spot.at("law", block)),
        examples=_examples(block, spot),
    )
    _try(read, block, spot)
    return read


def _note(law: Located, spot: Spot) -> None:
    """A note is shown on a page, which speaks one language: it is there in both."""
    note, here = law.get("note"), spot.at("note", law)
    if note is not None and (not isinstance(note, Located) or not all(str(text).strip() for text in note.values())):
        raise here.wrong("give the note in both languages: {zh: …, en: …}")


def _some_of(block: Located, field: str, known: tuple[str, ...], spot: Spot) -> tuple[str, ...]:
    given = block.get(field, [])
    if not isinstance(given, list) or not all(value in known for value in given):
        raise spot.at(field, block).wrong(f"write a list of some of {', '.join(known)}")
    return tuple(given)


def _rate(block: Located, effects: tuple[str, ...], spot: Spot) -> int | None:
    if ("cap" in effects) != ("cap_percent" in block):
        raise spot.at("cap_percent", block).wrong('a cap needs cap_percent, such as "6", and nothing else does')
    if "cap_percent" not in block:
        return None
    try:
        percent = Decimal(str(block["cap_percent"]))
    except InvalidOperation:
        percent = Decimal(-1)
    if not isinstance(block["cap_percent"], str) or not 0 <= percent <= 100:
        raise spot.at("cap_percent", block).wrong('write percent a year as text, such as "6"')
    return int(percent * RATE_ONE / 100)


def _length(block: Located, spot: Spot) -> Mapping[str, Any]:
    here = spot.at("length", block)
    length = mapping_of(block.get("length"), here, _LENGTHS | {"months_most"})
    kinds = [key for key in length if key in _LENGTHS]
    if len(kinds) != 1:
        raise here.wrong(f"name exactly one of {', '.join(sorted(_LENGTHS))}")
    kind = kinds[0]
    wrong = {
        **dict.fromkeys(("days", "months", "years_most"), not _whole(length[kind])),
        "until": length[kind] != "event",
        "agreed": length[kind] is not True,
        "figure": not isinstance(length.get("months_most"), str),
        "pause": not isinstance(length[kind], str),
    }[kind]
    if wrong:
        raise here.wrong("write {days: 60}, {months: 6}, {years_most: 5}, {pause: …}, {until: event}, {agreed: true} "
                         "or {figure: …, months_most: …}")  # fmt: skip
    return dict(length)


def _once(block: Located, country: str, spot: Spot) -> str:
    given = str(block.get("once", ""))
    if given and _months_of(given, country) is None:
        raise spot.at("once", block).wrong("name a check `not_before` of the country's checks.yaml")
    return given


def _months_of(check: str, country: str) -> int | None:
    """The months of a check `not_before`; None where there is none of this name."""
    every = (one for pack in checks.of_jurisdiction(country) for one in pack.checks)
    return next((int(one.terms["months"]) for one in every if (one.id, one.kind) == (check, "not_before")), None)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _examples(block: Located, spot: Spot) -> tuple[Mapping[str, Any], ...]:
    given = block.get("examples")
    here = spot.at("examples", block)
    if not isinstance(given, list) or not given:
        raise here.wrong("give at least one example, such as {start: 2026-05-05, ends: 2026-07-03}")
    for example in given:
        if (
            not all(isinstance(day, date) for day in mapping_of(example, here, _EXAMPLE).values())
            or "start" not in example
        ):
            raise here.wrong("an example is a block of days with `start`")
    return tuple(dict(example) for example in given)


def _try(scheme: Scheme, block: Located, spot: Spot) -> None:
    """The lengths it names exist, and every example comes out as written."""
    here = spot.at("examples", block)
    for n, example in enumerate(scheme.examples, 1):
        try:
            found = outcome(scheme, example)
        except (LookupError, KeyError) as error:
            raise spot.at("length", block).wrong(f"there is no such length: {error}") from error
        wanted = {name: day for name, day in example.items() if name in ("ends", "latest")}
        if found != wanted:
            told = ", ".join(f"{name} {day}" for name, day in found.items()) or "no end"
            raise here.wrong(f"example {n} comes to {told}")


@cache
def everything() -> Mapping[str, Scheme]:
    """Every scheme that comes with Fairdue, by its id. Raises PackError."""
    folder = files("fairdue.law") / "packs"
    found: dict[str, Scheme] = {}
    for country in sorted(folder.iterdir(), key=lambda entry: entry.name):
        file = country / "schemes.yaml"
        if country.is_dir() and file.is_file():
            for scheme in load(file.read_text("utf-8"), file=f"{country.name}/schemes.yaml"):
                if scheme.id in found:
                    raise PackError(f"the scheme {scheme.id} is given twice; rename one")
                found[scheme.id] = scheme
    return found


def schemes(jurisdiction: str) -> tuple[Scheme, ...]:
    """The schemes of a jurisdiction, in the order of their file."""
    return tuple(scheme for scheme in everything().values() if scheme.jurisdiction == jurisdiction)
