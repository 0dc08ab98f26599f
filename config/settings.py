"""All settings, one file, driven by the environment; outside DEBUG nothing unsafe has a default."""

from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from accounts import keys
from clinical import alert_times, intervals
from config import environment as env
from config.database import database
from config.logs import logging_config
from hubs import conf
from hubs.conf import redis_channel_layer

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("WARDLINE_VAR", str(BASE_DIR / "var")))

DEBUG = env.flag("DEBUG", default=False)
# `make run`, `make test` and `manage.py` at a desk: fixed keys and a database file beside the code.
DEVELOPMENT = env.flag("WARDLINE_DEVELOPMENT", default=DEBUG)


def _secret(name: str) -> str:
    return env.text(name, f"development-only-{name.lower()}-{'x' * 32}" if DEVELOPMENT else None)


SECRET_KEY = _secret("SECRET_KEY")
# Several keys with ids, of which the first signs and all verify; or one without, last beside the others.
JWT_SIGNING_KEYS = keys.read(env.text("JWT_SIGNING_KEYS", ""))
_single = env.text("JWT_SIGNING_KEY", "") if JWT_SIGNING_KEYS else _secret("JWT_SIGNING_KEY")
if _single or not JWT_SIGNING_KEYS:
    JWT_SIGNING_KEYS += (keys.SigningKey(None, _single),)
JWT_SIGNING_KEY = JWT_SIGNING_KEYS[0].secret

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if DEVELOPMENT else None)
# The origins (scheme, host, port) whose pages may open a hub.
ORIGINS = env.words("ORIGINS", "http://localhost:8000,http://127.0.0.1:8000" if DEVELOPMENT else None)

if not DEVELOPMENT:
    if DEBUG:
        raise ImproperlyConfigured("DEBUG shows source and settings to strangers: only at a desk.")
    if len(SECRET_KEY) < 32:
        raise ImproperlyConfigured("SECRET_KEY needs 32 characters or more.")
    for fault in keys.faults(JWT_SIGNING_KEYS, [SECRET_KEY]):
        raise ImproperlyConfigured(fault.text)
    if "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts.")
    if not all(origin.startswith("https://") for origin in ORIGINS):
        raise ImproperlyConfigured("ORIGINS must be https: tokens and patient data travel over them.")

INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "axes",
    "csp",
    "hubs",
    "accounts",
    "clinical",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LoginSessionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # What the admin site's pages have of ours.
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context_processors.screen",
            ]
        },
    }
]

# SQLite in the data folder without the variable; its threads are those of HUBS below.
DATABASES = {
    "default": database(env.text("DATABASE_URL", ""), VAR_DIR, threads=conf.DEFAULTS["DATABASE_THREADS"])
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0" if DEVELOPMENT else None)
CHANNEL_LAYERS = {
    "default": redis_channel_layer(
        REDIS_URL, secret=SECRET_KEY, ca=env.text("REDIS_CA", ""), layer=env.text("REDIS_LAYER", "pubsub")
    )
}

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AUTHENTICATION_BACKENDS = ["accounts.throttling.ThrottledBackend"]
AXES_HANDLER = "accounts.throttling.Throttle"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = int(env.text("LOGIN_FAILURE_LIMIT", "5"))
AXES_COOLOFF_TIME = timedelta(minutes=float(env.text("LOGIN_COOL_OFF_MINUTES", "5")))
AXES_CLIENT_IP_CALLABLE = "accounts.throttling.client_address"
# LoginSession keeps who logged in, accounts/admin.py shows who failed to.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
# Its middleware would answer a lock otherwise than a wrong password.
SILENCED_SYSTEM_CHECKS = ["axes.W002"]

# After so long without a hand on mouse, keys or screen nothing about patients is shown; 0 is never.
IDLE_LOCK_MINUTES = float(env.text("IDLE_LOCK_MINUTES", "5"))
LOCK_URL = "locked"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "board"
LOGOUT_REDIRECT_URL = "login"

HUBS = {
    "VERIFY": "accounts.tokens.verify",
    "RENEW": "accounts.tokens.renew",
    "END_SESSION": "accounts.sessions.end_by_administrator",
    "SAMPLE_USERS": "accounts.samples.users",
    "ALLOWED_ORIGINS": ORIGINS,
    # A person makes a call a second at the most; a page that loops must not cost the others.
    "RATE_LIMITS": {"connection": "20/s", "user": "40/s"},
    "QUERY_TOKEN": env.text("QUERY_TOKEN", "both"),
    "DRAIN_SECONDS": float(env.text("DRAIN_SECONDS", "5")),
    # After an outage all screens come back at once, and may wait their turn between negotiate and upgrade.
    "CONNECT_TIMEOUT": 30.0,
    "METRICS_TOKEN": env.text("METRICS_TOKEN", "") or None,
}

# Minutes to accept an alert and to review the patient after that, by severity, until others are called.
ALERT_TIMES = alert_times.read(env.text("ALERT_MINUTES", alert_times.DEFAULT))
OBSERVATION_INTERVALS = intervals.read(env.text("OBSERVATION_MINUTES", intervals.DEFAULT))

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.BearerAuthentication"],
    # Nothing is open unless a view says who may.
    "DEFAULT_PERMISSION_CLASSES": ["accounts.permissions.Nobody"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "accounts.api_errors.answer",
    "UNAUTHENTICATED_USER": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Wardline",
    "DESCRIPTION": "What the ward board's pages and hub read and write, by the same rules: docs/api.md.",
    "VERSION": "1",
    # Shapes come from msgspec, in the JSON Schema of 3.1.
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/",
    # The library would move words of shapes that it has not made.
    "POSTPROCESSING_HOOKS": [],
    # `make check` asks; whoever deploys need not.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
}

SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(hours=12),
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SIGNING_KEY,
    "ISSUER": env.text("JWT_ISSUER", "wardline"),
    "AUDIENCE": env.text("JWT_AUDIENCE", "wardline"),
    # Two machines a few seconds apart must accept each other's fresh tokens.
    "LEEWAY": 10,
    "USER_ID_CLAIM": "sub",
    "TOKEN_TYPE_CLAIM": "typ",
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEVELOPMENT
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 0 if DEVELOPMENT else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEVELOPMENT
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "accounts.session_store"

# Of the browser, until somebody chooses one.
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
# The words of all apps in one place, which whoever translates opens.
LOCALE_PATHS = [BASE_DIR / "clinical" / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = not DEVELOPMENT
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [("signalr", BASE_DIR / "node_modules" / "@microsoft" / "signalr" / "dist" / "browser")]

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_config(
    level=env.text("LOG_LEVEL", "INFO"), as_json=env.flag("LOG_JSON", not DEVELOPMENT), content=DEBUG
)
DEFAULT_EXCEPTION_REPORTER = "config.reports.Reporter"
