"""What borrowers ask of a desk on their own page: complaints and requests for their data, and who took each up."""

from dataclasses import dataclass
from typing import Final

from fairdue.cases.models import Case, Note
from fairdue.cases.queries import visible_to
from fairdue.cases.services import TAKEN
from fairdue.journal.models import Entry
from fairdue.staff.models import Role, User

MATTERS: Final = {"complaints": "complaint.made", "data": "data.requested"}
"""The two lists of the page and the verb of the journal each is read from."""
LATEST: Final = 500
"""Of those taken up, so many are shown, the latest asked; what waits is shown whole."""


@dataclass(frozen=True)
class Row:
    """One request. made: its verb; words: the borrower's own; taken: the entry of the one who took it up
    first, and who that is."""

    note: Note
    case: Case
    made: str
    taken: Entry | None
    taker: User | None

    @property
    def words(self) -> str:
        """What was said, without the head that the page puts before it."""
        return self.note.text.partition("\n")[2]

    @property
    def data(self) -> bool:
        """Whether it asks about personal data."""
        return self.made == MATTERS["data"]


def matters_of(user: User) -> dict[str, str]:
    """The lists a user works on: the privacy desk has the requests for data alone."""
    return {name: verb for name, verb in MATTERS.items() if name == "data" or user.role != Role.PRIVACY}


def asked_of(user: User) -> list[Row]:
    """The requests on cases a user may see: those nobody took up, the longest waiting first, then those taken up, the
    latest first; in five queries.
    """
    verbs = matters_of(user).values()
    told = Entry.objects.filter(verb__in=[TAKEN[verb] for verb in verbs], subject="note").order_by("-id")
    taken = {entry.subject_id: entry for entry in told}
    every = {entry.data["note"]: entry for entry in Entry.objects.filter(verb__in=verbs).order_by("-id")}
    done = set(list(filter(taken.__contains__, every))[:LATEST])
    made = {note: entry for note, entry in every.items() if note not in taken or note in done}
    cases = visible_to(user).filter(pk__in={entry.subject_id for entry in made.values()}).distinct()
    known = {case.pk: case for case in cases.select_related("person", "creditor", "owner")}
    notes = Note.objects.filter(pk__in=made, case__in=known).order_by("at", "pk")
    takers = User.objects.in_bulk({taken[note].actor_id for note in done} - {None})
    rows = [
        Row(note, known[note.case_id], made[note.pk].verb, entry, takers.get(entry.actor_id) if entry else None)
        for note in notes for entry in (taken.get(note.pk),)
    ]  # fmt: skip
    waiting = [row for row in rows if row.taken is None]
    return waiting + [row for row in reversed(rows) if row.taken]
