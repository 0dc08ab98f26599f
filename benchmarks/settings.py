"""The settings of the servers under measurement: a database file, and channel layers as peers have them."""

import os

os.environ.setdefault("WARDLINE_DEVELOPMENT", "yes")

from config.settings import *  # noqa: F403 - the product's, with few changes
from config.settings import CHANNEL_LAYERS, LOGGING

HUBS = {"VERIFY": "accounts.tokens.verify", "ALLOWED_ORIGINS": ["*"]}
LOGGING["root"]["level"] = "WARNING"

if url := os.environ.get("REDIS_URL"):
    # redis-py 8 reads with a time-out that cuts idle receivers; nothing else is changed for the peers.
    _host = {"address": url, "socket_timeout": 15}
    CHANNEL_LAYERS = {
        "default": CHANNEL_LAYERS["default"],
        "pubsub": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [_host], "prefix": "peer-pubsub"},
        },
        "core": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": [_host], "prefix": "peer-core"},
        },
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
