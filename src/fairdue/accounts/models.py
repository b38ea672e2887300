"""Creditors, placements, accounts, what is due, what was paid; the ledger of transfers."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from fairdue.law import codes
from fairdue.money.interest import RATE_MAX
from fairdue.people.models import Person, choices


class IdRange(Func):
    """int8range(id, id, '[]'): lets a plain GiST index compare ids without an extension."""

    function = "INT8RANGE"
    template = "%(function)s(%(expressions)s, %(expressions)s, '[]')"


class Creditor(models.Model):
    """Who is owed. `jurisdiction` names the rule pack; `zone` is the creditor's own business zone."""

    code = models.CharField(max_length=20, unique=True)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    jurisdiction = models.CharField(max_length=8, default="cn")
    zone = models.CharField(max_length=40, default="Asia/Shanghai")
    currency = models.CharField(max_length=3, default="CNY")
    we_act_as = models.PositiveSmallIntegerField(
        choices=choices(codes.ActorType), default=codes.ActorType.DEBT_COLLECTOR
    )
    grace_days = models.PositiveSmallIntegerField(default=0)
    proof_bar = models.PositiveSmallIntegerField(default=60)
    mapping = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name_zh


class CreditorStaff(models.Model):
    """A creditor's user sees that creditor's placements and nothing else."""

    user = models.OneToOneField("staff.User", on_delete=models.CASCADE, related_name="works_for")
    creditor = models.ForeignKey(Creditor, on_delete=models.CASCADE, related_name="staff")


class Placement(models.Model):
    """A batch of accounts handed over, with a start and an end."""

    creditor = models.ForeignKey(  # led by the unique pair; a second index misleads the planner
        Creditor, on_delete=models.PROTECT, related_name="placements", db_index=False
    )
    reference = models.CharField(max_length=60)
    placed_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["creditor", "reference"], name="one_placement_reference"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("placed_on")), name="placement_days"
            ),
        ]


class Account(models.Model):
    """One debt: a card account or one loan. Money in minor units of `currency`; `rate` percent a year."""

    class Product(models.TextChoices):
        ONLINE_LOAN = "online_loan", _("Online loan")
        CREDIT_CARD = "credit_card", _("Credit card")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        PAID = "paid", _("Paid")
        RECALLED = "recalled", _("Recalled")
        CLOSED = "closed", _("Closed")

    creditor = models.ForeignKey(  # led by the unique pair; a second index misleads the planner
        Creditor, on_delete=models.PROTECT, related_name="accounts", db_index=False
    )
    external_ref = models.CharField(max_length=60)
    placement = models.ForeignKey(Placement, null=True, on_delete=models.PROTECT, related_name="accounts")
    debtor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="accounts", db_index=False)
    product = models.CharField(max_length=16, choices=Product)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    opened_on = models.DateField(null=True)
    original_amount = models.BigIntegerField(null=True)
    credit_limit = models.BigIntegerField(null=True)
    rate = models.DecimalField(max_digits=9, decimal_places=4, null=True)
    term_months = models.PositiveSmallIntegerField(null=True)
    last_paid_on = models.DateField(null=True)
    limitation_on = models.DateField(null=True)
    target_cents = models.BigIntegerField(null=True)
    has_contract = models.BooleanField(default=False)
    has_identity = models.BooleanField(default=False)
    has_chain = models.BooleanField(default=False)
    has_statement = models.BooleanField(default=False)
    has_payments = models.BooleanField(default=False)
    proof_score = models.PositiveSmallIntegerField(default=0)
    digest = models.BinaryField(max_length=32, null=True)  # of the file row last loaded: tells unchanged from updated
    learned_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["creditor", "external_ref"], name="one_account_per_creditor_reference"),
            models.CheckConstraint(condition=Q(proof_score__lte=100), name="proof_score_percent"),
            models.CheckConstraint(
                condition=Q(original_amount__isnull=True) | Q(original_amount__gt=0), name="original_amount_positive"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["debtor", "creditor"], name="accounts_of_case")]


class Due(models.Model):
    """A bill or an instalment: what fell due, when."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="dues", db_index=False)
    n = models.PositiveIntegerField()
    due_on = models.DateField()
    principal = models.BigIntegerField(default=0)
    interest = models.BigIntegerField(default=0)
    fees = models.BigIntegerField(default=0)
    cents = models.BigIntegerField()
    learned_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "n"], name="one_due_per_number"),
            models.CheckConstraint(condition=Q(cents__gt=0), name="due_positive"),
            models.CheckConstraint(condition=Q(principal__gte=0, interest__gte=0, fees__gte=0), name="due_parts"),
            models.CheckConstraint(condition=Q(cents=F("principal") + F("interest") + F("fees")), name="due_adds_up"),
        ]


class Schedule(models.Model):
    """Agreed dues that stand in for the original ones from `starts_on` until before `ends_on`; `plan` numbers the plan,
    below 0 the grace (the same dues on later days).

    `base`: what had covered dues by the start (money.ageing's total paid); only what comes beyond it covers the agreed
    ones. A row says what was
    known from `learned_at` until before `replaced_at`; the rows without `replaced_at` are what is known now.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="schedules")
    plan = models.BigIntegerField()
    base = models.BigIntegerField()
    due_days = ArrayField(models.DateField())
    due_cents = ArrayField(models.BigIntegerField())
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    learned_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="schedule_days"
            ),
            ExclusionConstraint(
                name="one_schedule_at_a_time",
                expressions=[
                    (IdRange("account"), RangeOperators.OVERLAPS),
                    (Func("starts_on", "ends_on", Value("[)"), function="DATERANGE"), RangeOperators.OVERLAPS),
                ],
                condition=Q(replaced_at__isnull=True),
            ),
        ]


class Payment(models.Model):
    """Money that came in or went back: a reversal takes its payment back whole, a refund returns money kept apart.

    Known by creditor + reference, once. `applied_order`: code of the waterfall by which it was applied.
    """

    class Kind(models.TextChoices):
        PAYMENT = "payment", _("Payment")
        REVERSAL = "reversal", _("Reversal")
        REFUND = "refund", _("Refund")

    creditor = models.ForeignKey(  # led by the unique pair; a second index misleads the planner
        Creditor, on_delete=models.PROTECT, related_name="payments", db_index=False
    )
    reference = models.CharField(max_length=80)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="payments", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PAYMENT)
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=20, blank=True)
    payer = models.CharField(max_length=120, blank=True)
    happened_on = models.DateField()
    learned_at = models.DateTimeField(db_default=Now())
    applied_at = models.DateTimeField(null=True)
    applied_order = models.PositiveSmallIntegerField(null=True)

    known_before = False
    """Not stored: what `services.receive` and `reverse` give back was on record already."""
    taken_from: dict[int, int] | None = None
    """Not stored: cents by book, on a payment that `services.receive` has just applied."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["creditor", "reference"], name="one_payment_per_creditor_reference"),
            models.CheckConstraint(condition=Q(cents__gt=0), name="payment_positive"),
            models.CheckConstraint(
                condition=Q(kind__in=["payment", "refund"], reverses__isnull=True)
                | Q(kind="reversal", reverses__isnull=False),
                name="a_reversal_names_its_payment",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "happened_on"], name="payments_of_account"),
            models.Index(fields=["id"], name="payments_to_apply", condition=Q(applied_at__isnull=True)),
            # Not led by the creditor: with stale statistics the planner took it for the look-up by reference.
            models.Index(fields=["happened_on", "creditor"], name="payments_by_day"),
        ]


class Pause(models.Model):
    """Days that do not count towards delinquency, [starts_on, ends_on]; a pause ended early is the shorter pause."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="pauses")
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=200)
    learned_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(starts_on__lt=F("ends_on")), name="pause_days"),
            models.CheckConstraint(condition=~Q(reason=""), name="pause_has_a_reason"),
            ExclusionConstraint(
                name="pauses_do_not_overlap",
                expressions=[
                    (IdRange("account"), RangeOperators.OVERLAPS),
                    (Func("starts_on", "ends_on", Value("[)"), function="DATERANGE"), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class Book(models.IntegerChoices):
    """The ledger's books. 1–5 are an account's own components (what the debtor owes); the rest lie outside it."""

    PRINCIPAL = 1, _("Principal")
    INTEREST = 2, _("Interest")
    PENALTY = 3, _("Penalty interest")
    FEES = 4, _("Fees")
    COSTS = 5, _("Costs")
    UNAPPLIED = 6, _("Paid, not yet applied")
    PLACED = 20, _("Placed by the creditor")
    CLEARING = 21, _("Received")
    WAIVED = 22, _("Waived")
    CORRECTION = 23, _("Corrected by the creditor")
    CHARGED = 24, _("Charged under the contract")


COMPONENTS = (Book.PRINCIPAL, Book.INTEREST, Book.PENALTY, Book.FEES, Book.COSTS)


class Transfer(models.Model):
    """One movement of one account: `cents` > 0 from `source` to `target`. A component's balance = into − out of it.

    Placing moves PLACED → component; a payment CLEARING ← component (source component, target CLEARING); a reversal is
    the same transfer turned round, naming the one it reverses. Append-only; a trigger keeps `Balance` in step.
    `restated`: written because the story was told anew (something was learned late): either a transfer that takes back
    one that no longer holds, naming it, or what holds instead.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="transfers", db_index=False)
    source = models.PositiveSmallIntegerField(choices=Book)
    target = models.PositiveSmallIntegerField(choices=Book)
    cents = models.BigIntegerField()
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="transfers")
    reverses = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    restated = models.BooleanField(default=False, db_default=False)
    waiver = models.ForeignKey("Waiver", null=True, on_delete=models.PROTECT, related_name="transfers", db_index=False)
    happened_on = models.DateField()
    learned_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(cents__gt=0), name="transfer_positive"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="transfer_moves"),
            models.UniqueConstraint(fields=["reverses"], condition=Q(restated=False), name="reversed_once"),
            models.UniqueConstraint(fields=["reverses"], condition=Q(restated=True), name="restated_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "happened_on"], name="transfers_of_account"),
            # Placed, let go, corrected: few among the charges of every night.
            models.Index(fields=["account"], name="transfers_not_paid",
                         condition=Q(payment__isnull=True) & ~Q(source=24) & ~Q(target=24)),
        ]  # fmt: skip


class Waiver(models.Model):
    """Debt let go: written down at once within one's authority, else when somebody with enough of it agrees.

    `parts`: minor units by component, in the order of COMPONENTS. Undone, the debt stands again.
    """

    class Status(models.TextChoices):
        ASKED = "asked", _("Waits for approval")
        DONE = "done", _("Written off")
        REFUSED = "refused", _("Refused")
        UNDONE = "undone", _("Taken back")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="waivers")
    parts = ArrayField(models.BigIntegerField(), size=5)
    cents = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    status = models.CharField(max_length=8, choices=Status, default=Status.ASKED)
    asked_by = models.ForeignKey("staff.User", null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey("staff.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(cents__gt=0), name="waiver_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="waiver_has_a_reason"),
        ]
        indexes: ClassVar = [models.Index(fields=["asked_at"], name="waivers_asked", condition=Q(status="asked"))]


class Incoming(models.Model):
    """Money on its way to a debt: a line of a bank's statement, or a payment entered by hand that a second person checks;
    or on its way back: a refund that a second person checks.

    Known by creditor + reference, once. Booked, its payments carry the same reference (with /2, /3 … for further parts).
    `candidates`: what it may be for, best first: {"account", "score", "why": [codes]}.
    """

    class Origin(models.TextChoices):
        BANK = "bank", _("Bank statement")
        HAND = "hand", _("Entered by hand")

    class Kind(models.TextChoices):
        CREDIT = "credit", _("Came in")
        RETURN = "return", _("Went back")
        REFUND = "refund", _("To go back")

    class Status(models.TextChoices):
        NEW = "new", _("New")
        WAITING = "waiting", _("To be assigned")
        TO_CONFIRM = "to_confirm", _("To be confirmed")
        BOOKED = "booked", _("Booked")
        RETURNED = "returned", _("To be sent back")
        REFUSED = "refused", _("Not confirmed")

    creditor = models.ForeignKey(Creditor, on_delete=models.PROTECT, related_name="incoming", db_index=False)
    reference = models.CharField(max_length=76)
    origin = models.CharField(max_length=4, choices=Origin, default=Origin.BANK)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.CREDIT)
    cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    happened_on = models.DateField()
    method = models.CharField(max_length=20, blank=True)
    payer = models.CharField(max_length=120, blank=True)
    payer_account = models.CharField(max_length=60, blank=True)
    text = models.CharField(max_length=500, blank=True)
    about = models.CharField(max_length=80, blank=True)  # the reference of the payment that went back
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="incoming")
    candidates = models.JSONField(default=list)
    learned_at = models.DateTimeField(db_default=Now())
    entered_by = models.ForeignKey("staff.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey("staff.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["creditor", "reference"], name="one_incoming_per_creditor_reference"),
            models.CheckConstraint(condition=Q(cents__gt=0), name="incoming_positive"),
            models.CheckConstraint(
                condition=~Q(origin="hand", status="booked")
                | Q(entered_by__isnull=False, decided_by__isnull=False) & ~Q(entered_by=F("decided_by")),
                name="a_second_person_confirms",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["happened_on", "id"], name="incoming_queue",
                         condition=~Q(status__in=["booked", "returned", "refused"])),
            models.Index(fields=["creditor", "about"], name="incoming_about", condition=~Q(about="")),
            models.Index(fields=["creditor", "payer_account"], name="incoming_payers",
                         condition=Q(status="booked") & ~Q(payer_account="")),
        ]  # fmt: skip


class Balance(models.Model):
    """What is owed on an account now, by component; kept by the database from the transfers alone."""

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="balance")
    principal = models.BigIntegerField(default=0)
    interest = models.BigIntegerField(default=0)
    penalty = models.BigIntegerField(default=0)
    fees = models.BigIntegerField(default=0)
    costs = models.BigIntegerField(default=0)
    unapplied = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    principal__gte=0, interest__gte=0, penalty__gte=0, fees__gte=0, costs__gte=0, unapplied__gte=0
                ),
                name="no_component_below_zero",
            ),
        ]

    @property
    def total(self) -> int:
        """Sum of the components, minor units."""
        return self.principal + self.interest + self.penalty + self.fees + self.costs


class Terms(models.Model):
    """What the contract charges from day to day. Rates in millionths a year (240,000 = 24 %); codes of money.interest.

    `cap`: the ceiling on total cost (accounts/caps.py) that binds this contract, "" for none; `cap_rate`: how high it is,
    -1 for none. Accounts without terms are charged by their creditor, who tells us balances.
    """

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="terms")
    rate = models.IntegerField(default=0)
    penalty = models.IntegerField(default=0)
    late_fee = models.BigIntegerField(default=0)
    late_fee_after = models.PositiveSmallIntegerField(default=0)
    since = models.DateField()
    until = models.DateField(null=True)
    day_count = models.PositiveSmallIntegerField(default=0)
    compounding = models.PositiveSmallIntegerField(default=0)
    penalty_on = models.PositiveSmallIntegerField(default=0)
    fraction = models.PositiveSmallIntegerField(default=0)
    cap = models.CharField(max_length=20, blank=True)
    cap_rate = models.IntegerField(default=-1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(rate__range=(0, RATE_MAX), penalty__range=(0, RATE_MAX), late_fee__gte=0),
                name="terms_rates",
            ),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="terms_days"),
        ]


class Accrual(models.Model):
    """Up to which day an account is charged, and what that day hands to the next (money.interest.State).

    `stale`: something was learned about a day charged already, so the story is to be told anew.
    """

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="accrual")
    upto = models.DateField()
    interest_carry = models.BigIntegerField()
    penalty_carry = models.BigIntegerField()
    cap_carry = models.BigIntegerField()
    bearing = models.BigIntegerField()
    room = models.BigIntegerField()
    stale = models.BooleanField(default=False)


class Cut(models.Model):
    """What a ceiling on total cost kept from being charged on a day, in minor units."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="cuts", db_index=False)
    on = models.DateField()
    interest = models.BigIntegerField()
    penalty = models.BigIntegerField()
    fees = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["account", "on"], name="one_cut_a_day")]


class ChargeStop(models.Model):
    """Days [starts_on, ends_on] on which nothing is charged; open-ended while `ends_on` is empty.

    CAP: interest runs at `rate` (millionths a year) at most, and nothing is charged for lateness.
    """

    class What(models.IntegerChoices):
        ALL = 0, _("Everything")
        INTEREST = 1, _("Interest")
        LATE = 2, _("Penalty interest and fees")
        CAP = 3, _("Interest above a rate, penalty interest and fees")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="charge_stops")
    what = models.PositiveSmallIntegerField(choices=What, default=What.ALL)
    rate = models.PositiveIntegerField(null=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    reason = models.CharField(max_length=200)
    learned_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="charge_stop_days"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="charge_stop_has_a_reason"),
            models.CheckConstraint(
                condition=Q(what=3, rate__isnull=False, rate__lte=RATE_MAX) | ~Q(what=3) & Q(rate__isnull=True),
                name="a_cap_has_a_rate",
            ),
        ]


class Ageing(models.Model):
    """How late an account is, as the last night (or a payment since) worked it out; days past due = as_of − since."""

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="ageing")
    as_of = models.DateField()
    past_due = models.BigIntegerField()
    since = models.DateField(null=True)
    days_past_due = models.IntegerField()
    delinquent_days = models.IntegerField()
    bucket = models.PositiveSmallIntegerField()
    balance = models.BigIntegerField()


class BucketMove(models.Model):
    """An account entered `bucket` on `on`, holding `cents`; roll rates are read from these."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="bucket_moves", db_index=False)
    on = models.DateField()
    was = models.PositiveSmallIntegerField(null=True)
    bucket = models.PositiveSmallIntegerField()
    cents = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["account", "on"], name="one_bucket_move_a_day")]
        indexes: ClassVar = [models.Index(fields=["on", "bucket"], name="bucket_moves_by_day")]


class DayTotal(models.Model):
    """What a creditor's bucket held after a night."""

    on = models.DateField()
    creditor = models.ForeignKey(Creditor, on_delete=models.CASCADE)
    bucket = models.PositiveSmallIntegerField()
    accounts = models.IntegerField()
    cents = models.BigIntegerField()
    past_due = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["on", "creditor", "bucket"], name="one_total_a_day")]
