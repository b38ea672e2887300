"""Finding persons: exactly by number, or by words of the name."""

from django.db.models import QuerySet

from fairdue.people.models import Person


def search(text: str, *, country: str = "CN") -> QuerySet[Person]:
    """Persons whom `text` names: a phone, e-mail or identity document exactly (keyed hash), else words of the name.

    Not narrowed by who asks: callers intersect with `cases.queries.visible_to`. Empty text finds nobody.
    """
    raise NotImplementedError
