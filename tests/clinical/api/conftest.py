"""Requests as a program with a token sends them."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.cast import token_of

Call = Callable[..., Any]


@pytest.fixture
def call() -> Call:
    """`call(user, "/api/...")` reads, with a body it writes; each has a key of its own, or the given one."""

    def call(user: User, path: str, body: Any = None, *, key: str | None = "new") -> Any:
        headers = {"Authorization": f"Bearer {token_of(user)}"}
        if body is None:
            return Client().get(path, headers=headers)
        if key is not None:
            headers["Idempotency-Key"] = str(uuid.uuid4()) if key == "new" else key
        return Client().post(path, json.dumps(body), content_type="application/json", headers=headers)

    return call
