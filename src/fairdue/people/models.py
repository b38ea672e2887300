"""Humans tied to debts: identity, how to reach them, what they wished and allowed.

Sealed columns hold AES-GCM ciphertext (people/sealing.py); the `hash` beside them is a keyed hash for exact search.
"""

from datetime import date
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, HashIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from fairdue.law import codes
from fairdue.staff.models import User


def choices(kind: type) -> list[tuple[int, str]]:
    """Django choices of a code table."""
    return [(member.value, member.name.lower()) for member in kind]  # type: ignore[attr-defined]


class Person(models.Model):
    """A borrower or somebody tied to one. `merge_key` is the keyed hash by which files meet the same person again."""

    class IdKind(models.TextChoices):
        CN_RESIDENT = "cn_resident_id", _("Resident ID")
        CN_USCC = "cn_uscc", _("Unified credit code")
        PASSPORT = "passport", _("Passport")
        OTHER = "other", _("Other document")
        NONE = "none", _("No document")

    merge_key = models.BinaryField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    words = models.GeneratedField(  # two-character tokens for Chinese, words otherwise
        expression=models.Func("name", function="fairdue_words"), output_field=SearchVectorField(), db_persist=True
    )
    id_kind = models.CharField(max_length=16, choices=IdKind, default=IdKind.NONE)
    id_sealed = models.BinaryField(null=True)
    id_hash = models.BinaryField(max_length=32, null=True)
    id_masked = models.CharField(max_length=40, blank=True)
    birth_on = models.DateField(null=True)
    sex = models.PositiveSmallIntegerField(null=True)
    region = models.CharField(max_length=12, blank=True)
    language = models.CharField(max_length=8, default="zh")
    income_month = models.BigIntegerField(null=True)
    income_currency = models.CharField(max_length=3, blank=True)
    made_up = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [
            HashIndex(fields=["id_hash"], name="person_by_id", condition=models.Q(id_hash__isnull=False)),
            GinIndex(fields=["words"], name="person_words"),
        ]

    def __str__(self) -> str:
        return self.name


class Relation(models.Model):
    """The tie of `person` to the debts of `debtor`."""

    debtor = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="relations", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="related_to")
    kind = models.PositiveSmallIntegerField(choices=choices(codes.Relation))
    learned_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["debtor", "person", "kind"], name="one_relation_of_a_kind"),
            models.CheckConstraint(condition=~models.Q(debtor=models.F("person")), name="no_relation_to_oneself"),
        ]


class ContactPoint(models.Model):
    """A phone, an e-mail, a postal address. `zones`: every IANA zone the person may be in, comma-separated; never empty
    by default of ours: unknown means all zones of the country."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        ADDRESS = "address", _("Address")

    class Source(models.TextChoices):
        RESERVED = "reserved", _("Left with the lender")
        TOLD = "told", _("Told by the person")
        THIRD = "third", _("Told by a third person")
        PUBLIC = "public", _("Public register")
        SCRAPED = "device_address_book", _("Address book")

    class Status(models.TextChoices):
        UNVERIFIED = "unverified", _("Not verified")
        VERIFIED = "verified", _("Verified")
        INVALID = "invalid", _("Invalid")
        WRONG = "wrong_person", _("Wrong person")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contact_points", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    sealed = models.BinaryField()
    hash = models.BinaryField(max_length=32)
    masked = models.CharField(max_length=120)
    country = models.CharField(max_length=2, blank=True)
    zones = models.CharField(max_length=400, blank=True)
    line = models.CharField(max_length=10, blank=True)  # mobile, landline, work
    source = models.CharField(max_length=20, choices=Source, default=Source.RESERVED)
    status = models.CharField(max_length=12, choices=Status, default=Status.UNVERIFIED)
    verified_at = models.DateTimeField(null=True)
    rank = models.PositiveSmallIntegerField(default=1)
    learned_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "kind", "hash"], name="one_contact_point_once"),
        ]
        # Only ever asked for equality; a B-tree over random 32 bytes costs four times as much at every insert.
        indexes: ClassVar = [HashIndex(fields=["hash"], name="contact_point_by_hash")]


class Source(models.TextChoices):
    """How we learned of a wish or a permission."""

    CALL = "call", _("Said on the phone")
    MESSAGE = "message", _("Written message")
    LETTER = "letter", _("Letter")
    VISIT = "visit", _("Said in person")
    PORTAL = "portal", _("Borrower's page")
    LENDER = "lender", _("Told by the lender")
    OTHER = "other", _("Another way")


class Wish(models.Model):
    """What a person asked for: an opt-out, an unwelcome or a preferred time or place. Binds every debt.

    Times are local to the person: barred (or preferred) from `start` to before `end`, minutes of the day, on `days`
    (bit 0 Monday … bit 6 Sunday).
    """

    class Kind(models.TextChoices):
        OPT_OUT = "opt_out", _("Do not use")
        UNWELCOME = "unwelcome_time", _("Unwelcome time")
        PLACE = "unwelcome_place", _("Unwelcome place")
        PREFERRED = "preferred_time", _("Preferred time")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="wishes")
    kind = models.CharField(max_length=16, choices=Kind)
    channel = models.PositiveSmallIntegerField(choices=choices(codes.Channel), null=True)  # null: every channel
    contact_point = models.ForeignKey(ContactPoint, null=True, on_delete=models.CASCADE)  # null: every point
    days = models.PositiveSmallIntegerField(default=127)
    start = models.PositiveSmallIntegerField(default=0)
    end = models.PositiveSmallIntegerField(default=1440)
    until_on = models.DateField(null=True)
    words = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=8, choices=Source, blank=True, db_default="")
    noted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    learned_at = models.DateTimeField(db_default=Now())
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(end__lte=1440, start__lt=1440), name="wish_within_a_day"),
        ]

    def holds(self, on: date) -> bool:
        """Whether it was not taken back and its last day is not past."""
        return self.withdrawn_at is None and (self.until_on is None or self.until_on >= on)


class Consent(models.Model):
    """What a person allowed: off-hours contact, more calls. `channel` null covers every channel."""

    class Kind(models.TextChoices):
        OFF_HOURS = "off_hours", _("Contact outside the hours")
        MORE_CALLS = "additional_calls", _("More calls")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField(max_length=16, choices=Kind)
    channel = models.PositiveSmallIntegerField(choices=choices(codes.Channel), null=True)
    contact_point = models.ForeignKey(ContactPoint, null=True, on_delete=models.CASCADE)
    on_date = models.DateField(null=True)
    recorded = models.BooleanField(default=True)
    words = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=8, choices=Source, blank=True, db_default="")
    noted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    given_at = models.DateTimeField()
    learned_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True)

    def holds(self, on: date) -> bool:
        """Whether it was not taken back and its day is not past; without a record it has no effect all the same."""
        return self.revoked_at is None and (self.on_date is None or self.on_date >= on)


class Withdrawal(models.Model):
    """A wish or a permission taken back: who noted it, when, and how we know. Never changed; the wish itself stays."""

    wish = models.OneToOneField(Wish, null=True, on_delete=models.CASCADE, related_name="withdrawal")
    consent = models.OneToOneField(Consent, null=True, on_delete=models.CASCADE, related_name="withdrawal")
    at = models.DateTimeField()
    learned_at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    why = models.CharField(max_length=300)
    source = models.CharField(max_length=8, choices=Source, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(wish__isnull=False) ^ models.Q(consent__isnull=False), name="one_thing_taken_back"
            ),
            models.CheckConstraint(condition=~models.Q(why=""), name="taken_back_with_a_reason"),
        ]
