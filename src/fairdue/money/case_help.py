"""What `fairdue money schedule|apply|accrue --help` tells of the fields of a line; light to import."""

from typing import Final

_OWED: Final = "owed            {principal, interest, penalty, fees, costs}, each cents (0)"
_ORDER: Final = """\
order           cn_general | cn_card_1_90 | cn_card_91; left out, it follows from:
product         consumer_loan | credit_card (consumer_loan)"""
HELP: Final = {
    "schedule": """\
Fields (default; ? = may be left out):
id              text or number
principal       cents, whole minor units such as 25000
rate            per cent a year as text, such as "18.25"
term            instalments, one a month, 1 to 600
first_due       day, such as 2026-01-31
method          equal_instalments | equal_principal | interest_only (equal_instalments)

Example:
{"id": "S1", "principal": 1200000, "rate": "12", "term": 12, "first_due": "2026-01-31"}""",
    "apply": f"""\
Fields (default; ? = may be left out):
id              text or number
{_OWED}
payments        ? [{{amount}}] in their order, in cents
{_ORDER}
days_past_due   whole number (0): for a card the order follows from it

Example:
{{"id": "A1", "owed": {{"principal": 100000, "interest": 5000}}, "payments": [{{"amount": 30000}}]}}""",
    "accrue": f"""\
Fields (default; ? = may be left out):
id              text or number
{_OWED}
from            day: owed is as of its morning
to              day: the last night charged
rate            per cent a year as text (0)
penalty_rate    the same (0)
day_count       act/365 | act/360 | 30/360 (act/365)
compounding     none | daily | monthly (none)
penalty_on      overdue_principal | overdue_principal_and_interest (overdue_principal)
late_fee        cents (0)
late_fee_after  days, 0 to 365 (0)
rounding        down | half_up (down)
cap             ? per cent a year on the total cost
dues            ? [{{due, principal}}]: not overdue before its day; without dues all is
payments        ? [{{day, amount}}]
stops           ? [{{start, end}}]: nights without charge, both included
{_ORDER}

Example:
{{"id": "I1", "owed": {{"principal": 100000}}, "rate": "24", "from": "2026-01-01", "to": "2026-01-31"}}""",
}
"""The fields of each command with an example, as `--help` shows them; docs/money.md tells what comes back."""
