"""What opens, and above all what does not."""

import base64
import json
import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings

from accounts import tokens
from accounts.models import Role, User
from hubs.auth import InvalidToken
from tests.cast import Cast, hire, login_of, token_of

KEY = str(settings.SIMPLE_JWT["SIGNING_KEY"])


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, KEY, algorithms=["HS256"], audience="wardline", issuer="wardline")


def forged(user: User, *, key: str = KEY, algorithm: str = "HS256", **changes: Any) -> str:
    """A token like ours with some claims changed; None takes a claim away."""
    claims = claims_of(token_of(user)) | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm)


def compact(header: Any, payload: Any, signature: str = "c2ln") -> str:
    parts = (each if isinstance(each, str) else json.dumps(each) for each in (header, payload))
    return ".".join(
        [*(base64.urlsafe_b64encode(each.encode()).decode().rstrip("=") for each in parts), signature]
    )


def refused(token: str) -> str:
    with pytest.raises(InvalidToken) as caught:
        tokens.verify(token)
    return str(caught.value)


def test_an_access_token_has_the_claims_of_the_contract(cast: Cast) -> None:
    claims = claims_of(token_of(cast.nurse))
    assert set(claims) == {"iss", "aud", "sub", "role", "department", "exp", "iat", "jti", "typ", "sid"}
    assert claims["sub"] == str(cast.nurse.pk)
    assert (claims["role"], claims["department"], claims["typ"]) == ("Nurse", "icu", "access")
    assert (claims["iss"], claims["aud"]) == ("wardline", "wardline")
    assert claims["exp"] - claims["iat"] == timedelta(minutes=15).total_seconds()


def test_every_token_has_an_id_of_its_own(cast: Cast) -> None:
    ids = {claims_of(token_of(cast.nurse))["jti"] for _ in range(10)}
    assert len(ids) == 10


def test_tokens_are_signed_with_a_key_of_their_own() -> None:
    assert settings.SIMPLE_JWT["SIGNING_KEY"] != settings.SECRET_KEY


def test_a_good_token_names_its_user(cast: Cast) -> None:
    token = token_of(cast.nurse)
    principal = tokens.verify(token)
    assert principal.user == cast.nurse
    assert principal.user_id == str(cast.nurse.pk)
    assert principal.expires_at == claims_of(token)["exp"]
    assert principal.claims["role"] == "Nurse"


def test_verifying_costs_one_query(cast: Cast, django_assert_num_queries: Any) -> None:
    token = token_of(cast.nurse)
    with django_assert_num_queries(1):
        tokens.verify(token)


def test_role_and_department_are_those_of_the_database(cast: Cast) -> None:
    token = forged(cast.nurse, role="Admin", department="cardio")
    User.objects.filter(pk=cast.nurse.pk).update(role=Role.VISITOR, department="")
    principal = tokens.verify(token)
    assert (principal.claims["role"], principal.claims["department"]) == ("Visitor", "")
    assert principal.user.role == Role.VISITOR


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"iss": "elsewhere"}, "InvalidIssuerError"),
        ({"iss": None}, "MissingRequiredClaimError"),
        ({"aud": "elsewhere"}, "InvalidAudienceError"),
        ({"aud": None}, "MissingRequiredClaimError"),
        ({"typ": "refresh"}, "Token has wrong type"),
        ({"typ": None}, "Token has no type"),
        ({"jti": None}, "Token has no id"),
        ({"jti": 5}, "InvalidJTIError"),
        ({"exp": None}, "Token has no 'exp' claim"),
        ({"exp": "soon"}, "DecodeError"),
        ({"iat": None}, "lives longer than any token of ours"),
        ({"iat": "now"}, "InvalidIssuedAtError"),
        ({"sub": None}, "sub is not text"),
        ({"sub": 1}, "InvalidSubjectError"),
        ({"sub": ["1"]}, "InvalidSubjectError"),
        ({"sub": ""}, "sub is not a user's number"),
        ({"sub": "nurse.icu"}, "sub is not a user's number"),
        ({"sub": "-1"}, "sub is not a user's number"),
        ({"sub": "1\n"}, "sub is not a user's number"),
        ({"sub": "1\x00"}, "sub is not a user's number"),
        ({"sub": "\u0661"}, "sub is not a user's number"),
        ({"sub": "9" * 19}, "sub is not a user's number"),
        ({"sub": "9" * 5000}, "sub is not a user's number"),
        ({"sub": "9" * 18}, "unknown login"),
        ({"sub": "0"}, "unknown login"),
    ],
)
def test_a_well_signed_token_with_wrong_claims_is_refused(
    cast: Cast, change: dict[str, Any], reason: str
) -> None:
    assert refused(forged(cast.nurse, **change)) == reason


def test_an_expired_token_is_refused_after_the_leeway(cast: Cast) -> None:
    now = int(time.time())
    assert tokens.verify(forged(cast.nurse, iat=now - 905, exp=now - 5)).user == cast.nurse
    assert refused(forged(cast.nurse, iat=now - 920, exp=now - 20)) == "ExpiredSignatureError"


def test_a_token_from_the_future_is_refused_beyond_the_leeway(cast: Cast) -> None:
    now = int(time.time())
    assert tokens.verify(forged(cast.nurse, iat=now + 5, exp=now + 905)).user == cast.nurse
    assert refused(forged(cast.nurse, iat=now + 60, exp=now + 900)) == "ImmatureSignatureError"
    assert refused(forged(cast.nurse, nbf=now + 60)) == "ImmatureSignatureError"


@pytest.mark.parametrize("seconds", [901, 315_360_000, 10**18])
def test_a_token_that_lives_too_long_is_refused(cast: Cast, seconds: int) -> None:
    refused(forged(cast.nurse, exp=int(time.time()) + seconds, iat=int(time.time())))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_is_refused_under_the_right_key(cast: Cast, algorithm: str) -> None:
    assert refused(forged(cast.nurse, algorithm=algorithm)) == "InvalidAlgorithmError"


def test_another_key_is_refused_also_that_of_the_sessions(cast: Cast) -> None:
    assert refused(forged(cast.nurse, key="x" * 64)) == "InvalidSignatureError"
    assert refused(forged(cast.nurse, key=settings.SECRET_KEY)) == "InvalidSignatureError"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, 5])
def test_an_unsigned_token_is_refused(cast: Cast, algorithm: object) -> None:
    claims = claims_of(token_of(cast.nurse))
    refused(compact({"alg": algorithm, "typ": "JWT"}, claims))
    refused(compact({"alg": algorithm, "typ": "JWT"}, claims, signature=""))


def test_a_key_named_in_the_header_is_not_looked_up(cast: Cast) -> None:
    claims = claims_of(token_of(cast.nurse))
    for header in ({"kid": "../../etc/passwd"}, {"kid": "' OR 1=1 --"}, {"jku": "http://127.0.0.1:1/keys"}):
        refused(jwt.encode(claims, "x" * 64, headers=header))


def test_a_refresh_token_does_not_open_as_an_access_token(cast: Cast) -> None:
    assert refused(tokens.refresh_for(login_of(cast.nurse))) == "Token has wrong type"


def test_an_access_token_does_not_refresh(cast: Cast) -> None:
    with pytest.raises(InvalidToken):
        tokens.use_refresh(token_of(cast.nurse))


def test_a_deactivated_user_is_refused(cast: Cast) -> None:
    token, refresh = token_of(cast.nurse), tokens.refresh_for(login_of(cast.nurse))
    User.objects.filter(pk=cast.nurse.pk).update(is_active=False)
    assert refused(token) == "deactivated user"
    with pytest.raises(InvalidToken, match="deactivated user"):
        tokens.use_refresh(refresh)


def test_a_deleted_user_is_refused(db: None) -> None:
    user = hire("gone", Role.NURSE, "icu")
    token, refresh = token_of(user), tokens.refresh_for(login_of(user))
    user.delete()
    assert refused(token) == "unknown login"
    with pytest.raises(InvalidToken, match="unknown login"):
        tokens.use_refresh(refresh)


@pytest.mark.parametrize(
    "token",
    [
        "",
        " ",
        ".",
        "..",
        "...",
        "a.b.c",
        "a.b",
        "a.b.c.d",
        "\x00",
        "a.b.c\x00",
        "a.b.c\n",
        "é.è.ê",
        "\ud800.b.c",
        "💉.b.c",
        "A" * 10_240,
        "." * 10_240,
        f"{'A' * 5000}.{'B' * 5000}.{'C' * 240}",
        f"{'A' * 2500}.{'B' * 2500}.{'C' * 2500}",
        compact("[" * 3000, "{}"),
        compact("not json", "{}"),
        compact([], []),
        compact("null", "null"),
        compact({"alg": "HS256", "crit": ["exp"]}, {}),
        compact({"alg": "HS256", "b64": False}, {}),
        compact({"alg": ["HS256"]}, {}),
        compact('{"alg": "HS256", "n": ' + "9" * 5000 + "}", "{}"),
    ],
)
def test_garbage_is_an_invalid_token_and_nothing_else(db: None, token: str) -> None:
    refused(token)


@pytest.mark.parametrize(
    "payload", [b"null", b"[]", b"5", b"\xff", b"[" * 5000, b'{"exp": NaN, "iat": NaN}', b"{"]
)
def test_a_well_signed_payload_that_is_no_claims_is_refused(db: None, payload: bytes) -> None:
    refused(jwt.PyJWS().encode(payload, KEY, algorithm="HS256"))


def test_a_changed_payload_breaks_the_signature(cast: Cast) -> None:
    header, _, signature = token_of(cast.visitor).split(".")
    other = token_of(cast.admin).split(".")[1]
    assert refused(f"{header}.{other}.{signature}") == "InvalidSignatureError"


def test_the_reason_for_the_log_quotes_nothing_of_the_token(cast: Cast) -> None:
    marked = "Zm9yZ2VkLXNlY3JldA"
    for token in (compact(marked, marked), f"{marked}.{marked}.{marked}", forged(cast.nurse, sub=marked)):
        assert marked not in refused(token)
        assert "forged" not in refused(token)


def test_a_principal_is_renewed_with_role_and_department_as_they_are_now(cast: Cast) -> None:
    principal = tokens.verify(token_of(cast.nurse))
    User.objects.filter(pk=cast.nurse.pk).update(role=Role.PHARMACIST, department="cardio")
    renewed = tokens.renew(principal)
    assert (renewed.user.role, renewed.claims["role"]) == (Role.PHARMACIST, Role.PHARMACIST)
    assert (renewed.user.department, renewed.claims["department"]) == ("cardio", "cardio")
    assert renewed.expires_at == principal.expires_at


def test_who_has_been_deactivated_or_deleted_is_not_renewed(cast: Cast) -> None:
    principal = tokens.verify(token_of(cast.nurse))
    User.objects.filter(pk=cast.nurse.pk).update(is_active=False)
    with pytest.raises(InvalidToken, match="deactivated"):
        tokens.renew(principal)
    cast.nurse.delete()
    with pytest.raises(InvalidToken, match="unknown"):
        tokens.renew(principal)
