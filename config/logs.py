"""How log lines look: one JSON object a fact in production, columns at a desk; no token, no content."""

import logging
import re
from typing import Any

import structlog

_BEHIND_THE_HOST = re.compile(r"(https?://[^/\s]*)\S*")


def logging_config(*, level: str, as_json: bool, content: bool = False) -> dict[str, Any]:
    """A `logging` configuration in which structlog formats what the standard library's loggers say.

    With `content`, texts of exceptions and SQL are shown: for developers, and nothing that a ward may keep.
    """
    tokens = "hubs.log_filters.NoTokens" if content else "hubs.log_filters.NoContent"
    handler: dict[str, Any] = {"formatter": "line", "filters": ["no_paths", "no_tokens"]}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"no_paths": {"()": "config.logs.NoPaths"}, "no_tokens": {"()": tokens}},
        "formatters": {"line": _formatter(as_json)},
        "handlers": {
            "stderr": {**handler, "class": "logging.StreamHandler"},
            # To ADMINS, where there are any.
            "mail": {**handler, "class": "django.utils.log.AdminEmailHandler", "level": "ERROR"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        # Django and uvicorn bring handlers of their own, which have no filter.
        "loggers": {
            "django": {"handlers": ["mail"], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            "uvicorn": {"handlers": [], "propagate": True},
            "uvicorn.access": {"handlers": [], "propagate": True},
        },
    }


def _formatter(as_json: bool) -> dict[str, Any]:
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        "foreign_pre_chain": [
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            # Several workers may write into one journal.
            structlog.processors.CallsiteParameterAdder({structlog.processors.CallsiteParameter.PROCESS}),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
        ],
    }


class NoPaths(logging.Filter):
    """What Django says of a request, without its path: patients' ids stand in there. The route is enough."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = vars(record).pop("request", None)
        if request is not None:
            match = getattr(request, "resolver_match", None)
            record.method, record.route = getattr(request, "method", None), match.route if match else None
            # An origin or referer is quoted where it is the reason.
            record.msg = _BEHIND_THE_HOST.sub(r"\1", record.getMessage().partition(": ")[0])
            record.args = ()
            if record.name.startswith("django.security"):
                record.exc_info = None  # whoever asks for a host that is not ours is no fault of ours
        return True
