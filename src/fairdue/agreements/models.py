"""What was agreed: promises to pay."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from fairdue.accounts.models import Account
from fairdue.cases.models import Case
from fairdue.people.models import Person
from fairdue.staff.models import User


class Promise(models.Model):
    """A promise to pay `cents` by `due_on`, judged by real payments. `attempt_id` names the contact it was made in."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        KEPT = "kept", _("Kept")
        PARTLY = "partly_kept", _("Partly kept")
        BROKEN = "broken", _("Broken")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="promises")
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="promises")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="promises")
    cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    made_on = models.DateField()
    due_on = models.DateField()
    attempt_id = models.BigIntegerField(null=True, unique=True)
    taken_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="promises_taken")
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    received = models.BigIntegerField(default=0)
    judged_on = models.DateField(null=True)
    learned_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(cents__gt=0), name="promise_positive"),
            models.CheckConstraint(condition=Q(due_on__gte=F("made_on")), name="promise_not_in_the_past"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case", "-made_on"], name="promises_of_case"),
            models.Index(fields=["due_on"], name="promises_open", condition=Q(status="open")),
        ]
