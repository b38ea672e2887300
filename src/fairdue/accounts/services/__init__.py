"""Verbs of the ledger; the only writers of accounts, payments, transfers and ageing.

    receive(creditor=…, account=…, reference=…, cents=…, …)     one payment, once, applied to the debt
    reverse(payment=…, reference=…, …)                          it bounced: the same transfers turned round
    refund(account=…, reference=…, cents=…, …)                  money kept apart goes back
    write_off(…)  /  approve(…)  /  take_back(…)                debt let go, within authority
    apply_payments(now=…, creditor=…)                           every loaded payment not yet applied, in bulk; with
                                                                what follows: flows.payment.apply_loaded
    set_terms(…)  /  accrue(upto=…)  /  restate(…)              interest and fees by the contract
    age(as_of=…, accounts=[…])  /  age_all(as_of=…)             how late they are; moves between buckets
    look_back(before=…, months=6)                               buckets of past months, for accounts never aged
    agree(…)  /  end(…)  /  resume(…)  /  let_go(…)             a plan's dues stand in for the original ones
    restart_limitation(account=…, act=…)                        the debtor agreed: limitation runs anew (cn)
    end_placements(day=…)                                       accounts whose placement is over go back (退案)

A payment's transfers always add up to its cents. It goes to the components in the order of `money.waterfall`, the rest
to UNAPPLIED. Balances are placed as they stand on the day the account is loaded, so a payment the creditor learned of
before that day is in them already: it moves PLACED → CLEARING, past the components (ageing and promises count it).
So, always: balance = max(0, placed + charged − paid since) and unapplied = max(0, paid since − placed − charged).
"""

from fairdue.accounts.services.ageing import Aged, age, age_all
from fairdue.accounts.services.applying import Applied, apply_chunk, apply_payments, waiting
from fairdue.accounts.services.charging import Accrued, accrue, cancel_stop, end_stop, restate, set_terms, stop_charges
from fairdue.accounts.services.history import look_back
from fairdue.accounts.services.limitation import CITES as LIMITATION_CITES
from fairdue.accounts.services.limitation import restart as restart_limitation
from fairdue.accounts.services.payments import (
    PaymentRefused,
    receive,
    refund,
    refuse_before_opening,
    refuse_beyond_kept,
    reverse,
)
from fairdue.accounts.services.placements import end_placements
from fairdue.accounts.services.schedules import (
    agree,
    end,
    forget,
    let_go,
    paid_by,
    redate,
    resume,
    stand_again,
    standing,
)
from fairdue.accounts.services.waivers import WaiverRefused, approve, refuse, take_back, write_off

__all__ = [
    "LIMITATION_CITES",
    "Accrued",
    "Aged",
    "Applied",
    "PaymentRefused",
    "WaiverRefused",
    "accrue",
    "age",
    "age_all",
    "agree",
    "apply_chunk",
    "apply_payments",
    "approve",
    "cancel_stop",
    "end",
    "end_placements",
    "end_stop",
    "forget",
    "let_go",
    "look_back",
    "paid_by",
    "receive",
    "redate",
    "refund",
    "refuse",
    "refuse_before_opening",
    "refuse_beyond_kept",
    "restart_limitation",
    "restate",
    "resume",
    "reverse",
    "set_terms",
    "stand_again",
    "standing",
    "stop_charges",
    "take_back",
    "waiting",
    "write_off",
]
