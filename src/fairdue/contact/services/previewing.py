"""What is allowed now, for the case page, and what would be later: nothing is written."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np

from fairdue.cases.models import Case
from fairdue.contact import rulebook
from fairdue.contact.channels import CAN
from fairdue.contact.facts import Row, gather
from fairdue.contact.services.answers import Choice
from fairdue.contact.services.words import judged
from fairdue.law import codes, gate
from fairdue.law.clock import LONG_AGO
from fairdue.law.facts import Spans
from fairdue.people.models import ContactPoint, Relation

_WAYS: Final = {
    "phone": (codes.Channel.CALL, codes.Channel.SMS),
    "email": (codes.Channel.EMAIL,),
    "address": (codes.Channel.LETTER, codes.Channel.VISIT),
}


def preview(*, case: Case, now: datetime, points: Iterable[ContactPoint] | None = None) -> list[Choice]:
    """Every person of the case × contact point × channel with what the gate says now; debtor first, then by rank.

    `points`: those of the people of the case with their persons, where they have been read already.
    """
    ways = list(_choices(case, _points_of(case) if points is None else points))
    if not ways:
        return []
    rows = [Row(case.person_id, case.creditor_id, point.pk, channel) for point, channel in ways]
    gathered = gather(rows, at=now)
    verdicts = gate.judge(gathered.facts, rulebook.in_force(now))
    return [_choice(verdicts, n, point, channel) for n, (point, channel) in enumerate(ways)]


def foresee(*, case: Case, contact_point: ContactPoint, now: datetime, moments: Sequence[datetime]) -> list[Choice]:
    """What the gate would say, as far as is known now, of calls there which they asked for at these later moments.

    Asked for: more calls are taken as agreed, off hours only where the person agreed to them.
    """
    call = codes.Channel.CALL
    row = Row(case.person_id, case.creditor_id, contact_point.pk, call)
    facts = gather([row] * len(moments), at=now).facts
    asked_for = Spans.since(np.full(len(moments), LONG_AGO))
    facts = replace(
        facts,
        instant=np.array([int(moment.timestamp() // 60) for moment in moments], np.int64),
        spans={**facts.spans, "extra_calls_agreed": asked_for},
    )
    verdicts = gate.judge(facts, rulebook.in_force(now))
    return [_choice(verdicts, n, contact_point, call) for n in range(len(moments))]


def _choice(verdicts: gate.Verdicts, n: int, point: ContactPoint, channel: codes.Channel) -> Choice:
    return Choice(
        **judged(verdicts, n),
        person_id=point.person_id,
        person_name=point.person.name,
        contact_point_id=point.pk,
        masked=point.masked,
        we_can=channel in CAN,
        allowed=bool(verdicts.lawful[n]),
    )


def _points_of(case: Case) -> Iterable[ContactPoint]:
    tied = Relation.objects.filter(debtor_id=case.person_id).values_list("person_id", flat=True)
    return ContactPoint.objects.filter(person_id__in=[case.person_id, *tied]).select_related("person")


def _choices(case: Case, points: Iterable[ContactPoint]) -> Iterator[tuple[ContactPoint, codes.Channel]]:
    for point in sorted(points, key=lambda p: (p.person_id != case.person_id, p.person_id, p.rank, p.pk)):
        for channel in _WAYS[point.kind]:
            if channel != codes.Channel.SMS or point.line != "landline":
                yield point, channel
