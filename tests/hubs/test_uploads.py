import asyncio

import msgspec
import pytest

from hubs.errors import HubError
from hubs.protocol import json_protocol
from hubs.uploads import CAPACITY, UploadStream


def stream(item_type: object = int) -> UploadStream:
    return UploadStream(json_protocol.convert, item_type)


async def put(upload: UploadStream, *items: bytes) -> None:
    for item in items:
        await upload.put(msgspec.Raw(item))


async def test_items_come_out_in_their_order_and_type():
    upload = stream()
    await put(upload, b"1", b"2")
    await upload.end()
    assert [item async for item in upload] == [1, 2]


async def test_an_error_of_the_client_is_raised_after_the_items_before_it():
    upload = stream()
    await put(upload, b"1")
    await upload.fail("camera off")
    assert await anext(upload) == 1
    with pytest.raises(HubError, match="camera off"):
        await anext(upload)


async def test_an_item_that_does_not_bind_fails_the_stream():
    upload = stream()
    await put(upload, b"1", b'"x"', b"3")
    assert await anext(upload) == 1
    with pytest.raises(HubError, match=r"^Failed to bind Stream message\.$"):
        await anext(upload)


async def test_a_full_buffer_makes_the_sender_wait():
    upload = stream()
    await put(upload, *[b"1"] * CAPACITY)
    waiting = asyncio.ensure_future(put(upload, b"2"))
    await asyncio.sleep(0)
    assert not waiting.done()
    await anext(upload)
    await waiting


async def test_a_closed_stream_takes_no_more_and_lets_a_waiting_sender_go():
    upload = stream()
    await put(upload, *[b"1"] * CAPACITY)
    waiting = asyncio.ensure_future(put(upload, b"2"))
    await asyncio.sleep(0)
    upload.close()
    await waiting
    await put(upload, *[b"3"] * (CAPACITY * 2))


async def test_an_aborted_stream_raises_for_whoever_reads_it():
    upload = stream()
    await put(upload, *[b"1"] * CAPACITY)
    upload.abort(ConnectionError("gone"))
    with pytest.raises(ConnectionError, match="gone"):
        await anext(upload)


async def test_the_end_comes_once():
    upload = stream()
    await upload.end()
    await upload.fail("too late")
    assert [item async for item in upload] == []
