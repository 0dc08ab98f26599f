"""Django's settings for the conformance server: nothing of the product, only hubs and what they need."""

import json
import os

from hubs.conf import redis_channel_layer

SECRET_KEY = "conformance-" + "x" * 40
ALLOWED_HOSTS = ["*"]
USE_TZ = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "channels",
    "hubs",
]
ROOT_URLCONF = "tests.conformance.urls"
ASGI_APPLICATION = "tests.conformance.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["CONFORMANCE_DATABASE"],
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}

# One Valkey for all workers: channel layer, journals, gates.
REDIS_URL = os.environ["CONFORMANCE_REDIS_URL"]
CHANNEL_LAYERS = {"default": redis_channel_layer(REDIS_URL, secret=SECRET_KEY)}

HUBS = {
    "VERIFY": "tests.conformance.tokens.verify",
    "ALLOWED_ORIGINS": ["*"],
    # There are hubs at the top; the pages read the header only.
    "QUERY_TOKEN": "jwt",
    "PATH_PREFIX": "/",
    "CLOSE_ON_EXPIRATION": False,
    "AUTHENTICATION_REFRESH": False,
    "DRAIN_SECONDS": 0.0,
    # What a test wants otherwise, as JSON: a short time-out, say.
    **json.loads(os.environ.get("CONFORMANCE_HUBS", "{}")),
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # The recordings provoke refusals and errors by the hundred.
    "handlers": {
        "console": {"class": "logging.StreamHandler", "level": os.environ.get("LOG_LEVEL", "CRITICAL")}
    },
    "root": {"handlers": ["console"]},
}
