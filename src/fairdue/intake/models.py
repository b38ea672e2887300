"""Files that came in, and what became of their rows."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from fairdue.accounts.models import Creditor
from fairdue.staff.models import User


class Load(models.Model):
    """One file. read = loaded + updated + unchanged + rejected, in rows; likewise in money."""

    class Status(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        QUEUED = "queued", _("Waiting")
        CHECKING = "checking", _("Checking")
        LOADING = "loading", _("Loading")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    class Kind(models.TextChoices):
        ACCOUNTS = "accounts", _("Accounts")
        DUES = "dues", _("Bills and instalments")
        PAYMENTS = "payments", _("Payments")
        BANK = "bank", _("Bank statement")
        CONTACTS = "contacts", _("Past contacts")

    creditor = models.ForeignKey(Creditor, on_delete=models.PROTECT, related_name="loads")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=400)
    sha256 = models.CharField(max_length=64)
    mapping = models.TextField()
    status = models.CharField(max_length=10, choices=Status, default=Status.UPLOADED)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    rows_total = models.BigIntegerField(null=True)
    rows_read = models.BigIntegerField(default=0)
    loaded = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    sums = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    problems = models.JSONField(default=list)  # [{"zh": …, "en": …}]: why the file was refused or the load failed
    step = models.CharField(max_length=20, blank=True)  # what is being done while it runs
    seconds = models.JSONField(default=dict)  # step → seconds it took
    rejected_path = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
