"""A file comes in: kept, named, mapped. Nothing is loaded."""

import contextlib
import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

import yaml
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from fairdue.accounts.models import Creditor
from fairdue.intake import mapping as mappings
from fairdue.intake.camt import is_statement
from fairdue.intake.fields import Kind
from fairdue.intake.mapping import Mapping
from fairdue.intake.models import Load
from fairdue.intake.problems import FileRefused, problem
from fairdue.intake.services.creditors import country_of
from fairdue.journal import services as journal
from fairdue.staff.models import User


class Settled(Exception):  # noqa: N818 - a state of affairs, not a fault
    """The file is queued or loaded: its mapping is no longer open."""


def accept(*, creditor: Creditor, kind: Kind, file: IO[bytes], name: str, mapping: str, by: User | None = None) -> Load:
    """Keep an uploaded file under MEDIA_ROOT/intake and note it. `mapping`: YAML text. Loads nothing.

    The stored name is made of random characters; the uploaded name is kept for people only, without path or control
    characters. Files are readable by this user of the machine alone.
    """
    folder = Path(settings.MEDIA_ROOT) / "intake" / f"{timezone.localdate():%Y-%m}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{secrets.token_hex(16)}{_suffix(name)}"
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
            kept.write(chunk)
    with transaction.atomic():
        load = Load.objects.create(
            creditor=creditor, kind=kind, name=clean_name(name), path=str(path), sha256=digest.hexdigest(),
            mapping=mapping, by=by,
        )  # fmt: skip
        journal.write("load.accepted", by=by, subject="load", subject_id=load.pk, creditor=creditor.code, kind=kind,
                      sha256=load.sha256, bytes=path.stat().st_size)  # fmt: skip
    return load


def clean_name(name: str) -> str:
    """The uploaded name as it may be shown: its last part, without control and direction characters, 120 at most."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"}).strip(" .")
    return plain[-120:] or "file"


def _suffix(name: str) -> str:
    found = re.search(r"\.(csv|txt|tsv|xlsx|parquet|xml|csv\.gz)$", name.lower())
    return found[0] if found else ".dat"


@transaction.atomic
def remap(*, load: Load, mapping: str, kind: Kind, by: User | None = None) -> Load:
    """Change the mapping (and kind) of a file that is not loaded yet."""
    locked = Load.objects.select_for_update(no_key=True).get(pk=load.pk)
    if locked.status != Load.Status.UPLOADED:
        raise Settled(f"load {load.pk} is already {locked.status}")
    locked.mapping, locked.kind = mapping, kind
    locked.save(update_fields=["mapping", "kind"])
    return locked


def parsed_mapping(load: Load) -> Mapping:
    """The mapping of a load for its kind; a statement in ISO 20022 brings its own. Raises FileRefused."""
    if load.kind == "bank" and is_statement(Path(load.path)):
        return mappings.of_statement(load.creditor.code)
    book = mappings.parse(load.mapping)
    found = book.mappings.get(cast(Kind, load.kind))
    if found is None:
        raise FileRefused([problem("mapping_empty", file="mapping.yaml", kinds=load.kind)])
    if found.creditor_ref != load.creditor.code:
        raise FileRefused(
            [
                problem(
                    "mapping_choice",
                    file="mapping.yaml",
                    field="creditor",
                    found=found.creditor_ref,
                    known=load.creditor.code,
                )
            ]
        )
    return found


def draft_mapping(*, creditor: Creditor, columns: Sequence[str], kind: Kind | None, name: str) -> tuple[Kind, str]:
    """The kind and the mapping to begin with: the creditor's own where it fits, else a guess from the headers."""
    if creditor.mapping:
        with contextlib.suppress(FileRefused):
            book = mappings.parse(creditor.mapping)
            own = book.for_file(name) if kind is None else book.mappings.get(kind)
            guessed = mappings.guess(columns).kind if kind is None else kind
            own = own or book.mappings.get(guessed)
            if own is not None:
                return own.kind, creditor.mapping
    draft = mappings.guess(columns, kind=kind)
    tree = yaml.safe_load(draft.yaml)
    tree["creditor"] = {"ref": creditor.code, "name": creditor.name_zh}
    tree["defaults"] |= {"currency": creditor.currency, "zone": creditor.zone} | mappings.habits(country_of(creditor))
    unnamed = "".join(line for line in draft.yaml.splitlines(keepends=True) if line.lstrip().startswith("#"))
    return draft.kind, yaml.safe_dump(tree, allow_unicode=True, sort_keys=False) + unnamed
