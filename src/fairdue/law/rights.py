"""Rights and duties: a plain statement for the borrower, by jurisdiction, in both languages, every sentence with its source.

    statement("cn").told("zh", values, actor=…, products={"online_loan"}, on=date(2026, 3, 3))

Statements are data (statements/*.yaml): common.yaml holds what is the same everywhere (what is owed, what the firm does
of its own accord), one file per jurisdiction what its law says. The form is described in docs/evidence.md.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import yaml

from fairdue.law.codes import ActorType, Jurisdiction
from fairdue.law.located import CONFIDENCE

Lang = Literal["zh", "en"]

SECTIONS: Final[Mapping[str, Mapping[Lang, str]]] = {
    "owed": {"zh": "您欠什么、为什么", "en": "What you owe, and why"},
    "may": {"zh": "可能会发生什么", "en": "What can happen"},
    "may_not": {"zh": "不可以发生什么", "en": "What may not happen"},
    "dispute": {"zh": "认为有误怎么办", "en": "If you think it is wrong"},
    "time": {"zh": "需要时间怎么办", "en": "If you need time"},
    "complain": {"zh": "怎样投诉", "en": "How to complain"},
    "alone": {"zh": "怎样不被打扰", "en": "How to be left alone"},
}
"""The parts of every statement, in this order."""
PLACES: Final = frozenset(
    {
        "name",
        "firm",
        "creditor",
        "reference",
        "amount",
        "late",
        "since",
        "contact",
        "account",
        "product",
        "sum",
        "parts",
    }
)
"""What a sentence may ask to have filled in; account, product, sum and parts only where it is said for each account."""
_EACH: Final = frozenset({"account", "product", "sum", "parts"})
PRODUCTS: Final = frozenset({"online_loan", "credit_card"})
BASES: Final = frozenset({"case", "firm", "law"})
_PLACE: Final = re.compile(r"{(\w+)}")
_NO_ARTICLE: Final = re.compile(r"no article seen$|^No rule |未见条文）?$|未见规定$")
_REMARK: Final = re.compile(r" \([^()]*not seen\)|（未见[^（）]*号）|，未见[^（），]*号(?=）)")
"""How `cites` says that there is nothing to look up, or not where in a law."""
_FIELDS: Final = {"say", "law", "from", "actor", "product", "since", "until", "each"}
_LAW: Final = {"cites", "confidence", "facts"}


class RightsError(ValueError):
    """A mistake in a statement, or a value that is missing: file, part, sentence, and how to mend it."""


@dataclass(frozen=True)
class Sentence:
    """One sentence of a statement. basis: case (a fact of the case), firm (our own practice) or law (then `cites`,
    `confidence` and `facts`, the ids of the fact sheet). actors, products: told only to theirs; empty: to all."""

    say: Mapping[Lang, str]
    basis: str
    cites: Mapping[Lang, str]
    confidence: str
    facts: tuple[str, ...]
    actors: frozenset[int]
    products: frozenset[str]
    since: date | None
    until: date | None
    each: bool

    def tells(self, *, actor: int, products: Collection[str], on: date) -> bool:
        """Whether the sentence is for this creditor's part, these products and this day."""
        return (
            (not self.actors or actor in self.actors)
            and (not self.products or bool(self.products & set(products)))
            and (self.since is None or self.since <= on)
            and (self.until is None or on <= self.until)
        )

    def needs(self, lang: Lang) -> set[str]:
        """The places of the text."""
        return set(_PLACE.findall(self.say[lang]))


@dataclass(frozen=True)
class Told:
    """A sentence as it is told: filled in, with where it comes from."""

    text: str
    basis: str
    cites: str = ""
    confidence: str = ""
    facts: tuple[str, ...] = ()

    @property
    def article(self) -> str:
        """What of `cites` a borrower can look up: our remarks that no article was seen are left out; "" without one."""
        return "" if _NO_ARTICLE.search(self.cites) else _REMARK.sub("", self.cites)


@dataclass(frozen=True)
class Section:
    """One part of a statement as it is told."""

    name: str
    title: str
    sentences: list[Told]


@dataclass(frozen=True)
class Statement:
    """The statement of a jurisdiction. hash: of both files it is made of; duties: what the packs demand to be said
    (must_say) that this text says."""

    id: str
    version: str
    hash: str
    about: Mapping[Lang, str]
    duties: tuple[str, ...]
    sentences: Mapping[str, tuple[Sentence, ...]]

    def told(
        self,
        lang: Lang,
        values: Mapping[str, str],
        *,
        accounts: Iterable[Mapping[str, str]] = (),
        actor: int,
        products: Collection[str],
        on: date,
    ) -> list[Section]:
        """The statement filled in for a case. A sentence about the case whose value is empty is left out.

        `accounts`: values of each account, for sentences said of each. Raises RightsError when a sentence of law or
        practice lacks a value.
        """
        rows = list(accounts)
        found = []
        for name, title in SECTIONS.items():
            told = []
            for sentence in self.sentences[name]:
                if sentence.tells(actor=actor, products=products, on=on):
                    several = [{**values, **row} for row in rows] if sentence.each else [values]
                    told += [one for filled in several if (one := _told(sentence, lang, filled))]
            found.append(Section(name, title[lang], told))
        return found


def _told(sentence: Sentence, lang: Lang, values: Mapping[str, str]) -> Told | None:
    missing = sorted(place for place in sentence.needs(lang) if not values.get(place))
    if missing and sentence.basis == "case":
        return None
    if missing:
        raise RightsError(f"“{sentence.say[lang]}” needs {', '.join(missing)}")
    text = _PLACE.sub(lambda place: " ".join(values[place[1]].split()), sentence.say[lang])
    return Told(text, sentence.basis, sentence.cites.get(lang, ""), sentence.confidence, sentence.facts)


def sayings(jurisdiction: str) -> tuple[str, ...]:
    """Every sentence and citation of a jurisdiction's statement that is the same for everybody, in both languages."""
    found = statements().get(jurisdiction)
    rows = [] if found is None else [row for rows in found.sentences.values() for row in rows if row.basis != "case"]
    return tuple(dict.fromkeys(text for row in rows for text in (*row.say.values(), *row.cites.values()) if text))


def plain(sections: Iterable[Section]) -> str:
    """The statement as plain text, for a message: titles, and a line for each sentence."""
    return "\n\n".join(
        "\n".join([section.title, *(f"- {one.text}" for one in section.sentences)])
        for section in sections
        if section.sentences
    )


@cache
def statements() -> Mapping[str, Statement]:
    """Every statement by jurisdiction, checked when first read."""
    return {
        code.name.lower(): statement(code.name.lower()) for code in Jurisdiction if (_folder() / _file(code)).is_file()
    }


def _file(code: Jurisdiction) -> str:
    return f"{code.name.lower()}.yaml"


@cache
def statement(jurisdiction: str) -> Statement:
    """The statement of a jurisdiction; KeyError when there is none."""
    if not (_folder() / f"{jurisdiction}.yaml").is_file():
        raise KeyError(jurisdiction)
    common, own = ((_folder() / f"{name}.yaml").read_bytes() for name in ("common", jurisdiction))
    return read(common, own, file=f"{jurisdiction}.yaml")


def _folder() -> Any:
    return files("fairdue.law") / "statements"


def read(common: bytes, own: bytes, *, file: str) -> Statement:
    """A statement from its two files. Raises RightsError."""
    shared, told = yaml.safe_load(common), yaml.safe_load(own)
    head = told["statement"]
    if missing := {"id", "version", "about"} - set(head):
        raise RightsError(f"{file}: the statement lacks {', '.join(sorted(missing))}")
    return Statement(
        id=head["id"],
        version=f"{head['version']}+{shared['statement']['version']}",
        hash=hashlib.sha256(common + b"\x1f" + own).hexdigest(),
        about=head["about"],
        duties=tuple(head.get("duties", ())),
        sentences={
            name: (*_sentences("common.yaml", name, shared), *_sentences(file, name, told)) for name in SECTIONS
        },
    )


def _sentences(file: str, section: str, told: Mapping[str, Any]) -> tuple[Sentence, ...]:
    if unknown := set(told) - {"statement", *SECTIONS}:
        raise RightsError(f"{file}: there is no part {', '.join(sorted(unknown))}; parts are {', '.join(SECTIONS)}")
    return tuple(_sentence(f"{file}: {section} {n}", row) for n, row in enumerate(told.get(section) or (), 1))


def _sentence(where: str, row: Mapping[str, Any]) -> Sentence:
    if unknown := set(row) - _FIELDS:
        raise RightsError(f"{where}: {', '.join(sorted(unknown))} is not known; known are {', '.join(sorted(_FIELDS))}")
    law, basis = row.get("law"), row.get("from", "law")
    if basis not in BASES or (basis == "law") != (law is not None):
        raise RightsError(f"{where}: give either from: case, from: firm, or law: {{cites, confidence, facts}}")
    _check_text(where, row)
    law = law or {}
    if basis == "law" and (set(law) != _LAW or law["confidence"] not in CONFIDENCE or not law["cites"]):
        raise RightsError(f"{where}: law needs cites, confidence ({', '.join(CONFIDENCE)}) and facts, nothing else")
    cites = law.get("cites", "")
    actors = frozenset(int(ActorType[name.upper()]) for name in row.get("actor", ()))
    return Sentence(
        say=row["say"],
        basis=basis,
        cites=cites if isinstance(cites, dict) else {"zh": cites, "en": cites},
        confidence=law.get("confidence", ""),
        facts=tuple(law.get("facts", ())),
        actors=actors,
        products=frozenset(row.get("product", ())),
        since=row.get("since"),
        until=row.get("until"),
        each=bool(row.get("each")),
    )


def _check_text(where: str, row: Mapping[str, Any]) -> None:
    if set(row["say"]) != {"zh", "en"}:
        raise RightsError(f"{where}: say needs zh and en, nothing else")
    places = {place for text in row["say"].values() for place in _PLACE.findall(text)}
    known = PLACES if row.get("each") else PLACES - _EACH
    if unknown := places - known:
        raise RightsError(f"{where}: nothing fills {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}")
    if unknown := set(row.get("product", ())) - PRODUCTS:
        raise RightsError(f"{where}: there is no product {', '.join(sorted(unknown))}")
