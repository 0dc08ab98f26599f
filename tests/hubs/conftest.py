"""What every test of hubs stands on: settings of their own, and a clock that moves when told."""

import asyncio
import threading

import pytest

from hubs.auth import Principal
from hubs.worker import existing_worker
from tests.hubs import tokens
from tests.hubs.clock import Clock
from tests.hubs.clock import clock as _clock


@pytest.fixture(autouse=True)
def _hubs_settings(settings):
    settings.HUBS = {"VERIFY": "tests.hubs.tokens.verify", "ALLOWED_ORIGINS": ["https://board.example"]}


@pytest.fixture
def hubs(settings):
    """`hubs(DETAILED_ERRORS=True)` changes settings for one test."""

    def change(**changes):
        settings.HUBS = {**settings.HUBS, **changes}

    return change


@pytest.fixture
def clock(monkeypatch) -> Clock:
    """The time of hubs, which moves when the test says so."""
    return _clock(monkeypatch)


@pytest.fixture
def verified(monkeypatch, settings) -> list[str]:
    """The tokens that were given to verify."""
    seen: list[str] = []

    def verify(token: str) -> Principal:
        seen.append(token)
        return tokens.verify(token)

    monkeypatch.setattr("tests.hubs.conftest.verify", verify, raising=False)
    settings.HUBS = {**settings.HUBS, "VERIFY": "tests.hubs.conftest.verify"}
    return seen


@pytest.fixture
async def ends_worker():
    """For tests that reach the hubs over HTTP only: ends what has started beside the requests."""
    yield
    if (worker := existing_worker()) is not None:
        await worker.stop()


@pytest.fixture
def elsewhere():
    """`await elsewhere(coroutine)` runs it on another worker: another event loop, in another thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def run(coroutine):
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, loop))

    yield run
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
