"""All settings, read from the environment; a wrong value stops the start with a sentence.

Every variable may also be given as NAME_FILE, the path of a file that holds the value
(Docker secrets). `.env.example` lists them all.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from environs import EnvError, FileAwareEnv, validate

from hausderbegegnung import environment
from hausderbegegnung.api.schema import API_DESCRIPTION
from hausderbegegnung.operations.release import fingerprint
from hausderbegegnung.operations.schedule import beat_schedule
from hausderbegegnung.web.admin.look import UNFOLD  # noqa: F401 - a setting of django-unfold

BASE_DIR = Path(__file__).resolve().parent.parent
RELEASE = fingerprint(BASE_DIR)

env = FileAwareEnv(eager=True, strip_whitespace=True)
if env_file := os.environ.get("ENV_FILE", str(BASE_DIR / ".env")):
    env.read_env(env_file)


try:
    DEBUG = env.bool("DEBUG", default=False)
    DEMO = env.bool("DEMO", default=False)
    DATA_DIR = Path(env.str("DATA_DIR", default="") or BASE_DIR / "var").absolute()
    HOST = env.str("HOST", default="127.0.0.1")
    PORT = env.int("PORT", default=8000, validate=validate.Range(1, 65535))
    WEB_PROCESSES = env.int("WEB_PROCESSES", default=0, validate=validate.Range(0, 64))
    WEB_THREADS = env.int("WEB_THREADS", default=8, validate=validate.Range(1, 64))
    WORKER_THREADS = env.int("WORKER_THREADS", default=2, validate=validate.Range(1, 64))
    SITE_URL = env.str("SITE_URL", default="").rstrip("/") or f"http://localhost:{PORT}"
    SECRET_KEY = env.str("SECRET_KEY", default="")
    ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
    DATABASE_URL = env.str("DATABASE_URL", default="")
    BROKER_URL = env.str("BROKER_URL", default="")
    CACHE_URL = env.str("CACHE_URL", default="")
    EMAIL_URL = env.str("EMAIL_URL", default="")
    DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="")
    REPLY_TO_EMAIL = env.str("REPLY_TO_EMAIL", default="")
    MAIL_RETENTION_DAYS = env.int("MAIL_RETENTION_DAYS", default=90, validate=validate.Range(1, 3650))
    # Whoever looks at the demo wants to see the mail now.
    BUNDLE_SECONDS = env.int("BUNDLE_SECONDS", default=10 if DEMO else 120, validate=validate.Range(0, 3600))
    STATIC_ROOT = Path(env.str("STATIC_ROOT", default="") or DATA_DIR / "static")
    BACKUP_DIR = env.str("BACKUP_DIR", default="")
    BACKUP_KEEP = env.int("BACKUP_KEEP", default=14, validate=validate.Range(1, 3650))
    BACKUP_TO: list[str] = env.list("BACKUP_TO", default=[])
    METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
    TRUST_PROXY = env.bool("TRUST_PROXY", default=False)
    LOG_LEVEL = env.str(
        "LOG_LEVEL", default="INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"])
    )
except (EnvError, ValueError) as error:
    raise ImproperlyConfigured(
        f"{error} Correct it in the environment or in .env; .env.example explains every setting."
    ) from error

try:
    DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(
        f"The data folder {DATA_DIR} cannot be made: {error.strerror}. Set DATA_DIR to one that can."
    ) from error

site = environment.site_url(SITE_URL)
SECURE_SITE = site.scheme == "https"
ON_THIS_MACHINE = environment.is_this_machine(site.hostname)
environment.database_url(DATABASE_URL)
environment.redis_url("BROKER_URL", BROKER_URL)
environment.redis_url("CACHE_URL", CACHE_URL)

# Whoever runs a real house has a secret key, and with a secret key there is no demo: the two can't meet.
if DEMO:
    if SECRET_KEY:
        raise ImproperlyConfigured(
            "DEMO lets everybody log in with one click, so it never runs with a SECRET_KEY. "
            "Remove DEMO to run your house, or SECRET_KEY to see the demo."
        )
    if not ON_THIS_MACHINE or not environment.is_this_machine(HOST):
        raise ImproperlyConfigured(
            "DEMO lets everybody log in with one click, so it only runs for this machine. "
            "Remove DEMO, or let SITE_URL and HOST be localhost."
        )
    SECRET_KEY = "the demo has no secrets, and it never leaves the machine it runs on"  # noqa: S105 - no secret
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is missing. Set it (or SECRET_KEY_FILE) to a long random text and keep it secret, "
        "or set DEMO=1 to look at the demo house."
    )
environment.secret_key(SECRET_KEY)
environment.metrics_token(METRICS_TOKEN)
environment.backup_folder(BACKUP_DIR, visible=[DATA_DIR / "media", STATIC_ROOT])
environment.backup_keys(BACKUP_TO)
if DEBUG and not ON_THIS_MACHINE:
    raise ImproperlyConfigured(
        "DEBUG shows secrets to every visitor. Remove it, or let SITE_URL be localhost."
    )
if not EMAIL_URL and not ON_THIS_MACHINE:
    raise ImproperlyConfigured(
        "EMAIL_URL is missing, so no mail would reach anybody. Example: smtp+tls://name:password@host:587"
    )
if EMAIL_URL and not DEFAULT_FROM_EMAIL:
    raise ImproperlyConfigured(
        "DEFAULT_FROM_EMAIL is missing. Set it to the sender of all mails, "
        "for example Haus der Begegnung <haus@example.org>."
    )
DEFAULT_FROM_EMAIL = DEFAULT_FROM_EMAIL or "Haus der Begegnung <haus@example.org>"
REPLY_TO_EMAIL = REPLY_TO_EMAIL or DEFAULT_FROM_EMAIL
environment.mailbox("DEFAULT_FROM_EMAIL", DEFAULT_FROM_EMAIL)
environment.mailbox("REPLY_TO_EMAIL", REPLY_TO_EMAIL)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

environment.allowed_hosts(ALLOWED_HOSTS)
# The names of the machine itself are for health checks and for the demo.
ALLOWED_HOSTS = [str(site.hostname), *ALLOWED_HOSTS, "localhost", "127.0.0.1", "[::1]"]
WEB_PROCESSES = WEB_PROCESSES or (2 if CACHE_URL else 1)

INSTALLED_APPS = [
    "hausderbegegnung.web",
    "hausderbegegnung",
    "notifications",
    "bookings",
    "rooms",
    "unfold.apps.BasicAppConfig",
    "hausderbegegnung.apps.HouseAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "schedule",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "lucide",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hausderbegegnung.web.compression.CompressionMiddleware",
    "hausderbegegnung.web.privacy.PrivateByDefaultMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "hausderbegegnung.web.language.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "hausderbegegnung.accounts.sessions.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "hausderbegegnung.web.errors.DomainErrorMiddleware",
]

ROOT_URLCONF = "hausderbegegnung.urls"
WSGI_APPLICATION = "hausderbegegnung.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hausderbegegnung.web.context_processors.house",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    },
]

FORM_RENDERER = "hausderbegegnung.web.shared.forms.renderer.FormRenderer"

# Data ------------------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.dj_db_url("DATABASE_URL")
    if DATABASE_URL
    else {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA_DIR / "hausderbegegnung.sqlite3"}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;",
    }
else:
    DATABASES["default"]["ENGINE"] = "hausderbegegnung.operations.postgresql"
    options = DATABASES["default"].setdefault("OPTIONS", {})
    options.setdefault("connect_timeout", 3)
    # A machine that is gone says nothing of it: what it has not acknowledged within these milliseconds was
    # lost, and whoever waits for it asks after so many seconds whether it is there.
    options.setdefault("tcp_user_timeout", 10_000)
    options.setdefault("keepalives_idle", 30)
    options.setdefault("keepalives_interval", 5)
    # PostgreSQL's own figure is that of spinning disks; with it, it would rather read whole tables. And to
    # compile a query takes longer than any of ours does.
    options.setdefault("options", "-c random_page_cost=1.1 -c jit=off")
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# How long people wait for a statement; commands and tasks take the time they need.
WEB_STATEMENT_SECONDS = 10
# To open a connection costs more than most pages ask of it.
DATABASES["default"]["CONN_MAX_AGE"] = 60

# Limits of calls and of the second factor. What is drawn from the plan each process keeps in its own memory.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "hausderbegegnung.operations.cache.Cache",
        "LOCATION": CACHE_URL,
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
    if CACHE_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "default",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

# People ----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "hausderbegegnung.User"
SESSION_ENGINE = "hausderbegegnung.accounts.sessions"
AUTHENTICATION_BACKENDS = ["hausderbegegnung.accounts.backends.AccountBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ["MinimumLengthValidator", "CommonPasswordValidator", "UserAttributeSimilarityValidator"]
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("my_bookings")
LOGOUT_REDIRECT_URL = reverse_lazy("home")
ACCOUNT_ADAPTER = "hausderbegegnung.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # that there are passwords at all; sign-up is closed
ACCOUNT_EMAIL_VERIFICATION = "none"  # entering the code is the verification
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = 3
ACCOUNT_LOGIN_TIMEOUT = 60 * 60  # longer than a code lives, so that an old code can be called old
ACCOUNT_FORMS = {
    "login": "hausderbegegnung.accounts.forms.PasswordLoginForm",
    "set_password": "hausderbegegnung.accounts.forms.PasswordSetForm",
    "change_password": "hausderbegegnung.accounts.forms.PasswordChangeForm",
    "reauthenticate": "hausderbegegnung.accounts.forms.PasswordAgainForm",
}
MFA_ADAPTER = "hausderbegegnung.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "hausderbegegnung.accounts.forms.SecondFactorForm",
    "reauthenticate": "hausderbegegnung.accounts.forms.SecondFactorAgainForm",
    "activate_totp": "hausderbegegnung.accounts.forms.SecondFactorAddForm",
}

# Language and time -----------------------------------------------------------------------------

LANGUAGE_CODE = "de"
LANGUAGES = [("de", _("German")), ("en", _("English"))]
TIME_ZONE = "Europe/Berlin"
USE_TZ = True

# Files -----------------------------------------------------------------------------------------

STATIC_URL = "static/"
MEDIA_URL = "media/"
MEDIA_ROOT = DATA_DIR / "media"
# Names carry a hash of the content, so browsers may keep files for ever. Compressing takes a while and
# is of no use on the same machine.
if DEBUG:
    _static_storage = "django.contrib.staticfiles.storage.StaticFilesStorage"
elif ON_THIS_MACHINE:
    _static_storage = "hausderbegegnung.web.style_sheets.JoinedStyleSheets"
else:
    _static_storage = "hausderbegegnung.web.style_sheets.CompressedStyleSheets"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # A web server of another account may serve them.
    "staticfiles": {
        "BACKEND": _static_storage,
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700

# Mail and tasks --------------------------------------------------------------------------------

if EMAIL_URL:
    EMAIL_BACKEND = "notifications.outbox.mail_server.EmailBackend"
    mail = environment.mail_server(EMAIL_URL)
    EMAIL_HOST, EMAIL_PORT = mail.host, mail.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = mail.user, mail.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = mail.starttls, mail.tls
    EMAIL_TIMEOUT = 30
else:
    EMAIL_BACKEND = "notifications.outbox.files.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mails"
MAIL_FIRST_RETRY, MAIL_LONGEST_RETRY = timedelta(minutes=1), timedelta(hours=1)
# A worker that has said nothing for so long is dead: far longer than a mail may take.
MAIL_STUCK_AFTER = timedelta(minutes=10)
MAIL_SWEEP_SECONDS, MAIL_PLAN_SECONDS = 30, 300

if BROKER_URL:
    CELERY_BROKER_URL = BROKER_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "socket_timeout": 1,
        "socket_connect_timeout": 1,
        # What a dead worker had taken is handed out again; longer than any task may take.
        "visibility_timeout": 600,
        # Whoever publishes gives up after two tries; the sweep finds what was left.
        "max_retries": 1,
        "interval_start": 0.1,
    }
else:
    CELERY_BROKER_URL = "files://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(DATA_DIR / "broker"), "polling_interval": 0.1}
CELERY_TASK_IGNORE_RESULT = True
# Mails have a queue of their own, so that a thousand of them do not keep beat's work waiting.
CELERY_TASK_DEFAULT_QUEUE = "work"
CELERY_TASK_QUEUES: dict[str, dict[str, Any]] = {"work": {}, "mail": {}}
CELERY_TASK_ROUTES = {"notifications.send_*": {"queue": "mail"}}
# A task is done when it is done, not when a worker took it; every task may be run again.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Processes can be ended when their time is over. The house on one machine has threads, which need less;
# time-outs of the connections must do there.
CELERY_WORKER_POOL = "prefork" if BROKER_URL else "threads"
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 300, 330
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_CONCURRENCY = WORKER_THREADS
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A worker waits for its broker as long as it takes.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_SCHEDULE = beat_schedule(sweep_seconds=MAIL_SWEEP_SECONDS, plan_seconds=MAIL_PLAN_SECONDS)

# Security --------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "object-src": [NONE],
    }
}
# The plan of a series of 250 dates that are all taken sends three or four fields for each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SITE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SITE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = False
# Both are about other hosts under the town's name, which are not ours to decide on.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_SSL_REDIRECT = SECURE_SITE
# Asked from inside a container, by http.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_REFERRER_POLICY = "same-origin"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
if TRUST_PROXY:
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# API -----------------------------------------------------------------------------

REST_FRAMEWORK = {
    # The token first: it names itself in the 401 that whoever is not logged in gets.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "hausderbegegnung.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["hausderbegegnung.api.parser.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "hausderbegegnung.api.openapi.ScopedSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "hausderbegegnung.api.throttling.PersonRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "300/minute", "user": "1200/minute"},
    "EXCEPTION_HANDLER": "hausderbegegnung.api.errors.problem_response",
    "NUM_PROXIES": 1 if TRUST_PROXY else 0,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Haus der Begegnung",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": API_DESCRIPTION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "BookingStatus": "bookings.enums.BookingStatus",
        "SlotStatus": "bookings.enums.SlotStatus",
        "AssociationKind": "bookings.enums.AssociationKind",
        "BookingKind": "bookings.enums.BookingKind",
        "Layout": "rooms.enums.Layout",
        "Visibility": "bookings.enums.Visibility",
        "Verb": "bookings.enums.Verb",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "hausderbegegnung.api.schema.add_problems",
    ],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "hausderbegegnung.operations.logs.SafeFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # Django's handlers would write addresses as they are, and mail what whole requests hold to ADMINS.
    "loggers": {"django": {"handlers": []}, "django.server": {"handlers": [], "propagate": True}},
}
