"""Promises of the streams of the contract's ExtraHub, to the client and from it."""

import asyncio

import pytest

from tests.conformance.client import connected, error_of
from tests.conformance.ways import both_protocols, every_way, every_way_soon_lost

STREAMING_FAILED = "An error occurred on the server while streaming results."


@every_way
async def test_a_counter_counts_and_can_be_cancelled(server, transport, protocol):
    async with connected(server.place("/extrahub"), transport=transport, protocol=protocol) as client:
        assert await client.stream("Counter", 3, 0) == [0, 1, 2]
        key = f"cancel-{transport}-{protocol}"
        number = await client.open_stream("Endless", key)
        items = client.items(number)
        assert [await anext(items) for _ in range(3)] == [0, 1, 2]
        await client.cancel(number)
        rest = [item async for item in items]
        assert rest == list(range(3, 3 + len(rest)))
        assert await server.journal(key, "cancelled") == ["started", "cancelled"]


async def test_a_stream_that_fails_delivers_what_came_before(server):
    async with connected(server.place("/extrahub")) as client:
        for hub, detail in ((True, " HubException: m"), (False, "")):
            items = client.items(await client.open_stream("CounterThenThrow", 2, hub, "m"))
            assert [await anext(items), await anext(items)] == [0, 1]
            assert await error_of(anext(items)) == STREAMING_FAILED + detail


async def test_streams_and_calls_are_not_confused(server):
    async with connected(server.place("/extrahub")) as client:
        assert await error_of(client.invoke("counter", 1, 0)) == (
            "The client attempted to invoke the streaming 'Counter' method with a non-streaming invocation."
        )
        assert await error_of(client.stream("add", 1, 2)) == (
            "The client attempted to invoke the non-streaming 'Add' method with a streaming invocation."
        )
        assert await error_of(client.stream("NullStream")) == (
            "The value returned by the streaming method 'NullStream' is not a ChannelReader<> or "
            "IAsyncEnumerable<>."
        )
        assert await error_of(client.invoke("Sum")) == (
            "An unexpected error occurred invoking 'Sum' on the server. "
            "HubException: Client sent 0 stream(s), Hub method expects 1."
        )
        assert await error_of(client.invoke("Nothing", streams=["x"])) == (
            "An unexpected error occurred invoking 'Nothing' on the server. "
            "HubException: Client sent 1 stream(s), Hub method expects 0."
        )


@every_way
async def test_uploads_are_read_to_their_end(server, transport, protocol):
    chunks = {"json": ["AAE=", "Ag=="], "messagepack": [b"\0\1", b"\2"]}[protocol]
    async with connected(server.place("/extrahub"), transport=transport, protocol=protocol) as client:
        for method, items, result in (
            ("Sum", [2**40, 2], 2**40 + 2),
            ("Sum", [], 0),
            ("Collect", ["a", None, "c"], ["a", None, "c"]),
            ("CountBytes", chunks, 3),
        ):
            answer = await client.call(method, streams=[f"{method}{len(items)}"])
            await client.upload(f"{method}{len(items)}", *items)
            assert await client.result(answer) == result


@both_protocols
async def test_two_uploads_arrive_interleaved_or_one_after_the_other(server, protocol):
    async with connected(server.place("/extrahub"), protocol=protocol) as client:
        for order in ("ab", "ba"):
            answer = await client.call("TwoStreams", "-", streams=["a", "b"])
            for stream_id in order:
                await client.upload(stream_id, *range(15))
            digits = "".join(map(str, range(15)))
            assert await client.result(answer) == f"{digits}-{digits}"


@every_way
async def test_an_upload_comes_back_while_it_runs(server, transport, protocol):
    async with connected(server.place("/extrahub"), transport=transport, protocol=protocol) as client:
        items = client.items(await client.open_stream("EchoStream", ">", streams=["u"]))
        for word in ("one", "two"):
            await client.item("u", word)
            assert await anext(items) == f">{word}"
        await client.upload("u")
        assert [item async for item in items] == []


async def test_an_upload_that_fails_is_told(server):
    async with connected(server.place("/extrahub")) as client:
        answer = await client.call("Collect", streams=["u"])
        await client.upload("u", "a", error="broken")
        assert await error_of(client.result(answer)) == (
            "An unexpected error occurred invoking 'Collect' on the server. HubException: broken"
        )


async def test_an_unread_upload_stops_the_reading(server):
    async with connected(server.place("/extrahub")) as client:
        key = client.connection_id
        answer = await client.call("CollectBehindGate", key, streams=["u"])
        assert await server.journal(key, "waiting") == ["waiting"]
        await client.upload("u", *range(1000))
        behind = await client.call("EchoText", "behind")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await client.result(behind)
        await server.post(f"/gate/{key}")
        assert await client.result(answer) == list(range(1000))
        assert await client.result(behind) == "behind"


@every_way_soon_lost
async def test_an_upload_is_watched_to_its_end(server, transport, protocol):
    key = f"watch-{transport}-{protocol}"
    async with connected(server.place("/extrahub"), transport=transport, protocol=protocol) as client:
        await client.call("WatchUpload", f"{key}-whole", streams=["u"])
        await client.upload("u", "a", "b")
        whole = ["item a", "item b", "complete"]
        assert await server.journal(f"{key}-whole", "complete") == whole
        await client.call("WatchUpload", f"{key}-broken", streams=["v"])
        await client.upload("v", "a", error="no more")
        broken = ["item a", "failed no more"]
        assert await server.journal(f"{key}-broken", "failed no more") == broken
        await client.call("WatchUpload", f"{key}-lost", streams=["w"])
        await client.item("w", "a")
        await server.journal(f"{key}-lost", "item a")
    assert len(await server.journal(f"{key}-lost", "failed The connection has ended.")) == 2


async def test_the_id_of_a_running_stream_is_not_used_twice(server):
    async with connected(server.place("/extrahub")) as client:
        number = await client.open_stream("Endless", client.connection_id)
        items = client.items(number)
        await anext(items)
        client.reuse(number)
        assert await client.open_stream("Counter", 1, 0) == number

        async def to_the_end() -> None:
            async for _ in items:
                pass

        assert await error_of(to_the_end()) == f"Invocation ID '{number}' is already in use."
