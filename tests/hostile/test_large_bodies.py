"""Ten megabytes at every door of the product: a clear answer, and everybody else goes on."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from clinical.management.commands.seed_demo import PASSWORD
from tests.conftest import StartSite
from tests.servers import Kind, Site

pytestmark = pytest.mark.long

LARGE = 10_000_000  # bytes
LARGE_FOR_A_HUB = 100_000
SEPARATOR = "\x1e"
TOO_LARGE = {"type": 7, "error": "Connection closed with an error.", "allowReconnect": True}


@pytest.fixture(params=["daphne", "uvicorn"])
def site(request: pytest.FixtureRequest, start_site: StartSite) -> Site:
    kind: Kind = request.param
    return start_site(workers=1, kind=kind)


def token(site: Site) -> str:
    login = {"username": "nurse.icu", "password": PASSWORD}
    return str(httpx.post(f"{site.url}/api/token/", json=login, timeout=30).json()["access"])


@contextmanager
def opened(site: Site, headers: dict[str, str]) -> Iterator[ClientConnection]:
    """A socket at the clinical hub, shaken hands."""
    answer = httpx.post(f"{site.url}/hubs/clinical/negotiate?negotiateVersion=1", headers=headers).json()
    address = f"{site.url.replace('http', 'ws')}/hubs/clinical?id={answer['connectionToken']}"
    options: dict[str, Any] = {"max_size": None, "compression": None, "proxy": None}
    with connect(address, additional_headers=headers, **options) as socket:
        socket.send('{"protocol":"json","version":1}' + SEPARATOR)
        assert socket.recv(timeout=10) == "{}" + SEPARATOR
        yield socket


def record(value: object) -> str:
    arguments = ["00000000-0000-0000-0000-000000000000", {"pulse": value}]
    call = {"type": 1, "invocationId": "1", "target": "RecordObservation", "arguments": arguments}
    return json.dumps(call) + SEPARATOR


def messages(text: str) -> list[dict[str, object]]:
    found = [json.loads(each) for each in text.split(SEPARATOR)[:-1]]
    return [each for each in found if each.get("type") != 6]  # without pings


def said(socket: ClientConnection) -> list[dict[str, object]]:
    """What comes before the end."""
    found = []
    try:
        while True:
            found += messages(str(socket.recv(timeout=30)))
    except ConnectionClosed:
        return found


def test_IN_2_ten_megabytes_have_an_answer_at_every_door_and_hurt_nobody(site: Site) -> None:
    headers = {"Authorization": f"Bearer {token(site)}", "Idempotency-Key": str(uuid.uuid4())}
    with opened(site, headers) as neighbour:
        with opened(site, headers) as socket:
            socket.send(record("x" * LARGE_FOR_A_HUB))
            assert said(socket) == [TOO_LARGE]
        with opened(site, headers) as socket:
            # The servers have limits of their own, and wait for no end: what is on its way may be cut off.
            with suppress(ConnectionClosed):
                socket.send(record("x" * LARGE))
            assert said(socket) in ([], [TOO_LARGE])
        with httpx.Client(base_url=site.url, timeout=60) as client:
            # It is not read far enough to find the form's own token.
            assert client.post("/login/", data={"username": "x" * LARGE}).status_code in {400, 403}
            for path in ("observations", "admissions", "orders", "token"):
                answer = client.post(f"/api/{path}/", json={"reason": "x" * LARGE}, headers=headers)
                assert answer.status_code in {403, 413}, path
                assert answer.json()["detail"]
            assert client.post("/api/observations/", content=b"x" * LARGE).status_code == 401
            assert "error" in after_a_post(client, headers)
        neighbour.send(record("x"))
        (completion,) = messages(str(neighbour.recv(timeout=10)))
        assert (completion["invocationId"], "error" in completion) == ("1", True)
    assert "Traceback" not in site.log_text
    assert {worker.process.exit_code for worker in site.workers if worker.process} == {None}


def after_a_post(client: httpx.Client, headers: dict[str, str]) -> str:
    """What the next poll says when a message of that size was posted: as ever, the post itself is taken."""
    negotiated = client.post("/hubs/clinical/negotiate?negotiateVersion=1", headers=headers).json()
    url = f"/hubs/clinical?id={negotiated['connectionToken']}"
    assert client.get(url, headers=headers).status_code == 200
    assert client.post(url, content=b"x" * LARGE, headers=headers).status_code == 200
    return client.get(url, headers=headers).text
