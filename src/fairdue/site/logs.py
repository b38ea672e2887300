"""What the log tells."""

import logging


class OneLine(logging.Filter):
    """A refusal or a missing page (4xx) is a line of the log; a trace of the stack is for our own faults."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always passes; takes the trace off."""
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True
