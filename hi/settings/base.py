"""Settings that every environment shares; docs/settings.md lists the variables read here and elsewhere."""

from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF

from hi.integration import discovery
from hi.integration.app_config import list_loadable
from hi.settings import databases, env, log, places
from hi.utils import keys

BASE_DIR = env.ROOT
HI_DATA_DIR = env.data_dir()
HI_KEYS_DIR = HI_DATA_DIR / "keys"

# Where hi answers.
HI_HOST = env.text("HI_HOST", "127.0.0.1")
HI_PORT = env.port("HI_PORT", 9411)
HI_FLOWER_HOST = env.text("HI_FLOWER_HOST", "127.0.0.1")
HI_FLOWER_PORT = env.port("HI_FLOWER_PORT", 9412)
HI_DEMO_HOST = env.text("HI_DEMO_HOST", "127.0.0.1")
HI_DEMO_PORT = env.port("HI_DEMO_PORT", 9413)
HI_DEMO_CAMERAS_PORT = env.port("HI_DEMO_CAMERAS_PORT", 9414)
HI_HTTPS = env.flag("HI_HTTPS")
HI_MEDIA_ADDRESS = env.socket_address("HI_MEDIA_ADDRESS", HI_DATA_DIR / "run" / "media.sock")
# What people type into the browser, where it differs from host and port (a reverse proxy, a container).
HI_BASE_URL = env.text("HI_BASE_URL") or places.base_url(HI_HOST, HI_PORT, HI_HTTPS)

# How hi works.
HI_BREAKER_FAIL_MAX = env.integer("HI_BREAKER_FAIL_MAX", 5, minimum=1)
HI_BREAKER_RESET_SECONDS = env.number("HI_BREAKER_RESET_SECONDS", 60)
HI_LEASE_SECONDS = env.number("HI_LEASE_SECONDS", 15, minimum=1)
HI_LISTENER_POLL_SECONDS = env.number("HI_LISTENER_POLL_SECONDS", 1)
HI_LIVE_GRACE_SECONDS = env.number("HI_LIVE_GRACE_SECONDS", 30)
HI_MEDIA_URL_SECONDS = env.number("HI_MEDIA_URL_SECONDS", 60, minimum=1)
HI_JOB_LOST_SECONDS = env.number("HI_JOB_LOST_SECONDS", 20, minimum=1)
HI_JOB_HARD_SECONDS = env.number("HI_JOB_HARD_SECONDS", 300, minimum=1)
# How long init waits for a PostgreSQL that is starting.
HI_DATABASE_WAIT_SECONDS = env.number("HI_DATABASE_WAIT_SECONDS", 20)
HI_LOG_LEVEL = env.text("HI_LOG_LEVEL", "INFO").upper()
HI_LOG_FORMAT = env.text("HI_LOG_FORMAT", "line").lower()
REDIS_URL = env.redis_url()

# Backups. Without a passphrase they hold no keys.
HI_BACKUP_DIR = Path(env.text("HI_BACKUP_DIR", str(HI_DATA_DIR / "backups"))).expanduser().absolute()
HI_BACKUP_HOURS = env.number("HI_BACKUP_HOURS", 24)
HI_BACKUP_KEEP = env.integer("HI_BACKUP_KEEP", 7, minimum=1)
HI_BACKUP_PASSPHRASE = env.secret("HI_BACKUP_PASSPHRASE")

# Keys are made by the init step alone; here they are only read, and production.py refuses to go on without them.
SECRET_KEY = env.secret("HI_DJANGO_KEY") or keys.read_key(HI_KEYS_DIR / keys.DJANGO_KEY)
# A running hi looks into the file again when a key does not fit: keys can be renewed under it.
HI_SECRET_KEYS_FILE = env.secret_file("HI_SECRET_KEYS", HI_KEYS_DIR / keys.SECRET_KEY)
HI_SECRET_KEYS = keys.split_keys(env.secret("HI_SECRET_KEYS") or keys.read_key(HI_KEYS_DIR / keys.SECRET_KEY))

DEBUG = False
ALLOWED_HOSTS = [*places.allowed_hosts(HI_HOST, HI_BASE_URL), *env.items("HI_ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = places.trusted_origins(ALLOWED_HOSTS, HI_BASE_URL, HI_PORT)

OWN_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "django_htmx",
    "csp",
    "axes",
    "hi.backup",
    "hi.accounts",
    "hi.entity",
    "hi.integration",
    "hi.console",
    "hi.api",
    "hi.cli",
]
INSTALLED_APPS = [*OWN_APPS, *list_loadable(discovery.service_apps(), OWN_APPS)]

MIDDLEWARE = [
    # The first, so that what the others log carries the request's id too.
    "hi.utils.request_trace.trace_requests",
    "hi.api.http_metrics.http_metrics",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Every view asks for a login and a permission; the few that must not say so with `login_not_required`.
    "hi.accounts.access.Access",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Around the view alone: its answer to too many wrong passwords needs what the others bring.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "hi.urls"
ASGI_APPLICATION = "hi.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES, HISTORY_IS_SEPARATE = databases.database_settings(env.secret("HI_DATABASE_URL"), HI_DATA_DIR)
DATABASE_ROUTERS = ["hi.settings.routers.HistoryRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Accounts.
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in"

# Guessing passwords: see hi/accounts/guessing.py.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "hi.console.views.account.answer_too_many"
AXES_USERNAME_CALLABLE = "hi.accounts.guessing.read_name"
AXES_CLIENT_IP_CALLABLE = "hi.accounts.guessing.read_address"
AXES_SENSITIVE_PARAMETERS = [
    *("username", "csrfmiddlewaretoken", "next"),
    *("old_password", "new_password1", "new_password2"),
]
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# Browser security.
SESSION_COOKIE_NAME = "hi_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HI_HTTPS
CSRF_COOKIE_NAME = "hi_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HI_HTTPS
CSRF_FAILURE_VIEW = "hi.console.views.account.refuse_form"
SECURE_HSTS_SECONDS = 31_536_000 if HI_HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# Static files: collected at init; the names carry a hash of the content, so browsers may keep them for ever.
STATIC_URL = "/static/"
STATIC_ROOT = HI_DATA_DIR / "static"
# Files that people keep with things. No address leads to this folder: a view hands them out, one by one.
MEDIA_ROOT = HI_DATA_DIR / "media"
FILE_UPLOAD_PERMISSIONS = 0o600
# A choice is one form with a box for each that is chosen, up to 5,000 of each of three kinds.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 16_000
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Language and time: UTC inside, the home's zone on the pages.
LANGUAGE_CODE = "en"
USE_I18N = True
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "hi" / "locale"]
USE_TZ = True
TIME_ZONE = env.time_zone("HI_TIME_ZONE") or places.machine_time_zone()

# Celery's own settings are in celeryconfig.py; django-celery-beat reads this one from Django.
CELERY_TIMEZONE = "UTC"

LOGGING = log.logging_settings(HI_LOG_LEVEL, HI_LOG_FORMAT)
