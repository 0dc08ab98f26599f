"""The scene of a fault: `@fault("title", database=..., server=...)` above a test, `ward` among its parameters."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.ward.parts import parts
from tests.faults.ward.scene import Scene, scene


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(title, database, server, environment): a row of docs/faults.md")


@pytest.fixture
async def ward(request: pytest.FixtureRequest, tmp_path: Path, seeded: Path) -> AsyncIterator[Scene]:
    """The scene that the test's mark asks for; everybody is live and events flow."""
    mark = request.node.get_closest_marker("fault")
    title, database, server = mark.args[0], mark.kwargs["database"], mark.kwargs["server"]
    environment = mark.kwargs.get("environment", {})
    async with (
        parts(tmp_path, seeded, kind=server.lower(), postgres=None, **environment) as found,
        scene(found, title, database) as opened,
    ):
        yield opened
