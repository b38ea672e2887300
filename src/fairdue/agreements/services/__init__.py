"""Verbs of agreements; the only writers of promises, budgets, offers, approvals and plans.

make(…)  /  withdraw(…)  /  judge(…)                 promises to pay, judged by real payments
take_budget(…)                                       what a household can spare
offer(…)  /  decline(…)                              terms on the table, ours and theirs; all are kept
ask(…)  /  decide(…)                                 beyond one's authority: somebody else's word
accept(…)  /  judge_plans(…)                         a plan from its first day to its last; flows.plans does what
                                                     follows: holds, ageing, lists
"""

from fairdue.agreements.services.budgets import take_budget
from fairdue.agreements.services.offers import ask, assessed, decide, decline, needs_of, offer, reaches
from fairdue.agreements.services.plans import Turned, accept, check_code, issue_code, judge_plans
from fairdue.agreements.services.promises import (
    DAYS_AHEAD_MAX,
    GRACE_DAYS,
    Judged,
    PromiseRefused,
    judge,
    make,
    withdraw,
)
from fairdue.agreements.services.refusing import AgreementRefused
from fairdue.agreements.services.terms import limits_of, owed_of, spare_of, terms_of, unit_of

__all__ = [
    "DAYS_AHEAD_MAX",
    "GRACE_DAYS",
    "AgreementRefused",
    "Judged",
    "PromiseRefused",
    "Turned",
    "accept",
    "ask",
    "assessed",
    "check_code",
    "decide",
    "decline",
    "issue_code",
    "judge",
    "judge_plans",
    "limits_of",
    "make",
    "needs_of",
    "offer",
    "owed_of",
    "reaches",
    "spare_of",
    "take_budget",
    "terms_of",
    "unit_of",
    "withdraw",
]
