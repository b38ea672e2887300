"""Packs that were asked for, and what became of them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from fairdue.accounts.models import Creditor
from fairdue.evidence.words import STEPS
from fairdue.people.models import Person
from fairdue.staff.models import User


class Pack(models.Model):
    """One evidence pack. The period runs from `since` to before `until`; null: open. `full`: personal data unmasked."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Being put together")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")

    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    creditor = models.ForeignKey(Creditor, null=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    full = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=8, default="zh")
    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    step = models.CharField(max_length=30, blank=True)  # what is being gathered
    steps_done = models.PositiveSmallIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=0)
    rows = models.JSONField(default=dict)  # data set → rows
    path = models.CharField(max_length=400, blank=True)
    size = models.BigIntegerField(default=0)
    manifest = models.CharField(max_length=64, blank=True)  # SHA-256 of the manifest, as journalled
    problem = models.TextField(blank=True)

    @property
    def step_word(self) -> str:
        """What is being done now, in words."""
        return str(STEPS.get(self.step, self.step))

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(since__isnull=False, until__isnull=False),
                name="a_person_or_a_period",
            ),
            models.CheckConstraint(condition=Q(full=False) | ~Q(reason=""), name="full_data_says_why"),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(since__lt=models.F("until")),
                name="evidence_period",
            ),
        ]
