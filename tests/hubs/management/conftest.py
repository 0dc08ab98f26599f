"""A project with two hubs, and commands that run beside them as in a process of their own."""

from io import StringIO

import pytest
from django.core.management import call_command

from hubs.executor import run


@pytest.fixture(autouse=True)
def _routes(settings):
    settings.ASGI_APPLICATION = "tests.hubs.management.routes.application"


@pytest.fixture
def manage():
    """`await manage("connections", "--json")`: what the command prints; it runs in a thread of its own."""

    async def manage(*arguments):
        out = StringIO()
        await run(call_command, *arguments, stdout=out)
        return out.getvalue()

    return manage
