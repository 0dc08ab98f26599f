import asyncio
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from hubs import shutdown
from hubs.graceful import Graceful
from hubs.responses import respond
from hubs.worker import current_worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("ends_worker")]


@pytest.fixture(autouse=True)
def _quickly(hubs):
    hubs(DRAIN_SECONDS=0)


def browser(application) -> AsyncClient:
    graceful: Any = Graceful(application)
    return AsyncClient(transport=ASGITransport(graceful), base_url="http://board.example")


async def answering(scope, receive, send) -> None:
    await respond(scope, send, 200)


async def test_only_a_worker_that_drains_ends_the_connections_of_its_answers():
    async with browser(answering) as client:
        assert "connection" not in (await client.get("/")).headers
        current_worker().is_draining = True
        assert (await client.get("/")).headers["connection"] == "close"


async def test_a_request_that_has_begun_is_finished_before_the_worker_ends():
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow(scope, receive, send) -> None:
        begun.set()
        await may_end.wait()
        await respond(scope, send, 200)

    async with browser(slow) as client:
        request = asyncio.ensure_future(client.post("/"))
        await begun.wait()
        draining = asyncio.ensure_future(shutdown.drain(current_worker()))
        done, _ = await asyncio.wait({draining}, timeout=0.3)
        assert not done
        may_end.set()
        assert (await request).status_code == 200
        async with asyncio.timeout(5):
            await draining


async def test_a_request_that_fails_holds_nobody_up():
    async def broken(scope, receive, send) -> None:
        raise RuntimeError

    async with browser(broken) as client:
        with pytest.raises(RuntimeError):
            await client.get("/")
    async with asyncio.timeout(5):
        await shutdown.drain(current_worker())
