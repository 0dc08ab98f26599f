"""The log of a whole session on a real server: every line is JSON and says whose it is."""

import asyncio
import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from clinical.management.commands.seed_demo import PASSWORD
from tests.conftest import StartSite
from tests.servers import Site

# What a worker says of itself, for which no request and no connection is to blame.
OF_THE_WORKER = {"draining", "channel layer lost", "channel layer heard", "message lost"}
SERVERS = {"daphne", "channels_redis"}  # they know neither
LAYER_IS_SEEN_LOST_WITHIN = 20.0


def asked(url: str, data: object = None, headers: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Status, body and request id of the answer."""
    body = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode(), answer.headers["x-request-id"]
    except urllib.error.HTTPError as error:
        return error.code, "", error.headers["x-request-id"]


async def called(socket: ClientConnection, target: str) -> None:
    call = {"type": 1, "target": target, "arguments": ["icu"], "invocationId": "1"}
    await socket.send(json.dumps(call) + "\x1e")
    while '"type":3' not in str(await socket.recv()):
        pass


async def _session(site: Site, token: str) -> None:
    address = f"{site.url.replace('http', 'ws')}/hubs/clinical"
    bearer = {"Authorization": f"Bearer {token}"}
    async with connect(address, additional_headers=bearer) as socket:
        await socket.send('{"protocol":"json","version":1}\x1e')
        for target in ("SubscribeToWard", "Missing", "AdministerMedication"):
            await called(socket, target)
    with pytest.raises(InvalidStatus):
        await connect(address, additional_headers={"Authorization": "Bearer bad"})


async def _until_logged(site: Site, event: str) -> None:
    async with asyncio.timeout(LAYER_IS_SEEN_LOST_WITHIN):
        while f'"event": "{event}"' not in await asyncio.to_thread(lambda: site.log_text):
            pass


def lines(site: Site) -> list[dict[str, Any]]:
    return [json.loads(line) for line in site.log_text.splitlines()]


@pytest.mark.long
async def test_every_line_of_a_session_is_json_and_names_its_request_or_connection(
    start_site: StartSite,
) -> None:
    site = await asyncio.to_thread(lambda: start_site(environment={"LOG_JSON": "yes"}))
    login = {"username": "nurse.icu", "password": PASSWORD}
    status, body, given = asked(f"{site.url}/api/token/", login, {"X-Request-ID": "login-of-the-nurse"})
    assert (status, given) == (200, "login-of-the-nurse")
    _, _, refused = asked(f"{site.url}/api/token/", {**login, "password": "wrong"})
    await _session(site, json.loads(body)["access"])
    site.valkey.kill()
    await _until_logged(site, "channel layer lost")
    site.valkey.start()
    await _until_logged(site, "channel layer heard")
    await asyncio.to_thread(site.workers[0].stop)

    found = lines(site)
    ours = [line for line in found if line["logger"].split(".")[0] not in SERVERS]
    without = [line for line in ours if not {"request_id", "connection"} & line.keys()]
    assert {line["event"] for line in without} <= OF_THE_WORKER
    assert all({"timestamp", "level", "process"} <= line.keys() for line in found)
    events = [line["event"] for line in found if "connection" in line]
    for event in ("connected", "call refused", "disconnected", "refused"):
        assert event in events
    assert refused in {line.get("request_id") for line in found}
    assert len({line["connection"] for line in found if line["event"] in ("connected", "disconnected")}) == 1
