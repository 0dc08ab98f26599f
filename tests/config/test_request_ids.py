"""Each answer of Django carries the id under which its request stands in the log."""

import logging
from typing import Any

import pytest
import structlog
from httpx import ASGITransport, AsyncClient

from config.request_ids import RequestIdMiddleware


class Logged:
    """What was bound while the request was served, as every line of it would carry it."""

    def __init__(self) -> None:
        self.bound: dict[str, Any] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        logging.getLogger("tests").info("served")
        self.bound = structlog.contextvars.get_contextvars()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-other", b"1")]})
        await send({"type": "http.response.body", "body": b""})


async def served(headers: list[tuple[str, str]]) -> tuple[str, str]:
    """(the id on the answer, the id in the log)."""
    inner = Logged()
    application: Any = RequestIdMiddleware(inner)
    async with AsyncClient(transport=ASGITransport(application), base_url="http://ward") as client:
        answer = await client.get("/", headers=headers)
    assert answer.headers["x-other"] == "1"
    return answer.headers["x-request-id"], inner.bound["request_id"]


async def test_the_id_of_the_proxy_in_front_is_kept() -> None:
    assert await served([("X-Request-ID", "7f3a-ward_1")]) == ("7f3a-ward_1", "7f3a-ward_1")


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("X-Request-ID", "short")],
        [("X-Request-ID", "x" * 65)],
        [("X-Request-ID", 'forged", "user": "7')],
        [("X-Request-ID", "first-one"), ("X-Request-ID", "second-one")],
    ],
)
async def test_what_is_no_sane_id_is_replaced_by_one_of_ours(headers: list[tuple[str, str]]) -> None:
    on_answer, in_log = await served(headers)
    assert on_answer == in_log
    assert len(on_answer) == 16


async def test_two_requests_have_two_ids_and_none_is_left_behind() -> None:
    assert await served([]) != await served([])
    assert "request_id" not in structlog.contextvars.get_contextvars()
