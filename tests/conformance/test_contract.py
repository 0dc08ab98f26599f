"""Promises of the contract's hubs, in the order of the contract."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest

from hubs.protocol.messages import Close
from tests.conformance.client import connected, error_of
from tests.conformance.ways import both_protocols, every_way

LOST = "Connection closed with an error."
UNRESOLVED = (
    "InvalidOperationException: Unable to resolve service for type 'System.Object' while attempting to "
    "activate 'FunctionalTests.UncreatableHub'."
)
TIME = datetime(2002, 4, 1, 10, 20, 15, tzinfo=UTC)
GUID = "00010203-0405-0607-0706-050403020100"


@every_way
async def test_the_test_hub_answers_and_calls_back(server, transport, protocol):
    place = server.place("/testhub", numRedirects="3")
    async with connected(place, transport=transport, protocol=protocol) as client:
        assert [await client.invoke("Echo", each) for each in ("Zoë", "", None)] == ["Zoë", "", None]
        assert await client.invoke("GetCallerConnectionId") == client.connection_id
        assert await client.invoke("GetActiveTransportName") == transport
        assert await client.invoke("GetNumRedirects") == 3
        assert await client.invoke("InvokeWithString", "hello") is None
        assert await client.called("Message") == ["hello"]
        sent = {"Name": "Ada", "Value": 7}
        await client.invoke("SendCustomObject", sent)
        assert await client.called("CustomObject") == [sent]


@every_way
async def test_the_test_hub_streams(server, transport, protocol):
    async with connected(server.place("/testhub"), transport=transport, protocol=protocol) as client:
        assert await client.stream("Stream") == ["a", "b", "c"]
        assert await client.stream("EmptyStream") == []
        number = await client.open_stream("InfiniteStream")
        await client.invoke("Echo", "it has begun")
        await client.cancel(number)
        assert await client.called("StreamCanceled") == []
        assert [item async for item in client.items(number)] == []
        answer = await client.call("StreamingConcat", streams=["u"])
        await client.upload("u", "one ", "two")
        assert await client.result(answer) == "one two"


@both_protocols
async def test_complex_objects_keep_their_values_and_their_spelling(server, protocol):
    kept = {"String": "hello", "IntArray": [1, -2], "Guid": GUID}
    values = {"json": ["AQID", "2002-04-01T10:20:15Z"], "messagepack": [b"\1\2\3", TIME]}[protocol]
    sent = kept | dict(zip(["ByteArray", "DateTime"], values, strict=True))
    async with connected(server.place("/testhub"), protocol=protocol) as client:
        assert await client.invoke("EchoComplexObject", sent) == sent
        sample = await client.invoke("SendComplexObject")
    assert sample["ByteArray"] == values[0]
    assert msgspec.convert(sample["DateTime"], datetime) == datetime(2000, 1, 1, tzinfo=UTC)
    assert (sample["String"], sample["IntArray"], sample["Guid"]) == ("hello world", [1, 2, 3], GUID)


@pytest.mark.parametrize("transport", ["WebSockets", "ServerSentEvents", "LongPolling"])
async def test_hubs_see_the_headers_and_cookies_of_their_request(server, transport):
    place = server.place("/testhub")
    place.headers |= {"X-Mine": "7", "Content-Type": "text/x", "Cookie": "a=1; testCookie=testValue"}
    async with connected(place, transport=transport) as client:
        assert await client.invoke("GetHeader", "x-mine") == "7"
        assert await client.invoke("GetHeader", "x-other") is None
        assert await client.invoke("GetContentTypeHeader") == "text/x"
        assert await client.invoke("GetCookie", "testCookie") == "testValue"
        assert await client.invoke("GetCookie", "expiredCookie") is None


async def test_the_test_hub_tells_what_went_wrong(server):
    async with connected(server.place("/testhub")) as client:
        failed = "An unexpected error occurred invoking '{}' on the server. {}"
        for method in ("ThrowException", "throwexception"):
            assert await error_of(client.invoke(method, "m")) == failed.format(
                "ThrowException", "InvalidOperationException: m"
            )
        assert await error_of(client.stream("StreamThrowException", "m")) == failed.format(
            "StreamThrowException", "InvalidOperationException: m"
        )
        answer = await client.call("StreamingConcat", streams=["u"])
        await client.upload("u", "a", error="broken")
        assert await error_of(client.result(answer)) == failed.format(
            "StreamingConcat", "HubException: broken"
        )
        bound = "Failed to invoke 'Echo' due to an error on the server. InvalidDataException: "
        assert (
            await error_of(client.invoke("Echo"))
            == f"{bound}Invocation provides 0 argument(s) but target expects 1."
        )
        assert await error_of(client.invoke("Echo", 1)) == (
            f"{bound}Error binding arguments. Make sure that the types of the provided values match the "
            "types of the hub method being invoked."
        )


async def test_life_cycle_methods_cannot_be_called(server):
    for hub in ("/testhub", "/extrahub"):
        async with connected(server.place(hub)) as client:
            for method in ("OnConnectedAsync", "OnConnected", "on_connected", "Dispose", "__init__"):
                assert await error_of(client.invoke(method)) == (
                    f"Failed to invoke '{method}' due to an error on the server. "
                    "HubException: Method does not exist."
                )


@every_way
async def test_a_hub_that_cannot_be_made_says_so(server, transport, protocol):
    async with connected(server.place("/uncreatable"), transport=transport, protocol=protocol) as client:
        assert await client.closed() == Close(f"{LOST} {UNRESOLVED}", False)


@every_way
async def test_the_token_makes_the_user(server, transport, protocol):
    token = await server.token(sub="Zoë", role="nurse")
    place = server.place("/authorizedhub", token=token)
    async with connected(place, transport=transport, protocol=protocol) as client:
        assert await client.invoke("Echo", "x") == "x"
        assert await client.invoke("GetUserNameIdentifier") == "Zoë"
        assert await client.invoke("GetUserClaim", "role") == "nurse"


@every_way
async def test_a_secure_hub_closes_when_the_token_ends(server, transport, protocol):
    token = await server.token(seconds="2")
    ends = asyncio.get_running_loop().time() + 2
    async with connected(
        server.place("/securehub", token=token), transport=transport, protocol=protocol
    ) as client:
        assert await client.closed() == Close(None, True)
        assert ends - 0.5 < asyncio.get_running_loop().time() < ends + 2


@pytest.mark.parametrize("transport", ["WebSockets", "ServerSentEvents", "LongPolling"])
async def test_a_secure_hub_knows_its_token(server, transport):
    token = await server.token(sub="ada")
    in_header, in_query = (
        server.place("/securehub", token=token),
        server.place("/securehub", access_token=token),
    )
    async with (
        connected(in_header, transport=transport) as one,
        connected(in_query, transport=transport) as other,
        connected(server.place("/securehub", token=await server.token(sub="Ada", role="admin"))) as admin,
    ):
        assert [await one.invoke(each) for each in ("TokenInHeader", "TokenInQuery")] == [True, False]
        assert [await other.invoke(each) for each in ("TokenInHeader", "TokenInQuery")] == [False, True]
        assert await one.invoke("TokenId") == await other.invoke("TokenId") != await admin.invoke("TokenId")
        assert await one.invoke("WhoAmI") == "ada"
        refused = "Failed to invoke 'AdminOnly' because user is unauthorized"
        assert await error_of(one.invoke("AdminOnly")) == refused
        assert await admin.invoke("AdminOnly") == "secret"
        await admin.invoke("CallUser", "ada", "Called", "hello")
        assert await one.called("Called") == await other.called("Called") == ["hello"]
        await one.invoke("CallUser", "Ada", "Called", "only you")
        assert await admin.called("Called") == ["only you"]


async def test_admins_have_a_hub_of_their_own(server):
    async with connected(server.place("/adminhub", token=await server.token(role="admin"))) as client:
        assert await client.invoke("Echo", "x") == "x"


async def test_an_impatient_hub_pings_every_second_and_cuts_the_silent(server):
    async with connected(server.place("/impatienthub")) as client:
        await client.ping()
        assert await client.invoke("Echo", "x") == "x"
        silent_since = asyncio.get_running_loop().time()
        assert await client.closed() == Close(LOST, True)
        assert 1 < asyncio.get_running_loop().time() - silent_since < 4
        assert client.pings >= 1


@every_way
async def test_the_general_hub_answers_large_and_nested(server, transport, protocol):
    async with connected(server.place("/hub"), transport=transport, protocol=protocol) as client:
        assert await client.invoke("Ping") == "Pong!"
        await client.invoke("Touch")
        assert await client.called("touched") == []
        assert await client.invoke("TriumphantTriple", "FC Bayern München") == [
            "German Championship",
            "DFB Cup",
            "Champions League",
        ]
        assert await client.invoke("TriumphantTriple", "1. FC Köln") == []
        drinks = await client.invoke("AlcoholicContents")
        assert drinks[2] == {"drink": "Lagavulin Cask Strength", "strength": 56.2}
        strengths = {each["drink"]: each["strength"] for each in drinks}
        assert await client.invoke("AlcoholicContentMap") == strengths
        assert await client.invoke("LargeCompressableContent") == "data_" * 10_000
        letters = await client.invoke("LargeUncompressableContent")
        assert (len(letters), letters.isalpha()) == (20_000, True)
        assert len(set(await client.stream("FiveDates"))) == 5
        answer = await client.call("UploadStream", streams=["u"])
        await client.upload("u", 1, 2, 3)
        assert await client.result(answer) is None
        assert await client.called("OnUploadComplete") == [[1, 2, 3]]
