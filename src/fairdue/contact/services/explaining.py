"""Keep that rights and duties were explained to somebody."""

import hashlib
from datetime import datetime

from django.db import transaction

from fairdue.cases.models import Case
from fairdue.contact.models import Explanation
from fairdue.journal import services as journal
from fairdue.people.models import Person
from fairdue.staff.models import User


@transaction.atomic
def explain(
    *,
    case: Case,
    person: Person,
    how: Explanation.How,
    statement: str,
    version: str,
    digest: str,
    language: str,
    text: str,
    by: User | None,
    now: datetime,
    came: Explanation.Came = Explanation.Came.NOTHING,
    message_id: int | None = None,
) -> Explanation:
    """Write down what was told, word for word; the journal holds version and hashes. `digest`: of the statement.

    A message explains once: the same `message_id` gives the first record again.
    """
    if message_id is not None and (found := Explanation.objects.filter(message_id=message_id).first()):
        return found
    made = Explanation.objects.create(
        case=case, person=person, how=how, came=came, statement=statement, version=version, hash=digest,
        language=language, text=text, message_id=message_id, by=by, at=now,
    )  # fmt: skip
    journal.write(
        "rights.explained",
        by=by,
        subject="case",
        subject_id=case.pk,
        person_id=person.pk,
        explanation=made.pk,
        how=how.value,
        came=came.value,
        statement=statement,
        version=version,
        hash=digest,
        language=language,
        text=hashlib.sha256(text.encode()).hexdigest(),
        message=message_id,
    )
    return made
