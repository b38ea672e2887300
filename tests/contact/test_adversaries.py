"""Eight collectors at once on a real database, and an independent checker that finds nothing unlawful afterwards."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

import pytest
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob

import stories
from contact.conftest import REMINDER, Scene
from fairdue.cases.models import Hold
from fairdue.contact import services as door
from fairdue.contact.models import Attempt, Outcome
from fairdue.contact.services import permits
from fairdue.flows import contact as flow
from fairdue.journal.models import Link
from fairdue.law import codes
from fairdue.people.models import ContactPoint, Relation, Wish
from law import brute

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
COLLECTORS, TRIES = 8, 60
KINDS = (
    Outcome.Kind.NO_ANSWER, Outcome.Kind.NO_ANSWER, Outcome.Kind.BUSY, Outcome.Kind.VOICEMAIL, Outcome.Kind.REFUSES,
    Outcome.Kind.CANCELLED,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_jobs_left():
    """Django empties its own tables after such a test, the queue's not."""
    yield
    ProcrastinateJob.objects.all().delete()


class Street:
    """Four debtors with a friend each, at two lenders each; a round begins some time after the one before."""

    def __init__(self) -> None:
        self.scenes = [Scene(), Scene(), Scene({"jurisdiction": "us"}), Scene({"jurisdiction": "us"})]
        zones = ("Asia/Shanghai", "Asia/Shanghai", "America/New_York", "America/Los_Angeles")
        self.points: list[tuple[Scene, ContactPoint, codes.Channel]] = []
        for n, (scene, zone) in enumerate(zip(self.scenes, zones, strict=True)):
            ContactPoint.objects.filter(pk__in=[scene.phone.pk, scene.mail.pk]).update(zones=zone)
            scene.phone = stories.phone(scene.debtor, f"+861391111000{n}", zones=zone)
            friend = stories.person("李四")
            Relation.objects.create(debtor=scene.debtor, person=friend, kind=codes.Relation.EMERGENCY_CONTACT)
            theirs = stories.phone(friend, f"+861392222000{n}", zones=zone)
            self.points += [
                (scene, scene.phone, codes.Channel.CALL), (scene, theirs, codes.Channel.CALL),
                (scene, scene.mail, codes.Channel.EMAIL),
            ]  # fmt: skip
            other = stories.creditor(**scene.of_creditor)
            stories.account(scene.debtor, other)
            scene.elsewhere = stories.case(scene.debtor, other, owner=scene.by)
        self.clock = START
        self.barrier = threading.Barrier(COLLECTORS, action=self._later, timeout=60)
        self.draw = Random(11)

    def _later(self) -> None:
        self.clock += timedelta(minutes=self.draw.choice([1, 6, 20, 90, 400]))

    def collector(self, n: int) -> int:
        """Try what comes to mind, together with the others; how often it was allowed."""
        draw, allowed = Random(n), 0
        try:
            for i in range(TRIES):
                self.barrier.wait()
                now = self.clock + timedelta(seconds=draw.uniform(0, 70))  # clocks of one round differ
                allowed += self._act(draw, now, f"{n} {i}")
        except BaseException:
            self.barrier.abort()
            raise
        finally:
            connections.close_all()
        return allowed

    def _act(self, draw: Random, now: datetime, key: str) -> bool:
        scene, point, channel = draw.choice(self.points)
        what = draw.random()
        if what < 0.015:
            flow.place_hold(person=scene.debtor, kind=Hold.Kind.HARDSHIP, reason="困难", by=scene.by, now=now,
                            ends_on=(now + timedelta(days=1)).date())  # fmt: skip
        elif what < 0.03:
            flow.opt_out(person=scene.debtor, by=scene.by, now=now, channel=codes.Channel.EMAIL)
        elif what < 0.05:
            flow.note_times(person=scene.debtor, kind=Wish.Kind.UNWELCOME, start=12 * 60, end=14 * 60, days=127,
                            words="午休", by=scene.by, now=now)  # fmt: skip
        elif what < 0.07:
            flow.took_call(case=scene.case, contact_point=scene.phone, by=scene.by, now=now, kind=Outcome.Kind.REFUSES)
        else:
            return self._contact(draw, scene, point, channel, now, key)
        return False

    def _contact(self, draw: Random, scene, point, channel, now: datetime, key: str) -> bool:
        case = draw.choice([scene.case, scene.elsewhere])
        mode = draw.choice([codes.Mode.HUMAN, codes.Mode.RECORDED])
        asking = {"case": case, "contact_point": point, "channel": channel, "by": scene.by, "now": now, "key": key}
        if channel == codes.Channel.EMAIL:
            asking["draft"] = door.Draft("zh", "reminder", "还款", f"{REMINDER}本邮件来自受托催收机构。")
        answer = door.ask(**asking, mode=mode)
        if isinstance(answer, door.Refused):
            return False
        try:
            permits.spend(permit=answer.permit, channel=channel, by=scene.by, now=now)
        except door.PermitError:  # taken back meanwhile
            return False
        if channel == codes.Channel.CALL and draw.random() < 0.7:  # the others go on without an outcome
            attempt = Attempt.objects.get(pk=answer.attempt_id)
            kinds = [kind for kind in KINDS if door.may_come(kind, attempt.relation)]
            flow.record(attempt=attempt, kind=draw.choice(kinds), by=scene.by, now=now)
        return True


def test_what_eight_at_once_were_allowed_is_lawful_by_an_independent_checker():
    street = Street()

    with ThreadPoolExecutor(COLLECTORS) as pool:
        allowed = list(pool.map(street.collector, range(COLLECTORS)))

    judged = [(plan, rules) for scene in street.scenes for plan, rules in judgements(scene)]
    assert [(plan, rules) for plan, rules in judged if rules] == []
    assert 20 < len(judged) <= sum(allowed) < COLLECTORS * TRIES


def judgements(scene: Scene):
    """Every contact of a debtor that took place, with the rules it broke by the checker."""
    orders = written()
    history = brute.History(debtor=scene.debtor.pk)
    for point in ContactPoint.objects.filter(kind="phone"):
        history.numbers[point.pk] = brute.Number(owner=point.person_id)
    for wish in Wish.objects.filter(person=scene.debtor):
        at, order = minute(wish.made_at), orders["wish", wish.pk]
        if wish.kind == Wish.Kind.OPT_OUT:
            channels = frozenset({name(codes.Channel, wish.channel)})
            history.refusals.append(brute.Refusal(at, scene.debtor.pk, "channel", channels, order=order))
        else:
            first, last = at.date() - timedelta(1), at.date() + timedelta(99)
            every_day = frozenset(range(7))
            history.unwelcome.append(
                brute.Unwelcome(at, scene.debtor.pk, every_day, wish.start, wish.end, first, last, order=order)
            )
    for hold in Hold.objects.filter(person=scene.debtor):
        end = datetime.combine(hold.ends_on, datetime.min.time(), UTC) + timedelta(hours=16)  # midnight in Shanghai
        order = orders["hold", hold.pk]
        history.stops.append(brute.Stop(minute(hold.starts_at), scene.debtor.pk, "hardship", end=end, order=order))
    plans = [plan for plan in map(partial(_touched, history, orders), _attempts(scene)) if plan]
    for plan in sorted(plans, key=lambda plan: plan.order):
        yield plan, brute.broken(settled(history, plan), plan)


def _attempts(scene: Scene):
    """Attempts that were not taken back or given up."""
    for attempt in Attempt.objects.filter(person=scene.debtor).select_related("creditor", "contact_point", "permit"):
        outcome = Outcome.objects.filter(attempt=attempt).order_by("-pk").first()
        result = name(codes.Result, outcome.result) if outcome else None
        permit = getattr(attempt, "permit", None)
        if result != "cancelled" and (permit is None or permit.spent_at):
            yield attempt, result


def _touched(history: brute.History, orders, found) -> brute.Plan | None:
    """Write an attempt into the history; of ours what it intended."""
    attempt, result = found
    ours, order = attempt.direction == codes.Direction.OUT, orders["attempt", attempt.pk]
    at, debts = minute(attempt.happened_at), (attempt.account_id or 0, *(attempt.also or ()))
    touch = brute.Touch(
        at, ours, attempt.addressee_id, 1, name(codes.Channel, attempt.channel), name(codes.Mode, attempt.mode),
        name(codes.Purpose, attempt.purpose), attempt.contact_point_id, debts, result, order=order,
    )  # fmt: skip
    history.touches.append(touch)
    if not ours:
        touch.debts = tuple(pk for plan in history.touches for pk in plan.debts)  # about all there is
        return None
    return brute.Plan(
        at, attempt.creditor.jurisdiction, (attempt.contact_point.zones,), 1, "debt_collector", attempt.addressee_id,
        name(codes.Relation, attempt.relation), touch.channel, touch.mode, touch.purpose, "none",
        touch.number if touch.channel == "call" else 0, 0, debts, "consumer_loan", order=order,
    )  # fmt: skip


def written() -> dict[tuple[str, int], int]:
    """The place in the journal's chain, which is the order of commits, of every attempt, wish and hold."""
    found = {}
    for link in Link.objects.select_related("entry").order_by("seq"):
        entry = link.entry
        key = (
            ("attempt", entry.data["attempt"]) if entry.verb == "contact.allowed" else (entry.subject, entry.subject_id)
        )
        found.setdefault(key, link.seq)
    return found


def settled(history: brute.History, plan: brute.Plan) -> brute.History:
    """The history with what was committed before the contact, by a clock seconds ahead, drawn back to its minute."""
    for thing in (*history.touches, *history.stops, *history.refusals, *history.unwelcome):
        if thing.order < plan.order and plan.at < thing.at <= plan.at + timedelta(minutes=5):
            thing.at = plan.at
    return history


def minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def name(names, code: int) -> str:
    return names(code).name.lower()
