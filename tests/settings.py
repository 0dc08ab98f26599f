"""The product's settings at a desk, with a password hasher that does not cost the tests minutes."""

import os

os.environ.setdefault("WARDLINE_DEVELOPMENT", "yes")

from config.settings import *  # noqa: F403 - the environment must be set before the settings are read

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# The test database lies below, and whitenoise warns of a missing directory, which is an error here.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405 - comes from the product's settings

# Each test client would list all static files anew otherwise.
WHITENOISE_AUTOREFRESH = True
