import pytest
from django.core.exceptions import ImproperlyConfigured
from redis.exceptions import ConnectionError as RedisConnectionError

from hubs.redis_urls import CONNECT_TIMEOUT, READ_TIMEOUT, SENTINEL_TIMEOUT, host_of, ping
from tests.certificates import Authority

SECRET = "s3cret"


@pytest.fixture(scope="module")
def ca(tmp_path_factory) -> str:
    return Authority(tmp_path_factory.mktemp("ca")).pem


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        f"redis://:{SECRET}@redis.example:6380/2",
        "redis://[::1]:6379/0?db=3",
        f"rediss://user:{SECRET}@redis.example/0?ssl_cert_reqs=none",
        "unix:///run/redis.sock?db=1",
        "redis+sentinel://one,two:26380/ward?db=2",
        "rediss+sentinel://one/ward",
    ],
)
def test_every_form_leaves_idle_receivers_alone_gives_up_on_the_dead_and_tries_again(url):
    host = host_of(url)
    assert host["socket_timeout"] == READ_TIMEOUT > 5
    assert host["socket_connect_timeout"] == CONNECT_TIMEOUT
    assert host["retry"].get_retries() == 3
    assert host["retry_on_error"]


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        (f":{SECRET}@redis.example", "has no scheme"),
        (f"http://:{SECRET}@redis.example", "has no scheme"),
        (f"redis://[:{SECRET}@x", "cannot be read"),
        (f"redis://:{SECRET}@", "names no host"),
        (f"redis://:{SECRET}@x:port", "port"),
        (f"redis://:{SECRET}/more@x", "percent-encoded"),
        (f"redis://:{SECRET}@x/ward", "database"),
        (f"redis://:{SECRET}@x/0?db=one", "database"),
        (f"redis://:{SECRET}@x,y/0", "several hosts"),
        (f"redis://:{SECRET}@x/0?socket_timeout=3", "socket_timeout"),
        (f"redis://:{SECRET}@x/0?ssl_cert_reqs=none", "ssl_cert_reqs"),
        (f"redis+sentinel://:{SECRET}@x", "no service"),
        (f"redis+sentinel://:{SECRET}@x/ward/0", "no service"),
        (f"redis+sentinel://:{SECRET}@x,/ward", "names no host"),
        (f"redis+sentinel://:{SECRET}@x:99999/ward", "port"),
    ],
)
def test_a_url_that_is_none_is_an_error_that_says_why_and_keeps_the_password(url, complaint):
    with pytest.raises(ImproperlyConfigured, match=complaint) as raised:
        host_of(url)
    assert SECRET not in str(raised.value)


def test_sentinels_are_asked_for_the_service_with_a_login_and_patience_of_their_own():
    url = f"redis+sentinel://app:{SECRET}%2F@one,[::1]:26380/ward?db=2&sentinel_password=other"
    host = host_of(url)
    assert host["sentinels"] == [("one", 26379), ("::1", 26380)]
    assert (host["master_name"], host["db"]) == ("ward", 2)
    assert (host["username"], host["password"]) == ("app", f"{SECRET}/")
    assert host["sentinel_kwargs"]["password"] == "other"
    assert host["sentinel_kwargs"]["socket_timeout"] == SENTINEL_TIMEOUT
    assert host["sentinel_kwargs"]["retry"].get_retries() == 0


def test_tls_by_sentinel_counts_for_sentinels_and_redis_alike(ca):
    host = host_of("rediss+sentinel://one/ward?ssl_check_hostname=no", ca)
    for options in (host, host["sentinel_kwargs"]):
        assert options["ssl"] is True
        assert options["ssl_ca_data"] == ca
        assert options["ssl_check_hostname"] is False
    assert "ssl" not in host_of("redis+sentinel://one/ward")


def test_an_authority_without_tls_is_an_error_because_somebody_believes_in_it(ca):
    with pytest.raises(ImproperlyConfigured, match="does not ask for TLS"):
        host_of("redis://redis.example", ca)


def test_an_authority_that_is_no_certificate_is_an_error():
    with pytest.raises(ImproperlyConfigured, match="PEM"):
        host_of("rediss://redis.example", "no certificate")


async def test_a_ping_returns_where_redis_answers_and_raises_where_it_does_not(valkey, unused_tcp_port):
    await ping(valkey.url)
    with pytest.raises(RedisConnectionError):
        await ping(f"redis://127.0.0.1:{unused_tcp_port}/0")
