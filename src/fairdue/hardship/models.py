"""Hardship: the file with its reason, evidence and review; what it grants; and, apart from it, who is treated with care.

Sealed columns hold AES-GCM ciphertext (people/sealing.py): why somebody cannot pay is often a matter of health.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from fairdue.accounts.models import Account, ChargeStop
from fairdue.cases.models import Case, Hold
from fairdue.law.schemes import everything
from fairdue.people.models import Person, Source, Wish
from fairdue.staff.models import User


class File(models.Model):
    """Somebody cannot pay for a time. `asked`: told us (on a call, on their page), not looked at yet; `reviewed`: looked
    at again and kept.

    `words`: sealed, their own. `since`: since when, as told. `attempt_id`: the contact in which it was told. `scheme`: id
    of a statutory scheme (law/packs/*/schemes.yaml) with `law`, its words and citation as they were that day. `event_on`:
    when what ends the scheme happened. `key`: the form it came with, so that a button pressed twice opens one file.
    """

    class Status(models.TextChoices):
        ASKED = "asked", _("To be looked at")
        OPEN = "open", _("Running")
        REVIEWED = "reviewed", _("Reviewed")
        ENDED = "ended", _("Ended")

    class Reason(models.TextChoices):
        ILLNESS = "illness", _("Illness or accident")
        JOB_LOSS = "job_loss", _("Loss of the job")
        INCOME_FALL = "income_fall", _("Income fell")
        DEATH = "death", _("Death in the family")
        DISASTER = "disaster", _("Disaster")
        SEPARATION = "separation", _("Separation")
        MILITARY = "military", _("Military service")
        OTHER = "other", _("Other")

    LIVE: ClassVar = (Status.OPEN, Status.REVIEWED)

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="hardship_files", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="hardship_files")
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    words = models.BinaryField(null=True)
    since = models.DateField(null=True)
    source = models.CharField(max_length=8, choices=Source, default=Source.CALL)
    told_at = models.DateTimeField()
    attempt_id = models.BigIntegerField(null=True)
    scheme = models.CharField(max_length=60, blank=True)
    law = models.JSONField(default=dict)
    event_on = models.DateField(null=True)
    event_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    review_on = models.DateField()
    opened_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    ended_on = models.DateField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    end_reason = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=~Q(status="ended"), name="one_hardship_file_at_a_time_per_case"
            ),
            models.CheckConstraint(
                condition=Q(status="asked") | Q(status="ended") | ~Q(reason=""), name="a_hardship_file_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(status="ended", ended_on__isnull=False) | ~Q(status="ended") & Q(ended_on__isnull=True),
                name="an_ended_hardship_file_has_a_day",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case", "-opened_at"], name="hardship_of_case"),
            models.Index(fields=["review_on"], name="hardship_reviews", condition=~Q(status="ended")),
        ]


class Effect(models.Model):
    """What a file grants from `starts_on` to `ends_on`, both included; carried out by hold, stop or agreed dues.

    `account` None: everything of the person. `ends_on` None: until the scheme's event. `asked_until`: a longer end that
    waits for somebody's word. `each`: of grace, every due moves, not only those of its days. `rate`: of a cap, millionths
    a year. `plan_id`: of a smaller plan. `undone`: taken back as if it had never been.
    """

    class Kind(models.TextChoices):
        GRACE = "grace", _("Grace: dues moved")
        QUIET = "quiet", _("Pause of contact")
        INTEREST = "interest", _("No interest")
        LATE = "late", _("No penalty, no fees")
        CAP = "cap", _("Interest capped")
        PLAN = "plan", _("Smaller plan")

    class Status(models.TextChoices):
        ASKED = "asked", _("To be approved")
        RUNNING = "running", _("Runs")
        REFUSED = "refused", _("Refused")
        ENDED = "ended", _("Over")

    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="effects")
    kind = models.CharField(max_length=8, choices=Kind)
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="hardship_effects")
    status = models.CharField(max_length=8, choices=Status, default=Status.RUNNING)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    asked_until = models.DateField(null=True)
    each = models.BooleanField(default=False)
    rate = models.PositiveIntegerField(null=True)
    by_law = models.BooleanField(default=False)
    undone = models.BooleanField(default=False)
    hold = models.ForeignKey(Hold, null=True, on_delete=models.PROTECT, related_name="+")
    stop = models.ForeignKey(ChargeStop, null=True, on_delete=models.SET_NULL, related_name="+")
    plan_id = models.BigIntegerField(null=True)
    granted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    learned_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="hardship_effect_days"
            ),
            models.CheckConstraint(condition=Q(kind="cap") ^ Q(rate__isnull=True), name="hardship_cap_has_a_rate"),
            models.UniqueConstraint(
                fields=["account", "kind", "by_law"],
                condition=Q(status="running") & Q(account__isnull=False) & ~Q(kind="plan"),
                name="one_hardship_effect_of_a_kind",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["ends_on"], name="hardship_ends", condition=Q(status="running"))]

    @property
    def beside(self) -> bool:
        """Whether it is at the firm's own judgement in a file of a statutory scheme that does not ask for it."""
        scheme = everything().get(self.file.scheme)
        asked = {"plan", *({"grace", "quiet"} & set(scheme.effects))} if scheme else {self.kind}
        return not self.by_law and self.kind not in asked


class Approval(models.Model):
    """What goes beyond the authority of who granted it waits for somebody else's word."""

    class Answer(models.TextChoices):
        WAITING = "waiting", _("To be approved")
        GIVEN = "given", _("Approved")
        REFUSED = "refused", _("Refused")

    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="approvals")
    why = models.CharField(max_length=300)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=8, choices=Answer, default=Answer.WAITING)
    words = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")), name="hardship_four_eyes"
            ),
            models.UniqueConstraint(
                fields=["file"], condition=Q(answer="waiting"), name="one_hardship_question_at_a_time"
            ),
        ]


class Review(models.Model):
    """One look at a file: what was decided, why, when to look again. Never changed."""

    class Decision(models.TextChoices):
        KEEP = "keep", _("Goes on as it is")
        CHANGE = "change", _("Changed")
        PLAN = "plan", _("Moved to a plan")
        END = "end", _("Ended")

    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="reviews")
    decision = models.CharField(max_length=6, choices=Decision)
    reason = models.CharField(max_length=300)
    again_on = models.DateField(null=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Evidence(models.Model):
    """A document about a file, or that one was seen and not kept (`content` None). `sha256`: of the document in clear."""

    class Kind(models.TextChoices):
        MEDICAL = "medical", _("Medical certificate")
        EMPLOYMENT = "employment", _("Notice or proof of unemployment")
        INCOME = "income", _("Pay slip, statement")
        CERTIFICATE = "certificate", _("Certificate of an authority")
        SERVICE = "service", _("Military orders")
        OTHER = "other", _("Other document")

    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=12, choices=Kind)
    note = models.BinaryField(null=True)
    content = models.BinaryField(null=True)
    media = models.CharField(max_length=40, blank=True)
    size = models.PositiveIntegerField(default=0)
    sha256 = models.BinaryField(max_length=32, null=True)
    added_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(content__isnull=True, size=0, sha256__isnull=True)
                | Q(content__isnull=False, sha256__isnull=False) & Q(size__gt=0) & ~Q(media=""),
                name="kept_evidence_is_whole",
            ),
            models.UniqueConstraint(fields=["file", "sha256"], name="one_document_once"),
        ]


class Care(models.Model):
    """Somebody is vulnerable. Others see `do` alone: what to do, never why.

    `secret`: sealed, {"kinds": […], "notes": "…"}. `do`: codes of hardship.words.CARE. `wishes`: channels that are left
    alone because of it. `basis`: on what ground it may be kept; with consent, when it was given.
    """

    class Basis(models.TextChoices):
        CONSENT = "consent", _("Their explicit consent")
        DUTY = "duty", _("A duty by law or regulation")
        VITAL = "vital", _("To protect their life or health")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="care")
    secret = models.BinaryField()
    do = ArrayField(models.CharField(max_length=16))
    basis = models.CharField(max_length=8, choices=Basis)
    consent_on = models.DateField(null=True)
    helper = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    wishes = models.ManyToManyField(Wish, related_name="+")
    review_on = models.DateField()
    noted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person"], condition=Q(ended_at__isnull=True), name="one_care_at_a_time"),
            models.CheckConstraint(
                condition=~Q(basis="consent") | Q(consent_on__isnull=False), name="consent_has_a_day"
            ),
        ]
