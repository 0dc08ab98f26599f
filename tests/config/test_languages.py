"""A connection is answered in the language of its browser: chosen on a page, else asked for by the client."""

import asyncio
from typing import Any

import pytest
from django.utils.translation import get_language

from config.languages import LanguageMiddleware
from hubs.executor import run


class Spoken:
    """Which language holds for what a connection has done in the database, and for its tasks."""

    def __init__(self) -> None:
        self.languages: set[str | None] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.languages = {await run(get_language), await asyncio.create_task(self._later())}

    async def _later(self) -> str | None:
        return get_language()


async def spoken(**headers: str) -> str | None:
    inner = Spoken()
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    application: Any = LanguageMiddleware(inner)
    await asyncio.create_task(application({"type": "websocket", "headers": named}, None, None))
    [language] = inner.languages
    return language


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "en-gb"),
        ({"accept_language": "de-AT,de;q=0.9,en;q=0.8"}, "de"),
        ({"accept_language": "fr,en;q=0.5"}, "en-gb"),
        ({"accept_language": "en", "cookie": "a=b; django_language=de"}, "de"),
        ({"cookie": "django_language=../../x"}, "en-gb"),
        ({"cookie": "\x00=;;;", "accept_language": "*;q=x"}, "en-gb"),
    ],
)
async def test_the_chosen_language_comes_before_that_of_the_browser(
    headers: dict[str, str], language: str
) -> None:
    assert await spoken(**headers) == language


async def test_connections_speak_their_own_languages_at_the_same_time() -> None:
    before = get_language()
    both = await asyncio.gather(spoken(accept_language="de"), spoken(accept_language="en"))
    assert list(both) == ["de", "en-gb"]
    assert get_language() == before
