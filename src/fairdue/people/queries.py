"""Finding persons: exactly by number, or by words of the name."""

import re
from typing import Final

import polars as pl
from django.db.models import BooleanField, F, Func, Q, QuerySet
from django.db.models.expressions import RawSQL

from fairdue.people import identifiers, phones, sealing
from fairdue.people.models import Person

LONGEST: Final = 120


def search(text: str, *, country: str = "CN") -> QuerySet[Person]:
    """Persons whom `text` names: a phone, e-mail or identity document exactly (keyed hash), else words of the name. A name
    may hold a number; what names nobody exactly is looked for in names.

    Not narrowed by who asks: callers intersect with `cases.queries.visible_to`. Empty text finds nobody.
    """
    text = " ".join(text.split())[:LONGEST]
    if not text:
        return Person.objects.none()
    exact = _exact(text, country)
    if exact is not None and (found := Person.objects.filter(exact).distinct().order_by("pk")).exists():
        return found
    # The same function that made the column splits what is looked for; every word must be found.
    words = RawSQL(
        "array_to_string(array(select quote_literal(w) from unnest(tsvector_to_array(fairdue_words(%s))) w), ' & ')"
        "::tsquery",
        [text],
    )
    named = Func(F("words"), words, arg_joiner=" @@ ", template="(%(expressions)s)", output_field=BooleanField())
    return Person.objects.filter(named).order_by("pk")


def _exact(text: str, country: str) -> Q | None:
    """By keyed hash, when the text has the form of a number or an e-mail."""
    if "@" in text:
        return Q(contact_points__kind="email", contact_points__hash=sealing.search_hash("email", text.lower()))
    if not re.search(r"\d{4}", text):
        return None
    number = identifiers.compact(pl.Series([text], dtype=pl.String))[0]
    found = Q(id_hash=sealing.search_hash("id", number))
    if phone := phones.of_one(text, country=country):
        found |= Q(contact_points__kind="phone", contact_points__hash=sealing.search_hash("phone", phone[0]))
    return found
