"""The site's settings: one file, read from the environment, safe by default.

Without SPOTLIGHT_MODE the site is in production, and in production it does not start on an unsafe
setting: every fault is told at once. `scripts/serve` says SPOTLIGHT_MODE=demo unless told
otherwise. Each variable is explained in docs/operations.md.
"""

import logging
import os
import secrets
from pathlib import Path
from typing import Any

import environ
import structlog
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- Which site this is, and where its things lie

SPOTLIGHT_MODE: str = env.str("SPOTLIGHT_MODE", default="production")
PRODUCTION = SPOTLIGHT_MODE != "demo"
SPOTLIGHT_DATA = Path(env.str("SPOTLIGHT_DATA", default="") or BASE_DIR / "var").resolve()
DEBUG: bool = env.bool("DEBUG", default=False)

LOOPBACK = ["localhost", ".localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else LOOPBACK)


def demo_secret() -> str:
    """The demo's own secret key, made at first need and kept: a restart signs nobody out."""
    kept = SPOTLIGHT_DATA / "secret-key"
    try:
        SPOTLIGHT_DATA.mkdir(parents=True, exist_ok=True)
        if not kept.exists():
            fresh = kept.with_name(f"secret-key.{os.getpid()}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(50), encoding="ascii")
            try:
                # Processes start together: the first link wins, and all of them read that one.
                kept.hardlink_to(fresh)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return kept.read_text(encoding="ascii")
    except OSError as error:
        raise ImproperlyConfigured(
            f"SECRET_KEY is not set, and the demo's own cannot be kept in {SPOTLIGHT_DATA}: "
            f"{error.strerror}. Point SPOTLIGHT_DATA at a folder that can be written."
        ) from error


SECRET_KEY: str = env.str("SECRET_KEY", default="") or ("" if PRODUCTION else demo_secret())
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])

if PRODUCTION:
    faults = []
    if SPOTLIGHT_MODE != "production":
        faults.append(f"SPOTLIGHT_MODE is {SPOTLIGHT_MODE!r}; it is either demo or production.")
    if not SECRET_KEY:
        faults.append("SECRET_KEY is not set; give it 50 random characters and keep them secret.")
    elif len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10:
        faults.append("SECRET_KEY can be guessed; give it 50 random characters.")
    if not ALLOWED_HOSTS:
        faults.append(
            "ALLOWED_HOSTS is not set; name the hosts people will type, "
            "for example ALLOWED_HOSTS=quiz.example.org."
        )
    elif any(host in {"*", "."} for host in ALLOWED_HOSTS):
        faults.append("ALLOWED_HOSTS lets every host name in; name yours instead of '*'.")
    if DEBUG:
        faults.append("DEBUG is on; it shows settings and code to every visitor. Unset it.")
    if faults:
        raise ImproperlyConfigured(
            "This site does not start in production like this:\n"
            + "\n".join(f"- {fault}" for fault in faults)
            + "\n(On your own machine, SPOTLIGHT_MODE=demo needs none of these.)"
        )

# --- What it is made of

INSTALLED_APPS = [
    "exercises",
    "unfold",  # before the admin, whose templates it replaces
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "django_structlog",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "quizsite.middleware.ContentSecurity",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "quizsite.middleware.page_for_a_wrong_method",
    "quizsite.middleware.second_factor_for_staff",
    "quizsite.middleware.own_clock_and_language",
]

ROOT_URLCONF = "quizsite.urls"
WSGI_APPLICATION = "quizsite.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "quizsite" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

# --- The database: the rows are the truth

_url: str = env.str("DATABASE_URL", default="")
if _url and not _url.startswith(("sqlite://", "postgres://", "postgresql://")):
    raise ImproperlyConfigured(
        "DATABASE_URL names a database that this site is not made for. Write "
        "postgres://user:password@host:5432/name or sqlite:////path/to/file.sqlite3."
    )
_embedded = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": str(SPOTLIGHT_DATA / "spotlight.sqlite3"),
}
_database: dict[str, Any] = env.db_url_config(_url) if _url else _embedded
DATABASES = {"default": _database}
# Opening a connection is the dearest part of a short request (5 ms on PostgreSQL, and on SQLite the
# last one to close folds the log back into the file), so each thread keeps its own.
_database["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
# A connection kept over a database restart is found dead and replaced before the request uses it.
_database["CONN_HEALTH_CHECKS"] = True
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database.setdefault("OPTIONS", {}).update(
        # Take the write lock at BEGIN: a transaction that read first and then wants to write would
        # be refused at once, whatever the timeout (this refused 99 of 100 sends under load).
        transaction_mode="IMMEDIATE",
        timeout=20,  # seconds a writer waits for the one before it
        init_command=(
            "PRAGMA journal_mode=WAL;"  # readers never wait for a writer
            "PRAGMA synchronous=FULL;"  # an acknowledged answer outlives a power cut: decision 0002
            "PRAGMA cache_size=-16000;"  # 16 MB a connection
            "PRAGMA temp_store=MEMORY"
        ),
    )
elif _database["ENGINE"] == "django.db.backends.postgresql":
    # A database that does not answer is an error soon, not a page that hangs.
    _database.setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Shared by all web processes and workers, on any number of machines, with no service of its own.
# It holds sign-in limits and the workers' pulse: little, and nothing that must not be lost.
CACHES = {
    # What a process counts for itself, at no cost to the database: exercises/limits.py.
    "here": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "spotlight_cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}

# The queue only wakes workers up; its own settings, with their reasons, are in quizsite/celery.py.
CELERY_BROKER_URL: str = env.str("CELERY_BROKER_URL", default="redis://127.0.0.1:6379/0")

# --- People

AUTH_USER_MODEL = "exercises.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    # Hard in memory as well as in time, and quicker than PBKDF2 for a class that signs in at once.
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "learn:index"  # of a new account; the adapter knows where others land
ACCOUNT_ADAPTER = "quizsite.sign_in.SignInAdapter"
ACCOUNT_FORMS = {
    "login": "quizsite.sign_in.SignInForm",
    "signup": "quizsite.sign_in.SignUpForm",
    "add_email": "quizsite.sign_in.AddEmailForm",
    "reset_password": "quizsite.sign_in.ResetPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Spotlight] "
ACCOUNT_SESSION_REMEMBER = None  # the person says, by a box on the sign-in page
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
# A class of forty behind one address signs in at once at nine o'clock, and half of them mistype.
# allauth counts failures by address (ip) and by the name typed (key), wherever it is typed: were
# the second limit the tighter one, any stranger could lock a named teacher out by typing wrong
# passwords. So one address alone is stopped before it uses a name up, and a name only by many
# addresses together. The code of a second factor is guarded by the same limits.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "40/5m/ip,120/h/ip,150/h/key",
    "signup": "60/m/ip",
    "reset_password": "20/m/ip,5/h/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Spotlight"
# Without a mail server nobody can confirm an address, and staff must still get their second factor.
MFA_ALLOW_UNVERIFIED_EMAIL = True
SECOND_FACTOR_FOR_STAFF = PRODUCTION

# --- Mail

if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
    ACCOUNT_EMAIL_VERIFICATION = "mandatory" if PRODUCTION else "optional"
else:
    # Mail is kept as files until somebody names a mail server; nobody is asked to confirm by mail.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = SPOTLIGHT_DATA / "mail"
    ACCOUNT_EMAIL_VERIFICATION = "none"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="Spotlight <spotlight@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- What a browser is told

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
# The admin's desk is unfold's, which writes styles into its pages and runs Alpine.js, which
# compiles its attributes. Only staff get there; every other page keeps the strict policy.
ADMIN_CONTENT_SECURITY = {
    "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("HTTPS_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside, where there is no TLS
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=365 * 24 * 3600)
    # __Host-: the browser itself refuses the cookie over plain HTTP or from a sister domain.
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    if ALLAUTH_TRUSTED_PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # an answer is a page of text at most

# --- Words, times, files

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = SPOTLIGHT_DATA / "static"
STATICFILES_DIRS = [folder for folder in [BASE_DIR / "quizsite" / "static"] if folder.is_dir()]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "quizsite.storage.HashedFiles"},
}
MEDIA_ROOT = SPOTLIGHT_DATA / "media"

# The admin's desk in the site's own colours: unfold's are too pale to be read on some screens.
UNFOLD = {
    "SITE_TITLE": "Spotlight",
    "SITE_HEADER": "Spotlight",
    "SITE_SYMBOL": "flare",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("site/mark.svg"),
        }
    ],
    "SITE_DROPDOWN": [
        {"icon": "menu_book", "title": "Lessons", "link": reverse_lazy("learn:index")},
        {"icon": "groups", "title": "Teach", "link": reverse_lazy("teach:index")},
        {"icon": "edit", "title": "Write", "link": reverse_lazy("author:index")},
    ],
    "STYLES": [lambda request: static("exercises/admin/desk.css")],
    "SCRIPTS": [lambda request: static("exercises/admin/desk.js")],
    "COLORS": {
        "primary": {
            "50": "#eef2fc",
            "100": "#dbe4f9",
            "200": "#bccdf4",
            "300": "#a5bfff",
            "400": "#93adf5",
            "500": "#7f9cf0",
            "600": "#24479c",
            "700": "#1d3a82",
            "800": "#16306f",
            "900": "#122656",
            "950": "#0b1736",
        }
    },
}

# --- Logs: who did what, never what they wrote

# One line a request, at its end; what began and never ended is told by the server's own log.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
# Request bodies, answers and passwords are logged nowhere: neither Django nor django-structlog
# writes a body, DEBUG pages, which would, are refused in production, and a traceback is told
# without the values in its frames, which structlog would show by itself.
_before_rendering: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
LOG_FORMAT: str = env.str("LOG_FORMAT", default="json" if PRODUCTION else "console")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _before_rendering,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(
                    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
                ),
                structlog.processors.JSONRenderer(),
            ],
        },
        "console": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _before_rendering,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.dev.ConsoleRenderer(
                    colors=False, exception_formatter=structlog.dev.plain_traceback
                ),
            ],
        },
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT if LOG_FORMAT in {"json", "console"} else "json",
        }
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # Django's own handlers would say everything twice.
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
    },
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        *_before_rendering[1:],
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
