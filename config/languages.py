"""Answers each hub connection in the language of its browser, as Django's LocaleMiddleware does each page."""

from typing import Any

from django.http import HttpRequest, parse_cookie
from django.utils import translation

from config.request_ids import App, Message, Receive, Send


class LanguageMiddleware:
    """Services speak the language of the connection, for they run in the context of its task."""

    def __init__(self, inner: Any) -> None:
        self.inner: App = inner

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        # Not taken back: the context ends with the task, and a connection outlives this call.
        translation.activate(language_of(scope))
        await self.inner(scope, receive, send)


def language_of(scope: Message) -> str:
    """The one that was chosen on a page, else the first that the client asks for and there is."""
    headers = dict(scope["headers"])
    request = HttpRequest()
    request.COOKIES = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    request.META["HTTP_ACCEPT_LANGUAGE"] = headers.get(b"accept-language", b"").decode("latin-1")
    return translation.get_language_from_request(request)
