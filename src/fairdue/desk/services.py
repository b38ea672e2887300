"""What somebody changes about their own account: language, password, second factor; signing in and out."""

from base64 import b32encode

from django.contrib.auth import login, logout
from django.contrib.auth.forms import PasswordChangeForm
from django.db import transaction
from django.http import HttpRequest
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from fairdue.journal import services as journal
from fairdue.staff.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"


@transaction.atomic
def open_session(request: HttpRequest, *, user: User, device: TOTPDevice | None = None) -> None:
    """Sign `user` in; `device` is the second factor that was checked, if the user has one."""
    login(request, user, backend=BACKEND)
    if device is not None:
        request.session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    journal.write("session.opened", by=user, subject="user", subject_id=user.pk, second_factor=device is not None)


@transaction.atomic
def close_session(request: HttpRequest) -> None:
    """Sign out."""
    if isinstance(request.user, User):
        journal.write("session.closed", by=request.user, subject="user", subject_id=request.user.pk)
    logout(request)


def note_refusal(*, username: str, why: str, address: str) -> None:
    """Journal a failed sign-in. The typed name is kept only when such a user exists: people type passwords there."""
    user = User.objects.filter(username=username).first()
    journal.write(
        "session.refused", subject="user", subject_id=user.pk if user else None, why=why, address=address,
        known=user is not None,
    )  # fmt: skip


def second_factor(user: User) -> TOTPDevice | None:
    """The confirmed authenticator of `user`, None when there is none."""
    found: TOTPDevice | None = TOTPDevice.objects.filter(user=user, confirmed=True).first()
    return found


def begin_second_factor(*, user: User) -> TOTPDevice:
    """A device that waits for its first code; the same one until it is confirmed."""
    waiting, _made = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "authenticator"})
    return waiting


@transaction.atomic
def confirm_second_factor(*, user: User, code: str) -> bool:
    """Confirm the waiting device by its first code; False when the code is wrong."""
    waiting = begin_second_factor(user=user)
    if not waiting.verify_token(code):
        return False
    TOTPDevice.objects.filter(user=user, confirmed=True).delete()
    waiting.confirmed = True
    waiting.save(update_fields=["confirmed"])
    journal.write("second_factor.set", by=user, subject="user", subject_id=user.pk)
    return True


@transaction.atomic
def remove_second_factor(*, user: User) -> None:
    """Take the authenticator away."""
    if TOTPDevice.objects.filter(user=user).delete()[0]:
        journal.write("second_factor.removed", by=user, subject="user", subject_id=user.pk)


def secret_of(device: TOTPDevice) -> str:
    """The device's secret as an authenticator wants it typed: base32 in groups of four."""
    text = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


@transaction.atomic
def change_password(*, form: PasswordChangeForm) -> User:
    """Save a checked password form; a one-time password has done its work."""
    form.user.must_change_password = False
    user: User = form.save()
    journal.write("password.changed", by=user, subject="user", subject_id=user.pk)
    return user


def set_language(*, user: User, language: str) -> None:
    """The language in which the screens speak to `user`."""
    User.objects.filter(pk=user.pk).update(language=language)
    user.language = language
