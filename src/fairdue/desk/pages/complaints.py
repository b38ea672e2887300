"""What borrowers ask of a desk on their own page: complaints and requests for their data, and who took each up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fairdue.cases.models import Case, Note
from fairdue.cases.queries import visible_to
from fairdue.cases.services import TAKEN
from fairdue.journal.models import Entry
from fairdue.staff.models import User

MATTERS: Final = {"complaints": "complaint.made", "data": "data.requested"}
"""The two lists of the page and the verb of the journal each is read from."""
LATEST: Final = 500
"""Requests read at most, the latest first."""


@dataclass(frozen=True)
class Row:
    """One request. made: its verb; words: the borrower's own; taken: the entry of the one who took it up first."""

    note: Note
    case: Case
    made: str
    taken: Entry | None

    @property
    def words(self) -> str:
        """What was said, without the head that the page puts before it."""
        return self.note.text.partition("\n")[2]

    @property
    def data(self) -> bool:
        """Whether it asks about personal data."""
        return self.made == MATTERS["data"]


def asked_of(user: User, verbs: Sequence[str] = tuple(MATTERS.values())) -> list[Row]:
    """The requests on cases a user may see: those nobody took up, the longest waiting first, then those taken up, the
    latest first; in four queries.
    """
    made = {entry.data["note"]: entry for entry in Entry.objects.filter(verb__in=verbs).order_by("-id")[:LATEST]}
    cases = visible_to(user).filter(pk__in={entry.subject_id for entry in made.values()}).distinct()
    known = {case.pk: case for case in cases.select_related("person", "creditor", "owner")}
    notes = Note.objects.filter(pk__in=made, case__in=known).order_by("at", "pk")
    told = Entry.objects.filter(verb__in=TAKEN.values(), subject="note", subject_id__in=made).order_by("-id")
    taken = {entry.subject_id: entry for entry in told}
    rows = [Row(note, known[note.case_id], made[note.pk].verb, taken.get(note.pk)) for note in notes]
    waiting = [row for row in rows if row.taken is None]
    return waiting + [row for row in reversed(rows) if row.taken]
