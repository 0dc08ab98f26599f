import os
import subprocess
import sys

import pytest
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.checks import run_checks

import hubs as hubs_package
from hubs.actions import action
from hubs.auth import OriginMiddleware, QueryStringTokenMiddleware
from hubs.checks import UnsafeRoutes, hub_routes, route_errors
from hubs.endpoint import hub_path
from hubs.hub import Hub
from hubs.permissions import AllowAny
from hubs.redis_urls import host_of
from tests.hubs.site import site


class Ward(Hub):
    permission_classes = [AllowAny]

    @action
    async def look(self) -> None: ...


def ids(application) -> list[str]:
    return [error.id or "" for error in route_errors(application)]


def routes(hub=Ward) -> URLRouter:
    return URLRouter([hub_path("hubs/ward", hub.as_asgi())])


def safe(inner):
    return OriginMiddleware(QueryStringTokenMiddleware(AuthMiddlewareStack(inner)))


def test_a_site_as_it_should_be_passes_and_is_handed_on():
    application = site(ward=Ward)
    assert route_errors(application) == []
    assert hubs_package.checked(application) is application


MISPLACED = {
    "token middleware missing": (AuthMiddlewareStack(routes()), ["hubs.E001", "hubs.E003"]),
    "both missing": (routes(), ["hubs.E001", "hubs.E003"]),
    "token middleware missing, origin there": (
        OriginMiddleware(AuthMiddlewareStack(routes())),
        ["hubs.E001"],
    ),
    "token middleware behind the stack": (
        OriginMiddleware(AuthMiddlewareStack(QueryStringTokenMiddleware(routes()))),
        ["hubs.E002"],
    ),
    "everything behind the stack": (
        AuthMiddlewareStack(OriginMiddleware(QueryStringTokenMiddleware(routes()))),
        ["hubs.E002"],
    ),
    "origin missing": (QueryStringTokenMiddleware(AuthMiddlewareStack(routes())), ["hubs.E003"]),
    "origin behind the token": (
        QueryStringTokenMiddleware(OriginMiddleware(AuthMiddlewareStack(routes()))),
        ["hubs.E003"],
    ),
}


@pytest.mark.parametrize("protocol", ["websocket", "http"])
@pytest.mark.parametrize("case", MISPLACED)
def test_middlewares_that_are_missing_or_misplaced_stop_the_start(case, protocol):
    stack, expected = MISPLACED[case]
    other = {"websocket": "http", "http": "websocket"}[protocol]
    application = ProtocolTypeRouter({protocol: stack, other: safe(routes())})
    assert ids(application) == expected
    with pytest.raises(UnsafeRoutes) as error:
        hubs_package.checked(application)
    assert f"{protocol} route" in str(error.value)
    assert "hubs/ward" in str(error.value)
    assert all(message.hint for message in error.value.messages)


def test_the_way_to_a_hub_is_found_through_routers_inside_of_routers():
    inner = URLRouter([hub_path("ward", Ward.as_asgi())])
    application = ProtocolTypeRouter({"websocket": safe(URLRouter([hub_path("hubs", inner)]))})
    assert [route.hub for route in hub_routes(application)] == [Ward]
    assert ids(ProtocolTypeRouter({"websocket": URLRouter([hub_path("hubs", inner)])})) == [
        "hubs.E001",
        "hubs.E003",
    ]


def test_an_application_without_a_hub_has_nothing_to_check():
    async def application(scope, receive, send): ...

    assert hubs_package.checked(application) is application


def test_AZ_1_a_hub_without_permission_classes_is_an_error():
    class Open(Hub): ...

    assert ids(site(open=Open)) == ["hubs.E004"]


def test_AZ_1_an_action_with_an_empty_list_of_classes_is_an_error():
    class Ward(Hub):
        permission_classes = [AllowAny]

        @action(permission_classes=[])
        async def look(self) -> None: ...

    [error] = route_errors(site(ward=Ward))
    assert error.id == "hubs.E006"
    assert "Look of Ward" in error.msg


def test_an_action_that_cannot_be_called_is_an_error():
    class Unannotated(Hub):
        permission_classes = [AllowAny]

        @action
        async def look(self, bed) -> None: ...

    class Twice(Hub):
        permission_classes = [AllowAny]

        @action
        async def look(self) -> None: ...

        @action(name="look")
        async def see(self) -> None: ...

    errors = route_errors(site(unannotated=Unannotated, twice=Twice))
    assert [error.id for error in errors] == ["hubs.E005", "hubs.E005"]
    assert "Two actions have the name" in errors[0].msg
    assert "'bed'" in errors[1].msg


def test_a_hub_at_two_paths_is_looked_at_once():
    class Open(Hub): ...

    assert ids(site(one=Open, two=Open)) == ["hubs.E004"]


def test_an_unknown_option_of_a_hub_is_an_error():
    class Ward(Hub):
        permission_classes = [AllowAny]
        options = {"CLIENT_TIMEOT": 3}

    assert ids(site(ward=Ward)) == ["hubs.E007"]


def found(**kwargs) -> list[str]:
    """What the system checks of hubs say about the settings alone."""
    messages = run_checks(tags=["hubs"], **kwargs)
    ids = [message.id or "" for message in messages]
    return [each for each in ids if each >= "hubs.E01" or each > "hubs.W"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"KEEP_ALIVE": 3}, ["hubs.E010"]),
        ({"ALLOWED_ORIGINS": None}, ["hubs.E011"]),
        ({"ALLOWED_ORIGINS": []}, ["hubs.E011"]),
        ({"VERIFY": "tests.hubs.tokens.missing"}, ["hubs.E012"]),
        ({"VERIFY": "missing.verify"}, ["hubs.E012"]),
        ({"VERIFY": None}, ["hubs.E012"]),
        ({"RATE_LIMITS": {"user": "many"}}, ["hubs.E015"]),
        ({"FILTERS": ["missing.Filter"]}, ["hubs.E016"]),
    ],
)
def test_a_wrong_setting_is_an_error(hubs, changes, expected):
    hubs(**changes)
    assert found() == expected


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ([{"address": "redis://x", "socket_timeout": 15}], []),
        ([{"address": "redis://x", "socket_timeout": None}], []),
        ([{"address": "redis://x", "socket_timeout": 5}], ["hubs.E014"]),
        ([{"address": "redis://x"}], ["hubs.E014"]),
        (["redis://x"], ["hubs.E014"]),
        ([("127.0.0.1", 6379)], ["hubs.E014"]),
        (["redis://x?socket_timeout=15"], []),
        ([{"address": "redis://x?socket_timeout=3", "socket_timeout": 15}], ["hubs.E014"]),
        ([{"sentinels": [("x", 26379)], "master_name": "ward"}], ["hubs.E014"]),
        ([host_of("redis+sentinel://x/ward")], []),
        ([host_of("rediss://x")], []),
        (["http://x"], ["hubs.E018"]),
        ([{"address": "redis://:pass/word@x"}], ["hubs.E018"]),
    ],
)
def test_a_redis_timeout_that_cuts_idle_receivers_is_an_error(settings, hosts, expected):
    backend = "channels_redis.pubsub.RedisPubSubChannelLayer"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": {"hosts": hosts}}}
    assert found() == expected


def test_no_channel_layer_is_an_error(settings):
    settings.CHANNEL_LAYERS = {}
    assert found() == ["hubs.E013"]


def test_what_is_fine_at_a_desk_is_a_warning_before_deployment(settings, hubs):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    hubs(ALLOWED_ORIGINS=["*"], DETAILED_ERRORS=True)
    assert found() == []
    assert found(include_deployment_checks=True) == ["hubs.W001", "hubs.W002", "hubs.W003", "hubs.W004"]


def in_unsafe_project(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.hubs.unsafe.settings"}
    return subprocess.run(
        [sys.executable, "-m", *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_manage_check_names_the_fault_the_path_and_the_way_out():
    result = in_unsafe_project("django", "check")
    assert result.returncode == 1
    assert "(hubs.E002)" in result.stderr
    assert "hubs/ward" in result.stderr
    assert "HINT: Put QueryStringTokenMiddleware outside, around AuthMiddlewareStack." in result.stderr


@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
def test_AZ_1_the_server_does_not_start(server):
    result = in_unsafe_project(server, "tests.hubs.unsafe.asgi:application")
    assert result.returncode != 0
    assert "hubs.E002" in result.stderr
