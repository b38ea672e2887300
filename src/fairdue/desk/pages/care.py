"""Care on the case page: what to do, for everybody; why, for few."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.http import QueryDict

from fairdue.cases.models import Case
from fairdue.hardship.models import Care
from fairdue.hardship.services.care import Secret
from fairdue.hardship.words import CARE, KINDS
from fairdue.people.models import Relation

REVIEW_AFTER = timedelta(days=180)


def review_on(today: date) -> date:
    """When to ask again whether it is still needed."""
    return today + REVIEW_AFTER


def care_of(person_id: int) -> Care | None:
    """What is on record; the sealed reason is not read."""
    return Care.objects.filter(person=person_id, ended_at=None).defer("secret").select_related("helper").first()


def instructions(care: Care | None) -> list[Any]:
    """What to do, in words."""
    return [CARE[code] for code in care.do] if care else []


def panel_of(*, case: Case, today: date, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The form. What was chosen comes from what was just said, what to do also from the record; never why."""
    care = care_of(case.person_id)
    said = data if isinstance(data, QueryDict) else QueryDict()
    people = Relation.objects.filter(debtor=case.person_id).select_related("person").order_by("pk")
    return {
        "case": case, "care": care, "told": instructions(care), "today": today,
        "kinds": [(code, word, code in said.getlist("kinds")) for code, word in KINDS.items()],
        "do": [(code, word, code in (said.getlist("do") if data else care.do if care else [])) for code, word in CARE.items()],
        "bases": [(value, word, said.get("basis") == value) for value, word in Care.Basis.choices],
        "helpers": list({one.person_id: one.person for one in people}.values()),
        "notes": said.get("notes", ""), "consent_on": said.get("consent_on", ""), "review_on": review_on(today),
    }  # fmt: skip


def secret_words(secret: Secret) -> dict[str, Any]:
    """Why, in words."""
    return {"kinds": [KINDS[code] for code in secret.kinds], "notes": secret.notes}
