"""Who an HTTP request is: the bearer header, and only that."""

import logging

import pytest
from django.test import Client
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from accounts import tokens
from accounts.models import WALL_DISPLAYS, Role, User
from accounts.permissions import IsClinicalStaff, Nobody
from hubs.auth import Principal
from tests.cast import Cast, login_of, token_of


class WhoAmI(APIView):
    permission_classes = [IsClinicalStaff]

    def get(self, request: Request) -> Response:
        assert isinstance(request.auth, Principal)
        return Response({"user": request.user.username, "role": request.auth.claims["role"]})


class Undeclared(APIView):
    def get(self, request: Request) -> Response:
        return Response()


def get(view: type[APIView], authorization: str | None, path: str = "/") -> Response:
    request = APIRequestFactory().get(path)
    if authorization is not None:
        request.META["HTTP_AUTHORIZATION"] = authorization
    response: Response = view.as_view()(request)
    return response


def test_the_principal_is_that_of_the_token(cast: Cast) -> None:
    response = get(WhoAmI, f"Bearer {token_of(cast.nurse)}")
    assert response.data == {"user": "nurse.icu", "role": "Nurse"}


def test_the_scheme_is_read_without_regard_to_case(cast: Cast) -> None:
    assert get(WhoAmI, f"bearer  {token_of(cast.nurse)} ").status_code == 200


@pytest.mark.parametrize("authorization", [None, "", "Basic bnVyc2U6eA==", "Token abc", "Bearerabc"])
def test_no_bearer_token_is_unauthenticated(cast: Cast, authorization: str | None) -> None:
    response = get(WhoAmI, authorization)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "A" * 10_240, "\xe9\xe9", "a.b.c,Bearer a.b.c", "\x00"])
def test_a_bad_token_is_refused_with_one_fixed_text(
    cast: Cast, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "accounts"):
        response = get(WhoAmI, f"Bearer {token}")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    assert response.data == {"detail": "The token is not valid."}
    assert len(caplog.records) == 1


def test_two_tokens_at_once_are_refused(cast: Cast) -> None:
    """Servers join repeated headers with a comma."""
    good = token_of(cast.nurse)
    assert get(WhoAmI, f"Bearer {good},Bearer {good}").status_code == 401


def test_a_refused_token_is_not_logged(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    token = tokens.refresh_for(login_of(cast.nurse))
    get(WhoAmI, f"Bearer {token}")
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "wrong type" in logged
    assert not any(part in logged for part in token.split("."))


def test_a_token_in_the_query_does_not_count(cast: Cast) -> None:
    assert get(WhoAmI, None, f"/?access_token={token_of(cast.nurse)}").status_code == 401


@pytest.mark.parametrize("token", ["rubbish", "a.b.c", ""])
def test_JW_11_a_bad_token_is_refused_though_a_good_cookie_comes_along(cast: Cast, token: str) -> None:
    client = Client()
    client.force_login(cast.nurse)
    assert client.post("/api/token/session/").status_code == 200  # the cookie is good
    assert client.get("/api/patients/", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert client.get("/api/patients/").status_code == 401


def test_AZ_1_a_view_that_declares_nothing_lets_nobody_in(cast: Cast) -> None:
    assert Undeclared.permission_classes == [Nobody]
    assert get(Undeclared, f"Bearer {token_of(cast.admin)}").status_code == 403
    assert get(Undeclared, None).status_code == 401


@pytest.mark.parametrize("role", Role)
def test_clinical_staff_is_everybody_but_visitors_and_displays(cast: Cast, role: Role) -> None:
    User.objects.filter(pk=cast.nurse.pk).update(role=role)
    status = get(WhoAmI, f"Bearer {token_of(cast.nurse)}").status_code
    assert status == (403 if role is Role.VISITOR or role in WALL_DISPLAYS else 200)
