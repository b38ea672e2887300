"""Documents about a file: checked by their content, sealed, opened one at a time, each opening on record.

There is no virus scan: a document is stored, never parsed, and leaves only as a download.
"""

import hashlib
from datetime import datetime
from typing import Final

from django.db import transaction

from fairdue.hardship.models import Evidence, File
from fairdue.hardship.policy import policy
from fairdue.hardship.refusing import HardshipRefused
from fairdue.hardship.services.files import noted
from fairdue.people import sealing
from fairdue.staff import policies
from fairdue.staff.models import User

MEDIA: Final = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
"""What a document may be, by how its content begins; what its name or sender says counts for nothing."""
ENDINGS: Final = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}


@transaction.atomic
def attach(
    *, file: File, kind: str, by: User | None, now: datetime, content: bytes | None = None, note: str = ""
) -> Evidence:
    """Keep a document, or (content None) that one was seen and not kept. The same document twice is one.

    Raises HardshipRefused: too large, none of the kinds of MEDIA, too many, or a file that has ended.
    """
    if kind not in Evidence.Kind.values:
        raise HardshipRefused("kind", zh="请选择材料类型。", en="Choose the kind of document.")
    held = File.objects.select_for_update(no_key=True).get(pk=file.pk)
    if held.status == File.Status.ENDED:
        raise HardshipRefused("ended", zh="档案已结束。", en="The file has ended.")
    media, digest = "", None
    if content is not None:
        media, digest = _media(content), hashlib.sha256(content).digest()
        if known := Evidence.objects.filter(file=held, sha256=digest).first():
            return known
    if held.evidence.count() >= policy().most_files:
        raise HardshipRefused(
            "many",
            zh=f"每份档案最多 {policy().most_files} 份材料。",
            en=f"A file holds {policy().most_files} documents at most.",
        )
    made = Evidence.objects.create(
        file=held, kind=kind, note=sealing.seal(note.strip()[:200]) if note.strip() else None,
        content=None if content is None else sealing.seal_bytes(content), media=media, size=len(content or b""),
        sha256=digest, added_by=by, added_at=now,
    )  # fmt: skip
    noted("evidence.added", held, by, evidence=made.pk, kind=kind, kept=content is not None,
          sha256=digest.hex() if digest else None)  # fmt: skip
    return made


def _media(content: bytes) -> str:
    if not 0 < len(content) <= policy().most_bytes:
        most = policy().most_bytes // 1_000_000
        raise HardshipRefused(
            "size", zh=f"文件须不超过 {most} MB。", en=f"A document is {most} MB at most, and not empty."
        )
    for begins, media in MEDIA.items():
        if content.startswith(begins):
            return media
    raise HardshipRefused(
        "media",
        zh="只接受 PDF、PNG、JPEG 文件。",
        en="Only PDF, PNG and JPEG documents are taken; the content is looked at.",
    )


@transaction.atomic
def open_evidence(*, evidence: Evidence, by: User, now: datetime) -> bytes:
    """The document in clear, for somebody who may see it; the opening is on record. Raises HardshipRefused."""
    if not policies.may(by, "hardship.evidence"):
        raise HardshipRefused("not_entitled", zh="您无权查看材料。", en="You may not open evidence.")
    if evidence.content is None:
        raise HardshipRefused("not_kept", zh="材料已核看，未留存。", en="It was seen and not kept.")
    content = sealing.unseal_bytes(evidence.content)
    assert hashlib.sha256(content).digest() == bytes(evidence.sha256 or b""), (
        "the document is not the one that was kept"
    )
    noted("evidence.opened", evidence.file, by, evidence=evidence.pk)
    return content
