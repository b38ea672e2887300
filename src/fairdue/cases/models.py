"""The work: cases, who owns them, what stops them, the night's runs and the day's lists."""

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from fairdue.accounts.models import Account, Creditor, IdRange
from fairdue.people.models import ContactPoint, Person
from fairdue.staff.models import User


class Case(models.Model):
    """One person's accounts at one creditor. `owner` repeats the open ownership, for lists."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        REPAIR = "repair", _("Proof to be completed")
        CLOSED = "closed", _("Closed")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cases", db_index=False)
    creditor = models.ForeignKey(Creditor, on_delete=models.PROTECT, related_name="cases")
    owner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="cases", db_index=False)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    reason_for_default = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "creditor"], name="one_case_per_person_and_creditor")
        ]
        indexes: ClassVar = [models.Index(fields=["owner", "status"], name="cases_of_owner")]


class Ownership(models.Model):
    """Who had a case when; the database refuses two owners at once."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="ownerships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="ownerships")
    during = DateTimeRangeField()
    given_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="one_owner_at_a_time",
                expressions=[(IdRange("case"), RangeOperators.OVERLAPS), ("during", RangeOperators.OVERLAPS)],
            ),
        ]


class Hold(models.Model):
    """No collection for a reason. Covers the person everywhere, or one account when `account` is set. Absorbing: only
    `lifted_at` (by somebody entitled) or `ends_on` ends it."""

    class Kind(models.TextChoices):
        DISPUTE = "dispute", _("Dispute")
        HARDSHIP = "hardship", _("Hardship")
        CEASED = "ceased", _("Asked us to stop")
        ATTORNEY = "attorney", _("Represented by a lawyer")
        DECEASED = "deceased", _("Deceased")
        BANKRUPT = "bankrupt", _("Bankruptcy")
        MINOR = "minor", _("Minor")
        MORATORIUM = "moratorium", _("Statutory pause")
        PLAN = "plan", _("Plan being kept")
        WRONG_PERSON = "wrong_person", _("Wrong person")
        COMPLAINT = "complaint", _("Complaint")
        PAID = "paid", _("Paid")
        POLICY = "policy", _("Firm's decision")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="holds")
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=12, choices=Kind)
    reason = models.CharField(max_length=300)
    starts_at = models.DateTimeField()
    ends_on = models.DateField(null=True)
    review_on = models.DateField(
        null=True
    )  # when somebody looks whether it is still needed; null: see holds.review_due
    placed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    learned_at = models.DateTimeField(db_default=Now())
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    lift_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="hold_has_a_reason"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | ~Q(lift_reason=""), name="a_lifted_hold_says_why"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person"], name="holds_in_force", condition=Q(lifted_at__isnull=True))
        ]


class Note(models.Model):
    """Something worth knowing, written on a case; never changed. `by` None: the borrower's own words, from their page."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=4000)
    at = models.DateTimeField(db_default=Now())


class Run(models.Model):
    """One night run; one per date."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    on = models.DateField(unique=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.RUNNING)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    summary = models.JSONField(default=dict)


class Step(models.Model):
    """One step of a run, with what it counted and how long it took."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    n = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=20)
    status = models.CharField(max_length=8, choices=Run.Status, default=Run.Status.RUNNING)
    counts = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField()
    seconds = models.FloatField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "name"], name="one_step_once")]
        ordering: ClassVar = ["n"]


class WorkItem(models.Model):
    """A collector's item of the day: case, what to do, why, and when it is lawful.

    `reasons` is a list of [code, numbers] for planning's texts; `score` minor units of expected value. `channel` (a
    law.codes.Channel, 0 = not known) and `contact_point` are what the gate was asked for. The window is the day's first
    that is lawful there without a hole; `later_start` and `later_end` are the next one of that day. `zone` is the
    clock at the other end, empty = not known.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("To do")
        LEASED = "leased", _("In work")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    on = models.DateField()
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="work_items")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="work_items")
    rank = models.PositiveIntegerField()
    score = models.BigIntegerField()
    action = models.CharField(max_length=20)
    reasons = models.JSONField(default=list)
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    later_start = models.DateTimeField(null=True)
    later_end = models.DateTimeField(null=True)
    channel = models.PositiveSmallIntegerField(default=0)
    contact_point = models.ForeignKey(ContactPoint, null=True, on_delete=models.SET_NULL, related_name="+")
    zone = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    leased_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    leased_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_how = models.CharField(max_length=30, blank=True)
    due_again_at = models.DateTimeField(null=True)  # a call-back agreed for later today

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["on", "case"], name="no_case_on_two_lists"),
            models.CheckConstraint(condition=Q(window_start__lt=models.F("window_end")), name="item_has_a_window"),
        ]
        indexes: ClassVar = [models.Index(fields=["on", "user", "status", "rank"], name="worklist")]

    def window_at(self, now: datetime) -> tuple[datetime, datetime]:
        """The lawful window open at `now`, else the next one of the day, else the last."""
        if self.later_start and self.later_end and self.window_end <= now:
            return self.later_start, self.later_end
        return self.window_start, self.window_end
