"""Posts without end, posts of any size, and guessed ids: the HTTP side of hostility."""

import asyncio
from contextlib import AsyncExitStack

import httpx
import pytest

from tests.faults.client import HANDSHAKE, encoded, invocation
from tests.faults.server import ConformanceServer

WAITING = 1.5  # seconds after which a post that is not answered is taken to wait
LARGE = 16 * 1_048_576  # bytes
EVENTS = "text/event-stream"
TIMEOUT = 30  # seconds


def http(server: ConformanceServer) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=200)
    return httpx.AsyncClient(base_url=server.address, limits=limits, timeout=TIMEOUT)


async def negotiated(client: httpx.AsyncClient) -> tuple[str, str]:
    """The connection token and the public id of a new connection."""
    answer = (await client.post("/hubs/echo/negotiate?negotiateVersion=1")).json()
    return answer["connectionToken"], answer["connectionId"]


@pytest.mark.parametrize("reader", ["polling", "events", "nobody"])
async def test_posts_without_end_wait_at_the_client(victim: ConformanceServer, reader: str) -> None:
    """Calls behind one that does not end, or posts to an id that nobody has connected to."""
    async with http(victim) as client, AsyncExitStack() as stack:
        token, _ = await negotiated(client)
        url = f"/hubs/echo?id={token}"
        if reader == "events":
            await stack.enter_async_context(client.stream("GET", url, headers={"Accept": EVENTS}))
        if reader == "polling":
            await client.get(url)
            stack.push_async_callback(client.delete, url)
        if reader != "nobody":
            await client.post(url, content=HANDSHAKE + encoded(invocation("Slow", 5_000)))
        assert await answered(client, url, 150) < 75


async def answered(client: httpx.AsyncClient, url: str, count: int) -> int:
    """How many of so many posts at once are answered in the time."""
    body = encoded(*[invocation("Echo", "x" * 1_000)] * 28)
    posts = [asyncio.create_task(client.post(url, content=body)) for _ in range(count)]
    done, waiting = await asyncio.wait(posts, timeout=WAITING)
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert {each.result().status_code for each in done} <= {200}
    return len(done)


async def test_large_posts_do_not_pile_up_in_memory(victim: ConformanceServer) -> None:
    for _ in range(8):
        async with http(victim) as client:
            token, _ = await negotiated(client)
            url = f"/hubs/echo?id={token}"
            await client.get(url)
            try:
                answer = await client.post(url, content=b"x" * LARGE)
            except httpx.TransportError:
                continue  # cut off in the middle
            assert answer.status_code in {200, 404, 413}


async def test_no_guess_finds_a_connection(victim: ConformanceServer) -> None:
    async with http(victim) as client:
        token, public_id = await negotiated(client)
        url = f"/hubs/echo?id={token}"
        assert (await client.get(url)).status_code == 200
        await client.post(url, content=HANDSHAKE)
        for guess in guesses(token, public_id):
            for method in ("GET", "POST", "DELETE"):
                answer = await client.request(method, "/hubs/echo", params={"id": guess}, content="x")
                assert answer.status_code == 404, (method, guess)
        assert (await client.get(url)).text == "{}\x1e"
        assert (await client.delete(url)).status_code == 202


def guesses(token: str, public_id: str) -> list[str]:
    altered = [token[:place] + other(token[place]) + token[place + 1 :] for place in range(len(token) - 1)]
    near = [token[:-1], token + "A", token.upper(), token.lower(), f" {token}", token * 2]
    return [public_id, public_id + token, "", "0", "../" + token, *near, *altered]


def other(letter: str) -> str:
    return "B" if letter == "A" else "A"
