"""As little as a project with a hub needs."""

SECRET_KEY = "only for a project that never starts"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "channels",
    "hubs",
]
ASGI_APPLICATION = "tests.hubs.unsafe.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
HUBS = {"VERIFY": "tests.hubs.tokens.verify", "ALLOWED_ORIGINS": ["https://board.example"]}
