"""The one door out: verdicts, attempts, permits, messages. Verdicts and attempts are never changed."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from fairdue.accounts.models import Account, Creditor
from fairdue.cases.models import Case
from fairdue.contact.rulebook.models import PackText, Replay, ReplayDifference, RuleVersion, Trial
from fairdue.law import codes
from fairdue.people.models import ContactPoint, Person, choices
from fairdue.staff.models import User

__all__ = [
    "Attempt",
    "Link",
    "Message",
    "Outcome",
    "PackText",
    "Permit",
    "Replay",
    "ReplayDifference",
    "RuleVersion",
    "Trial",
    "Verdict",
    "WrongAnswer",
]


class Verdict(models.Model):
    """What the gate said, with the facts it saw and the packs it used; enough to judge again."""

    class Stage(models.TextChoices):
        ASKED = "asked", _("Asked")
        SENDING = "sending", _("At sending")

    at = models.DateTimeField()
    stage = models.CharField(max_length=8, choices=Stage, default=Stage.ASKED)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="verdicts", db_index=False)
    addressee = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="verdicts")
    contact_point = models.ForeignKey(ContactPoint, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.PositiveSmallIntegerField(choices=choices(codes.Channel))
    purpose = models.PositiveSmallIntegerField(choices=choices(codes.Purpose))
    relation = models.PositiveSmallIntegerField(choices=choices(codes.Relation))
    decision = models.PositiveSmallIntegerField(choices=choices(codes.Decision))
    rules = models.JSONField(default=list)  # ids of the rules that spoke, strictest first
    facts = models.JSONField(default=dict)
    packs = models.JSONField(default=dict)
    content = models.JSONField(null=True)  # what was found in a written text: marks, and the word lists by hash
    earliest = models.DateTimeField(null=True)
    lawful_until = models.DateTimeField(null=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="verdicts")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-at"], name="verdicts_by_time"),
            models.Index(fields=["person", "-at"], name="verdicts_of_person"),
            models.Index(fields=["decision", "-at"], name="verdicts_by_decision"),
        ]


class Attempt(models.Model):
    """One contact, outbound or inbound, ours or imported. `result` is final for imported rows; ours start PENDING and
    get `Outcome` rows. `account` is the debt to which it is assigned for counting; `also` lists further ones."""

    happened_at = models.DateTimeField()
    learned_at = models.DateTimeField(db_default=Now())
    creditor = models.ForeignKey(Creditor, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attempts", db_index=False)
    addressee = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    also = models.JSONField(null=True)
    contact_point = models.ForeignKey(
        ContactPoint, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    channel = models.PositiveSmallIntegerField(choices=choices(codes.Channel))
    mode = models.PositiveSmallIntegerField(choices=choices(codes.Mode), default=codes.Mode.HUMAN)
    direction = models.PositiveSmallIntegerField(choices=choices(codes.Direction), default=codes.Direction.OUT)
    relation = models.PositiveSmallIntegerField(choices=choices(codes.Relation), default=codes.Relation.DEBTOR)
    purpose = models.PositiveSmallIntegerField(choices=choices(codes.Purpose), default=codes.Purpose.COLLECT)
    result = models.PositiveSmallIntegerField(choices=choices(codes.Result), default=codes.Result.PENDING)
    verdict = models.OneToOneField(Verdict, null=True, on_delete=models.PROTECT, related_name="attempt")
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="attempts")
    agent = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=500, blank=True)
    reference = models.CharField(max_length=80, null=True)  # of the file it came from; unique per creditor

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["creditor", "reference"], name="one_attempt_per_file_reference"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "-happened_at"], name="attempts_of_person"),
            models.Index(
                fields=["addressee", "-happened_at"],
                name="attempts_at_others",
                condition=~Q(addressee=models.F("person")),
            ),
            models.Index(fields=["happened_at"], name="attempts_by_time"),
        ]


class Outcome(models.Model):
    """What came of an attempt; a correction is a new row that supersedes the old one."""

    class Kind(models.TextChoices):
        NO_ANSWER = "no_answer", _("No answer")
        BUSY = "busy", _("Busy")
        NOT_IN_SERVICE = "not_in_service", _("Not in service")
        VOICEMAIL = "voicemail", _("Voicemail")
        WRONG_NUMBER = "wrong_number", _("Wrong number")
        PROMISE = "promise", _("Promise to pay")
        PLAN = "plan", _("Plan agreed")
        REFUSES = "refuses", _("Refuses to pay")
        HARDSHIP = "hardship", _("Hardship")
        DISPUTE = "dispute", _("Dispute")
        CALL_BACK = "call_back", _("Call back")
        ABUSIVE = "abusive", _("Abusive call")
        RELAYED = "relayed", _("Message passed on")
        CEASE = "cease", _("Asks us to stop")
        PAID_ALREADY = "paid_already", _("Says it is paid")
        DELIVERED = "delivered", _("Delivered")
        BOUNCED = "bounced", _("Bounced")
        CANCELLED = "cancelled", _("Not carried out")

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="outcomes")
    kind = models.CharField(max_length=16, choices=Kind)
    result = models.PositiveSmallIntegerField(choices=choices(codes.Result))
    note = models.TextField(blank=True, max_length=4000)
    next_at = models.DateTimeField(null=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["attempt"], name="one_first_outcome", condition=Q(supersedes__isnull=True)),
        ]


class Permit(models.Model):
    """Leave for one contact: single use, signed, naming person, purpose, address and window."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    key = models.CharField(max_length=120, unique=True)  # what was asked for; the same key gives the same permit
    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="permit")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="permits")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, related_name="+")
    channel = models.PositiveSmallIntegerField(choices=choices(codes.Channel))
    purpose = models.PositiveSmallIntegerField(choices=choices(codes.Purpose))
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField()
    signature = models.BinaryField(max_length=32)
    spent_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_why = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(not_before__lt=models.F("expires_at")), name="permit_window"),
            models.CheckConstraint(
                condition=Q(spent_at__isnull=True) | Q(revoked_at__isnull=True), name="spent_or_revoked_not_both"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["person"], name="permits_unspent", condition=Q(spent_at__isnull=True, revoked_at__isnull=True)
            ),
        ]


class Message(models.Model):
    """The outbox: something written, waiting for its permit to be spent. `key` makes each one go out once."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        REVOKED = "revoked", _("Revoked")
        REFUSED = "refused", _("Refused at sending")

    key = models.CharField(max_length=120, unique=True)
    permit = models.OneToOneField(Permit, on_delete=models.PROTECT, related_name="message")
    language = models.CharField(max_length=8, default="zh")
    template = models.CharField(max_length=40, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    queued_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    provider_ref = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=500, blank=True)


class FalseAlarm(models.Model):
    """Words that were marked and are said to be harmless. Accepted, `exempted` is no longer marked by `expression`.

    `excerpt`: hash of the folded clause, so that the same alarm is reported once; `context`: that clause, figures masked.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("To be decided")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")

    expression = models.CharField(max_length=60)
    category = models.PositiveSmallIntegerField(choices=choices(codes.Content))
    rule = models.CharField(max_length=60)
    phrase = models.CharField(max_length=200)
    context = models.CharField(max_length=400)
    excerpt = models.BinaryField(max_length=32)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    exempted = models.CharField(max_length=400, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["expression", "excerpt"], name="one_open_alarm_per_clause", condition=Q(status="open")
            ),
            models.CheckConstraint(
                condition=Q(status="open", decided_at=None) | (~Q(status="open") & Q(decided_at__isnull=False)),
                name="an_alarm_is_open_or_decided",
            ),
            models.CheckConstraint(
                condition=~Q(status="accepted") | ~Q(exempted=""), name="an_accepted_alarm_names_its_phrase"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "-at"], name="alarms_by_status")]


class Explanation(models.Model):
    """Rights and duties were explained to somebody: which statement, in which words, how, and what came of it."""

    class How(models.TextChoices):
        EMAIL = "email", _("By e-mail")
        PRINT = "print", _("Printed")
        READ = "read", _("Read out")
        PAGE = "page", _("Read on their page")

    class Came(models.TextChoices):
        NOTHING = "", _("Nothing to record")
        HEARD = "heard", _("Heard to the end")
        QUESTIONS = "questions", _("Had questions")
        STOPPED = "stopped", _("Did not want to hear it")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="explanations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="explanations")
    how = models.CharField(max_length=8, choices=How)
    came = models.CharField(max_length=10, choices=Came, blank=True)
    statement = models.CharField(max_length=8)
    version = models.CharField(max_length=40)
    hash = models.CharField(max_length=64)  # of the statement's files
    language = models.CharField(max_length=8)
    text = models.TextField()
    message = models.OneToOneField(Message, null=True, on_delete=models.PROTECT, related_name="explains")
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["case", "-at"], name="explanations_of_case")]


class Link(models.Model):
    """A one-time way to the borrower's own page about one case. The token itself is kept nowhere: `token` is its hash.

    Whoever holds it is asked who they are; `tries` counts wrong answers. Answered right, it is used up, and `visit`
    (hash of what the browser keeps) is good until `visit_until`. `ended_at`: replaced, locked or left.
    """

    token = models.BinaryField(max_length=32, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="links")
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    visit = models.BinaryField(max_length=32, null=True, unique=True)
    visit_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(made_at__lt=models.F("expires_at")), name="link_window"),
            models.CheckConstraint(
                condition=Q(visit=None, visit_until=None, opened_at=None)
                | Q(visit__isnull=False, visit_until__isnull=False, opened_at__isnull=False),
                name="a_visit_has_an_end",
            ),
        ]


class WrongAnswer(models.Model):
    """A wrong answer at a link, by the keyed hash of the address it came from; kept for a day."""

    address = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["address", "-at"], name="wrong_answers_by_address")]
