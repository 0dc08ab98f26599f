"""How log lines look: one JSON object a fact in production, readable columns at a desk; never a token."""

from collections.abc import MutableMapping
from typing import Any

import structlog


def logging_config(*, level: str, as_json: bool) -> dict[str, Any]:
    """A `logging` configuration in which structlog formats what the standard library's loggers say."""
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _without_path,
        # Several workers may write into one journal.
        structlog.processors.CallsiteParameterAdder({structlog.processors.CallsiteParameter.PROCESS}),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"no_tokens": {"()": "hubs.log_filters.NoTokens"}},
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_tokens"]}
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {"django.server": {"handlers": [], "propagate": True}},
    }


def _without_path(logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What Django says of a request, without its path: patients' ids stand in there. The route is enough."""
    if "request" not in line:
        return line
    request = line.pop("request")
    match = getattr(request, "resolver_match", None)
    line["event"] = str(line["event"]).partition(": ")[0]
    line["method"], line["route"] = getattr(request, "method", None), match.route if match else None
    return line
