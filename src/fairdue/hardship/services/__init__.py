"""Verbs of hardship: the file, its effects, its evidence, and care. `flows.hardship` calls most of them and does what
follows across apps: holds, permits, lists, ageing.

    request(case=…, source=…, …)  /  open_file(…)      somebody told us; what is granted
    begin(effect, …)  /  finish(effect, …)  /  move(…)  an effect starts, ends, ends on another day
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

__all__ = [
    "HardshipRefused",
    "Wanted",
    "add",
    "answered",
    "ask",
    "attach",
    "begin",
    "beyond",
    "close",
    "end_care",
    "expire",
    "finish",
    "longer",
    "look",
    "make_room",
    "move",
    "note_care",
    "note_plan",
    "note_review",
    "open_evidence",
    "open_file",
    "paused",
    "read_words",
    "request",
    "retell",
    "rotate",
    "show_words",
    "waiting_for",
]
