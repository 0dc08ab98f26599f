"""The workers' clock is set back: no screen stands still, no token lives longer, nothing is lost."""

import time
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest
from django.conf import settings

from tests.faults.ward.fault import fault
from tests.faults.ward.scene import Scene

pytestmark = pytest.mark.long

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), Path("libfaketimeMT.so.1"))
FAKED = {
    "LD_PRELOAD": str(LIBRARY),
    "FAKETIME_TIMESTAMP_FILE": "{folder}/clock",
    "FAKETIME_CACHE_DURATION": "1",
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
}
BACK = 120  # seconds
LIFE = 25  # seconds that the token of one reader is still good for
TICK = 5.0  # seconds, in which an ended token must be noticed


@pytest.fixture(autouse=True)
def set_clock(tmp_path: Path) -> Callable[[str], object]:
    """Says how far the workers' clock is off, as in "-120"."""
    path = tmp_path / "clock"
    path.write_text("+0")
    return path.write_text


@fault("The workers' clock set back by two minutes", ("PostgreSQL", "Daphne"), environment=FAKED)
async def test_SE_1_a_clock_that_is_set_back_stops_no_screen_and_prolongs_no_token(
    ward: Scene, set_clock: Callable[[str], object]
) -> None:
    brief = ward.newcomer()
    await brief.log_in()
    brief.token, ends_at = _ending(brief.token, LIFE), time.monotonic() + LIFE
    await ward.join(brief)
    set_clock(f"-{BACK}")
    set_back_at = time.monotonic()
    await ward.until(lambda: brief.journal.connections > 1 or not brief.is_live)
    assert time.monotonic() < ends_at + TICK
    await ward.until(lambda: all(reader.screen.heard_at > set_back_at for reader in ward.readers))
    await ward.flows()
    await ward.judge()


def _ending(token: str, seconds: float) -> str:
    """The same token with another end."""
    audience = str(settings.SIMPLE_JWT["AUDIENCE"])
    claims = jwt.decode(token, settings.JWT_SIGNING_KEY, algorithms=["HS256"], audience=audience)
    return jwt.encode({**claims, "exp": int(time.time() + seconds)}, settings.JWT_SIGNING_KEY, "HS256")
