import re

import pytest
from django.test import override_settings

from hubs import connection_tokens
from hubs.connection_tokens import issue, read

HUB, USER = "/hubs/clinical", "7"


@pytest.fixture(params=[0, 1], ids=["version 0", "version 1"])
def version(request):
    return request.param


def test_a_token_is_read_at_its_hub_for_its_user(version):
    connection_id, token = issue(hub=HUB, user=USER, version=version)
    found = read(token, hub=HUB, user=USER)
    assert found.connection_id == connection_id
    assert found.is_fresh


def test_id_and_token_are_one_in_version_0_and_two_in_version_1():
    assert len(set(issue(hub=HUB, user=USER, version=0))) == 1
    connection_id, token = issue(hub=HUB, user=USER, version=1)
    assert connection_id != token
    assert read(connection_id, hub=HUB, user=USER) is None


@pytest.mark.parametrize(
    ("hub", "user"),
    [(HUB, "8"), (HUB, None), ("/hubs/other", USER), ("/hubs/clinical/x", USER), ("", USER), (HUB, "")],
)
def test_AZ_4_a_token_is_unknown_for_anybody_else_and_at_any_other_hub(version, hub, user):
    _, token = issue(hub=HUB, user=USER, version=version)
    assert read(token, hub=hub, user=user) is None


def test_a_token_of_nobody_is_unknown_for_a_user(version):
    _, token = issue(hub=HUB, user=None, version=version)
    assert read(token, hub=HUB, user=USER) is None
    assert read(token, hub=HUB, user="None") is None
    assert read(token, hub=HUB, user=None) is not None


def test_a_token_may_open_for_a_time_only_and_names_its_connection_for_ever(version, monkeypatch):
    connection_id, token = issue(hub=HUB, user=USER, version=version)
    now = __import__("time").time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 16)
    found = read(token, hub=HUB, user=USER)
    assert (found.connection_id, found.is_fresh) == (connection_id, False)


def test_a_token_signed_with_another_key_is_unknown(version):
    with override_settings(SECRET_KEY="another key, as long as it has to be"):
        _, token = issue(hub=HUB, user=USER, version=version)
    assert read(token, hub=HUB, user=USER) is None


def test_a_token_of_the_key_before_is_still_read(version, settings):
    _, token = issue(hub=HUB, user=USER, version=version)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, as long as it has to be"
    assert read(token, hub=HUB, user=USER) is not None


def test_no_changed_character_goes_unseen(version):
    _, token = issue(hub=HUB, user=USER, version=version)
    for place, character in enumerate(token):
        # The last base64 character carries unused bits, but the signature is compared as text.
        changed = token[:place] + ("A" if character != "A" else "B") + token[place + 1 :]
        assert read(changed, hub=HUB, user=USER) is None


@pytest.mark.parametrize(
    "text",
    ["", "x", ".", "a" * 75, "a" * 10_000, "é" * 75, "a b", "\x00", "../../etc/passwd", "a" * 74 + "\n"],
)
def test_any_other_text_is_unknown(text):
    assert read(text, hub=HUB, user=USER) is None


def test_the_mode_is_under_the_signature(version):
    _, token = issue(hub=HUB, user=USER, version=version, stateful=True)
    assert read(token, hub=HUB, user=USER).is_stateful
    _, token = issue(hub=HUB, user=USER, version=version)
    assert not read(token, hub=HUB, user=USER).is_stateful


def test_ids_go_into_a_url_as_they_are_and_never_repeat(version):
    issued = [issue(hub=HUB, user=USER, version=version) for _ in range(50)]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{16,}", text) for pair in issued for text in pair)
    assert len({connection_id for connection_id, _ in issued}) == 50
    assert len(connection_tokens.new_connection_id()) == 22
