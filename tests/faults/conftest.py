"""One server a kind for all tests of hostile clients, which must serve others well after each."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.faults.client import serves_well
from tests.faults.server import ConformanceServer, conformance_server
from tests.faults.tracebacks import unexpected_tracebacks

HANDSHAKE_TIMEOUT = 1.0  # seconds
# What any attack may cost: without bounds each would cost several times as much.
MAXIMUM_GROWTH = 24 * 1_048_576  # bytes


@pytest.fixture(scope="session", params=["daphne", pytest.param("uvicorn", marks=pytest.mark.long)])
def attacked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ConformanceServer]:
    log = tmp_path_factory.mktemp("attacked") / "server.log"
    with conformance_server(request.param, log, {"HANDSHAKE_TIMEOUT": HANDSHAKE_TIMEOUT}) as running:
        yield running
    assert unexpected_tracebacks(log.read_text()) == []


@pytest.fixture
async def victim(attacked: ConformanceServer) -> AsyncIterator[ConformanceServer]:
    """The server; afterwards it lives, serves others within a second, and has not grown beyond the bound."""
    assert await serves_well(attacked.address)
    before = attacked.memory
    yield attacked
    assert await serves_well(attacked.address)
    assert attacked.is_alive
    assert attacked.memory - before < MAXIMUM_GROWTH
