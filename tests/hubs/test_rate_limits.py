import pytest

from hubs.actions import action
from hubs.errors import HubError
from hubs.hub import Hub
from hubs.permissions import AllowAny
from hubs.rate_limits import RateLimits, parsed
from hubs.testing import HubCommunicator
from tests.hubs.tokens import user

TOO_MANY = "Too many calls; wait a moment before the next one."


class Desk(Hub):
    permission_classes = [AllowAny]

    @action
    async def echo(self, value: int) -> int:
        return value


@pytest.mark.parametrize(
    ("rate", "calls_and_seconds"),
    [("5/s", (5, 1.0)), ("100/min", (100, 60.0)), ("100/m", (100, 60.0)), ("7/hour", (7, 3600.0))],
)
def test_a_rate_is_written_as_drf_writes_it(rate, calls_and_seconds):
    assert parsed(rate) == calls_and_seconds


@pytest.mark.parametrize("rate", ["", "5", "/s", "0/s", "-1/s", "1.5/s", "5/", "5/year", "many/s"])
def test_any_other_text_is_no_rate(rate):
    with pytest.raises(ValueError, match="written like 100/min"):
        parsed(rate)


def allowed(limits: RateLimits, count: int, **who) -> int:
    asked = {"connection": "c", "user": "7", "target": "Echo", **who}
    return sum(limits.allow(**asked) for _ in range(count))


def test_a_bucket_empties_and_fills_evenly(hubs, clock):
    hubs(RATE_LIMITS={"user": "10/min"})
    limits = RateLimits()
    assert allowed(limits, 20) == 10
    clock.advance(30)
    assert allowed(limits, 20) == 5
    clock.advance(3600)
    assert allowed(limits, 20) == 10


def test_DS_2_users_and_connections_have_buckets_of_their_own(hubs, clock):
    hubs(RATE_LIMITS={"connection": "3/min", "user": "5/min"})
    limits = RateLimits()
    assert allowed(limits, 5, connection="a") == 3
    # Five of the user's are gone: what the connection refused had not been asked of the user.
    assert allowed(limits, 5, connection="b") == 2
    assert allowed(limits, 5, connection="c", user="8") == 3


def test_DS_2_an_action_is_limited_without_regard_to_case(hubs, clock):
    hubs(RATE_LIMITS={"actions": {"OrderMedication": "2/min"}})
    limits = RateLimits()
    assert allowed(limits, 1, target="ordermedication") + allowed(limits, 5, target="ORDERMEDICATION") == 2
    assert allowed(limits, 5) == 5


def test_who_has_no_user_is_counted_by_connection(hubs, clock):
    hubs(RATE_LIMITS={"user": "2/min"})
    limits = RateLimits()
    assert allowed(limits, 5, user=None, connection="a") == 2
    assert allowed(limits, 5, user=None, connection="b") == 2


def test_without_limits_nothing_is_counted():
    assert allowed(RateLimits(), 1000) == 1000


@pytest.mark.django_db(transaction=True)
async def test_DS_2_too_many_calls_fail_with_a_text_that_says_so_and_the_connection_goes_on(hubs, clock):
    hubs(RATE_LIMITS={"user": "2/min"})
    async with HubCommunicator(Desk, user=user(7)) as client:
        assert [await client.invoke("Echo", 1), await client.invoke("Echo", 2)] == [1, 2]
        for target in ("Echo", "Missing"):
            with pytest.raises(HubError, match=TOO_MANY):
                await client.invoke(target, 3)
        async with HubCommunicator(Desk, user=user(8)) as other:
            assert await other.invoke("Echo", 4) == 4
        clock.advance(60)
        assert await client.invoke("Echo", 5) == 5


@pytest.mark.django_db(transaction=True)
async def test_calls_that_do_not_exist_count_as_well(hubs, clock):
    hubs(RATE_LIMITS={"user": "2/min"})
    async with HubCommunicator(Desk, user=user(7)) as client:
        for _ in range(2):
            with pytest.raises(HubError, match="Method does not exist"):
                await client.invoke("Missing")
        with pytest.raises(HubError, match=TOO_MANY):
            await client.invoke("Echo", 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limits", [{"user": "2/min"}, {"actions": {"Echo": "2/min"}}])
async def test_DS_2_all_connections_of_a_user_share_their_limits(hubs, clock, limits):
    hubs(RATE_LIMITS=limits)
    async with HubCommunicator(Desk, user=user(7)) as one, HubCommunicator(Desk, user=user(7)) as other:
        assert [await one.invoke("Echo", 1), await other.invoke("Echo", 2)] == [1, 2]
        for client in (one, other):
            with pytest.raises(HubError, match=TOO_MANY):
                await client.invoke("Echo", 3)
        await one.disconnect()
        async with HubCommunicator(Desk, user=user(7)) as back:
            with pytest.raises(HubError, match=TOO_MANY):
                await back.invoke("Echo", 4)
