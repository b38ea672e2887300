"""E-mail over SMTP with Django's backend. A message that may have been taken by the server is never sent again."""

import hashlib
import smtplib
from datetime import datetime
from email.utils import parseaddr
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from fairdue.contact.channels import ChannelError, Envelope, Receipt
from fairdue.contact.services import permits
from fairdue.law import codes
from fairdue.people import sealing

_LANGUAGES: Final = {"zh": "zh-CN", "en": "en"}

RECORDS = False


def deliver(envelope: Envelope, *, now: datetime) -> Receipt:
    """Send once; the Message-ID follows from the key, so that a copy would be known as one. Raises ChannelError."""
    spent = permits.spend(permit=envelope.permit, channel=codes.Channel.EMAIL, by=envelope.by, now=now)
    message = EmailMessage(
        subject=envelope.subject,
        body=envelope.body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[sealing.unseal(spent.contact_point.sealed)],
        headers={
            "Message-ID": message_id(envelope.key),
            "Content-Language": _LANGUAGES.get(envelope.language, envelope.language),
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}?subject=STOP>",
        },
    )
    _hand_over(message)
    return Receipt(reference=message_id(envelope.key))


def message_id(key: str) -> str:
    """The Message-ID of a key, always the same."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def _hand_over(message: EmailMessage) -> None:
    connection = get_connection()
    try:
        connection.open()
    except smtplib.SMTPAuthenticationError as error:
        raise ChannelError(f"the mail server refused our sign-in ({error.smtp_code})", retry=False) from error
    except (OSError, smtplib.SMTPException) as error:
        raise ChannelError(
            f"no mail server at {settings.EMAIL_HOST}:{settings.EMAIL_PORT}: {error}", retry=True
        ) from error
    try:
        sent = connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        code = max((code for code, _ in error.recipients.values()), default=550)
        raise ChannelError(f"the address was refused ({code})", retry=code < 500) from error
    except smtplib.SMTPResponseException as error:  # sender or data refused, with the server's own word for it
        raise ChannelError(f"the mail server answered {error.smtp_code}", retry=error.smtp_code < 500) from error
    except (OSError, smtplib.SMTPException) as error:
        raise ChannelError(f"the line broke while sending: {error}", retry=False, doubt=True) from error
    except ValueError as error:  # a header with a line break
        raise ChannelError(f"the message cannot be written: {error}", retry=False) from error
    finally:
        connection.close()
    if not sent:
        raise ChannelError("the mail server took nothing", retry=False)
