"""The journal for those who check it: entries by filter, the state of the chain, look-ups outside one's cases."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairdue.desk import writing
from fairdue.desk.asking import Query
from fairdue.desk.pages.entry_words import FIRST, SUBJECTS, term, word
from fairdue.journal.models import Entry, Head, Seal

FLAGGED: Final = "lookup.outside"
"""The verb that notes a look-up outside one's own cases."""
VERIFIED: Final = "journal.verified"
VERBS: Final = {
    "care.ended": _("treating with care ended"),
    "care.noted": _("noted: treat with care"),
    "care.seen": _("reason of care seen"),
    "complaint.taken": _("complaint taken up"),
    "data.taken": _("data request taken up"),
    "evidence.added": _("evidence noted"),
    "evidence.opened": _("evidence opened"),
    "hardship.asked": _("hardship told"),
    "hardship.ended": _("hardship file ended"),
    "hardship.event": _("what ends a statutory scheme noted"),
    "hardship.event_corrected": _("what ends a statutory scheme corrected"),
    "hardship.moved": _("hardship effect given another end"),
    "hardship.opened": _("hardship file opened"),
    "hardship.over": _("hardship effect over"),
    "hardship.plan": _("plan agreed in hardship"),
    "hardship.reviewed": _("hardship reviewed"),
    "hardship.words_seen": _("words about hardship seen"),
    "alarm.accepted": _("false alarm accepted"),
    "alarm.declined": _("false alarm declined"),
    "alarm.reported": _("false alarm reported"),
    "approval.asked": _("approval asked for"),
    "approval.given": _("approval given"),
    "approval.refused": _("approval refused"),
    "authority.set": _("authority set"),
    "budget.taken": _("budget taken"),
    "calendar.corrected": _("calendar corrected"),
    "calendar.restored": _("calendar correction taken away"),
    "case.noted": _("note written"),
    "case.opened": _("case looked at"),
    "cases.given": _("cases handed on"),
    "cases.opened": _("cases opened and closed"),
    "charges.accrued": _("interest and fees charged"),
    "charges.resumed": _("charges go on"),
    "charges.stopped": _("charges stopped"),
    "consent.given": _("consent given"),
    "consent.revoked": _("consent withdrawn"),
    "contact.abusive": _("abusive call noted"),
    "contact.allowed": _("contact allowed"),
    "contact.refused": _("contact refused"),
    "contact.revoked": _("permits taken back"),
    "contact_point.added": _("contact data added"),
    "contact_point.checked": _("contact data checked"),
    "checkout.begun": _("payment begun on the borrower's page"),
    "checkout.differs": _("payment differs from what was asked"),
    "checkout.paid": _("paid on the borrower's page"),
    "checkout.unknown": _("payment told of that nobody began"),
    "contact_point.revealed": _("contact data shown in full"),
    "contact_point.updated": _("contact data changed"),
    "creditor.added": _("creditor added"),
    "debt.let_go": _("debt let go"),
    "demo.past": _("contacts made up for the demo"),
    "demo.plans": _("plans made up for the demo"),
    "demo.promises": _("promises made up for the demo"),
    "demo.started": _("demo started"),
    "hold.extended": _("hold extended"),
    "evidence.asked": _("evidence pack asked for"),
    "evidence.made": _("evidence pack made"),
    "evidence.taken": _("evidence pack taken"),
    "hold.lifted": _("hold lifted"),
    "hold.placed": _("collection stopped"),
    "hold.reviewed": _("hold reviewed"),
    "incoming.booked": _("incoming money booked"),
    "incoming.entered": _("payment entered by hand"),
    "incoming.matched": _("bank lines matched"),
    "incoming.refused": _("payment not confirmed"),
    "incoming.returned": _("incoming money sent back"),
    "item.skipped": _("item put aside"),
    "items.dropped": _("items taken off the lists"),
    "journal.verified": _("journal verified"),
    "keys.rotated": _("keys changed"),
    "load.accepted": _("file accepted"),
    "load.confirmed": _("file confirmed"),
    "load.discarded": _("file discarded"),
    "load.failed": _("load failed"),
    "load.finished": _("file loaded"),
    "load.rejected_taken": _("rejected rows taken"),
    "load.returned": _("rejected rows returned"),
    "limitation.restarted": _("limitation period restarted"),
    "lookup.made": _("look-up"),
    "lookup.outside": _("look-up outside one's cases"),
    "link.left": _("borrower left the own page"),
    "link.locked": _("borrower's page locked"),
    "link.made": _("borrower's page made"),
    "link.opened": _("borrower's page opened"),
    "link.refused": _("borrower's page: wrong answer"),
    "link.signed": _("borrower's page: shown once more who they are"),
    "message.failed": _("message failed"),
    "message.refused": _("message refused at sending"),
    "message.revoked": _("message taken back"),
    "message.sent": _("message sent"),
    "night.began": _("night began"),
    "night.done": _("night done"),
    "night.resumed": _("night resumed"),
    "offer.code_issued": _("code for an offer issued"),
    "offer.countered": _("counter-offer noted"),
    "offer.declined": _("offer declined"),
    "offer.made": _("offer made"),
    "outcome.corrected": _("outcome corrected"),
    "outcome.recorded": _("outcome recorded"),
    "password.changed": _("password changed"),
    "payment.refunded": _("money refunded"),
    "payment.received": _("payment received"),
    "payment.reversed": _("payment reversed"),
    "payments.applied": _("payments applied"),
    "person.birth_checked": _("date of birth checked"),
    "person.id_checked": _("last figures of the identity number checked"),
    "person.id_revealed": _("identity number shown in full"),
    "placement.ended": _("placement ended"),
    "plan.agreed": _("plan agreed"),
    "plan.replaced": _("plan replaced"),
    "plans.judged": _("plans judged"),
    "promise.made": _("promise made"),
    "promise.withdrawn": _("promise withdrawn"),
    "promises.judged": _("promises judged"),
    "proof.added": _("proof added"),
    "refund.booked": _("refund confirmed"),
    "refund.entered": _("refund asked for"),
    "refund.refused": _("refund not confirmed"),
    "repair.exported": _("repair list exported"),
    "replay.done": _("verdicts judged again"),
    "results.exported": _("rows of results exported"),
    "rules.approved": _("rules approved"),
    "rules.declined": _("rules declined"),
    "rules.discarded": _("draft of rules given up"),
    "rules.drafted": _("rules drafted"),
    "rules.offered": _("newer rules offered by a release"),
    "rules.registered": _("newer rules of a release in force"),
    "rules.saved": _("draft of rules saved"),
    "rules.submitted": _("rules submitted"),
    "rules.taken_back": _("submitted rules taken back"),
    "rules.tried": _("rules tried on history"),
    "rules.withdrawn": _("rules withdrawn"),
    "rights.explained": _("rights and duties explained"),
    "second_factor.removed": _("second factor removed"),
    "second_factor.set": _("second factor set up"),
    "session.closed": _("signed out"),
    "session.opened": _("signed in"),
    "session.refused": _("sign-in refused"),
    "team.created": _("team founded"),
    "statement.taken": _("statement of account taken"),
    "team.dissolved": _("team dissolved"),
    "team.renamed": _("team renamed"),
    "terms.set": _("terms of the contract set"),
    "user.changed": _("user changed"),
    "user.created": _("user created"),
    "user.deactivated": _("user deactivated"),
    "user.password_reset": _("one-time password given"),
    "user.reactivated": _("user let in again"),
    "user.tied": _("tied to a creditor"),
    "user.unlocked": _("user unlocked"),
    "user.untied": _("tie to a creditor ended"),
    "wishes.seen": _("wishes and permissions looked at"),
    "verdict.seen": _("verdict looked at"),
    "verdicts.exported": _("verdicts exported"),
    "waiver.asked": _("write-off asked for"),
    "waiver.done": _("debt written off"),
    "waiver.refused": _("write-off refused"),
    "waiver.taken_back": _("write-off taken back"),
    "wish.noted": _("wish noted"),
    "wish.withdrawn": _("wish withdrawn"),
}
"""Words for verbs; one without words here is shown as it is written."""
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")

# A walk along the index from verb to next verb: counting them off the table would read all of it.
_VERBS: Final = """
    with recursive walk(verb) as (
        select min(verb) from journal_entry
        union all
        select (select min(e.verb) from journal_entry e where e.verb > walk.verb) from walk where walk.verb is not null
    ) select verb from walk where verb is not null
"""


@dataclass(frozen=True)
class Filters:
    """What to show; days in the firm's zone, both included. flagged: look-ups outside one's cases alone."""

    since: date | None = None
    until: date | None = None
    verb: str = ""
    actor: str = ""
    person: int | None = None
    subject: str = ""
    subject_id: int | None = None
    flagged: bool = False

    @property
    def query(self) -> str:
        """The filter as the query part of an address."""
        return urlencode({name: value for name, value in self.__dict__.items() if value not in (None, "", False)})

    def without(self, **changes: Any) -> str:
        """The query with something else in place."""
        return Filters(**{**self.__dict__, **changes}).query


def filters(query: Query) -> Filters:
    """Read the filters of an address."""
    since, until = query.days(("since", _("From")), ("until", _("Until")))
    return Filters(
        since=since,
        until=until,
        verb=query.text("verb", most=60),
        actor=query.text("actor"),
        person=query.whole("person", _("Person")),
        subject=query.choice("subject", _("Subject"), SUBJECTS),
        subject_id=query.whole("subject_id", _("Number")),
        flagged=query.text("flagged") in {"1", "True"},
    )


def found(chosen: Filters) -> QuerySet[Entry]:
    """The entries of a filter, the latest first, each with its place in the chain."""
    exact = {"actor": chosen.actor, "subject": chosen.subject, "verb": FLAGGED if chosen.flagged else chosen.verb}
    entries = Entry.objects.filter(**{name: value for name, value in exact.items() if value})
    numbers = {"person_id": chosen.person, "subject_id": chosen.subject_id}
    entries = entries.filter(**{name: value for name, value in numbers.items() if value is not None})
    if chosen.since:
        entries = entries.filter(at__gte=_begin(chosen.since))
    if chosen.until:
        entries = entries.filter(at__lt=_begin(chosen.until + timedelta(days=1)))
    return entries.select_related("link").order_by("-id")


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def told(entry: Entry) -> list[tuple[Any, str]]:
    """What an entry tells in detail: (term, value) in words, moments by the clock of the page. What says most comes first,
    what is empty last."""
    names = sorted(entry.data, key=lambda name: (entry.data[name] in (None, "", []), FIRST.get(name, len(FIRST))))
    return [(term(name), _value(name, entry.data[name], entry.subject)) for name in names]


def _value(name: str, value: Any, subject: str) -> str:
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list):
        return "; ".join(_value(name, one, subject) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{term(key)}: {_value(key, one, subject)}" for key, one in value.items())
    if (words := word(name, value, subject)) is not None:
        return str(words)
    if isinstance(value, str) and _MOMENT.match(value):
        with suppress(ValueError):
            at = datetime.fromisoformat(value)
            return writing.moment(at if at.tzinfo else at.replace(tzinfo=UTC))
    return writing.hold_reason(str(value))


def verbs() -> list[tuple[str, Any]]:
    """Every verb ever written, with its words, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_VERBS)
        return [(verb, VERBS.get(verb, verb)) for (verb,) in cursor.fetchall()]


@dataclass(frozen=True)
class Chain:
    """The state of the chain: its length and end, the last seal, the last check that was asked for here."""

    entries: int
    hash: str
    seal: Seal | None
    checked: Entry | None
    flagged_week: int

    @property
    def intact(self) -> bool | None:
        """What the last check found; None when nobody checked yet."""
        return None if self.checked is None else not self.checked.data["problems"]

    @property
    def problems(self) -> Sequence[str]:
        """What the last check found wrong."""
        return list(self.checked.data["problems"]) if self.checked else []


def chain(*, now: datetime) -> Chain:
    """How the chain stands, in four short queries."""
    head = Head.objects.filter(pk=1).first()
    return Chain(
        entries=head.seq if head else 0,
        hash=bytes(head.hash).hex() if head else "",
        seal=Seal.objects.order_by("-day").first(),
        checked=Entry.objects.filter(verb=VERIFIED).order_by("-id").first(),
        flagged_week=Entry.objects.filter(verb=FLAGGED, at__gte=now - timedelta(days=7)).count(),
    )
