"""The token views: from a password, a refresh token or a login session to an access token."""

from typing import Any

import msgspec
from django.contrib.auth import authenticate
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import sessions, tokens
from accounts.authentication import CHALLENGE, refusal
from accounts.models import LoginSession, User
from accounts.openapi import operation
from accounts.parsers import SmallJSONParser
from hubs.auth import InvalidToken


class Text(serializers.CharField):
    """Text that is text already: a number is not made into one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Credentials(serializers.Serializer[Any]):
    username = Text(max_length=150)
    password = Text(max_length=4096, trim_whitespace=False)


class Refresh(serializers.Serializer[Any]):
    refresh = Text(max_length=16_384)


class TokenPair(msgspec.Struct):
    """An access token for 15 minutes, and a refresh token that is good once."""

    access: str
    refresh: str


class TokenView(APIView):
    """What all token views share: JSON in, a challenge with every 401, and nothing kept in a cache."""

    parser_classes = [SmallJSONParser]
    # Open to everybody, for these views are how a token is got; an old one in the header does not matter.
    authentication_classes = []
    permission_classes = [AllowAny]

    def get_authenticate_header(self, request: Request) -> str:
        return CHALLENGE

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response


class ObtainToken(TokenView):
    """`POST {username, password}` -> `{access, refresh}`."""

    @operation("log_in", TokenPair, 400, 401, 413, 415, 429, takes=Credentials)
    def post(self, request: Request) -> Response:
        credentials = Credentials(data=request.data)
        credentials.is_valid(raise_exception=True)
        user = authenticate(request, **credentials.validated_data)
        try:
            if isinstance(user, User):
                return _pair(tokens.log_in(user))
        except sessions.LoginRefused:
            pass
        # One text for an unknown name, a wrong password and a deactivated user.
        raise AuthenticationFailed("No active account has this name and password.")


class RefreshAccess(TokenView):
    """`POST {refresh}` -> `{access, refresh}`, with role and department as they are now.

    A refresh token is good once; the second use of one ends the login.
    """

    @operation("refresh_tokens", TokenPair, 400, 401, 413, 415, takes=Refresh)
    def post(self, request: Request) -> Response:
        body = Refresh(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            session = tokens.use_refresh(body.validated_data["refresh"])
        except InvalidToken as error:
            raise refusal(request, error) from None
        return _pair(session)


class RevokeToken(TokenView):
    """`POST {refresh}` -> 204: the login is over, its tokens open nothing, its connections are closed."""

    @operation("log_out", None, 400, 401, 413, 415, takes=Refresh, status=204)
    def post(self, request: Request) -> Response:
        body = Refresh(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            sessions.end(tokens.session_of_refresh(body.validated_data["refresh"]), "signed out")
        except InvalidToken as error:
            raise refusal(request, error) from None
        return Response(status=204)


def _pair(session: LoginSession) -> Response:
    return Response({"access": tokens.access_for(session), "refresh": tokens.refresh_for(session)})
