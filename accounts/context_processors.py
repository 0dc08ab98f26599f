"""What every page says of its login: whose it is, and when the screen locks."""

from typing import Any

from django.http import HttpRequest

from accounts import lock


def screen(request: HttpRequest) -> dict[str, Any]:
    """`login_session` is None where nobody is logged in; `idle_limit` are milliseconds, 0 for never."""
    is_wall = getattr(getattr(request, "user", None), "is_wall_display", False)
    longest = None if is_wall else lock.limit()
    return {
        "login_session": getattr(request, "login_session", None),
        "idle_limit": 0 if longest is None else int(longest.total_seconds() * 1000),
    }
