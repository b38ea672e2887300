"""Complaints of borrowers, from their own page: what was said, when, and who took it up."""

from dataclasses import dataclass

from fairdue.cases.models import Case, Note
from fairdue.cases.queries import visible_to
from fairdue.cases.services import COMPLAINT_TAKEN
from fairdue.journal.models import Entry
from fairdue.staff.models import User

MADE = "complaint.made"
LATEST = 500
"""Complaints read at most, the latest first."""


@dataclass(frozen=True)
class Row:
    """One complaint. words: the borrower's own; taken: the entry of the one who took it up first."""

    note: Note
    case: Case
    taken: Entry | None

    @property
    def words(self) -> str:
        """What was said, without the head that the page puts before it."""
        return self.note.text.partition("\n")[2]


def complaints_of(user: User) -> list[Row]:
    """The complaints on cases a user may see: those nobody took up first, then the latest; in four queries."""
    made = {entry.data["note"]: entry for entry in Entry.objects.filter(verb=MADE).order_by("-id")[:LATEST]}
    cases = visible_to(user).filter(pk__in={entry.subject_id for entry in made.values()}).distinct()
    known = {case.pk: case for case in cases.select_related("person", "creditor", "owner")}
    notes = Note.objects.filter(pk__in=made, case__in=known).order_by("-at", "-pk")
    told = Entry.objects.filter(verb=COMPLAINT_TAKEN, subject="note", subject_id__in=made).order_by("-id")
    taken = {entry.subject_id: entry for entry in told}
    rows = [Row(note, known[note.case_id], taken.get(note.pk)) for note in notes]
    return sorted(rows, key=lambda row: row.taken is not None)
