"""The servers on which the contract is tried: Daphne always, the others in `make test-all`."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import httpx
import pytest

from tests.conformance.process import conformance_server
from tests.conformance.wire import Place

JOURNAL_TIMEOUT = 25  # seconds; a client that polled is missed after 15


@dataclass(frozen=True)
class Server:
    """A running conformance server."""

    address: str
    kind: str

    def place(self, hub: str, *, token: str | None = None, **query: str) -> Place:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return Place(self.address, hub, query, headers)

    async def get(self, path: str) -> httpx.Response:
        return await self._request("GET", path)

    async def post(self, path: str, **headers: str) -> httpx.Response:
        return await self._request("POST", path, **headers)

    async def token(self, **asked: str) -> str:
        return (await self.get(f"/token?{httpx.QueryParams(asked)}")).text

    async def journal(self, key: str, last: str) -> list[str]:
        """The journal, as soon as its last line is the one that is waited for."""
        async with asyncio.timeout(JOURNAL_TIMEOUT):
            while (lines := (await self.get(f"/journal/{key}")).json())[-1:] != [last]:
                pass  # the request itself is what passes the time
        return list(lines)

    async def _request(self, method: str, path: str, **headers: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.address, timeout=30) as http:
            return await http.request(method, path, headers=headers)


long = partial(pytest.param, marks=pytest.mark.long)


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(("daphne", 1), id="daphne"),
        long(("uvicorn", 1), id="uvicorn"),
        long(("daphne", 2), id="two daphnes"),
        long(("uvicorn", 2), id="two uvicorns"),
    ],
)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    kind, workers = request.param
    with conformance_server(kind, workers=workers) as address:
        yield Server(address, kind)
