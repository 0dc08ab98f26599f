"""Tokens that must open nothing, each as near to a good one as can be."""

import base64
import hmac
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from django.conf import settings
from django.core import signing

from accounts import sessions
from accounts.models import Role, User
from hubs import connection_tokens, tickets
from tests.cast import hire, login_of, token_of

KEY = str(settings.SIMPLE_JWT["SIGNING_KEY"])
OTHER_KEY = "of-somebody-else-" * 4
HEADER = {"alg": "HS256", "typ": "JWT"}
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
RSA_PUBLIC = RSA.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def part(value: Any) -> str:
    """One part of a token: bytes and text as they are, anything else as JSON."""
    text = value if isinstance(value, bytes | str) else json.dumps(value)
    raw = text if isinstance(text, bytes) else text.encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def mac(signing_input: str, key: str | bytes, digest: str = "sha256") -> str:
    secret = key if isinstance(key, bytes) else key.encode()
    return part(hmac.digest(secret, signing_input.encode(), digest))


def made(header: Any, claims: Any, key: str | bytes = KEY, digest: str = "sha256") -> str:
    """Signed by the right key unless told otherwise, whatever the header says."""
    signing_input = f"{part(header)}.{part(claims)}"
    return f"{signing_input}.{mac(signing_input, key, digest)}"


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def unsigned(good: dict[str, Any]) -> dict[str, str]:
    body = part(good)
    algorithms: tuple[Any, ...] = ("none", "None", "NONE", "nOnE", "", " none", None, 0, [], {})
    found: dict[str, str] = {}
    for algorithm in algorithms:
        signed = made({"alg": algorithm, "typ": "JWT"}, good)
        found |= {
            f"alg {algorithm!r}": signed,
            f"alg {algorithm!r}, unsigned": signed[: signed.rindex(".") + 1],
        }
    return found | {
        "no alg": made({"typ": "JWT"}, good),
        "no signature": f"{part(HEADER)}.{body}.",
        "no third part": f"{part(HEADER)}.{body}",
        "signed by nothing": made(HEADER, good, b""),
    }


def other_algorithms(good: dict[str, Any]) -> dict[str, str]:
    key_pairs: dict[str, Any] = {
        "RS256": RSA,
        "PS256": RSA,
        "ES256": ec.generate_private_key(ec.SECP256R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    }
    return {
        "HS384": made(HEADER | {"alg": "HS384"}, good, digest="sha384"),
        "HS512": made(HEADER | {"alg": "HS512"}, good, digest="sha512"),
        "hs256 in small letters": made(HEADER | {"alg": "hs256"}, good),
        "HS256 signed by SHA-512": made(HEADER, good, digest="sha512"),
        "RS256 signed by our key as a secret": made(HEADER | {"alg": "RS256"}, good),
        "HS256 signed by a public key": made(HEADER, good, RSA_PUBLIC),
        **{name: jwt.encode(good, pair, name) for name, pair in key_pairs.items()},
    }


def other_keys(good: dict[str, Any]) -> dict[str, str]:
    signature = made(HEADER, good).rsplit(".", 1)[1]
    flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
    return {
        "another key": made(HEADER, good, OTHER_KEY),
        "Django's key": made(HEADER, good, settings.SECRET_KEY),
        "the key in other letters": made(HEADER, good, KEY.upper()),
        "a signature that is cut": made(HEADER, good)[:-4],
        "a signature that is too long": made(HEADER, good) + "AAAA",
        "a signature with one bit off": f"{part(HEADER)}.{part(good)}.{flipped}",
        "the signature of another token": f"{part(HEADER)}.{part(good | {'jti': 'x'})}.{signature}",
    }


def headers(good: dict[str, Any]) -> dict[str, str]:
    """Signed by the right key and by the one that the header brings along."""
    numbers = RSA.public_key().public_numbers()
    modulus = part(numbers.n.to_bytes(256, "big"))
    brought: dict[str, dict[str, Any]] = {
        "jwk of a secret": {"jwk": {"kty": "oct", "k": part(OTHER_KEY)}},
        "jwk of a public key": {"jwk": {"kty": "RSA", "n": modulus, "e": "AQAB"}, "alg": "RS256"},
        "jku": {"jku": "http://127.0.0.1:1/keys.json"},
        "jku of ours": {"jku": "https://ward.example@evil.example/keys.json", "kid": "1"},
        "x5u": {"x5u": "http://127.0.0.1:1/certificate.pem"},
        "x5c": {"x5c": ["bWFya2Vk"]},
        "x5t": {"x5t": "bWFya2Vk"},
        "crit of a claim": {"crit": ["exp"]},
        "crit of nothing": {"crit": []},
        "crit of what is unknown": {"crit": ["urn:marked"], "urn:marked": True},
        "b64 true": {"b64": True, "crit": ["b64"]},
        "b64 false": {"b64": False, "crit": ["b64"]},
        "b64 false, not crit": {"b64": False},
        "zip": {"zip": "DEF"},
        "cty of a nested one": {"cty": "JWT"},
        "typ of an access token elsewhere": {"typ": "at+jwt"},
        "typ of a refresh token": {"typ": "refresh"},
        "typ that is no text": {"typ": ["JWT"]},
        "kid of a path": {"kid": "../../dev/null"},
        "kid of a query": {"kid": "' UNION SELECT 'x"},
        "kid of a command": {"kid": "$(id)|id"},
        "kid of nothing": {"kid": ""},
        "kid that is no text": {"kid": {"marked": 1}},
        "kid that is null": {"kid": None},
        "a claim": {"sub": good["sub"]},
    }
    found = {name: made(HEADER | header, good) for name, header in brought.items()}
    found |= {
        f"{name}, by its own key": made(HEADER | each, good, OTHER_KEY) for name, each in brought.items()
    }
    return found | {
        "no typ": made({"alg": "HS256"}, good),
        "a detached payload": made(HEADER | {"b64": False, "crit": ["b64"]}, "").replace(
            "..", f".{part(good)}."
        ),
        "alg twice, the last good": made('{"alg":"none","typ":"JWT","alg":"HS256"}', good),
        "alg twice, the first good": made('{"alg":"HS256","typ":"JWT","alg":"none"}', good),
        "a header that is a list": made([HEADER], good),
        "a header that is no JSON": made("alg=HS256", good),
        "a header in UTF-16": made(json.dumps(HEADER).encode("utf-16"), good),
        "a header that is nested deeply": made('{"alg":"HS256","typ":' + "[" * 3000, good),
    }


def claims(good: dict[str, Any], user: User, other: User) -> dict[str, str]:
    """Signed by the right key, and wrong in one claim."""
    now, lifetime = int(time.time()), good["exp"] - good["iat"]
    wrong: dict[str, list[Any]] = {
        "iss": ["", "elsewhere", "Wardline", "wardline ", ["wardline"], {"wardline": 1}, 5, True],
        "aud": ["", "ward", "Wardline", "wardline-of-another-tenant", "*", [], ["elsewhere"], {}, 5, [5]],
        "exp": ["", "soon", str(now + 600), now - 60, 0, -1, True, [now + 600], 10**18, 1e308],
        "iat": ["", "now", now + 60, now - lifetime - 60, -1, 0, True, {}],
        "nbf": [now + 60, "soon", [], 1e308],
        "jti": [5, True, [], {}],
        "typ": ["", "access", "refresh", "Access", "sliding", "id", "at+jwt", "ticket", 5, True, ["access"]],
        "sub": [*wrong_numbers_of(user), other.username, str(other.pk)],
        "sid": [*wrong_sessions_of(good["sid"]), str(login_of(other).pk)],
    }
    wrong["typ"].remove(good["typ"])
    wrong["exp"].append(good["iat"] + lifetime + 1)
    tokens = {
        f"{name} {value!r:.50}": made(HEADER, good | {name: value})
        for name, values in wrong.items()
        for value in values
    }
    for name in good.keys() - {"role", "department"}:
        tokens[f"{name} null"] = made(HEADER, good | {name: None})
        tokens[f"no {name}"] = made(HEADER, {claim: value for claim, value in good.items() if claim != name})
    for name, value in good.items():
        tokens[f"{name} twice"] = made(HEADER, json.dumps(good)[:-1] + f', "{name}": {json.dumps(value)}}}')
    for name in ("exp", "iat"):
        tokens[f"{name} not a number"] = made(HEADER, good | {name: float("nan")})
        tokens[f"{name} endless"] = made(HEADER, good | {name: float("inf")})
    return tokens


def wrong_numbers_of(user: User) -> list[Any]:
    number = str(user.pk)
    around = [
        f"0{number}",
        f"+{number}",
        f" {number}",
        f"{number} ",
        f"{number}\x00",
        f"{number}.0",
        f"{number}e0",
    ]
    return [*around, user.pk, [number], "", True, "-1", "0", "\u0661", "9" * 18, "9" * 400, "' OR 1=1 --"]


def wrong_sessions_of(sid: str) -> list[Any]:
    around = [
        sid.upper(),
        f"{{{sid}}}",
        f"urn:uuid:{sid}",
        f"{sid} ",
        f"{sid}\x00",
        sid[:-1],
        f"{sid}0",
        [sid],
    ]
    unlike = ["", 1, True, {}, "%" * 36, "' OR 1=1 --", "x" * 3000, "\ud800"]
    return [*around, *unlike, sid.replace("-", ""), str(uuid.uuid4())]


def other_kinds(user: User, good: str) -> dict[str, str]:
    """Well made, and for something else."""
    head, body, signature = good.split(".")
    forged = made(HEADER, claims_of(good), OTHER_KEY)
    _, connection_token = connection_tokens.issue(hub="/hubs/clinical", user=str(user.pk), version=1)
    return {
        "a signed value of Django": signing.dumps({"sub": str(user.pk)}),
        "a connection token": connection_token,
        "a ticket of another hub": tickets.issue(good, hub="/hubs/other", connection_id="x"),
        "a ticket that is not ours": tickets.PREFIX + part(good),
        "a ticket of a bad token": tickets.issue(forged, hub="/hubs/clinical", connection_id="x"),
        "a token within a token": made(HEADER | {"cty": "JWT"}, good),
        "a token as its own claims": made(HEADER, json.dumps(good)),
        "an encrypted token": ".".join([part({"alg": "dir", "enc": "A256GCM"}), "", "aXY", "eA", "dGFn"]),
        "a token as JSON": json.dumps({"protected": head, "payload": body, "signature": signature}),
        "a number": str(user.pk),
        "a password": "correct-horse-battery-staple",
    }


def malformed(good: str) -> dict[str, str]:
    head, body, signature = good.split(".")
    return {
        "a dot": ".",
        "dots": "..",
        "many dots": "." * 8000,
        "three letters": "a.b.c",
        "four parts": f"{good}.{signature}",
        "an empty part": f"{head}..{signature}",
        "padding": f"{head}=.{body}==.{signature}=",
        "letters of plain base 64": good.replace("-", "+").replace("_", "/") + "+/",
        "twice": good + good,
        "in quotation marks": f'"{good}"',
        "two at once": f"{good},{good}",
        "a space": f"{head}. {body}.{signature}",
        "a semicolon": f"{good};",
        "a NUL": f"{good}\x00",
        "an escaped end": f"{good}%00",
        "letters that look alike": good.replace("e", "\u0435"),
        "wide letters": "".join(chr(ord(letter) + 0xFEE0) for letter in good if letter.isalnum()),
        "an emoji": f"{good}\N{SYRINGE}",
        "claims that are no JSON": made(HEADER, "sub=1"),
        "claims that are a list": made(HEADER, [claims_of(good)]),
        "claims that are no UTF-8": made(HEADER, b"\xff\xfe"),
        "claims that end early": made(HEADER, json.dumps(claims_of(good))[:-1]),
        "claims nested deeply": made(HEADER, "[" * 5000),
        "a number of many digits": made(HEADER, '{"exp":' + "9" * 5000 + "}"),
        "8 KiB": made(HEADER, claims_of(good) | {"jti": "x" * 8000}),
        "16 KiB": "A" * 16_384,
        "16 KiB in three parts": ".".join(["A" * 5400] * 3),
    }


def corpus(user: User, make: Callable[[User], str] = token_of) -> dict[str, str]:
    """All of them by name, for a user whose own token, as `make` makes it, is good."""
    other, ended, former, gone = (hire(f"nurse.{uuid.uuid4()}", Role.NURSE, "icu") for _ in range(4))
    lost = {"of a login that has ended": make(ended), "of somebody deactivated": make(former)}
    lost["of somebody deleted"] = make(gone)
    sessions.end(login_of(ended), "signed out")
    User.objects.filter(pk=former.pk).update(is_active=False)
    gone.delete()
    token = make(user)
    good = claims_of(token)
    return {
        **lost,
        **unsigned(good),
        **other_algorithms(good),
        **other_keys(good),
        **headers(good),
        **claims(good, user, other),
        **other_kinds(user, token),
        **malformed(token),
    }
