"""The product's logging with every logger at DEBUG."""

from config.logs import logging_config

LOUD = """
    asyncio channels channels_redis daphne django django.db.backends django.request django.security
    django.template hubs push_response redis twisted uvicorn uvicorn.access uvicorn.error websockets
    websockets.server
"""
LOGGING = logging_config(level="DEBUG", as_json=True)
for _name in LOUD.split():
    LOGGING["loggers"].setdefault(_name, {})["level"] = "DEBUG"
