"""Stops, wishes and permissions of some of the demo's made-up borrowers, so that their pages have something to show."""

from datetime import datetime, timedelta
from typing import Any, Final

EVERY: Final = 40
"""One made-up borrower in so many has said something."""

REAL: Final = "uci-cards"
"""The creditor of the real accounts, whose borrowers nobody invented."""

_HOLDS: Final = (  # kind, (zh, en), days ago, days until it ends (None: until lifted)
    ("dispute", ("对利息计算有异议，已提交流水", "Disputes the interest; bank statements handed in"), 3, None),
    ("hardship", ("住院治疗，暂无收入", "In hospital, no income for now"), 12, 5),
    ("attorney", ("已委托律师，函件见附件", "Represented by an attorney; letter on file"), 41, None),
    ("plan", ("按分期计划还款中", "Keeps an instalment plan"), 20, 70),
    ("complaint", ("投诉处理中，编号见备注", "A complaint is being looked into"), 6, 9),
    ("ceased", ("书面要求停止联系", "Asked in writing to stop contact"), 33, None),
)


def stops_and_wishes(*, now: datetime) -> int:
    """Place holds and note wishes through the very verbs the pages use; how many people were touched."""
    from fairdue.cases.models import Case
    from fairdue.flows import contact as flow
    from fairdue.staff.models import User

    cases = Case.objects.filter(status=Case.Status.OPEN).exclude(creditor__code=REAL).order_by("pk")
    chosen = list(cases.select_related("person", "creditor")[:: EVERY * 2])
    by = User.objects.get(username="complaints")
    for n, case in enumerate(chosen):
        kind, reasons, ago, ends = _HOLDS[n % len(_HOLDS)]
        since = now - timedelta(days=ago)
        ends_on = None if ends is None else (now + timedelta(days=ends)).date()
        reason = reasons[case.creditor.jurisdiction != "cn"]
        flow.place_hold(person=case.person, kind=_kind(kind), reason=reason, by=by, now=since, ends_on=ends_on)
    others = list(cases.select_related("person", "creditor")[EVERY :: EVERY * 2])
    for n, case in enumerate(others):
        _say(n, case, by=User.objects.get(username="collector"), now=now - timedelta(days=1 + n % 9))
    return len(chosen) + len(others)


def _kind(name: str) -> Any:
    from fairdue.cases.models import Hold

    return Hold.Kind(name)


def _say(n: int, case: Any, *, by: Any, now: datetime) -> None:
    """One of five things people say."""
    from fairdue.flows import contact as flow
    from fairdue.law.codes import Channel
    from fairdue.people import services as people

    home = case.creditor.jurisdiction == "cn"
    told = _words(chinese=home)
    common = {"person": case.person, "by": by, "now": now, "source": "call"}
    match n % 5:
        case 0:
            flow.opt_out(**common, channel=Channel.SMS, words=told["sms"])
        case 1:
            people.note_times(**common, kind="unwelcome_time", start=12 * 60, end=14 * 60, words=told["noon"])
        case 2:
            people.note_times(
                **common, kind="preferred_time", start=18 * 60, end=20 * 60, days=31, words=told["evening"]
            )
        case 3:
            people.note_place(**common, words=told["home"])
        case _:
            people.allow(**common, kind="additional_calls", channel=Channel.CALL, words=told["more"])


def _words(*, chinese: bool) -> dict[str, str]:
    both = {
        "sms": ("别再发短信", "Stop texting me"),
        "noon": ("中午要休息", "I rest at noon"),
        "evening": ("下班以后打", "Call me after work"),
        "home": ("不要到家里来", "Do not come to my home"),
        "more": ("有消息可以多打几次", "You may call more often about this"),
    }
    return {name: texts[0 if chinese else 1] for name, texts in both.items()}
