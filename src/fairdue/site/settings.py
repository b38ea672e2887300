"""Settings, read from the environment with safe defaults (docs/operations.md lists them all)."""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from fairdue.site import secrets

PACKAGE = Path(__file__).resolve().parents[1]


def flag(name: str, default: bool) -> bool:
    """A yes/no setting; anything but 1/true/yes/on counts as no."""
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


PRODUCTION = flag("FAIRDUE_PRODUCTION", False)
DEBUG = flag("FAIRDUE_DEBUG", False)
SECRET_KEY = secrets.get("FAIRDUE_SECRET_KEY", production=PRODUCTION)
SEAL_KEYS = secrets.seal_keys(production=PRODUCTION)
COOKIES_SECURE = flag("FAIRDUE_SECURE_COOKIES", PRODUCTION)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("FAIRDUE_DEBUG must be off when FAIRDUE_PRODUCTION is on: it shows secrets to visitors.")
if PRODUCTION and not COOKIES_SECURE:
    raise ImproperlyConfigured(
        "FAIRDUE_SECURE_COOKIES must stay on when FAIRDUE_PRODUCTION is on: sessions would travel in plain text."
    )
ALLOWED_HOSTS = os.environ.get("FAIRDUE_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("FAIRDUE_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "procrastinate.contrib.django",
    "fairdue.journal",
    "fairdue.staff",
    "fairdue.knowledge",
    "fairdue.people",
    "fairdue.accounts",
    "fairdue.cases",
    "fairdue.contact",
    "fairdue.agreements",
    "fairdue.hardship",
    "fairdue.intake",
    "fairdue.insight",
    "fairdue.desk",
    "fairdue.portal",
    "fairdue.evidence",
    "fairdue.site",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "fairdue.site.middleware.LanguageOfUser",
    "fairdue.site.middleware.DeniedUnlessGranted",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "fairdue.site.urls"
WSGI_APPLICATION = "fairdue.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "fairdue.desk.context.frame",
            ],
        },
    },
]


def database(url: str) -> dict[str, object]:
    """Django's form of a postgresql:// address (socket folder as ?host=)."""
    parts = urlsplit(url)
    query = {k: v[0] for k, v in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "fairdue",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {k: v for k, v in query.items() if k in {"sslmode", "sslrootcert", "connect_timeout"}},
        "TEST": {"NAME": "test_fairdue_" + os.environ.get("FAIRDUE_TEST_SUFFIX", "main")},
    }


DATABASES = {"default": database(os.environ.get("DATABASE_URL", "postgresql:///fairdue"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "fairdue.staff.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "desk:sign-in"
LOGIN_REDIRECT_URL = "desk:home"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "desk/locked_out.html"
AXES_ENABLE_ADMIN = False
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = COOKIES_SECURE
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = COOKIES_SECURE and flag("FAIRDUE_HTTPS_REDIRECT", True)
SECURE_HSTS_SECONDS = 31_536_000 if COOKIES_SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("FAIRDUE_BEHIND_PROXY", False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    },
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "fairdue_language"
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("FAIRDUE_TIME_ZONE", "Asia/Shanghai")

STATIC_URL = "static/"
STATIC_ROOT = Path(os.environ.get("FAIRDUE_STATIC_ROOT", str(secrets.home() / "static")))
PLAIN_STATIC = flag("FAIRDUE_PLAIN_STATIC", False)
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = PLAIN_STATIC
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if PLAIN_STATIC
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = Path(os.environ.get("FAIRDUE_FILES", str(secrets.home() / "files")))
UPLOAD_MAX_MB = int(os.environ.get("FAIRDUE_UPLOAD_MAX_MB", "1024"))  # a creditor's file (intake/uploading.py)
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = os.environ.get("FAIRDUE_SMTP_HOST", "127.0.0.1")
EMAIL_PORT = int(os.environ.get("FAIRDUE_SMTP_PORT", "1025"))
EMAIL_HOST_USER = os.environ.get("FAIRDUE_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("FAIRDUE_SMTP_PASSWORD", "")
EMAIL_USE_TLS = flag("FAIRDUE_SMTP_TLS", False)
EMAIL_TIMEOUT = 20
FIRM_NAME = os.environ.get("FAIRDUE_FIRM", "Fairdue")
DEFAULT_FROM_EMAIL = os.environ.get("FAIRDUE_MAIL_FROM", "desk@fairdue.example")

# The borrower's pages: where they are reached from outside, and who takes payments.
PUBLIC_URL = os.environ.get("FAIRDUE_PUBLIC_URL", "")
PAYING = os.environ.get("FAIRDUE_PAYING", "" if PRODUCTION else "sandbox")
STRIPE_URL = os.environ.get("FAIRDUE_STRIPE_URL", "https://api.stripe.com").rstrip("/")
STRIPE_KEY = os.environ.get("FAIRDUE_STRIPE_KEY", "")
STRIPE_WEBHOOK_SECRET = os.environ.get("FAIRDUE_STRIPE_WEBHOOK_SECRET", "")
if PAYING not in {"", "sandbox", "stripe"}:
    raise ImproperlyConfigured(f"FAIRDUE_PAYING is {PAYING!r}; write sandbox, stripe, or nothing.")
if PRODUCTION and PAYING == "sandbox":
    raise ImproperlyConfigured("FAIRDUE_PAYING must not be sandbox in production: it books money that nobody paid.")
if PAYING == "stripe" and not (STRIPE_KEY and STRIPE_WEBHOOK_SECRET and STRIPE_URL.startswith("https://")):
    raise ImproperlyConfigured(
        "FAIRDUE_PAYING=stripe needs FAIRDUE_STRIPE_KEY, FAIRDUE_STRIPE_WEBHOOK_SECRET and an https address."
    )

PROCRASTINATE_ON_APP_READY = None
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"one_line": {"()": "fairdue.site.logs.OneLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django.request": {"filters": ["one_line"]}},
    "root": {"handlers": ["console"], "level": os.environ.get("FAIRDUE_LOG", "WARNING")},
}
SILENCED_SYSTEM_CHECKS = [] if PRODUCTION else ["security.W004", "security.W008", "security.W012", "security.W016"]
