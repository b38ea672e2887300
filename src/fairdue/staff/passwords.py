"""What a password must be, in words of both languages."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import ngettext


class LongEnough(MinimumLengthValidator):
    """Django's validator; Django 5.2 asks its catalogue for other words than those it translated."""

    def get_error_message(self) -> str:
        """Why the password is refused."""
        return ngettext(
            "This password is too short: it needs at least %(n)d character.",
            "This password is too short: it needs at least %(n)d characters.",
            self.min_length,
        ) % {"n": self.min_length}
