"""Texts of packs by hash, their versions, and what was worked out with them: replays and trials."""

from datetime import date, datetime, time
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairdue.staff.models import User


class PackText(models.Model):
    """The text of a pack that was in force once; kept for ever, so that every verdict can be judged again."""

    hash = models.CharField(max_length=64, primary_key=True)  # SHA-256 of the text
    pack = models.CharField(max_length=40)
    version = models.CharField(max_length=40)
    file = models.CharField(max_length=120)
    text = models.TextField()
    learned_at = models.DateTimeField(db_default=Now())


class RuleVersion(models.Model):
    """One version of one pack. In force: the approved one with the latest `force_from` that has come, from the midnight
    of the firm at which that day begins, or from its approval (`decided_at`) when that came later.

    `author` None: it came with Fairdue. `based_on` is the version it replaces; the database allows each one heir.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Waits for approval")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    pack = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    file = models.CharField(max_length=120)
    text = models.TextField()
    shipped = models.CharField(max_length=64, blank=True)  # hash of the text as it came with Fairdue, if it did
    kept = models.ForeignKey(PackText, null=True, on_delete=models.PROTECT, related_name="versions")
    based_on = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="heirs")
    reason = models.CharField(max_length=1000, blank=True)
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    force_from = models.DateField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pack", "number"], name="one_version_per_number"),
            models.UniqueConstraint(fields=["based_on"], name="a_version_has_one_heir", condition=Q(status="approved")),
            models.UniqueConstraint(
                fields=["pack"], name="a_pack_begins_once", condition=Q(status="approved", based_on__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(author__isnull=True) | Q(decided_by__isnull=True) | ~Q(decided_by=F("author")),
                name="a_second_person_decides",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "declined"])
                | Q(author__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="a_decision_has_its_person",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(kept__isnull=False, force_from__isnull=False),
                name="an_approved_version_is_kept_and_dated",
            ),
            models.CheckConstraint(
                condition=~Q(status="submitted") | (Q(force_from__isnull=False) & ~Q(reason="")),
                name="a_submitted_version_says_when_and_why",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["pack", "-force_from", "-number"], name="versions_in_force", condition=Q(status="approved")
            )
        ]

    def __str__(self) -> str:
        return f"{self.pack} {self.number}"

    @property
    def binds_from(self) -> datetime | None:
        """The moment from which an approved version binds; None while it is not approved."""
        if self.status != self.Status.APPROVED or self.force_from is None:
            return None
        midnight = timezone.make_aware(datetime.combine(self.force_from, time.min), timezone.get_default_timezone())
        return max(midnight, self.decided_at or midnight)

    def is_coming(self, today: date) -> bool:
        """Approved, and its day has not come."""
        return self.status == self.Status.APPROVED and self.force_from is not None and self.force_from > today


class Replay(models.Model):
    """Stored verdicts judged again by the facts and packs stored with them. Goes on from `last` when it was killed."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    status = models.CharField(max_length=8, choices=Status, default=Status.RUNNING)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    after = models.BigIntegerField()  # id of the last verdict that is left out
    upto = models.BigIntegerField()  # id of the last verdict of this run
    last = models.BigIntegerField()  # id of the last verdict done
    total = models.BigIntegerField()
    judged = models.BigIntegerField(default=0)
    different = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(after__lte=F("last"), last__lte=F("upto")), name="a_replay_goes_forward")
        ]

    @property
    def rate(self) -> int:
        """Verdicts a second of work; 0 when there was none."""
        return int(self.judged / self.seconds) if self.seconds else 0


class ReplayDifference(models.Model):
    """A verdict that came out otherwise. `what`: {field: [stored, again]}, or {"packs": [why]} when it could not be."""

    replay = models.ForeignKey(Replay, on_delete=models.CASCADE, related_name="differences")
    verdict = models.ForeignKey("contact.Verdict", on_delete=models.PROTECT, related_name="+")
    what = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["replay", "verdict"], name="one_difference_per_verdict_and_replay")
        ]


class Trial(models.Model):
    """A draft tried on history and on the plan: progress while it runs, then what would be stopped or freed."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    version = models.ForeignKey(RuleVersion, null=True, on_delete=models.PROTECT, related_name="trials")
    pack = models.CharField(max_length=40)
    file = models.CharField(max_length=120)
    text = models.TextField()
    days = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
