"""Redis as a hospital may run it: behind a password, behind TLS, and as master, replica and Sentinel."""

import asyncio
import ssl
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import redis

from tests.certificates import Authority
from tests.servers import START_TIMEOUT, Valkey

SERVICE = "ward"
# As an operator would choose them, but quick: a master that is silent for a second is replaced.
SENTINEL_CONFIGURATION = """\
port {port}
bind 127.0.0.1
dir {directory}
requirepass {password}
sentinel monitor {service} 127.0.0.1 {master} 1
sentinel auth-pass {service} {password}
sentinel down-after-milliseconds {service} 1000
sentinel failover-timeout {service} 3000
"""


class ProtectedValkey(Valkey):
    """Asks for a password; `options` are more of the server's own."""

    def __init__(self, name: str, directory: Path, password: str, options: Sequence[str] = ()) -> None:
        super().__init__(name, directory)
        self.password = password
        self.options = options

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        login = ["--requirepass", self.password, "--primaryauth", self.password]
        return [*super().command(), *login, *self.options]


class Sentinel(Valkey):
    """Watches a master, which it replaces when it is silent for a second."""

    def __init__(self, directory: Path, master: ProtectedValkey) -> None:
        super().__init__("sentinel", directory)
        self.password = master.password
        self._configuration = directory / "sentinel.conf"
        self._configuration.write_text(
            SENTINEL_CONFIGURATION.format(
                port=self.port,
                directory=directory,
                service=SERVICE,
                master=master.port,
                password=self.password,
            )
        )

    def command(self) -> list[str]:
        program, *_ = super().command()
        return [program, str(self._configuration), "--sentinel"]


class Replicated:
    """A master, a replica that may take its place, and a Sentinel that sees to it."""

    def __init__(self, directory: Path, password: str = "pass") -> None:
        self.master = ProtectedValkey("master", directory, password)
        following = ["--replicaof", f"127.0.0.1 {self.master.port}", "--repl-diskless-sync-delay", "0"]
        self.replica = ProtectedValkey("replica", directory, password, following)
        self.sentinel = Sentinel(directory, self.master)

    @property
    def url(self) -> str:
        """With a Sentinel first that nobody has started: the others are asked then."""
        password, port = self.sentinel.password, self.sentinel.port
        login = f":{password}@" if password else ""
        return f"redis+sentinel://{login}127.0.0.1:1,127.0.0.1:{port}/{SERVICE}?sentinel_password={password}"

    def start(self) -> None:
        """Returns when the Sentinel knows a replica that could be promoted."""
        for each in (self.master, self.replica, self.sentinel):
            each.start()
        with redis.Redis(port=self.sentinel.port, password=self.sentinel.password) as sentinel:
            deadline = time.monotonic() + START_TIMEOUT
            while not _can_be_promoted(sentinel):
                assert time.monotonic() < deadline, self.sentinel.log_text
                time.sleep(0.05)

    def close(self) -> None:
        for each in (self.sentinel, self.replica, self.master):
            each.close()


def _can_be_promoted(sentinel: "redis.Redis") -> bool:
    replicas = sentinel.sentinel_slaves(SERVICE)
    return any(each["flags"] == "slave" and each["master-link-status"] == "ok" for each in replicas)


class TlsDoor:
    """Speaks TLS in front of a server that does not, in a thread of its own."""

    def __init__(self, authority: Authority, target: int) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(authority.certificate, authority.key)
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()
        self.port: int = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)

    async def _close(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            await asyncio.gather(_pass_on(reader, inner_writer), _pass_on(inner_reader, writer))
        except (OSError, asyncio.CancelledError):
            pass  # the thread ends, or one of them has gone
        finally:
            for each in (writer, inner_writer):
                each.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()
