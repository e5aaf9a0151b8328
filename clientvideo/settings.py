"""Configuration, read from the environment; no logic of the product.

Without any variable set this is the embedded studio: one machine, SQLite and a folder as broker under `DATA_DIR`,
plain http on 127.0.0.1. `DJANGO_ENV=production` asks for a `SECRET_KEY`, turns the https settings on and is what
`check --deploy --fail-level WARNING` is run with. The table of settings is in README.md.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from clientvideo import datadir

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- Which studio this is -------------------------------------------------------------------------------------------

DJANGO_ENV = env.str("DJANGO_ENV", default="embedded")
if DJANGO_ENV not in ("embedded", "production"):
    raise ImproperlyConfigured(f"DJANGO_ENV is {DJANGO_ENV!r}; it must be 'embedded' or 'production'.")
PRODUCTION = DJANGO_ENV == "production"
DEBUG = env.bool("DEBUG", default=False)

# Everything this installation writes lives below one folder, so that moving or saving a studio is moving one folder.
DATA_DIR = datadir.make(Path(env.str("DATA_DIR", default="") or BASE_DIR / "data"))

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY and PRODUCTION:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. With DJANGO_ENV=production give the same long random text to web, worker and beat; "
        "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
    )
SECRET_KEY = SECRET_KEY or datadir.secret_key(DATA_DIR)

# --- Addresses ------------------------------------------------------------------------------------------------------

# Where people reach the studio; printed in sign-in and share links. Empty: the address the studio was started on.
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", default="").rstrip("/")
_public = urlsplit(PUBLIC_BASE_URL)
if PUBLIC_BASE_URL and not (_public.scheme in ("http", "https") and _public.hostname):
    raise ImproperlyConfigured(
        f"PUBLIC_BASE_URL is {PUBLIC_BASE_URL!r}; give a whole address such as https://video.example.com"
    )

# The loopback names stay allowed everywhere: the health check of a container asks on 127.0.0.1.
ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS", default=[]), "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS: list[str] = []
if _public.hostname:
    ALLOWED_HOSTS.append(_public.hostname)
    CSRF_TRUSTED_ORIGINS.append(f"{_public.scheme}://{_public.netloc}")

# --- https ----------------------------------------------------------------------------------------------------------

# A production studio is behind TLS unless its own address says http:// (a trial on a closed network).
HTTPS = PRODUCTION and _public.scheme != "http"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^up/$"]  # the health check of a container speaks plain http to its own port
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    # TLS ends at the proxy; it must set this header itself and drop one that came from outside.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- Apps and middleware --------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "csp",
    "sequences",
    "dailies",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # A page nobody thought about is closed, not open: public views say so with @login_not_required.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "clientvideo.urls"
WSGI_APPLICATION = "clientvideo.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sequences.views.access.theme",
                "sequences.views.access.rights",
            ],
        },
    },
]

# --- Database -------------------------------------------------------------------------------------------------------

# One transaction a request would make every page view take SQLite's write lock; the verbs open their own.
_SQLITE_OPTIONS = {
    "timeout": 20,
    # A transaction that read first cannot become a writer when somebody else wrote: SQLite refuses at once.
    "transaction_mode": "IMMEDIATE",
    # FULL: with NORMAL a power cut can take back the last commits, and a lost claim is a lost receipt for money.
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA journal_size_limit=67108864"
    ),
}
# A forgotten transaction or a lock nobody lets go ends as an error on one page, not as a studio that stands still.
_POSTGRES_OPTIONS = {
    "options": "-c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=30s"
}


def _database() -> dict[str, Any]:
    """The default database: `DATABASE_URL`, else SQLite under `DATA_DIR`."""
    url = env.str("DATABASE_URL", default="")
    config: dict[str, Any] = (
        env.db_url("DATABASE_URL")
        if url
        else {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA_DIR / "studio.sqlite3")}
    )
    sqlite = config["ENGINE"].endswith("sqlite3")
    config["OPTIONS"] = {**(_SQLITE_OPTIONS if sqlite else _POSTGRES_OPTIONS), **config.get("OPTIONS", {})}
    config.update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=not sqlite, ATOMIC_REQUESTS=False)
    return config


DATABASES = {"default": _database()}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- Accounts -------------------------------------------------------------------------------------------------------

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
# Cookies ignore the port: an own name keeps other things that run on 127.0.0.1 from signing us out.
SESSION_COOKIE_NAME = "sequence_board_session"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CSRF_COOKIE_NAME = "sequence_board_csrf"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# --- What a page may load -------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        # Lengths on the song map are custom properties in style attributes; style elements stay forbidden.
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
    },
}

# --- Static files and media -----------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default="") or DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
# Hashed names let browsers keep files for ever. Off, files are found in place: for working on them, and for tests.
STATIC_MANIFEST = env.bool("STATIC_MANIFEST", default=not DEBUG)
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not STATIC_MANIFEST


def _static_storage() -> str:
    """Compressing costs seconds at the first start and gains nothing on 127.0.0.1, so only production does it."""
    if not STATIC_MANIFEST:
        return "django.contrib.staticfiles.storage.StaticFilesStorage"
    if PRODUCTION:
        return "whitenoise.storage.CompressedManifestStaticFilesStorage"
    return "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"


STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static_storage()},
}

MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
# Uploads wait beside the media, so that keeping one is a rename on the same disk and /tmp may be small.
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR / "tmp")
FILE_UPLOAD_PERMISSIONS = 0o640
# Internal location of a front server (X-Accel-Redirect) that sends media after our permission check; empty: we send it.
MEDIA_ACCEL_PREFIX = env.str("MEDIA_ACCEL_PREFIX", default="")
MAX_UPLOAD_MB = env.int("MAX_UPLOAD_MB", default=500)
# What a project bundle from elsewhere may unpack to.
BUNDLE_MAX_FILES = env.int("BUNDLE_MAX_FILES", default=100_000)
BUNDLE_MAX_GB = env.int("BUNDLE_MAX_GB", default=100)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # a form without its files; a plan of a hundred shots is below 200 kB
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
DATA_UPLOAD_MAX_NUMBER_FILES = 500  # a refs folder of forty elements

# --- Jobs and money -------------------------------------------------------------------------------------------------

JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=30)
# Whether an unsure call that the provider's list does not show in time counts as never arrived without a person's
# word. Off: it is not documented that the list shows every request, and how late.
LISTING_PROVES_ABSENCE = env.bool("LISTING_PROVES_ABSENCE", default=False)

# Dollars: a batch that costs more shows its price by tier before anything is asked for.
TAKES_ASK_FIRST = env.str("TAKES_ASK_FIRST", default="5")
if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", TAKES_ASK_FIRST):
    raise ImproperlyConfigured(f"TAKES_ASK_FIRST is {TAKES_ASK_FIRST!r}; give dollars such as 5 or 2.50.")

# fal: without a key it is not offered. Addresses are settings so that a stand-in can be asked instead.
FAL_KEY = env.str("FAL_KEY", default="")
FAL_QUEUE_BASE_URL = env.str("FAL_QUEUE_BASE_URL", default="https://queue.fal.run")
FAL_REST_BASE_URL = env.str("FAL_REST_BASE_URL", default="https://rest.fal.ai")
FAL_PLATFORM_BASE_URL = env.str("FAL_PLATFORM_BASE_URL", default="https://api.fal.ai/v1")
FAL_JWKS_URL = env.str("FAL_JWKS_URL", default="https://rest.fal.ai/.well-known/jwks.json")
# Hosts (and their subdomains) that results may be fetched from and pictures put to.
FAL_MEDIA_HOSTS = env.list("FAL_MEDIA_HOSTS", default=["fal.media", "storage.googleapis.com"])
FAL_ACCOUNT_ID = env.str("FAL_ACCOUNT_ID", default="")  # webhooks are taken for this account only
FAL_CONCURRENCY = env.int("FAL_CONCURRENCY", default=2)  # what a new account may have in progress; we leave twice that
FAL_START_TIMEOUT = env.int("FAL_START_TIMEOUT", default=1800)  # seconds; later than that it must not start, nor bill
FAL_LISTING_LAG = env.int("FAL_LISTING_LAG", default=900)  # seconds after which the list shows what has ended
# Only for trying the studio against a stand-in on this machine: plain http to 127.0.0.1.
OUTBOUND_ALLOW_LOOPBACK = env.bool("OUTBOUND_ALLOW_LOOPBACK", default=False)

# A TOML file with entries like those of the catalogue, of an id and the keys to be changed: a switch, a limit, a price.
CATALOGUE_FILE = env.str("CATALOGUE_FILE", default="")

SKETCH_WORKERS = env.int("SKETCH_WORKERS", default=2)
SKETCH_SLOWER = env.float("SKETCH_SLOWER", default=0.0)  # seconds added to every drawing
SKETCH_FAULTS = env.list("SKETCH_FAULTS", default=[])
SKETCH_SLATE = env.bool("SKETCH_SLATE", default=True)
# Dollars, as text until Decimal reads them: money is never float.
SKETCH_PRICE_SECOND = env.str("SKETCH_PRICE_SECOND", default="0")
SKETCH_PRICE_PICTURE = env.str("SKETCH_PRICE_PICTURE", default="0")

# --- Celery: a doorbell; the row in the database is the job ----------------------------------------------------------

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://localhost/")
BROKER_KIND = CELERY_BROKER_URL.partition(":")[0]


def _broker_options() -> dict[str, Any]:
    """Transport options of the broker in use: a folder, this process's memory, or Redis."""
    # Polled brokers look once a second unless told; `sqla` brokers refuse the option.
    if BROKER_KIND == "filesystem":
        folder = DATA_DIR / "broker"
        queue = str(folder / "queue")
        return {
            "data_folder_in": queue,
            "data_folder_out": queue,
            "control_folder": str(folder / "control"),
            "polling_interval": 0.05,
        }
    if BROKER_KIND == "memory":
        return {"polling_interval": 0.05}
    if BROKER_KIND in ("redis", "rediss"):
        return {
            "visibility_timeout": 1800,  # twice the longest hard limit below
            "socket_timeout": 20,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
            "health_check_interval": 25,
            # Without these two, what a killed worker held comes back after about 100 s.
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "global_keyprefix": "sequence-board:",
        }
    return {}


CELERY_BROKER_TRANSPORT_OPTIONS = _broker_options()
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
# A message that kills its worker would otherwise come back for ever; the sweep picks the row up instead.
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# Ringing the bell is best effort: a click must not wait for a broker that is away.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0, "interval_max": 0.5}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 0 if BROKER_KIND in ("filesystem", "memory") else 30
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 600_000  # kB; one film encode peaks near 310 MB
CELERY_WORKER_ETA_TASK_LIMIT = 100
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Remote control would make every polled worker list one more folder; who works is read from the database.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = BROKER_KIND not in ("filesystem", "memory")
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "sequences.tasks.sweep", "schedule": 2.0, "options": {"expires": 10}},
    "exports": {"task": "dailies.tasks.sweep", "schedule": 2.0, "options": {"expires": 10}},
    "refs": {"task": "dailies.tasks.watch_refs", "schedule": 5.0, "options": {"expires": 10}},
    # works once a day: see there
    "money": {"task": "dailies.tasks.prove", "schedule": 600.0, "options": {"expires": 300}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")

# --- Language, time, logs -------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# A container is read by its console, a studio by its log file: there the console is for the person who started it.
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO" if PRODUCTION else "WARNING").upper()
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "short": {"format": "{levelname:<7} {name}: {message}", "style": "{"},
        "full": {"format": "{asctime} {levelname:<7} {process} {name}: {message}", "style": "{"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "short", "level": LOG_LEVEL},
        "file": {
            "class": "logging.FileHandler",
            "filename": str(DATA_DIR / "logs" / "studio.log"),
            "formatter": "full",
            "level": "INFO",
            "delay": True,
            "encoding": "utf-8",
        },
    },
    "root": {"handlers": ["console", "file"], "level": "INFO"},
    "loggers": {
        # Without this, Django's own handlers print a second copy of every line.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # One line for every page that is not 200 helps nobody; a 500 still comes through.
        "django.request": {"level": "ERROR"},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        # Celery names every task it takes and ends; jobs and events already tell that, and more.
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
    },
}
