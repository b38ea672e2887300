"""The case page: one screen for one case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import uuid4

from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext

from fairdue.agreements.models import Instalment, Plan, Promise
from fairdue.cases.models import Case, Hold, WorkItem
from fairdue.contact.models import Attempt
from fairdue.contact.services import THIRD, records
from fairdue.contact.writing import templates
from fairdue.desk import writing
from fairdue.desk.pages import debts, history, outcomes, promising, reach, worklist
from fairdue.desk.pages.agreed import Agreed, agreed_in
from fairdue.desk.pages.care import care_of, instructions
from fairdue.desk.pages.hardship import files_of
from fairdue.desk.pages.keeping import POINT_ACTS
from fairdue.flows import contact as flow
from fairdue.flows.plans import OPEN_CALL
from fairdue.hardship.models import Care, File
from fairdue.knowledge import scripts
from fairdue.law import codes
from fairdue.people.models import ContactPoint, Person
from fairdue.staff.models import User
from fairdue.staff.policies import may

LATEST = 30
"""Entries of the timeline shown at first."""
THANKS_FOR = timedelta(days=14)
"""A promise kept is spoken of for so long after its day."""


@dataclass(frozen=True)
class Talk:
    """What to say: an opening chosen by the situation, filled in, in the borrower's language; and the answers."""

    title: str
    goal: str
    lines: list[tuple[str, str]]
    avoid: list[str]
    answers: list[dict[str, Any]]
    language: str
    other: str
    check: str


@dataclass(frozen=True)
class Page:
    """Everything on the case page."""

    case: Case
    owed: worklist.Owed
    row: worklist.Row | None
    holds: list[Hold]
    reach: reach.Reach
    debts: list[debts.Debt]
    events: list[history.Event]
    promises: list[Promise]
    agreed: list[Agreed]
    line: Attempt | None
    talk: Talk
    key: str
    now: datetime
    language: str
    last: Attempt | None
    outcome_keys: list[outcomes.Choice]
    older: int
    hardship: File | None
    care: Care | None

    @property
    def treat(self) -> list[Any]:
        """What to do with somebody who is treated with care; never why."""
        return instructions(self.care)

    @property
    def plans(self) -> list[Agreed]:
        """The plans in force."""
        return [one for one in self.agreed if one.live]

    @property
    def earlier_plans(self) -> list[Agreed]:
        """The plans that are over, the latest first."""
        return [one for one in reversed(self.agreed) if not one.live]

    @cached_property
    def first_call(self) -> int | None:
        """The contact point that `c` calls: the debtor's first allowed now, else the debtor's first phone.

        Nobody else is ever called by a single key.
        """
        return self._first("callable")

    @cached_property
    def first_mail(self) -> int | None:
        """The contact point that `m` writes to."""
        return self._first("writable")

    def _first(self, what: str) -> int | None:
        own = {point.row.pk for party in self.reach.parties if party.debtor for point in party.points}
        ways = [way for way in self.reach.ways if getattr(way, what) and way.choice.contact_point_id in own]
        chosen = next((way for way in ways if way.choice.allowed), ways[0] if ways else None)
        return chosen.choice.contact_point_id if chosen else None

    @cached_property
    def letters(self) -> list[tuple[str, str, str]]:
        """(name, what it is about, why it cannot be written now or "") of the letters one may choose.

        Asked for only where there is an address to write to.
        """
        lacks = flow.lacking(case=self.case)
        return [
            (name, reach.said(template.about), writing.letter_lacks(lacks.get(name, ())))
            for name, template in templates().items()
            if template.audience == "debtor" and not template.door
        ]

    @property
    def age(self) -> int | None:
        """Full years of the debtor."""
        born, today = self.case.person.birth_on, timezone.localdate(self.now)
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) if born else None

    @property
    def kept(self) -> str:
        """What became of their promises: kept, partly kept and broken, each by itself, as the warnings count them."""
        states = [p.status for p in self.promises]
        kept, partly, broken = (
            states.count(s) for s in (Promise.Status.KEPT, Promise.Status.PARTLY, Promise.Status.BROKEN)
        )
        if partly:
            told = gettext("%(kept)s kept, %(partly)s partly kept, %(broken)s broken")
            return told % {"kept": kept, "partly": partly, "broken": broken}
        return gettext("%(kept)s kept, %(broken)s broken") % {"kept": kept, "broken": broken} if kept or broken else ""

    @property
    def point_acts(self) -> list[tuple[str, Any]]:
        """What may be noted about a contact point."""
        return POINT_ACTS

    @property
    def account_choices(self) -> list[tuple[int, str]]:
        """(id, reference) of the open accounts, for promises."""
        return [(d.account.pk, d.account.external_ref) for d in self.debts if d.account.status == "open"]

    @cached_property
    def callers(self) -> list[outcomes.Callers]:
        """Who may call us: those who owe or speak for the debtor, then third persons, each with what may come of it."""
        phones = [
            (party.relation in THIRD, outcomes.Caller(str(point.row.pk), f"{party.name} {point.row.masked}", _clock(point)))
            for party in self.reach.parties
            for point in party.points
            if point.row.kind == ContactPoint.Kind.PHONE
        ]  # fmt: skip
        unknown = outcomes.Caller("", gettext("a number not known"), self._cautious)
        groups = [[unknown, *(one for third, one in phones if not third)], [one for third, one in phones if third]]
        relations = (codes.Relation.DEBTOR, codes.Relation.OTHER_THIRD_PARTY)
        return [
            outcomes.Callers(group, [key for key in outcomes.keys_for(relation) if key.kind in outcomes.INBOUND])
            for group, relation in zip(groups, relations, strict=True)
            if group
        ]

    @property
    def _cautious(self) -> outcomes.CallBack:
        """The clock of a debtor who calls from who knows where: theirs if all their contact points agree, else ours."""
        clocks = {_clock(point) for party in self.reach.parties if party.debtor for point in party.points if point.ways}
        return clocks.pop() if len(clocks) == 1 else outcomes.CallBack()

    @property
    def line_keys(self) -> list[outcomes.Choice]:
        """What may come of the call in hand."""
        return outcomes.keys_for(self.line.relation) if self.line else []

    @cached_property
    def call_back(self) -> outcomes.CallBack:
        """When to call back: by the clock of the call in hand."""
        if self.line is not None:
            return outcomes.call_back(case=self.case, point=self.line.contact_point, now=self.now)
        return outcomes.CallBack()

    @cached_property
    def held(self) -> list[Hold]:
        """Holds in force."""
        today = timezone.localdate(self.now)
        return [hold for hold in self.holds if _stops(hold, today)]

    @cached_property
    def next_promise(self) -> Promise | None:
        """The open promise that falls due first."""
        return _next_due(self.promises)

    @property
    def chance(self) -> promising.Chance | None:
        """How likely the next promise is kept."""
        promise = self.next_promise
        return promising.Chance(promise.chance) if promise and promise.chance is not None else None

    @property
    def next_step(self) -> str:
        """What follows the promise broken last, by the strategy; empty when none is, or today's item says so already."""
        said = promising.next_step(self.promises, self.owed.bucket) if self.owed.past_due else ""
        return "" if self.row and said in self.row.reasons else said


def _clock(point: reach.Point) -> outcomes.CallBack:
    """The clock of whoever calls from there: the one zone on record, else the one by which the gate bars longest."""
    on_record = [zone for zone in point.row.zones.split(",") if zone]
    if len(on_record) != 1 and not point.ways:
        return outcomes.CallBack()
    zone = on_record[0] if len(on_record) == 1 else point.ways[0].choice.zone
    return outcomes.CallBack(zone, writing.clock_of(point.at, zone) is not None)


def _stops(hold: Hold, today: date) -> bool:
    return hold.lifted_at is None and (hold.ends_on is None or hold.ends_on >= today)


def page_of(*, case: Case, user: User, now: datetime, language: str = "", all_events: bool = False) -> Page:
    """Everything on the case page, in a fixed number of queries. `language`: of the script, when not the borrower's.

    The timeline is cut to its latest entries unless `all_events`.
    """
    today = timezone.localdate(now)
    attempts = history.attempts_of(case=case)
    promises = list(Promise.objects.filter(case=case).select_related("taken_by").order_by("-made_on", "-pk"))
    holds = list(
        Hold.objects.filter(person_id=case.person_id)
        .select_related("account", "placed_by", "lifted_by")
        .order_by("-starts_at")
    )
    owed = worklist.owed_by_case([case]).get(case.pk, worklist.Owed(currency=case.creditor.currency))
    row = item_row(case=case, owed=owed, promises=promises, now=now)
    payments, agreed, files = history.payments_of(case=case), agreed_in(case), files_of(case)
    events, older = history.timeline(
        case=case, attempts=attempts, payments=payments, promises=promises, plans=agreed, holds=holds,
        files=files if may(user, "hardship") else [], most=None if all_events else LATEST,
    )  # fmt: skip
    plans = [one.plan for one in agreed if one.live]
    return Page(
        case=case,
        owed=owed,
        row=row,
        holds=holds,
        reach=reach.reach_of(case=case, now=now, attempts=attempts, holds=[h for h in holds if _stops(h, today)]),
        debts=debts.debts_of(person_id=case.person_id, creditor_id=case.creditor_id, payments=payments, today=today),
        events=events,
        older=older,
        hardship=next((file for file in files if file.status != File.Status.ENDED), None),
        care=care_of(case.person_id),
        promises=promises,
        agreed=agreed,
        line=open_call(attempts, user, now),
        talk=talk_of(
            case=case, owed=owed, promises=promises, row=row, user=user, today=today, plans=plans, language=language
        ),
        key=uuid4().hex,
        now=now,
        language=language,
        last=next((a for a in attempts if a.result != codes.Result.CANCELLED), None),
        outcome_keys=outcomes.KEYS if may(user, "contact") else [],
    )


def item_row(*, case: Case, owed: worklist.Owed, promises: Sequence[Promise], now: datetime) -> worklist.Row | None:
    """Today's item of the case in words, None when it is on nobody's list."""
    item = (
        WorkItem.objects.filter(case=case, on=timezone.localdate(now)).exclude(status=WorkItem.Status.DROPPED).first()
    )
    return worklist.row_of(item, owed, promises, now=now) if item else None


def open_call(attempts: list[Attempt], user: User, now: datetime) -> Attempt | None:
    """The user's call that still waits for its outcome."""
    for attempt in attempts:
        if (
            attempt.by_id == user.pk
            and attempt.channel == codes.Channel.CALL
            and attempt.result == codes.Result.PENDING
            and attempt.happened_at > now - OPEN_CALL
            and not attempt.outcomes.all()
            and _dialled(attempt)
        ):
            return attempt
    return None


def _next_due(promises: list[Promise]) -> Promise | None:
    """The open promise that falls due first."""
    return min((p for p in promises if p.status == Promise.Status.OPEN), key=lambda p: p.due_on, default=None)


def _to_speak_of(promises: list[Promise], today: date, *, following: bool) -> tuple[scripts.Promised, Promise | None]:
    """The promise a talk is about, by what is so now: one that falls due, the latest one broken, one kept lately.

    promises: the latest first. `following`: the list asks for the one that is coming.
    """
    coming = _next_due(promises)
    if coming and (coming.due_on <= today or following):
        return "due", coming
    latest = promises[0] if promises else None
    if latest and latest.status == Promise.Status.BROKEN:
        return "broken", latest
    if latest and latest.status == Promise.Status.KEPT and latest.due_on >= today - THANKS_FOR:
        return "kept", latest
    return "", None


def _next_instalment(plans: Sequence[Plan]) -> Instalment | None:
    """What the plans ask for next."""
    coming = Instalment.objects.filter(plan__in=plans, paid__lt=F("cents")) if plans else Instalment.objects.none()
    return coming.select_related("plan").order_by("due_on", "pk").first()


def _spoken_days(count: int, language: scripts.Lang) -> str:
    """3 天; 1 day, 3 days."""
    return f"{count} 天" if language == "zh" else f"{count} day" + "s" * (count != 1)


def _spoken_day(day: date, language: scripts.Lang, today: date) -> str:
    """A day as one says it: 今天, 11月26日, 2027年1月13日; today, by 26 Nov, by 13 Jan 2027."""
    if day == today:
        return "今天" if language == "zh" else "today"
    if day.year != today.year:
        return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else f"by {day.day} {day:%b %Y}"
    with translation.override("zh-hans" if language == "zh" else "en"):
        return writing.short_day(day) if language == "zh" else f"by {writing.short_day(day)}"


def _dialled(attempt: Attempt) -> bool:
    permit = getattr(attempt, "permit", None)
    return permit is not None and permit.spent_at is not None


def talk_of(
    *,
    case: Case,
    owed: worklist.Owed,
    promises: list[Promise],
    row: worklist.Row | None,
    user: User,
    today: date,
    plans: Sequence[Plan] = (),
    language: str = "",
    relation: int = codes.Relation.DEBTOR,
    who: Person | None = None,
) -> Talk:
    """The script for this case and the person one talks to (the debtor, when left out).

    What is said is in their language; titles and what never to say, which the collector only reads, in the page's.
    """
    who = who or case.person
    check = scripts.check_by(document=bool(who.id_sealed), born=who.birth_on is not None)
    spoken: scripts.Lang = "en" if (language or case.person.language).startswith("en") else "zh"
    page: scripts.Lang = "zh" if writing.chinese() else "en"
    state, promised = _to_speak_of(
        promises, today, following=row is not None and row.item.action == "promise_follow_up"
    )
    late = next((plan for plan in plans if plan.late), None) if owed.past_due else None
    spoken_of = [late] if late else [] if owed.past_due else [p for p in plans if p.status == Plan.Status.ACTIVE]
    due = _next_instalment(spoken_of)
    situation = scripts.situation(
        action=row.item.action if row else "",
        relation=relation,
        bucket=owed.bucket,
        past_due=owed.past_due > 0,
        promise=state,
        plan="late" if late else "kept" if due else "",
    )
    values = {
        "me": str(user),
        "name": case.person.name,
        "creditor": case.creditor.name_zh if spoken == "zh" else case.creditor.name_en,
        "amount": writing.money(owed.past_due, owed.currency),
        "days": _spoken_days(owed.days, spoken),
        "promised": writing.money(promised.cents, promised.currency) if promised else "",
        "due": _spoken_day(promised.due_on, spoken, today) if promised else "",
        "next": writing.money(late.late if late else due.cents - due.paid, due.plan.currency) if due else "",
        "next_on": _spoken_day(due.due_on, spoken, today) if due else "",
        "stands": _spoken_day(late.stands_until, spoken, today) if late and late.stands_until else "",
    }
    script = scripts.opening(situation)
    return Talk(
        title=script.title[page],
        goal=script.goal[page],
        lines=script.lines(spoken, values, recorded=records(codes.Channel.CALL), check=check),
        avoid=[text[page] for text in script.avoid],
        answers=[
            {
                "id": answer.id,
                "title": answer.title[page],
                "lines": [line for line, _stage in answer.lines(spoken, values)],
                "avoid": [text[page] for text in answer.avoid],
                "outcome": answer.outcome,
            }
            for answer in scripts.answers().values()
            if situation != "third_person" and check != "nothing"
        ],
        language=spoken,
        other="en" if spoken == "zh" else "zh",
        check=check,
    )
