"""What opens, and above all what does not."""

import base64
import json
import socket
import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings

from accounts import sessions, tokens
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


def test_JW_9_role_and_department_are_those_of_the_database(cast: Cast) -> None:
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


def test_JW_2_an_expired_token_is_refused_after_the_leeway(cast: Cast) -> None:
    now = int(time.time())
    assert tokens.verify(forged(cast.nurse, iat=now - 905, exp=now - 5)).user == cast.nurse
    assert refused(forged(cast.nurse, iat=now - 920, exp=now - 20)) == "ExpiredSignatureError"


def test_JW_2_a_token_from_the_future_is_refused_beyond_the_leeway(cast: Cast) -> None:
    now = int(time.time())
    assert tokens.verify(forged(cast.nurse, iat=now + 5, exp=now + 905)).user == cast.nurse
    assert refused(forged(cast.nurse, iat=now + 60, exp=now + 900)) == "ImmatureSignatureError"
    assert refused(forged(cast.nurse, nbf=now + 60)) == "ImmatureSignatureError"


@pytest.mark.parametrize("seconds", [901, 315_360_000, 10**18])
def test_JW_2_a_token_that_lives_too_long_is_refused(cast: Cast, seconds: int) -> None:
    refused(forged(cast.nurse, exp=int(time.time()) + seconds, iat=int(time.time())))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_JW_1_another_algorithm_is_refused_under_the_right_key(cast: Cast, algorithm: str) -> None:
    assert refused(forged(cast.nurse, algorithm=algorithm)) == "InvalidAlgorithmError"


def test_JW_3_another_key_is_refused_also_that_of_the_sessions(cast: Cast) -> None:
    assert refused(forged(cast.nurse, key="x" * 64)) == "InvalidSignatureError"
    assert refused(forged(cast.nurse, key=settings.SECRET_KEY)) == "InvalidSignatureError"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, 5])
def test_JW_1_an_unsigned_token_is_refused(cast: Cast, algorithm: object) -> None:
    claims = claims_of(token_of(cast.nurse))
    refused(compact({"alg": algorithm, "typ": "JWT"}, claims))
    refused(compact({"alg": algorithm, "typ": "JWT"}, claims, signature=""))


def test_JW_6_a_key_named_in_the_header_is_not_looked_up(cast: Cast) -> None:
    claims = claims_of(token_of(cast.nurse))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/keys"
        for header in ({"jku": url}, {"x5u": url}, {"kid": url}, {"kid": "../../etc/passwd"}):
            for key in (KEY, "x" * 64):
                refused(jwt.encode(claims, key, headers=header))
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_JW_1_a_header_unlike_ours_is_refused_though_the_key_is_right(cast: Cast) -> None:
    claims = claims_of(token_of(cast.nurse))
    for header in ({"typ": "at+jwt"}, {"crit": ["exp"]}, {"jwk": {"kty": "oct"}}, {"cty": "JWT"}):
        assert refused(jwt.encode(claims, KEY, headers=header)) == "a header unlike ours"


def test_a_claim_that_stands_there_twice_is_refused(cast: Cast) -> None:
    claims = json.dumps(claims_of(token_of(cast.nurse)))
    twice = claims.replace("{", f'{{"sub": "{cast.admin.pk}", ', 1).encode()
    assert refused(jwt.PyJWS().encode(twice, KEY, headers={"typ": "JWT"})) == "a member twice"


@pytest.mark.parametrize("issuer", ["elsewhere", "Wardline", "", None])
def test_JW_3_another_issuer_is_refused_under_the_right_key(cast: Cast, issuer: object) -> None:
    refused(forged(cast.nurse, iss=issuer))


@pytest.mark.parametrize("audience", ["elsewhere", "Wardline", ["elsewhere"], [], None])
def test_JW_4_a_token_for_another_audience_is_refused(cast: Cast, audience: object) -> None:
    refused(forged(cast.nurse, aud=audience))


def test_JW_4_a_token_for_several_audiences_counts_where_one_is_ours(cast: Cast) -> None:
    assert tokens.verify(forged(cast.nurse, aud=["elsewhere", "wardline"])).user == cast.nurse


@pytest.mark.parametrize("kind", ["refresh", "sliding", "id", "password_reset", "ticket", "at+jwt"])
def test_JW_5_a_well_signed_token_of_another_kind_does_not_open(cast: Cast, kind: str) -> None:
    assert refused(forged(cast.nurse, typ=kind)) == "Token has wrong type"


def test_JW_10_a_token_without_its_id_or_that_of_its_login_is_refused(cast: Cast) -> None:
    assert refused(forged(cast.nurse, jti=None)) == "Token has no id"
    assert refused(forged(cast.nurse, sid=None)) == "sid is not text"


def test_JW_10_the_tokens_of_a_login_that_has_ended_are_refused_at_once(cast: Cast) -> None:
    token, another = token_of(cast.nurse), tokens.access_for(tokens.log_in(cast.nurse))
    sessions.end(login_of(cast.nurse), "signed out")
    assert refused(token) == "login ended"
    assert tokens.verify(another).user == cast.nurse


def test_a_login_is_that_of_the_tokens_own_user(cast: Cast) -> None:
    assert refused(forged(cast.nurse, sid=str(login_of(cast.doctor).pk))) == "unknown login"
    assert refused(forged(cast.nurse, sub=str(cast.doctor.pk))) == "unknown login"
    assert refused(forged(cast.nurse, sid="nurse.icu")) == "sid is not a login's number"


def test_half_a_character_in_an_id_is_a_reuse_and_no_error_of_ours(cast: Cast) -> None:
    claims = claims_of(tokens.refresh_for(login_of(cast.nurse))) | {"jti": "\ud800"}
    with pytest.raises(InvalidToken, match="reused"):
        tokens.use_refresh(jwt.encode(claims, KEY))


def test_JW_5_a_refresh_token_does_not_open_as_an_access_token(cast: Cast) -> None:
    assert refused(tokens.refresh_for(login_of(cast.nurse))) == "Token has wrong type"


def test_JW_5_an_access_token_does_not_refresh(cast: Cast) -> None:
    with pytest.raises(InvalidToken):
        tokens.use_refresh(token_of(cast.nurse))


def test_JW_9_a_deactivated_user_is_refused(cast: Cast) -> None:
    token, refresh = token_of(cast.nurse), tokens.refresh_for(login_of(cast.nurse))
    User.objects.filter(pk=cast.nurse.pk).update(is_active=False)
    assert refused(token) == "deactivated user"
    with pytest.raises(InvalidToken, match="deactivated user"):
        tokens.use_refresh(refresh)


def test_JW_9_a_deleted_user_is_refused(db: None) -> None:
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
