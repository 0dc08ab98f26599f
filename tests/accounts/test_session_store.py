import pytest
from django.test import Client

from accounts.session_store import SessionStore

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("key", ["\0aaaaaaaa", "\0" * 32, "x" * 33, "X" * 32, "", None, "\u0661" * 32])
def test_a_key_that_django_cannot_have_made_is_not_looked_up(key: str | None) -> None:
    assert SessionStore(key).session_key is None


def test_a_session_is_found_by_its_key() -> None:
    session = SessionStore()
    session["ward"] = "icu"
    session.save()
    assert SessionStore(session.session_key)["ward"] == "icu"


def test_a_cookie_with_a_nul_in_it_is_nobodys() -> None:
    client = Client()
    assert client.get("/", HTTP_COOKIE=r'sessionid="\000aaaaaaaa"').status_code == 302
