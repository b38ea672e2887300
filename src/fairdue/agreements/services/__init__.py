"""Verbs of agreements; the only writers of promises, budgets, offers, approvals and plans.

consider(…)  /  make(…)  /  withdraw(…)  /  judge(…)  promises to pay, weighed before, judged by real payments
learn(…)  /  rate(…)                                 what was seen of promises; the chance of every open one
prepare(…)  /  due_ones(…)  /  close(…)              reminders and thanks, each once; flows.reminders sends them
take_budget(…)                                       what a household can spare
offer(…)  /  decline(…)                              terms on the table, ours and theirs; all are kept
ask(…)  /  decide(…)                                 beyond one's authority: somebody else's word
accept(…)  /  judge_plans(…)                         a plan from its first day to its last; flows.plans does what
                                                     follows: holds, ageing, lists
"""

from fairdue.agreements.services.budgets import take_budget
from fairdue.agreements.services.notices import Due, close, due_ones, fits, prepare, put_off
from fairdue.agreements.services.offers import Beyond, ask, assessed, beyond, decide, decline, needs_of, offer, reaches
from fairdue.agreements.services.plans import (
    Turned,
    accept,
    check_code,
    issue_code,
    judge_plans,
    kept_when_broken,
    new_code,
)
from fairdue.agreements.services.promises import (
    DAYS_AHEAD_MAX,
    GRACE_DAYS,
    Judged,
    PromiseRefused,
    consider,
    judge,
    make,
    withdraw,
)
from fairdue.agreements.services.refusing import AgreementRefused
from fairdue.agreements.services.terms import limits_of, owed_of, spare_of, terms_of, unit_of
from fairdue.agreements.services.weighing import Weighed, learn, rate

__all__ = [
    "DAYS_AHEAD_MAX",
    "GRACE_DAYS",
    "AgreementRefused",
    "Beyond",
    "Due",
    "Judged",
    "PromiseRefused",
    "Turned",
    "Weighed",
    "accept",
    "ask",
    "assessed",
    "beyond",
    "check_code",
    "close",
    "consider",
    "decide",
    "decline",
    "due_ones",
    "fits",
    "issue_code",
    "judge",
    "judge_plans",
    "kept_when_broken",
    "learn",
    "limits_of",
    "make",
    "needs_of",
    "new_code",
    "offer",
    "owed_of",
    "prepare",
    "put_off",
    "rate",
    "reaches",
    "spare_of",
    "take_budget",
    "terms_of",
    "unit_of",
    "withdraw",
]
