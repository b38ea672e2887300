"""One-time links to the borrower's own page, and the visit each opens.

token = new_token(person=…)                                        # for the message
make_link(token=token, case=…, by=user, now=moment)                # kept as a hash only
visit = open_link(token=token, answer=Answer(tail="0032"), …)      # who are you? None: no, for whatever reason
sign(link=link, answer=Answer(…), …)                               # shown once more, to agree something
link = link_of(visit=visit, now=moment)                            # while the half hour lasts
leave(link=link, now=moment)
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from fairdue.cases.models import Case
from fairdue.contact.models import Link, WrongAnswer
from fairdue.journal import services as journal
from fairdue.people import sealing
from fairdue.people.models import Person
from fairdue.staff.models import User

GOOD_FOR: Final = timedelta(days=7)
VISIT_LASTS: Final = timedelta(minutes=30)
TRIES: Final = 5
"""Wrong answers at one link; the fifth locks it."""
TRIES_OF_ADDRESS: Final = 20
WINDOW: Final = timedelta(minutes=15)
"""So many wrong answers from one network address within so long, and no link answers to it."""
# Consonants alone: what is written is read for words and figures before it goes, and a token must never be one.
_LETTERS: Final = "bcdfghjkmnpqrstvwxzBCDFGHJKMNPQRSTVWXZ"
_LENGTH: Final = 32


class NoSecondCheckError(ValueError):
    """Nothing is known by which the borrower could show who they are; `zh` and `en` say what to do."""

    zh = "没有证件号码和出生日期，无法核对本人身份；请先补充。"
    en = "Neither an ID nor a birth date is known, so nobody could be told from the borrower. Add one first."

    def __init__(self) -> None:
        super().__init__(self.en)


@dataclass(frozen=True)
class Answer:
    """What somebody says about themselves: the last four characters of the ID, the day of birth, or both."""

    tail: str = ""
    born_on: date | None = None

    def is_of(self, person: Person) -> bool:
        """Whether it is given and everything given is right."""
        told = []
        if self.tail:
            known = sealing.unseal(person.id_sealed)[-4:] if person.id_sealed else ""
            told.append(bool(known) and hmac.compare_digest(known.upper().encode(), self.tail.strip().upper().encode()))
        if self.born_on:
            told.append(person.birth_on == self.born_on)
        return bool(told) and all(told)


def new_token(*, person: Person) -> str:
    """A token nobody can guess, for somebody who can show who they are. Raises NoSecondCheckError."""
    if not person.id_sealed and person.birth_on is None:
        raise NoSecondCheckError
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


@transaction.atomic
def make_link(*, token: str, case: Case, by: User | None, now: datetime) -> Link:
    """Make a token the borrower's way to a case. Links of the case not yet opened end."""
    Link.objects.filter(case=case, opened_at=None, ended_at=None).update(ended_at=now)
    link = Link.objects.create(
        token=_hash(token), case=case, person=case.person, made_by=by, made_at=now, expires_at=now + GOOD_FOR
    )
    _noted("link.made", link, by=by, expires_at=link.expires_at)
    return link


@transaction.atomic
def open_link(*, token: str, answer: Answer, address: str, now: datetime) -> str | None:
    """Open a link once; gives what the browser keeps during the visit. None tells nothing of why.

    Unknown, expired, used or locked links, a wrong answer and too many wrong answers from `address` are all the same.
    """
    link = Link.objects.select_for_update(no_key=True, of=("self",)).select_related("person").filter(
        token=_hash(token)
    ).first()  # fmt: skip
    good = link is not None and link.opened_at is None and link.ended_at is None and now < link.expires_at
    if too_many(address=address, now=now) or link is None or not good:
        _wrong(address, now)
        return None
    if not answer.is_of(link.person):
        _refused(link, address, now)
        return None
    visit = secrets.token_urlsafe(32)
    link.opened_at, link.visit, link.visit_until = now, _hash(visit), now + VISIT_LASTS
    link.save(update_fields=["opened_at", "visit", "visit_until"])
    _noted("link.opened", link)
    return visit


@transaction.atomic
def sign(*, link: Link, answer: Answer, address: str, now: datetime) -> bool:
    """Whether somebody on a visit shows once more who they are, to put their name to something. Wrong answers count as at
    the door: the fifth ends the visit."""
    held = Link.objects.select_for_update(no_key=True, of=("self",)).select_related("person").get(pk=link.pk)
    if held.ended_at is not None or too_many(address=address, now=now):
        return False
    if not answer.is_of(held.person):
        _refused(held, address, now)
        return False
    _noted("link.signed", held)
    return True


def link_of(*, visit: str, now: datetime) -> Link | None:
    """The link whose visit this is, while it lasts."""
    if not visit:
        return None
    found = Link.objects.select_related("case__creditor", "case__person", "person").filter(visit=_hash(visit))
    return found.filter(visit_until__gt=now, ended_at=None).first()


def is_token_of(*, link: Link, token: str) -> bool:
    """Whether a token is that of a link."""
    return hmac.compare_digest(bytes(link.token), _hash(token))


@transaction.atomic
def leave(*, link: Link, now: datetime) -> None:
    """End a visit; the browser's half of it is worth nothing afterwards."""
    if Link.objects.filter(pk=link.pk, ended_at=None).update(ended_at=now):
        _noted("link.left", link)


def too_many(*, address: str, now: datetime) -> bool:
    """Whether an address has guessed too often to be answered."""
    asked = WrongAnswer.objects.filter(address=_address(address), at__gt=now - WINDOW)
    return asked[:TRIES_OF_ADDRESS].count() >= TRIES_OF_ADDRESS


def _refused(link: Link, address: str, now: datetime) -> None:
    """Count a wrong answer at a link; the last one that is borne ends it."""
    link.tries += 1
    if link.tries >= TRIES:
        link.ended_at = now
    link.save(update_fields=["tries", "ended_at"])
    _noted("link.locked" if link.ended_at else "link.refused", link, tries=link.tries)
    _wrong(address, now)


def _wrong(address: str, now: datetime) -> None:
    """Count a wrong answer; whoever is not answered any more is not counted either."""
    WrongAnswer.objects.filter(at__lt=now - timedelta(days=1)).delete()
    if not too_many(address=address, now=now):
        WrongAnswer.objects.create(address=_address(address), at=now)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _address(address: str) -> bytes:
    return sealing.search_hash("network", address)


def _noted(verb: str, link: Link, *, by: User | None = None, **detail: object) -> None:
    journal.write(
        verb, by=by, subject="case", subject_id=link.case_id, person_id=link.person_id, link=link.pk, **detail
    )
