"""Messages from templates (templates.yaml): the same text for everybody, in two languages, saying what it must."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

from fairdue.contact.services.answers import Draft
from fairdue.law import codes, wordlists

OPT_OUT: Final = {
    "zh": "如不希望再收到此类邮件，回复“退订”即可。",
    "en": "To stop e-mails like this one, reply with STOP.",
}
OWN_WORDS: Final = "own_words"
"""The template into which a collector's own subject and text are put; the house adds who writes and how to stop."""
LONGEST: Final = 4000
_PLACE: Final = re.compile(r"\{([a-z_]+)\}")


class TemplateError(ValueError):
    """A template or a value is missing; the message names it. lacks: the places of the text that nothing fills."""

    def __init__(self, message: str, lacks: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.lacks = tuple(lacks)


@dataclass(frozen=True)
class Template:
    """A message in both languages. audience: debtor, or third for persons who learn nothing of the debt.

    contains: what its text says, of `wordlists.PARTS`; a test reads the texts and holds them to it. door: whether a flow
    of its own sends it, so that it is not among the letters one may choose.
    """

    name: str
    audience: str
    channel: codes.Channel
    contains: frozenset[str]
    about: Mapping[str, str]
    texts: Mapping[str, Mapping[str, str]]
    door: bool = False

    def needs(self, language: str) -> frozenset[str]:
        """The values the text asks for, beside the opt-out line."""
        return frozenset(_PLACE.findall("".join(self.texts[language].values()))) - {"opt_out"}


@cache
def templates() -> Mapping[str, Template]:
    """All templates by name, checked when first read."""
    told: Mapping[str, Any] = yaml.safe_load(
        resources.files("fairdue.contact").joinpath("templates.yaml").read_text("utf-8")
    )
    return {name: _template(name, fields) for name, fields in told.items()}


def compose(*, template: str, language: str, values: Mapping[str, str], text: str = "") -> Draft:
    """Fill a template. Values lose their line breaks; `text`, the writer's own words, keeps them.

    Raises TemplateError naming what is missing.
    """
    found = templates().get(template)
    if found is None:
        raise TemplateError(f"no template is called {template!r}; known: {', '.join(templates())}")
    language = language if language in found.texts else "en"
    plain = {name: " ".join(str(value).split()) for name, value in values.items()} | {"opt_out": OPT_OUT[language]}
    plain["text"] = text.strip()[:LONGEST]
    if missing := sorted(name for name in found.needs(language) if not plain.get(name)):
        raise TemplateError(f"template {template} ({language}) needs {', '.join(missing)}", missing)
    subject, body = (
        _PLACE.sub(lambda place: plain[place[1]], found.texts[language][part]) for part in ("subject", "body")
    )
    return Draft(language=language, template=template, subject=subject[:200], body=body)


def _template(name: str, fields: Mapping[str, Any]) -> Template:
    contains = frozenset(fields["contains"])
    if unknown := contains - set(wordlists.PARTS):
        raise TemplateError(f"template {name}: contains {', '.join(unknown)} is not known")
    if fields["for"] == "third" and contains & {"debt", "debt_collector"}:
        raise TemplateError(f"template {name} is for third persons and must not speak of the debt")
    return Template(
        name=name,
        audience=fields["for"],
        channel=codes.Channel[str(fields["channel"]).upper()],
        contains=contains,
        about=fields["about"],
        texts={language: fields[language] for language in ("zh", "en")},
        door=bool(fields.get("door")),
    )
