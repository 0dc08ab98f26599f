"""Who may read the description of the API: everybody with a token, whatever their role."""

import pytest
from django.test import Client

from tests.cast import Cast, token_of

pytestmark = pytest.mark.django_db


def test_whoever_has_a_token_may_read_it_and_nobody_else(cast: Cast) -> None:
    for user in (cast.nurse, cast.admin, cast.visitor):
        response = Client().get("/api/schema/", headers={"Authorization": f"Bearer {token_of(user)}"})
        assert (response.status_code, response.json()["openapi"]) == (200, "3.1.0")
    browser = Client()
    browser.force_login(cast.nurse)
    assert browser.get("/api/schema/").status_code == 401
