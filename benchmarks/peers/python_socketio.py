"""python-socketio: an AsyncServer whose clients enter a room, with its Redis manager."""

import os
from typing import Any
from urllib.parse import parse_qs

import socketio  # type: ignore[import-untyped]  # ships no types

PING_INTERVAL = 3600  # seconds: the clients of a crowd know nothing of its pings

server = socketio.AsyncServer(
    async_mode="asgi",
    client_manager=socketio.AsyncRedisManager(
        os.environ["REDIS_URL"], redis_options={"socket_timeout": None}
    ),
    ping_interval=PING_INTERVAL,
)


@server.event  # type: ignore[untyped-decorator]  # ships no types
async def connect(sid: str, environ: dict[str, Any]) -> None:
    await server.enter_room(sid, parse_qs(environ["QUERY_STRING"])["group"][0])


application = socketio.ASGIApp(server)
