"""Who works here: users, teams, roles, authority."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody may do follows from the role (staff/policies.py)."""

    COLLECTOR = "collector", _("Collector")
    FIELD = "field", _("Field collector")
    LEAD = "lead", _("Team lead")
    RISK = "risk", _("Risk control")
    COMPLIANCE = "compliance", _("Compliance officer")
    LEGAL = "legal", _("Legal officer")
    COMPLAINTS = "complaints", _("Complaints and disputes")
    PRIVACY = "privacy", _("Data protection officer")
    CREDITOR = "creditor", _("Creditor's staff")
    ADMIN = "admin", _("Administrator")


class Team(models.Model):
    """Collectors who share a lead."""

    name = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """Somebody who signs in. Skills and minutes say what the night may plan for a collector."""

    role = models.CharField(max_length=12, choices=Role, default=Role.COLLECTOR)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="members")
    display_name = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    minutes_a_day = models.PositiveSmallIntegerField(default=420)
    speaks = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    products = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    bucket_from = models.PositiveSmallIntegerField(default=0)
    bucket_to = models.PositiveSmallIntegerField(default=7)
    away_until = models.DateField(null=True, blank=True)
    must_change_password = models.BooleanField(default=False)
    """The password was handed over by somebody else: nothing opens before an own one is chosen."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(minutes_a_day__lte=720), name="minutes_within_a_day"),
            models.CheckConstraint(condition=models.Q(bucket_from__lte=models.F("bucket_to")), name="buckets_in_order"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username


class Authority(models.Model):
    """How far somebody may go on their own: a limit in minor units per kind of act and currency."""

    class Kind(models.TextChoices):
        WAIVE = "waive", _("Waive")
        PLAN = "plan", _("Agree a plan")
        SETTLE = "settle", _("Settle")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="authority")
    kind = models.CharField(max_length=10, choices=Kind)
    currency = models.CharField(max_length=3)
    limit_cents = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "kind", "currency"], name="one_limit_per_kind_and_currency"),
            models.CheckConstraint(condition=models.Q(limit_cents__gte=0), name="authority_not_negative"),
        ]


class DayCorrection(models.Model):
    """The firm's word about one day of a calendar (law/special_days.py): worked or off, whatever the packages say.

    Never erased: a correction that was wrong is taken away (`removed_at`) and the next one is a row of its own.
    """

    calendar = models.CharField(max_length=4)
    day = models.DateField()
    works = models.BooleanField()
    reason = models.CharField(max_length=300)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    removed_why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["calendar", "day"],
                condition=models.Q(removed_at__isnull=True),
                name="one_correction_in_force_per_day",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="correction_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(removed_at__isnull=True) | ~models.Q(removed_why=""), name="removed_with_a_reason"
            ),
        ]
