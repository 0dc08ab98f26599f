"""The product's settings and URLs with one view more, which says nothing of who may use it."""

from django.urls import URLPattern, path

from tests.settings import *  # noqa: F403 - all of them but for one

ROOT_URLCONF = "tests.accounts.undeclared"


def __getattr__(name: str) -> list[URLPattern]:
    """The view can be imported only once the settings are there."""
    if name != "urlpatterns":
        raise AttributeError(name)
    from rest_framework.views import APIView

    class Silent(APIView):
        pass

    return [path("silent/", Silent.as_view())]
