"""What each measure means, in words: shown beside it, so that nobody argues about a number with two meanings."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Measure:
    """One panel of the results: its name in addresses, its title, what it says, and how it is counted."""

    name: str
    title: Any
    says: Any
    counted: Any


MEASURES: Final = (
    Measure(
        "buckets",
        _("Balance by bucket"),
        _("What is owed now, by how late the account is."),
        _(
            "Open and paid accounts as the last ageing left them. An account stands in the bucket of its oldest "
            "unpaid due: M0 nothing due, M1 1–30 days past due, M2 31–60 … M7+ over 180. The balance is everything "
            "owed on the account, due or not; past due is the part whose day has passed."
        ),
    ),
    Measure(
        "recovered",
        _("Recovered by day"),
        _("Money that came in each day, less what bounced and what was paid back."),
        _(
            "Payments by the day they were made, on any account one may see, less payments that were reversed and money "
            "that was refunded on that day. A payment that bounces later lowers the day it bounced, not the day it was "
            "made; a refund lowers the day of the refund."
        ),
    ),
    Measure(
        "rolls",
        _("Roll rates"),
        _("Share of a bucket's balance that was in a worse bucket a month later."),
        _(
            "For each month: of the balance that stood in a bucket at the end of the month before, the share whose "
            "accounts stood in a worse bucket at the end of the month (the last month: up to the end of the period). "
            "Balances are those the accounts held when they entered the bucket. Accounts that came later are not in "
            "the base; recalled and closed ones are left out altogether."
        ),
    ),
    Measure(
        "promises",
        _("Promises kept"),
        _("Of the promises whose day has come: how many, and how much of the money."),
        _(
            "Promises due in the period that were judged kept, partly kept or broken; open and withdrawn ones are "
            "left out. By count: promises kept in full, of all judged. By amount: money received for them, of the "
            "money promised; a promise counts for no more than was promised, so that paying twice hides no broken "
            "one. Kept in full is what came within two bank days, short of one unit of money at the most. The bucket is that "
            "of the case when the promise was made; older promises do not know theirs."
        ),
    ),
    Measure(
        "plans",
        _("Payment plans"),
        _("Of the plans begun: how long they stand, and how soon the first money comes."),
        _(
            "Plans agreed in the period, as they stand on its last day. The curve: of the plans that had come as far as "
            "a month, the share that did not break in it, multiplied up month by month; a plan completed, replaced or "
            "still young is watched until then and no longer. First money: the middle one of the days from the "
            "agreement to the first payment, of those that paid. Share of what is left over: the mean of what the "
            "plans ask of it, and how many ask more than the firm's policy of today allows. Let go: of what was owed, and "
            "the mean of a plan. Past due again: of the plans completed in the period, so many days before its end "
            "or more, the share whose borrower fell past due with the same creditor within these days."
        ),
    ),
    Measure(
        "contacts",
        _("Contacts by telephone"),
        _("Share of calls that reached somebody, and that reached the debtor."),
        _(
            "Outbound calls with a recorded result, about accounts in the currency chosen (a call about no one account "
            "counts in its creditor's currency). Contact rate: somebody spoke with us, of all calls. Right-party "
            "rate: the debtor spoke with us, of all calls. Days and hours are by the creditor's own clock. Calls that"
            " were not carried out or wait for their result are left out; a corrected result counts as corrected."
        ),
    ),
)
BY_NAME: Final = {measure.name: measure for measure in MEASURES}
PARTED: Final = {"creditor": _("By creditor"), "bucket": _("By bucket when made"), "collector": _("By who took them")}
"""What promises are parted by, in words."""
WAY_WORDS: Final = {"worse": _("got worse"), "same": _("stayed"), "better": _("got better"), "all": _("all of them")}
WHICH: Final = {
    "calls": _("all calls"),
    "contacts": _("somebody reached"),
    "right": _("debtor reached"),
    "missed": _("nobody reached"),
}
KIND_WORDS: Final = {"payment": _("Payments"), "reversal": _("Sent back"), "refund": _("Refunded")}
"""Kinds of payments, as many."""
