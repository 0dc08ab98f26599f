import pytest

from hubs.hub import Hub
from hubs.permissions import IsAuthenticated
from tests.hubs.site import http, site
from tests.hubs.tokens import bearer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("ends_worker")]

OURS = (b"origin", b"https://board.example")


class Desk(Hub):
    permission_classes = [IsAuthenticated]


@pytest.fixture
async def browser():
    async with http(site(desk=Desk)) as browser:
        yield browser


async def preflight(browser, origin: bytes, headers: str = ""):
    asked = {"access-control-request-headers": headers} if headers else {}
    return await browser.options(
        "/hubs/desk/negotiate",
        headers={"origin": origin.decode(), "access-control-request-method": "POST", **asked},
    )


async def test_a_page_of_ours_may_read_the_answer_with_credentials(browser):
    answer = await browser.post("/hubs/desk/negotiate", headers=[OURS, bearer(1)])
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://board.example"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["vary"] == "Origin"


async def test_a_refusal_can_be_read_by_a_page_of_ours_as_well(browser):
    answer = await browser.post("/hubs/desk/negotiate", headers=[OURS])
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (
        401,
        "https://board.example",
    )


async def test_a_preflight_is_answered_without_a_token(browser):
    answer = await preflight(browser, OURS[1])
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "https://board.example"
    allowed = answer.headers["access-control-allow-headers"]
    for name in ("authorization", "x-requested-with", "x-signalr-user-agent", "content-type"):
        assert name in allowed
    assert "DELETE" in answer.headers["access-control-allow-methods"]


async def test_a_preflight_allows_the_headers_that_it_asks_for(browser):
    answer = await preflight(browser, OURS[1], "x-ward, authorization")
    assert answer.headers["access-control-allow-headers"] == "x-ward, authorization"


@pytest.mark.parametrize("origin", [b"https://evil.example", b"null"])
async def test_TR_4_a_foreign_page_gets_no_permission(browser, origin):
    for answer in (
        await preflight(browser, origin),
        await browser.post("/hubs/desk/negotiate", headers=[(b"origin", origin), bearer(1)]),
    ):
        assert answer.status_code == 403
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_an_answer_never_allows_every_origin(browser, hubs):
    hubs(ALLOWED_ORIGINS=["*"])
    answer = await browser.post(
        "/hubs/desk/negotiate", headers=[(b"origin", b"https://any.example"), bearer(1)]
    )
    assert answer.headers["access-control-allow-origin"] == "https://any.example"


async def test_a_client_without_a_page_gets_no_cors_headers(browser):
    answer = await browser.post("/hubs/desk/negotiate", headers=[bearer(1)])
    assert not [name for name in answer.headers if name.startswith("access-control")]
