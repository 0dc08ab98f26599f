"""Several keys at once: the first signs, all verify, a token names its own."""

import json
from typing import Any

import jwt
import pytest
from jwt.utils import base64url_encode
from pytest_django import Settings

from accounts import tokens
from accounts.keys import SigningKey
from hubs.auth import InvalidToken
from tests.cast import Cast, login_of, token_of

OLD, NEW = SigningKey("2026-05", "o" * 40), SigningKey("2026-11", "n" * 40)
UNNAMED = SigningKey(None, "u" * 40)


class Keys:
    """The keys of the worker that is asked next."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def are(self, *some: SigningKey) -> None:
        self._settings.JWT_SIGNING_KEYS = some


@pytest.fixture
def keys(settings: Settings) -> Keys:
    return Keys(settings)


def refused(token: str) -> str:
    with pytest.raises(InvalidToken) as caught:
        tokens.verify(token)
    return str(caught.value)


def signed(token: str, key: str, **header: Any) -> str:
    """The claims of a token below another header, and signed by another key."""
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(claims, key, "HS256", header)


def test_a_token_names_the_key_that_has_signed_it(cast: Cast, keys: Keys) -> None:
    keys.are(NEW, OLD)
    assert jwt.get_unverified_header(token_of(cast.nurse)) == {"alg": "HS256", "typ": "JWT", "kid": "2026-11"}


def test_a_token_of_the_key_without_an_id_names_none(cast: Cast, keys: Keys) -> None:
    keys.are(UNNAMED)
    assert jwt.get_unverified_header(token_of(cast.nurse)) == {"alg": "HS256", "typ": "JWT"}


STEPS = {
    "before": (OLD,),
    "all know the new one": (OLD, NEW),
    "the new one signs": (NEW, OLD),
    "after": (NEW,),
}
FROM_A_KEY_WITHOUT_ID = {
    step: tuple(UNNAMED if key is OLD else key for key in some) for step, some in STEPS.items()
}


@pytest.mark.parametrize(
    "steps", [("before", "all know the new one"), ("all know the new one", "the new one signs")]
)
@pytest.mark.parametrize("rotation", [STEPS, FROM_A_KEY_WITHOUT_ID], ids=["with ids", "from none"])
def test_JW_8_workers_before_and_after_a_step_of_a_rotation_take_each_others_tokens(
    cast: Cast, keys: Keys, rotation: dict[str, tuple[SigningKey, ...]], steps: tuple[str, str]
) -> None:
    for here, there in (steps, steps[::-1]):
        keys.are(*rotation[here])
        access, refresh = token_of(cast.nurse), tokens.refresh_for(login_of(cast.nurse))
        keys.are(*rotation[there])
        assert tokens.verify(access).user == cast.nurse
        assert tokens.use_refresh(refresh).user == cast.nurse


def test_JW_8_a_login_outlives_a_rotation(cast: Cast, keys: Keys) -> None:
    keys.are(*STEPS["before"])
    login, refresh = login_of(cast.nurse), tokens.refresh_for(login_of(cast.nurse))
    for step in ("all know the new one", "the new one signs", "after"):
        keys.are(*STEPS[step])
        assert tokens.use_refresh(refresh) == login
        refresh = tokens.refresh_for(login)


def test_JW_8_a_key_that_was_taken_away_opens_nothing(cast: Cast, keys: Keys) -> None:
    keys.are(*STEPS["the new one signs"])
    old = signed(token_of(cast.nurse), OLD.secret, kid=OLD.id)
    assert tokens.verify(old).user == cast.nurse
    keys.are(*STEPS["after"])
    assert refused(old) == "unknown signing key"


@pytest.mark.parametrize(
    "kid",
    [
        "2026-12",
        "",
        " 2026-11",
        "2026-11\x00",
        "2026-1",
        "../../etc/passwd",
        "/dev/null",
        "' OR 1=1 --",
        "x" * 2000,
        "http://127.0.0.1:1/key",
        "\u0661",
        "\ud800",
        "None",
        "null",
    ],
)
def test_JW_6_a_key_is_taken_from_the_list_or_not_at_all(cast: Cast, keys: Keys, kid: str) -> None:
    keys.are(NEW, OLD)
    for secret in (NEW.secret, "x" * 40):
        assert refused(signed(token_of(cast.nurse), secret, kid=kid)) == "unknown signing key"


@pytest.mark.parametrize("kid", [None, 5, True, [], ["2026-11"], {}, 1.5])
def test_JW_6_an_id_that_is_no_text_names_no_key(cast: Cast, keys: Keys, kid: object) -> None:
    claims = jwt.decode(token_of(cast.nurse), options={"verify_signature": False})
    for some in ((NEW,), (UNNAMED,)):
        keys.are(*some)
        head = base64url_encode(json.dumps({"alg": "HS256", "typ": "JWT", "kid": kid}).encode())
        signing_input = head + b"." + base64url_encode(json.dumps(claims).encode())
        signature = jwt.get_algorithm_by_name("HS256").sign(signing_input, some[0].secret.encode())
        refused(f"{signing_input.decode()}.{base64url_encode(signature).decode()}")


def test_a_token_without_an_id_is_refused_where_every_key_has_one(cast: Cast, keys: Keys) -> None:
    keys.are(NEW, OLD)
    for secret in (NEW.secret, OLD.secret):
        claims = jwt.decode(token_of(cast.nurse), options={"verify_signature": False})
        assert refused(jwt.encode(claims, secret, "HS256")) == "unknown signing key"


def test_one_key_does_not_verify_in_the_name_of_another(cast: Cast, keys: Keys) -> None:
    keys.are(NEW, OLD, UNNAMED)
    token = token_of(cast.nurse)
    assert refused(signed(token, NEW.secret, kid=OLD.id)) == "InvalidSignatureError"
    assert refused(signed(token, NEW.secret)) == "InvalidSignatureError"
    assert refused(signed(token, UNNAMED.secret, kid=NEW.id)) == "InvalidSignatureError"


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_JW_1_an_id_does_not_bring_another_algorithm(cast: Cast, keys: Keys, algorithm: str) -> None:
    keys.are(NEW, OLD)
    claims = jwt.decode(token_of(cast.nurse), options={"verify_signature": False})
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = jwt.encode(claims, NEW.secret, algorithm, {"kid": NEW.id})
    assert refused(token) == "InvalidAlgorithmError"
