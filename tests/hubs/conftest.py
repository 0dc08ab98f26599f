"""What every test of hubs stands on: settings of their own, and a clock that moves when told."""

import pytest

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
