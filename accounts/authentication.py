"""Tells HTTP views who is asking: by the bearer token in the header, or by the login session."""

import logging

from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import tokens
from accounts.models import User
from hubs.auth import InvalidToken, Principal
from hubs.log_filters import shown_path

logger = logging.getLogger("accounts")

CHALLENGE = 'Bearer realm="api"'


def refusal(request: Request, error: InvalidToken) -> AuthenticationFailed:
    """One answer whatever is wrong with a token; the reason goes to the log."""
    logger.warning("refused", extra={"reason": f"bad token: {error}", "path": shown_path(request.path)})
    return AuthenticationFailed("The token is not valid.")


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer` and nothing else: a token in the query counts at hubs only."""

    def authenticate(self, request: Request) -> tuple[User, Principal] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            principal = tokens.verify(token.strip())
        except InvalidToken as error:
            raise refusal(request, error) from None
        return principal.user, principal

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class LoginSessionAuthentication(SessionAuthentication):
    """The session of Django's login, with its protection against forged requests."""

    def authenticate_header(self, request: Request) -> str:
        # Without a challenge the framework answers 403, as if logging in could not help.
        return 'Session realm="login"'
