"""A creditor becomes known: by its mapping on the command line, or by hand on the page."""

import re
from typing import Final

from django.db import transaction

from fairdue.accounts.models import Creditor
from fairdue.intake import mapping as mappings
from fairdue.journal import services as journal
from fairdue.staff.models import User

COUNTRIES: Final = {
    "CN": ("CNY", "Asia/Shanghai"),
    "US": ("USD", "America/New_York"),
    "GB": ("GBP", "Europe/London"),
    "IN": ("INR", "Asia/Kolkata"),
    "HK": ("HKD", "Asia/Hong_Kong"),
    "TW": ("TWD", "Asia/Taipei"),
}
"""Usual currency and business zone by country."""
_OWN_LAW: Final = {"CN", "US", "GB", "IN"}
CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,19}")


@transaction.atomic
def add_creditor(
    *,
    code: str,
    name_zh: str,
    name_en: str,
    country: str = "CN",
    currency: str | None = None,
    zone: str | None = None,
    mapping: str = "",
    by: User | None = None,
) -> Creditor:
    """The creditor of this code, made when it is not known yet (the first facts stand). Safe to say twice."""
    usual, business = COUNTRIES.get(country, COUNTRIES["CN"])
    found, made = Creditor.objects.get_or_create(
        code=code,
        defaults={
            "name_zh": name_zh,
            "name_en": name_en,
            "jurisdiction": country.lower() if country in _OWN_LAW else "cn",
            "currency": currency or usual,
            "zone": zone or business,
            "mapping": mapping,
        },
    )
    if made:
        journal.write("creditor.added", by=by, subject="creditor", subject_id=found.pk, code=code)
    return found


def country_of(creditor: Creditor) -> str:
    """The country a creditor works in, by its currency and clock; else that of its law."""
    known = {usual: country for country, usual in COUNTRIES.items()}
    return known.get((creditor.currency, creditor.zone), creditor.jurisdiction.upper())


def creditor_of(code: str, book: mappings.Book) -> Creditor:
    """The creditor a mapping file is about, made from the file's own facts when it is not known yet."""
    facts = book.creditor
    return add_creditor(
        code=code,
        name_zh=book.creditor_name or code,
        name_en=facts.get("name_en", book.creditor_name or code),
        country=facts.get("country", "CN"),
        currency=facts.get("currency"),
        zone=facts.get("zone"),
        mapping=book.text,
    )
