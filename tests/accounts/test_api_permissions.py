"""A view of the API that does not say who may use it stops the start."""

import os
import subprocess
import sys
import types
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.urls import include, path
from django.views import View
from pytest_django import Settings
from rest_framework.decorators import action, api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from accounts import api_permissions
from accounts.permissions import IsClinicalStaff, Nobody


class Declared(APIView):
    permission_classes = [IsClinicalStaff]


class Silent(APIView):
    pass


class Empty(APIView):
    permission_classes = []


class Page(View):
    def get(self, request: Any) -> HttpResponse:
        return HttpResponse()


@api_view(["GET"])
def silent_function(request: Any) -> Response:
    return Response()


@api_view(["GET"])
@permission_classes([AllowAny])
def declared_function(request: Any) -> Response:
    return Response()


class Wards(ViewSet):
    permission_classes = [IsClinicalStaff]

    def list(self, request: Any) -> Response:
        return Response()

    @action(detail=False, permission_classes=[])
    def export(self, request: Any) -> Response:
        return Response()


def urls(*patterns: Any) -> str:
    """The name of a module with these patterns."""
    module = types.ModuleType("tests.accounts.made_urls")
    module.urlpatterns = [path("api/", include(list(patterns)))]  # type: ignore[attr-defined]  # made here
    sys.modules[module.__name__] = module
    return module.__name__


def undeclared(settings: Settings, *patterns: Any) -> list[str]:
    settings.ROOT_URLCONF = urls(*patterns)
    return [message.msg for message in api_permissions.undeclared()]


def test_the_default_lets_nobody_in() -> None:
    default: Any = api_settings.DEFAULT_PERMISSION_CLASSES
    assert default == [Nobody]


def test_AZ_1_every_view_of_this_project_says_who_may_use_it() -> None:
    assert len(list(api_permissions.api_views())) >= 5
    api_permissions.require_declared()


@pytest.mark.parametrize(
    ("view", "name"),
    [
        (Silent.as_view(), "Silent"),
        (Empty.as_view(), "Empty"),
        (Declared.as_view(permission_classes=[]), "Declared"),
        (silent_function, "silent_function"),
        (Wards.as_view({"get": "export"}, permission_classes=[]), "Wards"),
    ],
)
def test_AZ_1_a_view_that_does_not_say_who_may_use_it_stops_the_start(
    settings: Settings, view: Any, name: str
) -> None:
    found = undeclared(settings, path("wards/", view))
    assert found == [f"{name} at /api/wards/ declares no permission_classes, so nobody may use it."]
    assert [message.id for message in run_checks(tags=["accounts"])] == ["accounts.E008"]
    with pytest.raises(ImproperlyConfigured, match=r"/api/wards/.*\n.*HINT: Name them on the view"):
        api_permissions.require_declared()


def test_views_that_say_it_and_pages_are_let_be(settings: Settings) -> None:
    declared = (Declared.as_view(), declared_function, Silent.as_view(permission_classes=[AllowAny]))
    views: list[Any] = [*declared, Page.as_view()]
    assert undeclared(settings, *(path(f"{n}/", view) for n, view in enumerate(views))) == []


def test_AZ_1_the_server_does_not_start_with_such_a_view() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.accounts.undeclared"}
    result = subprocess.run(
        [sys.executable, "-m", "daphne", "--port", "0", "config.asgi:application"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode != 0
    assert "Silent at /silent/ declares no permission_classes" in result.stderr
