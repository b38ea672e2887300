"""Uploads are limited before they are received, not after."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload


def bytes_max() -> int:
    """Largest upload, in bytes (FAIRDUE_UPLOAD_MAX_MB, 1,024 unless set)."""
    return int(getattr(settings, "UPLOAD_MAX_MB", 1024)) * 1024 * 1024


class Limited(FileUploadHandler):
    """Stops reading an upload that grows beyond the limit, whatever its header promised."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass a chunk on, or stop."""
        self.received += len(raw_data)
        if self.received > bytes_max():
            if self.request is not None:
                self.request.META["fairdue.upload_too_large"] = True
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler keeps the file."""
