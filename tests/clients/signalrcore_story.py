"""What signalrcore sees of EchoHub: `python signalrcore_story.py URL TRANSPORT PROTOCOL TOKEN`."""

import json
import logging
import os
import queue
import sys
from typing import Any

from signalrcore.hub_connection_builder import HubConnectionBuilder
from signalrcore.types import HttpTransportType, HubProtocolEncoding

URL, TRANSPORT, PROTOCOL, TOKEN = sys.argv[1:]
PATIENCE = 15  # seconds
TRANSPORTS = {
    "websockets": HttpTransportType.web_sockets,
    "events": HttpTransportType.server_sent_events,
    "polling": HttpTransportType.long_polling,
}


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Caller:
    """A connection whose calls can be waited for."""

    def __init__(self) -> None:
        options: dict[str, Any] = {"transport": TRANSPORTS[TRANSPORT]}
        # Its polls carry no token, so there it can only be anonymous.
        if TRANSPORT != "polling":
            options["access_token_factory"] = lambda: TOKEN
        self.connection = (
            HubConnectionBuilder()
            .with_url(URL, options=options)
            .configure_logging(logging.ERROR)
            .with_hub_protocol(
                HubProtocolEncoding.binary if PROTOCOL == "messagepack" else HubProtocolEncoding.text
            )
            .with_automatic_reconnect({"type": "raw", "reconnect_interval": 1, "keep_alive_interval": 1})
            .build()
        )
        self.opened: queue.Queue[str] = queue.Queue()
        self.pushed: queue.Queue[Any] = queue.Queue()
        self._answers: queue.Queue[Any] = queue.Queue()
        self.connection.on_open(lambda: self.opened.put("opened"))
        self.connection.on_reconnect(lambda: self.opened.put("reconnected"))
        self.connection.on_error(lambda message: self._answers.put(message.error))
        self.connection.on("Message", lambda arguments: self.pushed.put(arguments[0]))
        self.connection.start()
        self.opened.get(timeout=PATIENCE)

    def invoke(self, method: str, *arguments: Any) -> Any:
        self.connection.invoke(method, list(arguments), lambda message: self._answers.put(message.result))
        return self._answers.get(timeout=PATIENCE)

    def items(self, method: str, *arguments: Any) -> list[Any]:
        seen: list[Any] = []
        ended: queue.Queue[Any] = queue.Queue()
        self.connection.stream(method, list(arguments)).subscribe(
            {"next": seen.append, "complete": ended.put, "error": ended.put}
        )
        ended.get(timeout=PATIENCE)
        return seen


def story(seen: dict[str, Any]) -> None:
    caller = Caller()
    seen["transport"] = caller.invoke("Transport")
    seen["member"] = caller.invoke("Members")
    seen["echo"] = caller.invoke("Echo", "Grüße, 世界 😀")
    seen["nothing"] = caller.invoke("Void")
    seen["error"] = caller.invoke("ThrowHub", "no such bed")
    seen["hidden"] = caller.invoke("Throw", "secret")
    if TRANSPORT != "polling":  # there it leaves all but the first message of a poll unread
        # It subscribes only after it has asked, so the first items may be gone.
        seen["lastCounted"] = caller.items("Count", 3)[-1:]
    before = caller.invoke("Id")
    tell("cut")
    if TRANSPORT != "polling":  # there it does not notice, and polls on
        caller.opened.get(timeout=PATIENCE)
    seen["sameId"] = before == caller.invoke("Id")
    seen["again"] = caller.invoke("Echo", "again")
    # Last, because of the same: here a poll's answer carries two messages.
    caller.connection.invoke("SendToSelf", ["pushed"])
    seen["pushed"] = caller.pushed.get(timeout=PATIENCE)
    if TRANSPORT == "polling":  # over a socket it would wait for the server's next ping
        caller.connection.stop()


seen: dict[str, Any] = {}
try:
    story(seen)
except queue.Empty:
    sys.stderr.write(f"too late, after {seen}\n")
    os._exit(1)  # its threads would keep the process
tell(json.dumps(seen))
os._exit(0)  # its threads would keep the process
