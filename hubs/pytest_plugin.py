"""Fixtures for tests of hubs: name this module in `pytest_plugins` of the topmost conftest.py."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest_asyncio

from hubs.testing import HubCommunicator

Connect = Callable[..., Awaitable[HubCommunicator]]


@pytest_asyncio.fixture
async def connect_to_hub() -> AsyncIterator[Connect]:
    """`client = await connect_to_hub(MyHub, user=nurse)`: connected, and disconnected at the test's end."""
    clients: list[HubCommunicator] = []

    async def connect(*args: Any, **kwargs: Any) -> HubCommunicator:
        client = HubCommunicator(*args, **kwargs)
        clients.append(client)
        await client.connect()
        return client

    yield connect
    for client in clients:
        await client.disconnect()
