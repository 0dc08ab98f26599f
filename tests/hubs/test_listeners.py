import asyncio
import socket
import threading

import pytest

from hubs import listeners


class Server:
    """An asyncio server that echoes, in the shape in which uvicorn has it."""

    def __init__(self, server: asyncio.Server, listens_alone: bool) -> None:
        self.servers = [server]
        self.listens_alone = listens_alone
        self.address = server.sockets[0].getsockname()


async def serving(*, listens_alone: bool = True) -> Server:
    async def echo(reader, writer):
        writer.write(await reader.read(10))
        writer.close()

    return Server(await asyncio.start_server(echo, "127.0.0.1", 0), listens_alone)


async def test_who_waits_at_the_door_is_let_in_before_it_closes():
    server = await serving()
    with socket.create_connection(server.address) as early:  # the kernel has taken it, the server not yet
        early.sendall(b"hello")
        await listeners.close(server)
        assert await asyncio.to_thread(early.recv, 10) == b"hello"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(server.address)


async def test_nobody_who_has_got_in_is_reset_however_many_come_while_it_closes():
    for _ in range(20):
        server = await serving()
        outcomes: list[str] = []
        crowd = [threading.Thread(target=knock, args=(server.address, outcomes)) for _ in range(4)]
        for each in crowd:
            each.start()
        while "answered" not in outcomes:  # noqa: ASYNC110 - threads have no event of this loop
            await asyncio.sleep(0)
        await listeners.close(server)
        await asyncio.gather(*(asyncio.to_thread(each.join) for each in crowd))
        assert set(outcomes) == {"answered", "refused"}


def knock(address: tuple[str, int], outcomes: list[str]) -> None:
    """Until nobody opens; what it connects to has to answer."""
    while True:
        try:
            client = socket.create_connection(address, timeout=10)
        except ConnectionRefusedError:
            outcomes.append("refused")
            return
        with client:
            try:
                client.sendall(b"hello")
                outcomes.append("answered" if client.recv(10) else "cut")
            except OSError:
                outcomes.append("reset")


async def test_a_socket_that_others_share_goes_on_letting_them_in():
    server = await serving(listens_alone=False)
    shared = server.servers[0].sockets[0].dup()
    with shared:
        await listeners.close(server)
        with socket.create_connection(server.address, timeout=10):
            accepted, _ = await asyncio.to_thread(shared.accept)
            accepted.close()


async def test_without_a_server_that_it_knows_nothing_happens():
    await listeners.close(None)
