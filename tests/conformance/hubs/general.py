"""The contract's hub without a name of its own, and the one that loses patience soon."""

import asyncio
import random
import string
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import msgspec

from hubs.actions import action
from hubs.hub import Hub
from hubs.permissions import AllowAny
from tests.conformance.hubs.calls import Int

TRIPLE = ["German Championship", "DFB Cup", "Champions League"]
BETWEEN_DATES = 0.1  # seconds


class Beverage(msgspec.Struct):
    """A drink and its strength."""

    drink: str
    strength: float


BEVERAGES = [Beverage("Brunello", 13.5), Beverage("Beer", 4.9), Beverage("Lagavulin Cask Strength", 56.2)]


class GeneralHub(Hub):
    """Calls with large, nested and timed answers."""

    permission_classes = [AllowAny]
    options = {"DETAILED_ERRORS": True, "KEEP_ALIVE_INTERVAL": 2.0}

    @action
    async def ping(self) -> str:
        return "Pong!"

    @action
    async def touch(self) -> None:
        await self.clients.caller.send("touched")

    @action
    async def triumphant_triple(self, club: str | None) -> list[str]:
        return TRIPLE if "FC Bayern" in (club or "") else []

    @action
    async def alcoholic_contents(self) -> list[Beverage]:
        return BEVERAGES

    @action
    async def alcoholic_content_map(self) -> dict[str, float]:
        return {each.drink: each.strength for each in BEVERAGES}

    @action
    async def large_compressable_content(self) -> str:
        return "data_" * 10_000

    @action
    async def large_uncompressable_content(self) -> str:
        return "".join(random.choices(string.ascii_letters, k=20_000))

    @action
    async def five_dates(self) -> AsyncIterator[str]:
        for number in range(5):
            if number:
                await asyncio.sleep(BETWEEN_DATES)
            yield datetime.now(UTC).isoformat()

    @action
    async def upload_stream(self, items: AsyncIterator[Int]) -> None:
        received = [item async for item in items]
        await self.clients.caller.send("OnUploadComplete", received)


class ImpatientHub(Hub):
    """Pings often, and cuts a client that is silent for a moment."""

    permission_classes = [AllowAny]
    options = {"KEEP_ALIVE_INTERVAL": 0.3, "CLIENT_TIMEOUT": 1.5}

    @action
    async def echo(self, message: str | None) -> str | None:
        return message
