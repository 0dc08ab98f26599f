"""What each page passes: a login that has ended is none, and one whose screen is locked leads to the lock."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from accounts import browser, lock

# Whoever stands before a locked screen may unlock it, log in instead, or log out.
OPEN_WHILE_LOCKED = {"locked", "login", "logout", "admin:login", "admin:logout", "set_language", "texts"}
# Its views look at tokens, and at the login themselves where they need it.
API = "/api/"


class SessionMiddleware(sessions.SessionMiddleware):
    """Django's, which takes the cookie of a session away only where the request has ended that session.

    Where Django finds none for a cookie it has the cookie deleted. Another tab may have logged in meanwhile:
    the answer with the deletion comes behind the one with the new cookie, and the new login is lost.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request.session.modified or not request.session.is_empty():
            return super().process_response(request, response)
        patch_vary_headers(response, ("Cookie",))
        return response


class LoginSessionMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # For templates, also of pages that no view answers.
        request.login_session = SimpleLazyObject(lambda: browser.live_session(request))  # type: ignore[attr-defined]  # Django has no declared place for what a middleware adds
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        if request.path.startswith(API) or not request.user.is_authenticated:
            return None
        session = browser.live_session(request)
        if session is None:
            logout(request)
            return None
        assert request.resolver_match is not None, "a view was found"
        if request.resolver_match.view_name in OPEN_WHILE_LOCKED or not lock.is_locked(session):
            return None
        return redirect(_lock_of(request))


def _lock_of(request: HttpRequest) -> str:
    """The lock leads back to the page that was asked for; what was sent to one is not kept."""
    url = resolve_url(settings.LOCK_URL)
    return f"{url}?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else url
