"""The words of what an entry of the journal tells: what it is about, the names of its details and their values."""

from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from fairdue.accounts.models import Incoming
from fairdue.agreements.models import Offer, Plan
from fairdue.cases.models import Hold
from fairdue.contact.models import Explanation, Outcome
from fairdue.desk.words import CHANNELS
from fairdue.hardship.models import Care, Effect, Evidence, Review
from fairdue.hardship.words import CARE
from fairdue.people.models import Consent, ContactPoint, Source, Wish
from fairdue.staff.models import Authority, Role

SUBJECTS: Final = {
    "account": _("account"),
    "alarm": _("false alarm"),
    "attempt": _("contact"),
    "calendar": _("calendar"),
    "case": _("case"),
    "creditor": _("creditor"),
    "evidence": _("evidence pack"),
    "export": _("export"),
    "care": _("care"),
    "hardship": _("hardship file"),
    "hold": _("hold"),
    "incoming": _("incoming money"),
    "note": _("note"),
    "load": _("file"),
    "person": _("person"),
    "replay": _("replay"),
    "rule_version": _("version of rules"),
    "team": _("team"),
    "user": _("user"),
    "consent": _("consent of a person"),
    "contactpoint": _("contact data"),
    "wish": _("wish"),
    "verdict": _("verdict"),
}
"""Words for what an entry is about."""

TERMS: Final = {
    "account": _("account"),
    "accounts": _("accounts"),
    "act": _("act that restarts it"),
    "address": _("network address, hashed"),
    "again": _("once more"),
    "again_on": _("again on"),
    "applied": _("applied"),
    "approval": _("approval"),
    "as_of": _("as of"),
    "asked_by": _("asked by"),
    "at": _("at"),
    "attempt": _("contact"),
    "away_until": _("away until"),
    "basis": _("ground"),
    "booked": _("booked"),
    "broken": _("broken"),
    "bucket_from": _("buckets from"),
    "bucket_to": _("buckets to"),
    "budget": _("budget"),
    "by_offer": _("by offer"),
    "bytes": _("size in bytes"),
    "calendar": _("calendar"),
    "came": _("what came of it"),
    "cap": _("ceiling"),
    "cap_rate": _("height of the ceiling"),
    "case": _("case"),
    "caseless": _("without a case"),
    "cases": _("cases"),
    "cents": _("amount in cents"),
    "changed": _("changed"),
    "channel": _("channel"),
    "charged": _("charged"),
    "checkout": _("payment on the page"),
    "code": _("code"),
    "compounding": _("compounding"),
    "consents": _("permissions"),
    "contact_points": _("contact points"),
    "contacts": _("contacts"),
    "creditor": _("creditor"),
    "currency": _("currency"),
    "cut": _("cut by the ceiling"),
    "day": _("day"),
    "day_count": _("counting of days"),
    "days": _("days"),
    "decision": _("decision"),
    "different": _("different"),
    "discount": _("let go"),
    "display_name": _("name shown"),
    "do": _("what to do"),
    "document": _("document"),
    "due_on": _("due on"),
    "effect": _("effect"),
    "end": _("until minute of the day"),
    "ends_on": _("ends on"),
    "entries": _("entries"),
    "error": _("error"),
    "evidence": _("evidence"),
    "excerpt": _("hash of the excerpt"),
    "expires_at": _("expires at"),
    "explained": _("explanations"),
    "explanation": _("explanation"),
    "expression": _("expression"),
    "filter": _("filter"),
    "first": _("first account"),
    "fits": _("fits"),
    "force_from": _("in force from"),
    "forgotten": _("failures forgotten"),
    "fraction": _("rounding"),
    "full": _("in full"),
    "happened_on": _("happened on"),
    "hash": _("hash"),
    "head": _("hash of the last entry"),
    "holds": _("holds"),
    "how": _("how"),
    "items": _("items of the lists"),
    "keep_mapping": _("mapping kept"),
    "kept": _("kept"),
    "kind": _("kind"),
    "known": _("known name"),
    "lacks": _("lacks"),
    "language": _("language"),
    "last": _("last account"),
    "last_on": _("last due on"),
    "late_fee": _("late fee"),
    "late_fee_after": _("late fee after days"),
    "link": _("borrower's page"),
    "loaded": _("rows new"),
    "looked": _("lines looked at"),
    "looks": _("looks at the data"),
    "manifest": _("hash of the manifest"),
    "message": _("message"),
    "messages": _("messages"),
    "minutes_a_day": _("minutes a day"),
    "moved": _("moved"),
    "name": _("name"),
    "needs": _("needs"),
    "new_due": _("new due day"),
    "note": _("note"),
    "notes": _("notes"),
    "number": _("number"),
    "offer": _("offer"),
    "on": _("on"),
    "on_date": _("for the day"),
    "opened": _("opened"),
    "outcomes": _("outcomes"),
    "outside": _("outside one's cases"),
    "own": _("of one's own"),
    "pack": _("pack"),
    "partly": _("partly kept"),
    "payment": _("payment"),
    "payments": _("payments"),
    "penalty": _("penalty rate"),
    "penalty_on": _("penalty on"),
    "permits": _("permits"),
    "persons": _("persons"),
    "plan": _("plan"),
    "plans": _("plans"),
    "point": _("contact point"),
    "problems": _("problems"),
    "products": _("products"),
    "promise": _("promise"),
    "promises": _("promises"),
    "provider": _("provider"),
    "rate": _("rate"),
    "read": _("rows read"),
    "reason": _("reason"),
    "recorded": _("recorded at the time"),
    "recordings": _("recordings"),
    "reference": _("reference"),
    "rejected": _("rows rejected"),
    "reopened": _("open again"),
    "replaces": _("replaces"),
    "restated": _("told anew"),
    "reversals": _("reversals"),
    "review_on": _("to be reviewed on"),
    "role": _("role"),
    "rows": _("rows"),
    "rule": _("rule"),
    "rules": _("rules"),
    "scheme": _("scheme"),
    "score": _("score"),
    "second_factor": _("second factor"),
    "seconds": _("seconds"),
    "sha256": _("hash of the file"),
    "since": _("since"),
    "source": _("source"),
    "speaks": _("speaks"),
    "start": _("from minute of the day"),
    "starts_on": _("starts on"),
    "statement": _("statement"),
    "status": _("status"),
    "stop": _("stop of charges"),
    "taken_back": _("taken back"),
    "team": _("team"),
    "text": _("hash of the text"),
    "tied": _("tied to one's cases"),
    "to": _("handed to"),
    "today": _("day"),
    "told_cents": _("amount told in cents"),
    "told_currency": _("currency told"),
    "total": _("total"),
    "transfers": _("transfers"),
    "trial": _("trial"),
    "tries": _("wrong answers"),
    "unchanged": _("rows unchanged"),
    "undone": _("undone"),
    "until": _("until"),
    "updated": _("rows changed"),
    "upto": _("up to"),
    "username": _("sign-in name"),
    "values": _("values"),
    "verdict": _("verdict"),
    "verdicts": _("verdicts"),
    "version": _("version"),
    "waiting": _("waiting"),
    "waiver": _("write-off"),
    "warned": _("warned of"),
    "was": _("was"),
    "what": _("fingerprint"),
    "why": _("why"),
    "wishes": _("wishes"),
    "works": _("working day"),
}
"""Words for the names of details."""
FIRST: Final = {
    name: place
    for place, name in enumerate(
        ("how", "language", "version", "kind", "why", "reason", "decision", "channel", "cents")
    )
}
"""Details that say most, in the order in which they are told; the others follow by name."""

_HOLD: Final = "hold:"
_DECISIONS: Final = {
    "allow": _("allowed"),
    "warn": _("allowed with a warning"),
    "hold": _("held"),
    "deny": _("refused"),
}
_LOADS: Final = {
    "accounts": _("Accounts"),
    "dues": _("Bills and instalments"),
    "payments": _("Payments"),
    "bank": _("Bank statement"),
    "contacts": _("Past contacts"),
}
WHY: Final = {
    "password": _("wrong name or password"),
    "locked": _("locked"),
    "second factor": _("wrong code of the second factor"),
    "they called": _("they called"),
    "opt_out": _("asked not to be reached there"),
    "unwelcome times": _("unwelcome times"),
    "consent revoked": _("permission withdrawn"),
    "contact point": _("contact data no longer good"),
    "outcome corrected": _("outcome corrected"),
    "paid": _("paid"),
    "promise_kept": _("promise kept"),
    "plan": _("plan agreed"),
    "hardship": _("hardship"),
    "taken back on the borrower's page": _("taken back on the borrower's page"),
    "refused at sending": _("refused at sending"),
    "too many tries": _("too many tries"),
    "not lawful at the instant of sending": _("not lawful at the instant of sending"),
    "not carried out": _("not carried out"),
    "bounced": _("bounced"),
    "declined": _("declined"),
}
"""Reasons the system gives; a person's own stand in that person's words."""


def _of(*choices: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    return {str(value): words for each in choices for value, words in each if value != ""}


_CHANNELS: Final = {name: words for code, words in CHANNELS.items() for name in (code.name.lower(), str(int(code)))}
VALUES: Final[dict[str, dict[str, Any]]] = {
    "basis": _of(Care.Basis.choices),
    "came": _of(Explanation.Came.choices),
    "channel": _CHANNELS,
    "changed": TERMS,
    "decision": _DECISIONS | _of(Review.Decision.choices),
    "do": CARE,
    "error": {"refused": _("refused")},
    "how": _of(Explanation.How.choices, Plan.How.choices) | {"pdf": _("as PDF"), "csv": _("as CSV")},
    "language": _of(settings.LANGUAGES) | {"zh": _("Chinese")},
    "needs": _of(Authority.Kind.choices) | {"replan": _("Plan once more")},
    "role": _of(Role.choices),
    "source": _of(ContactPoint.Source.choices, Source.choices),
    "status": _of(ContactPoint.Status.choices),
    "was": _of(Outcome.Kind.choices, ContactPoint.Status.choices),
    "why": WHY | _of(Outcome.Kind.choices) | WHY,
}
"""Words of values by the name of the detail."""
KINDS: Final = {
    "attempt": _of(Outcome.Kind.choices),
    "case": _of(Offer.Kind.choices),
    "consent": _of(Consent.Kind.choices),
    "contactpoint": _of(ContactPoint.Kind.choices),
    "hardship": _of(Effect.Kind.choices, Evidence.Kind.choices),
    "hold": _of(Hold.Kind.choices),
    "incoming": _of(Incoming.Kind.choices),
    "load": _LOADS,
    "user": _of(Authority.Kind.choices),
    "wish": _of(Wish.Kind.choices),
}
"""Words of the detail `kind`, by what the entry is about."""


def term(name: str) -> Any:
    """The name of a detail in words; one without words is shown as it is written."""
    return TERMS.get(name, name.replace("_", " "))


def word(name: str, value: Any, subject: str) -> Any:
    """A value in words; None where it speaks for itself: a number, a day, what somebody wrote."""
    text = str(value)
    if name == "why" and text.startswith(_HOLD):
        return now("collection stopped: %(kind)s") % {"kind": KINDS["hold"].get(text.removeprefix(_HOLD), text)}
    return (KINDS.get(subject, {}) if name == "kind" else VALUES.get(name, {})).get(text)
