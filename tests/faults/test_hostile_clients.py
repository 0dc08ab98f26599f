"""A client that floods or re-uses ids costs a bounded amount, is told why, and goes on where it may."""

import asyncio
from collections.abc import Awaitable, Callable

from hubs import errors
from hubs.conf import DEFAULTS
from tests.faults.client import (
    CANCEL,
    COMPLETION,
    HANDSHAKE,
    STREAM_ITEM,
    connected,
    encoded,
    invocation,
    stream,
)
from tests.faults.raw_socket import RawSocket, frame
from tests.faults.server import ConformanceServer

ENDLESS = 64 * 1_048_576  # bytes
# What the kernel's buffers hold on both sides, and what may wait behind them.
HELD_BACK = 16 * 1_048_576
STALLED = 1.5  # seconds in which nothing can be written any more


async def written(write: Callable[[], Awaitable[object]], piece: int) -> int:
    """How many bytes could be written before the server read no more; ENDLESS when it always did."""
    total = 0
    while total < ENDLESS:
        try:
            async with asyncio.timeout(STALLED):
                await write()
        except TimeoutError:
            break
        total += piece
    return total


async def test_of_a_thousand_streams_a_hundred_run_and_the_rest_is_told(victim: ConformanceServer) -> None:
    async with connected(victim.address) as client:
        await client.send(*(stream("Endless", invocationId=f"s{number}") for number in range(1_000)))
        refused = [await client.until(COMPLETION) for _ in range(1_000 - DEFAULTS["MAXIMUM_STREAMS"])]
        assert {each["error"] for each in refused} == {errors.TOO_MANY_STREAMS}
        assert await client.call("Echo", "still there") == "still there"
        await client.send({"type": CANCEL, "invocationId": "s0"})
        assert await client.until(COMPLETION) == {"type": COMPLETION, "invocationId": "s0"}
        await client.send(stream("Endless", invocationId="one more"))
        assert (await client.until(STREAM_ITEM))["invocationId"] == "one more"


async def test_an_id_that_is_used_again_leaves_its_stream_alone(victim: ConformanceServer) -> None:
    async with connected(victim.address) as client:
        await client.send(*[stream("Endless", invocationId="same")] * 1_000)
        refused = [await client.until(COMPLETION) for _ in range(999)]
        assert {each["error"] for each in refused} == {errors.invocation_id_in_use("same")}
        await client.send({"type": CANCEL, "invocationId": "same"})
        assert await client.until(COMPLETION) == {"type": COMPLETION, "invocationId": "same"}


async def test_calls_without_end_wait_at_the_client(victim: ConformanceServer) -> None:
    async with connected(victim.address) as client:
        await client.send(invocation("Slow", 5_000, invocationId="slow"))
        calls = encoded(*[invocation("Echo", "x" * 100, invocationId="n")] * 50)
        assert await written(lambda: client.socket.send(calls), len(calls)) < HELD_BACK
        client.socket.transport.abort()


async def test_an_upload_that_nobody_reads_waits_at_the_client(victim: ConformanceServer) -> None:
    async with connected(victim.address) as client:
        await client.send(invocation("TwoStreams", "-", invocationId="call", streamIds=["read", "unread"]))
        items = encoded(*[{"type": STREAM_ITEM, "invocationId": "unread", "item": 1}] * 100)
        assert await written(lambda: client.socket.send(items), len(items)) < HELD_BACK
        client.socket.transport.abort()


async def test_pings_whose_answers_nobody_reads_fill_no_memory(victim: ConformanceServer) -> None:
    """Each of them would be answered, and the answers would wait for ever."""
    with RawSocket(victim.port, receive_buffer=4096) as socket:
        socket.upgrade()
        socket.send(HANDSHAKE.encode())
        pings = frame(b"x" * 125, 0x89) * 500
        for _ in range(600):
            await asyncio.to_thread(socket.socket.sendall, pings)
