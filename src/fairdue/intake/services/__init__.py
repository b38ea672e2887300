"""Verbs of intake; the only writers of loads.

add_creditor(code=…, name_zh=…, …)         a creditor becomes known, before or with its first file
accept(creditor=…, kind=…, file=…, …)      keep a file, load nothing        draft_mapping  remap
preview(path=…, mapping=…)  check_file(…)  how it would be understood; writes nothing
confirm(load=…, by=…)                      a worker loads it; again after a failure or an interruption
run(load=…)  load_file(path=…, …)          check, stage and apply: whole or not at all
add_document(account=…, document=…, by=…)  a paper of the proof-of-debt file came in
"""

from fairdue.intake.services.accepting import accept, clean_name, draft_mapping, parsed_mapping, remap
from fairdue.intake.services.completing import add_document
from fairdue.intake.services.creditors import CODE, COUNTRIES, add_creditor
from fairdue.intake.services.looking import Preview, check_file, preview
from fairdue.intake.services.queueing import confirm, interrupted
from fairdue.intake.services.running import Busy, Progress, language_of, load_file, run

__all__ = [
    "CODE",
    "COUNTRIES",
    "Busy",
    "Preview",
    "Progress",
    "accept",
    "add_creditor",
    "add_document",
    "check_file",
    "clean_name",
    "confirm",
    "draft_mapping",
    "interrupted",
    "language_of",
    "load_file",
    "parsed_mapping",
    "preview",
    "remap",
    "run",
]
