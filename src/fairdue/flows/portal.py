"""What a borrower does on their own page, and how they get there. One transaction each; safe to say twice.

Everything here is done by the borrower: `by` is nobody of the house, the source is the page, and the journal names the
person. The page has checked the visit (`contact.services.link_of`); nothing here reaches beyond its case.
"""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import reverse

from fairdue.accounts.models import Account
from fairdue.agreements import services as agreements
from fairdue.agreements.models import Budget, Offer, Plan, Promise
from fairdue.cases import services as cases
from fairdue.cases.models import Case, Hold, Note
from fairdue.contact import services as door
from fairdue.contact.models import Link, Message
from fairdue.contact.services import Allowed, Refused
from fairdue.flows import contact as flow
from fairdue.flows import plans as plan_flow
from fairdue.hardship import services as hardship
from fairdue.journal import services as journal
from fairdue.law import codes
from fairdue.money.amount import money_text
from fairdue.money.plans import Kind, Terms, runs
from fairdue.people import services as people
from fairdue.people.models import ContactPoint, Source, Wish
from fairdue.staff.models import User

TEMPLATE: Final = "page"
WORDS_CHARS_MAX: Final = 3_000
CODES_MOST: Final = 3
"""So many codes are sent in one visit."""
_PAGE: Final = Source.PORTAL

_HEADS: Final = {
    "dispute": "【借款人页面·异议】Borrower's page, dispute:",
    "hardship": "【借款人页面·困难】Borrower's page, hardship:",
    "complaint": "【借款人页面·投诉】Borrower's page, complaint (for the complaints desk):",
    "data": "【借款人页面·个人信息请求】Borrower's page, request about personal data (for the privacy desk):",
}
_VERBS: Final = {
    "dispute": "dispute.raised",
    "hardship": "hardship.told",
    "complaint": "complaint.made",
    "data": "data.requested",
}
_HOLDS: Final = {"dispute": Hold.Kind.DISPUTE, "hardship": Hold.Kind.HARDSHIP}
MATTERS: Final = tuple(_HEADS)
"""What a borrower may tell us: something is wrong, cannot pay now, complains, asks about their data."""


class NothingSaidError(ValueError):
    """No words, or too many; `zh` and `en` say what to do."""

    def __init__(self) -> None:
        self.zh = f"请用您自己的话写明情况（最多 {WORDS_CHARS_MAX} 字）。"
        self.en = f"Tell us in your own words ({WORDS_CHARS_MAX:,} characters at most)."
        super().__init__(self.en)


@transaction.atomic
def invite(
    *, case: Case, contact_point: ContactPoint, by: User, now: datetime, key: str, site: str, language: str = ""
) -> Allowed | Refused:
    """Send the borrower a one-time link to their page, if the gate agrees. `site`: our address, as https://….

    The link lives only when the message does: a refusal leaves none, and the same key makes no second one. Raises
    NoSecondCheckError, and ValueError for a contact point of somebody else: a third person learns nothing.
    """
    if contact_point.person_id != case.person_id:
        raise ValueError("the page is the borrower's alone")
    token = door.new_token(person=case.person)
    answer = flow.write(
        case=case, contact_point=contact_point, template=TEMPLATE, by=by, now=now, key=key, language=language or None,
        values={"link": f"{site.rstrip('/')}{reverse('portal:key', args=[token])}"},
    )  # fmt: skip
    if isinstance(answer, Allowed) and not answer.again:
        door.make_link(token=token, case=case, by=by, now=now)
    return answer


@transaction.atomic
def tell(*, link: Link, matter: str, words: str, now: datetime) -> Note:
    """Take down what the borrower says about a `matter` of MATTERS; the same words about it twice are one.

    A dispute and hardship stop collection everywhere until somebody entitled lifts it. Raises NothingSaidError.
    """
    words = words.replace("\r\n", "\n").strip()
    if not words or len(words) > WORDS_CHARS_MAX:
        raise NothingSaidError
    door.lock(link.person_id)
    text = f"{_HEADS[matter]}\n{words}"
    paused = matter == "hardship" and hardship.paused(person=link.person_id)
    if matter in _HOLDS and not paused:
        flow.place_hold(person=link.person, kind=_HOLDS[matter], reason=words[:300], by=None, now=now)
    if matter == "hardship":
        hardship.request(case=link.case, source=_PAGE, words=words, by=None, now=now)
    if known := Note.objects.filter(case=link.case, by=None, text=text).first():
        return known
    note = cases.note(case=link.case, by=None, text=text)
    journal.write(
        _VERBS[matter], subject="case", subject_id=link.case_id, person_id=link.person_id, note=note.pk, link=link.pk
    )
    return note


def offer_plan(
    *, link: Link, account: Account, budget: Budget, terms: Terms, kind: Kind, ours: bool, now: datetime
) -> Offer:
    """A plan chosen (`ours`: one of our proposals) or proposed by the borrower on the own page; no relief is let go.

    A proposal of theirs that cannot be is kept with the reasons, for somebody to answer. Raises AgreementRefused.
    """
    side = Offer.Side.OURS if ours else Offer.Side.THEIRS
    made = agreements.offer(
        case=link.case, account=account, budget=budget, terms=terms, kind=kind, discount=0, by=None, now=now, side=side
    )
    if made.reasons or made.needs:
        size = " + ".join(f"{n} × {money_text(each, made.currency, 'en')}" for n, each in runs(made.amounts))
        text = f"借款人在自助页面提出还款方案 · Plan proposed on the borrower's page: {size}"
        if not Note.objects.filter(case=link.case, by=None, text=text).exists():
            cases.note(case=link.case, by=None, text=text)
    return made


@transaction.atomic
def plan_code(*, link: Link, offer: Offer, now: datetime) -> Allowed | Refused | None:
    """The code that accepts the offer, to the borrower's own e-mail; None when no address is on file.

    They ask for it here and now, so the firm's own cap of e-mails does not count it; CODES_MOST of one visit do. Raises
    AgreementRefused beyond them.
    """
    point = plan_flow.mail_of(link.case)
    if point is None:
        return None
    door.lock(link.person_id)
    visit = f"own-plan:{link.pk}:"
    key = f"{visit}{offer.pk}:{now:%Y%m%d%H%M}"  # pressed twice in a minute is one message
    if Message.objects.filter(key__startswith=visit).exclude(key=key).count() >= CODES_MOST:
        raise agreements.AgreementRefused(
            "codes",
            zh="确认码已发送多次。请使用最近一封邮件中的确认码，或在下方再次填写证件后四位或出生日期。",
            en="The code was sent several times already. Use the one of the latest e-mail, or show once more who you are.",
        )
    return plan_flow.send_code(offer=offer, contact_point=point, by=None, now=now, key=key)


def agree_plan(*, link: Link, offer: Offer, code: str, answer: door.Answer, address: str, now: datetime) -> Plan:
    """The borrower agrees on the own page: by the code, or by showing once more who they are; the gate may allow no code
    today. Raises AgreementRefused."""
    if code:
        return plan_flow.agree(offer=offer, by=None, now=now, code=code)
    # On its own: a wrong answer counts although nothing else is written.
    if not door.sign(link=link, answer=answer, address=address, now=now):
        raise agreements.AgreementRefused(
            "identity",
            zh="请填写确认码，或证件后四位、出生日期中的一项；所填与我们的记录不符。",
            en="Write the code, or the last four of your ID or your date of birth; what was given does not match.",
        )
    return plan_flow.agree(offer=offer, by=None, now=now, signed=True)


@transaction.atomic
def took_statement(*, link: Link, account: Account, how: str) -> None:
    """Note that the borrower took the statement of an account with them; `how`: pdf or csv."""
    journal.write(
        "statement.taken", subject="account", subject_id=account.pk, person_id=link.person_id, how=how, link=link.pk
    )


def opt_out(*, link: Link, channel: codes.Channel, words: str, now: datetime) -> Wish:
    """No more contact on a channel; what was not sent is taken back."""
    return flow.opt_out(person=link.person, by=None, now=now, channel=channel, words=words, source=_PAGE)


def note_times(
    *, link: Link, kind: str, start: int, end: int, days: int, now: datetime, channel: codes.Channel | None = None
) -> Wish:
    """When contact is unwelcome or best (and on which channel); the same twice is one. Raises ContactPointError."""
    with transaction.atomic():
        door.lock(link.person_id)
        same = Wish.objects.filter(
            person=link.person, kind=kind, start=start, end=end, days=days, channel=channel, withdrawn_at=None,
            until_on=None,
        )  # fmt: skip
        return same.first() or flow.note_times(
            person=link.person, kind=kind, start=start, end=end, days=days, channel=channel, by=None, now=now,
            source=_PAGE,
        )  # fmt: skip


def withdraw(*, link: Link, wish: Wish, now: datetime) -> Wish:
    """The borrower takes a wish of theirs back."""
    assert wish.person_id == link.person_id, "a wish of the borrower"
    return people.withdraw_wish(wish=wish, by=None, now=now, why="taken back on the borrower's page", source=_PAGE)


def promise(*, link: Link, account: Account | None, cents: int, due_on: date, now: datetime) -> Promise:
    """The borrower promises to pay; the same promise twice is one. Raises agreements' PromiseRefused."""
    today = now.astimezone(ZoneInfo(link.case.creditor.zone)).date()
    with transaction.atomic():
        door.lock(link.person_id)
        same = Promise.objects.filter(
            case=link.case, account=account, cents=cents, due_on=due_on, made_on=today, status=Promise.Status.OPEN
        )
        return same.first() or agreements.make(
            case=link.case,
            account=account,
            cents=cents,
            due_on=due_on,
            made_on=today,
            by=None,
            channel=codes.Channel.PORTAL,
        )
