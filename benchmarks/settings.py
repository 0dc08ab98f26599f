"""The settings of the servers under measurement: a database file and a channel layer of their own."""

import os

os.environ.setdefault("WARDLINE_DEVELOPMENT", "yes")

from config.settings import *  # noqa: F403 - the product's, with few changes
from config.settings import LOGGING

HUBS = {"VERIFY": "benchmarks.applications.verify", "ALLOWED_ORIGINS": ["*"]}
LOGGING["root"]["level"] = "WARNING"
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
