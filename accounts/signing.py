"""Signs with one of several keys and verifies with the one that a token names, which simplejwt cannot."""

import json
from typing import Any

import jwt
from django.conf import settings
from jwt.utils import base64url_decode
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError
from rest_framework_simplejwt.settings import api_settings

from accounts.keys import SigningKey

HEADER = {"alg", "typ", "kid"}


class NotOurs(jwt.InvalidTokenError):
    """We have not made this token; the text is for the log and quotes nothing of it."""


class KeyedBackend(TokenBackend):
    """simplejwt's, with `kid` in the header; stricter too, for it need not read what others write."""

    def encode(self, payload: dict[str, Any]) -> str:
        key: SigningKey = settings.JWT_SIGNING_KEYS[0]
        claims = {**payload, "iss": self.issuer, "aud": self.audience}
        headers = None if key.id is None else {"kid": key.id}
        return jwt.encode(claims, key.secret, self.algorithm, headers)

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        claims = super().decode(token, verify)
        try:
            _object(token.split(".")[1])
        except NotOurs as error:
            raise TokenBackendError("Token is invalid") from error
        return claims

    def get_verifying_key(self, token: Any) -> str:
        """Called with whatever a stranger sends; a key comes from our list or not at all."""
        header = _object(token.split(".")[0])
        if not header.keys() <= HEADER or header.get("typ") != "JWT":
            raise NotOurs("a header unlike ours")
        keys: tuple[SigningKey, ...] = settings.JWT_SIGNING_KEYS
        for key in keys:
            if key.id == header.get("kid"):
                return key.secret
        raise NotOurs("unknown signing key")


BACKEND = KeyedBackend(
    api_settings.ALGORITHM,
    audience=api_settings.AUDIENCE,
    issuer=api_settings.ISSUER,
    leeway=api_settings.LEEWAY,
)


class Keyed:
    """Mixed into simplejwt's kinds of tokens."""

    def get_token_backend(self) -> KeyedBackend:
        return BACKEND


def _object(segment: str) -> dict[str, Any]:
    try:
        found = json.loads(base64url_decode(segment).decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise jwt.DecodeError from None
    if not isinstance(found, dict):
        raise jwt.DecodeError
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON's parser would take the last of two members with one name, others might take the first."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise NotOurs("a member twice")
    return members
