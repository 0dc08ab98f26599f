"""The product at its most talkative: every logger at DEBUG, reports of errors in files, a hub that fails."""

from tests.markers.loud import LOGGING  # noqa: F401 - a setting
from tests.settings import *  # noqa: F403 - the product's own, but for what stands here

ADMINS = [("Admin", "admin@ward.example")]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mails"  # noqa: F405 - comes from the product's settings

ROOT_URLCONF = "tests.markers.urls"
ASGI_APPLICATION = "tests.markers.asgi.application"
HUBS = {**HUBS, "VERIFY": "tests.markers.faults.verify", "RATE_LIMITS": {}}  # noqa: F405 - see above
