"""SignalR hubs for Django Channels: the stock client connects, hubs and actions say who may."""

from typing import Any


def checked(application: Any) -> Any:
    """The ASGI application, once its hub routes have been found safe; raises UnsafeRoutes otherwise.

    Daphne and uvicorn run no system checks, so `config/asgi.py` ends in this. Its HTTP requests are finished
    before a worker goes down.
    """
    from hubs.checks import UnsafeRoutes, route_errors
    from hubs.graceful import Graceful

    if found := route_errors(application):
        raise UnsafeRoutes(found)
    protocols = getattr(application, "application_mapping", {})
    if "http" in protocols:
        protocols["http"] = Graceful(protocols["http"])
    return application
