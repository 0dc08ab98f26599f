import asyncio
from types import SimpleNamespace

from hubs.conf import hubs_settings
from hubs.connections import _carried
from hubs.forwarding import give_inbox
from hubs.registry import Registry
from hubs.transports.inbox import MAXIMUM_WAITING, Inbox
from hubs.transports.long_polling import LongPollingTransport


def posted(*chunks: bytes):
    """The `receive` of a request whose body comes in these chunks."""
    last = len(chunks) - 1
    messages = iter(
        {"type": "http.request", "body": chunk, "more_body": index < last}
        for index, chunk in enumerate(chunks)
    )

    async def receive() -> dict:
        return next(messages)

    return receive


def too_large():
    return posted(*[b"x"] * (MAXIMUM_WAITING + 5))


async def waits(task: asyncio.Task) -> bool:
    await asyncio.wait({task}, timeout=0.05)
    return not task.done()


async def test_bodies_come_out_whole_and_in_their_order():
    inbox = Inbox()
    await asyncio.gather(inbox.fill(posted(b"a1", b"a2")), inbox.fill(posted(b"b1", b"b2")))
    assert [await inbox.read() for _ in range(4)] == [b"a1", b"a2", b"b1", b"b2"]


async def test_a_post_waits_for_room():
    inbox = Inbox()
    filling = asyncio.ensure_future(inbox.fill(too_large()))
    assert await waits(filling)
    for _ in range(5):
        await inbox.read()
    await asyncio.wait_for(filling, 1)


async def test_a_post_goes_on_when_the_inbox_ends():
    inbox = Inbox()
    filling = asyncio.ensure_future(inbox.fill(too_large()))
    assert await waits(filling)
    inbox.end(client_left=False)
    await asyncio.wait_for(filling, 1)
    assert await inbox.read() is None


async def test_nothing_is_taken_after_the_end():
    inbox = Inbox()
    inbox.end(client_left=True)
    await inbox.add(b"x")
    await inbox.mark(b"")
    await inbox.fill(posted(b"x"))
    assert inbox.client_left
    assert await inbox.read() is None


async def test_a_post_to_an_id_that_is_never_opened_does_not_wait_for_ever(clock):
    registry = Registry(SimpleNamespace())
    filling = asyncio.ensure_future(registry.new_inbox("a").fill(too_large()))
    assert await waits(filling)
    clock.advance(hubs_settings.CONNECT_TIMEOUT + 1)
    registry.new_inbox("b")
    await asyncio.wait_for(filling, 1)
    assert registry.waiting_inbox("a") is None


async def test_a_post_does_not_wait_for_ever_for_a_connection_that_has_ended():
    worker = SimpleNamespace(registry=Registry(SimpleNamespace()), endings=SimpleNamespace(mark=_nothing))
    transport = LongPollingTransport(Inbox())
    async with _carried(SimpleNamespace(connection_id="a"), transport, worker):
        filling = asyncio.ensure_future(transport.inbox.fill(too_large()))
        assert await waits(filling)
    await asyncio.wait_for(filling, 1)


async def test_a_post_does_not_wait_for_ever_where_the_id_has_moved_to_another_worker():
    registry = Registry(SimpleNamespace())
    filling = asyncio.ensure_future(registry.new_inbox("a").fill(too_large()))
    assert await waits(filling)
    given = await give_inbox(SimpleNamespace(registry=registry), {"id": "a"})
    assert given == {"chunks": [b"x"] * MAXIMUM_WAITING}
    await asyncio.wait_for(filling, 1)


async def _nothing(connection_id: str) -> None:
    pass
