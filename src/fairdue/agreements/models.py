"""What was agreed: promises to pay; budgets, offers, approvals and plans."""

from datetime import date, timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from fairdue.accounts.models import Account
from fairdue.cases.models import Case
from fairdue.money.policy import plan_policy
from fairdue.people.models import Person
from fairdue.staff.models import User


class Promise(models.Model):
    """A promise to pay `cents` by `due_on`, judged by real payments. `attempt_id` names the contact it was made in.

    channel: law.codes.Channel, 0 = not known. As it was made: bucket (of the case) and most_paid (greatest single payment
    of the year before, 0 = none), null = not known; warnings: [[planning Warn, [number, number]], …] shown while it was
    taken. chance: of being kept, parts per million, as last worked out while it was open.
    """

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
    channel = models.PositiveSmallIntegerField(db_default=0)
    bucket = models.SmallIntegerField(null=True)
    most_paid = models.BigIntegerField(null=True)
    chance = models.IntegerField(null=True)
    warnings = models.JSONField(db_default=Value([], models.JSONField()))

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(cents__gt=0), name="promise_positive"),
            models.CheckConstraint(condition=Q(due_on__gte=F("made_on")), name="promise_not_in_the_past"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case", "-made_on"], name="promises_of_case"),
            models.Index(fields=["due_on"], name="promises_open", condition=Q(status="open")),
            models.Index(fields=["due_on"], name="promises_by_day"),
            models.Index(fields=["judged_on"], name="promises_kept_lately", condition=Q(status="kept")),
        ]


class KeptRate(models.Model):
    """What the house has seen of one class of promises (planning.keeping.classes_of); worked out anew every night."""

    klass = models.PositiveSmallIntegerField(primary_key=True)
    kept = models.BigIntegerField()
    judged = models.BigIntegerField()


class Notice(models.Model):
    """A reminder or thanks that is to be sent once: about one promise, instalment or plan, whose id is `thing`.

    on: the first day to send it; not_before: when the gate said it may go at the earliest. message_id: in the outbox.
    why: of what was refused or dropped, in a word.
    """

    class Kind(models.TextChoices):
        PROMISE_DUE = "promise_due", _("Reminder of a promise")
        INSTALMENT_DUE = "instalment_due", _("Reminder of an instalment")
        PROMISE_KEPT = "promise_kept", _("Thanks for a promise kept")
        INSTALMENT_KEPT = "instalment_kept", _("Thanks for an instalment")
        PLAN_PAID = "plan_paid", _("Thanks for a plan paid")

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waits")
        QUEUED = "queued", _("Given to the door")
        REFUSED = "refused", _("Not lawful")
        DROPPED = "dropped", _("No longer needed")
        NO_WAY = "no_way", _("No e-mail address")

    kind = models.CharField(max_length=16, choices=Kind)
    thing = models.BigIntegerField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notices")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    on = models.DateField()
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    not_before = models.DateTimeField(null=True)
    message_id = models.BigIntegerField(null=True)
    why = models.CharField(max_length=60, blank=True, db_default="")
    made_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "thing"], name="one_notice_of_each")]
        indexes: ClassVar = [
            models.Index(fields=["on"], name="notices_by_day"),
            models.Index(fields=["on", "id"], name="notices_waiting", condition=Q(status="waiting")),
        ]


class Budget(models.Model):
    """What a household said it has and needs in a month, and what is left over by the policy of that day.

    `spending`: minor units by money.affordability.SPENDING. `free`: what is left over; `allowance`: the least kept for
    living. `willing`: they want to pay.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="budgets")
    currency = models.CharField(max_length=3)
    income = models.BigIntegerField()
    household = models.PositiveSmallIntegerField()
    spending = models.JSONField(default=dict)
    other_debts = models.BigIntegerField(default=0)
    allowance = models.BigIntegerField()
    free = models.BigIntegerField()
    willing = models.BooleanField(default=True)
    taken_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(income__gte=0, other_debts__gte=0, allowance__gte=0, free__gte=0),
                name="budget_not_negative",
            ),
            models.CheckConstraint(condition=Q(household__gte=1), name="budget_household"),
        ]
        indexes: ClassVar = [models.Index(fields=["case", "-taken_at"], name="budgets_of_case")]


class Offer(models.Model):
    """Terms on the table: ours or theirs, kept as they were. A newer one of the same account replaces an open one.

    `terms`: those of money.plans.Terms; `dues`: the schedule they gave. total + discount is what was owed at that hour.
    `needs`: what goes beyond the authority of who made it: plan, settle, waive, replan. `reasons`: why it may not be
    agreed at all (code, says, cites); such an offer is kept, never accepted.
    """

    class Side(models.TextChoices):
        OURS = "ours", _("Our offer")
        THEIRS = "theirs", _("Their counter-offer")

    class Kind(models.TextChoices):
        EQUAL = "equal", _("Equal instalments")
        STEPPED = "stepped", _("Lower at the start")
        PAUSE = "pause", _("Pause at the start")
        DOWN = "down", _("Down payment")
        BALLOON = "balloon", _("Balloon at the end")
        SETTLEMENT = "settlement", _("Settlement")

    class Status(models.TextChoices):
        OPEN = "open", _("On the table")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        REPLACED = "replaced", _("Replaced")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="offers")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="offers")
    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="offers")
    side = models.CharField(max_length=6, choices=Side, default=Side.OURS)
    kind = models.CharField(max_length=10, choices=Kind)
    currency = models.CharField(max_length=3)
    terms = models.JSONField()
    dues = models.JSONField()
    total = models.BigIntegerField()
    discount = models.BigIntegerField(default=0)
    monthly = models.BigIntegerField()
    burden = models.PositiveSmallIntegerField()
    expected = models.BigIntegerField()
    last_on = models.DateField()
    needs = ArrayField(models.CharField(max_length=8), default=list)
    reasons = models.JSONField(default=list)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    expires_on = models.DateField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    code = models.BinaryField(max_length=32, null=True)  # keyed hash of the code that accepts it
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(total__gt=0, discount__gte=0), name="offer_amounts"),
            models.UniqueConstraint(fields=["account"], condition=Q(status="open"), name="one_offer_on_the_table"),
        ]
        indexes: ClassVar = [models.Index(fields=["case", "-made_at"], name="offers_of_case")]

    @property
    def amounts(self) -> list[int]:
        """What each instalment asks, in order."""
        return [due[1] for due in self.dues]


class Approval(models.Model):
    """An offer beyond the authority of who made it waits for somebody else's word."""

    class Answer(models.TextChoices):
        WAITING = "waiting", _("Waits for approval")
        GIVEN = "given", _("Approved")
        REFUSED = "refused", _("Refused")

    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="approval")
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
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")), name="four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(answer="waiting", decided_by__isnull=True)
                | ~Q(answer="waiting") & Q(decided_by__isnull=False),
                name="a_decision_has_somebody",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["asked_at"], name="approvals_waiting", condition=Q(answer="waiting"))]


class Plan(models.Model):
    """An accepted offer while it lives and after. A settlement is a plan whose rest is let go once all is paid.

    `paid`, `late`, `late_since`: as last judged. `turned_on`: the day it broke, was completed or replaced. `let_go`: the
    ledger's transfers of what was waived at the end. `attempt_id`: the contact in which it was accepted. `parts`: what
    was owed when it was agreed, by component in the order of COMPONENTS; empty where nobody kept it (older plans).
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("Being kept")
        AT_RISK = "at_risk", _("At risk")
        BROKEN = "broken", _("Broken")
        COMPLETED = "completed", _("Completed")
        REPLACED = "replaced", _("Replaced")

    class How(models.TextChoices):
        CALL = "call", _("On the call")
        CODE = "code", _("By code")
        PAGE = "page", _("On the own page")

    LIVE: ClassVar = (Status.ACTIVE, Status.AT_RISK)

    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="plan")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="plans")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="plans")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="plans")
    kind = models.CharField(max_length=10, choices=Offer.Kind)
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField()
    discount = models.BigIntegerField(default=0)
    starts_on = models.DateField()
    last_on = models.DateField()
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    paid = models.BigIntegerField(default=0)
    late = models.BigIntegerField(default=0)
    late_since = models.DateField(null=True)
    turned_on = models.DateField(null=True)
    parts = ArrayField(models.BigIntegerField(), default=list)
    let_go = ArrayField(models.BigIntegerField(), default=list)
    how = models.CharField(max_length=4, choices=How)
    attempt_id = models.BigIntegerField(null=True)
    accepted_with = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    learned_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(status__in=["active", "at_risk"]), name="one_live_plan_per_account"
            ),
            models.CheckConstraint(condition=Q(total__gt=0, discount__gte=0), name="plan_amounts"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case", "-starts_on"], name="plans_of_case"),
            models.Index(fields=["status", "last_on"], name="plans_by_status"),
        ]

    @property
    def stands_until(self) -> date | None:
        """The last day on which money for what is late keeps the plan; None while nothing is late."""
        return self.late_since + timedelta(days=plan_policy().life.cure_days) if self.late_since else None


class Instalment(models.Model):
    """One due of a plan, and what has come for it."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="instalments", db_index=False)
    n = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    cents = models.BigIntegerField()
    principal = models.BigIntegerField()
    interest = models.BigIntegerField()
    fees = models.BigIntegerField()
    paid = models.BigIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["n"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "n"], name="one_instalment_per_number"),
            models.CheckConstraint(
                condition=Q(cents=F("principal") + F("interest") + F("fees")), name="instalment_adds_up"
            ),
            models.CheckConstraint(condition=Q(cents__gt=0, paid__gte=0, paid__lte=F("cents")), name="instalment_paid"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_on"], name="instalments_open", condition=Q(paid__lt=F("cents"))),
            models.Index(fields=["due_on"], name="instalments_by_day"),
        ]
