"""Contact data of a person: always sealed, always journalled."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction

from fairdue.journal import services as journal
from fairdue.people import phones, sealing
from fairdue.people.models import ContactPoint, Person
from fairdue.people.zones import country_zones, region_zones
from fairdue.staff.models import User

LONGEST: Final = {"email": 254, "address": 300}
CHECKED: Final = 4
"""So many last figures of an identity number are asked for on the phone."""


class ContactPointError(ValueError):
    """The address cannot be kept so: `field`, and how to write it, in both languages (`zh`, `en`)."""

    def __init__(self, field: str, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.field, self.zh, self.en = field, zh, en


@transaction.atomic
def add_contact_point(
    *,
    person: Person,
    kind: str,
    value: str,
    by: User | None,
    now: datetime,
    country: str = "CN",
    line: str = "",
    source: str = ContactPoint.Source.TOLD,
    rank: int = 1,
) -> ContactPoint:
    """Keep a phone, e-mail or address (`kind`), normalised and sealed; a known one is returned as it is.

    `country`: how a phone without + is read, and where an address lies. Raises ContactPointError.
    """
    text, zones = _normal(kind, value.strip(), country=country, person=person)
    point, new = ContactPoint.objects.get_or_create(
        person=person,
        kind=kind,
        hash=sealing.search_hash(kind, text),
        defaults={
            "sealed": sealing.seal(text),
            "masked": mask(kind, text),
            "country": country,
            "zones": zones,
            "line": line,
            "source": source,
            "rank": rank,
            "learned_at": now,
        },
    )
    if new:
        noted("contact_point.added", point.person_id, by, point, kind=kind, source=source)
    return point


@transaction.atomic
def set_status(
    *, contact_point: ContactPoint, status: str, by: User | None, now: datetime, why: str = ""
) -> ContactPoint:
    """Mark a contact point verified, invalid or somebody else's; `verified_at` says when it was looked at."""
    was, contact_point.status, contact_point.verified_at = contact_point.status, ContactPoint.Status(status), now
    contact_point.save(update_fields=["status", "verified_at"])
    noted("contact_point.checked", contact_point.person_id, by, contact_point, was=was, status=status, why=why)
    return contact_point


@transaction.atomic
def update_contact_point(
    *,
    contact_point: ContactPoint,
    by: User,
    now: datetime,
    rank: int | None = None,
    line: str | None = None,
    zones: str | None = None,
) -> ContactPoint:
    """Change what is known about a contact point, not the address itself. `zones`: comma list of IANA zones."""
    changed: dict[str, Any] = {"rank": rank, "line": line, "zones": zones}
    changed = {name: value for name, value in changed.items() if value is not None}
    for name in zones.split(",") if zones else ():
        if name not in available_timezones():
            raise ContactPointError(
                "zones",
                zh=f"没有名为 {name} 的时区，请写 Asia/Shanghai 这样的名称。",
                en=f"No time zone is called {name}; write a name such as Asia/Shanghai.",
            )
    for name, value in changed.items():
        setattr(contact_point, name, value)
    contact_point.save(update_fields=list(changed))
    noted("contact_point.updated", contact_point.person_id, by, contact_point, **changed)
    return contact_point


@transaction.atomic
def reveal(*, contact_point: ContactPoint, by: User, reason: str, case_id: int | None = None) -> str:
    """The address in the clear; every time is journalled (`contact_point.revealed`)."""
    noted("contact_point.revealed", contact_point.person_id, by, contact_point, reason=reason, case=case_id)
    return sealing.unseal(contact_point.sealed)


@transaction.atomic
def reveal_id(*, person: Person, by: User, reason: str, case_id: int | None = None) -> str:
    """The identity document's number in the clear, journalled; "" when none is kept."""
    noted("person.id_revealed", person.pk, by, person, reason=reason, case=case_id)
    return sealing.unseal(person.id_sealed) if person.id_sealed else ""


@transaction.atomic
def check_id(*, person: Person, figures: str, by: User, case_id: int | None = None) -> bool:
    """Whether the identity document's number ends in the four `figures` that somebody says, journalled.

    Nobody needs to see the number for it. False as well when none is kept, or not four are given.
    """
    number = sealing.unseal(person.id_sealed) if person.id_sealed else ""
    said = figures.strip().casefold()
    fits = len(said) == CHECKED and number.casefold()[-CHECKED:] == said
    noted("person.id_checked", person.pk, by, person, fits=fits, case=case_id)
    return fits


@transaction.atomic
def check_birth(*, person: Person, said: str, by: User, case_id: int | None = None) -> bool:
    """Whether the day of birth somebody says (ISO) is the one on record, journalled; False when none is."""
    fits = person.birth_on is not None and said.strip() == person.birth_on.isoformat()
    noted("person.birth_checked", person.pk, by, person, fits=fits, case=case_id)
    return fits


def rotate(*, batch: int = 1000, progress: Callable[[int], None] | None = None) -> int:
    """Seal again with the newest key whatever an older key sealed; safe to stop and repeat. Gives the number of values.

    Run it after a new key was put first in FAIRDUE_SEAL_KEYS, before the old one is taken out. The oldest key must
    stay: the search hashes follow from it.
    """
    done = 0
    for model, field in ((ContactPoint, "sealed"), (Person, "id_sealed")):
        last = 0
        while rows := _next(model, field, last, batch):
            last = rows[-1].pk
            done += _reseal(model, field, rows)
            if progress:
                progress(done)
    if done:
        journal.write("keys.rotated", values=done)
    return done


def _next(model: type[models.Model], field: str, after: int, batch: int) -> list[Any]:
    rows = model._default_manager.filter(pk__gt=after, **{f"{field}__isnull": False}).order_by("pk").only("pk", field)
    return list(rows[:batch])


def _reseal(model: type[models.Model], field: str, rows: list[Any]) -> int:
    """Each row by a conditional update, so that a value changed meanwhile is left alone."""
    stale = [row for row in rows if not sealing.sealed_with_newest(getattr(row, field))]
    with transaction.atomic():
        return sum(
            model._default_manager.filter(pk=row.pk, **{field: getattr(row, field)}).update(
                **{field: sealing.seal(sealing.unseal(getattr(row, field)))}
            )
            for row in stale
        )


def mask(kind: str, text: str) -> str:
    """What may be shown without a reveal: +86138****8000, w***@example.com, the first six characters of an address."""
    if kind == ContactPoint.Kind.PHONE:
        return f"{text[:6]}****{text[-4:]}" if len(text) >= 12 else f"{text[:3]}****{text[-2:]}"
    if kind == ContactPoint.Kind.EMAIL:
        name, _, domain = text.partition("@")
        return f"{name[:1]}***@{domain}"
    return text[:6] + "****"


def _normal(kind: str, text: str, *, country: str, person: Person) -> tuple[str, str]:
    """The normalised address and its zones."""
    home = ",".join(region_zones(person.region)) if person.region else ""
    if kind == ContactPoint.Kind.PHONE:
        found = phones.of_one(text, country=country)
        if found is None:
            raise ContactPointError(
                "value",
                zh="不是有效的电话号码，请按 13800138000 或 +86 10 8888 8888 的格式填写。",
                en="Not a valid phone number; write it like 13800138000 or +1 212 555 0100.",
            )
        number, zones = found
        return number, ",".join(sorted({*zones.split(","), *home.split(",")} - {""}))
    if len(text) > LONGEST.get(kind, 0) or not text:
        raise ContactPointError("value", zh="请填写地址，不要过长。", en="Give the address, not too long.")
    if kind == ContactPoint.Kind.EMAIL:
        try:
            validate_email(text)
        except ValidationError as error:
            raise ContactPointError(
                "value",
                zh="不是有效的邮箱地址，例如 name@example.com。",
                en="Not a valid e-mail address, such as name@example.com.",
            ) from error
        return text.lower(), home
    return " ".join(text.split()), home or ",".join(country_zones(country))


def noted(verb: str, person_id: int, by: User | None, subject: models.Model, **detail: Any) -> None:
    """One entry of the journal about a row of a person."""
    journal.write(
        verb, by=by, subject=subject._meta.model_name or "", subject_id=subject.pk, person_id=person_id, **detail
    )
