"""Verbs of hardship: the file, its effects, its evidence, and care. `flows.hardship` calls most of them and does what
follows across apps: holds, permits, lists, ageing.

    request(case=…, source=…, …)  /  open_file(…)      somebody told us; what is granted
    begin(effect, …)  /  finish(effect, …)  /  move(…)  an effect starts, ends, ends on another day
    note_event(…)  /  correct_event(…)                 what ends a statutory scheme
    attach(…)  /  open_evidence(…)                     documents, sealed
    note_care(…)  /  look(…)  /  end_care(…)           who is treated with care
"""

from fairdue.hardship.refusing import HardshipRefused
from fairdue.hardship.services.care import end_care, look, note_care
from fairdue.hardship.services.effects import (
    Wanted,
    add,
    begin,
    beyond,
    expire,
    finish,
    longer,
    make_room,
    move,
    note_plan,
    paused,
    resume,
    retell,
)
from fairdue.hardship.services.evidence import attach, open_evidence
from fairdue.hardship.services.files import (
    answered,
    ask,
    close,
    note_review,
    open_file,
    read_words,
    request,
    show_words,
    waiting_for,
)
from fairdue.hardship.services.sealed import rotate
from fairdue.hardship.services.statute import (
    began_on,
    correct_event,
    earlier,
    law_until,
    note_event,
    refuse_beyond,
    unfit,
)

__all__ = [
    "HardshipRefused",
    "Wanted",
    "add",
    "answered",
    "ask",
    "attach",
    "began_on",
    "begin",
    "beyond",
    "close",
    "correct_event",
    "earlier",
    "end_care",
    "expire",
    "finish",
    "law_until",
    "longer",
    "look",
    "make_room",
    "move",
    "note_care",
    "note_event",
    "note_plan",
    "note_review",
    "open_evidence",
    "open_file",
    "paused",
    "read_words",
    "refuse_beyond",
    "request",
    "resume",
    "retell",
    "rotate",
    "show_words",
    "unfit",
    "waiting_for",
]
