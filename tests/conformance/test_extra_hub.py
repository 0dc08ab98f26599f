"""Promises of the contract's ExtraHub: its calls, what it sends and asks, its life."""

import asyncio
from contextlib import AsyncExitStack

from hubs.protocol.messages import Close
from tests.conformance.client import connected, error_of
from tests.conformance.ways import both_protocols, every_way, every_way_soon_lost

FAILED = "An unexpected error occurred invoking '{}' on the server."


@every_way
async def test_values_come_back(server, transport, protocol):
    place = server.place("/extrahub", colour="blue")
    place.headers["X-Mine"] = "7"
    async with connected(place, transport=transport, protocol=protocol) as client:
        for method, value in {
            "EchoText": "Zoë\n\r\x1e",
            "EchoInt": -(2**62),
            "EchoDouble": 1.5,
            "EchoBool": True,
            "EchoList": [1, -2, 3],
            "EchoAny": {"a": [1, None, {"b": "c"}]},
            "Delay": 1,
        }.items():
            assert await client.invoke(method, value) == value
        assert await client.invoke("EchoText", None) is None
        assert await client.invoke("EchoFour", "a", 2, True, None) == ["a", "2", "true", "null"]
        assert await client.invoke("EchoFour", None, -2, False, "d") == [None, "-2", "false", "d"]
        assert await client.invoke("Add", 1, 2) == 3
        assert await client.invoke("Nothing") is None
        assert await client.invoke("Repeat", "ab", 3) == "ababab"
        assert await client.invoke("ConnectionId") == client.connection_id
        assert await client.invoke("Transport") == transport
        assert [await client.invoke("Query", each) for each in ("Colour", "size")] == ["blue", None]
        assert [await client.invoke("Header", each) for each in ("x-mine", "x-other")] == ["7", None]


@both_protocols
async def test_bytes_come_back(server, protocol):
    value = {"json": "AP8=", "messagepack": b"\x00\xff"}[protocol]
    async with connected(server.place("/extrahub"), protocol=protocol) as client:
        assert await client.invoke("EchoBytes", value) == value


async def test_only_the_text_of_a_hub_exception_reaches_the_client(server):
    async with connected(server.place("/extrahub")) as client:
        assert await error_of(client.invoke("throw", "secret")) == FAILED.format("Throw")
        assert (
            await error_of(client.invoke("throwhub", "m")) == f"{FAILED.format('ThrowHub')} HubException: m"
        )
        for arguments in ((1,), (1, "2"), (1, 2**31), (1.5, 2)):
            text = "Failed to invoke 'Add' due to an error on the server."
            assert await error_of(client.invoke("Add", *arguments)) == text


@every_way
async def test_an_abort_is_final(server, transport, protocol):
    place = server.place("/extrahub", key=f"abort-{transport}-{protocol}")
    async with connected(place, transport=transport, protocol=protocol) as client:
        await client.notify("Abort")
        assert await client.closed() == Close(None, False)
        assert await server.journal(place.query["key"], "disconnected") == ["connected", "disconnected"]


@every_way
async def test_a_refused_connection_hears_why(server, transport, protocol):
    place = server.place("/extrahub", key=f"refuse-{transport}-{protocol}", refuse="1")
    async with connected(place, transport=transport, protocol=protocol) as client:
        assert await client.closed() == Close("Connection closed with an error. HubException: refused", False)
        assert await server.journal(place.query["key"], "disconnected") == ["connected", "disconnected"]


@every_way_soon_lost
async def test_a_lost_client_is_missed(server, transport, protocol):
    place = server.place("/extrahub", key=f"lost-{transport}-{protocol}")
    async with connected(place, transport=transport, protocol=protocol) as client:
        number = await client.open_stream("Endless", f"{place.query['key']}-stream")
        await anext(client.items(number))
    assert await server.journal(place.query["key"], "disconnected") == ["connected", "disconnected"]
    assert await server.journal(f"{place.query['key']}-stream", "cancelled") == ["started", "cancelled"]


@every_way
async def test_calls_reach_whom_they_name(server, transport, protocol):
    async with AsyncExitStack() as stack:
        me, other, third = [
            await stack.enter_async_context(
                connected(server.place("/extrahub"), transport=transport, protocol=protocol)
            )
            for _ in range(3)
        ]
        name = me.connection_id
        await me.invoke("CallMe", name, None)
        await me.invoke("CallMeThree", name, 1, "b", True)
        assert [await me.called(name), await me.called(name)] == [[None], [1, "b", True]]
        await me.invoke("CallAll", name, "all")
        assert [await each.called(name) for each in (me, other, third)] == [["all"]] * 3
        await me.invoke("CallOthers", name, "others")
        assert [await each.called(name) for each in (other, third)] == [["others"]] * 2
        await me.invoke("CallConnection", "nobody", name, "lost")
        await me.invoke("CallConnection", other.connection_id, name, "you")
        assert await other.called(name) == ["you"]
        group = f"Größe {name}"
        for each in (me, me, other):
            await each.invoke("Join", group)
        await third.invoke("Join", group.upper())
        await third.invoke("CallGroup", group, name, "group")
        assert [await each.called(name) for each in (me, other)] == [["group"]] * 2
        await me.invoke("CallOthersInGroup", group, name, "others in group")
        assert await other.called(name) == ["others in group"]
        await other.invoke("Leave", group)
        await other.invoke("Leave", group)
        await third.invoke("CallGroup", group, name, "fewer")
        assert await me.called(name) == ["fewer"]
        await me.invoke("CallGroup", "unknown", name, "lost")
        for each in (me, other, third):  # nothing else has come
            await me.invoke("CallConnection", each.connection_id, name, "last")
            assert await each.called(name) == ["last"]


@every_way
async def test_a_ticker_ticks_beside_the_calls(server, transport, protocol):
    async with connected(server.place("/extrahub"), transport=transport, protocol=protocol) as client:
        assert await client.invoke("StartTicker", 5, 10) is None
        assert await client.invoke("EchoText", "meanwhile") == "meanwhile"
        assert [await client.called("Tick") for _ in range(5)] == [[number] for number in range(5)]


@every_way
async def test_clients_are_asked(server, transport, protocol):
    async with (
        connected(server.place("/extrahub"), transport=transport, protocol=protocol) as client,
        connected(server.place("/extrahub")) as other,
    ):
        other.answer("Answer", lambda q: f"{q}!")
        client.answer("Silence", lambda q: None)
        client.answer("Wrong", lambda q: 7)
        assert await client.invoke("AskConnection", other.connection_id, "Answer", "really") == "ok: really!"
        assert await client.invoke("Ask", "Silence", "q") == "ok: "
        assert await client.invoke("Ask", "Nobody", "q") == "error: Client didn't provide a result."
        assert (await client.invoke("Ask", "Wrong", "q")).startswith("error: ")
        unknown = await client.invoke("AskConnection", "nobody", "Answer", "q")
        assert unknown == "error: Connection 'nobody' does not exist."


async def test_other_calls_go_on_while_a_client_thinks(server):
    async with connected(server.place("/extrahub")) as client, connected(server.place("/extrahub")) as other:
        key = client.connection_id
        other.answer("Answer", lambda q: q)
        asked = await client.call("Ask", "Answer", "q")
        client.answer("Answer", lambda q: q)
        assert await client.invoke("EchoText", "meanwhile") == "meanwhile"
        assert await client.result(asked) in {"ok: q", "error: Client didn't provide a result."}
        await client.invoke("Note", key, "done")
    assert await server.journal(key, "done") == ["done"]


async def test_calls_of_one_connection_keep_their_order(server):
    async with connected(server.place("/extrahub")) as client:
        slow = await client.call("Delay", 50)
        quick = [await client.call("CallMe", "Called", str(number)) for number in range(20)]
        await asyncio.gather(*(client.result(each) for each in quick))
        assert await client.result(slow) == 50
        assert [await client.called("Called") for _ in range(20)] == [[str(number)] for number in range(20)]
