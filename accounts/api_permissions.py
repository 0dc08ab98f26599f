"""Finds the views of the API that do not say who may use them, and stops the start because of them."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from accounts.permissions import Nobody


def api_views() -> Iterator[tuple[str, type[APIView], Any]]:
    """(path, view, permission classes) of every view of Django REST framework that has a URL."""
    for path, callback in _callbacks(get_resolver().url_patterns, ""):
        view = getattr(callback, "cls", None)
        if isinstance(view, type) and issubclass(view, APIView):
            # What `as_view(...)` or an action of a view set was given counts instead of the class's.
            own = getattr(callback, "initkwargs", {})
            yield path, view, own.get("permission_classes", view.permission_classes)


def undeclared() -> list[checks.CheckMessage]:
    """Views without permission classes of their own; with an empty list everybody would be let in."""
    return [
        checks.Error(
            f"{view.__name__} at /{path} declares no permission_classes, so nobody may use it.",
            hint="Name them on the view; [AllowAny] welcomes everybody.",
            id="accounts.E008",
        )
        for path, view, classes in api_views()
        if not classes or Nobody in classes
    ]


@checks.register("accounts")
def check_api(**_: Any) -> list[checks.CheckMessage]:
    return undeclared()


def require_declared() -> None:
    """For `config/asgi.py`, because servers run no checks. Raises ImproperlyConfigured."""
    if found := undeclared():
        raise ImproperlyConfigured("\n".join(str(each) for each in found))


def _callbacks(patterns: Iterable[URLPattern | URLResolver], path: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        below = f"{path}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _callbacks(pattern.url_patterns, below)
        else:
            yield below, pattern.callback
